//! Parity with ReservoirPy 0.4.2: the files in `tests/data` were written by `benches/reference/reservoirpy.py`, which says the versions.

use std::path::PathBuf;

use limnos::Device;
use limnos::esn::{Esn, EsnConfig, Precision};
use limnos::import::{self, Matrices};
use limnos::ndarray::{Array2, s};
use limnos::reservoir::Activation;
use limnos::tasks::{Npz, delayed_inputs, read_npz};

/// Bounds of the largest difference: f64 differs in the order of additions alone; in f32 each of a few hundred steps rounds states of size 1 to 6e-8, and the weights of
/// the ridge regression, whose normal equations have a condition of 1e5 to 1e6, follow.
struct Bounds {
    precision: Precision,
    states: f64,
    weights: f64,
    predictions: f64,
    capacity: f64,
}

const BOUNDS: [Bounds; 2] = [
    Bounds { precision: Precision::F64, states: 1e-13, weights: 1e-8, predictions: 1e-11, capacity: 1e-9 },
    Bounds { precision: Precision::F32, states: 1e-6, weights: 1e-3, predictions: 1e-5, capacity: 1e-3 },
];

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn array(npz: &Npz, name: &str) -> Array2<f64> {
    npz.get(name).unwrap().to_matrix().unwrap()
}

/// Largest difference, relative to the largest expected number.
fn difference(found: impl IntoIterator<Item = f64>, expected: &Array2<f64>) -> f64 {
    let scale = expected.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    found.into_iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / scale
}

fn network(matrices: &Matrices, config: EsnConfig) -> Esn {
    Esn::from_model(&Device::cpu().unwrap(), matrices.model().unwrap(), EsnConfig { read_inputs: false, ..config })
        .unwrap()
}

/// Checks states, the fit, and the predictions of both the imported and the own readout.
fn check(name: &str, matrices: &Matrices, config: EsnConfig, learned: usize) {
    let npz = read_npz(file(name)).unwrap();
    let (x, y) = (array(&npz, "x"), array(&npz, "y"));
    for bounds in BOUNDS {
        let mut esn = network(matrices, EsnConfig { precision: bounds.precision, ..config.clone() });
        let close = |what: &str, error: f64, bound: f64| {
            println!("{name} {:?}: {what} differ by {error:.1e}", bounds.precision);
            assert!(error < bound, "{what} of {name} in {:?} differ by {error:e}", bounds.precision);
        };
        let last = |all: &Array2<f64>| all.slice(s![-20.., ..]).iter().copied().collect::<Vec<_>>();
        close("states", difference(last(&esn.states(&x).unwrap()), &array(&npz, "states")), bounds.states);
        esn.set_readout(matrices.readout.clone().unwrap()).unwrap();
        close(
            "predictions",
            difference(last(&esn.predict(&x).unwrap()), &array(&npz, "prediction")),
            bounds.predictions,
        );
        esn.fit(x.slice(s![..learned, ..]), y.slice(s![..learned, ..])).unwrap();
        let weights = esn.readout().unwrap().weights().iter().copied().collect::<Vec<_>>();
        close("weights", difference(weights, &array(&npz, "Wout")), bounds.weights);
        close(
            "fits",
            difference(last(&esn.predict(&x).unwrap()), &array(&npz, "prediction")),
            bounds.predictions * 10.0,
        );
    }
}

#[test]
fn a_forecast_is_that_of_reservoirpy() {
    let matrices = Matrices::read(file("reservoirpy_forecast.npz")).unwrap();
    check("reservoirpy_forecast.npz", &matrices, EsnConfig { alpha: 1e-5, warmup: 50, ..EsnConfig::default() }, 300);
}

#[test]
fn a_filter_of_sigmoid_units_is_that_of_reservoirpy() {
    let matrices =
        Matrices { activation: Activation::Sigmoid, ..Matrices::read(file("reservoirpy_filter.npz")).unwrap() };
    // The sparse file holds the same recurrent weights.
    assert_eq!(import::matrix(file("reservoirpy_w.npz")).unwrap(), matrices.w);
    let config = EsnConfig { alpha: 1e-3, warmup: 20, fit_bias: false, ..EsnConfig::default() };
    check("reservoirpy_filter.npz", &matrices, config, 260);
}

#[test]
#[should_panic(expected = "states of reservoirpy_forecast.npz")]
fn a_changed_weight_would_be_seen() {
    let mut matrices = Matrices::read(file("reservoirpy_forecast.npz")).unwrap();
    let mut values = matrices.w.value().to_vec();
    values[7] += 1e-3;
    matrices.w = matrices.w.with_values(values).unwrap();
    check("reservoirpy_forecast.npz", &matrices, EsnConfig { alpha: 1e-5, warmup: 50, ..EsnConfig::default() }, 300);
}

#[test]
fn memory_capacity_is_that_of_reservoirpy() {
    let (delays, test) = (60, 200);
    let npz = read_npz(file("reservoirpy_forecast.npz")).unwrap();
    let matrices = Matrices::read(file("reservoirpy_forecast.npz")).unwrap();
    let inputs = npz.get("mc_inputs").unwrap().to_f64().unwrap();
    let targets = delayed_inputs(&inputs, delays).unwrap();
    let x = Array2::from_shape_fn((targets.nrows(), 1), |(t, _)| inputs[delays + t]);
    let cut = targets.nrows() - test;
    for bounds in BOUNDS {
        let config = EsnConfig { alpha: 1e-4, warmup: delays, precision: bounds.precision, ..EsnConfig::default() };
        let mut esn = network(&matrices, config);
        esn.fit(x.slice(s![..cut, ..]), targets.slice(s![..cut, ..])).unwrap();
        // ReservoirPy goes on from the state at the end of the training data.
        let predicted = esn.advance(x.slice(s![cut.., ..])).unwrap();
        let correlation = |k: usize| {
            let (p, y) = (predicted.column(k), targets.slice(s![cut.., k]));
            let (p, y) = (&p - p.mean().unwrap(), &y - y.mean().unwrap());
            p.dot(&y).powi(2) / (p.dot(&p) * y.dot(&y))
        };
        let error = difference((0..delays).map(correlation), &array(&npz, "mc"));
        println!("memory capacity {:?}: differs by {error:.1e}", bounds.precision);
        assert!(error < bounds.capacity, "{error:e}");
    }
}

#[test]
fn what_cannot_be_imported_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Matrices::read(folder.path().join("none.npz")).unwrap_err().to_string();
    assert!(missing.contains("none.npz"), "{missing}");
    let lacking = Matrices::read(file("reservoirpy_w.npz")).unwrap_err().to_string();
    assert!(lacking.contains("`Win` among them"), "{lacking}");
    let several = import::matrix(file("reservoirpy_filter.npz")).unwrap_err().to_string();
    assert!(several.contains("no `format`") && several.contains("Matrices::read"), "{several}");
    let mut matrices = Matrices::read(file("reservoirpy_forecast.npz")).unwrap();
    matrices.leak_rate.pop();
    assert!(matrices.model().unwrap_err().to_string().contains("leak"));
    let with_inputs = EsnConfig::default();
    let full = Matrices::read(file("reservoirpy_forecast.npz")).unwrap();
    let mut esn = Esn::from_model(&Device::cpu().unwrap(), full.model().unwrap(), with_inputs).unwrap();
    let refused = esn.set_readout(full.readout.unwrap()).unwrap_err().to_string();
    assert!(refused.contains("30 features") && refused.contains("31 features"), "{refused}");
}
