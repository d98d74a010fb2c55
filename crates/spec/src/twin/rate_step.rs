//! One step of a rate reservoir in f64: the specification that every device is held to. (No kernel adds in this order; devices compute in f32, or on
//! the CPU also in f64.)

use crate::rate::{RateLayer, RateModel};
use crate::rng::{self, Purpose};

/// The states after a step.
///
/// `inputs` and `feedback` are what the step reads, `state` the states of all units before it, `next` those after it; `noise` holds a standard normal
/// number for each unit (see [`noise`]) and may be empty where the model has none.
///
/// # Panics
/// If a slice does not have the model's length.
pub fn step(model: &RateModel, inputs: &[f64], feedback: &[f64], state: &[f64], next: &mut [f64], noise: &[f64]) {
    let gathered = gather(model, inputs, feedback, state);
    assert_eq!(next.len(), model.units(), "next should hold a state for each unit");
    assert!(noise.len() == model.units() || noise.is_empty() && !model.is_noisy(), "noise should reach every unit");
    for (k, layer) in model.layers().iter().enumerate() {
        let first = model.first_unit(k);
        let (before, own) = next.split_at_mut(first);
        let read = |j: usize| read(model, &gathered, before, j);
        for (i, x) in own[..layer.units].iter_mut().enumerate() {
            let summed = row(layer, i).map(|(j, weight)| weight * read(j)).sum::<f64>();
            let leak = layer.leak_of(i);
            let activated = layer.activation.apply(layer.gain_of(i) * summed + layer.bias_of(i));
            *x = (1.0 - leak) * state[first + i] + leak * activated;
            if layer.noise > 0.0 {
                *x += layer.noise * noise[first + i];
            }
        }
    }
}

/// How far rounding can carry a unit: a device whose arithmetic has the unit roundoff `eps` agrees with [`step`], from identical states, within
/// `k * eps * scale`, where `k` grows with the longest row (a few more than its length is always enough, were the activation exact).
///
/// The scale of a unit is the sum of the magnitudes that meet in its state, those within the activation times its largest slope; for units that read earlier
/// layers it contains the scales of these too.
///
/// # Panics
/// As [`step`].
#[must_use]
pub fn scale(
    model: &RateModel,
    inputs: &[f64],
    feedback: &[f64],
    state: &[f64],
    next: &[f64],
    noise: &[f64],
) -> Vec<f64> {
    let gathered = gather(model, inputs, feedback, state);
    let mut scales = Vec::with_capacity(model.units());
    for (k, layer) in model.layers().iter().enumerate() {
        let first = model.first_unit(k);
        for i in 0..layer.units {
            let term = |(j, weight): (usize, f64)| {
                let before = j.checked_sub(model.first_state()).filter(|&unit| unit < first);
                let carried = before.map_or(0.0, |unit: usize| scales[unit]);
                weight.abs() * (read(model, &gathered, &next[..first], j).abs() + carried)
            };
            let summed: f64 = row(layer, i).map(term).sum();
            let inside = layer.gain_of(i).abs() * summed + layer.bias_of(i).abs();
            let leak = layer.leak_of(i);
            let noise = if layer.noise > 0.0 { layer.noise * noise[first + i].abs() } else { 0.0 };
            let activated = layer.activation.apply(inside).abs();
            scales.push(
                (1.0 - leak) * state[first + i].abs()
                    + leak * (activated + layer.activation.steepest() * inside)
                    + noise,
            );
        }
    }
    scales
}

/// The standard normal numbers of a step: unit `i` of layer `k` takes the quantile of word `i % 4` of the Philox counter
/// `[stream(Purpose::Noise, k, 0), i / 4, step, sample]`.
///
/// # Panics
/// If `out` does not have an entry for each unit.
pub fn noise(model: &RateModel, step: u32, sample: u32, out: &mut [f64]) {
    assert_eq!(out.len(), model.units(), "out should hold a number for each unit");
    let key = rng::key(model.seed());
    for (k, layer) in model.layers().iter().enumerate() {
        let stream = rng::stream(Purpose::Noise, k as u32, 0);
        let own = &mut out[model.first_unit(k)..][..layer.units];
        for (block, values) in own.chunks_mut(4).enumerate() {
            let words = rng::philox([stream, block as u32, step, sample], key);
            values.iter_mut().zip(words).for_each(|(x, word)| *x = rng::normal_quantile(rng::unit(word)));
        }
    }
}

fn row(layer: &RateLayer, i: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
    let (column, value) = layer.weights.row(i);
    column.iter().map(|&j| j as usize).zip(value.iter().copied())
}

fn gather(model: &RateModel, inputs: &[f64], feedback: &[f64], state: &[f64]) -> Vec<f64> {
    let found = (inputs.len(), feedback.len(), state.len());
    assert_eq!(found, (model.inputs(), model.feedback(), model.units()), "slices should have the model's lengths");
    [inputs, feedback, state].concat()
}

/// Entry `j` of the gather vector: the new state of a unit of an earlier layer, else what was there before the step.
fn read(model: &RateModel, gathered: &[f64], earlier: &[f64], j: usize) -> f64 {
    match j.checked_sub(model.first_state()) {
        Some(unit) if unit < earlier.len() => earlier[unit],
        _ => gathered[j],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::{Activation, SparseMatrix};

    fn linear(rows: usize, columns: usize, dense: &[f64]) -> RateLayer {
        let weights = SparseMatrix::from_dense(rows, columns, dense).unwrap();
        RateLayer { activation: Activation::Identity, ..RateLayer::new(weights) }
    }

    #[test]
    fn two_units_by_hand() {
        // One input, one feedback, two units; g = [0.5, -1, 0.2, -0.4].
        let weights = SparseMatrix::from_dense(2, 4, &[1.0, 0.0, 0.0, 0.5, 0.0, 0.3, -2.0, 0.0]).unwrap();
        let layer =
            RateLayer { leak: vec![0.3, 1.0], gain: vec![2.0], bias: vec![0.1, -0.2], ..RateLayer::new(weights) };
        let model = RateModel::new(1, 1, vec![layer], 0).unwrap();
        let mut next = [0.0; 2];
        step(&model, &[0.5], &[-1.0], &[0.2, -0.4], &mut next, &[]);
        // Row 0: 0.5 - 0.2 = 0.3, twice plus 0.1 = 0.7, tanh 0.6043677771; row 1: -0.3 - 0.4 = -0.7, -1.6, tanh -0.9216685544.
        let expected = [0.7 * 0.2 + 0.3 * 0.604_367_777_117_163_6, -0.921_668_554_406_471_2];
        assert!(next.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{next:?} {expected:?}");
    }

    #[test]
    fn a_later_layer_reads_the_new_state_of_an_earlier_one_and_its_own_old_state() {
        let first = linear(1, 2, &[1.0, 10.0]);
        let second = linear(1, 3, &[0.0, 1.0, 100.0]);
        let model = RateModel::new(1, 0, vec![first, second], 0).unwrap();
        let mut next = [0.0; 2];
        step(&model, &[1.0], &[], &[2.0, 3.0], &mut next, &[]);
        assert_eq!(next, [21.0, 321.0]);
    }

    #[test]
    fn a_linear_delay_line_shifts() {
        let weights = SparseMatrix::from_triplets(4, 5, &[(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0), (3, 3, 1.0)]).unwrap();
        let line = RateLayer { activation: Activation::Identity, ..RateLayer::new(weights) };
        let model = RateModel::new(1, 0, vec![line], 0).unwrap();
        let mut state = [0.0; 4];
        for t in 0..6 {
            let mut next = [0.0; 4];
            step(&model, &[f64::from(t)], &[], &state, &mut next, &[]);
            state = next;
        }
        assert_eq!(state, [5.0, 4.0, 3.0, 2.0]);
    }

    #[test]
    fn noise_is_standard_normal_and_follows_its_counter() {
        let mut layer = RateLayer::new(SparseMatrix::empty(5000, 5000).unwrap());
        layer.noise = 0.5;
        let model = RateModel::new(0, 0, vec![layer], 11).unwrap();
        let (mut a, mut b) = (vec![0.0; 5000], vec![0.0; 5000]);
        noise(&model, 3, 1, &mut a);
        noise(&model, 4, 1, &mut b);
        assert_ne!(a, b);
        let stream = rng::stream(Purpose::Noise, 0, 0);
        assert_eq!(a[77], rng::normal_quantile(rng::unit(rng::word(stream, 77, 3, 1, rng::key(11)))));
        let mean = a.iter().sum::<f64>() / 5000.0;
        let variance = a.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 5000.0;
        // Four standard errors: 4 / sqrt(5000), 4 sqrt(2 / 5000).
        assert!(mean.abs() < 0.057 && (variance - 1.0).abs() < 0.08, "{mean} {variance}");
        let (zero, mut next) = (vec![0.0; 5000], vec![0.0; 5000]);
        step(&model, &[], &[], &zero, &mut next, &a);
        assert!(next.iter().zip(&a).all(|(x, xi)| *x == 0.5 * xi));
    }

    #[test]
    fn single_precision_stays_within_the_scale_and_a_wrong_term_does_not() {
        let n = 40;
        let value = |i: usize, j: usize| (((i * 37 + j * 11) % 23) as f64 - 11.0) / 23.0;
        let dense = |rows: usize, columns: usize| -> Vec<f64> {
            (0..rows * columns).map(|k| value(k / columns, k % columns)).collect()
        };
        let layers = vec![linear(n, 1 + n, &dense(n, 1 + n)), linear(n, 1 + 2 * n, &dense(n, 1 + 2 * n))];
        let rounded =
            |m: &SparseMatrix| m.with_values(m.value().iter().map(|&v| f64::from(v as f32)).collect()).unwrap();
        let coarse = layers.iter().map(|l| RateLayer { weights: rounded(&l.weights), ..l.clone() }).collect();
        let model = RateModel::new(1, 0, layers, 0).unwrap();
        let coarse = RateModel::new(1, 0, coarse, 0).unwrap();
        let state: Vec<f64> = (0..2 * n).map(|i| value(i, 5)).collect();
        let (mut exact, mut near) = (vec![0.0; 2 * n], vec![0.0; 2 * n]);
        step(&model, &[0.7], &[], &state, &mut exact, &[]);
        step(&coarse, &[0.7], &[], &state, &mut near, &[]);
        let scales = scale(&model, &[0.7], &[], &state, &exact, &[]);
        let eps = f64::from(f32::EPSILON);
        let within = |near: &[f64]| (0..2 * n).all(|i| (near[i] - exact[i]).abs() <= eps * scales[i]);
        assert!(within(&near) && near != exact);
        near[70] += value(70, 3) * 1e-3;
        assert!(!within(&near), "a thousandth of one weight should be seen");
    }
}
