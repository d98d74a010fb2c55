//! The plan of the event regime: lists of spikes, deliveries by atomics.

use limnos_spec::ALIGN;
use limnos_spec::twin::device::layout::{Clock, Geometry, InputEntry, PopulationEntry, Stage};
use limnos_spec::twin::device::learning::Learning;

use super::learning::{LearningLayout, PlasticShardPlan, cut_plastic};
use super::loops;
use super::observation::{anything, buffers as observation_buffers, observation};
use super::shards::{ShardPlan, cut};
use super::sizes::{LearningSizes, LineSizes, Sizes};
use super::{BufferPlan, Dispatch, GpuPlan, Groups, LearningPlan, Limits, Phase, Regime, Usage, groups, to};
use crate::{EngineError, RunOptions};

pub(super) fn plan(
    sizes: &Sizes,
    options: &RunOptions,
    limits: &Limits,
    workgroup: u32,
) -> Result<GpuPlan, EngineError> {
    check_loops(sizes, limits, workgroup)?;
    let mut shards = cut(sizes, true, limits)?;
    shards.extend(cut(sizes, false, limits)?);
    let learning = sizes.learning.as_ref().map(|l| learning_plan(sizes, l, options, limits)).transpose()?;
    let mut buffers = network_buffers(sizes, &shards);
    buffers.extend(learning.iter().flat_map(|l| learning_buffers(sizes, l)));
    let mut dispatches = step(sizes, &shards, learning.as_ref(), limits, workgroup);
    if anything(&options.observe) {
        let cells = sizes.layout.cells;
        let (o, words) = observation(&options.observe, sizes.populations.len(), 1, cells / 32);
        buffers.extend(observation_buffers(&o, words, cells as u64, cells / ALIGN));
        let invocations = cells.max(o.probes as usize) as u64;
        dispatches.push(dispatch("kernels/observe", Phase::Observe, groups(invocations, workgroup, limits), workgroup));
    }
    Ok(GpuPlan {
        regime: Regime::Event,
        buffers,
        shards,
        learning,
        dispatches,
        inputs: sizes.uses_inputs(),
        chunks: Vec::new(),
        steps: u32::MAX,
    })
}

/// Whether a driver that counts iterations finishes the longest row.
fn check_loops(sizes: &Sizes, limits: &Limits, workgroup: u32) -> Result<(), EngineError> {
    let (needed, allowed) = (loops::of_an_event(sizes, u64::from(workgroup)), u64::from(limits.loop_iterations));
    if limits.loop_iterations == u32::MAX || needed <= allowed {
        return Ok(());
    }
    Err(EngineError::Limit {
        what: "the synapses of a neuron in iterations of one dispatch (event regime)".into(),
        needed,
        allowed,
        advice: "; give it fewer, take larger workgroups (GpuOptions::workgroup), or the CPU device",
    })
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
    if sizes.uses_inputs() {
        buffers.extend([
            BufferPlan::of::<InputEntry>("inputs", sizes.inputs.len(), Usage::Storage),
            BufferPlan::words("blocks", channels / ALIGN as u64),
            BufferPlan::words("feed", source_words(sizes)),
            BufferPlan::words("channel_spikes", channels / 32),
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

fn learning_plan(
    sizes: &Sizes,
    learning: &LearningSizes,
    options: &RunOptions,
    limits: &Limits,
) -> Result<LearningPlan, EngineError> {
    let layout = LearningLayout::new(learning, options.observe.astrocytes.unwrap_or(0))?;
    let shards = cut_plastic(sizes, learning, &layout, limits)?;
    Ok(LearningPlan { layout, shards })
}

fn learning_buffers(sizes: &Sizes, plan: &LearningPlan) -> Vec<BufferPlan> {
    let (layout, learning) = (&plan.layout, &plan.layout.learning);
    let mut buffers = vec![
        BufferPlan::of::<Learning>("learning", 1, Usage::Uniform),
        BufferPlan::words("plastic_tables", u64::from(layout.table_words)),
        BufferPlan::words("learner", u64::from(layout.learner_words)),
        BufferPlan::words("course", u64::from(learning.course) * u64::from(learning.astrocytes)),
        BufferPlan::words("event list", u64::from(learning.units) + 1),
        BufferPlan::of::<Stage>("early stage", 1, Usage::Indirect),
        BufferPlan::of::<Stage>("event stage", 1, Usage::Indirect),
    ];
    if !sizes.uses_inputs() {
        buffers.push(BufferPlan::words("channel_spikes", 0));
    }
    for (k, shard) in plan.shards.iter().enumerate() {
        buffers.push(BufferPlan::words(format!("plastic_synapses {k}"), shard.synapse_words));
        buffers.push(BufferPlan::words(format!("plastic_weights {k}"), shard.weight_words));
    }
    buffers
}

fn step(
    sizes: &Sizes,
    shards: &[ShardPlan],
    learning: Option<&LearningPlan>,
    limits: &Limits,
    workgroup: u32,
) -> Vec<Dispatch> {
    let mut all = Vec::new();
    if sizes.uses_inputs() {
        let quads = groups(sizes.layout.channels as u64 / 4, workgroup, limits);
        let list = to("list", "channel list");
        let source = dispatch("kernels/source_step", Phase::Input, quads, workgroup);
        all.push(Dispatch { renamed: vec![list], ..source });
        all.push(prepare("channel", Phase::Input, &[]));
        all.extend(deliveries(shards, true, workgroup));
    }
    let learns = Learns { sizes, plan: learning, limits, workgroup };
    all.extend(learns.early());
    let mut neurons = dispatch(
        "kernels/neuron_step",
        Phase::Neurons,
        groups(sizes.layout.cells as u64, workgroup, limits),
        workgroup,
    );
    neurons.overrides.push(("NOISE", noise(sizes)));
    neurons.renamed = vec![to("list", "cell list")];
    all.push(neurons);
    all.extend(learns.events(true));
    all.push(prepare("cell", Phase::Neurons, &["TICK"]));
    all.extend(deliveries(shards, false, workgroup));
    all.extend(learns.late());
    all
}

/// The dispatches of learning: none for a static network.
struct Learns<'a> {
    sizes: &'a Sizes,
    plan: Option<&'a LearningPlan>,
    limits: &'a Limits,
    workgroup: u32,
}

impl Learns<'_> {
    /// Before neurons step: what arrives and what inputs emit.
    fn early(&self) -> Vec<Dispatch> {
        let lines = self.sizes.learning.iter().flat_map(|l| &l.lines);
        if !lines.into_iter().any(LineSizes::early) {
            return Vec::new();
        }
        self.events(false).into_iter().chain(self.deliveries(false)).collect()
    }

    /// After they have: what their spikes deliver, what all events change, and the end of the step.
    fn late(&self) -> Vec<Dispatch> {
        let Some(learning) = self.plan.map(|plan| &plan.layout.learning) else { return Vec::new() };
        let mut all = self.deliveries(true);
        if learning.changes > 0 {
            all.push(self.over("kernels/stdp_changes", learning.units.into()));
            all.extend(self.by_event("kernels/stdp", "event stage", |shard| shard.learns));
        }
        if learning.traces + learning.filters > 0 {
            all.push(self.over("kernels/learn_finish", learning.units.into()));
        }
        if learning.rates + learning.astrocytes > 0 {
            all.push(
                self.over("kernels/astrocyte_step", u64::from(learning.astrocytes.max(1)) * u64::from(self.workgroup)),
            );
        }
        all
    }

    /// The list of units with events, as far as they are known, and the arguments of what they do.
    fn events(&self, late: bool) -> Vec<Dispatch> {
        let Some(learning) = self.plan.map(|plan| &plan.layout.learning).filter(|l| l.units > 0) else {
            return Vec::new();
        };
        let mut events = self.over("kernels/learn_events", u64::from(learning.units / 32));
        events.overrides.push(("LATE", f64::from(u8::from(late))));
        events.renamed = vec![to("list", "event list")];
        let mut arguments = prepare("event", Phase::Neurons, if late { &[] } else { &["KEEP"] });
        arguments.renamed[1] = to("stage", if late { "event stage" } else { "early stage" });
        vec![events, arguments]
    }

    fn deliveries(&self, late: bool) -> Vec<Dispatch> {
        let stage = if late { "event stage" } else { "early stage" };
        let fits: fn(&PlasticShardPlan) -> bool = if late { |shard| shard.late } else { |shard| shard.early };
        let mut all = self.by_event("kernels/learn_deliver", stage, fits);
        all.iter_mut().for_each(|one| one.overrides.push(("LATE", f64::from(u8::from(late)))));
        all
    }

    /// One dispatch for each of the shards that fit, a workgroup an event.
    fn by_event(&self, kernel: &'static str, stage: &str, fits: fn(&PlasticShardPlan) -> bool) -> Vec<Dispatch> {
        let shards = self.plan.iter().flat_map(|plan| plan.shards.iter().enumerate()).filter(|(_, shard)| fits(shard));
        let one = |(k, _)| {
            let tables = ["plastic_synapses", "plastic_weights"].map(|table| to(table, format!("{table} {k}")));
            let mut one = dispatch(kernel, Phase::Neurons, Groups::Indirect(stage.to_owned()), self.workgroup);
            one.renamed = vec![to("stage", stage), to("list", "event list")];
            one.renamed.extend(tables);
            one
        };
        shards.map(one).collect()
    }

    fn over(&self, kernel: &'static str, invocations: u64) -> Dispatch {
        let groups = groups(invocations, self.workgroup, self.limits);
        dispatch(kernel, Phase::Neurons, groups, self.workgroup)
    }
}

fn dispatch(kernel: &'static str, phase: Phase, groups: Groups, workgroup: u32) -> Dispatch {
    Dispatch { kernel, overrides: vec![("WG", f64::from(workgroup))], renamed: Vec::new(), groups, phase }
}

fn prepare(kind: &str, phase: Phase, flags: &[&'static str]) -> Dispatch {
    Dispatch {
        kernel: "kernels/prepare",
        overrides: flags.iter().map(|flag| (*flag, 1.0)).collect(),
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
