//! Files are written whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Writes beside the place first, then moves it there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary: PathBuf = path.with_file_name(name);
    let write = || {
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().map_err(|source| {
        // It may not be there; what failed first is what counts.
        let _ = std::fs::remove_file(&temporary);
        io("write", path, source)
    })
}

/// An [`Error::Io`]; `action` is "read" or "write".
pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::Io { action, path: path.into(), source }
}

/// An [`Error::File`].
pub(crate) fn bad(path: &Path, found: impl Into<String>, expected: impl Into<String>) -> Error {
    Error::File { path: path.into(), found: found.into(), expected: expected.into() }
}
