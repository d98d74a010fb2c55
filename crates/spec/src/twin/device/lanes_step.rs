//! One step of all neurons of a batch: the twin of `kernels/lanes_step.wgsl`.

use super::layout::{Clock, Geometry, IncomingPiece, PopulationEntry, WEIGHT_TABLE};
use super::neuron::{Tables, flags, load, store};
use crate::twin::deliver::{each_weight, same_weight};

/// Incoming synapses, as their buffers hold them.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Pieces, row starts by target (as places in this table), synapses: source in 24 bits, delay in 8.
    pub incoming: &'a [u32],
    /// Two mantissas of 16 bits a word.
    pub weights: &'a [u32],
}

/// One step of every neuron in every sample. `state` is `[field][cell][lane]`, `history` is `[slot][cell, then channel][word]`.
pub fn lanes_step(
    geometry: &Geometry,
    clock: &Clock,
    tables: &Tables<'_>,
    incoming: &Incoming<'_>,
    state: &mut [i32],
    history: &mut [u32],
) {
    let (lanes, words) = (geometry.lanes as usize, (geometry.lanes / 32) as usize);
    let pitch = geometry.cells as usize * lanes;
    let slot = (clock.step % geometry.history_slots) as usize * (geometry.cells + geometry.channels) as usize;
    for cell in 0..geometry.cells as usize {
        history[(slot + cell) * words..][..words].fill(0);
        let p = tables.population(cell);
        let i = cell as u32 - p.first;
        for lane in (0..geometry.batch).filter(|_| i < p.size) {
            let due = incoming.pull(geometry, clock, p, i, lane, history);
            let at = cell * lanes + lane as usize;
            let before = load(state, pitch, at, flags(p));
            let (after, fired) = tables.step(p, i, (clock.step, clock.first_sample, lane), before, due);
            store(state, pitch, at, flags(p), after);
            history[(slot + cell) * words + lane as usize / 32] |= u32::from(fired) << (lane % 32);
        }
    }
}

impl Incoming<'_> {
    fn piece(&self, k: u32) -> IncomingPiece {
        let words = size_of::<IncomingPiece>() / 4;
        bytemuck::pod_read_unaligned(bytemuck::cast_slice(&self.incoming[k as usize * words..][..words]))
    }

    /// Sums of positive (or all) and of negative weights that arrive at neuron `i` of a sample.
    fn pull(&self, g: &Geometry, clock: &Clock, p: &PopulationEntry, i: u32, lane: u32, history: &[u32]) -> [i32; 2] {
        let mut sums = [0; 2];
        for piece in (p.first_piece..p.first_piece + p.pieces).map(|k| self.piece(k)) {
            let rows = &self.incoming[piece.rows as usize..];
            for j in rows[i as usize]..rows[i as usize + 1] {
                if arrives(g, clock, self.incoming[j as usize], lane, history) {
                    self.add(&piece, (j - rows[0]) as usize, &mut sums);
                }
            }
        }
        sums
    }

    fn add(&self, piece: &IncomingPiece, k: usize, sums: &mut [i32; 2]) {
        if piece.flags & WEIGHT_TABLE == 0 {
            return same_weight(&mut sums[usize::from(piece.weight < 0)..], &[0], piece.weight);
        }
        let mantissa = (self.weights[piece.weights as usize + k / 2] >> (16 * (k % 2))) as u16 as i16;
        each_weight(sums, 1, &[0], &[mantissa], piece.shift);
    }
}

/// Whether the source of a synapse spiked so many steps ago as its delay is.
fn arrives(g: &Geometry, clock: &Clock, synapse: u32, lane: u32, history: &[u32]) -> bool {
    let slot = (clock.step + g.history_slots - (synapse >> 24)) % g.history_slots;
    let source = slot * (g.cells + g.channels) + (synapse & 0xFF_FFFF);
    history[(source * (g.lanes / 32) + lane / 32) as usize] >> (lane % 32) & 1 == 1
}
