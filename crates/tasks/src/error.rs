//! The one error type of this crate.

use std::io;
use std::path::{Path, PathBuf};

/// What a function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why data were refused. Each text names the file or argument, what it was, and what is expected.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no file of that name, or it is a folder.
    #[error("{path}: {found}; expected a file that can be read")]
    NoFile {
        /// The file asked for.
        path: PathBuf,
        /// What is there instead.
        found: &'static str,
    },
    /// The operating system could not read a file or folder.
    #[error("{path}: could not be read: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A folder, or files of a data set in it, are missing.
    #[error("{folder}: missing {}; searched for {}", .missing.join(", "), .searched.join(", "))]
    Missing {
        /// The folder searched.
        folder: PathBuf,
        /// What was not there (the first 5 names, then how many more).
        missing: Vec<String>,
        /// All that was searched for.
        searched: Vec<String>,
    },
    /// A gzip file that does not decompress.
    #[error("{path}: {found}; expected a whole gzip file (fetch it again)")]
    Gzip {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// An idx file whose header or length is wrong.
    #[error("{path}: {found}; expected {expected}")]
    Idx {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A table of numbers that is not one.
    #[error("{path}, line {line}: {found}; expected {expected}")]
    Csv {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// An event file of the wrong length, or with an event off the sensor.
    #[error("{path}: {found}; expected {expected}")]
    Events {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A list of labels with a bad line.
    #[error("{path}, line {line}: {found}; expected {expected}")]
    Labels {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1; in a binary file the label, counted from 1.
        line: usize,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A sound file that is damaged or of a form that is not supported.
    #[error("{path}: {found}; expected {expected}")]
    Wav {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// An npy file that is damaged, of a type that is not read, or of another shape than asked for.
    #[error("{path}: {found}; expected {expected}")]
    Npy {
        /// The file, and for a member of an archive its name after that.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// An npz file that is damaged or lacks an array.
    #[error("{path}: {found}; expected {expected}")]
    Npz {
        /// The file, and where it is known the member after that.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A json file that is damaged or of another content.
    #[error("{path}: {found}; expected {expected}")]
    Json {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// The operating system could not write a file.
    #[error("{path}: could not be written: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file whose name does not follow the naming of its data set.
    #[error("{path}: this name is not of the data set; expected {expected}")]
    FileName {
        /// The file.
        path: PathBuf,
        /// The naming.
        expected: &'static str,
    },
    /// Two parts of a data set that do not belong together.
    #[error("{path}: {found}; expected {expected}")]
    Mismatch {
        /// The file or folder.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What the other part demands.
        expected: String,
    },
    /// An argument or a field of a config outside its range.
    #[error("`{argument}` is {found}; allowed is {allowed}")]
    Argument {
        /// The argument or field.
        argument: &'static str,
        /// Its value.
        found: String,
        /// The range, and what to do.
        allowed: String,
    },
    /// A synthetic series that ran away.
    #[error("{series} left its bounds at step {step} with seed {seed}; take another seed or a shorter series")]
    Diverged {
        /// The name of the series.
        series: &'static str,
        /// The step where it did.
        step: usize,
        /// The seed of its input.
        seed: u64,
    },
}

/// An [`Error::Argument`].
pub(crate) fn argument(argument: &'static str, found: impl ToString, allowed: impl ToString) -> Error {
    Error::Argument { argument, found: found.to_string(), allowed: allowed.to_string() }
}

/// An [`Error::Idx`].
pub(crate) fn idx(path: &Path, found: impl ToString, expected: impl ToString) -> Error {
    Error::Idx { path: path.into(), found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Csv`].
pub(crate) fn csv(path: &Path, line: u64, found: impl ToString, expected: impl ToString) -> Error {
    Error::Csv { path: path.into(), line, found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Events`].
pub(crate) fn events(path: &Path, found: impl ToString, expected: impl ToString) -> Error {
    Error::Events { path: path.into(), found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Labels`].
pub(crate) fn labels(path: &Path, line: usize, found: impl ToString, expected: impl ToString) -> Error {
    Error::Labels { path: path.into(), line, found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Wav`].
pub(crate) fn wav(path: &Path, found: impl ToString, expected: impl ToString) -> Error {
    Error::Wav { path: path.into(), found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Npy`].
pub(crate) fn npy(path: &Path, found: impl ToString, expected: impl ToString) -> Error {
    Error::Npy { path: path.into(), found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Npz`].
pub(crate) fn npz(path: &Path, found: impl ToString, expected: impl ToString) -> Error {
    Error::Npz { path: path.into(), found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Json`].
pub(crate) fn json(path: &Path, found: impl ToString, expected: impl ToString) -> Error {
    Error::Json { path: path.into(), found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Mismatch`].
pub(crate) fn mismatch(path: &Path, found: impl ToString, expected: impl ToString) -> Error {
    Error::Mismatch { path: path.into(), found: found.to_string(), expected: expected.to_string() }
}

/// An [`Error::Missing`] that stays readable when thousands of files are missing.
pub(crate) fn missing(folder: &Path, mut names: Vec<String>, searched: Vec<String>) -> Error {
    const SHOWN: usize = 5;
    if names.len() > SHOWN {
        let more = names.len() - SHOWN;
        names.truncate(SHOWN);
        names.push(format!("{more} more"));
    }
    Error::Missing { folder: folder.into(), missing: names, searched }
}
