//! The plan of the lanes regime: 32 samples a word, pull over incoming synapses.

use limnos_spec::ALIGN;
use limnos_spec::twin::device::layout::{Clock, Geometry, IncomingPiece, InputEntry, PopulationEntry};

use super::event::{noise, source_words, table_words};
use super::observation::{anything, buffers as observation_buffers, observation};
use super::sizes::{ProjectionSizes, Sizes};
use super::{BufferPlan, Dispatch, GpuPlan, Groups, Limits, Phase, Regime, Usage, groups};
use crate::{EngineError, RunOptions};

/// Sources that a synapse's 24 bits can tell apart.
const MAX_SOURCES: usize = 1 << 24;

pub(super) fn plan(
    sizes: &Sizes,
    options: &RunOptions,
    limits: &Limits,
    workgroup: u32,
) -> Result<GpuPlan, EngineError> {
    let layout = sizes.layout;
    if layout.cells + layout.channels > MAX_SOURCES {
        return Err(EngineError::Limit {
            what: "a batch over the neurons and channels of this network".into(),
            needed: (layout.cells + layout.channels) as u64,
            allowed: MAX_SOURCES as u64,
            advice: "; run samples one by one (batch 1)",
        });
    }
    let lanes = options.batch.next_multiple_of(32);
    let mut buffers = network_buffers(sizes, lanes);
    let of = |kernel, phase, items: usize| Dispatch {
        kernel,
        overrides: vec![("WG", f64::from(workgroup)), ("NOISE", noise(sizes))],
        renamed: Vec::new(),
        groups: groups((items * lanes) as u64, workgroup, limits),
        phase,
    };
    let mut dispatches = Vec::new();
    if from_inputs(sizes) {
        dispatches.push(of("kernels/lanes_source", Phase::Input, layout.channels / 4));
    }
    dispatches.push(of("kernels/lanes_step", Phase::Neurons, layout.cells));
    dispatches.push(Dispatch { groups: Groups::Direct(1, 1), ..of("kernels/tick", Phase::Neurons, 1) });
    if anything(&options.observe) {
        let populations = sizes.populations.len();
        let (o, words) = observation(&options.observe, populations, options.batch, layout.cells * lanes / 32);
        buffers.extend(observation_buffers(&o, words, (layout.cells * lanes) as u64, layout.cells / ALIGN));
        dispatches.push(of("kernels/lanes_observe", Phase::Observe, layout.cells.max(o.probes as usize)));
    }
    Ok(GpuPlan {
        regime: Regime::Lanes,
        buffers,
        shards: Vec::new(),
        learning: None,
        dispatches,
        inputs: from_inputs(sizes),
        chunks: Vec::new(),
        steps: u32::MAX,
    })
}

/// Whether any synapse comes from an input.
fn from_inputs(sizes: &Sizes) -> bool {
    sizes.projections.iter().any(|p| p.from_input && p.synapses() > 0)
}

fn network_buffers(sizes: &Sizes, lanes: usize) -> Vec<BufferPlan> {
    let layout = sizes.layout;
    let sources = layout.cells + layout.channels;
    let mut buffers = vec![
        BufferPlan::of::<Geometry>("geometry", 1, Usage::Uniform),
        BufferPlan::of::<Clock>("clock", 1, Usage::Storage),
        BufferPlan::of::<PopulationEntry>("populations", sizes.populations.len(), Usage::Storage),
        BufferPlan::words("tables", table_words(sizes)),
        BufferPlan::words("currents", 0),
        BufferPlan::words("state", (layout.fields * layout.cells * lanes) as u64),
        BufferPlan::words("history", ((layout.ring_slots + 1) * sources * (lanes / 32)) as u64),
        BufferPlan::words("incoming", sizes.projections.iter().map(incoming_words).sum()),
        BufferPlan::words("weights", sizes.projections.iter().map(weight_words).sum()),
    ];
    if from_inputs(sizes) {
        buffers.extend([
            BufferPlan::of::<InputEntry>("inputs", sizes.inputs.len(), Usage::Storage),
            BufferPlan::words("blocks", (layout.channels / ALIGN) as u64),
            BufferPlan::words("feed", source_words(sizes)),
        ]);
    }
    buffers
}

fn incoming_words(p: &ProjectionSizes) -> u64 {
    (size_of::<IncomingPiece>() / 4 + p.target_size + 1) as u64 + p.synapses()
}

fn weight_words(p: &ProjectionSizes) -> u64 {
    if p.weight_table { p.synapses().div_ceil(2) } else { 0 }
}
