//! What the tests share: files to write, and where the real data are.

use std::fmt::Debug;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use limnos_tasks::Result;

/// `bytes` as gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An idx file of unsigned bytes.
pub fn idx(dims: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    dims.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
    bytes.extend(data);
    bytes
}

/// One event of an event file.
pub fn event(x: u8, y: u8, on: bool, t_us: u32) -> [u8; 5] {
    let [_, a, b, c] = t_us.to_be_bytes();
    [x, y, a | (u8::from(on) << 7), b, c]
}

/// Writes a file, with the folders above it.
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The text of an error, with the folder of the test replaced by `@`.
pub fn error_text<T: Debug>(result: Result<T>, folder: &Path) -> String {
    let text = result.expect_err("this should have been refused").to_string();
    text.replace(&folder.display().to_string(), "@")
}

/// The folder of one real data set. Without the data a test fails, unless LIMNOS_NO_DATA=1 says that this is known.
pub fn data(set: &str) -> Option<PathBuf> {
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
