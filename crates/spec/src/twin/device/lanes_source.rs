//! Spikes of all channels in one step of a batch: the twin of `kernels/lanes_source.wgsl`.

use super::layout::{Clock, Geometry, InputEntry};
use super::source_step::spikes;
use crate::rng::BLOCK;

/// Writes the words of every channel (32 samples a word) to the slot of this step in `history`, `[slot][cell, then channel][word]`.
pub fn lanes_source(
    geometry: &Geometry,
    clock: &Clock,
    inputs: &[InputEntry],
    blocks: &[u32],
    feed: &[u32],
    history: &mut [u32],
) {
    let words = (geometry.lanes / 32) as usize;
    let slot = (clock.step % geometry.history_slots) as usize;
    let first = slot * (geometry.cells + geometry.channels) as usize + geometry.cells as usize;
    history[first * words..][..geometry.channels as usize * words].fill(0);
    for (block, &input) in blocks[..geometry.channels as usize / BLOCK].iter().enumerate() {
        let entry = &inputs[input as usize];
        for lane in 0..geometry.batch {
            let mut bits = spikes(geometry, clock, entry, lane, feed, block * BLOCK - entry.first as usize);
            while bits != 0 {
                let channel = block * BLOCK + bits.trailing_zeros() as usize;
                history[(first + channel) * words + lane as usize / 32] |= 1 << (lane % 32);
                bits &= bits - 1;
            }
        }
    }
}
