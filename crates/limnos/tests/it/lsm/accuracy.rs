//! Accuracy on real pictures, beside the same readout on their raw pixels.

use limnos::prelude::*;
use limnos::presets::Pictures;
use limnos::readout::Softmax as Readout;
use limnos::tasks::{Dataset, Split, digits, fashion_mnist, split_indices};
use ndarray::{Array2, Axis};

use crate::data;

/// Test accuracy of a readout of some features, learned from those of `train` and tried on those of `test`.
fn accuracy(readout: &Readout, x: &Array2<f32>, labels: &[u32], train: &[usize], test: &[usize]) -> f64 {
    let part = |of: &[usize]| -> (Array2<f32>, Vec<usize>) {
        (x.select(Axis(0), of), of.iter().map(|&i| labels[i] as usize).collect())
    };
    let ((x, y), (test_x, test_y)) = (part(train), part(test));
    readout.fit(&x, &y).unwrap().score(&test_x, &test_y).unwrap()
}

#[test]
fn digits_of_ten_splits_are_read_better_than_from_pixels() {
    let data = digits();
    let readout = Pictures::readout(1258);
    let mut machine = Pictures::new(64, 16.0).lsm(&Device::cpu().unwrap(), 1258).unwrap();
    let states = machine.transform(&data.features).unwrap();
    let (mut liquid, mut pixels) = (Vec::new(), Vec::new());
    for seed in 1..=10 {
        let parts = split_indices(&data.labels, 0.3, seed, Split::Stratified).unwrap();
        liquid.push(accuracy(&readout, &states, &data.labels, &parts.train, &parts.test));
        pixels.push(accuracy(&readout, &data.features, &data.labels, &parts.train, &parts.test));
    }
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    println!("liquid {:.4} {liquid:.4?}\npixels {:.4} {pixels:.4?}", mean(&liquid), mean(&pixels));
    assert!(mean(&liquid) >= 0.96);
    assert!(mean(&liquid) >= mean(&pixels));
    // Control: without an input the liquid knows nothing.
    let blind = machine.transform(&Array2::zeros(data.features.dim())).unwrap();
    let parts = split_indices(&data.labels, 0.3, 1, Split::Stratified).unwrap();
    assert!(accuracy(&readout, &blind, &data.labels, &parts.train, &parts.test) < 0.2);
}

#[test]
#[ignore = "minutes: 20 000 pictures of 250 steps"]
fn fashion_mnist_reaches_80_percent() {
    let Some(folder) = data("fashion-mnist") else { return };
    let data = fashion_mnist(folder).unwrap();
    let first = |set: &Dataset| set.take(10_000).unwrap();
    let (train, test) = (first(&data.train), first(&data.test));
    let device = Device::auto().unwrap();
    let mut machine = Pictures::new(784, 255.0).lsm(&device, train.len()).unwrap();
    let fit = machine.fit(&train.features, &train.labels).unwrap();
    let score = machine.score(&test.features, &test.labels).unwrap();
    let labels = |set: &Dataset| set.labels.iter().map(|&l| l as usize).collect::<Vec<_>>();
    let raw = Pictures::readout(train.len()).fit(&train.features, &labels(&train)).unwrap();
    let raw = raw.score(&test.features, &labels(&test)).unwrap();
    println!("train {:.4}, test {score:.4}, raw pixels {raw:.4}, {:?}", fit.train_accuracy, machine.activity());
    assert!(score >= 0.80, "{score}");
}
