//! Noise in the states: blocks of 64 units of a layer at a time.

use limnos_spec::rng;

/// Units of a block.
pub(crate) const BLOCK: usize = rng::BLOCK;

/// Which numbers: see [`limnos_spec::twin::rate_step::noise`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoiseDraw {
    /// Of the layer.
    pub(crate) stream: u32,
    pub(crate) step: u32,
    pub(crate) sample: u32,
    pub(crate) key: [u32; 2],
}

/// The normal numbers of units `first .. first + 64`, `first` a multiple of 4.
#[inline(always)]
pub(crate) fn noise_block(draw: NoiseDraw, first: usize, out: &mut [f64; BLOCK]) {
    let mut words = [0; BLOCK];
    rng::fill_words(&mut words, draw.stream, first as u32, draw.step, draw.sample, draw.key);
    rng::normals(&words, out);
}
