//! Rate reservoirs on the CPU device: rows in slices of 16 units that vector code steps side by side. One sample is shared by all threads, or
//! samples are spread over them; the bits are the same.

mod float;
mod kernel;
mod net;
mod readout;
mod run;

use std::sync::{Arc, Mutex, PoisonError};

use limnos_spec::rate::RateModel;
use rayon::prelude::*;

pub(crate) use float::Float;
pub(crate) use kernel::{Rows, rows};

use net::Net;
use readout::Reader;
use run::{Member, Team};

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

/// Fewest entries of weights for each thread that shares a sample: with fewer, meeting in every step costs more than it saves.
const SHARED_ENTRIES: usize = 16_384;

/// Rate reservoirs on the CPU in precision `T`.
#[derive(Debug)]
struct RateCpu<T> {
    nets: Vec<Net<T>>,
    readouts: Arc<[LinearReadout]>,
    options: RateOptions,
    threads: Arc<CpuThreads>,
    /// Threads that share a sample.
    members: usize,
    /// `[sample][unit]`.
    state: Vec<T>,
}

/// How long a run is, and where its noise starts.
#[derive(Clone, Copy, Debug)]
struct Span<'a> {
    steps: usize,
    first_step: u32,
    lengths: Option<&'a [usize]>,
}

/// One sample's arrays, cut out of a batch's.
#[derive(Debug)]
struct Sample<'a, T, S> {
    index: usize,
    state: &'a mut [T],
    steps: usize,
    inputs: &'a [S],
    feedback: &'a [S],
    states: Option<&'a mut [S]>,
    outputs: Option<&'a mut [S]>,
}

impl<T: Float + RateKernels> RateCpu<T> {
    fn new(models: &[Arc<RateModel>], options: RateOptions, threads: Arc<CpuThreads>) -> Self {
        let processors = std::thread::available_parallelism().map_or(usize::MAX, usize::from);
        let entries = models.iter().map(|m| m.entries()).max().unwrap_or(0);
        let members = threads.count().min(processors).min(entries / SHARED_ENTRIES).max(1);
        let samples = models.len() * options.samples;
        let members = if samples < members { members } else { 1 };
        let nets = lay_out(models, members, &threads);
        let state = vec![T::default(); samples * models[0].units()];
        Self { nets, readouts: [].into(), options, threads, members, state }
    }

    fn net(&self, sample: usize) -> &Net<T> {
        &self.nets[sample / self.options.samples]
    }

    fn reader(&self, sample: usize) -> Reader<'_> {
        Reader::new(&self.readouts[(sample / self.options.samples).min(self.readouts.len() - 1)])
    }

    fn number(&self, sample: usize) -> u32 {
        self.options.first_sample.wrapping_add((sample % self.options.samples) as u32)
    }

    fn run_typed<S: Real>(
        &mut self,
        run: Span<'_>,
        (inputs, feedback): (&[S], &[S]),
        states: Option<&mut [S]>,
        outputs: Option<&mut [S]>,
    ) {
        let (units, samples) = (self.nets[0].units, self.nets.len() * self.options.samples);
        let mut state = std::mem::take(&mut self.state);
        let steps = run.steps;
        let width = self.readouts.first().map_or(0, |r| r.outputs);
        let mut states = pieces(states, steps * units, samples);
        let mut outputs = pieces(outputs, steps * width, samples);
        let work: Vec<_> = state
            .chunks_exact_mut(units)
            .enumerate()
            .map(|(index, state)| Sample {
                index,
                state,
                steps: run.lengths.map_or(steps, |lengths| lengths[index]),
                inputs: piece(inputs, index, samples),
                feedback: piece(feedback, index, samples),
                states: states[index].take(),
                outputs: outputs[index].take(),
            })
            .collect();
        let this = &*self;
        let each = |sample: Sample<'_, T, S>| this.run_sample(run.first_step, sample);
        match this.members {
            1 => this.spread(work, each),
            _ => work.into_iter().for_each(each),
        }
        self.state = state;
    }

    // Samples to threads whole.
    fn spread<W: Send>(&self, mut work: Vec<W>, each: impl Fn(W) + Send + Sync) {
        if work.len() == 1 {
            each(work.remove(0));
        } else {
            self.threads.install(|| work.into_par_iter().for_each(each));
        }
    }

    fn run_sample<S: Real>(&self, first_step: u32, sample: Sample<'_, T, S>) {
        let net = self.net(sample.index);
        let (units, width) = (net.units, self.readouts.first().map_or(0, |r| r.outputs));
        let (inputs, feedback, steps) = (sample.inputs, sample.feedback, sample.steps);
        let states = deal(sample.states, units, self.members);
        let outputs = deal(sample.outputs, width, self.members);
        let work = states.into_iter().zip(outputs).map(Mutex::new).collect::<Vec<_>>();
        self.team(sample.index, sample.state, |me, member| {
            let mut work = work[me].lock().unwrap_or_else(PoisonError::into_inner);
            let (states, outputs) = &mut *work;
            let mut reader = (outputs.len() > 0).then(|| self.reader(sample.index));
            for k in 0..steps {
                put(&inputs[k * net.inputs..][..net.inputs], &mut member.gathered[..net.inputs]);
                put(&feedback[k * net.feedback..][..net.feedback], &mut member.gathered[net.inputs..][..net.feedback]);
                member.step(first_step + k as u32);
                // Whole rows, in turn.
                if k % self.members == me {
                    if let Some(row) = states.next() {
                        net.unload(&member.gathered, row, |x| S::from_f64(x.to_f64()));
                    }
                    if let (Some(row), Some(reader)) = (outputs.next(), &mut reader) {
                        let y = reader.read(net, &member.gathered);
                        row.iter_mut().zip(y).for_each(|(out, y)| *out = S::from_f64(*y));
                    }
                }
            }
        });
    }

    /// Lets a team go through a sample and keeps the state of its first member.
    fn team(&self, index: usize, state: &mut [T], work: impl Fn(usize, &mut Member<'_, T>) + Sync) {
        let (net, number) = (self.net(index), self.number(index));
        let team = Team::new(self.members);
        let before = &*state;
        let result = Mutex::new(Vec::new());
        let go = |me: usize| {
            let mut member = Member::new(net, &team, me, number, before);
            work(me, &mut member);
            if me == 0 {
                *result.lock().unwrap_or_else(PoisonError::into_inner) = member.gathered;
            }
        };
        if self.members == 1 {
            go(0)
        } else {
            self.threads.team(self.members, go)
        }
        let gathered = result.into_inner().unwrap_or_else(PoisonError::into_inner);
        net.unload(&gathered, state, |x| x);
    }

    fn generate_typed<S: Real>(&mut self, run: Closed, last: &mut [f64], given: &[S], outputs: &mut [S]) {
        let (units, inputs, samples) =
            (self.nets[0].units, self.nets[0].inputs, self.nets.len() * self.options.samples);
        let mut state = std::mem::take(&mut self.state);
        let mut lasts = pieces(Some(last), inputs, samples);
        let mut rows = pieces(Some(outputs), run.steps * self.readouts[0].outputs, samples);
        let work: Vec<_> = state
            .chunks_exact_mut(units)
            .enumerate()
            .map(|(index, state)| ClosedSample {
                index,
                state,
                last: lasts[index].take().unwrap_or_default(),
                given: piece(given, index, samples),
                outputs: rows[index].take().unwrap_or_default(),
            })
            .collect();
        let this = &*self;
        let each = |sample: ClosedSample<'_, T, S>| this.generate_sample(run, sample);
        match this.members {
            1 => this.spread(work, each),
            _ => work.into_iter().for_each(each),
        }
        self.state = state;
    }

    // Every member evaluates the readout, rather than wait for one that does.
    fn generate_sample<S: Real>(&self, run: Closed, sample: ClosedSample<'_, T, S>) {
        let net = self.net(sample.index);
        let before = sample.last.to_vec();
        let kept = Mutex::new((sample.last, sample.outputs));
        self.team(sample.index, sample.state, |me, member| {
            let mut kept = (me == 0).then(|| kept.lock().unwrap_or_else(PoisonError::into_inner));
            let mut reader = self.reader(sample.index);
            let (inputs, width) = (net.inputs, reader.outputs());
            let fed = if net.feedback == 0 { 0..width } else { inputs..inputs + width };
            let free = if net.feedback == 0 { width..inputs } else { 0..inputs };
            put(&before, &mut member.gathered[..inputs]);
            let mut y = reader.read(net, &member.gathered).to_vec();
            for k in 0..run.steps {
                let row = k * width..(k + 1) * width;
                if let Some((_, outputs)) = kept.as_deref_mut().filter(|_| net.feedback == 0) {
                    put_as(&y, &mut outputs[row.clone()]);
                }
                put_as(&y, &mut member.gathered[fed.clone()]);
                put(&sample.given[k * free.len()..][..free.len()], &mut member.gathered[free.clone()]);
                member.step(run.first_step + k as u32);
                y.copy_from_slice(reader.read(net, &member.gathered));
                if let Some((_, outputs)) = kept.as_deref_mut().filter(|_| net.feedback > 0) {
                    put_as(&y, &mut outputs[row]);
                }
            }
            if let Some((last, _)) = kept.as_deref_mut() {
                last.iter_mut().zip(&member.gathered).for_each(|(x, v)| *x = v.to_f64());
            }
        });
    }

    fn check_finite(&self, end: u32) -> Result<(), EngineError> {
        let Some(place) = T::numbers(&self.state).not_finite() else { return Ok(()) };
        let (sample, unit) = (place / self.nets[0].units, place % self.nets[0].units);
        Err(not_finite(unit, sample, end, self.state[place].to_f64()))
    }
}

/// A closed loop: how long, and where its noise starts.
#[derive(Clone, Copy, Debug)]
struct Closed {
    steps: usize,
    first_step: u32,
}

/// One sample's arrays of a closed loop.
#[derive(Debug)]
struct ClosedSample<'a, T, S> {
    index: usize,
    state: &'a mut [T],
    last: &'a mut [f64],
    given: &'a [S],
    outputs: &'a mut [S],
}

fn lay_out<T: Float + RateKernels>(models: &[Arc<RateModel>], members: usize, threads: &CpuThreads) -> Vec<Net<T>> {
    threads.install(|| models.par_iter().map(|model| Net::new(model, members)).collect())
}

fn put<S: Real, T: Real>(from: &[S], to: &mut [T]) {
    to.iter_mut().zip(from).for_each(|(x, v)| *x = T::from_f64(v.to_f64()));
}

fn put_as<T: Real>(from: &[f64], to: &mut [T]) {
    to.iter_mut().zip(from).for_each(|(x, v)| *x = T::from_f64(*v));
}

/// The share of sample `index` of an array.
fn piece<S>(all: &[S], index: usize, samples: usize) -> &[S] {
    let length = all.len() / samples;
    &all[index * length..][..length]
}

/// The shares of all samples.
fn pieces<S>(all: Option<&mut [S]>, length: usize, samples: usize) -> Vec<Option<&mut [S]>> {
    let Some(mut rest) = all else { return (0..samples).map(|_| None).collect() };
    let mut cut =
        || Some(rest.split_off_mut(..length).expect("the array should have been checked to hold all samples"));
    (0..samples).map(|_| cut()).collect()
}

/// Rows dealt to members in turn.
fn deal<S>(all: Option<&mut [S]>, width: usize, members: usize) -> Vec<std::vec::IntoIter<&mut [S]>> {
    let mut dealt: Vec<Vec<&mut [S]>> = (0..members).map(|_| Vec::new()).collect();
    let rows = all.into_iter().flat_map(|all| all.chunks_exact_mut(width.max(1)));
    rows.enumerate().for_each(|(k, row)| dealt[k % members].push(row));
    dealt.into_iter().map(Vec::into_iter).collect()
}

impl<T: Float + RateKernels> RateBackend for RateCpu<T> {
    fn run(&mut self, run: Run<'_>) -> Result<(), EngineError> {
        let Run { steps, first_step, lengths, inputs, feedback, states, outputs } = run;
        let end = first_step + steps as u32;
        let span = Span { steps, first_step, lengths };
        match (inputs, feedback) {
            (Numbers::F32(inputs), Numbers::F32(feedback)) => {
                self.run_typed(span, (inputs, feedback), single(states), single(outputs));
            }
            (Numbers::F64(inputs), Numbers::F64(feedback)) => {
                self.run_typed(span, (inputs, feedback), double(states), double(outputs));
            }
            _ => unreachable!("all arrays of a run should have one type"),
        }
        self.check_finite(end)
    }

    fn generate(&mut self, generate: Generate<'_>) -> Result<(), EngineError> {
        let Generate { steps, first_step, last_inputs, given, outputs } = generate;
        let run = Closed { steps, first_step };
        match (given, outputs) {
            (Numbers::F32(given), NumbersMut::F32(out)) => self.generate_typed(run, last_inputs, given, out),
            (Numbers::F64(given), NumbersMut::F64(out)) => self.generate_typed(run, last_inputs, given, out),
            _ => unreachable!("all arrays of a closed loop should have one type"),
        }
        self.check_finite(first_step + steps as u32)
    }

    fn set_readouts(&mut self, readouts: Arc<[LinearReadout]>) -> Result<(), EngineError> {
        self.readouts = readouts;
        Ok(())
    }

    fn replace_models(&mut self, models: &[Arc<RateModel>]) -> Result<(), EngineError> {
        self.nets = lay_out(models, self.members, &self.threads);
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<f64>, EngineError> {
        Ok(self.state.iter().map(|x| x.to_f64()).collect())
    }

    fn set_state(&mut self, state: &[f64]) -> Result<(), EngineError> {
        put_as(state, &mut self.state);
        Ok(())
    }
}

fn single(numbers: Option<NumbersMut<'_>>) -> Option<&mut [f32]> {
    match numbers {
        Some(NumbersMut::F32(values)) => Some(values),
        _ => None,
    }
}

fn double(numbers: Option<NumbersMut<'_>>) -> Option<&mut [f64]> {
    match numbers {
        Some(NumbersMut::F64(values)) => Some(values),
        _ => None,
    }
}
