//! Reading a simulation back, in the layouts of [`crate::Backend`].

use bytemuck::Pod;

use super::load::lanes;
use super::plan::Regime;
use super::simulation::GpuSimulation;
use super::{incoming, plan};
use crate::{EngineError, SampleState};

/// Samples as the device holds them side by side within a cell: whole words of them in lanes.
fn pitch(s: &GpuSimulation) -> usize {
    match s.plan.regime {
        Regime::Event | Regime::Resident => 1,
        Regime::Lanes => lanes(s.options.batch),
    }
}

/// Samples that a row of cells is held for.
fn copies(s: &GpuSimulation) -> usize {
    match s.plan.regime {
        Regime::Event | Regime::Lanes => pitch(s),
        Regime::Resident => s.options.batch,
    }
}

/// Turns rows of cells as the device holds them into `[sample][row]`.
fn by_sample<T: Copy>(s: &GpuSimulation, values: Vec<T>) -> Vec<T> {
    let (batch, cells) = (s.options.batch, s.model.layout.cells);
    match s.plan.regime {
        Regime::Event => values,
        Regime::Lanes => (0..batch).flat_map(|sample| values.iter().skip(sample).step_by(pitch(s)).copied()).collect(),
        Regime::Resident => {
            let rows = |sample: usize| values.chunks(cells).skip(sample).step_by(batch);
            (0..batch).flat_map(rows).flatten().copied().collect()
        }
    }
}

/// The buffer of something observed, and where it starts there.
fn place(s: &GpuSimulation, name: &'static str) -> (&'static str, usize) {
    match (s.plan.regime, name) {
        (Regime::Event | Regime::Lanes, name) => (name, 0),
        (Regime::Resident, "counts") => ("record", s.span.counts as usize),
        (Regime::Resident, "recording") => ("record", s.span.recording as usize),
        (Regime::Resident, _) => ("record", s.span.traces as usize),
    }
}

fn read_observed<T: Pod>(
    s: &GpuSimulation,
    name: &'static str,
    first: usize,
    words: usize,
) -> Result<Vec<T>, EngineError> {
    let (buffer, start) = place(s, name);
    s.buffers.read(buffer, start + first, words)
}

/// Steps recorded, of room for `capacity`.
fn recorded(s: &GpuSimulation, capacity: u32) -> usize {
    (s.clock.step - s.clock.origin).min(capacity) as usize
}

/// Where potentials and rates are in the recording.
fn sections(s: &GpuSimulation) -> (usize, usize) {
    let words = super::load::spike_words(&s.model, s.plan.regime, s.options.batch);
    let (o, _) = plan::observation(&s.options.observe, s.model.populations.len(), s.options.batch, words);
    (o.potentials as usize, o.rates as usize)
}

/// Zeroes what is recorded; traces go on.
pub(super) fn clear(s: &GpuSimulation) -> Result<(), EngineError> {
    if s.buffers.has("observation") {
        let mut encoder = s.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let running =
            if s.options.observe.traces.is_some() { 4 * (s.model.layout.cells * copies(s)) as u64 } else { 0 };
        if s.plan.regime == Regime::Resident {
            s.buffers.clear(&mut encoder, "record", 4 * u64::from(s.span.traces) + running);
        } else {
            s.buffers.clear(&mut encoder, "counts", 0);
            s.buffers.clear(&mut encoder, "recording", 0);
            s.buffers.clear(&mut encoder, "traces", running);
        }
        s.gpu.queue().submit([encoder.finish()]);
    }
    s.gpu.check()
}

pub(super) fn counts(s: &GpuSimulation) -> Result<Vec<u32>, EngineError> {
    let counts = s.options.observe.counts.ok_or(EngineError::NotObserved { what: "spike counts" })?;
    let words = counts.windows as usize * s.model.layout.cells * copies(s);
    Ok(by_sample(s, read_observed(s, "counts", 0, words)?))
}

pub(super) fn traces(s: &GpuSimulation) -> Result<Vec<i32>, EngineError> {
    let traces = s.options.observe.traces.as_ref().ok_or(EngineError::NotObserved { what: "traces" })?;
    let field = s.model.layout.cells * copies(s);
    let reached = traces.at_steps.partition_point(|&step| step < s.clock.step - s.clock.origin);
    Ok(by_sample(s, read_observed(s, "traces", field, reached * field)?))
}

pub(super) fn potentials(s: &GpuSimulation) -> Result<Vec<i32>, EngineError> {
    let potentials = s.options.observe.potentials.as_ref().ok_or(EngineError::NotObserved { what: "potentials" })?;
    let words = recorded(s, potentials.steps) * s.options.batch * potentials.neurons.len();
    read_observed(s, "recording", sections(s).0, words)
}

pub(super) fn rates(s: &GpuSimulation) -> Result<Vec<u32>, EngineError> {
    let steps = s.options.observe.rates.ok_or(EngineError::NotObserved { what: "population rates" })?;
    let words = recorded(s, steps) * s.options.batch * s.model.populations.len();
    read_observed(s, "recording", sections(s).1, words)
}

pub(super) fn spikes(s: &GpuSimulation) -> Result<Vec<u32>, EngineError> {
    let steps = s.options.observe.spikes.ok_or(EngineError::NotObserved { what: "spikes" })?;
    let words = super::load::spike_words(&s.model, s.plan.regime, s.options.batch);
    let raw = read_observed(s, "recording", 0, recorded(s, steps) * words)?;
    match s.plan.regime {
        Regime::Event | Regime::Resident => Ok(raw),
        Regime::Lanes => {
            Ok(raw.chunks(words).flat_map(|step| incoming::cells_by_sample(step, s.options.batch)).collect())
        }
    }
}

pub(super) fn state(s: &GpuSimulation) -> Result<Vec<SampleState>, EngineError> {
    let layout = s.model.layout;
    let field_words = layout.fields * layout.cells;
    let stride = if s.plan.regime == Regime::Resident { s.span.stride as usize } else { field_words };
    let fields: Vec<i32> = s.buffers.read("state", 0, stride * copies(s))?;
    let (fields, rings) = match s.plan.regime {
        Regime::Lanes => (by_sample(s, fields), incoming::rings(s)?),
        Regime::Event | Regime::Resident => (fields, rings(s)?),
    };
    let states = fields.chunks(stride).map(|words| &words[..field_words]).zip(rings).enumerate();
    states
        .map(|(sample, (fields, ring))| {
            Ok(SampleState { fields: fields.to_vec(), ring, plastic: super::learned::state(s, sample)? })
        })
        .collect()
}

/// The ring of each sample, the slot of the next step first.
fn rings(s: &GpuSimulation) -> Result<Vec<Vec<i32>>, EngineError> {
    let layout = s.model.layout;
    let slot = layout.receptors * layout.cells;
    let name = if s.plan.regime == Regime::Resident { "record" } else { "ring" };
    let all: Vec<i32> = s.buffers.read(name, 0, layout.ring_slots * slot * copies(s))?;
    let rotated = |ring: &[i32]| {
        let mut ring = ring.to_vec();
        ring.rotate_left(s.clock.step as usize % layout.ring_slots * slot);
        ring
    };
    Ok(all.chunks(layout.ring_slots * slot).map(rotated).collect())
}
