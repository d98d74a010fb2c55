//! The overflow bound: the largest sum that any input pattern could build up in a neuron, against the range of its format.
//!
//! A slot of the delay ring receives at most one spike a synapse, so a neuron's input of one step is at most the sum of its weights of one
//! sign (plastic weights count with the bounds of their rule, and a filter's values are at most 1). The bounds are those of the worst pattern for ever, hence safe for every run; currents fed from outside are checked when they are fed.

use super::{PopulationModel, ProjectionModel};
use crate::SpecError;

/// Share of the range that stays free for rounding and for the threshold's own growth.
const HEADROOM: f64 = 0.999;

/// Refuses a population whose sums could overflow (its membrane too, unless it saturates). Returns the room that is left for
/// currents fed from outside, in steps of the binary point.
pub(super) fn check(
    population: &PopulationModel,
    index: usize,
    projections: &[ProjectionModel],
) -> Result<i32, SpecError> {
    let (exc, inh) = input_sums(population, index, projections);
    let scale = (1u64 << population.fraction_bits) as f64;
    let limit = f64::from(i32::MAX) * HEADROOM;
    let error = |neuron, quantity, bound: f64| SpecError::Overflow {
        population: population.name.clone(),
        neuron,
        quantity,
        bound: bound / scale,
        limit: limit / scale,
        fraction_bits: population.fraction_bits,
    };
    let mut largest: f64 = 0.0;
    for neuron in 0..population.size {
        let (exc, inh) = (exc[neuron] as f64, inh[neuron] as f64);
        if exc + inh > limit {
            return Err(error(neuron, "input of one step", exc + inh));
        }
        if population.flags.saturate {
            continue;
        }
        let (up, down) = step_bounds(population, neuron, exc, inh);
        if let Some(current) =
            [exc / rest(&population.constants.decay_exc, neuron), inh / rest(&population.constants.decay_inh, neuron)]
                .into_iter()
                .find(|&c| population.flags.exponential && c > limit)
        {
            return Err(error(neuron, "synaptic current", current));
        }
        let bound = membrane_bound(population, neuron, up, down);
        if bound > limit {
            return Err(error(neuron, "membrane potential", bound));
        }
        largest = largest.max(bound);
    }
    Ok((limit - largest) as i32)
}

/// Sum of positive and of negative (as magnitudes) weights into each neuron, drive included.
fn input_sums(population: &PopulationModel, index: usize, projections: &[ProjectionModel]) -> (Vec<i64>, Vec<i64>) {
    let (up, down) = population.drive.bounds();
    let (mut exc, mut inh) = (vec![up; population.size], vec![down; population.size]);
    for projection in projections.iter().filter(|p| p.target == index) {
        let synapses = &projection.synapses;
        for (source, row) in synapses.row_start.windows(2).enumerate() {
            for (i, &target) in (row[0]..row[1]).zip(&synapses.targets[row[0]..row[1]]) {
                let (low, high) = projection.weight_range(source, i, population.fraction_bits);
                exc[target as usize] += i64::from(high.max(0));
                inh[target as usize] -= i64::from(low.min(0));
            }
        }
    }
    (exc, inh)
}

/// What one step can add to the membrane and take from it.
fn step_bounds(population: &PopulationModel, neuron: usize, exc: f64, inh: f64) -> (f64, f64) {
    let c = &population.constants;
    let offset = f64::from(c.offset.get(neuron));
    let (mut up, mut down) = if population.flags.exponential {
        let gain = |g: &super::Values, d: &super::Values, sum: f64| factor(g, neuron) * sum / rest(d, neuron);
        (gain(&c.gain_exc, &c.decay_exc, exc), gain(&c.gain_inh, &c.decay_inh, inh))
    } else {
        (exc, inh)
    };
    if population.flags.adaptive {
        let w = factor(&c.gain_w, neuron) * f64::from(c.delta_w.get(neuron)) / rest(&c.decay_w, neuron);
        up += (-w).max(0.0);
        down += w.max(0.0);
    }
    up += offset.max(0.0);
    down += (-offset).max(0.0);
    (up, down)
}

fn membrane_bound(population: &PopulationModel, neuron: usize, up: f64, down: f64) -> f64 {
    let c = &population.constants;
    let leak = rest(&c.decay, neuron);
    let theta = if population.flags.adaptive {
        f64::from(c.delta_theta.get(neuron)).abs() / rest(&c.decay_theta, neuron)
    } else {
        0.0
    };
    let below = f64::from(c.thresh.get(neuron)).abs() + theta;
    let refractory = f64::from(c.refractory.get(neuron));
    let steps_above = if population.flags.subtract {
        1.0 / leak
    } else if population.flags.clamp {
        1.0
    } else {
        (refractory + 1.0).min(1.0 / leak)
    };
    let top = below + up * steps_above;
    let start = f64::from(c.reset.get(neuron)).abs().max(f64::from(population.v_init.get(neuron)).abs());
    top.max(start + down / leak)
}

fn factor(values: &super::Values, neuron: usize) -> f64 {
    f64::from(values.get(neuron)) / 2_147_483_648.0
}

/// 1 minus a decay: the inverse of the largest number of steps that can add up.
fn rest(values: &super::Values, neuron: usize) -> f64 {
    1.0 - factor(values, neuron)
}
