//! Rate code: the larger the value, the more spikes.

use ndarray::{Array2, ArrayView2, Axis};

use crate::encode::spike_train::check_window;
use crate::error::argument;
use crate::random::SplitMix64;
use crate::{Result, SpikeTrain};

/// What a value is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scaling {
    /// With a given largest value: rate = `rate_hz` x / full scale. Brightness keeps its meaning between samples.
    FullScale(f32),
    /// With the largest value of its sample: rate = `rate_hz` x / max. Every sample that is not blank has a full rate.
    SampleMax,
    /// With the sum of its sample: rate = `rate_hz` x / sum. All samples that are not blank have `rate_hz` in total.
    SampleSum,
}

/// Rate code of features that are not negative.
///
/// E. D. Adrian, "The impulses produced by sensory nerve endings", Journal of Physiology 61:49, 1926.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct RateCode {
    /// Rate of a channel at full scale or at the sample's maximum, or of all channels together with
    /// [`Scaling::SampleSum`]; Hz.
    pub rate_hz: f32,
    /// What a value is compared with.
    pub scaling: Scaling,
}

impl Default for RateCode {
    fn default() -> Self {
        Self { rate_hz: 90.0, scaling: Scaling::FullScale(255.0) }
    }
}

impl RateCode {
    /// Poisson rates in Hz, samples x channels, of features of that shape. A blank sample has no rates.
    ///
    /// # Errors
    /// If `rate_hz` or the full scale is not positive and finite, or if a feature is negative, not finite, or beyond the
    /// full scale.
    pub fn rates_hz(&self, features: ArrayView2<'_, f32>) -> Result<Array2<f32>> {
        self.check()?;
        self.check_features(features)?;
        let mut rates = features.to_owned();
        for mut row in rates.axis_iter_mut(Axis(0)) {
            let gain = self.gain(row.iter().map(|&x| f64::from(x)));
            row.mapv_inplace(|x| (f64::from(x) * gain) as f32);
        }
        Ok(rates)
    }

    /// Probabilities of a spike in one step of `dt_ms` (Bernoulli), samples x channels: rate times step.
    ///
    /// # Errors
    /// As [`RateCode::rates_hz`]; if `dt_ms` is not positive and finite, or if a probability would be above 1.
    pub fn probabilities(&self, features: ArrayView2<'_, f32>, dt_ms: f32) -> Result<Array2<f32>> {
        check_positive("dt_ms", dt_ms)?;
        let mut p = self.rates_hz(features)?;
        p.mapv_inplace(|rate| (f64::from(rate) * f64::from(dt_ms) / 1000.0) as f32);
        match p.indexed_iter().find(|(_, p)| **p > 1.0) {
            Some(((sample, channel), p)) => {
                let found = format!("{}, a probability of {p} at sample {sample}, channel {channel}", self.rate_hz);
                Err(argument("rate_hz", found, format!("at most 1 a step of {dt_ms} ms; lower the rate or the step")))
            }
            None => Ok(p),
        }
    }

    fn check(&self) -> Result<()> {
        check_positive("rate_hz", self.rate_hz)?;
        match self.scaling {
            Scaling::FullScale(full) => check_positive("FullScale", full),
            Scaling::SampleMax | Scaling::SampleSum => Ok(()),
        }
    }

    fn check_features(&self, features: ArrayView2<'_, f32>) -> Result<()> {
        let (limit, text) = match self.scaling {
            Scaling::FullScale(full) => (full, format!("0 to {full}, the full scale")),
            Scaling::SampleMax | Scaling::SampleSum => (f32::MAX, "finite and not negative".to_owned()),
        };
        match features.indexed_iter().find(|(_, x)| !(0.0..=limit).contains(*x)) {
            Some(((sample, feature), x)) => {
                Err(argument("features", format!("{x} at sample {sample}, feature {feature}"), text))
            }
            None => Ok(()),
        }
    }

    /// Hz a unit of feature, for one sample.
    fn gain(&self, row: impl Iterator<Item = f64>) -> f64 {
        let reference = match self.scaling {
            Scaling::FullScale(full) => f64::from(full),
            Scaling::SampleMax => row.fold(0.0, f64::max),
            Scaling::SampleSum => row.sum(),
        };
        if reference > 0.0 { f64::from(self.rate_hz) / reference } else { 0.0 }
    }
}

/// Spikes drawn with one probability a channel in every step, by [`SplitMix64`] of `seed`: for pictures and small tests.
/// A device draws its own.
///
/// # Errors
/// If there are no steps or channels, or if a probability is not 0 to 1.
pub fn bernoulli_spikes(probabilities: &[f32], steps: u32, seed: u64) -> Result<SpikeTrain> {
    let channels = u32::try_from(probabilities.len())
        .map_err(|_| argument("probabilities", format!("{} channels", probabilities.len()), "at most 2^32 - 1"))?;
    check_window(steps, channels)?;
    if let Some(c) = probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(argument("probabilities", format!("{} at channel {c}", probabilities[c]), "0 to 1"));
    }
    let mut random = SplitMix64::new(seed);
    let mut spikes = Vec::new();
    for step in 0..steps {
        for (channel, &p) in (0..channels).zip(probabilities) {
            if random.next_f64() < f64::from(p) {
                spikes.push((step, channel));
            }
        }
    }
    SpikeTrain::new(steps, channels, spikes)
}

/// Refuses what is not positive and finite.
pub(crate) fn check_positive(name: &'static str, value: f32) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(argument(name, value, "positive and finite"))
}
