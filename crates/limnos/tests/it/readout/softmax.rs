//! Softmax: convergence, absent classes, learning on, progress.

use limnos::readout::{Classifier, Readout, ReadoutError, Softmax, SoftmaxModel, Standardizer};
use ndarray::{Array2, Axis, array, concatenate};

use super::{assert_close, bits, counts, digits};

#[test]
fn converges_to_the_stated_tolerance() {
    let (x, labels) = counts(300, 30, 3);
    for tolerance in [1e-3, 1e-6, 1e-10] {
        let softmax = Softmax { tolerance, ..Softmax::default() };
        let model = softmax.fit(&x, &labels).and_then(SoftmaxModel::require_converged).expect("converged");
        assert!(model.convergence().gradient <= tolerance, "{:?}", model.convergence());
        assert!(gradient(&model, &x, &labels) <= tolerance * 1.01 + 1e-14);
    }
}

/// The gradient of the documented objective over n, computed from probabilities alone.
fn gradient(model: &SoftmaxModel, x: &Array2<u32>, labels: &[usize]) -> f64 {
    let scaling = model.standardizer();
    let mut residuals = model.predict_proba(x).expect("probabilities");
    labels.iter().enumerate().for_each(|(i, &label)| residuals[(i, label)] -= 1.0);
    let mut gradient = scaling.transform(x).expect("scaled").t().dot(&residuals);
    for ((mut row, weights), sd) in gradient.outer_iter_mut().zip(model.weights().outer_iter()).zip(scaling.sd()) {
        row.scaled_add(model.l2() * sd, &weights);
    }
    let bias = residuals.sum_axis(Axis(0));
    gradient.iter().chain(&bias).fold(0.0, |m: f64, g| m.max(g.abs())) / labels.len() as f64
}

#[test]
fn sizes_that_do_not_fill_the_vectors_converge_too() {
    for samples in [2, 3, 5, 33, 257] {
        for classes in [2, 3, 4, 5, 9] {
            let (x, labels) = counts(samples, 7, classes);
            let softmax = Softmax { tolerance: 1e-9, ..Softmax::default() };
            let model = softmax.fit(&x, &labels).and_then(SoftmaxModel::require_converged).expect("converged");
            let found = gradient(&model, &x, &labels);
            assert!(found <= 1.01e-9, "{samples} samples of {classes} classes: {found:e}");
        }
    }
}

/// The bits of a whole fit, on any machine. A change of this number is a change of every fitted softmax.
#[test]
fn a_fit_has_known_bits() {
    let (x, labels) = counts(200, 17, 5);
    let model = Softmax::default().fit(&x, &labels).expect("fit");
    let all = bits(model.weights().iter().chain(model.bias()));
    let digest = all.iter().fold(0u64, |digest, bits| digest.rotate_left(7) ^ bits);
    assert_eq!((all.len(), digest), (90, 0x7ed2_7951_177a_375d), "{digest:#018x}");
}

#[test]
fn says_when_it_did_not_converge() {
    let (x, labels) = counts(300, 30, 3);
    let model = Softmax { max_iterations: 3, ..Softmax::default() }.fit(&x, &labels).expect("still a model");
    assert!(!model.convergence().converged);
    assert!(model.score(&x, &labels).expect("score") > 0.5);
    assert!(matches!(model.require_converged(), Err(ReadoutError::NotConverged { iterations: 3, .. })));
}

#[test]
fn progress_is_told_each_iteration() {
    let (x, labels) = counts(300, 30, 3);
    let mut told = Vec::new();
    let model = Softmax::default().fit_labels_with(&x, &labels, &mut |p| told.push(p)).expect("fit");
    assert_eq!(
        told.iter().map(|p| p.iteration).collect::<Vec<_>>(),
        (1..=model.convergence().iterations).collect::<Vec<_>>()
    );
    assert!(told.windows(2).all(|pair| pair[1].loss <= pair[0].loss + 1e-12), "the loss should fall");
    assert_eq!(told.last().map(|p| p.gradient), Some(model.convergence().gradient));
}

#[test]
fn a_class_without_samples_has_probability_zero() {
    let (x, mut labels) = counts(300, 30, 3);
    let dense = Softmax::default().fit(&x, &labels).expect("dense");
    labels.iter_mut().for_each(|label| *label *= 2);
    let model = Softmax::default().fit(&x, &labels).expect("classes 0, 2, 4");
    assert_eq!(model.classes(), 5);
    let (a, b) = (model.predict_proba(&x).expect("sparse"), dense.predict_proba(&x).expect("dense"));
    assert!(a.column(1).iter().chain(a.column(3)).all(|&p| p == 0.0));
    assert_close(&a.select(Axis(1), &[0, 2, 4]), &b, 1e-12);
}

#[test]
fn constant_features_have_no_weight() {
    let (x, labels) = counts(300, 30, 3);
    let with = concatenate![Axis(1), x, Array2::from_elem((300, 1), 7)];
    let (plain, model) =
        (Softmax::default().fit(&x, &labels).expect("plain"), Softmax::default().fit(&with, &labels).expect("with"));
    assert!(model.weights().row(30).iter().all(|&weight| weight == 0.0));
    assert_close(&model.predict_proba(&with).expect("with"), &plain.predict_proba(&x).expect("plain"), 1e-12);
}

#[test]
fn a_warm_start_finds_the_same_minimum_sooner() {
    let (x, labels) = counts(400, 30, 4);
    let softmax = Softmax { tolerance: 1e-9, ..Softmax::default() };
    let cold = softmax.fit(&x, &labels).expect("cold");
    let part = softmax.fit(&x.slice(ndarray::s![..380, ..]), &labels[..380]).expect("part");
    let warm = softmax.fit_from(&part, &x, &labels).expect("warm");
    assert_close(warm.weights(), cold.weights(), 1e-6);
    assert!(warm.convergence().iterations < cold.convergence().iterations);
}

#[test]
fn learns_while_running() {
    let Some(digits) = digits() else { return };
    let (x, test) = digits.pixels.view().split_at(Axis(0), 1000);
    let scaling = Standardizer::fit(&x).expect("scaling");
    let mut model = SoftmaxModel::untrained(scaling, 10, 1.0).expect("untrained");
    let before = model.score(&test, &digits.labels[1000..]).expect("before");
    for (x, &label) in x.axis_chunks_iter(Axis(0), 1).zip(&digits.labels) {
        model.partial_fit(&x, &[label], 0.01).expect("step");
    }
    let after = model.score(&test, &digits.labels[1000..]).expect("after");
    assert!(before < 0.2 && after > 0.85, "before {before}, after {after}");
    assert_eq!(model.samples(), 1000);
}

#[test]
fn a_step_follows_the_gradient() {
    let x = array![[1.0, 0.0], [0.0, 2.0]];
    let mut model = SoftmaxModel::untrained(Standardizer::identity(2), 2, 0.0).expect("untrained");
    model.partial_fit(&x, &[0, 1], 1.0).expect("step");
    // p = 1/2 everywhere, so W = -(1/2) x^T (p - target) and the biases cancel.
    assert_close(model.weights(), &array![[0.25, -0.25], [-0.5, 0.5]], 1e-15);
    assert!(model.bias().iter().all(|bias| bias.abs() < 1e-15));
}

#[test]
fn a_new_class_can_be_learnt() {
    let (x, labels) = counts(300, 30, 3);
    let known: Vec<usize> = labels.iter().map(|&label| [0, 2, 2][label]).collect();
    let mut model = Softmax::default().fit(&x, &known).expect("classes 0 and 2");
    assert_eq!(model.bias()[1], f64::NEG_INFINITY);
    for _ in 0..200 {
        model.partial_fit(&x, &labels, 0.05).expect("step");
    }
    let score = model.score(&x, &labels).expect("score");
    assert!(model.bias()[1].is_finite() && score > 0.8, "{score}");
}

#[test]
fn parts_make_the_same_model() {
    let (x, labels) = counts(100, 8, 3);
    let model = Softmax::default().fit(&x, &labels).expect("fit");
    let (weights, bias) = (model.weights().clone(), model.bias().clone());
    let scaling = Standardizer::from_parts(model.standardizer().mean().to_vec(), model.standardizer().sd().to_vec())
        .expect("scaling");
    let mut again = SoftmaxModel::from_parts(weights, bias, scaling, model.l2(), model.samples()).expect("parts");
    let mut model = model;
    for model in [&mut model, &mut again] {
        model.partial_fit(&x, &labels, 0.01).expect("step");
    }
    assert_eq!(bits(again.weights()), bits(model.weights()));
}

#[test]
fn two_classes_and_extreme_logits() {
    let x = array![[0.0], [1e6], [2e6], [3e6]];
    let softmax = Softmax { standardize: false, l2: 1e-6, ..Softmax::default() };
    let model = softmax.fit(&x, &[0, 0, 1, 1]).expect("fit");
    let proba = model.predict_proba(&array![[-1e12], [1e12]]).expect("probabilities");
    assert!(proba.iter().all(|p| p.is_finite()) && proba[(1, 1)] > 0.99, "{proba}");
}
