//! Linked WGSL with a map back to the files it came from, and rendering of messages on those files.

use std::ops::Range;

use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term;

use super::error::{WgslError, WgslErrorKind};

/// A place in a file as its author sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file, with its extension.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

/// One file within the linked text.
#[derive(Debug, Clone)]
struct Part {
    /// Name as imported, without extension.
    name: String,
    /// Where its text starts in the linked text.
    start: usize,
    /// The text as written, imports included.
    text: String,
}

/// A root file with all that it imports, each file once, in one text.
#[derive(Debug, Clone, Default)]
pub struct Linked {
    root: String,
    text: String,
    parts: Vec<Part>,
}

/// A remark on a range of the linked text.
pub(super) type Remark = (Range<usize>, String);

impl Linked {
    pub(super) fn new(root: &str) -> Self {
        Self { root: root.to_owned(), ..Self::default() }
    }

    /// Appends a file: `written` by its author, `linked` the same with imports blanked, offset for offset.
    pub(super) fn push(&mut self, name: &str, written: &str, linked: &str) {
        debug_assert_eq!(written.len(), linked.len(), "blanking an import should keep every offset");
        self.parts.push(Part { name: name.to_owned(), start: self.text.len(), text: written.to_owned() });
        self.text.push_str(linked);
        if !linked.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// The linked text, as a device takes it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of the root file, without extension.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The last segment of the root's name, which is the name its entry point must have.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.root.rsplit('/').next().unwrap_or(&self.root)
    }

    /// The names of the files in the order they were linked: dependencies first, the root last.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name.as_str())
    }

    /// File, line and column of a byte of the linked text; none beyond its end.
    #[must_use]
    pub fn locate(&self, offset: usize) -> Option<Location> {
        let (index, within) = self.part_at(offset)?;
        let part = &self.parts[index];
        Some(location(&part.name, &part.text, within))
    }

    /// The part that holds a byte of the linked text, and the byte's place in it.
    fn part_at(&self, offset: usize) -> Option<(usize, usize)> {
        if offset >= self.text.len() {
            return None;
        }
        let index = self.parts.iter().rposition(|part| part.start <= offset)?;
        let part = &self.parts[index];
        Some((index, (offset - part.start).min(part.text.len())))
    }

    /// A byte range of the linked text as a range in the file that holds its start. A range at the end of the text
    /// (where a closing brace is missing) belongs to the last file.
    fn range_in_part(&self, range: &Range<usize>) -> Option<(usize, Range<usize>)> {
        let (index, start) = self.part_at(range.start.min(self.text.len().checked_sub(1)?))?;
        let part = &self.parts[index];
        let end = range.end.saturating_sub(part.start).clamp(start, part.text.len());
        Some((index, start..end))
    }

    /// An error whose first remark is its place; without remarks it is at the start of the root file.
    pub(super) fn error(
        &self,
        kind: WgslErrorKind,
        message: String,
        remarks: &[Remark],
        notes: Vec<String>,
    ) -> WgslError {
        let place = remarks.first().and_then(|(range, _)| self.range_in_part(range));
        let at = match place {
            Some((index, range)) => location(&self.parts[index].name, &self.parts[index].text, range.start),
            None => Location { file: file_name(&self.root), line: 1, column: 1 },
        };
        let rendered = self.render(&message, remarks, notes);
        WgslError::new(kind, at, message, rendered)
    }

    fn render(&self, message: &str, remarks: &[Remark], notes: Vec<String>) -> String {
        let mut files = SimpleFiles::new();
        let ids: Vec<usize> =
            self.parts.iter().map(|part| files.add(file_name(&part.name), part.text.as_str())).collect();
        let labels = remarks.iter().enumerate().filter_map(|(k, (range, remark))| {
            let (index, range) = self.range_in_part(range)?;
            let label = if k == 0 { Label::primary(ids[index], range) } else { Label::secondary(ids[index], range) };
            Some(label.with_message(remark))
        });
        let diagnostic = Diagnostic::error().with_message(message).with_labels(labels.collect()).with_notes(notes);
        term::emit_into_string(&term::Config::default(), &files, &diagnostic)
            .unwrap_or_else(|_| format!("error: {message}\n"))
    }
}

/// The file name of a module name: its extension added where it has none.
fn file_name(name: &str) -> String {
    if name.ends_with(".wgsl") { name.to_owned() } else { format!("{name}.wgsl") }
}

fn location(name: &str, text: &str, offset: usize) -> Location {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let column = 1 + String::from_utf8_lossy(&before[line_start..]).chars().count();
    Location { file: file_name(name), line, column }
}
