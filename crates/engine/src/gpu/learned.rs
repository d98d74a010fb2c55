//! What a simulation has learned: its weights, traces, rates and astrocytes, written and read back.

use super::learning;
use super::plan::{LearningLayout, LearningPlan, PiecePlan};
use super::simulation::GpuSimulation;
use crate::{EngineError, Keep, PlasticState};

fn plan(s: &GpuSimulation) -> Result<&LearningPlan, EngineError> {
    s.plan.learning.as_ref().ok_or_else(EngineError::no_plasticity)
}

/// Uploads what stays the same: tables and synapses.
pub(super) fn upload(
    buffers: &super::buffers::Buffers,
    model: &limnos_spec::Model,
    plan: &LearningPlan,
) -> Result<(), EngineError> {
    buffers.write("learning", 0, &[plan.layout.learning])?;
    buffers.write("plastic_tables", 0, &learning::tables(model, &plan.layout))?;
    for (k, shard) in plan.shards.iter().enumerate() {
        buffers.write(&format!("plastic_synapses {k}"), 0, &learning::synapses(model, &plan.layout, shard))?;
    }
    Ok(())
}

/// Back to the state before step 0, except for what is kept.
pub(super) fn reset(s: &GpuSimulation, keep: Keep) -> Result<(), EngineError> {
    let Some(LearningPlan { layout, .. }) = &s.plan.learning else { return Ok(()) };
    let mut encoder = s.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let from = if keep.traces { layout.trace_words } else { 0 };
    s.buffers.clear(&mut encoder, "learner", 4 * u64::from(from));
    s.buffers.clear(&mut encoder, "event list", 0);
    s.gpu.queue().submit([encoder.finish()]);
    s.buffers.write("learner", layout.learning.rate_state as usize, &learning::initial(&s.model, layout))?;
    if keep.weights {
        return Ok(());
    }
    for p in &s.model.plastic.projections {
        match &s.initial_weights[p.projection] {
            Some(weights) => write_weights(s, p.projection, weights)?,
            None => write_weights(s, p.projection, &learning::initial_weights(&s.model.projections[p.projection]))?,
        }
    }
    Ok(())
}

/// The pieces of a projection in the order of their sources: which shard, the first weight in it, the piece.
fn pieces(plan: &LearningPlan, projection: usize) -> impl Iterator<Item = (usize, usize, &PiecePlan)> {
    let of_shard = |(k, shard): (usize, &'_ super::plan::PlasticShardPlan)| {
        let firsts = shard.pieces.iter().scan(0, |next, piece| {
            let first = *next;
            *next += piece.synapses as usize;
            Some(first)
        });
        let all: Vec<_> = firsts.map(|first| (k, first)).collect();
        all
    };
    let places = plan.shards.iter().enumerate().flat_map(of_shard);
    let pieces = plan.shards.iter().flat_map(|shard| &shard.pieces);
    places.zip(pieces).map(|((k, first), piece)| (k, first, piece)).filter(move |(.., p)| p.projection == projection)
}

/// Writes the weights of a projection, in row order.
pub(super) fn write_weights(s: &GpuSimulation, projection: usize, weights: &[i32]) -> Result<(), EngineError> {
    let mut rest = weights;
    for (k, first, piece) in pieces(plan(s)?, projection) {
        let (part, others) = rest.split_at(piece.synapses as usize);
        s.buffers.write(&format!("plastic_weights {k}"), first, part)?;
        rest = others;
    }
    Ok(())
}

/// The weights of a projection, in row order.
pub(super) fn weights(s: &GpuSimulation, projection: usize) -> Result<Vec<i32>, EngineError> {
    let mut weights = Vec::with_capacity(s.model.projections[projection].synapses.len());
    for (k, first, piece) in pieces(plan(s)?, projection) {
        weights.extend(s.buffers.read::<i32>(&format!("plastic_weights {k}"), first, piece.synapses as usize)?);
    }
    Ok(weights)
}

/// Where the output of an astrocyte is.
pub(super) fn output_at(s: &GpuSimulation, astrocyte: usize) -> Result<usize, EngineError> {
    Ok(plan(s)?.layout.astrocytes[astrocyte] as usize)
}

/// Recorded outputs of the astrocytes, `[step][astrocyte]`.
pub(super) fn course(s: &GpuSimulation) -> Result<Vec<i32>, EngineError> {
    let learning = &plan(s)?.layout.learning;
    let steps = (s.clock.step - s.clock.origin).min(learning.course);
    s.buffers.read("course", 0, (steps * learning.astrocytes) as usize)
}

/// What was learned, in declared order.
pub(super) fn state(s: &GpuSimulation) -> Result<PlasticState, EngineError> {
    let Some(LearningPlan { layout, .. }) = &s.plan.learning else { return Ok(PlasticState::default()) };
    let plastic = &s.model.plastic;
    let learner: Vec<i32> = s.buffers.read("learner", 0, layout.learner_words as usize)?;
    let learned = plastic.projections.iter().filter(|p| p.rule.is_some());
    let of_line = |at: u32, line: usize| learner[at as usize..][..plastic.lines[line].size].to_vec();
    let rates = layout.learning.rate_state as usize;
    Ok(PlasticState {
        weights: learned.map(|p| weights(s, p.projection)).collect::<Result<_, _>>()?,
        traces: plastic.traces.iter().zip(&layout.traces).map(|(t, &at)| of_line(at, t.line)).collect(),
        filters: plastic.filters.iter().zip(&layout.filters).map(|(f, &at)| of_line(at, f.line)).collect(),
        on_the_way: (0..plastic.lines.len()).map(|k| on_the_way(s, layout, &learner, k)).collect(),
        rates: learner[rates..rates + plastic.rates.len()].to_vec(),
        astrocytes: plastic
            .astrocytes
            .iter()
            .zip(&layout.astrocytes)
            .map(|(a, &at)| {
                learner[at as usize..][..2 + a.watches.len() + if a.calcium.is_some() { 3 } else { 0 }].to_vec()
            })
            .collect(),
    })
}

/// Events under way on a line, the slot that is due next first.
fn on_the_way(s: &GpuSimulation, layout: &LearningLayout, learner: &[i32], line: usize) -> Vec<u32> {
    let model = &s.model.plastic.lines[line];
    let words = model.size.div_ceil(32);
    let slots = &learner[layout.ways[line] as usize..][..model.delay as usize * words];
    let mut bits: Vec<u32> = slots.iter().map(|&word| word as u32).collect();
    if model.delay > 0 {
        bits.rotate_left((s.clock.step % model.delay) as usize * words);
    }
    bits
}
