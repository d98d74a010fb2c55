//! Wrong uses and the texts they get.

use limnos::readout::{Alpha, ReadoutError, Ridge, RidgeAccumulator, RidgeModel, Softmax, SoftmaxModel, Standardizer};
use ndarray::{Array1, Array2, array};

#[track_caller]
fn says<T: std::fmt::Debug>(result: Result<T, ReadoutError>, text: &str) {
    let error = result.expect_err(text);
    assert_eq!(error.to_string(), text);
}

fn x() -> Array2<f64> {
    array![[1.0, 0.0], [2.0, 1.0], [3.0, -1.0]]
}

fn y() -> Array1<f64> {
    array![1.0, 2.0, 3.5]
}

fn ridge(alpha: Alpha) -> Ridge {
    Ridge { alpha, ..Ridge::default() }
}

#[test]
fn data() {
    let mut nan = x();
    nan[(1, 0)] = f64::NAN;
    says(
        Ridge::default().fit(&nan, &y()),
        "`x` holds NaN at row 1, column 0; only finite numbers are allowed: look for a division by zero or an overflow where it was made",
    );
    let infinite = x().mapv(|value| value as f32) / 0.0;
    says(
        Softmax::default().fit(&infinite, &[0, 1, 1]),
        "`x` holds inf at row 0, column 0; only finite numbers are allowed: look for a division by zero or an overflow where it was made",
    );
    says(
        Ridge::default().fit(&x(), &array![1.0, f64::NEG_INFINITY, 0.0]),
        "`y` holds -inf at row 1, column 0; only finite numbers are allowed: look for a division by zero or an overflow where it was made",
    );
    says(
        Ridge::default().fit(&x(), &array![1.0, 2.0]),
        "`x` has 3 samples (rows) but `y` has 2; each sample needs its target",
    );
    says(
        Softmax::default().fit(&x(), &[0, 1]),
        "`x` has 3 samples (rows) but `labels` has 2; each sample needs its target",
    );
    says(
        Ridge::default().fit(&Array2::<u32>::zeros((0, 2)), &Vec::<f64>::new()),
        "`x` is 0 x 2; at least one row and one column are needed",
    );
    says(
        Ridge::default().fit(&Array2::<u32>::zeros((3, 0)), &y()),
        "`x` is 3 x 0; at least one row and one column are needed",
    );
    says(
        Ridge::default().fit(&x(), &Array2::<f64>::zeros((3, 0))),
        "`y` is 3 x 0; at least one row and one column are needed",
    );
    says(Standardizer::fit(&Array2::<f32>::zeros((0, 0))), "`x` is 0 x 0; at least one row and one column are needed");
    let text =
        "the sum of squares of feature 1 overflows f64; scale it down (largest allowed magnitude is about 1e150)";
    let huge = array![[1.0, 1e200], [2.0, 2e200], [0.0, 0.0]];
    says(Ridge::default().fit(&huge, &y()), text);
    says(Softmax::default().fit(&huge, &[0, 1, 1]), text);
    says(
        Ridge::default().fit(&x(), &array![1e200, 0.0, 0.0]),
        "the sum of squares of output 0 overflows f64; scale it down (largest allowed magnitude is about 1e150)",
    );
}

#[test]
fn labels() {
    let text = "all 3 labels are class 4; a classifier needs samples of at least two classes";
    says(Softmax::default().fit(&x(), &[4, 4, 4]), text);
    says(Ridge::default().fit_labels(&x(), &[4, 4, 4]), text);
    let text = "label 5 at row 2 is not one of the 2 classes; labels run from 0 to 1";
    let model = Softmax::default().fit(&x(), &[0, 1, 1]).expect("two classes");
    says(model.score(&x(), &[0, 1, 5]), text);
    says(model.clone().partial_fit(&x(), &[0, 1, 5], 0.1), text);
    says(Ridge::default().fit_labels(&x(), &[0, 1, 1]).expect("two classes").score_labels(&x(), &[0, 1, 5]), text);
    says(RidgeAccumulator::new(Ridge::default(), 2, 2).expect("new").partial_fit_labels(&x(), &[0, 1, 5]), text);
    says(
        Softmax::default().fit(&x(), &[0, 1, usize::MAX]),
        "label 18446744073709551615 at row 2 is not one of the 1048576 classes; labels run from 0 to 1048575",
    );
}

#[test]
fn settings() {
    says(ridge(Alpha::Given(-1.0)).fit(&x(), &y()), "`alpha` is -1.0; it must be finite and not negative");
    says(ridge(Alpha::Given(f64::NAN)).fit(&x(), &y()), "`alpha` is NaN; it must be finite and not negative");
    let text = "the grid of `LeaveOneOut` is empty; give at least one alpha, for example 1e-6 to 1e2 by powers of ten";
    says(ridge(Alpha::LeaveOneOut(Vec::new())).fit(&x(), &y()), text);
    let text =
        "the grid of `GeneralizedCv` is empty; give at least one alpha, for example 1e-6 to 1e2 by powers of ten";
    says(RidgeAccumulator::new(ridge(Alpha::GeneralizedCv(Vec::new())), 2, 1), text);
    let text = "`alpha GeneralizedCv[1]` is 0.0; it must be finite and above zero";
    says(ridge(Alpha::GeneralizedCv(vec![1.0, 0.0])).fit(&x(), &y()), text);
    says(
        RidgeAccumulator::new(ridge(Alpha::LeaveOneOut(vec![1.0])), 2, 1),
        "leave-one-out needs every sample again and an accumulator keeps only their Gram matrix; use `Alpha::GeneralizedCv` \
         (which needs the Gram matrix alone), `Alpha::Given`, or `Ridge::fit`",
    );
    let fit = |softmax: Softmax| softmax.fit(&x(), &[0, 1, 1]);
    says(fit(Softmax { l2: -0.5, ..Softmax::default() }), "`l2` is -0.5; it must be finite and not negative");
    says(fit(Softmax { tolerance: 0.0, ..Softmax::default() }), "`tolerance` is 0.0; it must be finite and above zero");
    says(fit(Softmax { max_iterations: 0, ..Softmax::default() }), "`max_iterations` is 0; it must be at least 1");
    let mut model = fit(Softmax::default()).expect("good settings");
    says(model.partial_fit(&x(), &[0, 1, 1], -0.1), "`rate` is -0.1; it must be finite and above zero");
    says(SoftmaxModel::untrained(Standardizer::identity(2), 1, 0.0), "`classes` is 1; it must be at least 2");
}

#[test]
fn sizes_of_a_fitted_readout() {
    let model = Ridge::default().fit(&x(), &y()).expect("fit");
    let text = "`x` has 1 features (columns), the readout was made for 2; give it the states it was fitted on";
    says(model.predict(&array![[1.0]]), text);
    says(Softmax::default().fit(&x(), &[0, 1, 1]).expect("fit").predict(&array![[1u32]]), text);
    says(Standardizer::fit(&x()).expect("fit").transform(&array![[1.0]]), text);
    says(model.score(&x(), &Array2::<f64>::zeros((3, 2))), "`y` has 2 outputs (columns), the readout has 1");
    let mut sums = RidgeAccumulator::new(Ridge::default(), 2, 1).expect("new");
    says(sums.partial_fit(&array![[1.0]], &[1.0][..]), text);
    says(sums.partial_fit(&x(), &Array2::<f64>::zeros((3, 2))), "`y` has 2 outputs (columns), the readout has 1");
    says(sums.solve(), "`x` is 0 x 2; at least one row and one column are needed");
    says(
        RidgeAccumulator::new(Ridge::default(), 0, 1),
        "`weights` is 0 x 1; at least one row and one column are needed",
    );
}

#[test]
fn parts() {
    let weights = || Array2::ones((2, 3));
    says(
        RidgeModel::from_parts(weights(), Array1::zeros(2), 1.0),
        "`bias` has 2 entries where 3 are needed by the 2 x 3 weights",
    );
    says(
        SoftmaxModel::from_parts(weights(), Array1::zeros(3), Standardizer::identity(4), 1.0, 0),
        "`scaling` has 4 entries where 2 are needed by the 2 x 3 weights",
    );
    says(
        RidgeModel::from_parts(weights(), array![0.0, f64::NAN, 0.0], 1.0),
        "`bias` holds NaN at row 0, column 1; only finite numbers are allowed: look for a division by zero or an overflow where it was made",
    );
    says(Standardizer::from_parts(vec![0.0], vec![-1.0]), "`sd[0]` is -1.0; it must be finite and not negative");
    says(Standardizer::from_parts(vec![f64::NAN], vec![1.0]), "`mean[0]` is NaN; it must be finite");
}

#[test]
fn singular() {
    let twice = array![[1.0, 2.0, 0.0], [2.0, 4.0, 1.0], [4.0, 8.0, 0.0], [3.0, 6.0, 5.0]];
    says(
        ridge(Alpha::Given(0.0)).fit(&twice, &array![1.0, 2.0, 3.0, 4.0]),
        "the normal equations are singular at feature 1 with alpha = 0.0: it is a combination of others up to rounding; \
         raise alpha (1e-8 times the feature's sum of squares, 2e1, is a start) or remove it",
    );
    let error = ridge(Alpha::Given(0.0)).fit(&twice.t(), &y()).expect_err("a bias takes one of three samples");
    assert!(error.to_string().contains("singular at sample 2 with alpha = 0.0"), "{error}");
    says(
        ridge(Alpha::LeaveOneOut(vec![1e-300, 1e-200])).fit(&array![[1.0], [2.0]], &array![1.0, 2.0]),
        "no alpha of the grid can be judged: with each of them a sample is fitted exactly whatever its target; \
         add larger alphas (largest tried: 1e-200)",
    );
}

#[test]
fn no_convergence() {
    let error = Softmax { max_iterations: 1, ..Softmax::default() }
        .fit(&x(), &[0, 1, 1])
        .and_then(SoftmaxModel::require_converged)
        .expect_err("one iteration");
    let text = error.to_string();
    assert!(text.starts_with("the softmax stopped after 1 iterations with a gradient of "), "{text}");
    assert!(
        text.ends_with("above the tolerance 1e-4; raise `max_iterations`, `l2` or `tolerance`, or set `standardize`"),
        "{text}"
    );
}
