//! Synapses in chunks of a fixed size, so that sums over them do not depend on the number of threads.

use std::ops::Range;

/// Synapses of a chunk.
pub(super) const CHUNK: usize = 1 << 16;

/// One synapse: its row, its place within the row, its index among all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) item: u32,
    pub(super) index: usize,
}

/// The chunk of this number, among so many synapses.
pub(super) fn chunk(number: usize, synapses: usize) -> Range<usize> {
    number * CHUNK..synapses.min((number + 1) * CHUNK)
}

/// The synapses of a range.
pub(super) fn places(row_start: &[usize], range: Range<usize>) -> impl Iterator<Item = Place> + Clone {
    let mut row = row_start.partition_point(|&start| start <= range.start).saturating_sub(1);
    range.map(move |index| {
        while row_start[row + 1] <= index {
            row += 1;
        }
        Place { row, item: (index - row_start[row]) as u32, index }
    })
}
