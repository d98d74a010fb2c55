//! The plan of the event regime: lists of spikes, deliveries by atomics.

use limnos_spec::ALIGN;
use limnos_spec::twin::device::layout::{Clock, Geometry, InputEntry, PopulationEntry, Stage};

use super::observation::{anything, buffers as observation_buffers, observation};
use super::shards::{ShardPlan, cut};
use super::sizes::Sizes;
use super::{BufferPlan, Dispatch, GpuPlan, Groups, Limits, Phase, Regime, Usage, groups, to};
use crate::{EngineError, RunOptions};

pub(super) fn plan(
    sizes: &Sizes,
    options: &RunOptions,
    limits: &Limits,
    workgroup: u32,
) -> Result<GpuPlan, EngineError> {
    let mut shards = cut(sizes, true, limits)?;
    shards.extend(cut(sizes, false, limits)?);
    let mut buffers = network_buffers(sizes, &shards);
    let mut dispatches = step(sizes, &shards, limits, workgroup);
    if anything(&options.observe) {
        let cells = sizes.layout.cells;
        let (o, words) = observation(&options.observe, sizes.populations.len(), 1, cells / 32);
        buffers.extend(observation_buffers(&o, words, cells as u64, cells / ALIGN));
        let invocations = cells.max(o.probes as usize) as u64;
        dispatches.push(dispatch("kernels/observe", Phase::Observe, groups(invocations, workgroup, limits), workgroup));
    }
    Ok(GpuPlan { regime: Regime::Event, buffers, shards, dispatches, steps: u32::MAX })
}

/// Words of the populations' tables.
pub(super) fn table_words(sizes: &Sizes) -> u64 {
    let constants = sizes.populations.iter().map(|p| (15 + p.varied * p.size + p.drive_words) as u64).sum::<u64>();
    (sizes.layout.cells / ALIGN) as u64 + constants
}

/// Words of the thresholds of sources before anything is fed.
pub(super) fn source_words(sizes: &Sizes) -> u64 {
    sizes.inputs.iter().filter(|input| input.source).map(|input| input.size as u64).sum()
}

/// Whether any population's drive draws.
pub(super) fn noise(sizes: &Sizes) -> f64 {
    f64::from(u8::from(sizes.populations.iter().any(|p| p.noise)))
}

fn network_buffers(sizes: &Sizes, shards: &[ShardPlan]) -> Vec<BufferPlan> {
    let layout = sizes.layout;
    let (cells, channels) = (layout.cells as u64, layout.channels as u64);
    let mut buffers = vec![
        BufferPlan::of::<Geometry>("geometry", 1, Usage::Uniform),
        BufferPlan::of::<Clock>("clock", 1, Usage::Storage),
        BufferPlan::of::<PopulationEntry>("populations", sizes.populations.len(), Usage::Storage),
        BufferPlan::words("tables", table_words(sizes)),
        BufferPlan::words("currents", 0),
        BufferPlan::words("state", layout.fields as u64 * cells),
        BufferPlan::words("ring", (layout.ring_slots * layout.receptors) as u64 * cells),
        BufferPlan::words("spikes", cells / 32),
        BufferPlan::words("cell list", cells + 1),
        BufferPlan::of::<Stage>("cell stage", 1, Usage::Indirect),
    ];
    if shards.iter().any(|shard| shard.from_input) {
        buffers.extend([
            BufferPlan::of::<InputEntry>("inputs", sizes.inputs.len(), Usage::Storage),
            BufferPlan::words("blocks", channels / ALIGN as u64),
            BufferPlan::words("feed", source_words(sizes)),
            BufferPlan::words("channel list", channels + 1),
            BufferPlan::of::<Stage>("channel stage", 1, Usage::Indirect),
        ]);
    }
    buffers.extend(shards.iter().enumerate().flat_map(|(k, shard)| shard_buffers(k, shard)));
    buffers
}

fn shard_buffers(k: usize, shard: &ShardPlan) -> [BufferPlan; 4] {
    [
        BufferPlan::words(format!("pieces {k}"), shard.piece_bytes() / 4),
        BufferPlan::words(format!("rows {k}"), shard.row_words),
        BufferPlan::words(format!("targets {k}"), shard.target_words),
        BufferPlan::words(format!("values {k}"), shard.value_words),
    ]
}

fn step(sizes: &Sizes, shards: &[ShardPlan], limits: &Limits, workgroup: u32) -> Vec<Dispatch> {
    let mut all = Vec::new();
    if shards.iter().any(|shard| shard.from_input) {
        let quads = groups(sizes.layout.channels as u64 / 4, workgroup, limits);
        let list = to("list", "channel list");
        let source = dispatch("kernels/source_step", Phase::Input, quads, workgroup);
        all.push(Dispatch { renamed: vec![list], ..source });
        all.push(prepare("channel", Phase::Input, false));
        all.extend(deliveries(shards, true, workgroup));
    }
    let mut neurons = dispatch(
        "kernels/neuron_step",
        Phase::Neurons,
        groups(sizes.layout.cells as u64, workgroup, limits),
        workgroup,
    );
    neurons.overrides.push(("NOISE", noise(sizes)));
    neurons.renamed = vec![to("list", "cell list")];
    all.push(neurons);
    all.push(prepare("cell", Phase::Neurons, true));
    all.extend(deliveries(shards, false, workgroup));
    all
}

fn dispatch(kernel: &'static str, phase: Phase, groups: Groups, workgroup: u32) -> Dispatch {
    Dispatch { kernel, overrides: vec![("WG", f64::from(workgroup))], renamed: Vec::new(), groups, phase }
}

fn prepare(kind: &str, phase: Phase, tick: bool) -> Dispatch {
    Dispatch {
        kernel: "kernels/prepare",
        overrides: vec![("TICK", f64::from(u8::from(tick)))],
        renamed: vec![to("list", format!("{kind} list")), to("stage", format!("{kind} stage"))],
        groups: Groups::Direct(1, 1),
        phase,
    }
}

fn deliveries(shards: &[ShardPlan], from_input: bool, workgroup: u32) -> impl Iterator<Item = Dispatch> {
    let (kind, phase) = if from_input { ("channel", Phase::Input) } else { ("cell", Phase::Neurons) };
    let of_kind = shards.iter().enumerate().filter(move |(_, shard)| shard.from_input == from_input);
    of_kind.map(move |(k, _)| {
        let stage = format!("{kind} stage");
        let mut one = dispatch("kernels/deliver", phase, Groups::Indirect(stage.clone()), workgroup);
        one.renamed = vec![to("stage", stage), to("list", format!("{kind} list"))];
        one.renamed.extend(["pieces", "rows", "targets", "values"].map(|table| to(table, format!("{table} {k}"))));
        one
    })
}
