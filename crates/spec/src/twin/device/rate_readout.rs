//! The outputs before a step: the twin of `kernels/rate_readout.wgsl`.

use super::rate::{Close, RateMoment, RateShape, RateSpan};

/// Every output of every sample before step `moment.k`, `[sample][output]`. In a closed loop the device writes the same numbers to `drive`, where the step reads
/// them.
#[must_use]
pub fn rate_readout(
    shape: &RateShape,
    span: &RateSpan,
    moment: &RateMoment,
    readout: &[f32],
    state: &[f32],
    drive: &[f32],
) -> Vec<Close> {
    let half = ((span.half + moment.k) & 1) as usize;
    let (inputs, k) = (shape.inputs as usize, moment.k as usize);
    let output = |lane: usize, output: usize| {
        let input = |channel| match k.checked_sub(1) {
            Some(row) => drive[shape.place(row, inputs, channel, lane)],
            None => state[shape.last_at as usize + shape.place(0, inputs, channel, lane)],
        };
        let state = |index| state[shape.place(half, shape.units as usize, index, lane)];
        shape.output(readout, output, lane, input, state)
    };
    (0..shape.samples as usize).flat_map(|lane| (0..shape.outputs as usize).map(move |o| output(lane, o))).collect()
}
