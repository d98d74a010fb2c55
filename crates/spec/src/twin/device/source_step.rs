//! Spikes of all channels in one step, as bits and as a list: the twin of `kernels/source_step.wgsl`.

use super::layout::{Clock, FEED_SILENT, FEED_SPIKES, FEED_THRESHOLDS, Geometry, InputEntry};
use crate::rng::BLOCK;
use crate::twin::source_step::{SourceDraw, bernoulli};

/// Writes the spikes of a step to `words`, 32 channels each, and appends them to `list`, whose first word is their number.
pub fn source_step(
    geometry: &Geometry,
    clock: &Clock,
    inputs: &[InputEntry],
    blocks: &[u32],
    feed: &[u32],
    list: &mut [u32],
    words: &mut [u32],
) {
    for block in 0..geometry.channels as usize / BLOCK {
        let entry = &inputs[blocks[block] as usize];
        let channel = block * BLOCK - entry.first as usize;
        let mut bits = spikes(geometry, clock, entry, 0, feed, channel);
        (words[2 * block], words[2 * block + 1]) = (bits as u32, (bits >> 32) as u32);
        while bits != 0 {
            list[0] += 1;
            list[list[0] as usize] = (block * BLOCK) as u32 + bits.trailing_zeros();
            bits &= bits - 1;
        }
    }
}

/// Which of the 64 channels from `channel` (counted within the input, a multiple of 64) spike in a lane.
#[must_use]
pub fn spikes(geometry: &Geometry, clock: &Clock, entry: &InputEntry, lane: u32, feed: &[u32], channel: usize) -> u64 {
    let held = entry.kind == FEED_THRESHOLDS && entry.rows == 1;
    let row = if held { 0 } else { clock.step.wrapping_sub(entry.start) };
    if entry.kind == FEED_SILENT || row >= entry.rows {
        return 0;
    }
    let (size, row) = (entry.size as usize, row as usize);
    let left = size - channel;
    let fed = &feed[entry.offset as usize + lane as usize * entry.stride as usize..];
    if entry.kind == FEED_SPIKES {
        let words = &fed[row * size.div_ceil(32)..][..size.div_ceil(32)];
        let low = u64::from(words[channel / 32]);
        let high = words.get(channel / 32 + 1).map_or(0, |&word| u64::from(word));
        let real = if left >= BLOCK { u64::MAX } else { (1 << left) - 1 };
        return (low | high << 32) & real;
    }
    let draw = SourceDraw {
        input: entry.index,
        step: clock.step,
        sample: clock.first_sample.wrapping_add(lane),
        key: [geometry.key_low, geometry.key_high],
    };
    bernoulli(draw, channel, &fed[row * size + channel..][..left.min(BLOCK)])
}
