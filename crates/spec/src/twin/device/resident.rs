//! Many steps of a batch, each sample alone: the twin of `kernels/resident.wgsl` and of `parts/resident.wgsl`.

use super::deliver::{Shard, deliver_row};
use super::layout::{Clock, Geometry, InputEntry, Observation, Piece, PopulationEntry, Span};
use super::neuron::{Tables, flags, load, store};
use super::source_step::spikes;
use crate::ALIGN;
use crate::rng::BLOCK;
use crate::twin::observe::{count, trace};

/// What the kernel reads.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The shape of network and batch.
    pub geometry: &'a Geometry,
    /// What is observed.
    pub observation: &'a Observation,
    /// Which steps, and where sections start.
    pub span: &'a Span,
    /// Populations, inputs, pieces, pieces of each block of channels and of cells, row starts, targets, weights, delays.
    pub network: &'a [u32],
    /// Population of each block of 64 cells, constants and drives; input of each block of 64 channels; points of observation.
    pub tables: &'a [i32],
    /// Fed currents.
    pub currents: &'a [i32],
    /// What inputs emit.
    pub feed: &'a [u32],
}

/// What the kernel changes.
#[derive(Debug)]
pub struct Outputs<'a> {
    /// `[sample][field][cell]`
    pub state: &'a mut [i32],
    /// `[sample][slot][receptor][cell]`
    pub ring: &'a mut [i32],
    /// Traces now and sampled `[k][sample][cell]`, counts `[window][sample][cell]`, spikes `[step][sample][word]`, potentials
    /// `[step][sample][probe]`, rates `[step][sample][population]`.
    pub record: &'a mut [u32],
}

/// One sample of the batch.
#[derive(Clone, Copy, Debug)]
pub struct Lane<'a> {
    inputs: Inputs<'a>,
    tables: Tables<'a>,
    lane: u32,
}

/// All steps of all samples.
pub fn resident(inputs: Inputs<'_>, populations: usize, out: &mut Outputs<'_>) {
    let (g, span) = (inputs.geometry, inputs.span);
    let entries = populations * size_of::<PopulationEntry>() / 4;
    let tables = Tables {
        populations: bytemuck::cast_slice(&inputs.network[..entries]),
        tables: inputs.tables,
        currents: inputs.currents,
        key: [g.key_low, g.key_high],
    };
    for lane in 0..g.batch {
        let lane = Lane { inputs, tables, lane };
        for step in span.step..span.step + span.steps {
            let clock = Clock { step, origin: span.origin, first_sample: span.first_sample, pad: 0 };
            let emitted = lane.emit(&clock);
            lane.deliver(&clock, &emitted, span.channel_pieces, out.ring);
            let fired = lane.cells(&clock, out);
            lane.deliver(&clock, &fired, span.cell_pieces, out.ring);
            lane.observe(&clock, &fired, out);
        }
    }
}

impl Lane<'_> {
    fn struct_at<T: bytemuck::Pod>(&self, first: u32, index: u32) -> T {
        let words = size_of::<T>() / 4;
        bytemuck::pod_read_unaligned(bytemuck::cast_slice(
            &self.inputs.network[first as usize + index as usize * words..][..words],
        ))
    }

    /// Spikes of all channels, 32 a word.
    fn emit(&self, clock: &Clock) -> Vec<u32> {
        let (g, span) = (self.inputs.geometry, self.inputs.span);
        let mut words = vec![0; g.channels as usize / 32];
        for block in (0..g.channels as usize / BLOCK).filter(|_| span.emits == 1) {
            let index = self.inputs.tables[span.blocks as usize + block];
            let entry: InputEntry = self.struct_at(span.inputs, index as u32);
            let channel = block * BLOCK - entry.first as usize;
            let bits = spikes(g, clock, &entry, self.lane, self.inputs.feed, channel);
            (words[2 * block], words[2 * block + 1]) = (bits as u32, (bits >> 32) as u32);
        }
        words
    }

    /// Adds the rows of all sources that spiked to the ring.
    fn deliver(&self, clock: &Clock, spikes: &[u32], table: u32, ring: &mut [i32]) {
        let (g, network) = (self.inputs.geometry, self.inputs.network);
        let words = (g.ring_slots * g.receptors * g.cells) as usize;
        let ring = &mut ring[self.lane as usize * words..][..words];
        for source in (0..32 * spikes.len()).filter(|&s| spikes[s / 32] >> (s % 32) & 1 == 1) {
            let block = table as usize + 2 * (source / ALIGN);
            for piece in network[block]..network[block + 1] {
                let piece: Piece = self.struct_at(self.inputs.span.pieces, piece);
                let row = (source as u32).wrapping_sub(piece.first_source);
                if row < piece.sources {
                    let shard = Shard { pieces: &[], rows: network, targets: network, values: network };
                    deliver_row(g, clock.step, &shard, &piece, row as usize, ring);
                }
            }
        }
    }

    /// One step of all cells; their spikes.
    fn cells(&self, clock: &Clock, out: &mut Outputs<'_>) -> Vec<u32> {
        let (g, lane) = (self.inputs.geometry, self.lane as usize);
        let (cells, receptors) = (g.cells as usize, g.receptors as usize);
        let mut words = vec![0; cells / 32];
        let first = lane * self.inputs.span.fields as usize * cells;
        let due = (lane * g.ring_slots as usize + (clock.step % g.ring_slots) as usize) * receptors * cells;
        for cell in 0..cells {
            let p = self.tables.population(cell);
            let i = cell as u32 - p.first;
            if i >= p.size {
                continue;
            }
            let mut sums = [0; 2];
            for (receptor, sum) in sums.iter_mut().take(receptors).enumerate() {
                *sum = std::mem::take(&mut out.ring[due + receptor * cells + cell]);
            }
            let before = load(out.state, cells, first + cell, flags(p));
            let (after, fired) = self.tables.step(p, i, (clock.step, clock.first_sample, self.lane), before, sums);
            store(out.state, cells, first + cell, flags(p), after);
            words[cell / 32] |= u32::from(fired) << (cell % 32);
        }
        words
    }

    /// Counts, traces and records one step.
    fn observe(&self, clock: &Clock, spikes: &[u32], out: &mut Outputs<'_>) {
        let (g, o, span) = (self.inputs.geometry, self.inputs.observation, self.inputs.span);
        let (cells, lane, batch) = (g.cells as usize, self.lane as usize, g.batch as usize);
        let (pitch, recorded) = (batch * cells, clock.step - clock.origin);
        let (traces, rest) = out.record.split_at_mut(span.counts as usize);
        let (counts, recording) = rest.split_at_mut((span.recording - span.counts) as usize);
        let window = recorded.checked_div(o.window_steps).unwrap_or(0);
        let row = recorded as usize * batch + lane;
        for (k, &word) in spikes.iter().enumerate() {
            let at = lane * cells + 32 * k;
            if window < o.windows {
                count(&mut counts[window as usize * pitch + at..][..32], word);
            }
            if o.traced == 1 {
                let traces: &mut [i32] = bytemuck::cast_slice_mut(traces);
                trace(&mut traces[at..at + 32], word, o.trace_decay, o.trace_one);
            }
            if recorded < o.spike_steps {
                recording[row * spikes.len() + k] = word;
            }
            if recorded < o.rate_steps {
                let population = self.inputs.tables[32 * k / ALIGN];
                recording[o.rates as usize + row * o.populations as usize + population as usize] += word.count_ones();
            }
        }
        let point = |k: u32| self.inputs.tables[(span.points + k) as usize] as u32;
        for k in (0..o.samples).filter(|&k| point(k) == recorded) {
            traces.copy_within(lane * cells..(lane + 1) * cells, (k as usize + 1) * pitch + lane * cells);
        }
        for probe in (0..o.probes).filter(|_| recorded < o.potential_steps) {
            let v = out.state[lane * span.fields as usize * cells + point(o.samples + probe) as usize];
            recording[o.potentials as usize + row * o.probes as usize + probe as usize] = v as u32;
        }
    }
}
