//! What can go wrong in this crate.

use std::path::PathBuf;

use limnos_engine::EngineError;
use limnos_spec::SpecError;

use crate::readout::ReadoutError;

/// What a function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// An error: of a description, a device, the data, a readout, or of how they were put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The description of the network is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The device refused or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The readout refused its data or settings.
    #[error(transparent)]
    Readout(#[from] ReadoutError),
    /// Data could not be read, or could not be encoded.
    #[error(transparent)]
    Tasks(#[from] limnos_tasks::Error),
    /// One sample could not be encoded. Nothing ran.
    #[error("sample {sample}: {source}")]
    Sample {
        /// Which sample.
        sample: usize,
        /// What is wrong with it.
        source: limnos_tasks::Error,
    },
    /// A value outside its range.
    #[error("`{argument}` is {found}; allowed is {allowed}")]
    Argument {
        /// Which argument or field.
        argument: &'static str,
        /// What it was.
        found: String,
        /// What is allowed, and what to do.
        allowed: String,
    },
    /// Samples with another number of features than the input has channels.
    #[error(
        "{what} {found} channels and input '{input}' has {expected}; give the input one channel a feature, or other samples"
    )]
    Channels {
        /// Whose they are, as the start of a sentence.
        what: String,
        /// The input.
        input: String,
        /// Channels of the input.
        expected: usize,
        /// Channels of the samples.
        found: usize,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// "read" or "write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why; not part of the text, since the chain of sources tells it.
        source: std::io::Error,
    },
    /// A file that is not what it should be.
    #[error("{} has {found}; expected is {expected}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What was expected, and what to do.
        expected: String,
    },
    /// A plastic liquid was to run before its weights were developed.
    #[error("the liquid was not developed; call `develop`, or `load` a developed one")]
    NotDeveloped,
    /// Something was asked of a readout that has not learned yet.
    #[error("the readout was not fitted; call `fit` or `partial_fit` first")]
    NotFitted,
}

/// An [`Error::Argument`].
pub(crate) fn argument(argument: &'static str, found: impl ToString, allowed: impl Into<String>) -> Error {
    Error::Argument { argument, found: found.to_string(), allowed: allowed.into() }
}
