//! Pieces of plastic and filtered projections in a shard: the twin of `parts/plastic_rows.wgsl`.

use std::ops::Range;

use bytemuck::{cast_slice, pod_read_unaligned};

use super::learning::{Learning, PIECE_DELAYS, PIECE_WIDE, PlasticPiece, words_of};

/// The synapses of a shard, as its buffer holds them: for each block of 64 units the first and the end of the pieces that may hold it, as source,
/// filter or target; then pieces; then their tables.
#[derive(Clone, Copy, Debug)]
pub struct Shard<'a> {
    /// Where units are.
    pub learning: &'a Learning,
    /// Words.
    pub synapses: &'a [u32],
}

impl Shard<'_> {
    /// The pieces that a unit may be in.
    pub fn pieces_of(&self, unit: usize) -> impl Iterator<Item = PlasticPiece> + '_ {
        let block = 2 * (unit / crate::ALIGN);
        (self.synapses[block]..self.synapses[block + 1]).map(|k| self.piece(k as usize))
    }

    /// A piece.
    #[must_use]
    pub fn piece(&self, index: usize) -> PlasticPiece {
        let words = words_of::<PlasticPiece>();
        let first = 2 * (self.learning.units as usize / crate::ALIGN) + index * words;
        pod_read_unaligned(cast_slice(&self.synapses[first..first + words]))
    }

    /// The synapses of a row, counted within the piece.
    #[must_use]
    pub fn row(&self, p: &PlasticPiece, row: usize) -> Range<usize> {
        let rows = &self.synapses[p.rows as usize + row..];
        rows[0] as usize..rows[1] as usize
    }

    /// The target of a synapse of the piece, counted within its population.
    #[must_use]
    pub fn target(&self, p: &PlasticPiece, j: usize) -> usize {
        let targets = &self.synapses[p.targets as usize..];
        let wide = p.flags & PIECE_WIDE != 0;
        (if wide { targets[j] } else { targets[j / 2] >> (16 * (j % 2)) & 0xFFFF }) as usize
    }

    /// The delay of a synapse of the piece.
    #[must_use]
    pub fn delay(&self, p: &PlasticPiece, j: usize) -> u32 {
        if p.flags & PIECE_DELAYS == 0 {
            return p.delay;
        }
        self.synapses[p.delays as usize + j / 4] >> (8 * (j % 4)) & 0xFF
    }

    /// The column of a target: source (counted within its line) and synapse (counted within the piece) of each entry.
    pub fn column(&self, p: &PlasticPiece, target: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let columns = &self.synapses[p.columns as usize + target..];
        let entries = p.entries as usize;
        (columns[0] as usize..columns[1] as usize)
            .map(move |k| (self.synapses[entries + 2 * k] as usize, self.synapses[entries + 2 * k + 1] as usize))
    }
}

/// The row of a unit, `first` being that of the group's first one; `None` outside of the piece.
#[must_use]
pub fn row_of(p: &PlasticPiece, unit: usize, first: u32) -> Option<usize> {
    let row = (unit as u32).wrapping_sub(first).wrapping_sub(p.source);
    (row < p.sources).then_some(row as usize)
}
