//! The CPU device beside the f64 specification.

use limnos_engine::rate::Precision;
use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};
use limnos_spec::twin::rate_step;

use super::case::{cpu, deep, series, single, value};

const STEPS: usize = 30;

/// The largest error in units of `eps * scale`, the twin starting from the device's state in every step; weight `spoilt` of the device's model is a little
/// larger than that of the twin's.
fn worst(model: &RateModel, precision: Precision, spoilt: Option<f64>) -> f64 {
    let (eps, samples) = (if precision == Precision::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON }, 2);
    let mut sim = cpu(1, &spoil(model, spoilt), samples, precision);
    let inputs = series(samples * STEPS * model.inputs(), 1);
    let feedback = series(samples * STEPS * model.feedback(), 2);
    let units = model.units();
    let row = |all: &[f64], columns: usize, s: usize, t: usize| all[(s * STEPS + t) * columns..][..columns].to_vec();
    let mut largest = 0.0f64;
    for t in 0..STEPS {
        let before = sim.state().unwrap();
        let u: Vec<_> = (0..samples).map(|s| row(&inputs, model.inputs(), s, t)).collect();
        let v: Vec<_> = (0..samples).map(|s| row(&feedback, model.feedback(), s, t)).collect();
        sim.run(&u.concat(), Some(&v.concat()), 1, None).unwrap();
        let after = sim.state().unwrap();
        for s in 0..samples {
            let (state, mut next, mut xi) = (&before[s * units..][..units], vec![0.0; units], vec![0.0; units]);
            rate_step::noise(model, t as u32, s as u32, &mut xi);
            rate_step::step(model, &u[s], &v[s], state, &mut next, &xi);
            let scale = rate_step::scale(model, &u[s], &v[s], state, &next, &xi);
            for i in 0..units {
                let error = (after[s * units + i] - next[i]).abs() / (eps * scale[i]);
                assert!(!error.is_nan() || after[s * units + i] == next[i]);
                largest = largest.max(error);
            }
        }
    }
    largest
}

fn spoil(model: &RateModel, factor: Option<f64>) -> RateModel {
    let mut layers = model.clone().into_layers();
    if let Some(factor) = factor {
        let last = layers.last_mut().unwrap();
        let mut values = last.weights.value().to_vec();
        values[7] *= factor;
        last.weights = last.weights.with_values(values).unwrap();
    }
    RateModel::new(model.inputs(), model.feedback(), layers, model.seed()).unwrap()
}

fn models() -> Vec<RateModel> {
    let mut models: Vec<_> = [1, 15, 16, 17, 31, 33, 64, 65, 257]
        .into_iter()
        .flat_map(|n| [single(n, 2, 0, Activation::Tanh), single(n, 1, 1, Activation::Sigmoid)])
        .collect();
    models.extend([single(130, 0, 3, Activation::Relu), single(100, 3, 0, Activation::Identity)]);
    models.extend([deep([20, 33, 7], 2, 0), deep([130, 64, 257], 1, 2)]);
    let mut noisy = deep([20, 33, 7], 2, 1).into_layers();
    noisy[1].noise = 0.1;
    models.push(RateModel::new(2, 1, noisy, 9).unwrap());
    // Dense rows, and an input that all units hear beside sparse rows.
    models.push(RateModel::new(1, 0, vec![RateLayer::new(matrix_of(70, 71, |_, _| true))], 0).unwrap());
    models.push(
        RateModel::new(3, 0, vec![RateLayer::new(matrix_of(70, 73, |i, j| j < 3 || (i * 7 + j * 5) % 11 == 0))], 0)
            .unwrap(),
    );
    models
}

fn matrix_of(rows: usize, columns: usize, has: impl Fn(usize, usize) -> bool) -> SparseMatrix {
    let entry = |i: usize, j: usize| if has(i, j) { 0.3 * value(i, j) } else { 0.0 };
    let dense: Vec<f64> = (0..rows * columns).map(|k| entry(k / columns, k % columns)).collect();
    SparseMatrix::from_dense(rows, columns, &dense).unwrap()
}

#[test]
fn one_step_in_single_precision_is_within_the_bound() {
    let worst = models().iter().map(|model| worst(model, Precision::F32, None)).fold(0.0, f64::max);
    println!("largest error {worst:.2} eps32 * scale");
    assert!(worst < 4.0, "{worst}");
}

#[test]
fn one_step_in_double_precision_is_within_the_bound() {
    let worst = models().iter().map(|model| worst(model, Precision::F64, None)).fold(0.0, f64::max);
    println!("largest error {worst:.2} eps64 * scale");
    assert!(worst < 4.0, "{worst}");
}

#[test]
fn linear_units_in_double_precision_are_exact() {
    for activation in [Activation::Identity, Activation::Relu] {
        for (units, precision) in [(100, Precision::F64), (5000, Precision::F64)] {
            assert_eq!(worst(&single(units, 3, 1, activation), precision, None), 0.0);
        }
    }
}

#[test]
fn a_weight_changed_by_a_ten_thousandth_is_seen() {
    for model in [single(33, 2, 0, Activation::Tanh), deep([20, 33, 40], 2, 0)] {
        let error = worst(&model, Precision::F32, Some(1.0001));
        assert!(error > 4.0, "{error}");
    }
}

#[test]
fn columns_beyond_sixteen_bits_are_read_too() {
    let model = single(66_000, 1, 0, Activation::Tanh);
    let error = worst_of_one_step(&model);
    assert!(error < 4.0, "{error}");
}

fn worst_of_one_step(model: &RateModel) -> f64 {
    let mut sim = cpu(2, model, 1, Precision::F32);
    let before = series(model.units(), 5);
    sim.set_state(&before).unwrap();
    let before = sim.state().unwrap();
    sim.run(&[0.5], None, 1, None).unwrap();
    let (after, mut next) = (sim.state().unwrap(), vec![0.0; model.units()]);
    rate_step::step(model, &[0.5], &[], &before, &mut next, &[]);
    let scale = rate_step::scale(model, &[0.5], &[], &before, &next, &[]);
    let errors = after.iter().zip(&next).zip(&scale).map(|((a, b), s)| (a - b).abs() / (s * f64::from(f32::EPSILON)));
    errors.fold(0.0, f64::max)
}
