//! What a simulation's buffers hold before the first step.

use limnos_spec::Model;
use limnos_spec::rng;
use limnos_spec::twin::device::layout::Geometry;
use limnos_spec::twin::device::observe::trace_constants;

use super::buffers::Buffers;
use super::plan::{self, GpuPlan, Regime};
use super::simulation::GpuSimulation;
use super::tables::{self, Tables};
use super::{incoming, learned, shards};
use crate::{EngineError, RunOptions};

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
    }
    buffers.write("tables", 0, &tables.words)?;
    if buffers.has("blocks") {
        buffers.write("blocks", 0, &tables::blocks(model.inputs.iter().map(|input| input.size)))?;
    }
    if let Some(learning) = &plan.learning {
        learned::upload(buffers, model, learning)?;
    }
    if buffers.has("observation") {
        observation(buffers, model, plan.regime, options)?;
    }
    Ok(tables)
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

fn observation(buffers: &Buffers, model: &Model, regime: Regime, options: &RunOptions) -> Result<(), EngineError> {
    let observe = &options.observe;
    let words = spike_words(model, regime, options.batch);
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
    points.extend(tables::blocks(model.populations.iter().map(|p| p.size)));
    buffers.write("observation", 0, &[o])?;
    buffers.write("points", 0, &points)
}

/// Words of the spikes of one step.
pub(super) fn spike_words(model: &Model, regime: Regime, batch: usize) -> usize {
    match regime {
        Regime::Event => model.layout.cells / 32,
        Regime::Lanes => model.layout.cells * lanes(batch) / 32,
    }
}

/// The state before step 0.
pub(super) fn initial_state(s: &GpuSimulation) -> Result<(), EngineError> {
    let mut encoder = s.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let zeroed = ["state", "ring", "spikes", "channel_spikes", "history", "traces", "cell list", "channel list"];
    for name in zeroed.into_iter().filter(|name| s.buffers.has(name)) {
        s.buffers.clear(&mut encoder, name, 0);
    }
    s.gpu.queue().submit([encoder.finish()]);
    let copies = match s.plan.regime {
        Regime::Event => 1,
        Regime::Lanes => lanes(s.options.batch),
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

/// Neurons whose state is uploaded at a time, so that no second copy of the whole is made.
const fn at_once(copies: usize) -> usize {
    let neurons = (1 << 22) / copies;
    if neurons == 0 { 1 } else { neurons }
}
