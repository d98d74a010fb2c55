//! Numbers computed with scikit-learn 1.9.1 and numpy on the 8x8 digits.
//!
//! The script, for `X` the pixels and `t` the labels:
//! ```python
//! Y = np.c_[t, t * t % 7]; n = 200 (primal) or 40 (dual); x, y = X[:n], Y[:n]; s = StandardScaler().fit(x); z =
//! s.transform(x) raw:     Ridge(alpha=1, solver="cholesky").fit(x, y)
//! std:     the same on z, W = coef_.T / s.scale_[:, None], b = intercept_ - s.mean_ @ W
//! nobias:  Ridge(alpha=1, solver="cholesky", fit_intercept=False).fit(x, y)
//! loo:     RidgeCV(alphas=[0.01, 1, 100, 10000], store_cv_results=True).fit(x, y).cv_results_.mean(axis=(0, 1))
//! gcv:     U, sv, _ = np.linalg.svd(x - x.mean(0)); h = sv**2 / (sv**2 + a); r = yc - U @ (h[:, None] * (U.T @ yc))
//!          n * (r**2).sum() / (n - 1 - h.sum())**2 / 2
//! softmax: LogisticRegression(C=0.5, tol=1e-12, solver="newton-cholesky").fit(z, t) for n = 1000, W and b as for std
//! ```
//! Weights are of features 10, 20, 34, 50.

use limnos::readout::{Alpha, Ridge, RidgeModel, Softmax};
use ndarray::{Array2, array, s};

use super::{Digits, assert_close, digits, row};

const FEATURES: [usize; 4] = [10, 20, 34, 50];
const GRID: [f64; 4] = [0.01, 1.0, 100.0, 10_000.0];

fn targets(digits: &Digits, n: usize) -> Array2<f64> {
    Array2::from_shape_fn((n, 2), |(i, o)| if o == 0 { digits.labels[i] } else { digits.labels[i].pow(2) % 7 } as f64)
}

fn fit(digits: &Digits, ridge: Ridge, n: usize) -> RidgeModel {
    ridge.fit(&digits.pixels.slice(s![..n, ..]), &targets(digits, n)).expect("ridge on digits")
}

#[track_caller]
fn check(model: &RidgeModel, weights: Array2<f64>, bias: [f64; 2]) {
    let found = Array2::from_shape_fn((4, 2), |(f, o)| model.weights()[(FEATURES[f], o)]);
    assert_close(&found, &weights, 1e-9);
    assert_close(&row(model.bias()), &array![bias], 1e-9);
}

#[test]
fn ridge_with_bias() {
    let Some(digits) = digits() else { return };
    let model = fit(&digits, Ridge::default(), 200);
    check(
        &model,
        array![
            [0.016098089023048427, -0.0029287857001073954],
            [-0.02725403650418537, -0.0921801272766446],
            [-0.02037337668107981, -0.06596123850814106],
            [-0.0031531497234656616, -0.06549611463887563]
        ],
        [3.109542929374654, 3.3149999975042608],
    );
    let r2 = model.score(&digits.pixels.slice(s![..200, ..]), &targets(&digits, 200)).expect("score");
    assert!((r2 - 0.7794043268596422).abs() < 1e-12, "{r2}");
}

#[test]
fn ridge_standardized() {
    let Some(digits) = digits() else { return };
    check(
        &fit(&digits, Ridge { standardize: true, ..Ridge::default() }, 200),
        array![
            [0.02324033686246094, -0.0003557948156216036],
            [-0.028289733483597264, -0.08891848960083037],
            [-0.02046519301047035, -0.06598354863746712],
            [-0.009263601190833196, -0.06500582331082118]
        ],
        [3.0365249342403193, 3.311914154230683],
    );
}

#[test]
fn ridge_without_bias() {
    let Some(digits) = digits() else { return };
    check(
        &fit(&digits, Ridge { fit_bias: false, ..Ridge::default() }, 200),
        array![
            [0.018612510819976783, -0.0002482283192135442],
            [-0.027974324199861317, -0.09294800659640247],
            [-0.001522711624780996, -0.045865052015822895],
            [0.006660898305284549, -0.055033622263072395]
        ],
        [0.0, 0.0],
    );
}

#[test]
fn ridge_with_fewer_samples_than_features() {
    let Some(digits) = digits() else { return };
    check(
        &fit(&digits, Ridge::default(), 40),
        array![
            [-0.22170437633259898, -0.07670204081234736],
            [-0.04131819629822795, -0.1650227490090798],
            [-0.03147337887811655, -0.08893308562524542],
            [-0.08812722475600338, -0.07759647967011911]
        ],
        [6.009640677038038, 3.623579835163165],
    );
    check(
        &fit(&digits, Ridge { standardize: true, ..Ridge::default() }, 40),
        array![
            [-0.07857358252891167, -0.01541881979621871],
            [-0.0358928576538751, -0.051804931882178794],
            [0.0044191206655932146, -0.09055054489443747],
            [-0.08762374773903646, -0.0544652592684799]
        ],
        [2.639260247550192, 1.4905554064825663],
    );
    check(
        &fit(&digits, Ridge { fit_bias: false, ..Ridge::default() }, 40),
        array![
            [-0.1571963899677667, -0.03780623136873722],
            [-0.008402607187954825, -0.14517592764781562],
            [0.026279177408950225, -0.054110538049232264],
            [-0.11986901546873627, -0.09673554620335045]
        ],
        [0.0, 0.0],
    );
}

#[test]
fn errors_of_the_grid_and_the_choice() {
    let Some(digits) = digits() else { return };
    let cases = [
        (200, true, [2.297917957009342, 2.2714665612250213, 2.071181455258004, 3.113214583464921], 100.0),
        (200, false, [2.4002190120334213, 2.3759224843601117, 2.1789630300239824, 3.2192944348471366], 100.0),
        (40, true, [3.745679539649293, 3.6368397240908985, 2.9518986607897295, 5.045614688426977], 100.0),
        (40, false, [5.208939010443619, 4.805371082483317, 2.9857580080675197, 5.320266937959036], 100.0),
    ];
    for (n, fit_bias, errors, best) in cases {
        let ridge = Ridge { alpha: Alpha::LeaveOneOut(GRID.to_vec()), fit_bias, ..Ridge::default() };
        check_search(&fit(&digits, ridge, n), errors, best);
    }
    let cases = [
        (200, true, [2.23218512831975, 2.181529943977458, 1.9953811321771682, 3.1134651238062614], 100.0),
        (200, false, [2.3362545888460113, 2.2858946303403878, 2.1010231059150164, 3.216933193766063], 100.0),
        (40, true, [2.5295005675262257, 2.498366871507075, 2.58885964425046, 5.059648238427445], 1.0),
        (40, false, [4.089953903519265, 3.7912072516393076, 2.6300133305307285, 5.321370742553077], 100.0),
    ];
    for (n, fit_bias, errors, best) in cases {
        let ridge = Ridge { alpha: Alpha::GeneralizedCv(GRID.to_vec()), fit_bias, ..Ridge::default() };
        check_search(&fit(&digits, ridge, n), errors, best);
    }
}

#[track_caller]
fn check_search(model: &RidgeModel, errors: [f64; 4], best: f64) {
    assert_eq!(model.search().iter().map(|c| c.alpha).collect::<Vec<_>>(), GRID);
    for (found, error) in model.search().iter().zip(errors) {
        assert!((found.error / error - 1.0).abs() < 1e-9, "{found:?}, expected {error}");
    }
    assert_eq!(model.alpha(), best);
}

#[test]
fn ridge_classifier() {
    let Some(digits) = digits() else { return };
    let (x, test) = digits.pixels.view().split_at(ndarray::Axis(0), 1000);
    let model = Ridge::default().fit_labels(&x, &digits.labels[..1000]).expect("fit");
    assert_eq!(model.score_labels(&x, &digits.labels[..1000]), Ok(0.963));
    let accuracy = model.score_labels(&test, &digits.labels[1000..]).expect("score");
    assert!((accuracy - 0.8920953575909661).abs() < 1e-12, "{accuracy}");
}

#[test]
fn softmax() {
    let Some(digits) = digits() else { return };
    let (x, test) = digits.pixels.view().split_at(ndarray::Axis(0), 1000);
    let softmax = Softmax { l2: 2.0, tolerance: 1e-11, ..Softmax::default() };
    let model = softmax.fit(&x, &digits.labels[..1000]).and_then(|model| model.require_converged()).expect("converged");
    let found = Array2::from_shape_fn((4, 3), |(f, c)| model.weights()[(FEATURES[f], [0, 3, 8][c])]);
    let weights = array![
        [-0.006569197384057994, 0.027102198089080716, 0.05474255236710394],
        [-0.03916576580808725, 0.03266187218393443, -0.017994726102559002],
        [0.029432012223152438, -0.10963677210671155, 0.0005041594878471496],
        [0.041340358151888246, 0.04605821404155252, 0.05448654271625044]
    ];
    assert_close(&found, &weights, 1e-8);
    let bias = array![[
        0.031964389840919205,
        -5.252685978715662,
        -0.5817877732940457,
        2.6432971862143195,
        2.5189653954411835,
        -0.467061541806914,
        -0.2199833010543108,
        1.5349882175996172,
        -1.3425418108504026,
        1.1348452166252732
    ]];
    assert_close(&row(model.bias()), &bias, 1e-8);
    let loss = model.convergence().loss;
    assert!((loss - 0.0975590761079454).abs() < 1e-12, "{loss}");
    let proba = model.predict_proba(&test.slice(s![..1, ..])).expect("probabilities");
    assert!((proba[(0, 1)] - 0.9748902282878361).abs() < 1e-8, "{proba}");
    let accuracy = model.score(&test, &digits.labels[1000..]).expect("score");
    assert!((accuracy - 0.9335006273525721).abs() < 1e-12, "{accuracy}");
}

/// What it takes at the default tolerance is not far from the minimum.
#[test]
fn softmax_at_the_default_tolerance_predicts_the_same() {
    let Some(digits) = digits() else { return };
    let (x, test) = digits.pixels.view().split_at(ndarray::Axis(0), 1000);
    let model = Softmax { l2: 2.0, ..Softmax::default() }.fit(&x, &digits.labels[..1000]).expect("fit");
    let convergence = model.convergence();
    assert!(convergence.converged && convergence.iterations < 200, "{convergence:?}");
    let accuracy = model.score(&test, &digits.labels[1000..]).expect("score");
    assert!((accuracy - 0.9335006273525721).abs() < 2e-3, "{accuracy}");
}
