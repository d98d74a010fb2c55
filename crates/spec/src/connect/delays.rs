//! Delays in steps, from steps, milliseconds or distances.

use glam::Vec3;
use rayon::prelude::*;

use super::draws::Draws;
use super::segments::{CHUNK, Place, chunk, places};
use super::{Delays, MAX_DELAY, SynapseDelays, Wiring};
use crate::rng::{self, Purpose};
use crate::{Distribution, SpecError};

/// The delays of a validated wiring's synapses.
pub(super) fn delays(
    w: &Wiring<'_>,
    row_start: &[usize],
    targets: &[u32],
    order: Option<&[u32]>,
) -> Result<SynapseDelays, SpecError> {
    match &w.projection.delays {
        None => Ok(SynapseDelays::Constant(w.min_delay as u8)),
        Some(Delays::Steps(steps)) => Ok(SynapseDelays::Constant(*steps as u8)),
        Some(Delays::Milliseconds(Distribution::Constant(ms))) => {
            Ok(SynapseDelays::Constant(in_steps(w, *ms).clamp(0.0, f64::from(MAX_DELAY)) as u8))
        }
        Some(Delays::Milliseconds(of)) => {
            let draws = Draws::new(of, rng::stream(Purpose::Delay, w.index, 0), w.key, order);
            table(w, row_start, targets, || {
                let mut draws = draws.clone();
                move |at| draws.value(at)
            })
        }
        Some(Delays::Distance { velocity, offset }) => {
            let from = w.source.positions.unwrap_or_default();
            let to = w.target.positions.unwrap_or_default();
            let ms = |at: Place| distance(from[at.row], to[targets[at.index] as usize]) / velocity + offset;
            table(w, row_start, targets, || ms)
        }
    }
}

/// The longest delay, in steps, that a projection can have: exact where delays are bounded by their description.
#[must_use]
pub fn longest_delay(projection: &crate::Projection, dt: f64) -> u32 {
    let shortest = matches!(projection.source, crate::Endpoint::Population(_)).into();
    let steps = match &projection.delays {
        None => shortest,
        Some(Delays::Steps(steps)) => *steps,
        Some(Delays::Milliseconds(of)) => libm::round(of.largest() / dt).clamp(0.0, f64::from(MAX_DELAY)) as u32,
        Some(Delays::Distance { .. }) => MAX_DELAY,
    };
    steps.max(shortest)
}

/// A delay in steps, rounded to nearest and at least the smallest allowed.
pub(super) fn in_steps(w: &Wiring<'_>, ms: f64) -> f64 {
    libm::round(ms / w.dt).max(f64::from(w.min_delay))
}

fn distance(a: Vec3, b: Vec3) -> f64 {
    let [x, y, z] = [a.x - b.x, a.y - b.y, a.z - b.z].map(f64::from);
    libm::sqrt(x * x + y * y + z * z)
}

fn table<F: FnMut(Place) -> f64>(
    w: &Wiring<'_>,
    row_start: &[usize],
    targets: &[u32],
    reader: impl Fn() -> F + Sync,
) -> Result<SynapseDelays, SpecError> {
    let mut steps = vec![0; targets.len()];
    let of_chunk = |(number, out): (usize, &mut [u8])| {
        let mut ms = reader();
        for (at, out) in places(row_start, chunk(number, targets.len())).zip(out) {
            let ms = ms(at);
            let steps = in_steps(w, ms);
            if steps > f64::from(MAX_DELAY) {
                return Some(too_long(w, at.row, targets[at.index], ms));
            }
            *out = steps as u8;
        }
        None
    };
    // The error of the first synapse, whichever thread finds one first.
    let errors: Vec<Option<SpecError>> = steps.par_chunks_mut(CHUNK).enumerate().map(of_chunk).collect();
    errors.into_iter().flatten().next().map_or(Ok(SynapseDelays::Table(steps)), Err)
}

fn too_long(w: &Wiring<'_>, source: usize, target: u32, ms: f64) -> SpecError {
    SpecError::invalid(
        format!("delay of {}, synapse from {source} to {target},", w.name),
        format!("{ms} ms ({} steps of {} ms)", in_steps(w, ms), w.dt),
        longest(w),
    )
}

/// What is allowed where a delay in milliseconds is too long.
pub(super) fn longest(w: &Wiring<'_>) -> String {
    format!(
        "at most {MAX_DELAY} steps, here {} ms; shorten or clip the delays, or lengthen dt",
        f64::from(MAX_DELAY) * w.dt
    )
}
