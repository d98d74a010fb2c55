//! Least mean squares, plain and normalised.

use ndarray::{Array1, Array2};

use super::super::ReadoutError;
use super::{Affine, OnlineReadout, dot};

/// Least mean squares (Widrow and Hoff 1960): `W += rate e x` with the error `e = y - x W - b` before the step; normalised
/// (NLMS), `W += rate e x / (epsilon + |x|^2)`. A bias is the weight of a feature that is always one.
///
/// A sample takes 4 operations a feature, but the number of samples needed grows with the spread of the features'
/// covariance: for reservoir states, [`Standardized`](super::Standardized) helps much and [`Rls`](super::Rls) needs
/// far fewer samples. The plain form diverges for `rate` above 2 over the largest eigenvalue of the features' mean
/// product matrix, which is an error and never NaN; the normalised one is stable for any features.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Lms {
    /// Size of a step, above zero; below 2 where normalised.
    pub rate: f64,
    /// Whether the step is divided by the squared norm of the features.
    pub normalized: bool,
    /// Added to that squared norm, zero or more: keeps steps small where all features are near zero.
    pub epsilon: f64,
    /// Whether a bias is fitted.
    pub fit_bias: bool,
}

impl Default for Lms {
    /// Normalised, `rate` 0.5, `epsilon` 1e-8, with bias.
    fn default() -> Self {
        Self { rate: 0.5, normalized: true, epsilon: 1e-8, fit_bias: true }
    }
}

impl Lms {
    fn check(&self) -> Result<(), ReadoutError> {
        if !(self.rate.is_finite() && self.rate > 0.0) {
            return Err(ReadoutError::setting("rate", self.rate, "finite and above zero"));
        }
        if self.normalized && self.rate >= 2.0 {
            return Err(ReadoutError::setting("rate", self.rate, "above 0 and below 2 where normalised"));
        }
        if !(self.epsilon.is_finite() && self.epsilon >= 0.0) {
            return Err(ReadoutError::setting("epsilon", self.epsilon, "finite and not negative"));
        }
        Ok(())
    }

    /// What the error is multiplied by; nothing is to be learned from features that are all zero.
    fn step(&self, x: &[f64]) -> f64 {
        if !self.normalized {
            return self.rate;
        }
        let square = dot(x, x) + if self.fit_bias { 1.0 } else { 0.0 } + self.epsilon;
        if square > 0.0 { self.rate / square } else { 0.0 }
    }
}

/// A readout that learns by [`Lms`].
#[derive(Clone, Debug)]
pub struct LmsModel {
    lms: Lms,
    affine: Affine,
    samples: u64,
}

impl LmsModel {
    /// All weights zero.
    ///
    /// # Errors
    /// No features or no outputs; a setting outside its range.
    pub fn new(lms: Lms, features: usize, outputs: usize) -> Result<Self, ReadoutError> {
        lms.check()?;
        Ok(Self { lms, affine: Affine::new(features, outputs, lms.fit_bias)?, samples: 0 })
    }

    /// The settings.
    pub fn settings(&self) -> Lms {
        self.lms
    }

    fn diverged(&self) -> ReadoutError {
        let advice = "lower `rate` or set `normalized`";
        ReadoutError::Diverged { readout: "LMS", samples: self.samples, advice }
    }
}

impl OnlineReadout for LmsModel {
    fn features(&self) -> usize {
        self.affine.features
    }

    fn outputs(&self) -> usize {
        self.affine.outputs
    }

    fn samples(&self) -> u64 {
        self.samples
    }

    fn weights(&self) -> Array2<f64> {
        self.affine.weights()
    }

    fn bias(&self) -> Array1<f64> {
        self.affine.bias()
    }

    fn predict_into(&self, x: &[f64], out: &mut [f64]) -> Result<(), ReadoutError> {
        self.affine.check(x, None)?;
        super::check_length(out, self.affine.outputs)?;
        if self.affine.map(x, out) { Ok(()) } else { Err(self.diverged()) }
    }

    fn update(&mut self, x: &[f64], y: &[f64]) -> Result<(), ReadoutError> {
        self.affine.check(x, Some(y))?;
        let mut out = vec![0.0; y.len()];
        if !self.affine.map(x, &mut out) {
            return Err(self.diverged());
        }
        let (step, width) = (self.lms.step(x), self.affine.width());
        for ((weights, y), out) in self.affine.weights.chunks_exact_mut(width).zip(y).zip(&out) {
            let by = step * (y - out);
            weights.iter_mut().zip(x.iter().chain(&[1.0])).for_each(|(weight, x)| *weight += by * x);
        }
        self.samples += 1;
        if self.affine.is_finite() { Ok(()) } else { Err(self.diverged()) }
    }

    fn reset(&mut self) {
        self.affine.reset();
        self.samples = 0;
    }
}
