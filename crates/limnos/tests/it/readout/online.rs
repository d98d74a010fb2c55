//! Readouts that learn online: against ridge, against known trajectories, what they refuse, how they diverge.

use limnos::readout::{
    Alpha, Force, Lms, LmsModel, OnlineReadout, OnlineStandardizer, ReadoutError, Ridge, RidgeModel, Rls, RlsModel,
    Standardized, Standardizer,
};
use ndarray::{Array2, ArrayRef2, Axis, array, s};

use super::{assert_close, distance, noise, regression, row};

fn ridge(alpha: f64, fit_bias: bool, x: &ArrayRef2<f64>, y: &ArrayRef2<f64>) -> RidgeModel {
    Ridge { alpha: Alpha::Given(alpha), fit_bias, standardize: false }.fit(x, &y.to_owned()).expect("ridge")
}

fn rls(alpha: f64, forgetting: f64, fit_bias: bool, x: &ArrayRef2<f64>, y: &ArrayRef2<f64>) -> RlsModel {
    let mut model = RlsModel::new(Rls { alpha, forgetting, fit_bias }, x.ncols(), y.ncols()).expect("settings");
    model.partial_fit(x, &y.to_owned()).expect("samples");
    model
}

#[test]
fn rls_that_forgets_nothing_is_ridge() {
    for (samples, features) in [(5, 8), (300, 40), (1000, 17)] {
        let (x, y) = regression(samples, features);
        for fit_bias in [false, true] {
            for alpha in [1e-6, 0.3, 1e3] {
                let (online, offline) = (rls(alpha, 1.0, fit_bias, &x, &y), ridge(alpha, fit_bias, &x, &y));
                let tolerance = if samples < features && alpha < 1e-3 { 1e-7 } else { 1e-9 };
                assert_close(&online.weights(), offline.weights(), tolerance);
                assert_close(&row(&online.bias()), &row(offline.bias()), tolerance);
                assert_eq!(online.samples(), samples as u64);
            }
        }
    }
    // And with another alpha it is not.
    let (x, y) = regression(300, 40);
    assert!(distance(&rls(0.3, 1.0, true, &x, &y).weights(), ridge(0.31, true, &x, &y).weights()) > 1e-9);
}

#[test]
fn rls_with_forgetting_is_weighted_ridge() {
    let (x, y) = regression(200, 12);
    for forgetting in [0.5_f64, 0.99] {
        let root = |t: usize| forgetting.powf((199 - t) as f64 / 2.0);
        let weigh = |a: &Array2<f64>| Array2::from_shape_fn(a.dim(), |(t, j)| root(t) * a[(t, j)]);
        let alpha = 0.7 * forgetting.powi(200);
        let expected = ridge(alpha, false, &weigh(&x), &weigh(&y));
        assert_close(&rls(0.7, forgetting, false, &x, &y).weights(), expected.weights(), 1e-8);
    }
}

#[test]
fn rls_follows_what_changes_only_if_it_forgets() {
    let (x, y) = regression(600, 4);
    let mut changed = y.clone();
    changed.slice_mut(s![300.., ..]).mapv_inplace(|y| -y);
    let now = ridge(1e-9, true, &x.slice(s![300.., ..]), &changed.slice(s![300.., ..]));
    assert!(distance(&rls(1e-3, 0.95, true, &x, &changed).weights(), now.weights()) < 0.1);
    assert!(distance(&rls(1e-3, 1.0, true, &x, &changed).weights(), now.weights()) > 0.3);
}

#[test]
fn rls_is_exact_with_scales_far_apart() {
    // A million to one in scale and a penalty of 1e-12.
    let (mut next, truth) = (noise(5), [2.0, -3.0, 1.0]);
    let x = Array2::from_shape_fn((3000, 3), |(_, j)| [1e3, 1e-3, 1.0][j] * next());
    let y = x.dot(&array![2.0, -3.0, 1.0]);
    let mut model = RlsModel::new(Rls { alpha: 1e-12, forgetting: 0.99, fit_bias: false }, 3, 1).expect("settings");
    model.partial_fit(&x, &y).expect("sound");
    let worst = |weights: [f64; 3]| (0..3).map(|j| (weights[j] - truth[j]).abs()).fold(0.0, f64::max);
    let found = model.weights();
    assert!(worst([found[(0, 0)], found[(1, 0)], found[(2, 0)]]) < 1e-6, "{found}");
}

#[test]
fn one_at_a_time_and_in_pieces_agree_bit_for_bit() {
    let (x, y) = regression(90, 13);
    let mut models: Vec<Box<dyn OnlineReadout>> = vec![
        Box::new(RlsModel::new(Rls { forgetting: 0.99, ..Rls::default() }, 13, 2).expect("settings")),
        Box::new(LmsModel::new(Lms::default(), 13, 2).expect("settings")),
        Box::new(Standardized::new(LmsModel::new(Lms::default(), 13, 2).expect("settings"), true).expect("settings")),
    ];
    let mut rls = RlsModel::new(Rls { forgetting: 0.99, ..Rls::default() }, 13, 2).expect("settings");
    let mut lms = LmsModel::new(Lms::default(), 13, 2).expect("settings");
    let mut scaled = Standardized::new(lms.clone(), true).expect("settings");
    for (x, y) in x.axis_chunks_iter(Axis(0), 40).zip(y.axis_chunks_iter(Axis(0), 40)) {
        rls.partial_fit(&x, &y).expect("piece");
        lms.partial_fit(&x, &y).expect("piece");
        scaled.partial_fit(&x, &y).expect("piece");
    }
    let pieces: [&dyn OnlineReadout; 3] = [&rls, &lms, &scaled];
    for (single, pieces) in models.iter_mut().zip(pieces) {
        let mut out = [0.0; 2];
        for (x, y) in x.outer_iter().zip(y.outer_iter()) {
            let mut before = [0.0; 2];
            single.predict_into(&x.to_vec(), &mut before).expect("prediction");
            single.step(&x.to_vec(), &y.to_vec(), &mut out).expect("step");
            assert_eq!(out, before, "a step predicts before it learns");
        }
        assert_eq!(single.weights(), pieces.weights());
        assert_eq!(single.bias(), pieces.bias());
        single.reset();
        assert!(single.samples() == 0 && single.weights().iter().all(|&weight| weight == 0.0));
    }
    let predicted = rls.predict(&x).expect("prediction");
    let expected = x.dot(&rls.weights()) + rls.bias();
    assert_close(&predicted, &expected, 1e-12);
}

#[test]
fn lms_by_hand() {
    // Two samples, worked out on paper: W = 0.1 * 2 * [1, 2]; then e = 1 - 0.2 * 3 = 0.4.
    let plain = Lms { rate: 0.1, normalized: false, fit_bias: false, ..Lms::default() };
    let mut model = LmsModel::new(plain, 2, 1).expect("settings");
    model.partial_fit(&array![[1.0, 2.0]], &[2.0][..]).expect("sample");
    assert_close(&model.weights(), &array![[0.2], [0.4]], 1e-15);
    model.partial_fit(&array![[3.0, 0.0]], &[1.0][..]).expect("sample");
    assert_close(&model.weights(), &array![[0.2 + 0.1 * 0.4 * 3.0], [0.4]], 1e-15);
    // Normalised with rate 1 and no epsilon a sample is met exactly after it; the bias counts as a feature.
    let exact = Lms { rate: 1.0, epsilon: 0.0, ..Lms::default() };
    let mut model = LmsModel::new(exact, 2, 1).expect("settings");
    model.partial_fit(&array![[1.0, 2.0]], &[3.0][..]).expect("sample");
    assert_close(&model.weights(), &array![[0.5], [1.0]], 1e-15);
    assert_close(&row(&model.bias()), &array![[0.5]], 1e-15);
}

#[test]
fn normalised_lms_converges_whatever_the_scale() {
    for scale in [1e-2, 1.0, 1e4] {
        let mut next = noise(3);
        let x = Array2::from_shape_fn((4000, 5), |_| scale * next());
        let y = x.map_axis(Axis(1), |x| (x[0] - 2.0 * x[3]) / scale);
        let mut model = LmsModel::new(Lms { fit_bias: false, epsilon: 0.0, ..Lms::default() }, 5, 1).expect("settings");
        model.partial_fit(&x, &y).expect("stable");
        assert_close(&(model.weights() * scale), &array![[1.0], [0.0], [0.0], [-2.0], [0.0]], 1e-9);
    }
}

#[test]
fn divergence_is_an_error_and_never_a_number() {
    let (x, y) = regression(2000, 6);
    let lms = Lms { rate: 1.0, normalized: false, ..Lms::default() };
    let mut model = LmsModel::new(lms, 6, 2).expect("settings");
    let error = model.partial_fit(&x, &y).expect_err("far too large a rate");
    assert!(matches!(error, ReadoutError::Diverged { readout: "LMS", samples, .. } if samples < 2000), "{error}");
    assert!(error.to_string().contains("lower `rate`"), "{error}");
    assert!(matches!(model.partial_fit(&x, &y), Err(ReadoutError::Diverged { .. })), "it stays diverged");
    model.reset();
    assert_eq!(model.predict(&x).expect("anew")[(0, 0)], 0.0);
    let mut model = RlsModel::new(Rls::default(), 1, 1).expect("settings");
    let mut out = [0.0];
    let step = model.step(&[f64::MAX], &[1.0], &mut out).and_then(|()| model.step(&[f64::MAX], &[-1e308], &mut out));
    assert!(step.is_ok() && out[0].is_finite() || matches!(step, Err(ReadoutError::Diverged { readout: "RLS", .. })));
}

#[test]
fn refused_samples_change_nothing() {
    let (x, y) = regression(20, 3);
    let mut model = rls(1.0, 1.0, true, &x, &y);
    let before = model.weights();
    let mut out = [0.0; 2];
    let not_finite = |argument, column| ReadoutError::NotFinite { argument, row: 0, column, value: "NaN".into() };
    assert_eq!(model.update(&[1.0, f64::NAN, 0.0], &[0.0, 0.0]), Err(not_finite("x", 1)));
    assert_eq!(model.step(&[1.0, 0.0, 0.0], &[0.0, f64::NAN], &mut out), Err(not_finite("y", 1)));
    assert_eq!(model.update(&[1.0], &[0.0, 0.0]), Err(ReadoutError::FeatureMismatch { expected: 3, found: 1 }));
    assert_eq!(model.update(&[1.0; 3], &[0.0]), Err(ReadoutError::OutputMismatch { expected: 2, found: 1 }));
    let length = ReadoutError::Length { argument: "out", found: 1, expected: 2 };
    assert_eq!(model.predict_into(&[1.0; 3], &mut [0.0]), Err(length));
    let mut nan = x.clone();
    nan[(19, 2)] = f64::NAN;
    assert!(model.partial_fit(&nan, &y).is_err());
    assert_eq!((model.weights(), model.samples()), (before, 20));
}

#[test]
fn settings_outside_their_range_are_named() {
    let text = |error: ReadoutError| error.to_string();
    for forgetting in [0.0, 1.01, -0.5, f64::NAN] {
        let error = text(RlsModel::new(Rls { forgetting, ..Rls::default() }, 1, 1).expect_err("forgetting"));
        assert_eq!(error, format!("`forgetting` is {forgetting:?}; it must be above 0 and at most 1"));
    }
    for alpha in [0.0, -1.0, f64::INFINITY] {
        let error = text(RlsModel::new(Rls { alpha, ..Rls::default() }, 1, 1).expect_err("alpha"));
        assert_eq!(error, format!("`alpha` is {alpha:?}; it must be finite and above zero"));
    }
    assert!(text(LmsModel::new(Lms { rate: 2.0, ..Lms::default() }, 1, 1).expect_err("rate")).contains("below 2"));
    assert!(LmsModel::new(Lms { rate: 0.0, ..Lms::default() }, 1, 1).is_err());
    assert!(LmsModel::new(Lms { epsilon: -1.0, ..Lms::default() }, 1, 1).is_err());
    assert!(matches!(RlsModel::new(Rls::default(), 0, 1), Err(ReadoutError::Empty { .. })));
    let every = Force::new(RlsModel::new(Rls::default(), 1, 1).expect("settings"), 0).expect_err("every");
    assert_eq!(text(every), "`every` is 0; it must be at least one step");
}

#[test]
fn welford_is_the_standardizer() {
    let (x, _) = regression(500, 9);
    let far = x.mapv(|value| value + 1e6);
    let expected = Standardizer::fit(&far).expect("standardizer");
    let mut online = OnlineStandardizer::new(9, true).expect("features");
    online.partial_fit(&far.slice(s![..123, ..])).expect("piece");
    far.slice(s![123.., ..]).outer_iter().for_each(|x| online.update(&x.to_vec()).expect("sample"));
    let found = online.standardizer();
    for j in 0..9 {
        assert!((found.mean()[j] - expected.mean()[j]).abs() < 1e-8);
        assert!((found.sd()[j] / expected.sd()[j] - 1.0).abs() < 1e-8);
    }
    let mut out = [0.0; 9];
    online.transform_into(&far.row(7).to_vec(), &mut out).expect("sample");
    let transformed = found.transform(&far.slice(s![7..8, ..])).expect("sample");
    assert_close(&Array2::from_shape_fn((1, 9), |(_, j)| out[j]), &transformed, 1e-8);
}

#[test]
fn standardised_weights_are_for_raw_features() {
    let (x, y) = regression(400, 6);
    for scale in [false, true] {
        let inner = RlsModel::new(Rls { alpha: 0.5, ..Rls::default() }, 6, 2).expect("settings");
        let mut model = Standardized::new(inner, scale).expect("settings");
        x.outer_iter().for_each(|x| model.measure(&x.to_vec()).expect("sample"));
        model.freeze();
        model.partial_fit(&x, &y).expect("samples");
        let expected =
            Ridge { alpha: Alpha::Given(0.5), standardize: scale, ..Ridge::default() }.fit(&x, &y).expect("ridge");
        assert_close(&model.weights(), expected.weights(), 1e-9);
        assert_close(&row(&model.bias()), &row(expected.bias()), 1e-9);
        let raw = x.dot(&model.weights()) + model.bias();
        assert_close(&model.predict(&x).expect("prediction"), &raw, 1e-9);
    }
}

#[test]
fn standardising_helps_lms_with_far_means() {
    let (x, _) = regression(6000, 4);
    let x = x.mapv(|value| 0.1 * value + 50.0);
    let y = x.map_axis(Axis(1), |x| 3.0 * x[0] - x[2]);
    let last = |model: &dyn OnlineReadout| {
        let off =
            x.slice(s![5900.., ..]).dot(&model.weights()) + model.bias() - y.slice(s![5900..]).insert_axis(Axis(1));
        off.mapv(|e| e * e).mean().expect("rows")
    };
    let mut plain = LmsModel::new(Lms::default(), 4, 1).expect("settings");
    let mut scaled = Standardized::new(plain.clone(), true).expect("settings");
    plain.partial_fit(&x, &y).expect("samples");
    scaled.partial_fit(&x, &y).expect("samples");
    assert!(last(&scaled) < 0.1 * last(&plain), "{} {}", last(&scaled), last(&plain));
}

/// A small chaotic network of Sussillo and Abbott's kind: N tanh units, gain 1.5, its output fed back.
struct Network {
    weights: Array2<f64>,
    feedback: Vec<f64>,
    state: Vec<f64>,
    rate: Vec<f64>,
}

impl Network {
    fn new(units: usize) -> Self {
        let mut next = noise(11);
        let scale = 1.5 * (3.0 / units as f64).sqrt();
        let weights = Array2::from_shape_simple_fn((units, units), || scale * next());
        let feedback = (0..units).map(|_| next()).collect();
        let state: Vec<f64> = (0..units).map(|_| next()).collect();
        Self { weights, feedback, rate: state.iter().map(|x| x.tanh()).collect(), state }
    }

    /// A step of 0.1 time constants.
    fn step(&mut self, output: f64) {
        for (i, state) in self.state.iter_mut().enumerate() {
            let drive: f64 = self.weights.row(i).iter().zip(&self.rate).map(|(w, r)| w * r).sum();
            *state += 0.1 * (drive + self.feedback[i] * output - *state);
        }
        self.rate.iter_mut().zip(&self.state).for_each(|(r, x)| *r = x.tanh());
    }
}

#[test]
fn force_tames_a_chaotic_network() {
    let target = |t: usize| (0.1 * t as f64 * std::f64::consts::TAU / 6.0).sin();
    let run = |learn: bool| {
        let (mut network, steps) = (Network::new(200), 4000);
        let readout = RlsModel::new(Rls { fit_bias: false, ..Rls::default() }, 200, 1).expect("settings");
        let mut force = Force::new(readout, 2).expect("settings");
        let (mut while_learning, mut free) = (0.0_f64, 0.0_f64);
        for t in 0..steps + 600 {
            network.step(force.output()[0]);
            let wanted = target(t);
            let output = force.step(&network.rate, (learn && t < steps).then_some(&[wanted])).expect("step")[0];
            let error = (output - wanted).powi(2);
            if t >= steps {
                free += error / 600.0
            } else if t >= 200 {
                while_learning = while_learning.max(error)
            }
        }
        (while_learning, free, force.readout().samples())
    };
    let (while_learning, free, samples) = run(true);
    assert_eq!(samples, 2000, "every second step of 4000");
    assert!(while_learning < 0.05, "FORCE keeps the error small while it learns: {while_learning}");
    assert!(free < 0.02, "mean squared error of a free run: {free}");
    assert!(run(false).1 > 0.2, "without learning the target is not there");
}

#[test]
fn force_returns_the_output_before_it_learns() {
    let readout = RlsModel::new(Rls { alpha: 1e-9, ..Rls::default() }, 1, 1).expect("settings");
    let mut force = Force::new(readout, 3).expect("settings");
    assert_eq!(force.step(&[1.0], Some(&[5.0])).expect("first")[0], 0.0);
    let after = force.step(&[1.0], Some(&[-5.0])).expect("second")[0];
    assert!((after - 5.0).abs() < 1e-6);
    // The second and third step taught nothing.
    assert_eq!(force.step(&[1.0], Some(&[-5.0])).expect("third")[0], after);
    assert_eq!(force.step(&[1.0], Some(&[-5.0])).expect("fourth")[0], after);
    assert!(force.step(&[1.0], None).expect("fifth")[0] < 1e-6);
    assert_eq!(force.readout().samples(), 2);
    force.reset();
    assert_eq!(force.output(), [0.0]);
}
