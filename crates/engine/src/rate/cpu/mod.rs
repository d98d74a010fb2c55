//! Rate reservoirs on the CPU device: rows in slices of 16 units that are stepped side by side. One large sample is shared by all threads; samples of a batch
//! go to threads whole, those of one model 16 side by side. The bits are the same.

mod arrays;
mod float;
mod kernel;
mod lanes;
mod net;
mod noise;
mod readout;
mod run;
mod side;
mod whole;

use std::sync::{Arc, Mutex, PoisonError};

use limnos_spec::rate::RateModel;
use rayon::prelude::*;

pub(crate) use float::Float;
pub(crate) use kernel::{Constants, LANES, Middle, Narrow, Slices, Wide, activate, row_sums};
pub(crate) use lanes::{LaneRows, lane_rows};
pub(crate) use noise::{BLOCK as NOISE_BLOCK, NoiseDraw, noise_block};

use arrays::{Closed, ClosedArrays, Open, OpenArrays, Span, put};
use lanes::LaneNet;
use net::Net;
use readout::Reader;

use super::backend::{Generate, RateBackend, Run, not_finite};
use super::real::{Numbers, NumbersMut};
use super::{LinearReadout, Precision, RateOptions, Real};
use crate::cpu::simd::RateKernels;
use crate::device::CpuDevice;
use crate::{CpuThreads, EngineError};

/// Lays models out on the CPU.
pub(super) fn backend(
    device: &CpuDevice,
    models: &[Arc<RateModel>],
    options: RateOptions,
) -> Result<Box<dyn RateBackend>, EngineError> {
    let threads = Arc::clone(device.threads());
    Ok(match options.precision {
        Precision::F32 => Box::new(RateCpu::<f32>::new(models, options, threads)),
        Precision::F64 => Box::new(RateCpu::<f64>::new(models, options, threads)),
    })
}

/// Fewest entries of weights for each thread that shares a sample. Two threads on free cores gain from a quarter of that on, but the one that waits depends on the
/// other being scheduled: on a machine with other work a step of 5000 units then took up to ten times as long as with one thread.
const SHARED_ENTRIES: usize = 1 << 17;

/// Fewest samples of a model that are worth stepping side by side.
const SIDE_BY_SIDE: usize = 3;

/// Rate reservoirs on the CPU in precision `T`.
#[derive(Debug)]
struct RateCpu<T> {
    nets: Nets<T>,
    units: usize,
    inputs: usize,
    readouts: Arc<[LinearReadout]>,
    options: RateOptions,
    threads: Arc<CpuThreads>,
    /// Threads that share a sample.
    members: usize,
    /// Gather vectors that nobody uses; a run of a single step should not wait for fresh memory.
    rooms: Mutex<Vec<Vec<T>>>,
    /// `[sample][unit]`.
    state: Vec<T>,
}

/// Models laid out for samples on their own, or side by side.
#[derive(Debug)]
enum Nets<T> {
    Whole(Vec<Net<T>>),
    Lanes(Vec<LaneNet<T>>),
}

impl<T: Float + RateKernels> Nets<T> {
    fn new(models: &[Arc<RateModel>], samples: usize, members: usize, threads: &CpuThreads) -> Self {
        let models = models.par_iter();
        threads.install(|| match samples < SIDE_BY_SIDE {
            true => Self::Whole(models.map(|model| Net::new(model, members)).collect()),
            false => Self::Lanes(models.map(|model| LaneNet::new(model)).collect()),
        })
    }
}

impl<T: Float + RateKernels> RateCpu<T> {
    fn new(models: &[Arc<RateModel>], options: RateOptions, threads: Arc<CpuThreads>) -> Self {
        let processors = std::thread::available_parallelism().map_or(usize::MAX, usize::from);
        let entries = models.iter().map(|m| m.entries()).max().unwrap_or(0);
        let members = threads.count().min(processors).min(entries / SHARED_ENTRIES).max(1);
        let samples = models.len() * options.samples;
        Self::shared(models, options, threads, if samples < members { members } else { 1 })
    }

    /// Laid out for samples that so many threads share.
    fn shared(models: &[Arc<RateModel>], options: RateOptions, threads: Arc<CpuThreads>, members: usize) -> Self {
        let samples = models.len() * options.samples;
        let (units, inputs) = (models[0].units(), models[0].inputs());
        Self {
            nets: Nets::new(models, options.samples, members, &threads),
            units,
            inputs,
            readouts: [].into(),
            options,
            threads,
            members,
            rooms: Mutex::default(),
            state: vec![T::default(); samples * units],
        }
    }

    fn model(&self, sample: usize) -> usize {
        sample / self.options.samples
    }

    /// The number of a sample in streams of noise.
    fn number(&self, sample: usize) -> u32 {
        self.options.first_sample.wrapping_add((sample % self.options.samples) as u32)
    }

    /// Outputs of the readouts; 0 without them.
    fn outputs(&self) -> usize {
        self.readouts.first().map_or(0, |readout| readout.outputs)
    }

    fn reader(&self, sample: usize) -> Reader<'_> {
        Reader::new(&self.readouts[self.model(sample).min(self.readouts.len() - 1)])
    }

    /// A gather vector.
    fn room(&self, length: usize) -> Vec<T> {
        let kept = self.rooms.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.filter(|room| room.len() == length).unwrap_or_else(|| vec![T::default(); length])
    }

    fn give_back(&self, room: Vec<T>) {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).push(room);
    }

    fn open<S: Real>(&self, state: &mut [T], span: Span<'_>, arrays: OpenArrays<'_, S>) {
        let samples = Open::all(span, (self.units, self.outputs()), state, arrays);
        match &self.nets {
            Nets::Whole(nets) => {
                self.each(samples, |sample| self.open_whole(&nets[self.model(sample.index)], span, sample));
            }
            Nets::Lanes(nets) => {
                let blocks = self.blocks(samples, |sample| sample.index, |sample| sample.steps);
                self.spread(blocks, |(model, block)| self.open_lanes(&nets[model], span, block));
            }
        }
    }

    fn closed<S: Real>(&self, state: &mut [T], span: Span<'_>, arrays: ClosedArrays<'_, S>) {
        let samples = Closed::all(self.units, self.inputs, state, arrays);
        match &self.nets {
            Nets::Whole(nets) => {
                self.each(samples, |sample| self.closed_whole(&nets[self.model(sample.index)], span, sample));
            }
            Nets::Lanes(nets) => {
                let blocks = self.blocks(samples, |sample| sample.index, |_| span.steps);
                self.spread(blocks, |(model, block)| self.closed_lanes(&nets[model], span, block));
            }
        }
    }

    /// Samples of each model in blocks of at most 16 of similar length, about as many in each, no fewer blocks than threads.
    fn blocks<W>(
        &self,
        samples: Vec<W>,
        index: impl Fn(&W) -> usize,
        steps: impl Fn(&W) -> usize,
    ) -> Vec<(usize, Vec<W>)> {
        let each = self.options.samples;
        let count = each.div_ceil(LANES).max(self.threads.count().div_ceil(samples.len() / each).min(each));
        let mut blocks: Vec<(usize, Vec<W>)> = Vec::new();
        let mut models: Vec<Vec<W>> = (0..samples.len() / each).map(|_| Vec::new()).collect();
        samples.into_iter().for_each(|sample| models[self.model(index(&sample))].push(sample));
        for (model, mut samples) in models.into_iter().enumerate() {
            samples.sort_by_key(|sample| std::cmp::Reverse(steps(sample)));
            for k in (0..count).rev() {
                let rest = samples.split_off(each * k / count);
                blocks.push((model, rest));
            }
        }
        blocks
    }

    /// Samples to threads whole, or one after another to a team.
    fn each<W: Send>(&self, work: Vec<W>, each: impl Fn(W) + Send + Sync) {
        match self.members {
            1 => self.spread(work, each),
            _ => work.into_iter().for_each(each),
        }
    }

    fn spread<W: Send>(&self, mut work: Vec<W>, each: impl Fn(W) + Send + Sync) {
        match (work.len(), work.pop()) {
            (1, Some(only)) => each(only),
            (_, last) => {
                work.extend(last);
                self.threads.install(|| work.into_par_iter().with_max_len(1).for_each(each));
            }
        }
    }

    fn check_finite(&self, end: u32) -> Result<(), EngineError> {
        let Some(place) = T::numbers(&self.state).not_finite() else { return Ok(()) };
        Err(not_finite(place % self.units, place / self.units, end, self.state[place].to_f64()))
    }
}

impl<T: Float + RateKernels> RateBackend for RateCpu<T> {
    fn run(&mut self, run: Run<'_>) -> Result<(), EngineError> {
        let Run { steps, first_step, lengths, inputs, feedback, states, outputs } = run;
        let span = Span { steps, first_step, lengths };
        let mut state = std::mem::take(&mut self.state);
        match (inputs, feedback) {
            (Numbers::F32(inputs), Numbers::F32(feedback)) => {
                let (states, outputs) = (states.and_then(NumbersMut::single), outputs.and_then(NumbersMut::single));
                self.open(&mut state, span, OpenArrays { inputs, feedback, states, outputs });
            }
            (Numbers::F64(inputs), Numbers::F64(feedback)) => {
                let (states, outputs) = (states.and_then(NumbersMut::double), outputs.and_then(NumbersMut::double));
                self.open(&mut state, span, OpenArrays { inputs, feedback, states, outputs });
            }
            _ => unreachable!("all arrays of a run should have one type"),
        }
        self.state = state;
        self.check_finite(first_step + steps as u32)
    }

    fn generate(&mut self, generate: Generate<'_>) -> Result<(), EngineError> {
        let Generate { steps, first_step, last_inputs: last, given, outputs } = generate;
        let span = Span { steps, first_step, lengths: None };
        let mut state = std::mem::take(&mut self.state);
        match (given, outputs) {
            (Numbers::F32(given), NumbersMut::F32(outputs)) => {
                self.closed(&mut state, span, ClosedArrays { last, given, outputs });
            }
            (Numbers::F64(given), NumbersMut::F64(outputs)) => {
                self.closed(&mut state, span, ClosedArrays { last, given, outputs });
            }
            _ => unreachable!("all arrays of a closed loop should have one type"),
        }
        self.state = state;
        self.check_finite(first_step + steps as u32)
    }

    fn set_readouts(&mut self, readouts: Arc<[LinearReadout]>) -> Result<(), EngineError> {
        self.readouts = readouts;
        Ok(())
    }

    fn replace_models(&mut self, models: &[Arc<RateModel>]) -> Result<(), EngineError> {
        self.nets = Nets::new(models, self.options.samples, self.members, &self.threads);
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<f64>, EngineError> {
        Ok(self.state.iter().map(|x| x.to_f64()).collect())
    }

    fn set_state(&mut self, state: &[f64]) -> Result<(), EngineError> {
        put(state, &mut self.state);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use limnos_spec::rate::{Activation, RateLayer, SparseMatrix};
    use limnos_spec::rng;

    use super::*;

    fn value(a: usize, b: usize) -> f64 {
        2.0 * rng::unit(rng::word(a as u32, b as u32, 0, 0, [8, 9])) - 1.0
    }

    /// Two noisy layers, rows of very different length, the first input heard by all.
    fn model(units: [usize; 2]) -> Arc<RateModel> {
        let layer = |k: usize, units: usize, columns: usize| {
            let entry = |i: usize, e: usize| {
                (i, 1 + ((value(3 * k + 7, 64 * i + e) + 1.0) / 2.0 * (columns - 1) as f64) as usize)
            };
            let row = |i: usize| (0..i * 7 % 23).map(move |e| entry(i, e)).chain([(i, 0)]);
            let triplets: Vec<_> = (0..units).flat_map(row).map(|(i, j)| (i, j, 0.3 * value(i, j))).collect();
            let weights = SparseMatrix::from_triplets(units, columns, &triplets).unwrap();
            let activation = [Activation::Tanh, Activation::Sigmoid][k];
            RateLayer { noise: 0.01, leak: vec![0.4], activation, ..RateLayer::new(weights) }
        };
        let layers = vec![layer(0, units[0], 2 + units[0]), layer(1, units[1], 2 + units[0] + units[1])];
        Arc::new(RateModel::new(2, 0, layers, 5).unwrap())
    }

    /// States of a run and outputs of a closed loop after it.
    fn outcome(model: &Arc<RateModel>, samples: usize, members: usize) -> (Vec<f32>, Vec<f32>) {
        let threads = Arc::new(CpuThreads::new(members).unwrap());
        let options = RateOptions { samples, ..RateOptions::default() };
        let mut cpu = RateCpu::<f32>::shared(std::slice::from_ref(model), options, threads, members);
        let units = model.units();
        let weights = (0..2 * units).map(|i| value(1, i) / 10.0).collect();
        let states = crate::rate::StateFeatures::Raw;
        let readout = LinearReadout { outputs: 2, weights, bias: vec![0.1, 0.2], inputs: false, states };
        cpu.set_readouts([readout].into()).unwrap();
        let inputs: Vec<f32> = (0..samples * 24).map(|t| value(2, t % 24) as f32).collect();
        let mut states = vec![0.0; samples * 12 * units];
        let run = Run {
            steps: 12,
            first_step: 0,
            lengths: None,
            inputs: Numbers::F32(&inputs),
            feedback: Numbers::F32(&[]),
            states: Some(NumbersMut::F32(&mut states)),
            outputs: None,
        };
        cpu.run(run).unwrap();
        let (mut last, mut outputs) = (vec![0.0; 2 * samples], vec![0.0; samples * 14]);
        let generate = Generate {
            steps: 7,
            first_step: 12,
            last_inputs: &mut last,
            given: Numbers::F32(&[]),
            outputs: NumbersMut::F32(&mut outputs),
        };
        cpu.generate(generate).unwrap();
        (states, outputs)
    }

    #[test]
    fn any_number_of_members_gives_the_same_bits() {
        for units in [[5, 3], [100, 70], [333, 64]] {
            let model = model(units);
            let alone = outcome(&model, 1, 1);
            assert!(alone.0.iter().any(|x| x.abs() > 0.1));
            for members in [2, 3, 5] {
                assert_eq!(outcome(&model, 1, members), alone, "{units:?} {members}");
            }
        }
    }

    #[test]
    fn samples_side_by_side_are_as_alone() {
        let model = model([40, 33]);
        let (states, outputs) = outcome(&model, 1, 1);
        for samples in [SIDE_BY_SIDE, 17, 33] {
            let (all, out) = outcome(&model, samples, 1);
            // Sample 0 alone; the others have other noise.
            assert_eq!((&all[..states.len()], &out[..14]), (&states[..], &outputs[..]), "{samples} samples");
            assert_ne!(all[states.len()..2 * states.len()], states[..]);
        }
    }
}
