//! The random words of one row, in order: draw `i` is word `i % 4` of the counter `[stream, row, i / 4, 0]`.

use crate::rng;

const LANES: usize = 4;
const BLOCK: usize = 4 * LANES;

/// A reader of a row's words.
pub(super) struct Words {
    stream: u32,
    row: u32,
    key: [u32; 2],
    block: [u32; BLOCK],
    at: usize,
    counter: u32,
}

impl Words {
    pub(super) fn new(stream: u32, row: u32, key: [u32; 2]) -> Self {
        Self { stream, row, key, block: [0; BLOCK], at: BLOCK, counter: 0 }
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> u32 {
        if self.at == BLOCK {
            self.refill();
        }
        let word = self.block[self.at];
        self.at += 1;
        word
    }

    // Four counters at a time: independent chains of multiplications overlap.
    fn refill(&mut self) {
        for (lane, words) in self.block.chunks_exact_mut(4).enumerate() {
            let counter = [self.stream, self.row, self.counter.wrapping_add(lane as u32), 0];
            words.copy_from_slice(&rng::philox(counter, self.key));
        }
        self.counter = self.counter.wrapping_add(LANES as u32);
        self.at = 0;
    }

    /// A number below `size`, the upper half of a product of 64 bits: no number is more or less likely than
    /// `1 / size` by more than 2^-32, a relative bias below `size / 2^32`.
    #[inline(always)]
    pub(super) fn below(&mut self, size: u32) -> u32 {
        ((u64::from(self.next()) * u64::from(size)) >> 32) as u32
    }

    /// A number in the open interval (0, 1) with 52 random bits.
    pub(super) fn fine_unit(&mut self) -> f64 {
        let bits = u64::from(self.next()) << 20 | u64::from(self.next() >> 12);
        (bits as f64 + 0.5) / (1u64 << 52) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_their_counters() {
        let mut words = Words::new(7, 8, [9, 10]);
        for i in 0..100 {
            assert_eq!(words.next(), rng::philox([7, 8, i / 4, 0], [9, 10])[(i % 4) as usize]);
        }
    }

    #[test]
    fn numbers_below_a_size_are_spread_evenly() {
        let mut words = Words::new(1, 2, [3, 4]);
        let mut counts = [0; 7];
        (0..70_000).for_each(|_| counts[words.below(7) as usize] += 1);
        let square: f64 = counts.iter().map(|&n| (f64::from(n) - 1e4).powi(2) / 1e4).sum();
        assert!(square < 27.9, "chi-square of 6 degrees of freedom: {square} (p < 1e-4)");
    }
}
