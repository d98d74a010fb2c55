//! Which filters stand where: Slaney 1988, the section on design.

use super::biquad::{Biquad, resonance};
use super::{LyonEar, MOST_CHANNELS};
use crate::Result;
use crate::error::argument;

/// Where the bandwidth turns from constant (low) to constant quality (high), Hz.
const BREAK_HZ: f64 = 1000.0;
/// How far a zero stands above its pole, in steps.
const ZERO_OFFSET: f64 = 1.5;
/// How much sharper a zero is than its bandwidth says.
const SHARPNESS: f64 = 5.0;
/// Corner of the outer and middle ear's pre-emphasis, Hz.
const PREEMPHASIS_HZ: f64 = 300.0;

/// Filters before the first place: pre-emphasis, and a compensation of the first pair.
pub(super) const FRONT: usize = 2;

/// Bandwidth at a frequency, Hz: sqrt(f^2 + break^2) / q.
fn bandwidth(frequency: f64, ear_q: f64) -> f64 {
    libm::hypot(frequency, BREAK_HZ) / ear_q
}

/// The highest centre that leaves room for a zero above it, Hz.
fn top_hz(ear: &LyonEar, sample_rate: f64) -> f64 {
    let half = sample_rate / 2.0;
    half - bandwidth(half, ear.ear_q) * ear.step_factor * (ZERO_OFFSET - 1.0)
}

/// Centre frequencies of the places, Hz, falling by `step_factor` bandwidths.
///
/// With f = (v - break^2 / v) / 2 the bandwidth is (v + break^2 / v) / (2 q), so that steps of `step_factor` bandwidths
/// divide v by exp(step_factor / q). The last place is above the frequency where the quality of its pole falls to 1/2.
pub(super) fn centres_hz(ear: &LyonEar, sample_rate: u32) -> Result<Vec<f64>> {
    let top = top_hz(ear, f64::from(sample_rate));
    let low = BREAK_HZ / (4.0 * ear.ear_q * ear.ear_q - 1.0).sqrt();
    let (v_top, v_low) = (top + libm::hypot(top, BREAK_HZ), low + libm::hypot(low, BREAK_HZ));
    let channels = (ear.ear_q / ear.step_factor * (libm::log(v_top) - libm::log(v_low))).floor();
    if channels.is_nan() || channels < 1.0 {
        let allowed = format!("high enough for one filter between {low:.0} Hz and half of it");
        return Err(argument("sample_rate", format!("{sample_rate} Hz"), allowed));
    }
    if channels > MOST_CHANNELS as f64 {
        let found = format!("{}, which gives {channels} channels", ear.step_factor);
        return Err(argument("step_factor", found, format!("large enough for at most {MOST_CHANNELS} channels")));
    }
    let centre = |n: usize| {
        let v = v_top / libm::exp(n as f64 * ear.step_factor / ear.ear_q);
        (v - BREAK_HZ * BREAK_HZ / v) / 2.0
    };
    Ok((1..=channels as usize).map(centre).collect())
}

/// The cascade: two filters of the front, then one a place.
pub(super) fn filters(ear: &LyonEar, sample_rate: u32, centres: &[f64]) -> Vec<Biquad> {
    let fs = f64::from(sample_rate);
    let mut all = front(ear, fs, centres[0]).to_vec();
    // A first place has no one above it; Slaney gives it the gain of the second.
    let second = centres.get(1).map_or(1.0, |next| centres[0] / next);
    let gains = std::iter::once(second).chain(centres.windows(2).map(|pair| pair[0] / pair[1]));
    all.extend(centres.iter().zip(gains).map(|(&centre, gain)| place(ear, fs, centre, gain)));
    all
}

/// Pre-emphasis, then poles at the top with zeros at 0 and half the sample rate; both of gain 1 at a quarter of it.
fn front(ear: &LyonEar, fs: f64, first_centre: f64) -> [Biquad; FRONT] {
    let corner = libm::exp(-2.0 * std::f64::consts::PI * PREEMPHASIS_HZ / fs);
    let quality = first_centre / bandwidth(first_centre, ear.ear_q);
    let poles = resonance(top_hz(ear, fs) / fs, quality);
    [
        Biquad::with_gain([0.0, 1.0, -corner], [1.0, 0.0, 0.0], 1.0, 0.25),
        Biquad::with_gain([1.0, 0.0, -1.0], poles, 1.0, 0.25),
    ]
}

/// A pair of poles at the centre and of zeros above it.
fn place(ear: &LyonEar, fs: f64, centre: f64, gain: f64) -> Biquad {
    let width = bandwidth(centre, ear.ear_q);
    let zero = centre + width * ear.step_factor * ZERO_OFFSET;
    let zeros = resonance(zero / fs, SHARPNESS * zero / width);
    Biquad::with_gain(zeros, resonance(centre / fs, centre / width), gain, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_a_step_apart() {
        let ear = LyonEar::default();
        let centres = centres_hz(&ear, 16_000).unwrap();
        assert_eq!(centres.len(), 86);
        assert!(centres[85] > 1000.0 / 255.0_f64.sqrt());
        for pair in centres.windows(2) {
            let step = (pair[0] - pair[1]) / bandwidth((pair[0] + pair[1]) / 2.0, ear.ear_q);
            assert!((step - 0.25).abs() < 1e-3, "{pair:?}: {step}");
        }
    }
}
