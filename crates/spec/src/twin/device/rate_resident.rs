//! Many steps of small rate reservoirs in one dispatch: the twin of `kernels/rate_resident.wgsl`.

use super::rate::{Close, LOOP_OPEN, LOOP_TO_FEEDBACK, LOOP_TO_INPUTS, RateSpan, Tables};

/// What the device reads and what it wrote.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Inputs `[step][sample][input]`, feedback `[step][sample][output]`.
    pub drive: &'a [f32],
    /// `[member][output][features, then b]`.
    pub readout: &'a [f32],
    /// States before the first step, `[sample][unit]`, then inputs of the last step `[sample][input]`.
    pub state: &'a [f32],
    /// The record that the device made: states `[step][sample][unit]`, outputs `[step][sample][output]`.
    pub record: &'a [f32],
}

/// What the record should hold, states first: each step starts from the states, and in a closed loop from the outputs, that the device had.
#[must_use]
pub fn rate_resident(tables: &Tables<'_>, span: &RateSpan, run: &Run<'_>) -> Vec<Close> {
    let shape = tables.shape;
    let lanes = 0..shape.samples as usize;
    let each = |steps: u32| (0..steps as usize).flat_map(|k| lanes.clone().map(move |lane| (k, lane)));
    let mut record: Vec<Close> = each(span.steps).flat_map(|(k, lane)| states(tables, span, run, k, lane)).collect();
    if span.reads_out == 1 {
        record.resize(span.outputs_at as usize, Close::default());
        record.extend(each(span.steps + 1).flat_map(|(k, lane)| outputs(tables, span, run, k, lane)));
    }
    record
}

/// Outputs before step `k`; those before the first are there in a closed loop alone.
fn outputs(tables: &Tables<'_>, span: &RateSpan, run: &Run<'_>, k: usize, lane: usize) -> Vec<Close> {
    let shape = tables.shape;
    if k == 0 && span.closed == LOOP_OPEN {
        return vec![Close::default(); shape.outputs as usize];
    }
    let before = states_before(tables, run, k, lane);
    let read = |c: usize| match k.checked_sub(1) {
        Some(k) => input(tables, span, run, k, lane, c),
        None => run.state[shape.last_at as usize + lane * shape.inputs as usize + c],
    };
    (0..shape.outputs as usize).map(|o| shape.output(run.readout, o, lane, read, |i| before[i])).collect()
}

/// The states of a sample before a step.
fn states_before<'a>(tables: &Tables<'_>, run: &Run<'a>, k: usize, lane: usize) -> &'a [f32] {
    let units = tables.shape.units as usize;
    match k.checked_sub(1) {
        Some(k) => &run.record[place(tables, k, lane)..][..units],
        None => &run.state[lane * units..][..units],
    }
}

/// Where the states of a sample after a step are in the record.
fn place(tables: &Tables<'_>, k: usize, lane: usize) -> usize {
    (k * tables.shape.samples as usize + lane) * tables.shape.units as usize
}

/// An output before a step, as the device had it.
fn fed_back(tables: &Tables<'_>, span: &RateSpan, run: &Run<'_>, k: usize, lane: usize, c: usize) -> f32 {
    let row = k * tables.shape.samples as usize + lane;
    run.record[span.outputs_at as usize + row * tables.shape.outputs as usize + c]
}

fn input(tables: &Tables<'_>, span: &RateSpan, run: &Run<'_>, k: usize, lane: usize, c: usize) -> f32 {
    if span.closed == LOOP_TO_INPUTS && c < tables.shape.outputs as usize {
        return fed_back(tables, span, run, k, lane, c);
    }
    run.drive[(k * tables.shape.samples as usize + lane) * tables.shape.inputs as usize + c]
}

fn feedback(tables: &Tables<'_>, span: &RateSpan, run: &Run<'_>, k: usize, lane: usize, c: usize) -> f32 {
    if span.closed == LOOP_TO_FEEDBACK {
        return fed_back(tables, span, run, k, lane, c);
    }
    let row = k * tables.shape.samples as usize + lane;
    run.drive[span.feedback_at as usize + row * tables.shape.feedback as usize + c]
}

fn states(tables: &Tables<'_>, span: &RateSpan, run: &Run<'_>, k: usize, lane: usize) -> Vec<Close> {
    let shape = tables.shape;
    let (inputs, base) = (shape.inputs as usize, (shape.inputs + shape.feedback) as usize);
    let after = &run.record[place(tables, k, lane)..][..shape.units as usize];
    let before = states_before(tables, run, k, lane);
    if !tables.runs(lane, span.row + k as u32) {
        return before.iter().map(|&x| Close::exact(x)).collect();
    }
    let next = |first: usize, index: usize| {
        let read = |column: usize| match column.checked_sub(base) {
            Some(index) if index < first => after[index],
            Some(index) => before[index],
            None if column < inputs => input(tables, span, run, k, lane, column),
            None => feedback(tables, span, run, k, lane, column - inputs),
        };
        tables.stepped((first, index - first), lane, span.step + k as u32, before[index], read)
    };
    tables.layers().flat_map(|(first, end)| (first..end).map(move |index| next(first, index))).collect()
}
