//! Synapses as the CPU device stores them: rows by source, split into blocks of targets that a 16-bit index spans.
//!
//! A block of targets belongs to one thread, so that delivery needs no atomics; constant weights and delays are not stored.

use std::ops::Range;

use limnos_spec::connect::{SynapseDelays, SynapseWeights, Synapses};
use limnos_spec::twin::deliver::{each_weight, same_weight, slot};
use limnos_spec::{ALIGN, Layout, ProjectionModel};
use rayon::prelude::*;

use super::simd;

/// Most cells in a block: what a 16-bit index spans.
pub(super) const MAX_BLOCK: usize = 1 << 16;

/// Rows whose targets are fetched ahead of their delivery.
const ROWS_AHEAD: usize = 4;
/// Targets of a row that are fetched ahead.
const FETCHED: usize = 256;
/// Targets in a cache line.
const LINE: usize = 32;

/// The rows of projections of one source into one block.
#[derive(Debug)]
pub(super) struct Table {
    from_input: bool,
    sources: Range<u32>,
    row_start: Vec<u32>,
    targets: Vec<u16>,
    weights: SynapseWeights,
    delays: SynapseDelays,
}

/// Where a block's input gathers: `[slot][receptor][cell]`.
#[derive(Debug)]
pub(super) struct Ring {
    pub(super) sums: Vec<i32>,
    pub(super) cells: usize,
    receptors: usize,
    slots: u32,
}

impl Ring {
    pub(super) fn new(layout: Layout, cells: usize) -> Self {
        let slots = layout.ring_slots;
        Self {
            sums: vec![0; slots * layout.receptors * cells],
            cells,
            receptors: layout.receptors,
            slots: slots as u32,
        }
    }

    /// The sums of one slot: excitatory (or all), then inhibitory where there are two receptors.
    pub(super) fn slot(&mut self, step: u32, delay: u32) -> &mut [i32] {
        let width = self.receptors * self.cells;
        let start = slot(step, delay, self.slots) as usize * width;
        &mut self.sums[start..start + width]
    }

    /// Offset of the inhibitory sums in a slot.
    pub(super) const fn inhibitory(&self) -> usize {
        if self.receptors == 2 { self.cells } else { 0 }
    }
}

impl Table {
    /// The part of some projections of one source (see [`alike`]) whose targets lie in `block`; `None` if there is none.
    pub(super) fn new(projections: &[&ProjectionModel], block: &Range<usize>) -> Option<Self> {
        let first = projections[0];
        let sources = first.synapses.row_start.len() - 1;
        let parts: Vec<Vec<Range<usize>>> = projections.iter().map(|p| rows_into(p, block)).collect();
        let mut row_start = vec![0u32; sources + 1];
        for row in 0..sources {
            let len: usize = parts.iter().map(|rows| rows[row].len()).sum();
            row_start[row + 1] = row_start[row] + len as u32;
        }
        let total = row_start[sources] as usize;
        if total == 0 {
            return None;
        }
        let mut targets = Vec::with_capacity(total);
        for row in 0..sources {
            for (projection, rows) in projections.iter().zip(&parts) {
                let shift = projection.first_target as isize - block.start as isize;
                let row = &projection.synapses.targets[rows[row].clone()];
                targets.extend(row.iter().map(|&t| (t as isize + shift) as u16));
            }
        }
        Some(Self {
            from_input: first.from_input(),
            sources: first.first_source as u32..(first.first_source + sources) as u32,
            row_start,
            targets,
            weights: match &first.synapses.weights {
                SynapseWeights::Constant(w) => SynapseWeights::Constant(*w),
                SynapseWeights::Table { mantissas, shift } => {
                    SynapseWeights::Table { mantissas: gather(mantissas, &parts[0], total), shift: *shift }
                }
            },
            delays: match &first.synapses.delays {
                SynapseDelays::Constant(d) => SynapseDelays::Constant(*d),
                SynapseDelays::Table(delays) => SynapseDelays::Table(gather(delays, &parts[0], total)),
            },
        })
    }

    /// Bytes of the tables.
    pub(super) fn bytes(&self) -> u64 {
        let weights = if let SynapseWeights::Table { mantissas, .. } = &self.weights { 2 * mantissas.len() } else { 0 };
        let delays = if let SynapseDelays::Table(delays) = &self.delays { delays.len() } else { 0 };
        (4 * self.row_start.len() + 2 * self.targets.len() + weights + delays) as u64
    }

    /// Delivers the spikes of an ascending list that belong to this table.
    pub(super) fn deliver(&self, ring: &mut Ring, step: u32, from_input: bool, spikes: &[u32]) {
        if from_input != self.from_input {
            return;
        }
        let first = spikes.partition_point(|&s| s < self.sources.start);
        let end = first + spikes[first..].partition_point(|&s| s < self.sources.end);
        let spikes = &spikes[first..end];
        match (&self.weights, &self.delays) {
            (SynapseWeights::Constant(weight), SynapseDelays::Constant(delay)) => {
                let inhibitory = if *weight < 0 { ring.inhibitory() } else { 0 };
                let sums = &mut ring.slot(step, u32::from(*delay))[inhibitory..];
                self.rows(spikes).for_each(|row| same_weight(sums, &self.targets[row], *weight));
            }
            (SynapseWeights::Table { mantissas, shift }, SynapseDelays::Constant(delay)) => {
                let inhibitory = ring.inhibitory();
                let sums = ring.slot(step, u32::from(*delay));
                self.rows(spikes)
                    .for_each(|row| each_weight(sums, inhibitory, &self.targets[row.clone()], &mantissas[row], *shift));
            }
            (_, SynapseDelays::Table(delays)) => {
                self.rows(spikes).for_each(|row| self.each_delay(ring, step, row, delays));
            }
        }
    }

    /// The rows of some spikes. Rows ahead are fetched into the cache meanwhile, for they lie anywhere in memory.
    fn rows<'a>(&'a self, spikes: &'a [u32]) -> impl Iterator<Item = Range<usize>> + 'a {
        let row = |spike: u32| (spike - self.sources.start) as usize;
        spikes.iter().enumerate().map(move |(i, &spike)| {
            if let Some(&ahead) = spikes.get(i + 2 * ROWS_AHEAD) {
                simd::prefetch(&self.row_start, row(ahead));
            }
            if let Some(&ahead) = spikes.get(i + ROWS_AHEAD) {
                let (start, end) = (self.row_start[row(ahead)] as usize, self.row_start[row(ahead) + 1] as usize);
                (start..end.min(start + FETCHED)).step_by(LINE).for_each(|k| simd::prefetch(&self.targets, k));
            }
            self.row_start[row(spike)] as usize..self.row_start[row(spike) + 1] as usize
        })
    }

    fn each_delay(&self, ring: &mut Ring, step: u32, row: Range<usize>, delays: &[u8]) {
        let inhibitory = ring.inhibitory();
        for i in row {
            let targets = &self.targets[i..=i];
            let sums = ring.slot(step, u32::from(delays[i]));
            match &self.weights {
                SynapseWeights::Constant(w) => {
                    same_weight(&mut sums[if *w < 0 { inhibitory } else { 0 }..], targets, *w);
                }
                SynapseWeights::Table { mantissas, shift } => {
                    each_weight(sums, inhibitory, targets, &mantissas[i..=i], *shift);
                }
            }
        }
    }
}

/// The rows of a projection, cut down to the targets in `block`.
pub(super) fn rows_into(projection: &ProjectionModel, block: &Range<usize>) -> Vec<Range<usize>> {
    let synapses = &projection.synapses;
    let first = block.start.saturating_sub(projection.first_target) as u32;
    let end = block.end.saturating_sub(projection.first_target) as u32;
    (0..synapses.row_start.len() - 1).into_par_iter().map(|row| part(synapses, row, first, end)).collect()
}

/// Projections that one table can hold: the same source, and the same constant weight and delay.
pub(super) fn alike<'a>(projections: impl Iterator<Item = &'a ProjectionModel>) -> Vec<Vec<&'a ProjectionModel>> {
    let constant = |p: &ProjectionModel| match (&p.synapses.weights, &p.synapses.delays) {
        (SynapseWeights::Constant(w), SynapseDelays::Constant(d)) => Some((p.source, *w, *d)),
        _ => None,
    };
    let mut groups: Vec<Vec<&ProjectionModel>> = Vec::new();
    for projection in projections {
        let key = constant(projection);
        let room = |group: &[&ProjectionModel]| {
            group.iter().map(|p| p.synapses.len()).sum::<usize>() + projection.synapses.len() <= u32::MAX as usize
        };
        match groups.iter_mut().find(|g| key.is_some() && constant(g[0]) == key && room(g)) {
            Some(group) => group.push(projection),
            None => groups.push(vec![projection]),
        }
    }
    groups
}

/// The synapses of a row whose targets lie in `first..end`; targets ascend within a row.
fn part(synapses: &Synapses, row: usize, first: u32, end: u32) -> Range<usize> {
    let (start, stop) = (synapses.row_start[row], synapses.row_start[row + 1]);
    let targets = &synapses.targets[start..stop];
    let from = targets.partition_point(|&t| t < first);
    start + from..start + from + targets[from..].partition_point(|&t| t < end)
}

pub(super) fn gather<T: Copy>(values: &[T], rows: &[Range<usize>], total: usize) -> Vec<T> {
    let mut out = Vec::with_capacity(total);
    rows.iter().for_each(|row| out.extend_from_slice(&values[row.clone()]));
    out
}

/// How many blocks `cells` are cut into: a multiple of `threads` where possible, so many that none need exceed [`MAX_BLOCK`].
pub(super) fn block_count(cells: usize, threads: usize) -> usize {
    let units = cells.div_ceil(ALIGN);
    let threads = threads.min(units).max(1);
    threads * cells.div_ceil(MAX_BLOCK * threads).max(1)
}

/// Cuts cells into blocks of about equal work, given that of each [`ALIGN`] cells (not 0). Where one would exceed [`MAX_BLOCK`], they are of equal size instead.
pub(super) fn blocks(work: &[u64], threads: usize) -> Vec<Range<usize>> {
    let count = block_count(work.len() * ALIGN, threads);
    let fair = cut(work, count);
    if fair.iter().all(|block| block.len() <= MAX_BLOCK) { fair } else { cut(&vec![1; work.len()], count) }
}

/// Cuts at the ends of `count` equal shares of the work, none of them empty.
fn cut(work: &[u64], count: usize) -> Vec<Range<usize>> {
    let total: u64 = work.iter().sum();
    let (mut done, mut ends) = (0, Vec::with_capacity(count));
    for (unit, more) in work.iter().enumerate() {
        done += more;
        let (taken, left) = (ends.len() as u64 + 1, work.len() - unit - 1);
        if done * count as u64 >= taken * total || left < count - ends.len() {
            ends.push((unit + 1) * ALIGN);
        }
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends.iter().copied()).map(|(start, end)| start..end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_tile_the_cells() {
        for cells in [64, 128, 4096, 20_032, 100_032, 1_000_000usize.next_multiple_of(64)] {
            for threads in [1, 2, 3, 7] {
                let uneven: Vec<u64> = (0..cells / ALIGN).map(|unit| if unit % 7 < 3 { 20 } else { 1 }).collect();
                for work in [vec![1; cells / ALIGN], uneven] {
                    let b = blocks(&work, threads);
                    assert_eq!((b[0].start, b[b.len() - 1].end), (0, cells));
                    assert!(b.windows(2).all(|w| w[0].end == w[1].start));
                    assert!(b.iter().all(|r| !r.is_empty() && r.len() <= MAX_BLOCK && r.start % ALIGN == 0));
                    assert_eq!(b.len(), block_count(cells, threads));
                }
            }
        }
        assert_eq!(blocks(&[1; 313], 2).len(), 2);
    }

    #[test]
    fn blocks_share_the_work() {
        let work: Vec<u64> = (0..100).map(|unit| if unit < 50 { 30 } else { 10 }).collect();
        let ends: Vec<_> = blocks(&work, 2).iter().map(|b| b.end / ALIGN).collect();
        assert_eq!(ends, [34, 100], "1000 of 2000 each would be 33 1/3 units");
        assert_eq!(blocks(&[1, 1, 1000], 3), [0..64, 64..128, 128..192]);
        let most = MAX_BLOCK / ALIGN;
        let (heavy, light) = (vec![10; most - 100], vec![1; most + 100]);
        assert_eq!(
            blocks(&[light, heavy].concat(), 2),
            [0..MAX_BLOCK, MAX_BLOCK..2 * MAX_BLOCK],
            "else one would be too large"
        );
    }
}
