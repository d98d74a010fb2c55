//! One step of a layer of rate units, one sample: the twin of `kernels/rate_step.wgsl`.

use super::rate::{Close, RateMoment, RateSpan, Tables};
use super::rate_lanes::rate_lanes;

/// The states of the layer's units after the step: what [`rate_lanes`] computes, with one sample.
#[must_use]
pub fn rate_step(
    tables: &Tables<'_>,
    span: &RateSpan,
    moment: &RateMoment,
    drive: &[f32],
    state: &[f32],
) -> Vec<Close> {
    debug_assert_eq!(tables.shape.samples, 1, "one sample");
    rate_lanes(tables, span, moment, drive, state)
}
