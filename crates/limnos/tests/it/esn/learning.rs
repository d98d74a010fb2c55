//! What is learned: known answers of fits.

use limnos::esn::{EsnConfig, Layer, Nvar, Reads, StateFeatures};
use limnos::ndarray::{Array2, Axis, s};
use limnos::readout::{Alpha, Ridge};
use limnos::reservoir::Reservoir;

use super::{esn, noise, reservoir};

/// The input three steps ago times the present one.
fn product_of_delayed(x: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), 1), |(t, _)| if t < 3 { 0.0 } else { x[(t, 0)] * x[(t - 3, 0)] })
}

#[test]
fn a_fit_is_the_ridge_regression_of_the_states_after_the_warm_up() {
    let x = noise(400, 1, 1);
    let y = product_of_delayed(&x);
    let config = EsnConfig { reservoir: reservoir(40, 1), alpha: 1e-4, warmup: 50, ..EsnConfig::default() };
    let mut esn = esn(config);
    let fit = esn.fit(&x, &y).unwrap();
    assert_eq!((fit.steps, fit.features), (350, 41));
    let readout = esn.readout().unwrap().clone();
    let states = esn.states(&x).unwrap();
    let features = limnos::ndarray::concatenate![Axis(1), x, states];
    let ridge = Ridge { alpha: Alpha::Given(1e-4), ..Ridge::default() };
    let expected = ridge.fit(&features.slice(s![50.., ..]), &y.slice(s![50.., ..])).unwrap();
    let difference = readout.weights().iter().zip(expected.weights()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(difference < 1e-9 * expected.weights().iter().fold(0.0_f64, |a, w| a.max(w.abs())), "{difference}");
    let predicted = esn.predict(&x).unwrap();
    let mapped = expected.predict(&features).unwrap();
    assert!(predicted.iter().zip(&mapped).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn memory_and_products_are_learned_from_states() {
    let (x, test) = (noise(3000, 1, 1), noise(1000, 1, 2));
    let score = |states, layers| {
        let config = EsnConfig { reservoir: reservoir(150, 1), states, layers, ..EsnConfig::default() };
        let mut esn = esn(config);
        esn.fit(&x, &product_of_delayed(&x)).unwrap();
        esn.score(&test, &product_of_delayed(&test)).unwrap()
    };
    let raw = score(StateFeatures::Raw, vec![]);
    let squared = score(StateFeatures::RawAndSquared, vec![]);
    assert!(raw > 0.5 && squared > raw && squared > 0.8, "{raw} {squared}");
    let layer = Layer { reservoir: Reservoir { seed: 5, ..reservoir(150, 5) }, reads: Reads::InputsAndPrevious };
    assert!(score(StateFeatures::Raw, vec![layer]) > raw);
}

#[test]
fn several_penalties_from_one_pass_are_those_of_several_fits() {
    let x = noise(500, 1, 1);
    let y = product_of_delayed(&x);
    let alphas = [1e-6, 1e-3, 1.0];
    let config = |alpha| EsnConfig { reservoir: reservoir(30, 1), alpha, ..EsnConfig::default() };
    let models = esn(config(1.0)).fit_alphas(&x, &y, &alphas).unwrap();
    for (model, alpha) in models.iter().zip(alphas) {
        let mut one = esn(config(alpha));
        one.fit(&x, &y).unwrap();
        let expected = one.readout().unwrap();
        assert_eq!(model.alpha(), alpha);
        let difference = model.weights().iter().zip(expected.weights()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(difference <= 1e-9 * expected.weights().iter().fold(0.0_f64, |a, w| a.max(w.abs())));
    }
    assert_ne!(models[0].weights(), models[2].weights());
}

#[test]
fn products_of_delayed_inputs_solve_what_is_made_of_them() {
    let x = noise(500, 1, 1);
    let y = product_of_delayed(&x);
    let nvar = Some(Nvar { delays: 4, stride: 1, order: 2 });
    let config = EsnConfig { reservoir: reservoir(5, 1), nvar, alpha: 1e-9, ..EsnConfig::default() };
    let mut esn = esn(config);
    esn.fit(&x, &y).unwrap();
    assert!(esn.score(&x, &y).unwrap() > 1.0 - 1e-9);
}

#[test]
fn progress_is_told_to_the_end() {
    let (told, heard) = std::sync::mpsc::channel();
    let x = vec![noise(40, 1, 1), noise(60, 1, 2)];
    let mut esn = esn(EsnConfig { reservoir: reservoir(20, 1), warmup: 5, ..EsnConfig::default() });
    esn.on_progress(move |p| told.send((p.stage, p.done, p.of)).unwrap());
    esn.fit(&x, &x).unwrap();
    assert_eq!(heard.try_iter().last(), Some((limnos::Stage::Run, 100, 100)));
}
