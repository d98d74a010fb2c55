//! The Free Spoken Digit Dataset from its folder of recordings.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::missing;
use crate::read::wav::read_wav;
use crate::sets::folder::{check_folder, list};
use crate::{About, Error, Labelled, Result, SampleSet, TrainTest};

/// Recordings with an index below this are the official test part; the rest is for training.
const TEST_BELOW: u32 = 5;

/// What is looked for, for errors.
const SEARCHED: &str = "recordings/{digit}_{speaker}_{index}.wav";

/// One spoken digit.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Sound in -1 to 1.
    pub samples: Vec<f32>,
    /// Samples in a second, Hz.
    pub sample_rate: u32,
    /// The digit.
    pub label: u32,
    /// Who speaks.
    pub speaker: String,
    /// Which of this speaker's recordings of this digit it is.
    pub index: u32,
}

impl Labelled for Recording {
    fn label(&self) -> u32 {
        self.label
    }
}

/// Sound with a class each.
pub type AudioSet = SampleSet<Recording>;

/// The Free Spoken Digit Dataset, from the folder that has `recordings/` or from that folder itself.
///
/// Official split: index 0 to 4 of each speaker and digit is tested on, the rest trained on. Sorted by digit, speaker and
/// index. Other files than wav are passed over. Z. Jackson and others, CC BY-SA 4.0.
///
/// # Errors
/// If the folder or its recordings are missing, if a wav file is malformed or its name is not `digit_speaker_index.wav`,
/// or if one part of the split is empty.
pub fn fsdd(folder: impl AsRef<Path>) -> Result<TrainTest<AudioSet>> {
    let folder = folder.as_ref();
    check_folder(folder, &[SEARCHED])?;
    let inner = folder.join("recordings");
    let folder = if inner.is_dir() { inner.as_path() } else { folder };
    let wavs = list(folder)?.into_iter().filter(|path| path.extension() == Some(OsStr::new("wav")));
    let mut names = wavs.map(|path| parse_name(&path).map(|name| (name, path))).collect::<Result<Vec<_>>>()?;
    names.sort();
    let (test, train) = names.into_iter().partition(|(name, _)| name.2 < TEST_BELOW);
    Ok(TrainTest { train: load(folder, train, "training")?, test: load(folder, test, "test")? })
}

/// Digit, speaker, index.
type Name = (u32, String, u32);

/// The parts of `digit_speaker_index.wav`.
fn parse_name(path: &Path) -> Result<Name> {
    let bad = || Error::FileName { path: path.into(), expected: "digit_speaker_index.wav with a digit of 0 to 9" };
    let stem = path.file_stem().and_then(OsStr::to_str).ok_or_else(bad)?;
    let (digit, rest) = stem.split_once('_').ok_or_else(bad)?;
    let (speaker, index) = rest.rsplit_once('_').ok_or_else(bad)?;
    let digit = digit.parse().ok().filter(|&d: &u32| d < 10 && !speaker.is_empty()).ok_or_else(bad)?;
    Ok((digit, speaker.to_owned(), index.parse().map_err(|_| bad())?))
}

fn load(folder: &Path, files: Vec<(Name, PathBuf)>, part: &str) -> Result<AudioSet> {
    if files.is_empty() {
        return Err(missing(folder, vec![format!("every {part} recording")], vec![SEARCHED.into()]));
    }
    let samples = files.into_iter().map(|(name, path)| recording(name, &path)).collect::<Result<_>>()?;
    Ok(SampleSet { samples, classes: 10, about: about() })
}

fn recording((label, speaker, index): Name, path: &Path) -> Result<Recording> {
    let sound = read_wav(path)?;
    Ok(Recording { samples: sound.samples, sample_rate: sound.sample_rate, label, speaker, index })
}

fn about() -> About {
    About::of(
        "Free Spoken Digit Dataset",
        "Z. Jackson, C. Souza, J. Flaks, Y. Pan, H. Nicolas, A. Thite",
        "CC BY-SA 4.0",
        "https://github.com/Jakobovski/free-spoken-digit-dataset",
    )
}
