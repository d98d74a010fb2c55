//! Whole json files.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::Result;
use crate::error::json;
use crate::read::source::Source;

/// The longest file that is read, decompressed: forty times the longest of dysts.
const MAX_BYTES: u64 = 1 << 30;

/// Reads a json file, plain or gzip; `content` says what it should hold, for errors.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path, content: &str) -> Result<T> {
    let mut source = Source::open(path)?;
    let bytes = source.read_up_to(MAX_BYTES + 1)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(json(path, format!("more than {MAX_BYTES} bytes"), content));
    }
    serde_json::from_slice(&bytes).map_err(|e| json(path, e, content))
}
