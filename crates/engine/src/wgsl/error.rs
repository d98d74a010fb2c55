//! What can be wrong with WGSL, and where: file, line and column of the file that the author wrote.

use std::fmt;

use super::source::Location;

/// An error in WGSL, at a place in the file it was written in.
///
/// `Display` shows `file:line:column: message`, then an excerpt of that file with the place marked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WgslError {
    /// What is wrong, for programs.
    pub kind: WgslErrorKind,
    /// The file, with its extension: `common/rng.wgsl`.
    pub file: String,
    /// Line in that file, from 1.
    pub line: usize,
    /// Column in that line, from 1, in characters.
    pub column: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The message with an excerpt of every file that takes part in the error.
    pub rendered: String,
}

/// The kinds of [`WgslError`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WgslErrorKind {
    /// No file of this name was given and none is built in.
    MissingFile {
        /// The name that was asked for, such as `common/rng`.
        wanted: String,
    },
    /// Files import one another in a circle.
    ImportCycle {
        /// The names along the circle, the first repeated at the end.
        path: Vec<String>,
    },
    /// A line starts with `import` but is not of the form `import package::folder::file;`.
    BadImport,
    /// A file was given under a name that is taken.
    DuplicateFile,
    /// The text is not WGSL, or its types do not fit.
    Parse,
    /// The WGSL is well formed but breaks a rule, or needs more than plain WebGPU.
    Validation,
    /// An override constant is unknown, has no value, or cannot take the value given.
    Override,
    /// The file does not hold exactly one compute entry point that is named as the file.
    EntryPoint,
    /// A binding that is neither a uniform nor a storage buffer.
    Binding,
}

impl WgslError {
    /// Puts an error together; `excerpt` is the rendered message.
    pub(super) fn new(kind: WgslErrorKind, at: Location, message: String, rendered: String) -> Self {
        let Location { file, line, column } = at;
        Self { kind, file, line, column, message, rendered }
    }
}

impl fmt::Display for WgslError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        f.write_str(self.rendered.trim_end())
    }
}

impl std::error::Error for WgslError {}
