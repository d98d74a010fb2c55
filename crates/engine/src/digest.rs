//! Digests of whole runs, so that a changed bit is seen.
//!
//! xxh3 (64 bits) over, for each step from 0: the number of spikes and their global neuron numbers, ascending (populations one after
//! another without padding); then the state: fields in declared order by neuron, the delay ring rotated to now by slot, receptor, neuron,
//! then what was learned (see [`crate::PlasticState`]: weights in row order, traces, filters, events under way, rates, astrocytes).
//! Everything is a little-endian 32-bit word. A batch has one digest a sample; its own is the xxh3 of those.

use limnos_spec::Model;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::SampleState;

/// A digest in the making: one hasher a sample.
#[derive(Clone, Default)]
pub struct Digest {
    hashers: Vec<Xxh3>,
    spikes: u64,
    steps: u64,
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Digest").field("samples", &self.hashers.len()).field("spikes", &self.spikes).finish()
    }
}

impl Digest {
    /// A digest of `batch` samples.
    #[must_use]
    pub fn new(batch: usize) -> Self {
        Self { hashers: vec![Xxh3::new(); batch], spikes: 0, steps: 0 }
    }

    /// Takes recorded spikes `[step][sample][word]`, as [`crate::Backend::spikes`] gives them.
    pub fn push(&mut self, model: &Model, bits: &[u32]) {
        let words = model.layout.cells / 32;
        let mut ids = Vec::new();
        for rows in bits.chunks_exact(words * self.hashers.len()) {
            self.steps += 1;
            for (hasher, row) in self.hashers.iter_mut().zip(rows.chunks_exact(words)) {
                ids.clear();
                collect(model, row, &mut ids);
                self.spikes += ids.len() as u64;
                hasher.update(&(ids.len() as u32).to_le_bytes());
                ids.iter().for_each(|id| hasher.update(&id.to_le_bytes()));
            }
        }
    }

    /// Spikes seen so far, all samples together.
    #[must_use]
    pub const fn spikes(&self) -> u64 {
        self.spikes
    }

    /// Steps seen so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Takes the final state; the digest of each sample.
    #[must_use]
    pub fn finish(mut self, model: &Model, states: &[SampleState]) -> Vec<u64> {
        for (hasher, state) in self.hashers.iter_mut().zip(states) {
            for row in [&state.fields, &state.ring].into_iter().flat_map(|words| words.chunks_exact(model.layout.cells))
            {
                for population in &model.populations {
                    row[population.cells()].iter().for_each(|word| hasher.update(&word.to_le_bytes()));
                }
            }
            state.plastic.words().for_each(|word| hasher.update(&word.to_le_bytes()));
        }
        self.hashers.iter().map(Xxh3::digest).collect()
    }
}

/// The digest of a batch.
#[must_use]
pub fn combined(samples: &[u64]) -> u64 {
    match samples {
        [one] => *one,
        all => xxh3_64(&all.iter().flat_map(|d| d.to_le_bytes()).collect::<Vec<_>>()),
    }
}

/// Appends the global neuron numbers of the set bits of one step's row of words.
fn collect(model: &Model, row: &[u32], ids: &mut Vec<u32>) {
    let mut base = 0;
    for population in &model.populations {
        for (k, &word) in row[population.first / 32..][..population.size.div_ceil(32)].iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                ids.push(base + 32 * k as u32 + rest.trailing_zeros());
                rest &= rest - 1;
            }
        }
        base += population.size as u32;
    }
}
