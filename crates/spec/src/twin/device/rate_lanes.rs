//! One step of a layer of rate units, many samples: the twin of `kernels/rate_lanes.wgsl`.

use super::rate::{Close, RateMoment, RateSpan, Tables};

/// The states of the layer's units after the step, `[unit][sample]`. `state` is what the device holds after it, `[half][unit][sample]`: the half before the
/// step is left as it was, and the other holds what earlier layers came to.
#[must_use]
pub fn rate_lanes(
    tables: &Tables<'_>,
    span: &RateSpan,
    moment: &RateMoment,
    drive: &[f32],
    state: &[f32],
) -> Vec<Close> {
    let shape = tables.shape;
    let (inputs, feedback, units) = (shape.inputs as usize, shape.feedback as usize, shape.units as usize);
    let (before, k) = (((span.half + moment.k) & 1) as usize, moment.k as usize);
    let layer = moment.first as usize..moment.end as usize;
    let state_of = |half: usize, index: usize, lane: usize| state[shape.place(half, units, index, lane)];
    let read = |column: usize, lane: usize| match column.checked_sub(inputs + feedback) {
        Some(index) => state_of(if index < layer.start { 1 - before } else { before }, index, lane),
        None if column < inputs => drive[shape.place(k, inputs, column, lane)],
        None => drive[span.feedback_at as usize + shape.place(k, feedback, column - inputs, lane)],
    };
    let next = |index: usize, lane: usize| {
        let x = state_of(before, index, lane);
        if !tables.runs(lane, span.row + moment.k) {
            return Close::exact(x);
        }
        let place = (layer.start, index - layer.start);
        tables.stepped(place, lane, span.step + moment.k, x, |column| read(column, lane))
    };
    layer
        .clone()
        .flat_map(|index| (0..shape.samples as usize).map(move |lane| (index, lane)))
        .map(|(i, l)| next(i, l))
        .collect()
}
