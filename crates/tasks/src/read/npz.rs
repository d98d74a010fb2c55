//! npz files: zip archives of npy files, stored or deflated, as numpy and scipy save them.
//!
//! Source of the form: PKWARE, ".ZIP File Format Specification" (APPNOTE), sections 4.3.7, 4.3.12 and 4.3.16.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use crate::Result;
use crate::error::npz;
use crate::read::npy::{Npy, parse};
use crate::read::source::{Source, read_bytes};

/// Signatures of the three records that are read.
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";

/// Bytes of the records, without their texts.
const LOCAL_SIZE: usize = 30;
const CENTRAL_SIZE: usize = 46;
const END_SIZE: usize = 22;

/// What an archive should be, for errors.
const WHOLE: &str = "a whole zip archive of npy files (fetch or save it again)";

/// An archive of named arrays. Each is decompressed and checked when it is asked for.
#[derive(Clone, PartialEq)]
pub struct Npz {
    path: PathBuf,
    bytes: Vec<u8>,
    members: Vec<Member>,
}

/// What the directory of an archive says of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    name: String,
    /// 0 stored, 8 deflated.
    method: u16,
    encrypted: bool,
    checksum: u32,
    packed: usize,
    unpacked: usize,
    offset: usize,
}

/// Opens an npz file and reads its directory.
///
/// # Errors
/// If the file cannot be read, is no zip archive, or is one of 4 GiB or more (save its arrays as npy files instead).
pub fn read_npz(path: impl AsRef<Path>) -> Result<Npz> {
    let path = path.as_ref();
    let bytes = read_bytes(path)?;
    let members = directory(path, &bytes)?;
    Ok(Npz { path: path.into(), bytes, members })
}

impl std::fmt::Debug for Npz {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.names().collect();
        f.debug_struct("Npz").field("path", &self.path).field("names", &names).finish_non_exhaustive()
    }
}

impl Npz {
    /// The names of the arrays, without `.npy`, as they follow in the archive.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| short(&member.name))
    }

    /// The array of that name.
    ///
    /// # Errors
    /// If there is none, if its data are damaged or packed in another way than stored or deflated, or if they are no
    /// npy file that [`crate::read_npy`] would read.
    pub fn get(&self, name: &str) -> Result<Npy> {
        let member = self.members.iter().find(|member| short(&member.name) == name).ok_or_else(|| {
            let names: Vec<_> = self.names().take(20).collect();
            npz(&self.path, format!("no array {name:?}"), format!("one of {}", names.join(", ")))
        })?;
        let path = self.path.join(&member.name);
        let data = self.unpack(&path, member)?;
        parse(&mut Source::of(&path, data.as_slice())?)
    }

    /// The bytes of a member, as many as the directory says and of its checksum.
    fn unpack(&self, path: &Path, member: &Member) -> Result<Vec<u8>> {
        if member.encrypted {
            return Err(npz(path, "encrypted data", "data that are stored or deflated"));
        }
        let packed = self.packed(member).ok_or_else(|| npz(path, "data beyond the end of the file", WHOLE))?;
        let data = match member.method {
            0 => packed.to_vec(),
            8 => inflate(packed, member.unpacked).map_err(|e| npz(path, format!("damaged data ({e})"), WHOLE))?,
            other => return Err(npz(path, format!("packing method {other}"), "0 (stored) or 8 (deflated)")),
        };
        if data.len() != member.unpacked {
            let found = format!("{} bytes or more", data.len());
            return Err(npz(path, found, format!("{}, as the directory says", member.unpacked)));
        }
        let mut crc = Crc::new();
        crc.update(&data);
        if crc.sum() == member.checksum { Ok(data) } else { Err(npz(path, "data of another checksum", WHOLE)) }
    }

    /// The packed bytes of a member, which follow its local header and the two texts of that.
    fn packed(&self, member: &Member) -> Option<&[u8]> {
        let local = self.bytes.get(member.offset..)?;
        if local.len() < LOCAL_SIZE || !local.starts_with(&LOCAL) {
            return None;
        }
        let start = LOCAL_SIZE + usize::from(u16_at(local, 26)) + usize::from(u16_at(local, 28));
        local.get(start..start.checked_add(member.packed)?)
    }
}

fn short(name: &str) -> &str {
    name.strip_suffix(".npy").unwrap_or(name)
}

/// At most one byte more than announced, so that a longer stream is seen but not kept.
fn inflate(packed: &[u8], announced: usize) -> std::io::Result<Vec<u8>> {
    let mut data = Vec::new();
    DeflateDecoder::new(packed).take(announced as u64 + 1).read_to_end(&mut data)?;
    Ok(data)
}

/// The members, from the directory at the end of the archive.
fn directory(path: &Path, bytes: &[u8]) -> Result<Vec<Member>> {
    let end = end_record(bytes).ok_or_else(|| npz(path, "no directory at the end of the file", WHOLE))?;
    let (count, size, start) = (u16_at(end, 10), u32_at(end, 12), u32_at(end, 16));
    if count == u16::MAX || size == u32::MAX || start == u32::MAX {
        return Err(npz(path, "an archive of the 64-bit form", "one below 4 GiB (save the arrays as npy files)"));
    }
    let mut rest = bytes.get(start as usize..).unwrap_or_default();
    (0..count).map(|index| next_member(path, index, &mut rest)).collect()
}

/// The last record of an archive: the last place with its signature from which its comment reaches the end of the file.
fn end_record(bytes: &[u8]) -> Option<&[u8]> {
    let last = bytes.len().checked_sub(END_SIZE)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let mut places = (first..=last).rev().map(|at| &bytes[at..]);
    places.find(|record| record.starts_with(&END) && record.len() == END_SIZE + usize::from(u16_at(record, 20)))
}

/// The next record of the directory.
fn next_member(path: &Path, index: u16, rest: &mut &[u8]) -> Result<Member> {
    let damaged = || npz(path, format!("a damaged directory at member {index}"), WHOLE);
    let record = *rest;
    if record.len() < CENTRAL_SIZE || !record.starts_with(&CENTRAL) {
        return Err(damaged());
    }
    let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(record, at)));
    let [packed, unpacked, offset] = [20, 24, 42].map(|at| u32_at(record, at));
    if [packed, unpacked, offset].contains(&u32::MAX) {
        return Err(npz(
            path,
            format!("a member {index} of the 64-bit form"),
            "arrays below 4 GiB (save them as npy files)",
        ));
    }
    let bytes = record.get(CENTRAL_SIZE..CENTRAL_SIZE + name).ok_or_else(damaged)?;
    *rest = record.get(CENTRAL_SIZE + name + extra + comment..).ok_or_else(damaged)?;
    Ok(Member {
        name: String::from_utf8_lossy(bytes).into_owned(),
        method: u16_at(record, 10),
        encrypted: u16_at(record, 8) & 1 == 1,
        checksum: u32_at(record, 16),
        packed: packed as usize,
        unpacked: unpacked as usize,
        offset: offset as usize,
    })
}

/// A little-endian number; the record should be long enough.
fn u16_at(record: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([record[at], record[at + 1]])
}

fn u32_at(record: &[u8], at: usize) -> u32 {
    u32::from(u16_at(record, at)) | u32::from(u16_at(record, at + 2)) << 16
}
