//! Spikes of an input's channels in one step: the twin of `kernels/source_step.wgsl`.

use crate::fixed::below;
use crate::rng::{self, BLOCK, Purpose};

/// Counter parts of an input's draws in one step.
#[derive(Clone, Copy, Debug)]
pub struct SourceDraw {
    /// Index of the input.
    pub input: u32,
    /// Step.
    pub step: u32,
    /// Sample.
    pub sample: u32,
    /// The seed's key.
    pub key: [u32; 2],
}

/// Which of the 64 channels from `first` (a multiple of 64) spike by Bernoulli draws: bit i is channel `first + i`.
/// `thresholds` are those of the channels from `first` on; channels beyond them are silent.
#[inline(always)]
#[must_use]
pub fn bernoulli(draw: SourceDraw, first: usize, thresholds: &[u32]) -> u64 {
    let mut words = [0; BLOCK];
    let stream = rng::stream(Purpose::Source, draw.input, 0);
    rng::fill_words(&mut words, stream, first as u32, draw.step, draw.sample, draw.key);
    let mut fired = [0u8; BLOCK];
    for ((f, &u), &threshold) in fired.iter_mut().zip(&words).zip(thresholds) {
        *f = u8::from(below(u, threshold));
    }
    super::neuron_step::mask(&fired)
}
