//! Values of a distribution for one synapse after another, equal to `Distribution::draw` with one block for four items.

use super::segments::Place;
use crate::{Distribution, rng};

/// A reader of a distribution's values.
#[derive(Clone, Debug)]
pub(super) struct Draws<'a> {
    of: &'a Distribution,
    stream: u32,
    key: [u32; 2],
    block: Option<(usize, u32)>,
    words: [u32; 4],
    order: Option<&'a [u32]>,
}

impl<'a> Draws<'a> {
    /// `order` gives the place of each synapse in the order that given values are in, where it is another one.
    pub(super) fn new(of: &'a Distribution, stream: u32, key: [u32; 2], order: Option<&'a [u32]>) -> Self {
        Self { of, stream, key, block: None, words: [0; 4], order }
    }

    #[inline]
    pub(super) fn value(&mut self, at: Place) -> f64 {
        match self.of {
            Distribution::Constant(value) => *value,
            Distribution::Given(_) | Distribution::Clipped { .. } => {
                let index = self.order.map_or(at.index, |order| order[at.index] as usize);
                self.of.draw(self.stream, at.row as u32, at.item, index, self.key)
            }
            of => of.quantile(rng::unit(self.word(at))),
        }
    }

    /// The word that belongs to a synapse.
    #[inline]
    pub(super) fn word(&mut self, at: Place) -> u32 {
        let block = Some((at.row, at.item / 4));
        if self.block != block {
            self.block = block;
            self.words = rng::philox([self.stream, at.row as u32, at.item / 4, 0], self.key);
        }
        self.words[(at.item % 4) as usize]
    }
}
