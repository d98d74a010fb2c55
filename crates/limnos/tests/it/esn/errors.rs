//! What is refused, and how it is said.

use limnos::Device;
use limnos::esn::{Esn, EsnConfig, Nvar, Pooling, Precision};
use limnos::ndarray::{Array2, arr1, s};
use limnos::readout::RidgeModel;
use limnos::reservoir::{InputScaling, InputWeights, Reservoir, SparseMatrix, Topology};
use limnos::spec::Distribution;

use super::{esn, noise, reservoir};

fn refused(reservoir: Reservoir) -> String {
    let config = EsnConfig { reservoir, ..EsnConfig::default() };
    let built = Esn::new(&Device::cpu().unwrap(), config).and_then(|mut esn| esn.states(&noise(5, 2, 1)).map(|_| ()));
    built.unwrap_err().to_string()
}

#[test]
fn parameters_of_reservoirs_are_named() {
    let base = || reservoir(10, 1);
    let matrix = |rows, columns| std::sync::Arc::new(SparseMatrix::empty(rows, columns).unwrap());
    let cases = [
        (Reservoir { units: 0, ..base() }, "`units` is 0"),
        (Reservoir { leak_rate: 0.0, ..base() }, "`leak_rate` is 0"),
        (Reservoir { leak_rate: f64::NAN, ..base() }, "`leak_rate` is NaN"),
        (Reservoir { leak_rates: Some(vec![0.5; 9]), ..base() }, "`leak_rates` is 9 numbers"),
        (Reservoir { spectral_radius: -1.0, ..base() }, "`spectral_radius` is -1"),
        (Reservoir { noise: f64::INFINITY, ..base() }, "`noise` is inf"),
        (Reservoir { input_scaling: f64::NAN.into(), ..base() }, "`input_scaling` is NaN"),
        (
            Reservoir { input_scaling: InputScaling::PerChannel(vec![1.0; 3]), ..base() },
            "one for each of the 2 channels",
        ),
        (Reservoir { input_weights: InputWeights::uniform(1.5), ..base() }, "`connectivity` is 1.5"),
        (Reservoir { input_weights: InputWeights::Heads(3), ..base() }, "`heads` is 3"),
        (Reservoir { input_weights: InputWeights::Given(matrix(10, 1)), ..base() }, "10 units x 2 channels"),
        (Reservoir { topology: Topology::Random { connectivity: -0.1 }, ..base() }, "`connectivity` is -0.1"),
        (Reservoir { topology: Topology::CycleWithJumps { jump: 6, jump_weight: 0.1 }, ..base() }, "`jump` is 6"),
        (Reservoir { topology: Topology::SmallWorld { neighbours: 3, rewiring: 0.1 }, ..base() }, "`neighbours` is 3"),
        (Reservoir { topology: Topology::SmallWorld { neighbours: 4, rewiring: 2.0 }, ..base() }, "`rewiring` is 2"),
        (Reservoir { topology: Topology::Orthogonal { density: 0.0 }, ..base() }, "`density` is 0"),
        (Reservoir { topology: Topology::WaveRing { rings: 3, speed: 1.0 }, ..base() }, "`rings` is 3"),
        (Reservoir { topology: Topology::WaveRing { rings: 2, speed: 0.0 }, ..base() }, "`speed` is 0"),
        (Reservoir { topology: Topology::Given(matrix(9, 9)), ..base() }, "10 x 10: units x units"),
        (Reservoir { topology: Topology::Scaled(matrix(9, 10)), ..base() }, "9 x 10"),
        (Reservoir { bias: Distribution::Given(vec![0.0; 3].into()), ..base() }, "bias"),
        (Reservoir { weights: Distribution::normal(0.0, -1.0), ..base() }, "weights of a reservoir"),
        (Reservoir { weights: Distribution::Constant(0.0), ..base() }, "spectral radius 0"),
    ];
    for (reservoir, expected) in cases {
        let found = refused(reservoir);
        assert!(found.contains(expected), "{found} should contain {expected}");
    }
}

#[test]
fn settings_of_networks_are_named() {
    let base = || EsnConfig { reservoir: reservoir(10, 1), ..EsnConfig::default() };
    let new = |config| Esn::new(&Device::cpu().unwrap(), config).map(|_| ()).unwrap_err().to_string();
    assert!(new(EsnConfig { alpha: -1.0, ..base() }).contains("`alpha` is -1"));
    assert!(new(EsnConfig { max_batch: 0, ..base() }).contains("`max_batch` is 0"));
    let huge = Reservoir { units: 1_000_000_000, ..base().reservoir };
    assert!(new(EsnConfig { reservoir: huge, ..base() }).contains("at most 2^31 recurrent weights"));
    assert!(new(EsnConfig { nvar: Some(Nvar { order: 0, ..Nvar::default() }), ..base() }).contains("`order` is 0"));
    let model = reservoir(10, 1).model(1, 1).unwrap();
    let given = Esn::from_model(&Device::cpu().unwrap(), model, base()).map(|_| ()).unwrap_err().to_string();
    assert!(given.contains("`feedback` is false for a model with 1 feedback columns"), "{given}");
}

#[test]
fn data_that_do_not_fit_are_refused_with_their_place() {
    let config = || EsnConfig { reservoir: reservoir(10, 1), warmup: 5, ..EsnConfig::default() };
    let (x, y) = (noise(30, 2, 1), noise(30, 1, 2));
    let fit = |x: &Array2<f64>, y: &Array2<f64>| esn(config()).fit(x, y).unwrap_err().to_string();
    assert!(fit(&x, &noise(29, 1, 2)).contains("`y` is sequence 0 of 29 steps; allowed is the 30 steps"));
    assert!(fit(&Array2::zeros((0, 2)), &y).contains("no steps"));
    let mut bad = x.clone();
    bad[(7, 1)] = f64::NAN;
    assert!(fit(&bad, &y).contains("NaN in sequence 0, step 7, channel 1"));
    assert!(fit(&x.slice(s![..5, ..]).to_owned(), &y.slice(s![..5, ..]).to_owned()).contains("`warmup` is 5"));
    let mixed = esn(config()).fit(&[x.clone(), noise(30, 3, 1)], &[y.clone(), y.clone()]).unwrap_err().to_string();
    assert!(mixed.contains("sequence 1 of 3 channels"), "{mixed}");
    let none: [Array2<f64>; 0] = [];
    assert!(esn(config()).fit(&none, &none).unwrap_err().to_string().contains("at least one sequence"));

    let mut fitted = esn(config());
    assert!(fitted.predict(&x).unwrap_err().to_string().contains("not fitted"));
    assert!(fitted.generate(3).unwrap_err().to_string().contains("not fitted"));
    fitted.fit(&x, &y).unwrap();
    assert!(fitted.predict(&noise(5, 3, 1)).unwrap_err().to_string().contains("`x` is 3 channels; allowed is the 2"));
    assert!(fitted.score(&x, &noise(30, 2, 1)).unwrap_err().to_string().contains("the 1 outputs"));
    assert!(fitted.prime_with(&x, &y).unwrap_err().to_string().contains("`teacher`"));
    let wrong = RidgeModel::from_parts(Array2::ones((3, 1)), arr1(&[0.0]), 1.0).unwrap();
    assert!(fitted.set_readout(wrong).unwrap_err().to_string().contains("the 12 features"));
    // What failed changed nothing.
    assert_eq!(fitted.predict(&x).unwrap().dim(), (30, 1));
}

#[test]
fn feedback_has_no_forecast_and_no_classes() {
    let config = EsnConfig { reservoir: reservoir(10, 1), feedback: true, ..EsnConfig::default() };
    let x = noise(200, 1, 1);
    assert!(esn(config.clone()).fit_forecast(&x).unwrap_err().to_string().contains("`feedback` is true"));
    assert!(esn(config.clone()).pooled(&x, Pooling::Last).unwrap_err().to_string().contains("`feedback` is true"));
    assert!(esn(config).states(&x).unwrap_err().to_string().contains("`feedback` is true"));
}

#[test]
fn what_overflows_is_an_error() {
    let reservoir =
        Reservoir { activation: limnos::reservoir::Activation::Identity, spectral_radius: 3.0, ..reservoir(10, 1) };
    let config = EsnConfig { reservoir, precision: Precision::F32, ..EsnConfig::default() };
    let error = esn(config).states(&noise(300, 1, 1)).unwrap_err().to_string();
    assert!(error.contains("finite"), "{error}");
}
