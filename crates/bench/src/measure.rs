//! Runs a workload on a device and times it: stepping alone, with reading and hashing of spikes outside the timed span.

use std::sync::Arc;
use std::time::Instant;

use limnos_engine::digest::{Digest, combined};
use limnos_engine::{Counts, Device, EngineError, Observe, RunOptions, Simulation};
use limnos_spec::{Model, Network, PopulationId};
use ndarray::Array2;

use crate::counts::CellCounts;
use crate::statistics::{WeightStatistics, plastic_weights};
use crate::workload::Workload;
use crate::{footprint, process};

/// Most bytes of recorded spikes that are held at a time.
const RECORDING_BYTES: usize = 32 << 20;
/// Seconds of stepping after which progress is told.
const TOLD_EVERY: f64 = 0.5;

/// How a workload is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Timed steps.
    pub steps: u32,
    /// Steps before them, not timed.
    pub warmup: u32,
    /// Samples side by side.
    pub batch: usize,
    /// Number of the first of them.
    pub first_sample: u32,
    /// Pieces that the timed steps are cut into.
    pub pieces: u32,
    /// Whether all spikes are recorded and hashed; else they are only counted.
    pub digest: bool,
}

impl Default for Run {
    fn default() -> Self {
        Self { steps: 1000, warmup: 10, batch: 1, first_sample: 0, pieces: 1, digest: true }
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// The network is being compiled and laid out.
    Building,
    /// So many of all steps are done.
    Running {
        /// Steps done, warm-up included.
        done: u32,
        /// Steps in all.
        of: u32,
    },
    /// All is done.
    Done,
}

/// What a run gave.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// Neurons of one sample.
    pub neurons: usize,
    /// Synapses, those of inputs included.
    pub synapses: usize,
    /// Time step, ms.
    pub dt_ms: f64,
    /// Seconds from the description to the first step.
    pub build_s: f64,
    /// Seconds of the timed steps.
    pub wall_s: f64,
    /// CPU seconds of all threads over them, where the system says so.
    pub cpu_s: Option<f64>,
    /// Spikes in the timed steps, all samples together.
    pub spikes: u64,
    /// Deliveries in the timed steps: each spike's synapses between neurons, and what the workload expects of inputs.
    pub events: f64,
    /// Digest of each sample: all spikes from step 0 and the state at the end.
    pub digests: Vec<u64>,
    /// Spike counts of the timed steps, `[sample][neuron]`, populations one after another.
    pub counts: Array2<u32>,
    /// Plastic weights of all samples at the end; `None` for a static network.
    pub weights: Option<WeightStatistics>,
    /// Bytes of the device's synapse tables over synapses.
    pub bytes_per_synapse: f64,
    /// Peak memory at the end of the timed steps, MB.
    pub peak_rss_mb: Option<f64>,
}

impl Outcome {
    /// The digest of the run; `None` where it was not asked for.
    #[must_use]
    pub fn digest(&self) -> Option<u64> {
        (!self.digests.is_empty()).then(|| combined(&self.digests))
    }
}

/// Runs a workload on a device.
///
/// # Errors
/// What the network's description, the device or the run say.
pub fn run(
    device: &Device,
    workload: &dyn Workload,
    run: &Run,
    tell: &mut dyn FnMut(Stage),
) -> Result<Outcome, EngineError> {
    tell(Stage::Building);
    let options = RunOptions { batch: run.batch, ..RunOptions::default() };
    let synapse_bytes = footprint::synapse_bytes(&device.plan(&workload.network(), &options)?);
    let start = Instant::now();
    let mut stepper = Stepper::new(device, workload, run)?;
    let build_s = start.elapsed().as_secs_f64();
    stepper.advance(run.warmup, tell)?;
    stepper.forget_warm_up()?;
    for steps in pieces(run.steps, run.pieces) {
        stepper.advance(steps, tell)?;
    }
    let peak_rss_mb = process::peak_rss_mb();
    tell(Stage::Done);
    stepper.outcome(build_s, synapse_bytes, peak_rss_mb)
}

/// `steps` cut into pieces that differ by one step at most.
fn pieces(steps: u32, pieces: u32) -> impl Iterator<Item = u32> {
    let pieces = u64::from(pieces.clamp(1, steps.max(1)));
    let cut = move |k: u64| (k * u64::from(steps) / pieces) as u32;
    (0..pieces).map(move |k| cut(k + 1) - cut(k))
}

/// A simulation with what is gathered from it between its runs.
struct Stepper<'a> {
    workload: &'a dyn Workload,
    simulation: Simulation,
    populations: Vec<PopulationId>,
    run: Run,
    digest: Option<Digest>,
    counts: CellCounts,
    clock: Clock,
    pace: Pace,
}

/// Time of stepping so far.
#[derive(Default)]
struct Clock {
    wall: f64,
    cpu: Option<f64>,
}

/// Steps between two tellings, from the speed so far.
struct Pace {
    done: u32,
    of: u32,
    seconds: f64,
    /// Steps that the recording has room for.
    room: u32,
}

impl<'a> Stepper<'a> {
    fn new(device: &Device, workload: &'a dyn Workload, run: &Run) -> Result<Self, EngineError> {
        let network = workload.network();
        let model = Arc::new(Model::new(&network)?);
        let batch = run.batch.max(1);
        let pace = Pace::new(run, &model);
        let observe = Observe {
            spikes: run.digest.then_some(pace.room),
            counts: (!run.digest).then_some(Counts { windows: 1, window_steps: None }),
            ..Observe::default()
        };
        let counts = CellCounts::new(&model, batch);
        let options = RunOptions { batch, first_sample: run.first_sample, observe };
        let mut simulation = Simulation::from_model(device, model, options)?;
        workload.feed(&network, &mut simulation, run.first_sample)?;
        simulation.wait()?;
        let digest = run.digest.then(|| Digest::new(batch));
        let populations = populations(&network);
        Ok(Self { workload, simulation, populations, run: *run, digest, counts, clock: Clock::new(), pace })
    }

    /// Ends the warm-up: counts and clock start anew; samples that start from rest start again.
    fn forget_warm_up(&mut self) -> Result<(), EngineError> {
        self.counts.clear();
        self.clock = Clock::new();
        if self.workload.samples_from_rest() {
            self.digest = self.run.digest.then(|| Digest::new(self.simulation.batch()));
            self.simulation.reset()?;
            self.simulation.wait()?;
        }
        Ok(())
    }

    fn advance(&mut self, steps: u32, tell: &mut dyn FnMut(Stage)) -> Result<(), EngineError> {
        let mut left = steps;
        while left > 0 {
            let steps = left.min(self.pace.next());
            let seconds = self.clock.time(|| self.simulation.run(steps).and_then(|()| self.simulation.wait()))?;
            self.pace.took(steps, seconds);
            self.gather()?;
            left -= steps;
            tell(Stage::Running { done: self.pace.done, of: self.pace.of });
        }
        Ok(())
    }

    /// Reads what was recorded, hashes and counts it, and makes room.
    fn gather(&mut self) -> Result<(), EngineError> {
        if let Some(digest) = &mut self.digest {
            let bits = self.simulation.spike_bits_recorded()?;
            digest.push(self.simulation.model(), &bits);
            self.counts.add_bits(&bits);
        } else {
            self.counts.add_counted(&mut self.simulation, &self.populations)?;
        }
        self.simulation.clear_recordings()?;
        self.simulation.wait()
    }

    fn outcome(mut self, build_s: f64, synapse_bytes: u64, peak_rss_mb: Option<f64>) -> Result<Outcome, EngineError> {
        let states = if self.digest.is_some() { self.simulation.state()? } else { Vec::new() };
        let weights = plastic_weights(&mut self.simulation)?;
        let model = self.simulation.model();
        let inputs = self.workload.input_events(self.run.first_sample, self.simulation.batch(), self.run.steps);
        Ok(Outcome {
            neurons: model.neurons(),
            synapses: model.synapses(),
            dt_ms: model.dt,
            build_s,
            wall_s: self.clock.wall,
            cpu_s: self.clock.cpu,
            spikes: self.counts.spikes(),
            events: self.counts.deliveries(model) as f64 + inputs,
            digests: self.digest.map_or_else(Vec::new, |digest| digest.finish(model, &states)),
            counts: self.counts.neurons(model),
            weights: WeightStatistics::new(weights),
            bytes_per_synapse: synapse_bytes as f64 / model.synapses().max(1) as f64,
            peak_rss_mb,
        })
    }
}

impl Clock {
    fn new() -> Self {
        Self { wall: 0.0, cpu: Some(0.0) }
    }

    /// Times one run; its wall seconds.
    fn time(&mut self, run: impl FnOnce() -> Result<(), EngineError>) -> Result<f64, EngineError> {
        let (cpu, start) = (process::cpu_seconds(), Instant::now());
        run()?;
        let wall = start.elapsed().as_secs_f64();
        let cpu = process::cpu_seconds().zip(cpu).map(|(to, from)| to - from);
        self.wall += wall;
        self.cpu = self.cpu.zip(cpu).map(|(sum, more)| sum + more);
        Ok(wall)
    }
}

impl Pace {
    fn new(run: &Run, model: &Model) -> Self {
        let of = run.steps.saturating_add(run.warmup);
        let step_bytes = model.layout.cells / 8 * run.batch.max(1);
        let room =
            if run.digest { (RECORDING_BYTES / step_bytes.max(1)).min(of as usize).max(1) as u32 } else { u32::MAX };
        Self { done: 0, of, seconds: 0.0, room }
    }

    /// Steps of the next run: about [`TOLD_EVERY`] long, within the room of the recording.
    fn next(&self) -> u32 {
        if self.done == 0 {
            return self.room;
        }
        let wanted = TOLD_EVERY * f64::from(self.done) / self.seconds.max(1e-9);
        (wanted as u32).clamp(1, self.room)
    }

    fn took(&mut self, steps: u32, seconds: f64) {
        self.done += steps;
        self.seconds += seconds;
    }
}

fn populations(network: &Network) -> Vec<PopulationId> {
    network.populations().iter().filter_map(|p| network.population(&p.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up() {
        for (steps, count) in [(1000, 1), (1000, 7), (5, 9), (1, 1), (0, 3)] {
            let cut: Vec<u32> = pieces(steps, count).collect();
            assert_eq!(cut.iter().sum::<u32>(), steps);
            assert!(cut.iter().max().unwrap() - cut.iter().min().unwrap() <= 1, "{cut:?}");
        }
        assert_eq!(pieces(10, 3).collect::<Vec<_>>(), [3, 3, 4]);
    }
}
