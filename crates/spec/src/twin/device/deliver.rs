//! Delivery of a step's spikes through one shard of the synapses: the twin of `kernels/deliver.wgsl`.

use super::layout::{DELAY_TABLE, Geometry, Piece, Stage, WEIGHT_TABLE, WIDE_TARGETS};
use crate::twin::deliver::{each_weight, same_weight, slot};

/// A shard of the synapses, as its buffers hold it.
#[derive(Clone, Copy, Debug)]
pub struct Shard<'a> {
    /// Its pieces, by first source.
    pub pieces: &'a [Piece],
    /// For each block of 64 sources the first and the end of the pieces that may hold it; then row starts.
    pub rows: &'a [u32],
    /// Two targets a word, or one where the piece is wide.
    pub targets: &'a [u32],
    /// Two mantissas a word; four delays a word.
    pub values: &'a [u32],
}

/// Adds the rows of all spikes of a stage to the ring `[slot][receptor][cell]`.
pub fn deliver(geometry: &Geometry, stage: &Stage, list: &[u32], shard: &Shard<'_>, ring: &mut [i32]) {
    for &source in &list[1..=stage.count as usize] {
        let block = 2 * (source as usize / crate::ALIGN);
        for piece in &shard.pieces[shard.rows[block] as usize..shard.rows[block + 1] as usize] {
            let row = source.wrapping_sub(piece.first_source);
            if row < piece.sources {
                deliver_row(geometry, stage.now, shard, piece, row as usize, ring);
            }
        }
    }
}

pub(super) fn deliver_row(geometry: &Geometry, now: u32, shard: &Shard<'_>, p: &Piece, row: usize, ring: &mut [i32]) {
    let cells = geometry.cells as usize;
    let inhibitory = if geometry.receptors == 2 { cells } else { 0 };
    let rows = &shard.rows[p.rows as usize + row..];
    for j in rows[0] as usize..rows[1] as usize {
        let slot = slot(now, shard.delay(p, j), geometry.ring_slots) as usize;
        let sums = &mut ring[slot * geometry.receptors as usize * cells + shard.target(p, j)..];
        if p.flags & WEIGHT_TABLE != 0 {
            each_weight(sums, inhibitory, &[0], &[shard.mantissa(p, j)], p.shift);
        } else {
            same_weight(&mut sums[if p.weight < 0 { inhibitory } else { 0 }..], &[0], p.weight);
        }
    }
}

impl Shard<'_> {
    fn target(&self, p: &Piece, j: usize) -> usize {
        let targets = &self.targets[p.targets as usize..];
        let local = if p.flags & WIDE_TARGETS != 0 { targets[j] } else { targets[j / 2] >> (16 * (j % 2)) & 0xFFFF };
        (p.first_target + local) as usize
    }

    fn mantissa(&self, p: &Piece, j: usize) -> i16 {
        (self.values[p.weights as usize + j / 2] >> (16 * (j % 2))) as u16 as i16
    }

    fn delay(&self, p: &Piece, j: usize) -> u32 {
        if p.flags & DELAY_TABLE == 0 {
            return p.delay;
        }
        self.values[p.delays as usize + j / 4] >> (8 * (j % 4)) & 0xFF
    }
}
