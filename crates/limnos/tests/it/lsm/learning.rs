//! Fitting whole and in pieces, probabilities, progress.

use std::sync::{Arc, Mutex};

use limnos::prelude::*;
use limnos::{Progress, Stage};
use ndarray::{Array2, s};

use super::{config, lsm, noisy_net, pictures};

/// Pictures of two classes: the first six channels bright, or the last six.
fn two_classes(samples: usize) -> (Array2<f32>, Vec<u32>) {
    let mut x = pictures(samples);
    let labels: Vec<u32> = (0..samples as u32).map(|i| i % 3 % 2).collect();
    for (mut row, &label) in x.outer_iter_mut().zip(&labels) {
        let dark = if label == 0 { s![6..] } else { s![..6] };
        row.slice_mut(dark).mapv_inplace(|v| v / 3.0);
    }
    (x, labels)
}

fn ridge() -> Lsm<Ridge> {
    let (net, liquid, input) = noisy_net(3);
    Lsm::new(&Device::cpu().unwrap(), &net, liquid, input, config(16), Ridge::default()).unwrap()
}

#[test]
fn it_learns_and_tells_what_it_knows() {
    let (x, labels) = two_classes(150);
    let (train, test) = (x.slice(s![..100, ..]), x.slice(s![100.., ..]));
    let mut machine = lsm(3, config(64));
    let fit = machine.fit(train, &labels[..100]).unwrap();
    assert_eq!(fit.train_accuracy, machine.score(train, &labels[..100]).unwrap());
    let score = machine.score(test, &labels[100..]).unwrap();
    assert!(score > 0.9, "{score}");
    let predicted = machine.predict(test).unwrap();
    let met = predicted.iter().zip(&labels[100..]).filter(|(a, b)| a == b).count();
    assert_eq!(score, met as f64 / 50.0);
    let p = machine.predict_proba(test).unwrap().unwrap();
    assert_eq!(p.dim(), (50, 2));
    assert!(p.outer_iter().zip(predicted).all(|(p, class)| (p[1] > 0.5) == (class == 1)));
    // Control: labels that have nothing to do with the pictures are not learned.
    let nonsense: Vec<u32> = (0..150).map(|i: u32| i.wrapping_mul(2_654_435_761) >> 31).collect();
    machine.fit(train, &nonsense[..100]).unwrap();
    assert!(machine.score(test, &nonsense[100..]).unwrap() < 0.75);
}

#[test]
fn ridge_in_pieces_is_ridge_on_the_whole() {
    let (x, labels) = two_classes(120);
    let (mut whole, mut pieces) = (ridge(), ridge());
    whole.fit(&x, &labels).unwrap();
    for (from, to) in [(0, 50), (50, 57), (57, 120)] {
        pieces.partial_fit(x.slice(s![from..to, ..]), &labels[from..to], 2).unwrap();
    }
    let (a, b) = (whole.model().unwrap().weights(), pieces.model().unwrap().weights());
    let largest = a.iter().fold(0.0f64, |m, w| m.max(w.abs()));
    assert!((a - b).iter().all(|d| d.abs() < 1e-9 * largest));
    // Control: without the last piece it is another readout.
    let mut fewer = ridge();
    fewer.partial_fit(x.slice(s![..57, ..]), &labels[..57], 2).unwrap();
    assert!((a - fewer.model().unwrap().weights()).iter().any(|d| d.abs() > 1e-3 * largest));
    assert!(whole.predict_proba(&x).unwrap().is_none());
}

#[test]
fn softmax_goes_on_learning() {
    let (x, labels) = two_classes(100);
    let mut machine = lsm(3, config(64));
    machine.fit(x.slice(s![..40, ..]), &labels[..40]).unwrap();
    let before = machine.model().unwrap().clone();
    machine.partial_fit(x.slice(s![40.., ..]), &labels[40..], 1e-4).unwrap();
    assert_ne!(&before, machine.model().unwrap());
    assert_eq!(machine.model().unwrap().samples(), 100);
}

#[test]
fn progress_counts_up_to_the_end() {
    let (x, labels) = two_classes(50);
    let heard = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let mut machine = lsm(3, config(16));
    let into = Arc::clone(&heard);
    machine.on_progress(move |p| into.lock().unwrap().push(p));
    machine.fit(&x, &labels).unwrap();
    let heard = heard.lock().unwrap();
    let simulated: Vec<_> = heard.iter().filter(|p| p.stage == Stage::Simulate).collect();
    assert!(simulated.len() >= 4 && simulated.is_sorted_by_key(|p| p.done));
    let last = simulated.last().unwrap();
    assert_eq!((last.done, last.of), (50, 50));
    assert!(last.eta.is_zero() && !simulated[0].eta.is_zero());
    assert!(heard.iter().any(|p| p.stage == Stage::Fit));
}
