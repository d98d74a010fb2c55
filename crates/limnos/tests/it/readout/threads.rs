//! The same bits for any number of threads.

use limnos::readout::{Alpha, Ridge, RidgeAccumulator, Softmax, Standardizer};
use ndarray::{Array2, Axis};

use super::{bits, counts, regression};

fn with_threads<R: Send>(threads: usize, run: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool").install(run)
}

/// Runs with 1, 2 and 3 threads and compares.
#[track_caller]
fn assert_same(run: impl Fn() -> Vec<u64> + Sync) {
    let one = with_threads(1, &run);
    for threads in [2, 3] {
        assert!(one == with_threads(threads, &run), "{threads} threads change the bits");
    }
}

fn model_bits(ridge: &Ridge, x: &Array2<f64>, y: &Array2<f64>) -> Vec<u64> {
    let model = ridge.fit(x, y).expect("ridge");
    let errors: Vec<f64> = model.search().iter().map(|candidate| candidate.error).collect();
    bits(model.weights().iter().chain(model.bias()).chain(&errors).chain(&model.predict(x).expect("predict")))
}

#[test]
fn ridge() {
    for (samples, features) in [(1500, 300), (200, 700)] {
        let (x, y) = regression(samples, features);
        for alpha in [Alpha::Given(0.1), Alpha::LeaveOneOut(vec![0.1, 1.0]), Alpha::GeneralizedCv(vec![0.1, 1.0])] {
            let ridge = Ridge { alpha, standardize: true, ..Ridge::default() };
            assert_same(|| model_bits(&ridge, &x, &y));
        }
    }
}

#[test]
fn accumulator() {
    let (x, y) = regression(1500, 300);
    assert_same(|| {
        let mut sums = RidgeAccumulator::new(Ridge::default(), 300, 2).expect("accumulator");
        for (x, y) in x.axis_chunks_iter(Axis(0), 333).zip(y.axis_chunks_iter(Axis(0), 333)) {
            sums.partial_fit(&x, &y).expect("piece");
        }
        bits(sums.solve().expect("solve").weights())
    });
}

#[test]
fn softmax_and_standardizer() {
    let (x, labels) = counts(2000, 200, 5);
    assert_same(|| {
        let model = Softmax { max_iterations: 30, ..Softmax::default() }.fit(&x, &labels).expect("softmax");
        let proba = model.predict_proba(&x).expect("probabilities");
        bits(model.weights().iter().chain(model.bias()).chain(&proba))
    });
    let traces = x.mapv(|value| value as f32 / 7.0);
    assert_same(|| bits(Standardizer::fit(&traces).expect("standardizer").sd()));
}

/// One feature of one sample changed in its tenth digit, or another order of the samples, is seen: the comparison above
/// is not blind.
#[test]
fn a_small_change_is_seen() {
    let (mut x, mut y) = regression(1500, 300);
    let before = model_bits(&Ridge::default(), &x, &y);
    let value = x[(700, 150)];
    x[(700, 150)] = value * (1.0 + 1e-10);
    assert_ne!(before, model_bits(&Ridge::default(), &x, &y));
    x[(700, 150)] = value;
    assert_eq!(before, model_bits(&Ridge::default(), &x, &y));
    x.invert_axis(Axis(0));
    y.invert_axis(Axis(0));
    assert_ne!(before, model_bits(&Ridge::default(), &x, &y));
}
