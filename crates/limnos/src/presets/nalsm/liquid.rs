//! A NALSM on a device: its weights, and samples run through it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use limnos_engine::{Counts, Device, EngineError, Keep, Observe, RunOptions, Simulation};
use limnos_spec::fixed::from_fixed;
use limnos_spec::{Model, ProjectionId};
use limnos_tasks::Adjacency;
use ndarray::{Array2, s};

use super::stimuli::Stimuli;
use super::{Mode, Nalsm, NalsmNetwork, Phase};
use crate::error::argument;
use crate::lsm::{Progress, Samples, Stage};
use crate::{Error, Result};

/// A NALSM on a device.
///
/// Sample k of a call draws from random stream `first + k`, so give validation and test samples other numbers than training samples. In
/// [`Mode::Clean`] counts then have the same bits for any order, batch and device.
#[derive(Debug)]
pub struct NalsmLiquid {
    pub(super) preset: Nalsm,
    pub(super) device: Device,
    pub(super) parts: NalsmNetwork,
    pub(super) model: Arc<Model>,
    pub(super) weights: Option<LearnedWeights>,
    max_batch: usize,
    simulation: Option<Simulation>,
}

/// Weights after development, mV, in row order.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedWeights {
    /// From the input neurons.
    pub input: Vec<f64>,
    /// Within the liquid.
    pub liquid: Vec<f64>,
}

/// What samples left in the liquid.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Spikes of each neuron, samples x neurons.
    pub counts: Array2<f32>,
    /// Mean spikes of all input neurons in a step.
    pub input_rate: f64,
    /// Mean spikes of all neurons of the liquid in a step.
    pub liquid_rate: f64,
    /// Time that it took.
    pub wall: Duration,
}

impl NalsmLiquid {
    pub(super) fn new(preset: Nalsm, device: &Device) -> Result<Self> {
        let parts = preset.network(Phase::Samples)?;
        let max_batch = largest_batch(&preset, &parts, device)?;
        let model = Arc::new(Model::new(&parts.network)?);
        Ok(Self { preset, device: device.clone(), parts, model, weights: None, max_batch, simulation: None })
    }

    /// The settings.
    pub const fn preset(&self) -> &Nalsm {
        &self.preset
    }

    /// The description of the network, with the ids of its parts.
    #[must_use]
    pub const fn network(&self) -> &NalsmNetwork {
        &self.parts
    }

    /// The compiled network.
    #[must_use]
    pub const fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Weights after development; `None` before it, and for static weights.
    #[must_use]
    pub const fn weights(&self) -> Option<&LearnedWeights> {
        self.weights.as_ref()
    }

    /// Weights before development, or those of a static liquid.
    #[must_use]
    pub fn initial_weights(&self) -> LearnedWeights {
        let of = |id: ProjectionId| -> Vec<f64> {
            let projection = &self.model.projections[id.index()];
            let bits = self.model.populations[projection.target].fraction_bits;
            match &projection.plastic {
                Some(whole) => whole.initial.iter().map(|&w| from_fixed(w, whole.bits)).collect(),
                None => {
                    let synapses = &projection.synapses;
                    (0..synapses.len()).map(|k| from_fixed(synapses.weight(k), bits)).collect()
                }
            }
        };
        LearnedWeights { input: of(self.parts.input_synapses), liquid: of(self.parts.liquid_synapses) }
    }

    /// Sources of the synapses within the liquid that are inhibitory: the last fifth of its neurons.
    #[must_use]
    pub fn first_inhibitory(&self) -> usize {
        self.parts.network.populations()[self.parts.liquid.index()].inhibitory().start
    }

    /// Who is connected to whom within the liquid.
    ///
    /// # Errors
    /// None that a network could cause.
    pub fn adjacency(&self) -> Result<Adjacency> {
        let synapses = &self.model.projections[self.parts.liquid_synapses.index()].synapses;
        Ok(Adjacency::from_csr(&synapses.row_start, &synapses.targets)?)
    }

    /// Most samples side by side.
    #[must_use]
    pub const fn max_batch(&self) -> usize {
        self.max_batch
    }

    /// Takes another number of most samples side by side, as [`Nalsm::max_batch`] would have been: for a loaded liquid, whose file does
    /// not tell the machine it is on.
    ///
    /// # Errors
    /// 0; a memory budget that one sample passes.
    pub fn set_max_batch(&mut self, max_batch: usize) -> Result<()> {
        let preset = Nalsm { max_batch, ..self.preset };
        preset.check()?;
        self.max_batch = largest_batch(&preset, &self.parts, &self.device)?;
        (self.preset, self.simulation) = (preset, None);
        Ok(())
    }

    /// Frees the simulation that [`Self::transform`] keeps for its next call, which then lays out another. The weights stay.
    pub fn release(&mut self) {
        self.simulation = None;
    }

    /// Shows each sample for [`Nalsm::steps`] steps, from the developed weights, and counts the spikes of the liquid. What a sample
    /// learns is forgotten after it.
    ///
    /// Samples are rows of probabilities (see [`PixelCode`](super::PixelCode)) or spike trains, of which the first steps are shown.
    ///
    /// # Errors
    /// [`Error::NotDeveloped`]; no samples, another number of channels, values that are not probabilities; device errors.
    pub fn transform<'a>(
        &mut self,
        first: u32,
        samples: impl Into<Samples<'a>>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Response> {
        let stimuli = self.ready(first, samples.into())?;
        let start = Instant::now();
        let (count, steps) = (stimuli.len(), self.preset.steps);
        let mut sim = self.simulation_for(count)?;
        let (input, liquid) = (self.parts.receptors.index(), self.parts.liquid.index());
        let mut counts = Array2::zeros((count, self.preset.neurons));
        let mut spikes = [0u64; 2];
        for done in (0..count).step_by(sim.batch()) {
            let range = done..count.min(done + sim.batch());
            let leak = self.preset.mode == Mode::Faithful && done > 0;
            sim.reset_keeping(first + done as u32, Keep { weights: false, traces: leak })?;
            stimuli.feed(&mut sim, self.parts.events, range.clone(), steps)?;
            sim.run(steps)?;
            let batch = sim.counts(self.parts.liquid)?;
            let rows = counts.slice_mut(s![range.clone(), ..]);
            rows.into_iter().zip(&batch).for_each(|(out, &n)| *out = n as f32);
            let rates = sim.rates()?;
            for (sum, population) in spikes.iter_mut().zip([input, liquid]) {
                *sum += rates.slice(s![..range.len(), .., population]).iter().map(|&n| u64::from(n)).sum::<u64>();
            }
            progress(Progress::since(Stage::Simulate, start, range.end, count));
        }
        self.simulation = Some(sim);
        let shown = count as f64 * f64::from(steps);
        let [input_rate, liquid_rate] = spikes.map(|sum| sum as f64 / shown);
        Ok(Response { counts, input_rate, liquid_rate, wall: start.elapsed() })
    }

    /// Checks samples, and that there are weights to start from.
    pub(super) fn ready<'a>(&self, first: u32, samples: Samples<'a>) -> Result<Stimuli<'a>> {
        if self.preset.rule.is_plastic() && self.weights.is_none() {
            return Err(Error::NotDeveloped);
        }
        let last = u64::from(first) + samples.len() as u64;
        if last > u64::from(DEVELOPMENT_STREAM) {
            return Err(argument("first", first, format!("{DEVELOPMENT_STREAM} samples in all at most")));
        }
        let stimuli = Stimuli::new(samples, self.preset.channels)?;
        let long = (0..stimuli.len()).find(|&i| stimuli.length(i).is_some_and(|steps| steps < self.preset.steps));
        match long {
            Some(i) => Err(argument(
                "samples",
                format!("spike train {i} of {} steps", stimuli.length(i).unwrap_or(0)),
                format!("at least the {} steps of a sample", self.preset.steps),
            )),
            None => Ok(stimuli),
        }
    }

    /// A simulation of samples with the developed weights.
    pub(super) fn lay_out(&self, batch: usize, observe: Observe) -> Result<Simulation> {
        let options = RunOptions { batch, first_sample: 0, observe };
        let mut sim = Simulation::from_model(&self.device, Arc::clone(&self.model), options)?;
        if let Some(weights) = &self.weights {
            sim.set_initial_weights(self.parts.input_synapses, &weights.input)?;
            sim.set_initial_weights(self.parts.liquid_synapses, &weights.liquid)?;
        }
        Ok(sim)
    }

    /// Takes weights to start samples from.
    pub(super) fn adopt(&mut self, weights: LearnedWeights) {
        (self.weights, self.simulation) = (Some(weights), None);
    }

    /// The simulation that is there, if it is as large as it should be for so many samples; else another.
    fn simulation_for(&mut self, count: usize) -> Result<Simulation> {
        let batch = match self.preset.mode {
            // Places in the batch matter here.
            Mode::Faithful => self.max_batch.min(count),
            Mode::Clean => count.div_ceil(count.div_ceil(self.max_batch)),
        };
        match self.simulation.take() {
            Some(sim) if sim.batch() == batch => Ok(sim),
            _ => self.lay_out(batch, observe(&self.preset)),
        }
    }
}

/// Samples of development draw from random streams from here on.
pub(super) const DEVELOPMENT_STREAM: u32 = 1 << 31;

fn observe(preset: &Nalsm) -> Observe {
    let counts = Some(Counts { windows: 1, window_steps: None });
    Observe { counts, rates: Some(preset.steps), ..Observe::default() }
}

/// The batch of the published code, or the largest by halving that stays within the memory budget.
fn largest_batch(preset: &Nalsm, parts: &NalsmNetwork, device: &Device) -> Result<usize> {
    let fixed = (preset.mode == Mode::Faithful).then_some(if preset.neurons > 1000 { 50 } else { 250 });
    let mut batch = fixed.unwrap_or(preset.max_batch);
    loop {
        let options = RunOptions { batch, first_sample: 0, observe: observe(preset) };
        let needed = match device.plan(&parts.network, &options) {
            Ok(plan) => plan.total_bytes(),
            Err(EngineError::Limit { .. }) if batch > 1 => u64::MAX,
            Err(error) => return Err(error.into()),
        };
        if needed <= preset.memory_budget {
            return Ok(batch);
        }
        if batch == 1 || fixed.is_some() {
            let found = format!("{} bytes", preset.memory_budget);
            return Err(argument("memory_budget", found, format!("at least {needed} bytes, for {batch} samples")));
        }
        batch = batch.div_ceil(2);
    }
}
