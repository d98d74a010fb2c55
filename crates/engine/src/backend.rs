//! What a device does for a simulation: the seam between the public [`crate::Simulation`] and the CPU and GPU devices.
//!
//! Everything that crosses it is an integer in a stated layout, so that devices can be compared word for word.

use std::fmt::Debug;
use std::sync::Arc;

use limnos_spec::{AstrocyteModel, Model, WholeWeights};

use crate::EngineError;

/// What an input emits from the moment it is fed.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceFeed {
    /// Nothing.
    Silent,
    /// Bernoulli draws against thresholds `[sample][row][channel]` (see [`limnos_spec::fixed::below`]).
    /// One row holds for ever; with more, row k is for the k-th step after the feed.
    Thresholds {
        /// Rows a sample.
        rows: u32,
        /// Thresholds.
        values: Arc<[u32]>,
    },
    /// Given spikes as bits `[sample][row][word]`, 32 channels a word, row k for the k-th step after the feed.
    Spikes {
        /// Rows a sample.
        rows: u32,
        /// `rows * channels.div_ceil(32)` words a sample.
        bits: Arc<[u32]>,
    },
}

impl SourceFeed {
    /// Steps that the feed covers; `None` for ever.
    #[must_use]
    pub const fn covers(&self) -> Option<u32> {
        match self {
            Self::Silent | Self::Thresholds { rows: 1, .. } => None,
            Self::Thresholds { rows, .. } | Self::Spikes { rows, .. } => Some(*rows),
        }
    }
}

/// Currents into a population, `[sample][row][neuron]`, in steps of its binary point. One row holds for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct CurrentFeed {
    /// Rows a sample.
    pub rows: u32,
    /// Currents.
    pub values: Arc<[i32]>,
}

/// What a simulation keeps beside its state. All capacities are in steps since the last clearing.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Observe {
    /// Spike counts of every neuron.
    pub counts: Option<Counts>,
    /// All spikes as bit fields: room for so many steps.
    pub spikes: Option<u32>,
    /// An exponential trace of every neuron.
    pub traces: Option<Traces>,
    /// Membrane potentials of chosen neurons in each step.
    pub potentials: Option<Potentials>,
    /// Spikes of each population in each step: room for so many steps.
    pub rates: Option<u32>,
    /// Outputs of the astrocytes after each step: room for so many steps.
    pub astrocytes: Option<u32>,
}

/// Spike counts: windows one after another from the last clearing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Number of windows.
    pub windows: u32,
    /// Steps of a window; `None`: one window without end.
    pub window_steps: Option<u32>,
}

/// Exponential traces: decay with `tau`, grow by 1 at a spike.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    /// Time constant, ms.
    pub tau: f64,
    /// Sampled after these steps, counted from the last clearing (0 is the first), ascending.
    pub at_steps: Vec<u32>,
}

/// Recording of membrane potentials.
#[derive(Clone, Debug, PartialEq)]
pub struct Potentials {
    /// Neurons: population and index within it.
    pub neurons: Vec<(limnos_spec::PopulationId, usize)>,
    /// Room for so many steps.
    pub steps: u32,
}

/// How a simulation is laid out, beside its model.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct RunOptions {
    /// Samples that run side by side, each with its own state and random stream; 0 is taken as 1.
    pub batch: usize,
    /// Number of the first sample: sample k of a batch that starts at s draws as sample s + k does alone.
    pub first_sample: u32,
    /// What to observe.
    pub observe: Observe,
}

/// What a reset leaves as it is, beside feeds. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Keep {
    /// Plastic weights; else they go back to those before step 0.
    pub weights: bool,
    /// Traces of plasticity.
    pub traces: bool,
}

/// What a sample has learned and learns with, in the order that digests take it. Empty for a static network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlasticState {
    /// Weights of each plastic projection, in row order.
    pub weights: Vec<Vec<i32>>,
    /// Traces by unit.
    pub traces: Vec<Vec<i32>>,
    /// Filters by unit, Q0.31.
    pub filters: Vec<Vec<i32>>,
    /// Events under way on each line as bits `[slot][word]`, the slot that is due next first.
    pub on_the_way: Vec<Vec<u32>>,
    /// Rates, or the factors of an astrocyte's output.
    pub rates: Vec<i32>,
    /// Output, bias and gains of each astrocyte; then IP3 less its rest, calcium and h of one that has them.
    pub astrocytes: Vec<Vec<i32>>,
}

impl PlasticState {
    /// All words, in order.
    pub fn words(&self) -> impl Iterator<Item = u32> + '_ {
        let signed = |words: &'_ [Vec<i32>]| words.concat().into_iter().map(|w| w as u32);
        let way = self.on_the_way.iter().flatten().copied();
        let rates = self.rates.iter().map(|&w| w as u32);
        signed(&self.weights)
            .chain(signed(&self.traces))
            .chain(signed(&self.filters))
            .chain(way)
            .chain(rates)
            .chain(signed(&self.astrocytes))
    }
}

/// The logical state of one sample, in the order that digests take it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleState {
    /// State words `[field][cell]`, padding included.
    pub fields: Vec<i32>,
    /// The delay ring rotated so that slot 0 is due next: `[slot][receptor][cell]`.
    pub ring: Vec<i32>,
    /// What it has learned.
    pub plastic: PlasticState,
}

/// A running network on a device. `Simulation` checks arguments before it calls; steps count from the last reset.
pub trait Backend: Debug + Send {
    /// Feeds an input from the next step on.
    ///
    /// # Errors
    /// Device errors.
    fn feed_source(&mut self, input: usize, feed: SourceFeed) -> Result<(), EngineError>;

    /// Feeds currents to a population from the next step on; `None` stops them.
    ///
    /// # Errors
    /// Device errors.
    fn feed_current(&mut self, population: usize, feed: Option<CurrentFeed>) -> Result<(), EngineError>;

    /// Runs so many steps.
    ///
    /// # Errors
    /// Device errors.
    fn run(&mut self, steps: u32) -> Result<(), EngineError>;

    /// Waits until all that was asked for is done: [`Backend::run`] may return while the device still works.
    ///
    /// # Errors
    /// Device errors.
    fn wait(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    /// Back to the state before step 0, with random streams of samples `first_sample` on; recordings cleared, feeds kept
    /// (per-step feeds start at their first row).
    ///
    /// # Errors
    /// Device errors.
    fn reset(&mut self, first_sample: u32) -> Result<(), EngineError>;

    /// The same, except for what is kept of what was learned: nothing on a device that does not learn.
    ///
    /// # Errors
    /// Device errors.
    fn reset_keeping(&mut self, first_sample: u32, keep: Keep) -> Result<(), EngineError> {
        let _ = keep;
        self.reset(first_sample)
    }

    /// Clears counts, traces' samples and recordings (not the traces themselves); their windows and capacities start anew at the next step.
    ///
    /// # Errors
    /// Device errors.
    fn clear_recordings(&mut self) -> Result<(), EngineError>;

    /// Spike counts `[sample][window][cell]`.
    ///
    /// # Errors
    /// Device errors.
    fn counts(&mut self) -> Result<Vec<u32>, EngineError>;

    /// Recorded spikes as bits `[step][sample][word]`, `cells / 32` words, for the steps since the last clearing.
    ///
    /// # Errors
    /// Device errors.
    fn spikes(&mut self) -> Result<Vec<u32>, EngineError>;

    /// Sampled traces `[sample][k][cell]` in steps of 2^-[`trace_bits`](limnos_spec::twin::observe::trace_bits).
    ///
    /// # Errors
    /// Device errors.
    fn traces(&mut self) -> Result<Vec<i32>, EngineError>;

    /// Recorded potentials (relative to rest) `[step][sample][probe]`.
    ///
    /// # Errors
    /// Device errors.
    fn potentials(&mut self) -> Result<Vec<i32>, EngineError>;

    /// Spikes of each population `[step][sample][population]`.
    ///
    /// # Errors
    /// Device errors.
    fn rates(&mut self) -> Result<Vec<u32>, EngineError>;

    /// The state of every sample.
    ///
    /// # Errors
    /// Device errors.
    fn state(&mut self) -> Result<Vec<SampleState>, EngineError>;

    /// Weights of a plastic projection in a sample, in row order.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for a projection that is not plastic, filtered or not; device errors.
    fn weights(&mut self, projection: usize, sample: usize) -> Result<Vec<i32>, EngineError>;

    /// Sets the weights of a plastic projection in a sample; without one, in all samples and before step 0. There is one word a synapse, in row
    /// order, within the bounds of the projection's rule for its source: a change of 0 may then clip a weight or pass it by, and devices differ
    /// in that.
    ///
    /// # Errors
    /// As [`Backend::weights`].
    fn set_weights(&mut self, projection: usize, sample: Option<usize>, weights: &[i32]) -> Result<(), EngineError>;

    /// The present output of an astrocyte in every sample.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] where there is no such astrocyte; device errors.
    fn outputs(&mut self, astrocyte: usize) -> Result<Vec<i32>, EngineError>;

    /// Sets the output of an astrocyte in every sample: one word each.
    ///
    /// # Errors
    /// As [`Backend::outputs`].
    fn set_outputs(&mut self, astrocyte: usize, outputs: &[i32]) -> Result<(), EngineError>;

    /// Outputs of the astrocytes after each step since the last clearing, `[step][sample][astrocyte]`; nothing where there are none.
    ///
    /// # Errors
    /// Device errors.
    fn astrocytes(&mut self) -> Result<Vec<i32>, EngineError>;

    /// The model that runs.
    fn model(&self) -> &Arc<Model>;
}

/// The weights of a plastic projection, as every device checks it.
pub(crate) fn plastic(model: &Model, projection: usize) -> Result<&WholeWeights, EngineError> {
    let Some(p) = model.projections.get(projection) else {
        return Err(EngineError::invalid("projection", format!("id {projection}"), "an id of this network"));
    };
    p.plastic.as_ref().ok_or_else(|| {
        let allowed = "those of a plastic projection (Projection::plastic)";
        EngineError::invalid(format!("weights of {}", p.name), "static", allowed)
    })
}

/// An astrocyte, as every device checks it.
pub(crate) fn astrocyte(model: &Model, index: usize) -> Result<&AstrocyteModel, EngineError> {
    let unknown = || EngineError::invalid("astrocyte", format!("id {index}"), "an id of this network");
    model.plastic.astrocytes.get(index).ok_or_else(unknown)
}

/// Whether there is one weight a synapse, each within the bounds of its rule.
pub(crate) fn within_bounds(model: &Model, projection: usize, weights: &[i32]) -> bool {
    let p = &model.projections[projection];
    let Some(plastic) = &p.plastic else { return false };
    let row = |(source, row): (usize, &[usize])| {
        let bounds = plastic.bounds_of(source);
        weights[row[0]..row[1]].iter().all(|w| (bounds.low..=bounds.high).contains(w))
    };
    weights.len() == p.synapses.len() && p.synapses.row_start.windows(2).enumerate().all(row)
}
