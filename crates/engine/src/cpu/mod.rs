//! The CPU device: the twins, event-driven. One sample is shared by all threads, or samples are spread over them.

mod barrier;
mod block;
mod feeds;
mod net;
mod simd;
mod table;
mod threads;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};

use limnos_spec::{ALIGN, Model};
use rayon::prelude::*;

pub use threads::CpuThreads;

use block::{BlockState, Moment};
use feeds::Feeds;
use net::Net;
use worker::{Part, Team};

use crate::{Backend, CurrentFeed, EngineError, RunOptions, SampleState, SourceFeed};

/// Blocks that hold the targets of a population of `size` neurons, for a plan.
pub(crate) fn table_blocks(size: usize, threads: usize) -> usize {
    table::blocks(size.next_multiple_of(ALIGN), threads).len()
}

/// Fewest cells for which several threads share one sample: below, meeting twice a step costs more than it saves.
const SHARED_CELLS: usize = 2048;

/// A network running on the CPU.
#[derive(Debug)]
pub struct CpuSimulation {
    net: Net,
    feeds: Feeds,
    threads: Arc<CpuThreads>,
    /// Block states of each sample.
    samples: Vec<Vec<BlockState>>,
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
        let shares = batch < threads.count() && model.layout.cells >= SHARED_CELLS;
        let sharing = if shares { threads.count() } else { 1 };
        let (net, samples) = threads.install(|| {
            let net = Net::new(model, options.observe.clone(), sharing);
            let sample = |_| net.blocks.iter().map(|b| BlockState::new(&net, b)).collect();
            let samples = (0..batch).into_par_iter().map(sample).collect();
            (net, samples)
        });
        let feeds = Feeds::new(&net, batch);
        Self { feeds, net, threads, samples, first_sample: options.first_sample, step: 0, recorded: 0, sharing }
    }

    /// Bytes of synapse tables.
    #[must_use]
    pub fn table_bytes(&self) -> u64 {
        self.net.blocks.iter().flat_map(|b| &b.tables).map(table::Table::bytes).sum()
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
            for (lane, states) in self.samples.iter_mut().enumerate() {
                let team = Team::new(self.sharing);
                let parts = parts(net, states, self.sharing);
                self.threads.team(self.sharing, |member| {
                    let mut part = parts[member].lock().unwrap_or_else(PoisonError::into_inner);
                    worker::run(net, feeds, &team, member, &mut part, from(lane), steps);
                });
            }
        } else {
            self.threads.install(|| {
                self.samples.par_iter_mut().enumerate().with_max_len(1).for_each(|(lane, states)| {
                    let mut part: Part<'_> = net.blocks.iter().zip(states).collect();
                    worker::run(net, feeds, &Team::new(1), 0, &mut part, from(lane), steps);
                });
            });
        }
        self.step += steps;
        self.recorded += steps;
        Ok(())
    }

    fn reset(&mut self, first_sample: u32) -> Result<(), EngineError> {
        self.each_state(|net, block, state| state.reset(net, block));
        self.feeds.rewind();
        (self.first_sample, self.step, self.recorded) = (first_sample, 0, 0);
        Ok(())
    }

    fn clear_recordings(&mut self) -> Result<(), EngineError> {
        self.each_state(|net, block, state| state.clear(net, block));
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
        for blocks in &self.samples {
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
            states.push(SampleState { fields, ring });
        }
        Ok(states)
    }

    fn model(&self) -> &Arc<Model> {
        &self.net.model
    }
}

/// Deals the blocks of a sample to the members of a team.
fn parts<'a>(net: &'a Net, states: &'a mut [BlockState], members: usize) -> Vec<Mutex<Part<'a>>> {
    let mut parts: Vec<Part<'a>> = (0..members).map(|_| Vec::new()).collect();
    let blocks = net.blocks.len();
    for (i, pair) in net.blocks.iter().zip(states).enumerate() {
        parts[i * members / blocks.max(members)].push(pair);
    }
    parts.into_iter().map(Mutex::new).collect()
}
