//! The CPU device: the twins, event-driven. One sample is shared by all threads, or samples are spread over them.

pub(crate) mod barrier;
mod block;
mod feeds;
mod learner;
mod net;
mod plastic_table;
pub(crate) mod simd;
mod table;
mod threads;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};

use limnos_spec::{ALIGN, Model};
use rayon::prelude::*;

pub use threads::CpuThreads;

use block::{BlockState, Moment};
use feeds::Feeds;
use learner::Learner;
use net::Net;
use worker::{Part, Team, Work};

use crate::{Backend, CurrentFeed, EngineError, Keep, PlasticState, RunOptions, SampleState, SourceFeed, backend};

/// Blocks that hold the targets of a population of `size` neurons, for a plan.
pub(crate) fn table_blocks(size: usize, threads: usize) -> usize {
    table::block_count(size.next_multiple_of(ALIGN), threads)
}

/// Fewest cells for each thread that shares a sample: with fewer, meeting in every step costs more than it saves.
const SHARED_CELLS: usize = 2048;

/// A network running on the CPU.
#[derive(Debug)]
pub struct CpuSimulation {
    net: Net,
    feeds: Feeds,
    threads: Arc<CpuThreads>,
    /// Block states of each sample.
    samples: Vec<Vec<BlockState>>,
    /// What each sample learns with, one copy for each thread that shares it; empty for a static network.
    learners: Vec<Vec<Learner>>,
    first_sample: u32,
    step: u32,
    recorded: u32,
    sharing: usize,
}

impl CpuSimulation {
    /// Lays a model out for the threads of a device.
    #[must_use]
    pub fn new(model: Arc<Model>, options: &RunOptions, threads: Arc<CpuThreads>) -> Self {
        let batch = options.batch.max(1);
        let processors = std::thread::available_parallelism().map_or(usize::MAX, usize::from);
        let members = threads.count().min(processors).min(model.layout.cells / SHARED_CELLS).max(1);
        let sharing = if batch < members { members } else { 1 };
        let (net, samples) = threads.install(|| {
            let net = Net::new(model, options.observe.clone(), sharing);
            let sample = |_| net.blocks.iter().map(|b| BlockState::new(&net, b)).collect();
            let samples = (0..batch).into_par_iter().map(sample).collect();
            (net, samples)
        });
        let feeds = Feeds::new(&net, batch);
        let copies = if net.model.plastic.is_empty() { 0 } else { sharing };
        let learners = (0..batch).map(|_| (0..copies).map(|_| Learner::new(&net.model.plastic)).collect()).collect();
        Self {
            feeds,
            net,
            threads,
            samples,
            learners,
            first_sample: options.first_sample,
            step: 0,
            recorded: 0,
            sharing,
        }
    }

    /// Bytes of synapse tables.
    #[must_use]
    pub fn table_bytes(&self) -> u64 {
        let fixed: u64 = self.net.blocks.iter().flat_map(|b| &b.tables).map(table::Table::bytes).sum();
        let plastic = self.net.blocks.iter().flat_map(|b| &b.plastic).map(plastic_table::PlasticTable::bytes);
        fixed + plastic.sum::<u64>()
    }

    /// `[sample][row][cell]` from per-block `[row][cell]`.
    fn assemble<T: Copy + Default>(
        &self,
        rows: usize,
        of: impl Fn(&BlockState) -> &[T],
        cells: fn(usize) -> usize,
    ) -> Vec<T> {
        let width = cells(self.net.model.layout.cells);
        let mut out = vec![T::default(); self.samples.len() * rows * width];
        for (sample, states) in self.samples.iter().enumerate() {
            for (block, state) in self.net.blocks.iter().zip(states) {
                let (start, len) = (cells(block.cells.start), cells(block.cells.len()));
                for row in 0..rows {
                    let at = (sample * rows + row) * width + start;
                    out[at..at + len].copy_from_slice(&of(state)[row * len..(row + 1) * len]);
                }
            }
        }
        out
    }

    fn each_state(&mut self, f: impl Fn(&Net, &net::Block, &mut BlockState) + Sync) {
        let net = &self.net;
        self.threads.install(|| {
            self.samples.par_iter_mut().for_each(|states| {
                net.blocks.iter().zip(states).for_each(|(block, state)| f(net, block, state));
            });
        });
    }
}

impl Backend for CpuSimulation {
    fn feed_source(&mut self, input: usize, feed: SourceFeed) -> Result<(), EngineError> {
        self.feeds.set_source(input, self.step, feed);
        Ok(())
    }

    fn feed_current(&mut self, population: usize, feed: Option<CurrentFeed>) -> Result<(), EngineError> {
        self.feeds.set_current(population, self.step, feed);
        Ok(())
    }

    fn run(&mut self, steps: u32) -> Result<(), EngineError> {
        let (net, feeds, first_sample) = (&self.net, &self.feeds, self.first_sample);
        let from = |lane: usize| Moment {
            lane,
            sample: first_sample.wrapping_add(lane as u32),
            step: self.step,
            recorded: self.recorded,
        };
        if self.sharing > 1 {
            for (lane, (states, learners)) in self.samples.iter_mut().zip(&mut self.learners).enumerate() {
                let team = Team::new(self.sharing);
                let works = works(net, states, learners, self.sharing);
                self.threads.team(self.sharing, |member| {
                    let mut work = works[member].lock().unwrap_or_else(PoisonError::into_inner);
                    worker::run(net, feeds, &team, member, &mut work, from(lane), steps);
                });
            }
        } else {
            self.threads.install(|| {
                let lanes = self.samples.par_iter_mut().zip(&mut self.learners).enumerate();
                lanes.with_max_len(1).for_each(|(lane, (states, learners))| {
                    let part = net.blocks.iter().zip(states).collect();
                    let mut work = Work { part, learner: learners.first_mut() };
                    worker::run(net, feeds, &Team::new(1), 0, &mut work, from(lane), steps);
                });
            });
        }
        self.step += steps;
        self.recorded += steps;
        Ok(())
    }

    fn reset(&mut self, first_sample: u32) -> Result<(), EngineError> {
        self.reset_keeping(first_sample, Keep::default())
    }

    fn reset_keeping(&mut self, first_sample: u32, keep: Keep) -> Result<(), EngineError> {
        self.each_state(|net, block, state| state.reset(net, block, keep));
        let plastic = &self.net.model.plastic;
        self.learners.iter_mut().flatten().for_each(|learner| learner.reset(plastic, keep.traces));
        self.feeds.rewind();
        (self.first_sample, self.step, self.recorded) = (first_sample, 0, 0);
        Ok(())
    }

    fn clear_recordings(&mut self) -> Result<(), EngineError> {
        self.each_state(|net, block, state| state.clear(net, block));
        self.learners.iter_mut().flatten().for_each(|learner| learner.course.clear());
        self.recorded = 0;
        Ok(())
    }

    fn counts(&mut self) -> Result<Vec<u32>, EngineError> {
        let windows = self.net.observe.counts.map_or(0, |c| c.windows as usize);
        Ok(self.assemble(windows, |s| &s.recorded.counts, |c| c))
    }

    fn spikes(&mut self) -> Result<Vec<u32>, EngineError> {
        let (steps, batch) = (self.recorded as usize, self.samples.len());
        let words = self.net.model.layout.cells / ALIGN;
        let by_sample = self.assemble(steps, |s| &s.recorded.spikes, |c| c / ALIGN);
        let by_step = (0..steps).flat_map(|step| (0..batch).map(move |sample| (sample * steps + step) * words));
        Ok(by_step.flat_map(|at| &by_sample[at..at + words]).flat_map(|&w| [w as u32, (w >> 32) as u32]).collect())
    }

    fn traces(&mut self) -> Result<Vec<i32>, EngineError> {
        let asked = self.net.observe.traces.as_ref().map_or(0, |t| t.at_steps.partition_point(|&s| s < self.recorded));
        Ok(self.assemble(asked, |s| &s.recorded.traces, |c| c))
    }

    fn potentials(&mut self) -> Result<Vec<i32>, EngineError> {
        let probes = self.net.observe.potentials.as_ref().map_or(0, |p| p.neurons.len());
        let (steps, batch) = (self.recorded as usize, self.samples.len());
        let mut out = vec![0; steps * batch * probes];
        for (sample, states) in self.samples.iter().enumerate() {
            for (block, state) in self.net.blocks.iter().zip(states).filter(|(b, _)| !b.probes.is_empty()) {
                for (step, values) in state.recorded.potentials.chunks_exact(block.probes.len()).enumerate() {
                    for (&(place, _), &v) in block.probes.iter().zip(values) {
                        out[(step * batch + sample) * probes + place] = v;
                    }
                }
            }
        }
        Ok(out)
    }

    fn rates(&mut self) -> Result<Vec<u32>, EngineError> {
        let (steps, batch, populations) =
            (self.recorded as usize, self.samples.len(), self.net.model.populations.len());
        let mut out = vec![0; steps * batch * populations];
        for (sample, states) in self.samples.iter().enumerate() {
            for (block, state) in self.net.blocks.iter().zip(states) {
                for (step, values) in state.recorded.rates.chunks_exact(block.segments.len().max(1)).enumerate() {
                    for (segment, &count) in block.segments.iter().zip(values) {
                        out[(step * batch + sample) * populations + segment.population] += count;
                    }
                }
            }
        }
        Ok(out)
    }

    fn state(&mut self) -> Result<Vec<SampleState>, EngineError> {
        let layout = self.net.model.layout;
        let mut states = Vec::with_capacity(self.samples.len());
        for (sample, blocks) in self.samples.iter().enumerate() {
            let mut fields = vec![0; layout.fields * layout.cells];
            let mut ring = vec![0; layout.ring_slots * layout.receptors * layout.cells];
            for (block, state) in self.net.blocks.iter().zip(blocks) {
                for segment in &block.segments {
                    let size = self.net.model.populations[segment.population].size;
                    let cells =
                        segment.cells.start..segment.cells.start + (size - segment.first).min(segment.cells.len());
                    for (f, field) in state.fields.iter().enumerate() {
                        let at = f * layout.cells + block.cells.start + cells.start;
                        fields[at..at + cells.len()].copy_from_slice(&field[cells.clone()]);
                    }
                }
                let width = block.cells.len();
                for row in 0..layout.ring_slots * layout.receptors {
                    let slot = (row / layout.receptors + self.step as usize) % layout.ring_slots;
                    let from = (slot * layout.receptors + row % layout.receptors) * width;
                    let at = row * layout.cells + block.cells.start;
                    ring[at..at + width].copy_from_slice(&state.ring.sums[from..from + width]);
                }
            }
            states.push(SampleState { fields, ring, plastic: self.plastic_state(sample) });
        }
        Ok(states)
    }

    fn weights(&mut self, projection: usize, sample: usize) -> Result<Vec<i32>, EngineError> {
        backend::plastic(&self.net.model, projection)?;
        Ok(self.canonical(projection, sample))
    }

    fn set_weights(&mut self, projection: usize, sample: Option<usize>, weights: &[i32]) -> Result<(), EngineError> {
        backend::plastic(&self.net.model, projection)?;
        debug_assert!(backend::within_bounds(&self.net.model, projection, weights));
        let parts = self.split(projection, weights);
        for (b, part) in parts {
            let block = &mut self.net.blocks[b.block];
            if sample.is_none() {
                block.plastic[b.table].initial.copy_from_slice(&part);
            }
            let chosen = self.samples.iter_mut().enumerate().filter(|(lane, _)| sample.is_none_or(|s| s == *lane));
            chosen.for_each(|(_, states)| states[b.block].weights[b.table].copy_from_slice(&part));
        }
        Ok(())
    }

    fn outputs(&mut self, astrocyte: usize) -> Result<Vec<i32>, EngineError> {
        backend::astrocyte(&self.net.model, astrocyte)?;
        Ok(self.learners.iter().map(|copies| copies[0].glia[astrocyte].output).collect())
    }

    fn set_outputs(&mut self, astrocyte: usize, outputs: &[i32]) -> Result<(), EngineError> {
        backend::astrocyte(&self.net.model, astrocyte)?;
        for (copies, &output) in self.learners.iter_mut().zip(outputs) {
            copies.iter_mut().for_each(|learner| learner.glia[astrocyte].output = output);
        }
        Ok(())
    }

    fn astrocytes(&mut self) -> Result<Vec<i32>, EngineError> {
        let width = self.net.model.plastic.astrocytes.len();
        let step =
            |t: usize| self.learners.iter().flat_map(move |copies| &copies[0].course[t * width..(t + 1) * width]);
        let steps = if width == 0 { 0 } else { self.recorded as usize };
        Ok((0..steps).flat_map(step).copied().collect())
    }

    fn model(&self) -> &Arc<Model> {
        &self.net.model
    }
}

/// A plastic table: which block, which of its tables.
#[derive(Clone, Copy, Debug)]
struct Place {
    block: usize,
    table: usize,
}

impl CpuSimulation {
    /// The tables of a projection, by block.
    fn places(&self, projection: usize) -> Vec<Place> {
        let model = &self.net.model;
        let of = |index: usize| model.plastic.projections[index].projection == projection;
        let found = |(block, b): (usize, &net::Block)| {
            b.plastic.iter().position(|t| of(t.index)).map(|table| Place { block, table })
        };
        self.net.blocks.iter().enumerate().filter_map(found).collect()
    }

    /// Weights of a sample in canonical order: blocks hold contiguous parts of each row, in order.
    fn canonical(&self, projection: usize, sample: usize) -> Vec<i32> {
        let synapses = &self.net.model.projections[projection].synapses;
        let places = self.places(projection);
        let mut out = Vec::with_capacity(synapses.len());
        for source in 0..synapses.row_start.len() - 1 {
            for p in &places {
                let row = self.net.blocks[p.block].plastic[p.table].row(source);
                out.extend_from_slice(&self.samples[sample][p.block].weights[p.table][row]);
            }
        }
        out
    }

    /// Weights in canonical order, cut into the tables of a projection.
    fn split(&self, projection: usize, weights: &[i32]) -> Vec<(Place, Vec<i32>)> {
        let sources = self.net.model.projections[projection].synapses.row_start.len() - 1;
        let mut parts: Vec<_> = self.places(projection).into_iter().map(|p| (p, Vec::new())).collect();
        let mut rest = weights;
        for source in 0..sources {
            for (p, part) in &mut parts {
                let (row, others) = rest.split_at(self.net.blocks[p.block].plastic[p.table].row(source).len());
                part.extend_from_slice(row);
                rest = others;
            }
        }
        parts
    }

    fn plastic_state(&self, sample: usize) -> PlasticState {
        let plastic = &self.net.model.plastic;
        let Some(learner) = self.learners[sample].first() else { return PlasticState::default() };
        let learned = plastic.projections.iter().filter(|p| p.rule.is_some());
        let weights = learned.map(|p| self.canonical(p.projection, sample)).collect();
        PlasticState { weights, ..learner.state(&self.net.model, self.step) }
    }
}

/// Deals the blocks of a sample, and copies of what it learns with, to the members of a team.
fn works<'a>(
    net: &'a Net,
    states: &'a mut [BlockState],
    learners: &'a mut [Learner],
    members: usize,
) -> Vec<Mutex<Work<'a>>> {
    let mut learners = learners.iter_mut();
    let work = |part| Mutex::new(Work { part, learner: learners.next() });
    parts(net, states, members).into_iter().map(work).collect()
}

fn parts<'a>(net: &'a Net, states: &'a mut [BlockState], members: usize) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = (0..members).map(|_| Vec::new()).collect();
    let blocks = net.blocks.len();
    for (i, pair) in net.blocks.iter().zip(states).enumerate() {
        parts[i * members / blocks.max(members)].push(pair);
    }
    parts
}
