//! Ridge by different ways: primal and dual, whole and in pieces, number types, degenerate features.

use limnos::readout::{Alpha, Readout, ReadoutError, Ridge, RidgeAccumulator, RidgeModel};
use ndarray::{Array2, ArrayRef2, Axis, array, concatenate, s};

use super::{assert_close, bits, counts, distance, regression, row};

fn settings() -> [Ridge; 4] {
    let ridge = |fit_bias, standardize| Ridge { alpha: Alpha::Given(0.3), fit_bias, standardize };
    [ridge(true, false), ridge(true, true), ridge(false, false), ridge(false, true)]
}

fn in_pieces(ridge: &Ridge, x: &ArrayRef2<f64>, y: &ArrayRef2<f64>, size: usize) -> RidgeModel {
    let mut sums = RidgeAccumulator::new(ridge.clone(), x.ncols(), y.ncols()).expect("accumulator");
    for (x, y) in x.axis_chunks_iter(Axis(0), size).zip(y.axis_chunks_iter(Axis(0), size)) {
        sums.partial_fit(&x, &y).expect("piece");
    }
    assert_eq!(sums.samples(), x.nrows());
    sums.solve().expect("solve")
}

#[test]
fn primal_and_dual_agree() {
    // The accumulator is always primal, the fit is dual where there are fewer samples than features.
    for (samples, features) in [(1, 3), (7, 8), (31, 40), (64, 300)] {
        let (x, y) = regression(samples, features);
        for ridge in settings() {
            let dual = ridge.fit(&x, &y).expect("dual");
            let primal = in_pieces(&ridge, &x, &y, samples);
            assert_close(dual.weights(), primal.weights(), 1e-9);
            assert_close(&row(dual.bias()), &row(primal.bias()), 1e-9);
        }
    }
}

#[test]
fn pieces_and_whole_agree() {
    for (samples, features) in [(50, 3), (400, 30), (1000, 257)] {
        let (x, y) = regression(samples, features);
        for ridge in settings() {
            let whole = ridge.fit(&x, &y).expect("whole");
            for size in [1, 33, 256, samples] {
                let pieces = in_pieces(&ridge, &x, &y, size);
                assert_close(pieces.weights(), whole.weights(), 1e-9);
                assert_close(&row(pieces.bias()), &row(whole.bias()), 1e-9);
            }
        }
    }
}

#[test]
fn a_lost_piece_shows() {
    let (x, y) = regression(400, 30);
    let whole = Ridge::default().fit(&x, &y).expect("whole");
    let less = in_pieces(&Ridge::default(), &x.slice(s![..399, ..]), &y.slice(s![..399, ..]), 100);
    assert!(distance(less.weights(), whole.weights()) > 1e-9);
}

#[test]
fn pieces_of_counts_give_the_same_bits() {
    let (x, labels) = counts(700, 150, 3);
    let whole = Ridge::default().fit_labels(&x, &labels).expect("whole");
    for size in [1, 97, 256] {
        let mut sums = RidgeAccumulator::new(Ridge::default(), 150, 3).expect("accumulator");
        let pieces = x.axis_chunks_iter(Axis(0), size).zip(labels.chunks(size)).collect::<Vec<_>>();
        for (x, labels) in pieces.into_iter().rev() {
            sums.partial_fit_labels(&x, labels).expect("piece");
        }
        let pieces = sums.solve().expect("solve");
        assert_eq!(bits(pieces.weights()), bits(whole.weights()), "pieces of {size}");
        assert_eq!(bits(pieces.bias()), bits(whole.bias()), "pieces of {size}");
    }
}

#[test]
fn large_means_do_not_hide_small_variances() {
    let (x, y) = regression(300, 5);
    let far = x.mapv(|value| value * 1e-3 + 12_345.678);
    let near = far.mapv(|value| value - 12_345.678);
    let ridge = Ridge { standardize: true, ..Ridge::default() };
    let expected = ridge.fit(&near, &y).expect("near");
    assert_close(ridge.fit(&far, &y).expect("far").weights(), expected.weights(), 1e-9);
    assert_close(in_pieces(&ridge, &far, &y, 40).weights(), expected.weights(), 1e-9);
    let counts = x.mapv(|value| (value * 10.0).round() + 1e7);
    let expected = ridge.fit(&counts.mapv(|value| value - 1e7), &y).expect("near");
    assert_close(ridge.fit(&counts, &y).expect("far").weights(), expected.weights(), 1e-9);
}

#[test]
fn number_types_and_layouts_agree_bit_for_bit() {
    let (x, labels) = counts(90, 20, 3);
    let expected = Ridge::default().fit_labels(&x, &labels).expect("u32");
    let y: Vec<f64> = labels.iter().map(|&label| label as f64).collect();
    let one = Ridge::default().fit(&x, &y).expect("vector");
    assert_eq!(one, Ridge::default().fit(&x.mapv(f64::from), &ndarray::Array1::from(y.clone())).expect("f64"));
    let f32s = x.mapv(|value| value as f32);
    assert_eq!(expected, Ridge::default().fit_labels(&f32s, &labels).expect("f32"));
    let predicted = expected.predict(&x).expect("u32");
    let columns_first = f32s.t().as_standard_layout().into_owned();
    let (mut bottom_up, labels_bottom_up) = (f32s.clone(), labels.iter().rev().copied().collect::<Vec<_>>());
    bottom_up.invert_axis(Axis(0));
    for (x, labels) in [(columns_first.t(), &labels), (bottom_up.view(), &labels_bottom_up)] {
        assert_eq!(expected, Ridge::default().fit_labels(&x, labels).expect("other layout"));
        let mut found = expected.predict(&x).expect("other layout");
        if labels == &labels_bottom_up {
            found.invert_axis(Axis(0));
        }
        assert_eq!(bits(&found), bits(&predicted));
    }
    assert_eq!(expected, Ridge::default().fit_labels_with(&x, &labels, &mut |_| ()).expect("by the trait"));
}

#[test]
fn constant_features_have_no_weight() {
    for samples in [50, 6] {
        let (x, y) = regression(samples, 8);
        let constant = Array2::from_elem((samples, 1), 0.1);
        let with = concatenate![Axis(1), x, constant];
        for standardize in [false, true] {
            let ridge = Ridge { standardize, ..Ridge::default() };
            let (plain, model) = (ridge.fit(&x, &y).expect("plain"), ridge.fit(&with, &y).expect("with"));
            assert!(
                model.weights().row(8).iter().all(|&weight| weight == 0.0),
                "{samples}: {:?}",
                model.weights().row(8)
            );
            assert_close(&model.weights().slice(s![..8, ..]), plain.weights(), 1e-12);
        }
    }
    let ridge = Ridge { alpha: Alpha::Given(0.0), ..Ridge::default() };
    let model = ridge.fit(&array![[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]], &[2.0, 4.0, 6.0][..]).expect("least squares");
    assert_close(model.weights(), &array![[2.0], [0.0]], 1e-14);
    let all = ridge.fit(&array![[5.0], [5.0]], &[2.0, 4.0][..]).expect("only a bias");
    assert_eq!((all.weights()[(0, 0)], all.bias()[0]), (0.0, 3.0));
}

#[test]
fn a_chosen_alpha_is_a_given_alpha() {
    for (samples, features) in [(300, 40), (20, 40)] {
        let (x, y) = regression(samples, features);
        let chosen = Ridge { alpha: Alpha::LeaveOneOut(vec![1e-3, 1e-1, 10.0]), ..Ridge::default() }
            .fit(&x, &y)
            .expect("chosen");
        let given = Ridge { alpha: Alpha::Given(chosen.alpha()), ..Ridge::default() }.fit(&x, &y).expect("given");
        assert_eq!(bits(chosen.weights()), bits(given.weights()));
    }
}

#[test]
fn leave_one_out_is_what_refitting_gives() {
    for (samples, features) in [(30, 6), (12, 20)] {
        let (x, y) = regression(samples, features);
        let grid = vec![0.05, 5.0];
        let found =
            Ridge { alpha: Alpha::LeaveOneOut(grid.clone()), ..Ridge::default() }.fit(&x, &y).expect("closed form");
        for (candidate, alpha) in found.search().iter().zip(grid) {
            let mut sum = 0.0;
            for left in 0..samples {
                let others: Vec<usize> = (0..samples).filter(|&i| i != left).collect();
                let ridge = Ridge { alpha: Alpha::Given(alpha), ..Ridge::default() };
                let model = ridge.fit(&x.select(Axis(0), &others), &y.select(Axis(0), &others)).expect("refit");
                let predicted = model.predict(&x.slice(s![left..=left, ..])).expect("predict");
                sum += (&predicted - &y.slice(s![left..=left, ..])).mapv(|e| e * e).sum();
            }
            let error = sum / (2 * samples) as f64;
            assert!((candidate.error / error - 1.0).abs() < 1e-8, "{candidate:?}, refitted {error}");
        }
    }
}

#[test]
fn generalized_cv_needs_only_the_sums() {
    let (x, y) = regression(500, 40);
    for fit_bias in [true, false] {
        let ridge = Ridge { alpha: Alpha::GeneralizedCv(vec![1e-2, 1.0, 1e2]), fit_bias, ..Ridge::default() };
        let (whole, pieces) = (ridge.fit(&x, &y).expect("whole"), in_pieces(&ridge, &x, &y, 77));
        assert_eq!(whole.alpha(), pieces.alpha());
        for (a, b) in whole.search().iter().zip(pieces.search()) {
            assert!((a.error / b.error - 1.0).abs() < 1e-9, "{a:?} {b:?}");
        }
    }
    let ridge = Ridge { alpha: Alpha::LeaveOneOut(vec![1.0]), ..Ridge::default() };
    assert_eq!(
        RidgeAccumulator::new(ridge, 1, 1).err(),
        Some(ReadoutError::NeedsSamples { criterion: "leave-one-out" })
    );
}

#[test]
fn a_refused_piece_changes_nothing() {
    let (x, y) = regression(40, 4);
    let mut sums = RidgeAccumulator::new(Ridge::default(), 4, 2).expect("accumulator");
    sums.partial_fit(&x, &y).expect("good");
    let before = sums.solve().expect("before");
    let mut bad = y.clone();
    bad[(3, 1)] = f64::INFINITY;
    assert!(sums.partial_fit(&x, &bad).is_err());
    assert_eq!(sums.solve().expect("after"), before);
}

#[test]
fn parts_make_the_same_model() {
    let (x, y) = regression(40, 4);
    let model = Ridge::default().fit(&x, &y).expect("fit");
    let again = RidgeModel::from_parts(model.weights().clone(), model.bias().clone(), model.alpha()).expect("parts");
    assert_eq!(bits(&again.predict(&x).expect("again")), bits(&model.predict(&x).expect("model")));
}

#[test]
fn a_path_is_its_fits() {
    let (x, y) = regression(700, 150);
    for settings in settings() {
        let mut sums = RidgeAccumulator::new(settings.clone(), 150, 2).expect("accumulator");
        sums.partial_fit(&x, &y).expect("piece");
        let alphas = [1e-6, 0.1, 10.0];
        for (model, alpha) in sums.solve_path(&alphas).expect("path").iter().zip(alphas) {
            let expected = Ridge { alpha: Alpha::Given(alpha), ..settings.clone() }.fit(&x, &y).expect("fit");
            assert_eq!(bits(model.weights()), bits(expected.weights()));
            assert_eq!(model.alpha(), alpha);
        }
    }
}

#[test]
fn later_samples_choose_alpha() {
    let (x, y) = regression(120, 30);
    let grid = vec![1e-3, 1.0, 1e3];
    let error = |train: usize, end: usize, alpha: f64| {
        let ridge = Ridge { alpha: Alpha::Given(alpha), ..Ridge::default() };
        let model = ridge.fit(&x.slice(s![..train, ..]), &y.slice(s![..train, ..])).expect("fit");
        let off = model.predict(&x.slice(s![train..end, ..])).expect("prediction") - y.slice(s![train..end, ..]);
        off.mapv(|e| e * e).sum() / (2 * (end - train)) as f64
    };
    let held_out = Ridge { alpha: Alpha::HeldOut { grid: grid.clone(), fraction: 0.25 }, ..Ridge::default() };
    let rolling = Ridge { alpha: Alpha::Rolling { grid: grid.clone(), folds: 3 }, ..Ridge::default() };
    let (held_out, rolling) = (held_out.fit(&x, &y).expect("held out"), rolling.fit(&x, &y).expect("rolling"));
    for (k, &alpha) in grid.iter().enumerate() {
        let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-8, "{found} {expected}");
        close(held_out.search()[k].error, error(90, 120, alpha));
        let folds = [(30, 60), (60, 90), (90, 120)].map(|(train, end)| error(train, end, alpha));
        close(rolling.search()[k].error, folds.iter().sum::<f64>() / 3.0);
    }
    for model in [held_out, rolling] {
        let expected = Ridge { alpha: Alpha::Given(model.alpha()), ..Ridge::default() }.fit(&x, &y).expect("fit");
        assert_close(model.weights(), expected.weights(), 1e-9);
    }
    let mut sums = RidgeAccumulator::new(Ridge::default(), 30, 2).expect("accumulator");
    sums.partial_fit(&x.slice(s![..90, ..]), &y.slice(s![..90, ..])).expect("piece");
    let found = sums.held_out_errors(&x.slice(s![90.., ..]), &y.slice(s![90.., ..]), &grid).expect("errors");
    assert!(found.iter().all(|c| (c.error / error(90, 120, c.alpha) - 1.0).abs() < 1e-8), "{found:?}");
}

#[test]
fn splits_that_leave_nothing_are_refused() {
    let (x, y) = regression(4, 2);
    let fit = |alpha| Ridge { alpha, ..Ridge::default() }.fit(&x, &y).err().map(|error| error.to_string());
    let held_out = |fraction| fit(Alpha::HeldOut { grid: vec![1.0], fraction });
    assert_eq!(held_out(1.0).as_deref(), Some("`fraction` is 1.0; it must be above 0 and below 1"));
    assert_eq!(held_out(0.01).as_deref(), Some("`fraction` is 0.01; it must be such that both parts have samples"));
    let rolling = |folds| fit(Alpha::Rolling { grid: vec![1.0], folds });
    assert_eq!(rolling(0).as_deref(), Some("`folds` is 0; it must be at least one"));
    assert_eq!(rolling(4).as_deref(), Some("`folds` is 4; it must be below the number of samples"));
    assert_eq!(rolling(3), None);
    let sums = |alpha| RidgeAccumulator::new(Ridge { alpha, ..Ridge::default() }, 1, 1).err();
    let needs = sums(Alpha::Rolling { grid: vec![1.0], folds: 2 }).expect("no samples").to_string();
    assert!(needs.starts_with("a choice by rolling origins needs every sample again"), "{needs}");
}

#[test]
fn accumulators_merge() {
    let (x, y) = regression(1500, 140);
    for settings in settings() {
        let whole = settings.fit(&x, &y).expect("whole");
        let part = |from: usize, to: usize| {
            let mut sums = RidgeAccumulator::new(settings.clone(), 140, 2).expect("accumulator");
            if from < to {
                sums.partial_fit(&x.slice(s![from..to, ..]), &y.slice(s![from..to, ..])).expect("piece");
            }
            sums
        };
        for cut in [0, 1, 1100, 1500] {
            let mut sums = part(0, cut);
            sums.merge(&part(cut, 1500)).expect("the same shape");
            assert_eq!(sums.samples(), 1500);
            assert_close(sums.solve().expect("solve").weights(), whole.weights(), 1e-9);
        }
    }
    let mut sums = RidgeAccumulator::new(Ridge::default(), 3, 1).expect("accumulator");
    let other = RidgeAccumulator::new(Ridge::default(), 3, 2).expect("accumulator");
    assert_eq!(sums.merge(&other), Err(ReadoutError::AccumulatorMismatch { expected: (3, 1), found: (3, 2) }));
}

#[test]
fn sums_made_elsewhere_stand_for_their_samples() {
    let (x, y) = regression(400, 20);
    let constant = Array2::from_elem((400, 1), 0.1);
    let x = concatenate![Axis(1), x, constant];
    let all = concatenate![Axis(1), x, y, Array2::ones((400, 1))];
    for settings in settings() {
        let mut sums = RidgeAccumulator::new(settings.clone(), 21, 2).expect("accumulator");
        let device = |from: usize, to: usize| {
            let all = all.slice(s![from..to, ..]);
            all.t().dot(&all)
        };
        sums.partial_fit_sums(150, &device(0, 150)).expect("sums");
        sums.partial_fit(&x.slice(s![150..250, ..]), &y.slice(s![150..250, ..])).expect("piece");
        sums.partial_fit_sums(150, &device(250, 400)).expect("sums");
        let found = sums.solve().expect("solve");
        assert_close(found.weights(), settings.fit(&x, &y).expect("whole").weights(), 1e-8);
        assert!(matches!(sums.partial_fit_sums(149, &device(0, 150)), Err(ReadoutError::SumsMismatch { .. })));
        assert!(matches!(sums.partial_fit_sums(3, &Array2::zeros((3, 3))), Err(ReadoutError::Length { .. })));
    }
}

#[test]
fn f32_chunks_with_f32_targets() {
    let (x, y) = regression(300, 10);
    let (x, y) = (x.mapv(|value| value as f32), y.mapv(|value| value as f32));
    let mut sums = RidgeAccumulator::new(Ridge::default(), 10, 2).expect("accumulator");
    for (x, y) in x.axis_chunks_iter(Axis(0), 7).zip(y.axis_chunks_iter(Axis(0), 7)) {
        sums.partial_fit(&x, &y).expect("piece");
    }
    let expected = Ridge::default().fit(&x.mapv(f64::from), &y.mapv(f64::from)).expect("f64");
    assert_close(sums.solve().expect("solve").weights(), expected.weights(), 1e-9);
}
