//! Looking for files in a folder.

use std::path::{Path, PathBuf};

use crate::error::missing;
use crate::read::source::io_error;
use crate::{Error, Result};

/// Refuses a folder that is not there; `searched` says what would have been looked for in it.
pub(crate) fn check_folder(folder: &Path, searched: &[&str]) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let searched = searched.iter().map(ToString::to_string).collect();
    Err(missing(folder, vec!["the folder itself".into()], searched))
}

/// For each group of alternative names the first that is a file. All that is missing is named at once.
pub(crate) fn find_files<const N: usize>(folder: &Path, groups: [&[String]; N]) -> Result<[PathBuf; N]> {
    let found = groups.map(|names| names.iter().map(|name| folder.join(name)).find(|path| path.is_file()));
    if found.iter().all(Option::is_some) {
        return Ok(found.map(|path| path.expect("every group should have been found")));
    }
    let absent = groups.iter().zip(&found).filter(|(_, path)| path.is_none());
    let names = absent.map(|(names, _)| names.join(" or ")).collect();
    Err(missing(folder, names, groups.iter().flat_map(|names| names.iter().cloned()).collect()))
}

/// The paths in a folder, sorted by name: the order of the operating system differs from machine to machine.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|e| io_error(folder, e))?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| entry.map(|e| e.path())).collect();
    let mut paths = paths.map_err(|source| Error::Io { path: folder.into(), source })?;
    paths.sort();
    Ok(paths)
}
