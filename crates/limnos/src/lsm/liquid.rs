//! The reservoir of an [`Lsm`](crate::Lsm): runs samples in batches and collects features.

use std::sync::Arc;
use std::time::{Duration, Instant};

use limnos_engine::{Device, EngineError, Observe, RunOptions, Simulation};
use limnos_spec::{InputId, Model, Network, PopulationId};
use ndarray::{Array2, ArrayViewMut2, s};

use super::progress::{Callback, Stage};
use super::samples::{Encoded, Target};
use super::{Encoder, LsmConfig, Samples};
use crate::Result;
use crate::error::argument;

/// What an [`Lsm`](crate::Lsm) has simulated so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Activity {
    /// Samples run.
    pub samples: u64,
    /// Spikes of the population that is read.
    pub spikes: u64,
    /// Mean rate of its neurons, Hz.
    pub rate_hz: f64,
    /// Time that the runs took, their input and output included.
    pub wall: Duration,
}

/// A network with the input that samples go to and the population that is read.
#[derive(Debug)]
pub(super) struct Liquid {
    device: Device,
    model: Arc<Model>,
    population: PopulationId,
    input: InputId,
    config: LsmConfig,
    max_batch: usize,
    simulation: Simulation,
    pub(super) activity: Activity,
}

impl Liquid {
    pub(super) fn new(
        device: &Device,
        network: &Network,
        population: PopulationId,
        input: InputId,
        config: LsmConfig,
    ) -> Result<Self> {
        config.check()?;
        check_ids(network, population, input)?;
        let max_batch = largest_batch(device, network, input, &config)?;
        let model = Arc::new(Model::new(network)?);
        let simulation = lay_out(device, &model, &config, 1)?;
        let activity = Activity::default();
        Ok(Self { device: device.clone(), model, population, input, config, max_batch, simulation, activity })
    }

    /// Neurons of the population that is read.
    pub(super) fn neurons(&self) -> usize {
        self.model.populations[self.population.index()].size
    }

    /// Columns of a feature matrix.
    pub(super) fn features(&self) -> usize {
        self.neurons() * self.config.features.per_neuron()
    }

    /// Most samples side by side.
    pub(super) const fn max_batch(&self) -> usize {
        self.max_batch
    }

    /// Features of samples, the k-th drawing from random stream `first + k`.
    pub(super) fn run(&mut self, samples: Samples<'_>, first: u32, callback: &mut Callback) -> Result<Array2<f32>> {
        let start = Instant::now();
        let encoded = Encoded::new(samples, self.config.encoder, self.target())?;
        let count = encoded.len();
        check_streams(first, count)?;
        self.fit_batch(count)?;
        let mut features = Array2::zeros((count, self.features()));
        for done in (0..count).step_by(self.simulation.batch()) {
            let range = done..count.min(done + self.simulation.batch());
            self.simulation.reset_to(first + done as u32)?;
            encoded.feed(&mut self.simulation, self.input, range.clone())?;
            self.simulation.run(self.config.steps)?;
            self.collect(features.slice_mut(s![range.clone(), ..]))?;
            callback.tell(Stage::Simulate, start, range.end, count);
        }
        self.account(count, start.elapsed());
        Ok(features)
    }

    /// Spikes (step, neuron) of samples, the k-th drawing from random stream `first + k`, one sample after another.
    pub(super) fn spikes(&self, samples: Samples<'_>, first: u32) -> Result<Vec<Vec<(u32, u32)>>> {
        let encoded = Encoded::new(samples, self.config.encoder, self.target())?;
        check_streams(first, encoded.len())?;
        let observe = Observe { spikes: Some(self.config.steps), ..Observe::default() };
        let options = RunOptions { batch: 1, first_sample: first, observe };
        let mut simulation = Simulation::from_model(&self.device, Arc::clone(&self.model), options)?;
        let mut one = |k: usize| {
            simulation.reset_to(first + k as u32)?;
            encoded.feed(&mut simulation, self.input, k..k + 1)?;
            simulation.run(self.config.steps)?;
            Ok(simulation.spikes(self.population, 0)?)
        };
        (0..encoded.len()).map(&mut one).collect()
    }

    fn target(&self) -> Target<'_> {
        let input = &self.model.inputs[self.input.index()];
        Target { name: &input.name, channels: input.size, dt: self.model.dt, steps: self.config.steps }
    }

    /// Lays the simulation out anew where its batch would be too small, or waste more than a quarter.
    fn fit_batch(&mut self, count: usize) -> Result<()> {
        let batch = even_batch(count, self.max_batch);
        let now = self.simulation.batch();
        let computed = count.div_ceil(now) * now;
        if now < batch || 4 * computed > 5 * count {
            self.simulation = lay_out(&self.device, &self.model, &self.config, batch)?;
        }
        Ok(())
    }

    /// Reads the features of the first rows' samples, and counts their spikes.
    fn collect(&mut self, mut rows: ArrayViewMut2<'_, f32>) -> Result<()> {
        let samples = rows.nrows();
        let counts = self.simulation.counts(self.population)?;
        let counts = counts.slice(s![..samples, .., ..]);
        self.activity.spikes += counts.iter().map(|&c| u64::from(c)).sum::<u64>();
        let mut column = 0;
        if self.config.features.count_windows > 0 {
            column = counts.len() / samples;
            let columns = rows.slice_mut(s![.., ..column]);
            columns.into_iter().zip(&counts).for_each(|(out, &count)| *out = count as f32);
        }
        if self.config.features.traces.is_some() {
            let traces = self.simulation.traces(self.population)?;
            let traces = traces.slice(s![..samples, .., ..]);
            let columns = rows.slice_mut(s![.., column..]);
            columns.into_iter().zip(&traces).for_each(|(out, &trace)| *out = trace as f32);
        }
        Ok(())
    }

    fn account(&mut self, samples: usize, wall: Duration) {
        let activity = &mut self.activity;
        activity.samples += samples as u64;
        activity.wall += wall;
        let seconds = activity.samples as f64 * f64::from(self.config.steps) * self.model.dt / 1000.0;
        activity.rate_hz =
            activity.spikes as f64 / (seconds * self.model.populations[self.population.index()].size as f64);
    }
}

fn check_ids(network: &Network, population: PopulationId, input: InputId) -> Result<()> {
    if population.index() >= network.populations().len() {
        return Err(argument("population", format!("id {}", population.index()), "an id of this network"));
    }
    if input.index() >= network.inputs().len() {
        return Err(argument("input", format!("id {}", input.index()), "an id of this network"));
    }
    Ok(())
}

/// Samples are numbered by 32 bits in random streams.
fn check_streams(first: u32, count: usize) -> Result<()> {
    if u64::from(first) + count as u64 > u64::from(u32::MAX) {
        return Err(argument("x", format!("{count} samples after {first}"), "fewer than 2^32 samples in all"));
    }
    Ok(())
}

fn lay_out(device: &Device, model: &Arc<Model>, config: &LsmConfig, batch: usize) -> Result<Simulation> {
    Ok(Simulation::from_model(device, Arc::clone(model), run_options(config, batch))?)
}

fn run_options(config: &LsmConfig, batch: usize) -> RunOptions {
    RunOptions { batch, first_sample: 0, observe: config.features.observe(config.steps) }
}

/// The largest batch, by halving from `max_batch`, that the device can hold and that stays within the memory budget.
fn largest_batch(device: &Device, network: &Network, input: InputId, config: &LsmConfig) -> Result<usize> {
    let mut batch = config.max_batch;
    loop {
        let needed = match device.plan(network, &run_options(config, batch)) {
            Ok(plan) => plan.total_bytes() + fed_bytes(network, input, config) * batch as u64,
            Err(EngineError::Limit { .. }) if batch > 1 => u64::MAX,
            Err(error) => return Err(error.into()),
        };
        if needed <= config.memory_budget {
            return Ok(batch);
        }
        if batch == 1 {
            let found = format!("{} bytes", config.memory_budget);
            return Err(argument("memory_budget", found, format!("at least {needed} bytes, which one sample needs")));
        }
        batch = batch.div_ceil(2);
    }
}

/// Bytes of one sample's input: a word a channel, or a bit a channel and step.
fn fed_bytes(network: &Network, input: InputId, config: &LsmConfig) -> u64 {
    let channels = network.inputs()[input.index()].shape.size() as u64;
    match config.encoder {
        Encoder::Bernoulli(_) | Encoder::Poisson(_) => 4 * channels,
        Encoder::Latency(_) | Encoder::Given => channels.div_ceil(8) * u64::from(config.steps),
    }
}

/// `count` samples in as few runs as can be, of equal size; whole words of 32 samples where there are many, since
/// devices that put samples into the bits of a word pay for whole words.
fn even_batch(count: usize, max: usize) -> usize {
    let batch = count.div_ceil(count.div_ceil(max));
    if batch > 16 { batch.next_multiple_of(32).min(max) } else { batch }
}
