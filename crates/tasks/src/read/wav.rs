//! Sound files: mono wav, whole numbers of 8, 16, 24 or 32 bits or floats of 32.

use std::path::Path;

use hound::{SampleFormat, WavReader};

use crate::error::wav;
use crate::read::source::read_bytes;
use crate::{Error, Result};

/// What is read, for errors.
const FORMS: &str = "a mono wav file of 8, 16, 24 or 32-bit integers or 32-bit floats";

/// One channel of sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Wav {
    /// Samples in -1 to 1: whole numbers over 2 to the power (bits - 1), floats as they are.
    pub samples: Vec<f32>,
    /// Samples in a second, Hz.
    pub sample_rate: u32,
}

/// Reads a mono wav file.
///
/// # Errors
/// If the file cannot be read, is no wav file or of another form, has more channels than one, has no samples, ends before
/// its header says, or has a float outside -1 to 1.
pub fn read_wav(path: impl AsRef<Path>) -> Result<Wav> {
    let path = path.as_ref();
    parse(path, &read_bytes(path)?)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Wav> {
    let reader = WavReader::new(bytes).map_err(|e| header_error(path, &e))?;
    let spec = reader.spec();
    if spec.channels != 1 {
        return Err(wav(path, format!("{} channels", spec.channels), "1 (mix them down first)"));
    }
    if spec.sample_rate == 0 {
        return Err(wav(path, "a sample rate of 0 Hz", "a positive one"));
    }
    if reader.len() == 0 {
        return Err(wav(path, "no samples", "at least one"));
    }
    let samples = match spec.sample_format {
        SampleFormat::Int => integers(path, reader)?,
        SampleFormat::Float => floats(path, reader)?,
    };
    Ok(Wav { samples, sample_rate: spec.sample_rate })
}

/// Whole numbers over the largest magnitude of their width; exact in f32 up to 24 bits, rounded for 32.
fn integers(path: &Path, reader: WavReader<&[u8]>) -> Result<Vec<f32>> {
    let scale = (1_u64 << (reader.spec().bits_per_sample - 1).min(31)) as f64;
    let n = reader.len();
    let samples = reader.into_samples::<i32>().enumerate();
    samples.map(|(i, s)| s.map(|s| (f64::from(s) / scale) as f32).map_err(|e| sample_error(path, i, n, &e))).collect()
}

fn floats(path: &Path, reader: WavReader<&[u8]>) -> Result<Vec<f32>> {
    let n = reader.len();
    let checked = |(i, sample): (usize, hound::Result<f32>)| match sample {
        Ok(s) if (-1.0..=1.0).contains(&s) => Ok(s),
        Ok(s) => Err(wav(path, format!("{s} at sample {i}"), "values in -1 to 1 (normalise the sound first)")),
        Err(e) => Err(sample_error(path, i, n, &e)),
    };
    reader.into_samples::<f32>().enumerate().map(checked).collect()
}

fn header_error(path: &Path, e: &hound::Error) -> Error {
    match e {
        hound::Error::IoError(_) => wav(path, "the header ends too early", FORMS),
        hound::Error::FormatError(what) => wav(path, format!("a damaged header ({what})"), FORMS),
        _ => wav(path, "a form that is not supported", FORMS),
    }
}

fn sample_error(path: &Path, i: usize, n: u32, e: &hound::Error) -> Error {
    match e {
        hound::Error::IoError(_) => {
            wav(path, format!("the sound ends after {i} samples"), format!("{n}, as in its header"))
        }
        _ => wav(path, "a form that is not supported", FORMS),
    }
}
