//! Integration tests of the crate `limnos`, in one binary.

mod esn;
mod lsm;
mod nalsm;
mod readout;
mod search;
mod stream;

use std::path::{Path, PathBuf};

/// The folder of one real data set. Without the data a test fails, unless LIMNOS_NO_DATA=1 says that this is known.
fn data(set: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LIMNOS_DATA").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let folder = root.join(set);
    if folder.is_dir() {
        return Some(folder);
    }
    let text = format!("no real data at {}: set LIMNOS_DATA to the folder that has {set}/", folder.display());
    assert_eq!(std::env::var("LIMNOS_NO_DATA").as_deref(), Ok("1"), "{text}, or LIMNOS_NO_DATA=1 to do without");
    println!("NOT TESTED: {text}");
    None
}
