//! Rules that fix what arrives at each target, turned into rows by source: a counting sort of what is drawn twice.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::partners::Partners;
use super::sample::{Scratch, sample};
use super::words::Words;

/// Each target from so many sources chosen at random.
#[derive(Clone, Copy, Debug)]
pub(super) struct InDegree {
    pub(super) sources: usize,
    pub(super) targets: usize,
    pub(super) degree: u32,
    pub(super) multiple_edges: bool,
    pub(super) partners: Partners,
    pub(super) stream: u32,
    pub(super) key: [u32; 2],
}

impl InDegree {
    /// How many synapses each source has.
    pub(super) fn lengths(&self) -> Vec<u32> {
        let counts = self.counts();
        (0..self.sources).map(|source| counts.iter().map(|block| block[source]).sum()).collect()
    }

    /// The row lengths, and the targets of all rows.
    pub(super) fn rows(&self) -> (Vec<u32>, Vec<u32>) {
        let mut counts = self.counts();
        let lengths = starts(&mut counts, self.sources);
        // Each place is written once, by the block that owns it; blocks and their targets ascend, so rows do too.
        let targets: Vec<AtomicU32> =
            (0..self.targets * self.degree as usize).into_par_iter().map(|_| AtomicU32::new(0)).collect();
        let blocks = counts.len();
        counts.par_iter_mut().enumerate().for_each(|(block, next)| {
            self.visit(block, blocks, |source, target| {
                targets[next[source as usize] as usize].store(target, Relaxed);
                next[source as usize] += 1;
            });
        });
        (lengths, targets.into_iter().map(AtomicU32::into_inner).collect())
    }

    // A block of targets for each thread, but counts of at most an eighth of the result. The result does not depend on it.
    fn blocks(&self) -> usize {
        let lean = self.targets * self.degree as usize / (8 * self.sources.max(1));
        rayon::current_num_threads().min(lean).max(1)
    }

    fn counts(&self) -> Vec<Vec<u32>> {
        let blocks = self.blocks();
        let count = |block| {
            let mut counts = vec![0; self.sources];
            self.visit(block, blocks, |source, _| counts[source as usize] += 1);
            counts
        };
        (0..blocks).into_par_iter().map(count).collect()
    }

    fn visit(&self, block: usize, blocks: usize, mut pair: impl FnMut(u32, u32)) {
        let mut scratch = Scratch::default();
        for target in (self.targets * block / blocks) as u32..(self.targets * (block + 1) / blocks) as u32 {
            let mut words = Words::new(self.stream, target, self.key);
            sample(&mut words, self.partners.count(), self.degree, self.multiple_edges, &mut scratch);
            scratch.row.iter().for_each(|&place| pair(self.partners.neuron(target, place), target));
        }
    }
}

// Turns counts by block and source into the first place of each block in each row; gives the row lengths.
fn starts(counts: &mut [Vec<u32>], sources: usize) -> Vec<u32> {
    let mut place = 0;
    let row = |source: usize| {
        let first = place;
        for block in counts.iter_mut() {
            (block[source], place) = (place, place + block[source]);
        }
        place - first
    };
    (0..sources).map(row).collect()
}
