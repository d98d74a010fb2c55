//! What a simulation has learned: its weights, traces, rates and astrocytes, written and read back.

use super::learning;
use super::plan::{LearningLayout, LearningPlan, Regime};
use super::simulation::GpuSimulation;
use crate::{EngineError, Keep, PlasticState};

fn plan(s: &GpuSimulation) -> Result<&LearningPlan, EngineError> {
    s.plan.learning.as_ref().ok_or_else(EngineError::does_not_learn)
}

/// Uploads what stays the same: tables and synapses; in the resident regime also what a sample learns from.
pub(super) fn upload(
    buffers: &super::buffers::Buffers,
    model: &limnos_spec::Model,
    regime: Regime,
    plan: &LearningPlan,
) -> Result<(), EngineError> {
    buffers.write("learning", 0, &[plan.layout.learning])?;
    buffers.write("plastic_tables", 0, &learning::tables(model, &plan.layout))?;
    if regime == Regime::Resident {
        let learner = model.layout.fields * model.layout.cells + plan.layout.learning.rate_state as usize;
        buffers.write("initial state", learner, &learning::initial(model, &plan.layout))?;
        buffers.write("network", 0, &learning::synapses(model, &plan.layout, &plan.shards[0]))?;
        return plan.shards[0]
            .pieces
            .iter()
            .try_fold(0, |at, piece| {
                let weights = learning::initial_weights(&model.projections[piece.projection]);
                buffers.write("initial weights", at, &weights).map(|()| at + weights.len())
            })
            .map(drop);
    }
    for (k, shard) in plan.shards.iter().enumerate() {
        buffers.write(&format!("plastic_synapses {k}"), 0, &learning::synapses(model, &plan.layout, shard))?;
    }
    Ok(())
}

/// Back to the state before step 0, except for what is kept (event regime).
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
            Some(weights) => write_weights(s, p.projection, 0, weights)?,
            None => write_weights(s, p.projection, 0, &learning::initial_weights(&s.model.projections[p.projection]))?,
        }
    }
    Ok(())
}

/// The pieces of a projection in the order of their sources: which shard, the first weight in it, how many.
fn pieces(plan: &LearningPlan, projection: usize) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    for (k, shard) in plan.shards.iter().enumerate() {
        let mut first = 0;
        for piece in &shard.pieces {
            if piece.projection == projection {
                found.push((k, first, piece.synapses as usize));
            }
            first += piece.synapses as usize;
        }
    }
    found
}

/// The buffer of a piece's weights in a sample, and the first of them: the `k`-th shard's, or the sample's own.
fn place(s: &GpuSimulation, k: usize, first: usize, sample: usize) -> (String, usize) {
    if s.plan.regime != Regime::Resident {
        return (format!("plastic_weights {k}"), first);
    }
    let holds = |samples: &std::ops::Range<usize>| samples.contains(&sample);
    let chunk = s.plan.chunks.iter().position(holds).expect("every sample should be in a dispatch");
    let within = sample - s.plan.chunks[chunk].start;
    (format!("plastic_weights {chunk}"), within * s.span.weights as usize + first)
}

/// Writes the weights of a projection in a sample, in row order.
pub(super) fn write_weights(
    s: &GpuSimulation,
    projection: usize,
    sample: usize,
    weights: &[i32],
) -> Result<(), EngineError> {
    let mut rest = weights;
    for (k, first, synapses) in pieces(plan(s)?, projection) {
        let (part, others) = rest.split_at(synapses);
        let (name, at) = place(s, k, first, sample);
        s.buffers.write(&name, at, part)?;
        rest = others;
    }
    Ok(())
}

/// Takes weights of a projection as those before step 0.
pub(super) fn write_initial_weights(
    s: &mut GpuSimulation,
    projection: usize,
    weights: &[i32],
) -> Result<(), EngineError> {
    if s.plan.regime != Regime::Resident {
        s.initial_weights[projection] = Some(weights.into());
        return Ok(());
    }
    let first = pieces(plan(s)?, projection).first().map(|&(_, first, _)| first);
    first.map_or(Ok(()), |first| s.buffers.write("initial weights", first, weights))
}

/// The weights of a projection in a sample, in row order.
pub(super) fn weights(s: &GpuSimulation, projection: usize, sample: usize) -> Result<Vec<i32>, EngineError> {
    let mut weights = Vec::with_capacity(s.model.projections[projection].synapses.len());
    for (k, first, synapses) in pieces(plan(s)?, projection) {
        let (name, at) = place(s, k, first, sample);
        weights.extend(s.buffers.read::<i32>(&name, at, synapses)?);
    }
    Ok(weights)
}

/// The buffer of a sample's learner, and its first word there.
fn learner(s: &GpuSimulation, sample: usize) -> (&'static str, usize) {
    match s.plan.regime {
        Regime::Event | Regime::Lanes => ("learner", 0),
        Regime::Resident => ("state", sample * s.span.stride as usize + s.span.learner as usize),
    }
}

/// The output of an astrocyte in every sample.
pub(super) fn outputs(s: &GpuSimulation, astrocyte: usize) -> Result<Vec<i32>, EngineError> {
    let at = plan(s)?.layout.astrocytes[astrocyte] as usize;
    let mut outputs = Vec::with_capacity(s.options.batch);
    for sample in 0..s.options.batch {
        let (name, first) = learner(s, sample);
        outputs.extend(s.buffers.read::<i32>(name, first + at, 1)?);
    }
    Ok(outputs)
}

/// Sets the output of an astrocyte in every sample.
pub(super) fn set_outputs(s: &GpuSimulation, astrocyte: usize, outputs: &[i32]) -> Result<(), EngineError> {
    let at = plan(s)?.layout.astrocytes[astrocyte] as usize;
    outputs.iter().enumerate().try_for_each(|(sample, output)| {
        let (name, first) = learner(s, sample);
        s.buffers.write(name, first + at, &[*output])
    })
}

/// Recorded outputs of the astrocytes, `[step][sample][astrocyte]`.
pub(super) fn course(s: &GpuSimulation) -> Result<Vec<i32>, EngineError> {
    let Some(LearningPlan { layout: LearningLayout { learning, .. }, .. }) = &s.plan.learning else {
        return Ok(Vec::new());
    };
    let steps = (s.clock.step - s.clock.origin).min(learning.course);
    let words = (steps * learning.astrocytes) as usize;
    match s.plan.regime {
        Regime::Event | Regime::Lanes => s.buffers.read("course", 0, words),
        Regime::Resident => s.buffers.read("record", s.span.course as usize, words * s.options.batch),
    }
}

/// What a sample learned, in declared order.
pub(super) fn state(s: &GpuSimulation, sample: usize) -> Result<PlasticState, EngineError> {
    let Some(LearningPlan { layout, .. }) = &s.plan.learning else { return Ok(PlasticState::default()) };
    let plastic = &s.model.plastic;
    let (name, first) = learner(s, sample);
    let learner: Vec<i32> = s.buffers.read(name, first, layout.learner_words as usize)?;
    let learned = plastic.projections.iter().filter(|p| p.rule.is_some());
    let of_line = |at: u32, line: usize| learner[at as usize..][..plastic.lines[line].size].to_vec();
    let rates = layout.learning.rate_state as usize;
    Ok(PlasticState {
        weights: learned.map(|p| weights(s, p.projection, sample)).collect::<Result<_, _>>()?,
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
