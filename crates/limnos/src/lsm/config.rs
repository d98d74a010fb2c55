//! How samples enter a liquid and what is read from it.

use limnos_engine::{Counts, Observe, Traces};
use limnos_tasks::{LatencyCode, RateCode};

use crate::Result;
use crate::error::argument;

/// How a sample becomes spikes of the input's channels, a channel a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Encoder {
    /// In each step a channel spikes with probability rate times step (which must not exceed 1).
    Bernoulli(RateCode),
    /// In each step a channel spikes if its Poisson process has an event: probability `1 - exp(-rate * dt)`.
    Poisson(RateCode),
    /// One spike a channel, the earlier the larger the value.
    Latency(LatencyCode),
    /// Samples are spike trains already.
    Given,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::Bernoulli(RateCode::default())
    }
}

/// What is read from the population for one sample; the columns of a feature matrix, in this order:
/// counts `[window][neuron]`, then traces `[sampled step][neuron]`.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Features {
    /// Spike counts in so many windows of equal length, which together are the whole sample; 0 for none.
    pub count_windows: u32,
    /// Exponential traces (time constant in ms) after chosen steps of the sample.
    pub traces: Option<Traces>,
}

impl Default for Features {
    /// One count a neuron.
    fn default() -> Self {
        Self::counts(1)
    }
}

impl Features {
    /// Spike counts in `windows` windows.
    pub const fn counts(windows: u32) -> Self {
        Self { count_windows: windows, traces: None }
    }

    /// Exponential traces of time constant `tau` (ms), sampled after these steps (ascending, 0 is the first).
    pub const fn traces(tau: f64, at_steps: Vec<u32>) -> Self {
        Self { count_windows: 0, traces: Some(Traces { tau, at_steps }) }
    }

    /// Features a neuron.
    #[must_use]
    pub fn per_neuron(&self) -> usize {
        self.count_windows as usize + self.traces.as_ref().map_or(0, |t| t.at_steps.len())
    }

    /// Windows that are counted: at least one, since the spikes of a run are always counted.
    pub(super) fn counted_windows(&self) -> u32 {
        self.count_windows.max(1)
    }

    /// What a simulation must observe.
    pub(super) fn observe(&self, steps: u32) -> Observe {
        let windows = self.counted_windows();
        Observe {
            counts: Some(Counts { windows, window_steps: Some(steps / windows) }),
            traces: self.traces.clone(),
            ..Observe::default()
        }
    }
}

/// How an [`Lsm`](crate::Lsm) runs its samples.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct LsmConfig {
    /// How samples become spikes.
    pub encoder: Encoder,
    /// Length of a sample, in steps.
    pub steps: u32,
    /// What is read for the readout.
    pub features: Features,
    /// Most samples side by side.
    pub max_batch: usize,
    /// Bytes that the simulation may take, tables of synapses included; where `max_batch` samples need more, fewer run side
    /// by side.
    pub memory_budget: u64,
}

impl Default for LsmConfig {
    /// Rate code of 90 Hz at a full scale of 255, 250 steps, one count a neuron, at most 256 samples side by side within 2 GiB.
    fn default() -> Self {
        Self {
            encoder: Encoder::default(),
            steps: 250,
            features: Features::default(),
            max_batch: 256,
            memory_budget: 2 << 30,
        }
    }
}

impl LsmConfig {
    pub(super) fn check(&self) -> Result<()> {
        if self.steps == 0 {
            return Err(argument("steps", 0, "at least 1"));
        }
        if self.max_batch == 0 {
            return Err(argument("max_batch", 0, "at least 1"));
        }
        self.check_features()?;
        match self.encoder {
            Encoder::Latency(code) if code.steps > self.steps => Err(argument(
                "steps of the latency code",
                code.steps,
                format!("at most the {} steps of a sample", self.steps),
            )),
            _ => Ok(()),
        }
    }

    fn check_features(&self) -> Result<()> {
        let features = &self.features;
        if features.per_neuron() == 0 {
            return Err(argument("features", "empty", "at least one count window or one sampled trace"));
        }
        if !self.steps.is_multiple_of(features.counted_windows()) {
            let allowed = format!("a divisor of the {} steps of a sample", self.steps);
            return Err(argument("count_windows", features.count_windows, allowed));
        }
        match features.traces.as_ref().and_then(|t| t.at_steps.iter().find(|&&s| s >= self.steps)) {
            Some(late) => Err(argument("at_steps", late, format!("below the {} steps of a sample", self.steps))),
            None => Ok(()),
        }
    }
}
