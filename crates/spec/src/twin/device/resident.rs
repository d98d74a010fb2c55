//! Many steps of a batch, each sample alone: the twin of `kernels/resident.wgsl` and of `parts/resident.wgsl`.

use super::deliver::{Shard, deliver_row};
use super::layout::{Clock, Geometry, InputEntry, Observation, Piece, Span};
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
    /// Plastic synapses, populations, inputs, pieces, pieces of each block of channels and of cells, row starts, targets, weights, delays.
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
    /// State of all samples, `stride` words each: `[field][cell]`, then what it learns with.
    pub state: &'a mut [i32],
    /// The ring `[sample][slot][receptor][cell]`; traces now and sampled `[k][sample][cell]`, counts `[window][sample][cell]`, spikes
    /// `[step][sample][word]`, potentials `[step][sample][probe]`, rates `[step][sample][population]`, outputs
    /// `[step][sample][astrocyte]`.
    pub record: &'a mut [i32],
}

/// One sample of the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane<'a> {
    pub(super) inputs: Inputs<'a>,
    pub(super) tables: Tables<'a>,
    pub(super) lane: u32,
}

/// All steps of the samples of the dispatch.
pub fn resident(inputs: Inputs<'_>, out: &mut Outputs<'_>) {
    let span = inputs.span;
    for lane in span.first_lane..span.end_lane {
        let lane = Lane::new(inputs, lane);
        for clock in clocks(span) {
            let emitted = lane.emit(&clock);
            lane.deliver(&clock, &emitted, span.channel_pieces, out.record);
            let fired = lane.cells(&clock, out);
            lane.deliver(&clock, &fired, span.cell_pieces, out.record);
            lane.observe(&clock, &fired, out);
        }
    }
}

/// The steps of a dispatch.
pub(super) fn clocks(span: &Span) -> impl Iterator<Item = Clock> {
    let (origin, first_sample) = (span.origin, span.first_sample);
    (span.step..span.step + span.steps).map(move |step| Clock { step, origin, first_sample, pad: 0 })
}

impl<'a> Lane<'a> {
    pub(super) fn new(inputs: Inputs<'a>, lane: u32) -> Self {
        let (g, span) = (inputs.geometry, inputs.span);
        let tables = Tables {
            populations: bytemuck::cast_slice(&inputs.network[span.populations as usize..span.inputs as usize]),
            tables: inputs.tables,
            currents: inputs.currents,
            key: [g.key_low, g.key_high],
        };
        Self { inputs, tables, lane }
    }

    /// The words of the ring of this sample in `record`.
    pub(super) fn ring(&self) -> std::ops::Range<usize> {
        let g = self.inputs.geometry;
        let words = (g.ring_slots * g.receptors * g.cells) as usize;
        self.lane as usize * words..(self.lane as usize + 1) * words
    }

    fn struct_at<T: bytemuck::Pod>(&self, first: u32, index: u32) -> T {
        let words = size_of::<T>() / 4;
        bytemuck::pod_read_unaligned(bytemuck::cast_slice(
            &self.inputs.network[first as usize + index as usize * words..][..words],
        ))
    }

    /// Spikes of all channels, 32 a word.
    pub(super) fn emit(&self, clock: &Clock) -> Vec<u32> {
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
    pub(super) fn deliver(&self, clock: &Clock, spikes: &[u32], table: u32, record: &mut [i32]) {
        let (g, network) = (self.inputs.geometry, self.inputs.network);
        let ring = &mut record[self.ring()];
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
    pub(super) fn cells(&self, clock: &Clock, out: &mut Outputs<'_>) -> Vec<u32> {
        let (g, lane) = (self.inputs.geometry, self.lane as usize);
        let (cells, receptors) = (g.cells as usize, g.receptors as usize);
        let mut words = vec![0; cells / 32];
        let first = lane * self.inputs.span.stride as usize;
        let due = (lane * g.ring_slots as usize + (clock.step % g.ring_slots) as usize) * receptors * cells;
        for cell in 0..cells {
            let p = self.tables.population(cell);
            let i = cell as u32 - p.first;
            if i >= p.size {
                continue;
            }
            let mut sums = [0; 2];
            for (receptor, sum) in sums.iter_mut().take(receptors).enumerate() {
                *sum = std::mem::take(&mut out.record[due + receptor * cells + cell]);
            }
            let before = load(out.state, cells, first + cell, flags(p));
            let (after, fired) = self.tables.step(p, i, (clock.step, clock.first_sample, self.lane), before, sums);
            store(out.state, cells, first + cell, flags(p), after);
            words[cell / 32] |= u32::from(fired) << (cell % 32);
        }
        words
    }

    /// Counts, traces and records one step.
    pub(super) fn observe(&self, clock: &Clock, spikes: &[u32], out: &mut Outputs<'_>) {
        let (g, o, span) = (self.inputs.geometry, self.inputs.observation, self.inputs.span);
        let (cells, lane, batch) = (g.cells as usize, self.lane as usize, g.batch as usize);
        let (pitch, recorded) = (batch * cells, clock.step - clock.origin);
        let (traces, rest) = out.record[span.traces as usize..].split_at_mut((span.counts - span.traces) as usize);
        let rest: &mut [u32] = bytemuck::cast_slice_mut(rest);
        let (counts, recording) = rest.split_at_mut((span.recording - span.counts) as usize);
        let window = recorded.checked_div(o.window_steps).unwrap_or(0);
        let row = recorded as usize * batch + lane;
        for (k, &word) in spikes.iter().enumerate() {
            let at = lane * cells + 32 * k;
            if window < o.windows {
                count(&mut counts[window as usize * pitch + at..][..32], word);
            }
            if o.traced == 1 {
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
            let v = out.state[lane * span.stride as usize + point(o.samples + probe) as usize];
            recording[o.potentials as usize + row * o.probes as usize + probe as usize] = v as u32;
        }
    }
}
