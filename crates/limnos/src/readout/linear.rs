//! The affine map that every linear readout ends in: `x W + b`.

use ndarray::{Array1, Array2, ArrayRef2, Axis, s};
use rayon::prelude::*;

use super::{Feature, ReadoutError, data, solve, standardizer::Standardizer};

/// Samples that one task maps.
const ROWS: usize = 64;

/// Weights (features x outputs) and bias (outputs), in units of the raw features.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Linear {
    pub weights: Array2<f64>,
    pub bias: Array1<f64>,
}

impl Linear {
    /// Checks weights and bias that come from outside; `bias_ok` says which biases are allowed.
    pub fn from_parts(weights: Array2<f64>, bias: Array1<f64>) -> Result<Self, ReadoutError> {
        data::check_matrix("weights", &weights)?;
        let (features, outputs) = weights.dim();
        check_length("bias", bias.len(), outputs, &weights)?;
        debug_assert!(features > 0, "an empty matrix should have been refused");
        let weights = weights.as_standard_layout().into_owned();
        Ok(Self { weights, bias })
    }

    /// The map in raw units that does what `weights` and `bias` do to standardised features.
    pub fn from_standardized(mut weights: Array2<f64>, mut bias: Array1<f64>, scaling: &Standardizer) -> Self {
        for ((mut row, &mean), &gain) in weights.outer_iter_mut().zip(scaling.mean()).zip(scaling.gain()) {
            row *= gain;
            bias.scaled_add(-mean, &row);
        }
        Self { weights, bias }
    }

    /// The inverse of [`Self::from_standardized`].
    pub fn to_standardized(&self, scaling: &Standardizer) -> (Array2<f64>, Array1<f64>) {
        let (mut weights, mut bias) = (self.weights.clone(), self.bias.clone());
        for ((mut row, &mean), &gain) in weights.outer_iter_mut().zip(scaling.mean()).zip(scaling.gain()) {
            bias.scaled_add(mean, &row);
            row /= gain;
        }
        (weights, bias)
    }

    pub fn features(&self) -> usize {
        self.weights.nrows()
    }

    pub fn outputs(&self) -> usize {
        self.weights.ncols()
    }

    /// `x W + b`, samples x outputs, after checking `x`.
    pub fn map<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Array2<f64>, ReadoutError> {
        data::check_features(x, self.features())?;
        let mut out = Array2::zeros((x.nrows(), self.outputs()));
        out.axis_chunks_iter_mut(Axis(0), ROWS).into_par_iter().enumerate().for_each(|(block, mut out)| {
            let first = block * ROWS;
            let rows = to_f64(&x.slice(s![first..first + out.nrows(), ..]));
            solve::product(&rows, &self.weights, &mut out);
            out += &self.bias;
        });
        Ok(out)
    }
}

/// A contiguous copy, whatever the layout of `x`.
fn to_f64<F: Feature>(x: &ArrayRef2<F>) -> Array2<f64> {
    let mut out = Array2::zeros(x.dim());
    out.zip_mut_with(x, |out, value| *out = value.to_f64());
    out
}

/// Refuses an argument whose length does not go with the weights.
pub(super) fn check_length(
    argument: &'static str,
    found: usize,
    expected: usize,
    weights: &ArrayRef2<f64>,
) -> Result<(), ReadoutError> {
    let (features, outputs) = weights.dim();
    if found == expected { Ok(()) } else { Err(ReadoutError::Parts { argument, found, expected, features, outputs }) }
}
