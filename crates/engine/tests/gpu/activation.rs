//! The functions of rate units on the device: within their stated errors of f64, over all of f32.

use limnos_spec::rate::Activation;
use limnos_spec::rng;

use crate::Test;
use crate::harness::gpu;

pub const TESTS: &[Test] = &[
    ("tanh_keeps_its_relative_error", tanh_keeps_its_relative_error),
    ("sigmoid_keeps_its_errors", sigmoid_keeps_its_errors),
    ("normal_numbers_keep_their_error", normal_numbers_keep_their_error),
    ("the_ends_of_the_range", the_ends_of_the_range),
    ("a_wrong_last_digit_is_found", a_wrong_last_digit_is_found),
];

const EPS: f64 = f32::EPSILON as f64;

/// Every 2053rd pattern of bits that is a finite number, of both signs, and finer where the functions bend.
fn numbers() -> Vec<f32> {
    let coarse = (0..u32::MAX / 2053).map(|k| f32::from_bits(2053 * k)).filter(|x| x.is_finite() && x.is_normal());
    let fine = (-300_000..300_000).map(|k| k as f32 * 5e-5);
    let small = (0..20_000u32).flat_map(|k| [1.0, -1.0].map(|sign| sign * f32::from_bits(0x3e00_0000 + 4099 * k)));
    coarse.chain(fine).chain(small).chain([0.0, -0.0]).collect()
}

/// (tanh, sigmoid, relu, normal number of the bits) of each word.
fn on_device(words: &[u32]) -> Vec<[f32; 4]> {
    // No more invocations than one dimension of a dispatch has workgroups for.
    let piece = |words: &[u32]| -> Vec<[f32; 4]> {
        let bytes = bytemuck::cast_slice(words);
        let found =
            gpu().run("kernels/activation_probe", &[("WG", 64.0)], &[bytes], 4 * words.len(), words.len() as u32);
        bytemuck::cast_slice(&found).to_vec()
    };
    words.chunks(1 << 20).flat_map(piece).collect()
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// The first number whose value is further off than `allowed(number, exact)`, with the value and what is exact; else the worst quotient
/// of error and what is allowed.
fn worst(
    numbers: &[f32],
    found: &[f32],
    f: Activation,
    allowed: impl Fn(f64, f64) -> f64,
) -> Result<f64, (f32, f32, f64)> {
    let mut worst = 0.0_f64;
    for (&x, &value) in numbers.iter().zip(found) {
        let exact = f.apply(f64::from(x));
        let quotient = (f64::from(value) - exact).abs() / allowed(f64::from(x), exact);
        // A NaN fails too.
        if (quotient > 1.0 || quotient.is_nan()) && f64::from(value) != exact {
            return Err((x, value, exact));
        }
        worst = worst.max(quotient);
    }
    Ok(worst)
}

/// Denormals are within the bound: a driver may flush them.
fn of_tanh(_: f64, exact: f64) -> f64 {
    4.0 * EPS * exact.abs() + f64::from(f32::MIN_POSITIVE)
}

fn of_sigmoid(x: f64, exact: f64) -> f64 {
    let relative = if x >= -1.0 { 4.0 } else { 4.0 + x.abs().min(88.0) };
    (2.0 * EPS).min(relative * EPS * exact) + 2.0 * f64::from(f32::MIN_POSITIVE)
}

fn column(found: &[[f32; 4]], k: usize) -> Vec<f32> {
    found.iter().map(|row| row[k]).collect()
}

fn tanh_keeps_its_relative_error() {
    let numbers = numbers();
    let found = column(&on_device(&bits(&numbers)), 0);
    let worst = worst(&numbers, &found, Activation::Tanh, of_tanh).expect("(x, device, exact)");
    eprintln!("tanh: at most {:.2} eps of the value over {} numbers", 4.0 * worst, numbers.len());
    for (x, value) in numbers.iter().zip(&found) {
        assert!(value.abs() <= 1.0 && value.is_sign_negative() == x.is_sign_negative(), "tanh({x}) = {value}");
    }
}

fn sigmoid_keeps_its_errors() {
    let numbers = numbers();
    let found = column(&on_device(&bits(&numbers)), 1);
    let worst = worst(&numbers, &found, Activation::Sigmoid, of_sigmoid).expect("(x, device, exact)");
    eprintln!("sigmoid: at most {worst:.2} of what is stated over {} numbers", numbers.len());
    assert!(found.iter().all(|value| (0.0..=1.0).contains(value)));
}

fn normal_numbers_keep_their_error() {
    let mut words: Vec<u32> = (0..400_000u32).map(|k| k.wrapping_mul(2_654_435_761)).collect();
    words.extend((0..32).flat_map(|k| [1 << k, (1u32 << k) - 1, !(1 << k), !((1u32 << k) - 1)]));
    let found = column(&on_device(&words), 3);
    let mut worst = 0.0_f64;
    for (&word, &value) in words.iter().zip(&found) {
        let exact = rng::normal_quantile(rng::unit(word));
        let error = (f64::from(value) - exact).abs() / exact.abs().max(1.0);
        assert!(error <= 4.0 * EPS, "word {word}: {value}, exact {exact}");
        worst = worst.max(error);
    }
    eprintln!("normal numbers: at most {:.2} eps over {} words", worst / EPS, words.len());
}

fn the_ends_of_the_range() {
    let words = bits(&[f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 9.02, -9.02, 88.0, -88.0]);
    let found = on_device(&words);
    assert_eq!(column(&found, 0), [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
    let sigmoid = column(&found, 1);
    for k in [1, 3, 7] {
        assert!(sigmoid[k - 1] == 1.0 && (0.0..2e-38).contains(&sigmoid[k]), "{sigmoid:?}");
    }
    assert_eq!(column(&found, 2)[..4], [f32::INFINITY, 0.0, f32::MAX, 0.0]);
    let of_nan = on_device(&[f32::NAN.to_bits()])[0];
    assert!(of_nan[..3].iter().all(|value| value.is_nan()), "a NaN must not turn into a state: {of_nan:?}");
}

/// The comparison can fail: on one value that is a few last places off.
fn a_wrong_last_digit_is_found() {
    let numbers = [-1.5f32, 0.01, 0.7, 3.0];
    let mut found = column(&on_device(&bits(&numbers)), 0);
    assert!(worst(&numbers, &found, Activation::Tanh, of_tanh).is_ok());
    found[1] = f32::from_bits(found[1].to_bits() + 10);
    assert_eq!(worst(&numbers, &found, Activation::Tanh, of_tanh).expect_err("ten last places off").0, 0.01);
}
