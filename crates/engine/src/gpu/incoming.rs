//! Incoming synapses by target, as `kernels/lanes_step.wgsl` pulls them; and the batch's spike words turned back into samples.

use limnos_spec::connect::SynapseWeights;
use limnos_spec::twin::deliver::{each_weight, same_weight};
use limnos_spec::twin::device::layout::{IncomingPiece, PopulationEntry, WEIGHT_TABLE};
use limnos_spec::{Model, ProjectionModel};

use super::buffers::Buffers;
use super::load::lanes;
use super::shards::pack;
use super::simulation::GpuSimulation;
use crate::EngineError;

/// Words of an [`IncomingPiece`].
const PIECE_WORDS: usize = size_of::<IncomingPiece>() / 4;

/// The tables of incoming synapses.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Pieces, row starts, synapses.
    pub(super) words: Vec<u32>,
    /// Two mantissas a word.
    pub(super) weights: Vec<u32>,
}

impl Incoming {
    /// Transposes all projections, grouped by target population, and tells the populations their pieces.
    pub(super) fn new(model: &Model, populations: &mut [PopulationEntry]) -> Self {
        let mut order: Vec<usize> = (0..model.projections.len()).collect();
        order.sort_by_key(|&index| model.projections[index].target);
        for (index, entry) in populations.iter_mut().enumerate() {
            let before = order.iter().filter(|&&p| model.projections[p].target < index).count();
            entry.first_piece = before as u32;
            entry.pieces = order.iter().filter(|&&p| model.projections[p].target == index).count() as u32;
        }
        let mut tables = Self { words: vec![0; order.len() * PIECE_WORDS], weights: Vec::new() };
        for (k, &index) in order.iter().enumerate() {
            let piece = tables.push(model, &model.projections[index]);
            tables.words[k * PIECE_WORDS..(k + 1) * PIECE_WORDS].copy_from_slice(bytemuck::cast_slice(&[piece]));
        }
        tables
    }

    fn push(&mut self, model: &Model, p: &ProjectionModel) -> IncomingPiece {
        let mut piece = IncomingPiece {
            rows: self.words.len() as u32,
            weights: self.weights.len() as u32,
            ..IncomingPiece::default()
        };
        let (starts, order) = transposed(p, model.populations[p.target].size);
        let first = self.words.len() + starts.len();
        self.words.extend(starts.iter().map(|&start| (first + start) as u32));
        let first_source = if p.from_input() { model.layout.cells } else { 0 } + p.first_source;
        let synapse =
            |&(source, j): &(u32, usize)| (first_source as u32 + source) | u32::from(p.synapses.delay(j)) << 24;
        self.words.extend(order.iter().map(synapse));
        match &p.synapses.weights {
            SynapseWeights::Constant(weight) => piece.weight = *weight,
            SynapseWeights::Table { mantissas, shift } => {
                (piece.flags, piece.shift) = (WEIGHT_TABLE, *shift);
                let bits = |(_, j): (u32, usize)| u32::from(mantissas[j] as u16);
                self.weights.extend(order.chunks(2).map(|few| pack::<2, _>(few, bits)));
            }
        }
        piece
    }
}

/// Row starts by target, and for each synapse its source and its place in the rows by source.
fn transposed(p: &ProjectionModel, targets: usize) -> (Vec<usize>, Vec<(u32, usize)>) {
    let synapses = &p.synapses;
    let mut starts = vec![0; targets + 1];
    synapses.targets.iter().for_each(|&target| starts[target as usize + 1] += 1);
    (0..targets).for_each(|target| starts[target + 1] += starts[target]);
    let mut next = starts.clone();
    let mut order = vec![(0, 0); synapses.len()];
    for (source, row) in synapses.row_start.windows(2).enumerate() {
        for j in row[0]..row[1] {
            let at = &mut next[synapses.targets[j] as usize];
            order[*at] = (source as u32, j);
            *at += 1;
        }
    }
    (starts, order)
}

pub(super) fn upload(buffers: &Buffers, model: &Model, populations: &mut [PopulationEntry]) -> Result<(), EngineError> {
    let tables = Incoming::new(model, populations);
    buffers.write("incoming", 0, &tables.words)?;
    buffers.write("weights", 0, &tables.weights)
}

/// Turns `[cell][word of samples]` into `[sample][word of cells]`.
pub(super) fn cells_by_sample(step: &[u32], batch: usize) -> Vec<u32> {
    let words = lanes(batch) / 32;
    let bit = |cell: usize, sample: usize| step[cell * words + sample / 32] >> (sample % 32) & 1;
    let cell_words = step.len() / words / 32;
    let word = |sample: usize, k: usize| (0..32).fold(0, |word, i| word | bit(32 * k + i, sample) << i);
    (0..batch).flat_map(|sample| (0..cell_words).map(move |k| word(sample, k))).collect()
}

/// The delay ring of each sample, slot 0 due next, from the spikes of the steps that delays reach back to.
pub(super) fn rings(s: &GpuSimulation) -> Result<Vec<Vec<i32>>, EngineError> {
    let (layout, words) = (s.model.layout, lanes(s.options.batch) / 32);
    let (slots, sources) = (layout.ring_slots + 1, layout.cells + layout.channels);
    let history: Vec<u32> = s.buffers.read("history", 0, slots * sources * words)?;
    let slot_words = layout.receptors * layout.cells;
    let mut rings = vec![vec![0; layout.ring_slots * slot_words]; s.options.batch];
    // A spike `ago` steps before the next step.
    for ago in 1..=slots.min(s.clock.step as usize) {
        let slot = (s.clock.step as usize - ago) % slots;
        for p in &s.model.projections {
            let first = if p.from_input() { layout.cells } else { 0 } + p.first_source;
            for source in 0..p.synapses.row_start.len() - 1 {
                let at = (slot * sources + first + source) * words;
                for (sample, ring) in rings.iter_mut().enumerate() {
                    if history[at + sample / 32] >> (sample % 32) & 1 == 1 {
                        add_pending(&s.model, p, source, ago, ring);
                    }
                }
            }
        }
    }
    Ok(rings)
}

/// Adds the synapses of a source that spiked `ago` steps before the next and that are still under way.
fn add_pending(model: &Model, p: &ProjectionModel, source: usize, ago: usize, ring: &mut [i32]) {
    let layout = model.layout;
    let inhibitory = if layout.receptors == 2 { layout.cells } else { 0 };
    for j in p.synapses.row_start[source]..p.synapses.row_start[source + 1] {
        let delay = usize::from(p.synapses.delay(j));
        if delay < ago {
            continue;
        }
        let target = p.first_target + p.synapses.targets[j] as usize;
        let sums = &mut ring[(delay - ago) * layout.receptors * layout.cells + target..];
        match &p.synapses.weights {
            SynapseWeights::Constant(w) => same_weight(&mut sums[if *w < 0 { inhibitory } else { 0 }..], &[0], *w),
            SynapseWeights::Table { mantissas, shift } => {
                each_weight(sums, inhibitory, &[0], &mantissas[j..=j], *shift)
            }
        }
    }
}
