//! Latency code: one spike a channel, the earlier the larger the value.

use crate::encode::rate::check_positive;
use crate::encode::spike_train::check_window;
use crate::error::argument;
use crate::{Result, SpikeTrain};

/// How time falls with the value x, from the threshold (last step) to the full scale (step 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LatencyLaw {
    /// Step = (steps - 1) (full - x) / (full - threshold).
    #[default]
    Linear,
    /// Step = (steps - 1) ln(full / x) / ln(full / threshold): equal ratios of brightness are equal times, so a change of
    /// contrast shifts all spikes alike. J. J. Hopfield, "Pattern recognition computation using action potential timing
    /// for stimulus representation", Nature 376:33, 1995.
    Logarithmic,
}

/// Latency code of features that are not negative. Values at or below the threshold are silent.
///
/// S. Thorpe, A. Delorme, R. Van Rullen, "Spike-based strategies for rapid processing", Neural Networks 14:715, 2001.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct LatencyCode {
    /// Length of the window, in steps; the last one is that of the threshold.
    pub steps: u32,
    /// The value that spikes at step 0.
    pub full_scale: f32,
    /// The largest value that is silent: 0 to below `full_scale`; above 0 for [`LatencyLaw::Logarithmic`].
    pub threshold: f32,
    /// How time falls with the value.
    pub law: LatencyLaw,
}

impl Default for LatencyCode {
    fn default() -> Self {
        Self { steps: 100, full_scale: 255.0, threshold: 0.0, law: LatencyLaw::Linear }
    }
}

impl LatencyCode {
    /// The spikes of one sample, a channel a feature; steps are rounded to the nearest.
    ///
    /// # Errors
    /// If there are no steps or features, if `full_scale` or `threshold` is out of its range, or if a feature is not
    /// 0 to `full_scale`.
    pub fn encode(&self, features: &[f32]) -> Result<SpikeTrain> {
        let channels = self.check(features)?;
        let loud = (0..channels).zip(features).filter(|(_, x)| **x > self.threshold);
        let spikes = loud.map(|(channel, &x)| (self.step(x), channel)).collect();
        SpikeTrain::from_unsorted(self.steps, channels, spikes)
    }

    /// Checks all and gives the number of channels.
    fn check(&self, features: &[f32]) -> Result<u32> {
        check_positive("full_scale", self.full_scale)?;
        let logarithmic = self.law == LatencyLaw::Logarithmic;
        if !(0.0..self.full_scale).contains(&self.threshold) || (logarithmic && self.threshold == 0.0) {
            let start = if logarithmic { "above 0" } else { "0" };
            return Err(argument("threshold", self.threshold, format!("{start} to below {}", self.full_scale)));
        }
        if let Some(i) = features.iter().position(|x| !(0.0..=self.full_scale).contains(x)) {
            let allowed = format!("0 to {}, the full scale", self.full_scale);
            return Err(argument("features", format!("{} at feature {i}", features[i]), allowed));
        }
        let channels = u32::try_from(features.len())
            .map_err(|_| argument("features", format!("{} of them", features.len()), "at most 2^32 - 1"))?;
        check_window(self.steps, channels)?;
        Ok(channels)
    }

    /// The step of a value above the threshold.
    fn step(&self, x: f32) -> u32 {
        let [x, full, threshold] = [x, self.full_scale, self.threshold].map(f64::from);
        let share = match self.law {
            LatencyLaw::Linear => (full - x) / (full - threshold),
            // libm, for the same last bit on every system.
            LatencyLaw::Logarithmic => libm::log(full / x) / libm::log(full / threshold),
        };
        let last = self.steps - 1;
        ((f64::from(last) * share).round() as u32).min(last)
    }
}
