//! Rules that fix what arrives at each target, turned into rows by source: a counting sort in two levels, so that memory is
//! written in order. All is drawn twice instead of being stored in between.

use std::slice::IterMut;

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

// Places that a block of targets fills within a band of sources.
struct Region<'a> {
    targets: IterMut<'a, u32>,
    // Counted within the band.
    sources: IterMut<'a, u16>,
}

impl Region<'_> {
    fn push(&mut self, source: u16, target: u32) {
        *self.targets.next().expect("both passes should draw the same pairs") = target;
        *self.sources.next().expect("a region should have as many sources as targets") = source;
    }
}

const BANDS: usize = 256;

impl InDegree {
    /// How many synapses each source has.
    pub(super) fn lengths(&self) -> Vec<u32> {
        // Counts of at most an eighth of the synapses' number.
        let lean = self.synapses() / (8 * self.sources.max(1));
        let counts = self.counts(rayon::current_num_threads().min(lean).max(1), 0);
        (0..self.sources).map(|source| counts.iter().map(|block| block[source]).sum()).collect()
    }

    /// The row lengths, and the targets of all rows. Blocks ascend within a band and targets within a block, and sorting
    /// keeps their order, so rows ascend however many blocks there are.
    pub(super) fn rows(&self) -> (Vec<u32>, Vec<u32>) {
        let counts = self.counts(rayon::current_num_threads(), self.band_bits());
        let (mut targets, mut sources) = (vec![0; self.synapses()], vec![0; self.synapses()]);
        self.fill_regions(regions(&counts, &mut targets, &mut sources));
        let mut lengths = vec![0; self.sources];
        self.sort_bands(&counts, &mut targets, &sources, &mut lengths);
        (lengths, targets)
    }

    fn synapses(&self) -> usize {
        self.targets * self.degree as usize
    }

    // A band has 2^bits sources, at most as many as 16 bits can tell apart.
    fn band_bits(&self) -> u32 {
        self.sources.div_ceil(BANDS).next_power_of_two().trailing_zeros().min(16)
    }

    // Pairs by block of targets and band of 2^`bits` sources.
    fn counts(&self, blocks: usize, bits: u32) -> Vec<Vec<u32>> {
        let count = |block| {
            let mut counts = vec![0; (self.sources >> bits) + 1];
            self.visit(block, blocks, |source, _| counts[(source >> bits) as usize] += 1);
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

    fn fill_regions(&self, mut regions: Vec<Vec<Region<'_>>>) {
        let (bits, blocks) = (self.band_bits(), regions.len());
        regions.par_iter_mut().enumerate().for_each(|(block, regions)| {
            self.visit(block, blocks, |source, target| {
                regions[(source >> bits) as usize].push((source & ((1 << bits) - 1)) as u16, target);
            });
        });
    }

    fn sort_bands(&self, counts: &[Vec<u32>], mut targets: &mut [u32], mut sources: &[u16], lengths: &mut [u32]) {
        let mut bands = Vec::new();
        for (band, lengths) in lengths.chunks_mut(1 << self.band_bits()).enumerate() {
            let size = counts.iter().map(|block| block[band] as usize).sum();
            let (these, rest) = targets.split_at_mut(size);
            bands.push((these, &sources[..size], lengths));
            (targets, sources) = (rest, &sources[size..]);
        }
        bands.into_par_iter().for_each_init(Vec::new, |copy, (targets, sources, lengths)| {
            sort_band(targets, sources, lengths, copy);
        });
    }
}

// Cuts both lists band by band, and each band block by block.
fn regions<'a>(counts: &[Vec<u32>], mut targets: &'a mut [u32], mut sources: &'a mut [u16]) -> Vec<Vec<Region<'a>>> {
    let bands = counts.first().map_or(0, Vec::len);
    let mut regions: Vec<Vec<Region<'a>>> = counts.iter().map(|_| Vec::with_capacity(bands)).collect();
    for band in 0..bands {
        for (block, regions) in counts.iter().zip(&mut regions) {
            let (these, rest) = targets.split_at_mut(block[band] as usize);
            let (their_sources, rest_sources) = sources.split_at_mut(these.len());
            regions.push(Region { targets: these.iter_mut(), sources: their_sources.iter_mut() });
            (targets, sources) = (rest, rest_sources);
        }
    }
    regions
}

// Sorts a band by source, keeping the order of targets, and counts its rows.
fn sort_band(targets: &mut [u32], sources: &[u16], lengths: &mut [u32], copy: &mut Vec<u32>) {
    sources.iter().for_each(|&source| lengths[source as usize] += 1);
    let mut end = 0;
    let mut next: Vec<u32> = Vec::with_capacity(lengths.len());
    next.extend(lengths.iter().map(|length| {
        end += length;
        end - length
    }));
    copy.clear();
    copy.extend_from_slice(targets);
    for (&source, &target) in sources.iter().zip(copy.iter()) {
        targets[next[source as usize] as usize] = target;
        next[source as usize] += 1;
    }
}
