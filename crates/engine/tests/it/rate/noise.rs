//! Noise in states.

use limnos_engine::Device;
use limnos_engine::rate::{RateOptions, RateSimulation};
use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};

fn noisy(seed: u64) -> RateModel {
    let weights = SparseMatrix::empty(2000, 2000).unwrap();
    let layer = RateLayer { noise: 0.3, activation: Activation::Identity, ..RateLayer::new(weights) };
    RateModel::new(0, 0, vec![layer], seed).unwrap()
}

fn states(seed: u64, first_sample: u32, samples: usize) -> Vec<f64> {
    let options = RateOptions { samples, first_sample, ..RateOptions::default() };
    let mut sim = RateSimulation::new(&Device::cpu_threads(2).unwrap(), &noisy(seed), options).unwrap();
    let mut states = vec![0.0; samples * 10 * 2000];
    sim.run(&[], None, 10, Some(&mut states)).unwrap();
    states
}

#[test]
fn noise_has_its_mean_and_variance_and_is_reproducible() {
    let all = states(1, 0, 2);
    let n = all.len() as f64;
    let mean = all.iter().sum::<f64>() / n;
    let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    // Four standard errors of 40 000 draws.
    assert!(mean.abs() < 0.3 * 4.0 / n.sqrt(), "mean {mean}");
    assert!((variance / 0.09 - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "variance {variance}");
    assert_eq!(all, states(1, 0, 2));
    assert_ne!(all, states(2, 0, 2));
    assert_eq!(all[20_000..], states(1, 1, 1), "a sample's noise follows its number");
    assert_ne!(all[..2000], all[2000..4000], "each step has its own");
}
