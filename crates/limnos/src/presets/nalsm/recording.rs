//! A closer look at a few samples: all their spikes, the astrocyte's course, the branching factor.

use limnos_engine::Observe;
use limnos_tasks::{BranchingFactor, Raster, summary};

use super::liquid::NalsmLiquid;
use crate::Result;
use crate::lsm::Samples;

/// What happened in one sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Spikes of the liquid: (step, neuron), ascending.
    pub liquid: Vec<(u32, u32)>,
    /// Spikes of the input neurons: (step, channel), ascending.
    pub input: Vec<(u32, u32)>,
    /// Output of the astrocyte after each step; empty without one.
    pub astrocyte: Vec<f64>,
}

/// How activity spreads in the liquid while samples are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Branching {
    /// Mean branching factor over the samples (see [`BranchingFactor`]); `None` where there are no spikes.
    pub factor: Option<f64>,
    /// Of each sample.
    pub of_samples: Vec<Option<f64>>,
    /// Mean spikes of all input neurons in a step.
    pub input_rate: f64,
    /// Mean spikes of all neurons of the liquid in a step.
    pub liquid_rate: f64,
}

/// Samples side by side, at most.
const BATCH: usize = 32;

impl NalsmLiquid {
    /// The branching factor of the liquid by the authors' rule, with 25 steps left out at either end; they take 20 validation samples.
    ///
    /// # Errors
    /// As [`Self::transform`]; samples of 58 steps or fewer.
    pub fn branching<'a>(&self, first: u32, samples: impl Into<Samples<'a>>) -> Result<Branching> {
        let recordings = self.record(first, samples)?;
        let (network, neurons) = (self.adjacency()?, self.preset.neurons as u32);
        let of_sample = |r: &Recording| -> Result<Option<f64>> {
            let raster = Raster::new(&r.liquid, self.preset.steps, neurons)?;
            Ok(BranchingFactor::default().mean(raster, &network)?)
        };
        let of_samples = recordings.iter().map(of_sample).collect::<Result<Vec<_>>>()?;
        let rate = |of: fn(&Recording) -> usize| {
            recordings.iter().map(of).sum::<usize>() as f64 / (recordings.len() as f64 * f64::from(self.preset.steps))
        };
        Ok(Branching {
            factor: summary(&of_samples).map(|s| s.mean),
            of_samples,
            input_rate: rate(|r| r.input.len()),
            liquid_rate: rate(|r| r.liquid.len()),
        })
    }

    /// Shows samples and keeps all that happened; sample k draws from random stream `first + k`, so these are the spikes that
    /// [`Self::transform`] counts (in [`Mode::Faithful`](super::Mode::Faithful) those of the first batch).
    ///
    /// # Errors
    /// As [`Self::transform`].
    pub fn record<'a>(&self, first: u32, samples: impl Into<Samples<'a>>) -> Result<Vec<Recording>> {
        let stimuli = self.ready(first, samples.into())?;
        let (count, steps) = (stimuli.len(), self.preset.steps);
        let astrocytes = self.parts.astrocyte.map(|_| steps);
        let observe = Observe { spikes: Some(steps), astrocytes, ..Observe::default() };
        let mut sim = self.lay_out(count.min(BATCH).min(self.max_batch()), observe)?;
        let mut recordings = Vec::with_capacity(count);
        for done in (0..count).step_by(sim.batch()) {
            let range = done..count.min(done + sim.batch());
            sim.reset_to(first + done as u32)?;
            stimuli.feed(&mut sim, self.parts.events, range.clone(), steps)?;
            sim.run(steps)?;
            let outputs = if self.parts.astrocyte.is_some() { Some(sim.modulators()?) } else { None };
            for lane in 0..range.len() {
                let course = outputs.iter().flat_map(|o| o.slice(ndarray::s![lane, .., 0]).to_vec());
                recordings.push(Recording {
                    astrocyte: course.collect(),
                    liquid: sim.spikes(self.parts.liquid, lane)?,
                    input: sim.spikes(self.parts.receptors, lane)?,
                });
            }
        }
        Ok(recordings)
    }
}
