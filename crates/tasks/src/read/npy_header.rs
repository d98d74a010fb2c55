//! The header of an npy file: the text of a Python dictionary of three entries.
//!
//! Source of the form: NumPy Enhancement Proposal 1, and the documentation of `numpy.lib.format`.

use std::path::Path;

use crate::Result;
use crate::error::npy;
use crate::read::source::Source;

/// What an npy file begins with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is believed; numpy itself refuses longer ones than 10 000 by default.
const MAX_HEADER: usize = 10_000;

/// What a whole header says, for errors.
const FORM: &str = "a dictionary of 'descr', 'fortran_order' and 'shape'";

/// What a header says of the data.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// Type and byte order, such as `<f8`.
    pub descr: String,
    /// Whether the first dimension is the fastest.
    pub fortran_order: bool,
    /// The dimensions; none is a single value.
    pub shape: Vec<usize>,
}

/// Reads the header and leaves the source at the first value.
pub(crate) fn read_header(source: &mut Source<'_>) -> Result<Header> {
    let start = source.read_up_to(8)?;
    if !start.starts_with(MAGIC) {
        return Err(npy(&source.path, "other first bytes than an npy file has", "\\x93NUMPY at the start"));
    }
    let length = match start.get(6) {
        Some(1) => 2,
        Some(2 | 3) => 4,
        Some(version) => return Err(npy(&source.path, format!("version {version}"), "version 1, 2 or 3")),
        None => return Err(cut(&source.path)),
    };
    let bytes = source.read_up_to(length)?;
    if bytes.len() as u64 != length {
        return Err(cut(&source.path));
    }
    let length = bytes.iter().rev().fold(0, |n: usize, &byte| n << 8 | usize::from(byte));
    if length > MAX_HEADER {
        return Err(npy(&source.path, format!("a header of {length} bytes"), format!("at most {MAX_HEADER}")));
    }
    let text = source.read_up_to(length as u64)?;
    if text.len() != length {
        return Err(cut(&source.path));
    }
    let text = String::from_utf8_lossy(&text);
    parse(&text).ok_or_else(|| npy(&source.path, format!("the header {:?}", shortened(text.trim_end())), FORM))
}

fn cut(path: &Path) -> crate::Error {
    npy(path, "a header that ends too early", "a whole npy file (fetch or save it again)")
}

/// The start of a text, for errors.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 100;
    text.chars().take(SHOWN).collect()
}

/// The three entries, each once; `None` if the text is not of the form.
fn parse(text: &str) -> Option<Header> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    while !rest.is_empty() {
        let (key, after) = quoted(rest)?;
        let value = after.trim_start().strip_prefix(':')?.trim_start();
        let unset = match key {
            "descr" => quoted(value).map(|(text, after)| (descr.replace(text.to_owned()).is_none(), after)),
            "fortran_order" => boolean(value).map(|(order, after)| (fortran_order.replace(order).is_none(), after)),
            "shape" => tuple(value).map(|(sizes, after)| (shape.replace(sizes).is_none(), after)),
            _ => None,
        };
        let (true, after) = unset? else { return None };
        let after = after.trim_start();
        rest = if after.is_empty() { after } else { after.strip_prefix(',')?.trim_start() };
    }
    Some(Header { descr: descr?, fortran_order: fortran_order?, shape: shape? })
}

/// A text in single or double quotes, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

fn boolean(text: &str) -> Option<(bool, &str)> {
    let of = |name, value| text.strip_prefix(name).map(|rest| (value, rest));
    of("True", true).or_else(|| of("False", false))
}

/// Whole numbers in parentheses: `()`, `(3,)`, `(3, 4)`; older files write `3L`.
fn tuple(text: &str) -> Option<(Vec<usize>, &str)> {
    let (inner, rest) = text.strip_prefix('(')?.split_once(')')?;
    let inner = inner.trim().strip_suffix(',').unwrap_or(inner.trim());
    if inner.is_empty() {
        return Some((Vec::new(), rest));
    }
    let sizes = inner.split(',').map(|size| size.trim().trim_end_matches('L').parse().ok());
    Some((sizes.collect::<Option<_>>()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_as_numpy_writes_them() {
        let header = |descr: &str, fortran_order, shape: &[usize]| {
            Some(Header { descr: descr.into(), fortran_order, shape: shape.into() })
        };
        let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n";
        assert_eq!(parse(text), header("<f8", false, &[3, 4]));
        assert_eq!(parse("{'descr':'|u1','fortran_order':True,'shape':()}"), header("|u1", true, &[]));
        assert_eq!(parse("{\"shape\": (7L,), 'fortran_order': False, 'descr': '<i2'}"), header("<i2", false, &[7]));
    }

    #[test]
    fn what_is_not_a_header_is_none() {
        for text in [
            "",
            "{}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, -4)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 99999999999999999999999)}",
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False}",
            "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'more': 1}",
            "{'descr': '<f8' 'fortran_order': False, 'shape': (3,)}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
