//! A file as a stream of bytes, decompressed where it is gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::{Error, Result};

/// The first two bytes of a gzip file (RFC 1952, 2.3.1). Content decides, not the name: some browsers decompress a
/// download and keep its name.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// An open file.
pub(crate) struct Source<'a> {
    /// Its name in errors.
    pub path: PathBuf,
    /// Its bytes, decompressed.
    pub reader: Box<dyn Read + 'a>,
    /// Whether they come out of gzip.
    gzip: bool,
}

impl Source<'static> {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self> {
        Self::of(path, BufReader::new(open(path)?))
    }
}

impl<'a> Source<'a> {
    /// The bytes of `raw`, which is called `path` in errors.
    pub fn of(path: &Path, mut raw: impl BufRead + 'a) -> Result<Self> {
        let gzip = raw.fill_buf().map_err(|e| io_error(path, e))?.starts_with(&GZIP_MAGIC);
        let reader: Box<dyn Read + 'a> = if gzip { Box::new(MultiGzDecoder::new(raw)) } else { Box::new(raw) };
        Ok(Self { path: path.into(), reader, gzip })
    }

    /// Up to `limit` bytes. Memory grows with the bytes that are there, not with `limit`.
    pub fn read_up_to(&mut self, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.reader.by_ref().take(limit).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(e) => Err(self.error(e)),
        }
    }

    /// The error of a failed read: damaged gzip is told apart from a failing disk.
    pub fn error(&self, e: io::Error) -> Error {
        let found = match e.kind() {
            io::ErrorKind::UnexpectedEof => "the compressed data end too early".into(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                format!("the compressed data are damaged ({e})")
            }
            _ => return io_error(&self.path, e),
        };
        if self.gzip { Error::Gzip { path: self.path.clone(), found } } else { io_error(&self.path, e) }
    }
}

/// Opens a plain file; a folder is refused here, as some systems refuse it only when read.
pub(crate) fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|e| io_error(path, e))?;
    if file.metadata().map_err(|e| io_error(path, e))?.is_dir() {
        return Err(Error::NoFile { path: path.into(), found: "this is a folder" });
    }
    Ok(file)
}

/// All bytes of a plain file.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes).map_err(|e| io_error(path, e))?;
    Ok(bytes)
}

/// What the operating system said, with the most common case in words of our own.
pub(crate) fn io_error(path: &Path, e: io::Error) -> Error {
    match e.kind() {
        io::ErrorKind::NotFound => Error::NoFile { path: path.into(), found: "there is no such file" },
        _ => Error::Io { path: path.into(), source: e },
    }
}
