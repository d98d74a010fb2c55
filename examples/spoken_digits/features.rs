//! Recordings as sequences of features.

use anyhow::{Context, Result};
use clap::ValueEnum;
use limnos::tasks::{AudioSet, Cepstrum, Cochlea, LyonEar, Mfcc, Recording, TrainTest};
use ndarray::Array2;

/// What the reservoir hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Hearing {
    /// Lyon's passive ear: 64 places along the cochlea, a frame of 8 ms; the root of their activity.
    Lyon,
    /// 13 mel-frequency cepstral coefficients with first and second derivatives, a frame every 10 ms.
    Mfcc,
}

impl Hearing {
    /// As it is called on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lyon => "lyon",
            Self::Mfcc => "mfcc",
        }
    }

    /// In words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Lyon => "through Lyon's passive ear",
            Self::Mfcc => "as mel-frequency cepstral coefficients",
        }
    }
}

/// One recording.
pub struct Utterance {
    /// Frames x features.
    pub frames: Array2<f64>,
    /// The digit.
    pub label: u32,
    /// Who speaks.
    pub speaker: String,
    /// Whether it is of the official test part.
    pub official_test: bool,
}

/// Samples of a frame of the ear: 8 ms at 8 kHz.
const DECIMATION: usize = 64;

/// The two ways to hear, laid out for one sample rate.
enum Ear {
    Lyon(Cochlea),
    Mfcc(Cepstrum),
}

impl Ear {
    fn new(hearing: Hearing, sample_rate: u32) -> Result<Self> {
        Ok(match hearing {
            Hearing::Lyon => Self::Lyon(LyonEar { decimation: DECIMATION, ..LyonEar::default() }.design(sample_rate)?),
            Hearing::Mfcc => Self::Mfcc(Mfcc::default().design(sample_rate)?),
        })
    }

    fn frames(&self, recording: &Recording) -> Result<Array2<f64>> {
        Ok(match self {
            // Activity of the nerve spans decades; its root brings quiet places within sight of loud ones.
            Self::Lyon(cochlea) => cochlea.cochleagram(&recording.samples)?.mapv(f64::sqrt),
            Self::Mfcc(cepstrum) => cepstrum.coefficients(&recording.samples)?,
        })
    }
}

/// All recordings, those of the official test part last.
pub fn hear(hearing: Hearing, parts: &TrainTest<AudioSet>) -> Result<Vec<Utterance>> {
    let mut ear: Option<(u32, Ear)> = None;
    let mut all = Vec::new();
    for (set, official_test) in [(&parts.train, false), (&parts.test, true)] {
        for recording in &set.samples {
            let rate = recording.sample_rate;
            let ear = match ear.take().filter(|(of, _)| *of == rate) {
                Some(same) => ear.insert(same),
                None => ear.insert((rate, Ear::new(hearing, rate)?)),
            };
            let name = || format!("{}_{}_{}", recording.label, recording.speaker, recording.index);
            let frames = ear.1.frames(recording).with_context(name)?;
            all.push(Utterance { frames, label: recording.label, speaker: recording.speaker.clone(), official_test });
        }
    }
    Ok(all)
}

/// Everyone who speaks, sorted.
pub fn speakers(utterances: &[Utterance]) -> Vec<String> {
    let mut speakers: Vec<String> = utterances.iter().map(|u| u.speaker.clone()).collect();
    speakers.sort();
    speakers.dedup();
    speakers
}
