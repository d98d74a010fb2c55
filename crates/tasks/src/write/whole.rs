//! A file that is written whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Error, Result};

/// Writes a file by `fill` under a name of its own beside `path`, and renames it when all is on the disk: a reader sees
/// the old file or the new one. Where something fails the old one stays.
pub(crate) fn write_whole(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let error = |source| Error::Write { path: path.into(), source };
    let part = part_name(path).ok_or_else(|| error(io::Error::other("this is no file name")))?;
    let filled = fill_file(&part, fill).and_then(|()| std::fs::rename(&part, path));
    filled.map_err(|e| {
        // The first failure is what the user needs to know; a part that was never made cannot be removed.
        let _ = std::fs::remove_file(&part);
        error(e)
    })
}

/// A name beside `path`, of this process and this call alone, for the part written so far.
fn part_name(path: &Path) -> Option<PathBuf> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name()?);
    name.push(format!(".{}.{call}.part", std::process::id()));
    Some(path.with_file_name(name))
}

fn fill_file(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
    fill(&mut writer)?;
    writer.into_inner()?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_whole(&path, |writer| writer.write_all(b"old")).unwrap();
        let failed = write_whole(&path, |writer| {
            writer.write_all(b"new")?;
            Err(io::Error::other("full"))
        });
        assert!(matches!(failed, Err(Error::Write { .. })), "{failed:?}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        write_whole(&path, |writer| writer.write_all(b"new")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
