//! Readouts that learn a sample at a time.

mod factor;
mod force;
mod lms;
mod rls;
mod standardized;

pub use force::Force;
pub use lms::{Lms, LmsModel};
pub use rls::{Rls, RlsModel};
pub use standardized::{OnlineStandardizer, Standardized};

use std::fmt::Debug;

use ndarray::{Array1, Array2, ArrayRef2};

use super::{Feature, ReadoutError, Targets, data};

/// A linear readout that goes on learning: one sample in, better weights after it.
///
/// Samples come one at a time as slices ([`Self::step`], for a live loop) or as matrices ([`Self::partial_fit`]); both give
/// the same weights. A refused sample (wrong size, not finite) changes nothing. After [`ReadoutError::Diverged`] a readout
/// stays diverged until [`Self::reset`].
pub trait OnlineReadout: Debug + Send {
    /// Number of features.
    fn features(&self) -> usize;

    /// Number of outputs.
    fn outputs(&self) -> usize;

    /// Samples learned.
    fn samples(&self) -> u64;

    /// Weights (features x outputs) for raw features.
    fn weights(&self) -> Array2<f64>;

    /// Bias of each output; zero where none is fitted.
    fn bias(&self) -> Array1<f64>;

    /// The outputs for one sample, into `out`.
    ///
    /// # Errors
    /// Slices of wrong lengths, an element that is not finite, a readout that diverged.
    fn predict_into(&self, x: &[f64], out: &mut [f64]) -> Result<(), ReadoutError>;

    /// Learns one sample `x` with its target `y`.
    ///
    /// # Errors
    /// Slices of wrong lengths, an element that is not finite, divergence.
    fn update(&mut self, x: &[f64], y: &[f64]) -> Result<(), ReadoutError>;

    /// Forgets all samples.
    fn reset(&mut self);

    /// Predicts, then learns: `out` is what was known before `y`.
    ///
    /// # Errors
    /// As [`Self::predict_into`] and [`Self::update`].
    fn step(&mut self, x: &[f64], y: &[f64], out: &mut [f64]) -> Result<(), ReadoutError> {
        check_sample("y", y, self.outputs())?;
        self.predict_into(x, out)?;
        self.update(x, y)
    }

    /// Learns checked rows in their order; what [`Self::partial_fit`] calls.
    ///
    /// # Errors
    /// Divergence; the rows before it are learned.
    fn update_all(&mut self, x: &ArrayRef2<f64>, y: &ArrayRef2<f64>) -> Result<(), ReadoutError> {
        for (x, y) in x.outer_iter().zip(y.outer_iter()) {
            self.update(&x.to_vec(), &y.to_vec())?;
        }
        Ok(())
    }

    /// Learns the rows of `x` (samples x features) with targets `y` (samples x outputs, or a vector), in their order.
    ///
    /// # Errors
    /// Sizes that do not match or elements that are not finite (nothing is learned then), divergence.
    fn partial_fit<F: Feature>(&mut self, x: &ArrayRef2<F>, y: &(impl Targets + ?Sized)) -> Result<(), ReadoutError>
    where
        Self: Sized,
    {
        let y = y.columns();
        data::check_pair(x, &y, self.features(), self.outputs())?;
        self.update_all(&x.map(|value| value.to_f64()), &y)
    }

    /// Outputs (samples x outputs) for the rows of `x`.
    ///
    /// # Errors
    /// Another number of features, an empty `x`, an element that is not finite, a readout that diverged.
    fn predict<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Array2<f64>, ReadoutError>
    where
        Self: Sized,
    {
        data::check_features(x, self.features())?;
        let mut out = Array2::zeros((x.nrows(), self.outputs()));
        for (x, mut out) in x.outer_iter().zip(out.outer_iter_mut()) {
            let x: Vec<f64> = x.iter().map(|value| value.to_f64()).collect();
            self.predict_into(&x, out.as_slice_mut().expect("a new array's rows should be contiguous"))?;
        }
        Ok(out)
    }
}

/// Weights by output, then bias: what every online readout here holds.
#[derive(Clone, Debug, PartialEq)]
struct Affine {
    features: usize,
    outputs: usize,
    /// Whether each output's last weight is a bias.
    bias: bool,
    /// Outputs x (features and bias).
    weights: Vec<f64>,
}

impl Affine {
    fn new(features: usize, outputs: usize, bias: bool) -> Result<Self, ReadoutError> {
        if features == 0 || outputs == 0 {
            return Err(ReadoutError::Empty { argument: "weights", rows: features, columns: outputs });
        }
        let weights = vec![0.0; outputs * (features + usize::from(bias))];
        Ok(Self { features, outputs, bias, weights })
    }

    /// Features and bias.
    fn width(&self) -> usize {
        self.features + usize::from(self.bias)
    }

    fn weights(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.features, self.outputs), |(j, o)| self.weights[o * self.width() + j])
    }

    fn bias(&self) -> Array1<f64> {
        Array1::from_shape_fn(self.outputs, |o| if self.bias { self.weights[(o + 1) * self.width() - 1] } else { 0.0 })
    }

    fn reset(&mut self) {
        self.weights.fill(0.0);
    }

    fn is_finite(&self) -> bool {
        // Zero times a number is zero only where that is finite.
        self.weights.iter().map(|weight| weight * 0.0).sum::<f64>() == 0.0
    }

    fn check(&self, x: &[f64], y: Option<&[f64]>) -> Result<(), ReadoutError> {
        check_sample("x", x, self.features)?;
        y.map_or(Ok(()), |y| check_sample("y", y, self.outputs))
    }

    /// The outputs, and whether all of them are finite.
    fn map(&self, x: &[f64], out: &mut [f64]) -> bool {
        let width = self.width();
        for (out, weights) in out.iter_mut().zip(self.weights.chunks_exact(width)) {
            let bias = if self.bias { weights[width - 1] } else { 0.0 };
            *out = dot(&weights[..self.features], x) + bias;
        }
        out.iter().all(|out| out.is_finite())
    }
}

/// Refuses a sample of a wrong length, and its first element that is not finite.
fn check_sample(argument: &'static str, values: &[f64], expected: usize) -> Result<(), ReadoutError> {
    let found = values.len();
    if found != expected {
        return Err(match argument {
            "x" => ReadoutError::FeatureMismatch { expected, found },
            _ => ReadoutError::OutputMismatch { expected, found },
        });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(column) => Err(ReadoutError::NotFinite { argument, row: 0, column, value: values[column].to_string() }),
        None => Ok(()),
    }
}

fn check_length(out: &[f64], expected: usize) -> Result<(), ReadoutError> {
    let found = out.len();
    if found == expected { Ok(()) } else { Err(ReadoutError::Length { argument: "out", found, expected }) }
}

/// Sum of products in eight lanes that are added in order: the same bits on every processor, and vector code.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (mut left, mut right) = (a.chunks_exact(8), b.chunks_exact(8));
    let mut lanes = [0.0; 8];
    for (a, b) in (&mut left).zip(&mut right) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}
