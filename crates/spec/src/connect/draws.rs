//! Values of a distribution for one synapse after another, equal to `Distribution::draw` with one block for four items.

use super::segments::Place;
use crate::{Distribution, rng};

// Whether a value is the quantile of one word.
fn is_drawn(of: &Distribution) -> bool {
    matches!(of, Distribution::Uniform { .. } | Distribution::Normal { .. } | Distribution::LogNormal { .. })
}

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
            Distribution::Given(_) => self.slow_value(at),
            Distribution::Clipped { of, low, high } if is_drawn(of) => {
                let first = of.quantile(rng::unit(self.word(at)));
                if first >= *low && first <= *high { first } else { self.slow_value(at) }
            }
            Distribution::Clipped { .. } => self.slow_value(at),
            of => of.quantile(rng::unit(self.word(at))),
        }
    }

    fn slow_value(&self, at: Place) -> f64 {
        let index = self.order.map_or(at.index, |order| order[at.index] as usize);
        self.of.draw(self.stream, at.row as u32, at.item, index, self.key)
    }

    /// The largest magnitude; 0 without synapses.
    pub(super) fn largest(&mut self, places: impl Iterator<Item = Place>) -> f64 {
        if !is_drawn(self.of) {
            return places.map(|at| self.value(at).abs()).fold(0.0, f64::max);
        }
        // A quantile rises with its word, so only the ends matter.
        let ends = places.map(|at| self.word(at)).fold(None, |ends: Option<(u32, u32)>, word| {
            let (low, high) = ends.unwrap_or((word, word));
            Some((low.min(word), high.max(word)))
        });
        let magnitude = |word| self.of.quantile(rng::unit(word)).abs();
        ends.map_or(0.0, |(low, high)| magnitude(low).max(magnitude(high)))
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
