//! A network running on a device: feeding, stepping, reading. Arguments are checked here, before a device sees them.

use std::sync::Arc;

use limnos_spec::fixed::{from_fixed, probability_threshold, to_fixed};
use limnos_spec::twin::observe::{trace_bits, trace_decay};
use limnos_spec::{InputId, Model, Network, PopulationId, event_probability};
use ndarray::{Array2, Array3, ArrayView3};

use crate::{Backend, CurrentFeed, Device, EngineError, Keep, Observe, RunOptions, SampleState, SourceFeed};

mod learning;

/// What an input emits from now on. Arrays are `[sample][row][channel]`; one row of probabilities or rates holds for ever, with more row k is
/// for the k-th step from now. Lists of spikes end with their steps.
#[derive(Clone, Debug)]
pub enum Feed<'a> {
    /// Nothing.
    Silent,
    /// What the network's description says (see [`limnos_spec::Source`]).
    Described,
    /// Probability of a spike in a step, 0 to 1.
    Probabilities(ArrayView3<'a, f32>),
    /// Rate in Hz; a channel spikes in a step with probability `1 - exp(-rate * dt)`.
    Rates(ArrayView3<'a, f32>),
    /// Given spikes: for each sample a list of (step from now, channel).
    Spikes {
        /// Steps that the lists cover.
        steps: u32,
        /// One list a sample.
        spikes: &'a [Vec<(u32, u32)>],
    },
}

/// A network running on a device, with the states of all its samples.
///
/// Arguments are checked before the device sees them; a call that fails leaves the simulation as it was.
#[derive(Debug)]
pub struct Simulation {
    backend: Box<dyn Backend>,
    model: Arc<Model>,
    options: RunOptions,
    step: u32,
    recorded: u32,
    feeds: Vec<Lifetime>,
    currents: Vec<Lifetime>,
}

/// When a feed started and how many steps it covers (`None`: without end).
#[derive(Clone, Copy, Debug, Default)]
struct Lifetime {
    start: u32,
    covers: Option<u32>,
}

impl Simulation {
    /// Compiles a network and lays it out on a device.
    ///
    /// # Errors
    /// [`EngineError::Spec`] where the description is wrong; limits, memory and device errors.
    pub fn new(device: &Device, network: &Network, options: RunOptions) -> Result<Self, EngineError> {
        Self::from_model(device, Arc::new(Model::new(network)?), options)
    }

    /// Lays a compiled network out on a device.
    ///
    /// # Errors
    /// As [`Simulation::new`].
    pub fn from_model(device: &Device, model: Arc<Model>, mut options: RunOptions) -> Result<Self, EngineError> {
        options.batch = options.batch.max(1);
        check_observe(&model, &options.observe)?;
        let backend = device.backend(Arc::clone(&model), &options)?;
        let (feeds, currents) =
            (vec![Lifetime::default(); model.inputs.len()], vec![Lifetime::default(); model.populations.len()]);
        Ok(Self { backend, model, options, step: 0, recorded: 0, feeds, currents })
    }

    /// The compiled network.
    #[must_use]
    pub const fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Samples side by side.
    #[must_use]
    pub const fn batch(&self) -> usize {
        self.options.batch
    }

    /// Steps since the last reset.
    #[must_use]
    pub const fn steps_done(&self) -> u32 {
        self.step
    }

    /// Feeds an input from the next step on.
    ///
    /// # Errors
    /// Shape, NaN or a value outside its range, with its place. Nothing is fed then.
    pub fn feed(&mut self, input: InputId, feed: Feed<'_>) -> Result<(), EngineError> {
        let index = input.index();
        let description = self
            .model
            .inputs
            .get(index)
            .ok_or_else(|| EngineError::invalid("input", format!("id {index}"), "an id of this network"))?;
        let (name, size) = (format!("feed of input '{}'", description.name), description.size);
        let feed = match feed {
            Feed::Silent => SourceFeed::Silent,
            Feed::Described => match &description.thresholds {
                None => SourceFeed::Silent,
                Some(t) => SourceFeed::Thresholds { rows: 1, values: t.repeat(self.batch()).into() },
            },
            Feed::Probabilities(p) => self
                .thresholds(&name, p, size, "0 to 1", |p| (0.0..=1.0).contains(&p).then(|| probability_threshold(p)))?,
            Feed::Rates(rates) => {
                let dt = self.model.dt;
                self.thresholds(&name, rates, size, "0 Hz or more", |rate| {
                    (rate >= 0.0 && rate.is_finite()).then(|| probability_threshold(event_probability(rate, dt)))
                })?
            }
            Feed::Spikes { steps, spikes } => self.spike_bits(&name, steps, spikes, size)?,
        };
        let covers = feed.covers();
        self.backend.feed_source(index, feed)?;
        self.feeds[index] = Lifetime { start: self.step, covers };
        Ok(())
    }

    /// Feeds currents (mV, current times resistance; integrated as `i_offset` is) to a population from the next step on,
    /// `[sample][row][neuron]`; `None` stops them.
    ///
    /// # Errors
    /// Shape, NaN, or a current that could overflow the population's format, with its place. Nothing is fed then.
    pub fn inject(
        &mut self,
        population: PopulationId,
        currents: Option<ArrayView3<'_, f32>>,
    ) -> Result<(), EngineError> {
        let p = self.model.populations.get(population.index()).ok_or_else(|| {
            EngineError::invalid("population", format!("id {}", population.index()), "an id of this network")
        })?;
        let feed = match currents {
            None => None,
            Some(values) => {
                let name = format!("currents into '{}'", p.name);
                let rows = self.check_shape(&name, values.shape(), p.size, "neurons")?;
                let (bits, headroom) = (p.fraction_bits, p.headroom);
                let allowed = format!("-{0:.1} to {0:.1} mV", from_fixed(headroom, bits));
                let convert = |x: f64| to_fixed(x, bits).filter(|v| v.abs() <= headroom);
                Some(CurrentFeed { rows, values: convert_all(&name, values, &allowed, convert)? })
            }
        };
        let covers = feed.as_ref().and_then(|f| (f.rows > 1).then_some(f.rows));
        self.backend.feed_current(population.index(), feed)?;
        self.currents[population.index()] = Lifetime { start: self.step, covers };
        Ok(())
    }

    /// Runs so many steps.
    ///
    /// # Errors
    /// [`EngineError::RecordingFull`] or [`EngineError::FeedTooShort`] before anything runs; device errors.
    pub fn run(&mut self, steps: u32) -> Result<(), EngineError> {
        let end = self.step.checked_add(steps).ok_or(EngineError::Limit {
            what: "steps since the last reset".into(),
            needed: u64::from(self.step) + u64::from(steps),
            allowed: u64::from(u32::MAX),
            advice: "; reset between runs",
        })?;
        self.check_recordings(steps)?;
        self.check_feeds(end)?;
        self.backend.run(steps)?;
        self.step = end;
        self.recorded += steps;
        Ok(())
    }

    /// Runs the number of steps nearest to `ms` milliseconds.
    ///
    /// # Errors
    /// A time that is negative or not finite; as [`Simulation::run`].
    pub fn run_for(&mut self, ms: f64) -> Result<(), EngineError> {
        if !(ms >= 0.0 && ms / self.model.dt <= f64::from(u32::MAX)) {
            return Err(EngineError::invalid("ms of run_for", ms, "0 to 2^32 steps"));
        }
        self.run(self.model.steps(ms))
    }

    /// Runs one step.
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn step(&mut self) -> Result<(), EngineError> {
        self.run(1)
    }

    /// Waits until the device has done all that was asked for. A GPU goes on after [`Simulation::run`] has returned, and reading waits by
    /// itself, so this is for those who measure time.
    ///
    /// # Errors
    /// Device errors.
    pub fn wait(&mut self) -> Result<(), EngineError> {
        self.backend.wait()
    }

    /// Back to the state before step 0; recordings cleared; feeds kept, per-step feeds from their first row.
    ///
    /// # Errors
    /// Device errors.
    pub fn reset(&mut self) -> Result<(), EngineError> {
        self.reset_to(self.options.first_sample)
    }

    /// The same, with the random streams of samples `first_sample` on.
    ///
    /// # Errors
    /// Device errors.
    pub fn reset_to(&mut self, first_sample: u32) -> Result<(), EngineError> {
        self.reset_keeping(first_sample, Keep::default())
    }

    /// The same, except for what is kept of what was learned.
    ///
    /// # Errors
    /// Device errors.
    pub fn reset_keeping(&mut self, first_sample: u32, keep: Keep) -> Result<(), EngineError> {
        self.backend.reset_keeping(first_sample, keep)?;
        self.options.first_sample = first_sample;
        (self.step, self.recorded) = (0, 0);
        self.feeds.iter_mut().chain(&mut self.currents).for_each(|l| l.start = 0);
        Ok(())
    }

    /// Empties counts, trace samples and recordings, to make room; states and traces go on.
    ///
    /// # Errors
    /// Device errors.
    pub fn clear_recordings(&mut self) -> Result<(), EngineError> {
        self.backend.clear_recordings()?;
        self.recorded = 0;
        Ok(())
    }

    /// Spike counts of a population since the last clearing, `[sample][window][neuron]`.
    ///
    /// # Errors
    /// [`EngineError::NotObserved`]; device errors.
    pub fn counts(&mut self, population: PopulationId) -> Result<Array3<u32>, EngineError> {
        self.known(population)?;
        let windows = self.options.observe.counts.ok_or(EngineError::NotObserved { what: "counts" })?.windows as usize;
        let all = self.backend.counts()?;
        Ok(self.columns(&all, windows, population, |x, _| x))
    }

    /// Sampled traces of a population, `[sample][k][neuron]`, k over the sampled steps that have been reached.
    ///
    /// # Errors
    /// [`EngineError::NotObserved`]; device errors.
    pub fn traces(&mut self, population: PopulationId) -> Result<Array3<f64>, EngineError> {
        self.known(population)?;
        let traces = self.options.observe.traces.as_ref().ok_or(EngineError::NotObserved { what: "traces" })?;
        let samples = traces.at_steps.partition_point(|&s| s < self.recorded);
        let bits = trace_bits(trace_decay(traces.tau, self.model.dt));
        let all = self.backend.traces()?;
        Ok(self.columns(&all, samples, population, |x, _| from_fixed(x, bits)))
    }

    /// Recorded membrane potentials, mV, `[sample][step][probe]`, probes in the order they were asked for.
    ///
    /// # Errors
    /// [`EngineError::NotObserved`]; device errors.
    pub fn potentials(&mut self) -> Result<Array3<f64>, EngineError> {
        let probes = self.options.observe.potentials.as_ref().ok_or(EngineError::NotObserved { what: "potentials" })?;
        let neurons = probes.neurons.clone();
        let all = self.backend.potentials()?;
        let (batch, model) = (self.batch(), &self.model);
        Ok(Array3::from_shape_fn((batch, self.recorded as usize, neurons.len()), |(s, t, k)| {
            let (population, neuron) = neurons[k];
            model.populations[population.index()].millivolts(all[(t * batch + s) * neurons.len() + k], neuron)
        }))
    }

    /// Spikes of each population in each recorded step, `[sample][step][population]`.
    ///
    /// # Errors
    /// [`EngineError::NotObserved`]; device errors.
    pub fn rates(&mut self) -> Result<Array3<u32>, EngineError> {
        self.options.observe.rates.ok_or(EngineError::NotObserved { what: "rates" })?;
        let all = self.backend.rates()?;
        let (batch, populations) = (self.batch(), self.model.populations.len());
        Ok(Array3::from_shape_fn((batch, self.recorded as usize, populations), |(s, t, p)| {
            all[(t * batch + s) * populations + p]
        }))
    }

    /// Recorded spikes of a population in one sample: (step since the last clearing, neuron), ascending.
    ///
    /// # Errors
    /// [`EngineError::NotObserved`]; a sample outside the batch; device errors.
    pub fn spikes(&mut self, population: PopulationId, sample: usize) -> Result<Vec<(u32, u32)>, EngineError> {
        self.known(population)?;
        if sample >= self.batch() {
            return Err(EngineError::invalid("sample", sample, format!("0 to {}", self.batch() - 1)));
        }
        let bits = self.spike_bits_recorded()?;
        let p = &self.model.populations[population.index()];
        let words = self.model.layout.cells / 32;
        let mut spikes = Vec::new();
        for (step, row) in bits.chunks_exact(words * self.batch()).enumerate() {
            let row = &row[sample * words + p.first / 32..][..p.size.div_ceil(32)];
            for (k, &word) in row.iter().enumerate() {
                spikes.extend((0..32).filter(|b| word >> b & 1 == 1).map(|b| (step as u32, 32 * k as u32 + b)));
            }
        }
        Ok(spikes)
    }

    /// Recorded spikes as bits, `[step][sample][word]`; see [`Backend::spikes`].
    ///
    /// # Errors
    /// [`EngineError::NotObserved`]; device errors.
    pub fn spike_bits_recorded(&mut self) -> Result<Vec<u32>, EngineError> {
        self.options.observe.spikes.ok_or(EngineError::NotObserved { what: "spikes" })?;
        self.backend.spikes()
    }

    /// The state of every sample.
    ///
    /// # Errors
    /// Device errors.
    pub fn state(&mut self) -> Result<Vec<SampleState>, EngineError> {
        self.backend.state()
    }

    /// Spikes of one population in the step just run, `[sample][neuron]`: the output of a streaming simulation.
    /// Needs `Observe::spikes`; clear the recordings now and then.
    ///
    /// # Errors
    /// [`EngineError::NotObserved`]; device errors.
    pub fn last_spikes(&mut self, population: PopulationId) -> Result<Array2<bool>, EngineError> {
        self.known(population)?;
        let bits = self.spike_bits_recorded()?;
        let p = &self.model.populations[population.index()];
        let words = self.model.layout.cells / 32;
        let start = bits.len().saturating_sub(words * self.batch());
        Ok(Array2::from_shape_fn((self.batch(), p.size), |(s, i)| {
            let cell = p.first + i;
            bits.get(start + s * words + cell / 32).is_some_and(|w| w >> (cell % 32) & 1 == 1)
        }))
    }

    fn columns<T: Copy, U>(
        &self,
        all: &[T],
        rows: usize,
        population: PopulationId,
        f: impl Fn(T, usize) -> U,
    ) -> Array3<U> {
        let p = &self.model.populations[population.index()];
        let cells = self.model.layout.cells;
        Array3::from_shape_fn((self.batch(), rows, p.size), |(s, r, i)| f(all[(s * rows + r) * cells + p.first + i], i))
    }

    /// Refuses an id that this network does not have.
    fn known(&self, population: PopulationId) -> Result<(), EngineError> {
        if population.index() < self.model.populations.len() {
            return Ok(());
        }
        Err(EngineError::invalid("population", format!("id {}", population.index()), "an id of this network"))
    }

    fn check_shape(&self, name: &str, shape: &[usize], width: usize, what: &str) -> Result<u32, EngineError> {
        if shape[0] != self.batch() || shape[1] == 0 || shape[1] > u32::MAX as usize || shape[2] != width {
            return Err(EngineError::Shape {
                argument: name.into(),
                needed: format!("[{} samples, 1 or more rows, {width} {what}]", self.batch()),
                found: shape.to_vec(),
            });
        }
        Ok(shape[1] as u32)
    }

    fn thresholds(
        &self,
        name: &str,
        values: ArrayView3<'_, f32>,
        size: usize,
        allowed: &str,
        convert: impl Fn(f64) -> Option<u32>,
    ) -> Result<SourceFeed, EngineError> {
        let rows = self.check_shape(name, values.shape(), size, "channels")?;
        Ok(SourceFeed::Thresholds { rows, values: convert_all(name, values, allowed, convert)? })
    }

    fn spike_bits(
        &self,
        name: &str,
        steps: u32,
        spikes: &[Vec<(u32, u32)>],
        size: usize,
    ) -> Result<SourceFeed, EngineError> {
        if spikes.len() != self.batch() || steps == 0 {
            return Err(EngineError::Shape {
                argument: name.into(),
                needed: format!("{} lists (one a sample) over 1 or more steps", self.batch()),
                found: vec![spikes.len(), steps as usize],
            });
        }
        let words = size.div_ceil(32);
        let mut bits = vec![0u32; self.batch() * steps as usize * words];
        for (sample, list) in spikes.iter().enumerate() {
            for &(step, channel) in list {
                if step >= steps || channel as usize >= size {
                    return Err(EngineError::invalid(
                        format!("{name}, sample {sample}"),
                        format!("(step {step}, channel {channel})"),
                        format!("steps below {steps} and channels below {size}"),
                    ));
                }
                let word = (sample * steps as usize + step as usize) * words + channel as usize / 32;
                bits[word] |= 1 << (channel % 32);
            }
        }
        Ok(SourceFeed::Spikes { rows: steps, bits: bits.into() })
    }

    fn check_recordings(&self, steps: u32) -> Result<(), EngineError> {
        let observe = &self.options.observe;
        let needed = u64::from(self.recorded) + u64::from(steps);
        let windows = observe.counts.and_then(|c| c.window_steps.map(|w| w.saturating_mul(c.windows)));
        let potentials = observe.potentials.as_ref().map(|p| p.steps);
        let capacities = [
            ("counts", windows),
            ("spikes", observe.spikes),
            ("potentials", potentials),
            ("rates", observe.rates),
            ("astrocytes", observe.astrocytes),
        ];
        match capacities.into_iter().find_map(|(name, room)| room.filter(|&r| u64::from(r) < needed).map(|r| (name, r)))
        {
            Some((recording, room)) => Err(EngineError::RecordingFull { recording, needed, allowed: u64::from(room) }),
            None => Ok(()),
        }
    }

    fn check_feeds(&self, end: u32) -> Result<(), EngineError> {
        let inputs = self.feeds.iter().zip(&self.model.inputs).map(|(l, i)| (l, "input", &i.name));
        let currents = self.currents.iter().zip(&self.model.populations).map(|(l, p)| (l, "population", &p.name));
        for (lifetime, kind, name) in inputs.chain(currents) {
            let needed = end - lifetime.start;
            if let Some(covers) = lifetime.covers.filter(|&c| c < needed) {
                return Err(EngineError::FeedTooShort {
                    feed: format!("{kind} '{name}'"),
                    needed: u64::from(needed),
                    allowed: u64::from(covers),
                });
            }
        }
        Ok(())
    }
}

/// Converts every value, or says which one is wrong.
fn convert_all<T>(
    name: &str,
    values: ArrayView3<'_, f32>,
    allowed: &str,
    convert: impl Fn(f64) -> Option<T>,
) -> Result<Arc<[T]>, EngineError> {
    values
        .indexed_iter()
        .map(|((s, r, c), &value)| {
            convert(f64::from(value))
                .ok_or_else(|| EngineError::invalid(format!("{name}, sample {s}, row {r}, column {c}"), value, allowed))
        })
        .collect()
}

fn check_observe(model: &Model, observe: &Observe) -> Result<(), EngineError> {
    if let Some(counts) = observe.counts
        && (counts.windows == 0
            || counts.window_steps == Some(0)
            || (counts.windows > 1 && counts.window_steps.is_none()))
    {
        return Err(EngineError::invalid(
            "Observe::counts",
            format!("{counts:?}"),
            "1 or more windows of 1 or more steps; several need window_steps",
        ));
    }
    if let Some(traces) = &observe.traces {
        if !(traces.tau > 0.0 && traces.tau.is_finite()) {
            return Err(EngineError::invalid("tau of Observe::traces", traces.tau, "more than 0 ms"));
        }
        if !traces.at_steps.windows(2).all(|w| w[0] < w[1]) {
            return Err(EngineError::invalid(
                "at_steps of Observe::traces",
                "not ascending",
                "steps in ascending order, none twice",
            ));
        }
    }
    let probes = observe.potentials.iter().flat_map(|p| &p.neurons);
    for &(population, neuron) in probes {
        let size = model.populations.get(population.index()).map_or(0, |p| p.size);
        if neuron >= size {
            return Err(EngineError::invalid(
                "neuron of Observe::potentials",
                format!("{neuron} of population {}", population.index()),
                format!("below its size, {size}"),
            ));
        }
    }
    Ok(())
}
