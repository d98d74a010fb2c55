//! Reading a simulation back, in the layouts of [`crate::Backend`].

use super::load::lanes;
use super::plan::Regime;
use super::simulation::GpuSimulation;
use super::{incoming, plan};
use crate::{EngineError, SampleState};

/// Samples as the device holds them: side by side, with room for whole words in lanes.
fn pitch(s: &GpuSimulation) -> usize {
    match s.plan.regime {
        Regime::Event => 1,
        Regime::Lanes => lanes(s.options.batch),
    }
}

/// Turns `[row][pitch]` into `[sample][row]`.
fn by_sample<T: Copy>(values: &[T], pitch: usize, batch: usize) -> Vec<T> {
    if pitch == 1 {
        return values.to_vec();
    }
    (0..batch).flat_map(|sample| values.iter().skip(sample).step_by(pitch).copied()).collect()
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
        s.buffers.clear(&mut encoder, "counts", 0);
        s.buffers.clear(&mut encoder, "recording", 0);
        if s.options.observe.traces.is_some() {
            s.buffers.clear(&mut encoder, "traces", 4 * (s.model.layout.cells * pitch(s)) as u64);
        }
        s.gpu.queue().submit([encoder.finish()]);
    }
    s.gpu.check()
}

pub(super) fn counts(s: &GpuSimulation) -> Result<Vec<u32>, EngineError> {
    let counts = s.options.observe.counts.ok_or(EngineError::NotObserved { what: "spike counts" })?;
    let words = counts.windows as usize * s.model.layout.cells * pitch(s);
    Ok(by_sample(&s.buffers.read("counts", 0, words)?, pitch(s), s.options.batch))
}

pub(super) fn traces(s: &GpuSimulation) -> Result<Vec<i32>, EngineError> {
    let traces = s.options.observe.traces.as_ref().ok_or(EngineError::NotObserved { what: "traces" })?;
    let field = s.model.layout.cells * pitch(s);
    let reached = traces.at_steps.partition_point(|&step| step < s.clock.step - s.clock.origin);
    let samples = s.buffers.read("traces", field, reached * field)?;
    Ok(by_sample(&samples, pitch(s), s.options.batch))
}

pub(super) fn potentials(s: &GpuSimulation) -> Result<Vec<i32>, EngineError> {
    let potentials = s.options.observe.potentials.as_ref().ok_or(EngineError::NotObserved { what: "potentials" })?;
    let words = recorded(s, potentials.steps) * s.options.batch * potentials.neurons.len();
    s.buffers.read("recording", sections(s).0, words)
}

pub(super) fn rates(s: &GpuSimulation) -> Result<Vec<u32>, EngineError> {
    let steps = s.options.observe.rates.ok_or(EngineError::NotObserved { what: "population rates" })?;
    let words = recorded(s, steps) * s.options.batch * s.model.populations.len();
    s.buffers.read("recording", sections(s).1, words)
}

pub(super) fn spikes(s: &GpuSimulation) -> Result<Vec<u32>, EngineError> {
    let steps = s.options.observe.spikes.ok_or(EngineError::NotObserved { what: "spikes" })?;
    let words = super::load::spike_words(&s.model, s.plan.regime, s.options.batch);
    let raw = s.buffers.read("recording", 0, recorded(s, steps) * words)?;
    match s.plan.regime {
        Regime::Event => Ok(raw),
        Regime::Lanes => {
            Ok(raw.chunks(words).flat_map(|step| incoming::cells_by_sample(step, s.options.batch)).collect())
        }
    }
}

pub(super) fn state(s: &GpuSimulation) -> Result<Vec<SampleState>, EngineError> {
    let layout = s.model.layout;
    let field_words = layout.fields * layout.cells;
    let fields: Vec<i32> = s.buffers.read("state", 0, field_words * pitch(s))?;
    if s.plan.regime == Regime::Lanes {
        let fields = by_sample(&fields, pitch(s), s.options.batch);
        let rings = incoming::rings(s)?;
        let states = fields.chunks(field_words).zip(rings);
        return Ok(states
            .map(|(fields, ring)| SampleState { fields: fields.to_vec(), ring, ..SampleState::default() })
            .collect());
    }
    let slot = layout.receptors * layout.cells;
    let mut ring: Vec<i32> = s.buffers.read("ring", 0, layout.ring_slots * slot)?;
    // The slot of the next step comes first.
    ring.rotate_left(s.clock.step as usize % layout.ring_slots * slot);
    Ok(vec![SampleState { fields, ring, plastic: super::learned::state(s)? }])
}
