//! Rows of the ring lattice and of the small world made from it.

use super::partners::Partners;
use super::sample::Scratch;
use super::words::Words;
use crate::fixed;

/// A ring whose edges are moved with some probability.
#[derive(Clone, Copy, Debug)]
pub(super) struct SmallWorld {
    pub(super) size: u32,
    pub(super) half: u32,
    /// Of [`fixed::probability_threshold`].
    pub(super) rewire: u32,
    pub(super) multiple_edges: bool,
    pub(super) partners: Partners,
}

/// The next `neighbours` on a ring.
pub(super) fn ring_row(size: u32, neighbours: u32, row: u32, out: &mut Vec<u32>) {
    out.clear();
    out.extend((1..=neighbours).map(|d| ahead(row, d, size)));
    out.sort_unstable();
}

fn ahead(row: u32, distance: u32, size: u32) -> u32 {
    ((u64::from(row) + u64::from(distance)) % u64::from(size)) as u32
}

impl SmallWorld {
    /// An edge that is moved goes to any partner, or, without multiple edges, to any that the row does not have
    /// (so never back to where it was); where there is none it stays.
    pub(super) fn row(&self, row: u32, mut words: Words, scratch: &mut Scratch) {
        scratch.row.clear();
        scratch
            .row
            .extend((1..=self.half).flat_map(|d| [ahead(row, d, self.size), ahead(row, self.size - d, self.size)]));
        if self.multiple_edges {
            self.rewire(row, &mut words, &mut scratch.row);
        } else if self.partners.count() > 2 * self.half {
            self.rewire_distinct(row, &mut words, scratch);
        }
        scratch.row.sort_unstable();
    }

    fn draw(&self, row: u32, words: &mut Words) -> u32 {
        self.partners.neuron(row, words.below(self.partners.count()))
    }

    fn rewire(&self, row: u32, words: &mut Words, edges: &mut [u32]) {
        for edge in edges {
            if fixed::below(words.next(), self.rewire) {
                *edge = self.draw(row, words);
            }
        }
    }

    fn rewire_distinct(&self, row: u32, words: &mut Words, scratch: &mut Scratch) {
        scratch.reserve_bits(self.size);
        (0..scratch.row.len()).for_each(|edge| scratch.toggle(scratch.row[edge]));
        for edge in 0..scratch.row.len() {
            if fixed::below(words.next(), self.rewire) {
                self.move_edge(row, edge, words, scratch);
            }
        }
        (0..scratch.row.len()).for_each(|edge| scratch.toggle(scratch.row[edge]));
    }

    fn move_edge(&self, row: u32, edge: usize, words: &mut Words, scratch: &mut Scratch) {
        let mut target = self.draw(row, words);
        while scratch.contains(target) {
            target = self.draw(row, words);
        }
        scratch.toggle(scratch.row[edge]);
        scratch.toggle(target);
        scratch.row[edge] = target;
    }
}
