//! Uniform samples of places, with and without repetition, in ascending order.

use super::words::Words;

/// What a thread keeps from row to row.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The row that was made last.
    pub(super) row: Vec<u32>,
    /// A set of places; empty between rows.
    bits: Vec<u64>,
}

impl Scratch {
    pub(super) fn reserve_bits(&mut self, size: u32) {
        let words = size as usize / 64 + 1;
        if self.bits.len() < words {
            self.bits.resize(words, 0);
        }
    }

    #[inline(always)]
    pub(super) fn contains(&self, place: u32) -> bool {
        self.bits[place as usize / 64] >> (place % 64) & 1 == 1
    }

    #[inline(always)]
    pub(super) fn toggle(&mut self, place: u32) {
        self.bits[place as usize / 64] ^= 1 << (place % 64);
    }
}

/// Makes `scratch.row` a sample of `count` places below `size`.
pub(super) fn sample(words: &mut Words, size: u32, count: u32, repeated: bool, scratch: &mut Scratch) {
    scratch.row.clear();
    match repeated {
        true => independent(words, size, count, &mut scratch.row),
        false if count > size / 2 => dense(words, size, size - count, true, scratch),
        false if count >= size / 32 => dense(words, size, count, false, scratch),
        false => sparse(words, size, count, &mut scratch.row),
    }
}

fn independent(words: &mut Words, size: u32, count: u32, row: &mut Vec<u32>) {
    row.extend((0..count).map(|_| words.below(size)));
    row.sort_unstable();
}

// Draws until `count` places are distinct; every set is equally likely. A round draws as many as are missing, so the
// count is never passed and the set is that of drawing one by one.
fn sparse(words: &mut Words, size: u32, count: u32, row: &mut Vec<u32>) {
    while row.len() < count as usize {
        row.extend((row.len()..count as usize).map(|_| words.below(size)));
        row.sort_unstable();
        row.dedup();
    }
}

// The same draws, kept as a set of bits; `complement` takes the places that were not drawn.
fn dense(words: &mut Words, size: u32, count: u32, complement: bool, scratch: &mut Scratch) {
    scratch.reserve_bits(size);
    let mut missing = count;
    while missing > 0 {
        let place = words.below(size);
        if !scratch.contains(place) {
            scratch.toggle(place);
            missing -= 1;
        }
    }
    collect_bits(size, complement, scratch);
}

fn collect_bits(size: u32, complement: bool, scratch: &mut Scratch) {
    let Scratch { row, bits } = scratch;
    for (word, first) in bits.iter_mut().zip((0..size).step_by(64)) {
        let mut left = if complement { !*word } else { *word };
        *word = 0;
        if size - first < 64 {
            left &= (1 << (size - first)) - 1;
        }
        while left != 0 {
            row.push(first + left.trailing_zeros());
            left &= left - 1;
        }
    }
}
