//! The plan of the resident regime: one dispatch simulates every sample for many steps, one workgroup a sample.

use limnos_spec::ALIGN;
use limnos_spec::twin::device::layout::{Geometry, InputEntry, Observation, Piece, PopulationEntry, Span};

use super::event::{noise, source_words, table_words};
use super::loops;
use super::observation::{anything, observation};
use super::shards::{ShardPlan, whole};
use super::sizes::Sizes;
use super::{BufferPlan, Dispatch, GpuPlan, Limits, Phase, Regime, Usage, groups};
use crate::{EngineError, RunOptions};

/// Most cells that one sample runs with in one workgroup unasked: beyond them many workgroups are faster than one, though each step then
/// costs several dispatches.
pub(super) const ALONE: usize = 4096;

/// Workgroup memory comes in pieces of so many words, so that networks of about one size share a pipeline.
const GRAIN: u64 = 1024;

/// Words per 32 bits of spikes come in pieces of so many.
const BITS_GRAIN: u64 = 128;

/// Where the sections of the merged tables start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gpu) struct Sections {
    /// In `network`: inputs, pieces, and of the shards of channels and cells row starts, targets and values; the end.
    pub(in crate::gpu) inputs: u64,
    pub(in crate::gpu) pieces: u64,
    pub(in crate::gpu) rows: [u64; 2],
    pub(in crate::gpu) targets: [u64; 2],
    pub(in crate::gpu) values: [u64; 2],
    pub(in crate::gpu) network: u64,
    /// In `tables`: inputs of blocks, points; the end.
    pub(in crate::gpu) blocks: u64,
    pub(in crate::gpu) points: u64,
    pub(in crate::gpu) tables: u64,
    /// In `record`: counts, what is recorded by step; the end.
    pub(in crate::gpu) counts: u64,
    pub(in crate::gpu) recording: u64,
    pub(in crate::gpu) record: u64,
}

/// Both shards: synapses of channels, synapses of cells.
pub(in crate::gpu) fn shards(sizes: &Sizes) -> [ShardPlan; 2] {
    [whole(sizes, true), whole(sizes, false)]
}

pub(in crate::gpu) fn sections(sizes: &Sizes, shards: &[ShardPlan], options: &RunOptions) -> Sections {
    let mut end = 0;
    let mut next = |words: u64| {
        end += words;
        end - words
    };
    let words = |bytes: usize| (bytes / 4) as u64;
    next(words(sizes.populations.len() * size_of::<PopulationEntry>()));
    let inputs = next(words(sizes.inputs.len() * size_of::<InputEntry>()));
    let pieces = next(words(shards.iter().map(|s| s.pieces.len()).sum::<usize>() * size_of::<Piece>()));
    let both =
        |of: &dyn Fn(&ShardPlan) -> u64, next: &mut dyn FnMut(u64) -> u64| [next(of(&shards[0])), next(of(&shards[1]))];
    let rows = both(&|shard| shard.row_words, &mut next);
    let targets = both(&|shard| shard.target_words, &mut next);
    let values = both(&|shard| shard.value_words, &mut next);
    let network = next(0);
    let blocks = table_words(sizes);
    let points = blocks + (sizes.layout.channels / ALIGN) as u64;
    let (o, recorded) = observed(sizes, options);
    let field = (options.batch.max(1) * sizes.layout.cells) as u64;
    let counts = u64::from(o.traced) * u64::from(o.samples + 1) * field;
    let recording = counts + u64::from(o.windows) * field;
    Sections {
        inputs,
        pieces,
        rows,
        targets,
        values,
        network,
        blocks,
        points,
        tables: points + u64::from(o.samples) + u64::from(o.probes),
        counts,
        recording,
        record: recording + recorded,
    }
}

fn observed(sizes: &Sizes, options: &RunOptions) -> (Observation, u64) {
    let batch = options.batch.max(1);
    observation(&options.observe, sizes.populations.len(), batch, batch * sizes.layout.cells / 32)
}

/// Workgroup memory of a sample.
struct Memory {
    /// Words of the ring there; 0: it is in storage.
    sums: u64,
    /// Words of spikes.
    bits: u64,
}

fn memory(sizes: &Sizes, limits: &Limits) -> Result<Memory, EngineError> {
    let layout = sizes.layout;
    let bits = ((2 * layout.cells + layout.channels) as u64 / 32).next_multiple_of(BITS_GRAIN);
    let allowed = u64::from(limits.workgroup_bytes);
    if 4 * bits + 64 > allowed {
        return Err(EngineError::Limit {
            what: "the spikes of a sample in bytes of workgroup memory (resident regime)".into(),
            needed: 4 * bits + 64,
            allowed,
            advice: "; leave the regime to the plan, or take another",
        });
    }
    let ring = (layout.ring_slots * layout.receptors * layout.cells) as u64;
    // As much as is needed in whole pieces, or what is left where that is enough.
    let left = (allowed - 4 * bits) / 4;
    let sums = if ring <= left { ring.next_multiple_of(GRAIN).min(left / 4 * 4) } else { 0 };
    Ok(Memory { sums, bits })
}

/// Whether the regime is the faster one: see `ARCHITECTURE.md`.
pub(super) fn wins(sizes: &Sizes, options: &RunOptions, limits: &Limits) -> bool {
    let cells = sizes.layout.cells;
    let most = if options.batch <= 1 { ALONE } else { limits.workgroup_bytes as usize / 4 };
    cells <= most
}

/// Invocations of a workgroup: it is alone with its sample, so it has four times as many as elsewhere.
fn invocations(workgroup: u32) -> u32 {
    (4 * workgroup).min(256)
}

pub(super) fn plan(
    sizes: &Sizes,
    options: &RunOptions,
    limits: &Limits,
    workgroup: u32,
) -> Result<GpuPlan, EngineError> {
    let shards = shards(sizes);
    let memory = memory(sizes, limits)?;
    let sections = sections(sizes, &shards, options);
    let flag = |on: bool| f64::from(u8::from(on));
    let dispatch = Dispatch {
        kernel: "kernels/resident",
        overrides: vec![
            ("WG", f64::from(invocations(workgroup))),
            ("NOISE", noise(sizes)),
            ("INPUTS", flag(!shards[0].pieces.is_empty())),
            ("OBSERVED", flag(anything(&options.observe))),
            ("SHARED", flag(memory.sums > 0)),
            ("SUMS", memory.sums.max(1) as f64),
            ("BITS", memory.bits as f64),
        ],
        renamed: Vec::new(),
        groups: groups(options.batch.max(1) as u64, 1, limits),
        phase: Phase::Neurons,
    };
    let buffers = buffers(sizes, options, &shards, &sections);
    let steps = steps(sizes, options, limits, invocations(workgroup))?;
    Ok(GpuPlan { regime: Regime::Resident, buffers, shards: shards.to_vec(), learning: None, dispatches: vec![dispatch], steps })
}

/// Most steps of a dispatch.
fn steps(sizes: &Sizes, options: &RunOptions, limits: &Limits, invocations: u32) -> Result<u32, EngineError> {
    if limits.loop_iterations == u32::MAX {
        return Ok(u32::MAX);
    }
    let (o, _) = observed(sizes, options);
    let (step, around) = (
        loops::in_a_step(sizes, &o, noise(sizes) > 0.0, u64::from(invocations)),
        loops::around(sizes, u64::from(invocations)),
    );
    let allowed = u64::from(limits.loop_iterations);
    if step + around > allowed {
        return Err(EngineError::Limit {
            what: "a step of a sample in iterations of one dispatch (resident regime)".into(),
            needed: step + around,
            allowed,
            advice: "; leave the regime to the plan, or take another",
        });
    }
    Ok(((allowed - around) / step) as u32)
}

fn buffers(sizes: &Sizes, options: &RunOptions, shards: &[ShardPlan], sections: &Sections) -> Vec<BufferPlan> {
    let layout = sizes.layout;
    let field = (options.batch.max(1) * layout.cells) as u64;
    let feed = if shards[0].pieces.is_empty() { 0 } else { source_words(sizes) };
    vec![
        BufferPlan::of::<Geometry>("geometry", 1, Usage::Uniform),
        BufferPlan::of::<Observation>("observation", 1, Usage::Uniform),
        BufferPlan::of::<Span>("span", 1, Usage::Uniform),
        BufferPlan::words("network", sections.network),
        BufferPlan::words("tables", sections.tables),
        BufferPlan::words("currents", 0),
        BufferPlan::words("feed", feed),
        BufferPlan::words("state", layout.fields as u64 * field),
        BufferPlan::words("ring", (layout.ring_slots * layout.receptors) as u64 * field),
        BufferPlan::words("record", sections.record),
    ]
}
