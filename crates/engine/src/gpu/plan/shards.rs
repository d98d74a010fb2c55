//! How the synapses are cut so that no table exceeds a binding: by projection and range of sources.

use std::ops::Range;

use limnos_spec::ALIGN;
use limnos_spec::twin::device::layout::Piece;

use super::Limits;
use super::sizes::{ProjectionSizes, Sizes};
use crate::EngineError;

/// Synapses that one dispatch delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardPlan {
    /// Whether its sources are channels.
    pub from_input: bool,
    /// Its parts.
    pub pieces: Vec<PiecePlan>,
    /// Words of its row starts, the blocks before them included.
    pub row_words: u64,
    /// Words of its targets.
    pub target_words: u64,
    /// Words of its weights and delays.
    pub value_words: u64,
}

/// Rows of one projection in a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PiecePlan {
    /// Index of the projection.
    pub projection: usize,
    /// Its sources, counted within the projection.
    pub sources: Range<usize>,
    /// Synapses.
    pub synapses: u64,
}

/// Words of the tables of a number of synapses.
fn words(p: &ProjectionSizes, synapses: u64) -> (u64, u64) {
    let targets = if p.wide() { synapses } else { synapses.div_ceil(2) };
    let weights = if p.weight_table { synapses.div_ceil(2) } else { 0 };
    let delays = if p.delay_table { synapses.div_ceil(4) } else { 0 };
    (targets, weights + delays)
}

impl ShardPlan {
    fn new(from_input: bool, sizes: &Sizes) -> Self {
        let space = if from_input { sizes.layout.channels } else { sizes.layout.cells };
        let row_words = 2 * (space / ALIGN) as u64;
        Self { from_input, pieces: Vec::new(), row_words, target_words: 0, value_words: 0 }
    }

    /// Bytes of its pieces' descriptions.
    #[must_use]
    pub fn piece_bytes(&self) -> u64 {
        (self.pieces.len() * size_of::<Piece>()) as u64
    }

    /// The largest table in bytes with one more piece of so many rows and synapses.
    fn bytes_with(&self, p: &ProjectionSizes, rows: usize, synapses: u64) -> u64 {
        let (targets, values) = words(p, synapses);
        let tables = [self.row_words + rows as u64 + 1, self.target_words + targets, self.value_words + values];
        let largest = tables.into_iter().max().unwrap_or(0);
        (4 * largest).max(self.piece_bytes() + size_of::<Piece>() as u64)
    }

    fn push(&mut self, p: &ProjectionSizes, piece: PiecePlan) {
        let (targets, values) = words(p, piece.synapses);
        self.row_words += piece.sources.len() as u64 + 1;
        self.target_words += targets;
        self.value_words += values;
        self.pieces.push(piece);
    }
}

/// Cuts the synapses from inputs, or those from populations, into shards.
pub(super) fn cut(sizes: &Sizes, from_input: bool, limits: &Limits) -> Result<Vec<ShardPlan>, EngineError> {
    let mut shards = vec![ShardPlan::new(from_input, sizes)];
    let fits = |p: &ProjectionSizes, from_input| p.from_input == from_input && p.learned.is_none();
    for (index, p) in sizes.projections.iter().enumerate().filter(|(_, p)| fits(p, from_input)) {
        let mut first = 0;
        while first < p.rows.len() {
            let shard = shards.last_mut().expect("there is always an open shard");
            let (end, synapses) = longest_run(shard, p, first, limits.binding_bytes);
            if end > first {
                if synapses > 0 {
                    shard.push(p, PiecePlan { projection: index, sources: first..end, synapses });
                }
                first = end;
            } else if shard.pieces.is_empty() {
                return Err(too_long(shard.bytes_with(p, 1, u64::from(p.rows[first])), p, first, limits));
            }
            if first < p.rows.len() {
                shards.push(ShardPlan::new(from_input, sizes));
            }
        }
    }
    shards.retain(|shard| !shard.pieces.is_empty());
    Ok(shards)
}

/// All synapses from inputs, or all from populations, as one shard, which may be empty.
pub(super) fn whole(sizes: &Sizes, from_input: bool) -> ShardPlan {
    let mut shard = ShardPlan::new(from_input, sizes);
    let of_kind = sizes
        .projections
        .iter()
        .enumerate()
        .filter(|(_, p)| p.from_input == from_input && p.synapses() > 0 && p.learned.is_none());
    for (projection, p) in of_kind {
        shard.push(p, PiecePlan { projection, sources: 0..p.rows.len(), synapses: p.synapses() });
    }
    shard
}

/// As many rows from `first` on as the shard can take: their end and their synapses.
fn longest_run(shard: &ShardPlan, p: &ProjectionSizes, first: usize, allowed: u64) -> (usize, u64) {
    let mut synapses = 0;
    for (row, &length) in p.rows.iter().enumerate().skip(first) {
        if shard.bytes_with(p, row + 1 - first, synapses + u64::from(length)) > allowed {
            return (row, synapses);
        }
        synapses += u64::from(length);
    }
    (p.rows.len(), synapses)
}

pub(super) fn too_long(needed: u64, p: &ProjectionSizes, row: usize, limits: &Limits) -> EngineError {
    EngineError::Limit {
        what: format!("the row of source {row} of {} in bytes of one binding", p.name),
        needed,
        allowed: limits.binding_bytes,
        advice: "; give the source fewer synapses, or use the CPU device",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use limnos_spec::Layout;

    fn sizes(rows: Vec<u32>) -> Sizes {
        let cells = rows.len().next_multiple_of(ALIGN);
        let projection = ProjectionSizes {
            name: "p".into(),
            from_input: false,
            first_source: 0,
            target: 0,
            target_size: rows.len(),
            rows,
            weight_table: true,
            delay_table: true,
            learned: None,
        };
        let layout = Layout { cells, channels: 0, ring_slots: 1, receptors: 1, fields: 2 };
        Sizes { layout, populations: Vec::new(), inputs: Vec::new(), projections: vec![projection], learning: None }
    }

    fn limits(binding_bytes: u64) -> Limits {
        Limits { binding_bytes, ..Limits::WEBGPU }
    }

    #[test]
    fn shards_tile_the_rows_within_the_limit() {
        let sizes = sizes((0..1000).map(|i| i % 97).collect());
        for allowed in [1024, 4096, 65_536, 1 << 27] {
            let shards = cut(&sizes, false, &limits(allowed)).unwrap();
            let mut next = 0;
            for shard in &shards {
                assert!(4 * shard.row_words.max(shard.target_words).max(shard.value_words) <= allowed);
                for piece in &shard.pieces {
                    assert_eq!(piece.sources.start, next);
                    next = piece.sources.end;
                }
            }
            assert_eq!(next, 1000);
            let synapses: u64 = shards.iter().flat_map(|s| &s.pieces).map(|p| p.synapses).sum();
            assert_eq!(synapses, sizes.projections[0].synapses());
            assert_eq!(shards.len() == 1, allowed == 1 << 27);
        }
        assert!(cut(&sizes, true, &limits(1 << 20)).unwrap().is_empty());
    }

    #[test]
    fn a_row_beyond_a_binding_is_told() {
        let error = cut(&sizes(vec![3, 5000, 2]), false, &limits(4096)).unwrap_err();
        let EngineError::Limit { what, needed, allowed, .. } = &error else { panic!("{error}") };
        assert!(what.contains("source 1 of p"), "{what}");
        assert_eq!((*needed, *allowed), (4 * 3750, 4096));
    }
}
