//! What a simulation's buffers hold before the first step.

use limnos_spec::Model;
use limnos_spec::rng;
use limnos_spec::twin::device::layout::{Geometry, Span};
use limnos_spec::twin::device::observe::trace_constants;

use super::buffers::Buffers;
use super::plan::resident::Sections;
use super::plan::{self, GpuPlan, Regime, Sizes};
use super::simulation::GpuSimulation;
use super::tables::{self, Tables};
use super::{incoming, learned, shards};
use crate::{EngineError, Keep, RunOptions};

/// Samples rounded up to whole words of 32.
pub(super) const fn lanes(batch: usize) -> usize {
    batch.next_multiple_of(32)
}

/// Uploads all that stays the same during a run.
pub(super) fn network(
    buffers: &Buffers,
    model: &Model,
    plan: &GpuPlan,
    options: &RunOptions,
) -> Result<Tables, EngineError> {
    buffers.write("geometry", 0, &[geometry(model, options)])?;
    let mut tables = Tables::new(model);
    match plan.regime {
        Regime::Event => {
            for (k, shard) in plan.shards.iter().enumerate() {
                shards::upload(buffers, model, k, shard)?;
            }
        }
        Regime::Lanes => incoming::upload(buffers, model, &mut tables.populations)?,
        Regime::Resident => resident(buffers, model, plan, options)?,
    }
    buffers.write("tables", 0, &tables.words)?;
    if buffers.has("blocks") {
        buffers.write("blocks", 0, &tables::blocks(model.inputs.iter().map(|input| input.size)))?;
    }
    if let Some(learning) = &plan.learning {
        learned::upload(buffers, model, plan.regime, learning)?;
    }
    if buffers.has("observation") {
        observation(buffers, model, plan, options)?;
    }
    Ok(tables)
}

/// Where the sections of a plan in the resident regime start.
pub(super) fn sections(model: &Model, plan: &GpuPlan, options: &RunOptions) -> Sections {
    plan::resident::sections(&Sizes::of(model), &plan.shards, plan.learning.as_ref(), options)
}

/// The constants of the resident regime's dispatches; none elsewhere.
pub(super) fn span(model: &Model, plan: &GpuPlan, options: &RunOptions) -> Span {
    if plan.regime != Regime::Resident {
        return Span::default();
    }
    let sections = sections(model, plan, options);
    Span {
        stride: sections.stride as u32,
        learner: sections.learner as u32,
        weights: sections.weights as u32,
        populations: sections.populations as u32,
        inputs: sections.inputs as u32,
        pieces: sections.pieces as u32,
        channel_pieces: sections.rows[0] as u32,
        cell_pieces: sections.rows[1] as u32,
        blocks: sections.blocks as u32,
        points: sections.points as u32,
        traces: sections.traces as u32,
        counts: sections.counts as u32,
        recording: sections.recording as u32,
        course: sections.course as u32,
        ..Span::default()
    }
}

/// Uploads the merged tables, entries and points excepted, and what a sample's state is before step 0.
fn resident(buffers: &Buffers, model: &Model, plan: &GpuPlan, options: &RunOptions) -> Result<(), EngineError> {
    let sections = sections(model, plan, options);
    shards::upload_merged(buffers, model, &plan.shards, &sections)?;
    buffers.write("initial state", 0, &initial_fields(model))?;
    buffers.write("tables", sections.blocks as usize, &tables::blocks(model.inputs.iter().map(|input| input.size)))
}

fn geometry(model: &Model, options: &RunOptions) -> Geometry {
    let layout = model.layout;
    let [key_low, key_high] = rng::key(model.seed);
    Geometry {
        cells: layout.cells as u32,
        channels: layout.channels as u32,
        ring_slots: layout.ring_slots as u32,
        receptors: layout.receptors as u32,
        key_low,
        key_high,
        batch: options.batch as u32,
        lanes: lanes(options.batch) as u32,
        history_slots: layout.ring_slots as u32 + 1,
        ..Geometry::default()
    }
}

fn observation(buffers: &Buffers, model: &Model, plan: &GpuPlan, options: &RunOptions) -> Result<(), EngineError> {
    let observe = &options.observe;
    let words = spike_words(model, plan.regime, options.batch);
    let (mut o, _) = plan::observation(observe, model.populations.len(), options.batch, words);
    let mut points = Vec::new();
    if let Some(traces) = &observe.traces {
        (o.trace_decay, o.trace_one) = trace_constants(model.dt, traces.tau);
        points.extend_from_slice(&traces.at_steps);
    }
    if let Some(potentials) = &observe.potentials {
        let cell = |&(population, i): &(limnos_spec::PopulationId, usize)| {
            (model.populations[population.index()].first + i) as u32
        };
        points.extend(potentials.neurons.iter().map(cell));
    }
    buffers.write("observation", 0, &[o])?;
    if plan.regime == Regime::Resident {
        return buffers.write("tables", sections(model, plan, options).points as usize, &points);
    }
    points.extend(tables::blocks(model.populations.iter().map(|p| p.size)));
    buffers.write("points", 0, &points)
}

/// Words of the spikes of one step.
pub(super) fn spike_words(model: &Model, regime: Regime, batch: usize) -> usize {
    match regime {
        Regime::Event => model.layout.cells / 32,
        Regime::Lanes => model.layout.cells * lanes(batch) / 32,
        Regime::Resident => model.layout.cells / 32 * batch,
    }
}

/// The state before step 0.
pub(super) fn initial_state(s: &GpuSimulation) -> Result<(), EngineError> {
    let mut encoder = s.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let zeroed =
        ["state", "ring", "spikes", "channel_spikes", "history", "traces", "cell list", "channel list", "record"];
    // In the resident regime the record holds rings and traces, and the state what may be kept.
    let resident = s.plan.regime == Regime::Resident;
    for name in zeroed.into_iter().filter(|name| s.buffers.has(name) && !(resident && *name == "state")) {
        s.buffers.clear(&mut encoder, name, 0);
    }
    s.gpu.queue().submit([encoder.finish()]);
    let copies = match s.plan.regime {
        Regime::Event => 1,
        Regime::Lanes => lanes(s.options.batch),
        Regime::Resident => return Ok(()),
    };
    for p in &s.model.populations {
        for first in (0..p.size).step_by(at_once(copies)) {
            let neurons = first..p.size.min(first + at_once(copies));
            let v: Vec<i32> = neurons.flat_map(|i| std::iter::repeat_n(p.v_init.get(i), copies)).collect();
            s.buffers.write("state", (p.first + first) * copies, &v)?;
        }
    }
    Ok(())
}

/// Fields of all cells of a sample.
fn initial_fields(model: &Model) -> Vec<i32> {
    let mut fields = vec![0; model.layout.fields * model.layout.cells];
    for p in &model.populations {
        (0..p.size).for_each(|i| fields[p.first + i] = p.v_init.get(i));
    }
    fields
}

/// The state of all samples before step 0 in the resident regime, except for what is kept.
pub(super) fn initial_by_sample(s: &GpuSimulation, keep: Keep) -> Result<(), EngineError> {
    let mut encoder = s.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let (stride, learner) = (u64::from(s.span.stride), u64::from(s.span.learner));
    let traces = s.plan.learning.as_ref().map_or(0, |l| u64::from(l.layout.trace_words));
    let kept = if keep.traces { learner..learner + traces } else { 0..0 };
    let parts = [0..kept.start, kept.end..stride];
    for sample in 0..s.options.batch as u64 {
        for part in parts.iter().filter(|part| !part.is_empty()) {
            let at = sample * stride + part.start;
            s.buffers.copy(&mut encoder, ("initial state", part.start), ("state", at), part.end - part.start);
        }
    }
    if s.plan.learning.is_some() && !keep.weights {
        let words = u64::from(s.span.weights);
        for (k, samples) in s.plan.chunks.iter().enumerate().filter(|_| words > 0) {
            let name = format!("plastic_weights {k}");
            for sample in 0..samples.len() as u64 {
                s.buffers.copy(&mut encoder, ("initial weights", 0), (&name, sample * words), words);
            }
        }
    }
    s.gpu.queue().submit([encoder.finish()]);
    s.gpu.check()
}

/// Neurons whose state is uploaded at a time, so that no second copy of the whole is made.
const fn at_once(copies: usize) -> usize {
    let neurons = (1 << 22) / copies;
    if neurons == 0 { 1 } else { neurons }
}
