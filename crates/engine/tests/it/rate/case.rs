//! Models, inputs and simulations that the tests share.

use limnos_engine::Device;
use limnos_engine::rate::{LinearReadout, Precision, RateOptions, RateSimulation, StateFeatures};
use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};
use limnos_spec::rng;

/// A number in -1 to 1 that belongs to two others.
pub fn value(a: usize, b: usize) -> f64 {
    2.0 * rng::unit(rng::word(a as u32, b as u32, 0, 0, [5, 6])) - 1.0
}

/// A matrix in which about `degree` columns of a row have values of this size; rows differ in length by up to twice the degree.
pub fn matrix(rows: usize, columns: usize, degree: usize, size: f64, salt: usize) -> SparseMatrix {
    let mut triplets = Vec::new();
    for i in 0..rows {
        let length = (degree as f64 * (1.0 + value(salt + 1, i))).round() as usize;
        let mut picked: Vec<usize> =
            (0..length).map(|k| ((value(salt + 2, i * 977 + k) + 1.0) / 2.0 * columns as f64) as usize).collect();
        picked.sort_unstable();
        picked.dedup();
        triplets.extend(picked.into_iter().map(|j| (i, j, size * value(salt + 3, i * columns + j))));
    }
    SparseMatrix::from_triplets(rows, columns, &triplets).unwrap()
}

/// A layer whose units differ in everything.
pub fn layer(units: usize, columns: usize, activation: Activation, salt: usize) -> RateLayer {
    let each = |low: f64, high: f64, salt: usize| {
        (0..units).map(|i| low + (high - low) * (value(salt, i) + 1.0) / 2.0).collect::<Vec<_>>()
    };
    RateLayer {
        leak: each(0.1, 1.0, salt + 10),
        gain: each(0.5, 1.5, salt + 11),
        bias: each(-0.2, 0.2, salt + 12),
        activation,
        ..RateLayer::new(matrix(units, columns, 8, 0.3, salt))
    }
}

/// One layer.
pub fn single(units: usize, inputs: usize, feedback: usize, activation: Activation) -> RateModel {
    RateModel::new(inputs, feedback, vec![layer(units, inputs + feedback + units, activation, 0)], 3).unwrap()
}

/// Three layers of different activations, the second and third reading those before.
pub fn deep(units: [usize; 3], inputs: usize, feedback: usize) -> RateModel {
    let kinds = [Activation::Tanh, Activation::Sigmoid, Activation::Tanh];
    let mut columns = inputs + feedback;
    let layers = units.iter().zip(kinds).enumerate().map(|(k, (&n, kind))| {
        columns += n;
        layer(n, columns, kind, 100 * k)
    });
    RateModel::new(inputs, feedback, layers.collect(), 3).unwrap()
}

pub fn series(length: usize, salt: usize) -> Vec<f64> {
    (0..length).map(|k| value(900 + salt, k)).collect()
}

pub fn cpu(threads: usize, model: &RateModel, samples: usize, precision: Precision) -> RateSimulation {
    let options = RateOptions { samples, precision, ..RateOptions::default() };
    RateSimulation::new(&Device::cpu_threads(threads).unwrap(), model, options).unwrap()
}

pub fn readout(model: &RateModel, outputs: usize, inputs: bool, states: StateFeatures) -> LinearReadout {
    let features = states.width(model.units()) + if inputs { model.inputs() } else { 0 };
    LinearReadout {
        outputs,
        weights: (0..outputs * features).map(|k| value(77, k) / (features as f64).sqrt()).collect(),
        bias: (0..outputs).map(|k| 0.1 * value(78, k)).collect(),
        inputs,
        states,
    }
}
