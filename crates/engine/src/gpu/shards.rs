//! Synapses as the shards of `kernels/deliver.wgsl` hold them: rows by source, targets and weights two a word, delays four a word.

use limnos_spec::connect::{SynapseDelays, SynapseWeights};
use limnos_spec::twin::device::layout::{DELAY_TABLE, Piece, WEIGHT_TABLE, WIDE_TARGETS};
use limnos_spec::{ALIGN, Model, ProjectionModel};
use rayon::prelude::*;

use super::buffers::Buffers;
use super::plan::resident::Sections;
use super::plan::{PiecePlan, ShardPlan};
use crate::EngineError;

/// Entries packed at a time, so that the host never holds a second copy of the synapses.
const CHUNK: usize = 1 << 20;

/// The buffers that hold the tables of a shard.
#[derive(Debug)]
struct Names {
    rows: String,
    targets: String,
    values: String,
}

/// Fills the buffers of shard `k`.
pub(super) fn upload(buffers: &Buffers, model: &Model, k: usize, shard: &ShardPlan) -> Result<(), EngineError> {
    let pieces = pieces(model, shard);
    let of = |table: &str| format!("{table} {k}");
    let names = Names { rows: of("rows"), targets: of("targets"), values: of("values") };
    buffers.write(&of("pieces"), 0, &pieces)?;
    buffers.write(&names.rows, 0, &blocks(model, shard, &pieces))?;
    for (plan, piece) in shard.pieces.iter().zip(&pieces) {
        upload_piece(buffers, &model.projections[plan.projection], &names, plan, piece)?;
    }
    Ok(())
}

/// Fills the sections of `network` with both shards: pieces, then rows, targets and values of each.
pub(super) fn upload_merged(
    buffers: &Buffers,
    model: &Model,
    shards: &[ShardPlan],
    sections: &Sections,
) -> Result<(), EngineError> {
    let names = ["network"; 3].map(str::to_owned);
    let [rows, targets, values] = names;
    let names = Names { rows, targets, values };
    let mut before = 0;
    for (k, shard) in shards.iter().enumerate() {
        let mut pieces = pieces(model, shard);
        // In a shard's own tables a piece is found by its place among the shard's pieces.
        let blocks = blocks(model, shard, &pieces).into_iter().map(|piece| piece + before);
        buffers.write("network", sections.rows[k] as usize, &blocks.collect::<Vec<_>>())?;
        for (plan, piece) in shard.pieces.iter().zip(&mut pieces) {
            piece.rows += sections.rows[k] as u32;
            piece.targets += sections.targets[k] as u32;
            piece.weights += sections.values[k] as u32;
            piece.delays += sections.values[k] as u32;
            upload_piece(buffers, &model.projections[plan.projection], &names, plan, piece)?;
        }
        let words: &[u32] = bytemuck::cast_slice(&pieces);
        buffers.write("network", sections.pieces as usize + before as usize * size_of::<Piece>() / 4, words)?;
        before += pieces.len() as u32;
    }
    Ok(())
}

/// The descriptions of a shard's pieces: each piece's tables follow those of the one before.
pub(super) fn pieces(model: &Model, shard: &ShardPlan) -> Vec<Piece> {
    let rows: usize = shard.pieces.iter().map(|piece| piece.sources.len() + 1).sum();
    let (mut row, mut target, mut value) = (shard.row_words as u32 - rows as u32, 0, 0);
    let next = |at: &mut u32, words: u64| {
        let start = *at;
        *at += words as u32;
        start
    };
    let piece = |plan: &PiecePlan| {
        let p = &model.projections[plan.projection];
        let mut piece = described(p, model.populations[p.target].size > 1 << 16, plan);
        let wide = piece.flags & WIDE_TARGETS != 0;
        piece.rows = next(&mut row, plan.sources.len() as u64 + 1);
        piece.targets = next(&mut target, if wide { plan.synapses } else { plan.synapses.div_ceil(2) });
        let tables = |flag, per_word| if piece.flags & flag != 0 { plan.synapses.div_ceil(per_word) } else { 0 };
        let (weights, delays) = (tables(WEIGHT_TABLE, 2), tables(DELAY_TABLE, 4));
        piece.weights = next(&mut value, weights);
        piece.delays = next(&mut value, delays);
        piece
    };
    shard.pieces.iter().map(piece).collect()
}

fn described(p: &ProjectionModel, wide: bool, plan: &PiecePlan) -> Piece {
    let mut piece = Piece {
        first_source: (p.first_source + plan.sources.start) as u32,
        sources: plan.sources.len() as u32,
        first_target: p.first_target as u32,
        flags: if wide { WIDE_TARGETS } else { 0 },
        ..Piece::default()
    };
    match &p.synapses.weights {
        SynapseWeights::Constant(weight) => piece.weight = *weight,
        SynapseWeights::Table { shift, .. } => {
            piece.flags |= WEIGHT_TABLE;
            piece.shift = *shift;
        }
    }
    match &p.synapses.delays {
        SynapseDelays::Constant(delay) => piece.delay = u32::from(*delay),
        SynapseDelays::Table(_) => piece.flags |= DELAY_TABLE,
    }
    piece
}

/// For each block of 64 sources the first and the end of the pieces that may hold it.
pub(super) fn blocks(model: &Model, shard: &ShardPlan, pieces: &[Piece]) -> Vec<u32> {
    let space = if shard.from_input { model.layout.channels } else { model.layout.cells };
    let mut blocks = vec![0; 2 * (space / ALIGN)];
    for (k, piece) in pieces.iter().enumerate() {
        let (first, end) = (piece.first_source as usize, (piece.first_source + piece.sources) as usize);
        for block in first / ALIGN..end.div_ceil(ALIGN) {
            let empty = blocks[2 * block + 1] == 0;
            if empty {
                blocks[2 * block] = k as u32;
            }
            blocks[2 * block + 1] = k as u32 + 1;
        }
    }
    blocks
}

fn upload_piece(
    buffers: &Buffers,
    p: &ProjectionModel,
    names: &Names,
    plan: &PiecePlan,
    piece: &Piece,
) -> Result<(), EngineError> {
    let rows = &p.synapses.row_start[plan.sources.start..=plan.sources.end];
    let (first, end) = (rows[0], rows[rows.len() - 1]);
    let starts: Vec<u32> = rows.iter().map(|&row| (row - first) as u32).collect();
    buffers.write(&names.rows, piece.rows as usize, &starts)?;
    let targets = &p.synapses.targets[first..end];
    if piece.flags & WIDE_TARGETS != 0 {
        buffers.write(&names.targets, piece.targets as usize, targets)?;
    } else {
        packed::<2, _>(buffers, &names.targets, piece.targets, targets, |target| target)?;
    }
    if let SynapseWeights::Table { mantissas, .. } = &p.synapses.weights {
        packed::<2, _>(buffers, &names.values, piece.weights, &mantissas[first..end], |weight| {
            u32::from(weight as u16)
        })?;
    }
    if let SynapseDelays::Table(delays) = &p.synapses.delays {
        packed::<4, _>(buffers, &names.values, piece.delays, &delays[first..end], u32::from)?;
    }
    Ok(())
}

/// Writes values of `32 / N` bits, `N` a word, from word `at` on.
fn packed<const N: usize, T: Copy + Sync>(
    buffers: &Buffers,
    name: &str,
    at: u32,
    values: &[T],
    bits: impl Fn(T) -> u32 + Sync,
) -> Result<(), EngineError> {
    for (k, chunk) in values.chunks(CHUNK).enumerate() {
        let words: Vec<u32> = chunk.par_chunks(N).map(|few| pack::<N, T>(few, &bits)).collect();
        buffers.write(name, at as usize + k * (CHUNK / N), &words)?;
    }
    Ok(())
}

/// At most `N` values in a word, the first in the lowest bits.
pub(super) fn pack<const N: usize, T: Copy>(few: &[T], bits: impl Fn(T) -> u32) -> u32 {
    few.iter().enumerate().fold(0, |word, (i, &value)| word | bits(value) << (32 / N * i))
}
