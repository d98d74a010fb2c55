//! The embedded digits and the published data sets: counts, checksums, labels.

use limnos_tasks::{
    Dataset, EventBinning, NMNIST_CHANNELS, Split, digits, fashion_mnist, fsdd, mnist, nmnist, read_events,
};

use crate::support::data;

/// The sum of all features; whole numbers, so exact.
fn sum(set: &Dataset) -> f64 {
    set.features.iter().map(|&x| f64::from(x)).sum()
}

#[test]
fn embedded_digits_are_those_of_scikit_learn() {
    let set = digits();
    assert_eq!(set.features.dim(), (1797, 64));
    // The class counts of load_digits, and the sum over its `data`.
    assert_eq!(set.class_counts(), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    assert_eq!(sum(&set), 561_718.0);
    assert_eq!(set.labels[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(set.features.row(0).as_slice().unwrap()[..8], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
    assert_eq!(set.features.iter().copied().fold(0.0, f32::max), set.full_scale);
    assert_eq!(set.about.licence, "CC BY 4.0");
}

#[test]
fn digits_split_by_class() {
    let set = digits();
    let parts = set.train_test_split(0.3, 7, Split::Stratified).unwrap();
    assert_eq!((parts.train.len(), parts.test.len()), (1258, 539));
    for (class, (all, test)) in set.class_counts().iter().zip(parts.test.class_counts()).enumerate() {
        assert!((*all as f64 * 539.0 / 1797.0 - test as f64).abs() < 1.0, "class {class}: {test} of {all}");
    }
    assert_eq!(sum(&parts.train) + sum(&parts.test), sum(&set));
    assert_eq!(set.take(5).unwrap(), set.subset(&[0, 1, 2, 3, 4]).unwrap());
}

#[test]
fn mnist_is_whole() {
    let Some(folder) = data("mnist") else { return };
    let parts = mnist(folder).unwrap();
    assert_eq!((parts.train.features.dim(), parts.test.features.dim()), ((60_000, 784), (10_000, 784)));
    // The well-known histograms of both parts, and the mean 33.318 = 255 x 0.1307 of the training part.
    assert_eq!(parts.train.class_counts(), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert_eq!(parts.test.class_counts(), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    assert_eq!(parts.train.labels[..5], [5, 0, 4, 1, 9]);
    assert!((sum(&parts.train) / 60_000.0 / 784.0 / 255.0 - 0.1307).abs() < 5e-5);
}

#[test]
fn fashion_mnist_is_whole() {
    let Some(folder) = data("fashion-mnist") else {
        return;
    };
    let parts = fashion_mnist(folder).unwrap();
    assert_eq!(parts.train.class_counts(), [6000; 10]);
    assert_eq!(parts.test.class_counts(), [1000; 10]);
    assert_eq!(parts.train.labels[..5], [9, 0, 0, 3, 0]);
    // The mean that the set's users normalise with.
    assert!((sum(&parts.train) / 60_000.0 / 784.0 / 255.0 - 0.2860).abs() < 5e-5);
}

#[test]
fn small_nmnist_is_whole() {
    let Some(folder) = data("n-mnist-small") else {
        return;
    };
    let parts = nmnist(&folder).unwrap();
    assert_eq!((parts.train.len(), parts.test.len()), (1000, 100));
    // Its labels are those of the first 1000 and 100 samples of MNIST.
    if let Some(other) = data("mnist") {
        let reference = mnist(other).unwrap();
        assert_eq!(parts.train.labels(), reference.train.labels[..1000]);
        assert_eq!(parts.test.labels(), reference.test.labels[..100]);
    }
    for sample in parts.train.samples.iter().chain(&parts.test.samples) {
        assert!(sample.events.is_sorted_by_key(|e| e.t_us));
        assert!(EventBinning::default().covers(&sample.events));
    }
    let events: usize = parts.train.samples.iter().map(|s| s.events.len()).sum();
    let bytes: u64 = (1..=1000).map(|i| folder.join(format!("{i}.bs2")).metadata().unwrap().len()).sum();
    assert_eq!(events as u64 * 5, bytes);
    assert!(!read_events(folder.join("sample_nmnist.bin")).unwrap().is_empty());
}

#[test]
fn binned_recordings_keep_their_events() {
    let Some(folder) = data("n-mnist-small") else {
        return;
    };
    let parts = limnos_tasks::nmnist_first(folder, 20, 1).unwrap();
    for sample in &parts.train.samples {
        let train = EventBinning::default().encode(&sample.events).unwrap();
        assert_eq!(train.channels(), NMNIST_CHANNELS);
        assert!(train.len() <= sample.events.len() && train.len() * 10 > sample.events.len() * 9);
        let fine = EventBinning { dt_us: 1, steps: 400_000 }.encode(&sample.events).unwrap();
        let mut distinct = sample.events.clone();
        distinct.sort_by_key(|e| (e.t_us, e.on, e.y, e.x));
        distinct.dedup();
        assert_eq!(fine.len(), distinct.len());
    }
}

#[test]
fn spoken_digits_are_whole() {
    let Some(folder) = data("fsdd") else { return };
    let parts = fsdd(&folder).unwrap();
    assert_eq!(parts.train.class_counts(), [270; 10]);
    assert_eq!(parts.test.class_counts(), [30; 10]);
    assert!(parts.train.samples.iter().all(|s| s.sample_rate == 8000 && !s.samples.is_empty()));
    let first = &parts.test.samples[0];
    assert_eq!((first.label, first.speaker.as_str(), first.index), (0, "george", 0));
    // The first bytes of 0_george_0.wav after its header are 2f fa 3e fc: -1489 and -962.
    assert_eq!(first.samples[..2], [-1489.0 / 32768.0, -962.0 / 32768.0]);
}
