//! The plan of the resident regime: one dispatch simulates every sample for many steps, one workgroup a sample.

use std::ops::Range;

use limnos_spec::ALIGN;
use limnos_spec::twin::device::layout::{Geometry, InputEntry, Observation, Piece, PopulationEntry, Span};
use limnos_spec::twin::device::learning::Learning;

use super::event::{noise, source_words, table_words};
use super::loops;
use super::observation::{anything, observation};
use super::shards::{ShardPlan, whole};
use super::sizes::Sizes;
use super::{BufferPlan, Dispatch, GpuPlan, LearningPlan, Limits, Phase, Regime, Usage, groups, to};
use crate::{EngineError, RunOptions};

/// Most cells that one sample runs with in one workgroup unasked: beyond them many workgroups are faster than one, though each step then
/// costs several dispatches.
pub(super) const ALONE: usize = 4096;

/// Fewest steps of a dispatch for which one static sample takes the regime unasked: with fewer, dispatches are about as many as elsewhere.
pub(super) const LEAST_STEPS: u32 = 32;

/// What to do where the regime cannot serve.
const ADVICE: &str = "; leave the regime to the plan, take another, or the CPU device";

/// Workgroup memory comes in pieces of so many words, so that networks of about one size share a pipeline.
const GRAIN: u64 = 1024;

/// Words per 32 bits of spikes come in pieces of so many.
const BITS_GRAIN: u64 = 128;

/// Where the sections of the merged tables start, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::gpu) struct Sections {
    /// In `network`, after plastic synapses: populations, inputs, pieces, and of the shards of channels and cells row starts, targets and
    /// values; the end.
    pub(in crate::gpu) populations: u64,
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
    /// In the state of a sample: the learner; the end.
    pub(in crate::gpu) learner: u64,
    pub(in crate::gpu) stride: u64,
    /// Plastic weights of a sample.
    pub(in crate::gpu) weights: u64,
    /// In `record`, after the ring: traces, counts, what is recorded by step, outputs of astrocytes; the end.
    pub(in crate::gpu) traces: u64,
    pub(in crate::gpu) counts: u64,
    pub(in crate::gpu) recording: u64,
    pub(in crate::gpu) course: u64,
    pub(in crate::gpu) record: u64,
}

/// Both shards: synapses of channels, synapses of cells.
fn shards(sizes: &Sizes) -> [ShardPlan; 2] {
    [whole(sizes, true), whole(sizes, false)]
}

/// Words one after another.
struct Words(u64);

impl Words {
    fn take(&mut self, words: u64) -> u64 {
        self.0 += words;
        self.0 - words
    }

    fn both(&mut self, shards: &[ShardPlan], of: fn(&ShardPlan) -> u64) -> [u64; 2] {
        [self.take(of(&shards[0])), self.take(of(&shards[1]))]
    }
}

pub(in crate::gpu) fn sections(
    sizes: &Sizes,
    shards: &[ShardPlan],
    learning: Option<&LearningPlan>,
    options: &RunOptions,
) -> Sections {
    let (layout, batch) = (sizes.layout, options.batch.max(1) as u64);
    let of = |bytes: usize| (bytes / 4) as u64;
    let plastic = learning.and_then(|l| l.shards.first());
    let mut network = Words(plastic.map_or(0, |shard| shard.synapse_words));
    let (o, recorded) = observed(sizes, options);
    let field = batch * layout.cells as u64;
    let mut sections = Sections {
        populations: network.take(of(sizes.populations.len() * size_of::<PopulationEntry>())),
        inputs: network.take(of(sizes.inputs.len() * size_of::<InputEntry>())),
        pieces: network.take(of(shards.iter().map(|s| s.pieces.len()).sum::<usize>() * size_of::<Piece>())),
        rows: network.both(shards, |shard| shard.row_words),
        targets: network.both(shards, |shard| shard.target_words),
        values: network.both(shards, |shard| shard.value_words),
        network: network.take(0),
        weights: plastic.map_or(0, |shard| shard.weight_words),
        learner: (layout.fields * layout.cells) as u64,
        ..Sections::default()
    };
    sections.stride = sections.learner + learning.map_or(0, |l| u64::from(l.layout.learner_words));
    let mut tables = Words(table_words(sizes));
    sections.blocks = tables.take((layout.channels / ALIGN) as u64);
    sections.points = tables.take(u64::from(o.samples) + u64::from(o.probes));
    sections.tables = tables.take(0);
    let mut record = Words((layout.ring_slots * layout.receptors) as u64 * field);
    sections.traces = record.take(u64::from(o.traced) * u64::from(o.samples + 1) * field);
    sections.counts = record.take(u64::from(o.windows) * field);
    sections.recording = record.take(recorded);
    let course = learning.map_or(0, |l| u64::from(l.layout.learning.course) * u64::from(l.layout.learning.astrocytes));
    sections.course = record.take(batch * course);
    sections.record = record.take(0);
    sections
}

fn observed(sizes: &Sizes, options: &RunOptions) -> (Observation, u64) {
    let batch = options.batch.max(1);
    observation(&options.observe, sizes.populations.len(), batch, batch * sizes.layout.cells / 32)
}

/// Workgroup memory of a sample.
struct Memory {
    /// Words of the ring there; 0: it is in storage.
    sums: u64,
    /// Words of spikes of two steps.
    bits: u64,
    /// Words that gather what astrocytes watch.
    astrocytes: u64,
}

fn memory(sizes: &Sizes, limits: &Limits) -> Result<Memory, EngineError> {
    let layout = sizes.layout;
    let bits = ((layout.cells + layout.channels) as u64 / 16).next_multiple_of(BITS_GRAIN);
    let astrocytes = sizes.learning.as_ref().map_or(0, |l| l.astrocytes.len() as u64).max(1).next_multiple_of(4);
    let (needed, allowed) = (4 * (bits + astrocytes) + 16, u64::from(limits.workgroup_bytes));
    if needed > allowed {
        return Err(EngineError::Limit {
            what: "the spikes of a sample in bytes of workgroup memory (resident regime)".into(),
            needed,
            allowed,
            advice: ADVICE,
        });
    }
    let ring = (layout.ring_slots * layout.receptors * layout.cells) as u64;
    // As much as is needed in whole pieces, or what is left where that is enough.
    let left = (allowed - 4 * (bits + astrocytes)) / 4;
    let sums = if ring <= left { ring.next_multiple_of(GRAIN).min(left / 4 * 4) } else { 0 };
    Ok(Memory { sums, bits, astrocytes })
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
    let learning = sizes.learning.as_ref().map(|l| LearningPlan::whole(sizes, l, options)).transpose()?;
    let memory = memory(sizes, limits)?;
    let sections = sections(sizes, &shards, learning.as_ref(), options);
    let chunks = chunks(options.batch.max(1), sections.weights, limits)?;
    let overrides = overrides(sizes, options, &memory, invocations(workgroup));
    let dispatch = |(k, samples): (usize, &Range<usize>)| Dispatch {
        kernel: if learning.is_some() { "kernels/resident_plastic" } else { "kernels/resident" },
        overrides: overrides.clone(),
        renamed: vec![to("span", format!("span {k}")), to("plastic_weights", format!("plastic_weights {k}"))],
        groups: groups(samples.len() as u64, 1, limits),
        phase: Phase::Neurons,
    };
    let mut buffers = buffers(sizes, &sections, options, chunks.len());
    buffers.extend(learning.iter().flat_map(|l| learning_buffers(l, &sections, &chunks)));
    let steps = steps(sizes, options, limits, invocations(workgroup))?;
    Ok(GpuPlan {
        regime: Regime::Resident,
        buffers,
        shards: shards.to_vec(),
        dispatches: chunks.iter().enumerate().map(dispatch).collect(),
        learning,
        inputs: sizes.uses_inputs(),
        chunks,
        steps,
    })
}

/// The samples of each dispatch: as many as have their weights in one binding.
fn chunks(batch: usize, weights: u64, limits: &Limits) -> Result<Vec<Range<usize>>, EngineError> {
    let allowed = limits.binding_bytes.min(limits.buffer_bytes);
    if 4 * weights > allowed {
        return Err(EngineError::Limit {
            what: "the plastic weights of a sample in bytes of one binding (resident regime)".into(),
            needed: 4 * weights,
            allowed,
            advice: ADVICE,
        });
    }
    let most = (allowed.checked_div(4 * weights).unwrap_or(batch as u64) as usize).clamp(1, batch);
    Ok((0..batch).step_by(most).map(|first| first..batch.min(first + most)).collect())
}

fn overrides(sizes: &Sizes, options: &RunOptions, memory: &Memory, invocations: u32) -> Vec<(&'static str, f64)> {
    let flag = |on: bool| f64::from(u8::from(on));
    let mut overrides = vec![
        ("WG", f64::from(invocations)),
        ("NOISE", noise(sizes)),
        ("INPUTS", flag(sizes.uses_inputs())),
        ("OBSERVED", flag(anything(&options.observe))),
        ("SHARED", flag(memory.sums > 0)),
        ("SUMS", memory.sums.max(1) as f64),
        ("BITS", memory.bits as f64),
    ];
    if sizes.learning.is_some() {
        overrides.push(("ASTROCYTES", memory.astrocytes as f64));
    }
    overrides
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
            advice: ADVICE,
        });
    }
    Ok(((allowed - around) / step) as u32)
}

fn buffers(sizes: &Sizes, sections: &Sections, options: &RunOptions, chunks: usize) -> Vec<BufferPlan> {
    let feed = if sizes.uses_inputs() { source_words(sizes) } else { 0 };
    let mut buffers = vec![
        BufferPlan::of::<Geometry>("geometry", 1, Usage::Uniform),
        BufferPlan::of::<Observation>("observation", 1, Usage::Uniform),
        BufferPlan::words("network", sections.network),
        BufferPlan::words("tables", sections.tables),
        BufferPlan::words("currents", 0),
        BufferPlan::words("feed", feed),
        BufferPlan::words("state", sections.stride * options.batch.max(1) as u64),
        BufferPlan::words("initial state", sections.stride),
        BufferPlan::words("record", sections.record),
    ];
    buffers.extend((0..chunks).map(|k| BufferPlan::of::<Span>(&format!("span {k}"), 1, Usage::Uniform)));
    buffers
}

fn learning_buffers(plan: &LearningPlan, sections: &Sections, chunks: &[Range<usize>]) -> Vec<BufferPlan> {
    let mut buffers = vec![
        BufferPlan::of::<Learning>("learning", 1, Usage::Uniform),
        BufferPlan::words("plastic_tables", u64::from(plan.layout.table_words)),
        BufferPlan::words("initial weights", sections.weights),
    ];
    let weights = |(k, samples): (usize, &Range<usize>)| {
        BufferPlan::words(format!("plastic_weights {k}"), sections.weights * samples.len() as u64)
    };
    buffers.extend(chunks.iter().enumerate().map(weights));
    buffers
}
