//! Results of a search in a text file: a line that says of which, then one for each candidate and round.

use std::path::Path;

use crate::Result;
use crate::file::{bad, io, write_whole};

const KIND: &str = "limnos search 1";

/// The loss of one candidate with one share of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) number: usize,
    pub(super) round: usize,
    pub(super) share: f64,
    pub(super) loss: f64,
}

/// What a file holds; nothing where there is none yet.
pub(super) fn read(path: &Path, digest: &str) -> Result<Vec<Entry>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io("read", path, error)),
    };
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    if header != format!("{KIND} {digest}") {
        let found: String = header.chars().take(200).collect();
        let expected = format!("the results of this search, '{KIND} {digest}'; give another file, or remove it");
        return Err(bad(path, format!("the first line '{found}'"), expected));
    }
    lines.enumerate().map(|(k, line)| parse(line).ok_or_else(|| wrong(path, k, line))).collect()
}

fn wrong(path: &Path, k: usize, line: &str) -> crate::Error {
    bad(
        path,
        format!("'{}' in line {}", line.chars().take(80).collect::<String>(), k + 2),
        "number, round, share and loss",
    )
}

fn parse(line: &str) -> Option<Entry> {
    let mut fields = line.split(' ');
    let mut next = || fields.next();
    let entry = Entry {
        number: next()?.parse().ok()?,
        round: next()?.parse().ok()?,
        share: next()?.parse().ok()?,
        loss: next()?.parse().ok().filter(|loss: &f64| !loss.is_nan())?,
    };
    fields.next().is_none().then_some(entry)
}

/// Writes all results, so that the file is whole at any time.
pub(super) fn write(path: &Path, digest: &str, entries: &[Entry]) -> Result<()> {
    let mut text = format!("{KIND} {digest}\n");
    for Entry { number, round, share, loss } in entries {
        // The shortest text that reads back as the same number.
        text += &format!("{number} {round} {share:?} {loss:?}\n");
    }
    write_whole(path, text.as_bytes())
}
