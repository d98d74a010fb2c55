//! The coefficients of a recording.

use std::f64::consts::PI;

use ndarray::{Array2, Axis, concatenate};

use super::Mfcc;
use super::delta::deltas;
use super::mel::FilterBank;
use super::spectrum::Spectrum;
use crate::Result;
use crate::error::argument;

/// HTK reads 16-bit integers, for which its floor of 1 below the logarithm is made.
const FULL_SCALE: f64 = 32_768.0;
/// Longest frame, samples.
const LONGEST_FRAME: f64 = 1_048_576.0;

/// An [`Mfcc`] with its tables for one sample rate.
#[derive(Debug, Clone)]
pub struct Cepstrum {
    mfcc: Mfcc,
    hop: usize,
    window: Vec<f64>,
    spectrum: Spectrum,
    bank: FilterBank,
    /// Coefficients x filters: cosine transform and liftering in one.
    transform: Array2<f64>,
}

impl Cepstrum {
    pub(super) fn new(mfcc: Mfcc, sample_rate: u32) -> Result<Self> {
        let rate = f64::from(sample_rate);
        let frame = in_samples("frame_ms", mfcc.frame_ms, rate, 2)?;
        let hop = in_samples("hop_ms", mfcc.hop_ms, rate, 1)?;
        let spectrum = Spectrum::for_at_least(frame);
        let bank = bank(&mfcc, rate, spectrum.len())?;
        Ok(Self { mfcc, hop, window: hamming(frame), spectrum, bank, transform: transform(&mfcc) })
    }

    /// Columns of what [`Cepstrum::coefficients`] gives: coefficients times 1, 2 or 3.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.mfcc.coefficients * (1 + self.mfcc.delta_order)
    }

    /// Samples that make the first frame.
    #[must_use]
    pub fn frame_samples(&self) -> usize {
        self.window.len()
    }

    /// Frames x columns: c(0), c(1), ... of `samples` (in -1 to 1), then their deltas, then the deltas of these.
    ///
    /// # Errors
    /// If there are fewer samples than make a frame, or if one of them is not finite.
    pub fn coefficients(&self, samples: &[f32]) -> Result<Array2<f64>> {
        if samples.len() < self.window.len() {
            let allowed = format!("at least one frame of {} samples", self.window.len());
            return Err(argument("samples", format!("{} samples", samples.len()), allowed));
        }
        if let Some(at) = samples.iter().position(|x| !x.is_finite()) {
            return Err(argument("samples", format!("{} at sample {at}", samples[at]), "finite numbers"));
        }
        let mut parts = vec![self.plain(samples)];
        for order in 0..self.mfcc.delta_order {
            parts.push(deltas(&parts[order], self.mfcc.delta_window)?);
        }
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        Ok(concatenate(Axis(1), &views).expect("deltas should have the shape of what they are of"))
    }

    /// Without deltas.
    fn plain(&self, samples: &[f32]) -> Array2<f64> {
        let frames = samples.windows(self.window.len()).step_by(self.hop);
        let mut out = Array2::zeros((frames.len(), self.mfcc.coefficients));
        for (frame, mut row) in frames.zip(out.rows_mut()) {
            let logs = self.log_energies(frame);
            for (c, weights) in row.iter_mut().zip(self.transform.rows()) {
                *c = weights.iter().zip(&logs).map(|(w, x)| w * x).sum();
            }
        }
        out
    }

    /// The logarithm of each filter's output.
    fn log_energies(&self, frame: &[f32]) -> Vec<f64> {
        let magnitudes = self.spectrum.magnitudes(self.windowed(frame));
        self.bank.apply(&magnitudes).map(|energy| libm::log(energy.max(1.0))).collect()
    }

    /// A frame with pre-emphasis under the window.
    fn windowed(&self, frame: &[f32]) -> impl Iterator<Item = f64> {
        let before = frame[..1].iter().chain(frame);
        let emphasised =
            frame.iter().zip(before).map(|(x, before)| f64::from(*x) - self.mfcc.pre_emphasis * f64::from(*before));
        self.window.iter().zip(emphasised).map(|(w, x)| w * FULL_SCALE * x)
    }
}

/// A time as a whole number of samples, to the nearest.
fn in_samples(name: &'static str, ms: f64, rate: f64, least: usize) -> Result<usize> {
    let samples = (ms * rate / 1000.0).round();
    if !(samples >= least as f64 && samples <= LONGEST_FRAME) {
        let allowed = format!("a time of {least} to {LONGEST_FRAME} samples at {rate} Hz");
        return Err(argument(name, format!("{ms} ms"), allowed));
    }
    Ok(samples as usize)
}

fn bank(mfcc: &Mfcc, rate: f64, transformed: usize) -> Result<FilterBank> {
    let half = rate / 2.0;
    let high = mfcc.high_hz.unwrap_or(half);
    if !(high > 0.0 && high <= half) {
        return Err(argument("high_hz", high, format!("above 0 and at most {half}, half the sample rate")));
    }
    if !(mfcc.low_hz >= 0.0 && mfcc.low_hz < high) {
        return Err(argument("low_hz", mfcc.low_hz, format!("at least 0 and below {high}, the upper end")));
    }
    FilterBank::new(mfcc.filters, mfcc.low_hz, high, transformed / 2 + 1, rate / transformed as f64).map_err(|empty| {
        let found =
            format!("{}, so many that filter {empty} lies between two frequencies of the spectrum", mfcc.filters);
        argument("filters", found, "fewer, or longer frames")
    })
}

/// 0.54 - 0.46 cos(2 pi n / (N - 1)).
fn hamming(n: usize) -> Vec<f64> {
    let angle = |i: usize| 2.0 * PI * i as f64 / (n - 1) as f64;
    (0..n).map(|i| 0.54 - 0.46 * libm::cos(angle(i))).collect()
}

/// sqrt(2 / M) cos(pi i (j - 1/2) / M) times the lifter's weight of i, for j from 1.
fn transform(mfcc: &Mfcc) -> Array2<f64> {
    let filters = mfcc.filters as f64;
    let scale = (2.0 / filters).sqrt();
    Array2::from_shape_fn((mfcc.coefficients, mfcc.filters), |(i, j)| {
        let i = i as f64;
        lifter(mfcc.lifter, i) * scale * libm::cos(PI * i * (j as f64 + 0.5) / filters)
    })
}

/// 1 + L / 2 sin(pi i / L).
fn lifter(length: usize, i: f64) -> f64 {
    let length = length as f64;
    if length == 0.0 { 1.0 } else { 1.0 + length / 2.0 * libm::sin(PI * i / length) }
}
