//! Readouts: known answers, equal answers by different ways, equal bits, errors.

mod errors;
mod known_answers;
mod online;
mod ridge;
mod softmax;
mod threads;

use std::io::Read;
use std::path::PathBuf;

use ndarray::{Array1, Array2, ArrayRef2, s};

/// The 8x8 digits (1797 samples, 64 pixel values from 0 to 16), where the data are.
struct Digits {
    pixels: Array2<u8>,
    labels: Vec<usize>,
}

/// `None` only where `LIMNOS_NO_DATA=1` says that there are no data.
fn digits() -> Option<Digits> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("LIMNOS_DATA").map_or(root, PathBuf::from);
    let path = folder.join("digits-8x8/digits.csv.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        let none = std::env::var("LIMNOS_NO_DATA").is_ok_and(|value| value == "1");
        assert!(
            none,
            "{} is not there: set LIMNOS_DATA to the folder of the data sets, or LIMNOS_NO_DATA=1",
            path.display()
        );
        println!("not run: no data at {}", path.display());
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("the digits should be gzipped text");
    let values: Vec<u8> =
        text.split([',', '\n']).filter(|v| !v.is_empty()).map(|v| v.parse().expect("a digit")).collect();
    let all = Array2::from_shape_vec((values.len() / 65, 65), values).expect("65 columns");
    let labels = all.column(64).iter().map(|&label| usize::from(label)).collect();
    Some(Digits { pixels: all.slice(s![.., ..64]).to_owned(), labels })
}

/// Deterministic numbers in [-1, 1) (a linear congruential generator).
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

/// Features with different means and scales, and two outputs that depend on them.
fn regression(samples: usize, features: usize) -> (Array2<f64>, Array2<f64>) {
    let mut next = noise((samples * 1000 + features) as u64);
    let x = Array2::from_shape_fn((samples, features), |(_, j)| (next() + (j % 7) as f64) * (1.0 + (j % 3) as f64));
    let y = Array2::from_shape_fn((samples, 2), |(i, o)| x[(i, o)] - 0.5 * x[(i, features - 1)] + 3.0 + 0.1 * next());
    (x, y)
}

/// Spike counts of `classes` kinds of samples.
fn counts(samples: usize, features: usize, classes: usize) -> (Array2<u32>, Vec<usize>) {
    let mut next = noise(samples as u64);
    let labels: Vec<usize> = (0..samples).map(|i| i % classes).collect();
    let x = Array2::from_shape_fn((samples, features), |(i, j)| {
        let rate = if j % classes == labels[i] { 6.0 } else { 4.0 };
        (rate * (1.0 + next())) as u32
    });
    (x, labels)
}

#[track_caller]
fn assert_close(a: &ArrayRef2<f64>, b: &ArrayRef2<f64>, tolerance: f64) {
    assert_eq!(a.dim(), b.dim());
    let worst = distance(a, b);
    assert!(worst <= tolerance, "differ by {worst:e} of the largest, allowed {tolerance:e}");
}

/// Largest difference, relative to the largest entry.
fn distance(a: &ArrayRef2<f64>, b: &ArrayRef2<f64>) -> f64 {
    let scale = b.iter().fold(f64::MIN_POSITIVE, |m, v| v.abs().max(m));
    a.iter().zip(b).map(|(a, b)| (a - b).abs() / scale).fold(0.0, |m, d| if d > m || d.is_nan() { d } else { m })
}

fn bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    values.into_iter().map(|value| value.to_bits()).collect()
}

fn row(values: &Array1<f64>) -> Array2<f64> {
    values.clone().insert_axis(ndarray::Axis(0))
}
