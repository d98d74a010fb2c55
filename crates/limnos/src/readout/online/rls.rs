//! Recursive least squares.

use ndarray::{Array1, Array2, ArrayRef2};

use super::super::ReadoutError;
use super::factor::Factor;
use super::{Affine, OnlineReadout};

/// Recursive least squares with forgetting: after each sample the weights that minimise
/// `sum_t forgetting^(T - t) |y_t - x_t W - b|^2 + forgetting^T alpha |W|^2`.
///
/// With `forgetting` 1 these are the weights of [`Ridge`](crate::readout::Ridge) with the same `alpha`, which here is the
/// inverse of the usual initial `P = I / alpha`; the bias is not penalised there either. `P` itself is not held but the
/// square root of its inverse, updated by plane rotations (QRD-RLS; Haykin, Adaptive Filter Theory, chapter 15): it cannot
/// lose symmetry or positivity however long it runs. A sample takes about 4 n^2 operations for n features, and the readout
/// n^2 / 2 numbers.
///
/// ```
/// use limnos::readout::{OnlineReadout, Rls, RlsModel};
///
/// let mut readout = RlsModel::new(Rls { alpha: 1e-6, ..Rls::default() }, 1, 1)?;
/// let mut out = [0.0];
/// for t in 0..20 {
///     let x = f64::from(t);
///     readout.step(&[x], &[2.0 * x + 1.0], &mut out)?;
/// }
/// assert!((out[0] - 39.0).abs() < 1e-4);
/// # Ok::<(), limnos::readout::ReadoutError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Rls {
    /// The penalty on squared weights, above zero: the inverse of the initial `P`.
    pub alpha: f64,
    /// What a sample's weight is multiplied by with each later one, above 0 and at most 1. It remembers about
    /// `1 / (1 - forgetting)` samples, which should be more than there are features. The penalty is forgotten too: a
    /// feature that is silent for many times that long has a weight made of rounding when it returns.
    pub forgetting: f64,
    /// Whether a bias is fitted.
    pub fit_bias: bool,
}

impl Default for Rls {
    /// `alpha` 1, nothing forgotten, with bias.
    fn default() -> Self {
        Self { alpha: 1.0, forgetting: 1.0, fit_bias: true }
    }
}

impl Rls {
    fn check(&self) -> Result<(), ReadoutError> {
        if !(self.alpha.is_finite() && self.alpha > 0.0) {
            return Err(ReadoutError::setting("alpha", self.alpha, "finite and above zero"));
        }
        if !(self.forgetting > 0.0 && self.forgetting <= 1.0) {
            return Err(ReadoutError::setting("forgetting", self.forgetting, "above 0 and at most 1"));
        }
        Ok(())
    }

    /// Square roots of what is known before the first sample: the penalty of each feature, nothing of the bias.
    fn roots(&self, features: usize) -> Vec<f64> {
        let mut roots = vec![self.alpha.sqrt(); features];
        roots.extend(self.fit_bias.then_some(0.0));
        roots
    }
}

/// A readout that learns by [`Rls`].
#[derive(Clone, Debug)]
pub struct RlsModel {
    rls: Rls,
    decay: f64,
    factor: Factor,
    affine: Affine,
    samples: u64,
}

impl RlsModel {
    /// All weights zero.
    ///
    /// # Errors
    /// No features or no outputs; a setting outside its range.
    pub fn new(rls: Rls, features: usize, outputs: usize) -> Result<Self, ReadoutError> {
        rls.check()?;
        let affine = Affine::new(features, outputs, rls.fit_bias)?;
        let factor = Factor::new(&rls.roots(features), outputs);
        Ok(Self { rls, decay: rls.forgetting.sqrt(), factor, affine, samples: 0 })
    }

    /// The settings.
    pub fn settings(&self) -> Rls {
        self.rls
    }

    fn absorb<'a>(&mut self, x: impl IntoIterator<Item = &'a f64>, y: impl IntoIterator<Item = &'a f64>) {
        let bias = self.rls.fit_bias.then_some(&1.0);
        self.factor.add(self.decay, |sample| {
            for (place, value) in sample.iter_mut().zip(x.into_iter().chain(bias).chain(y)) {
                *place = *value;
            }
        });
        self.samples += 1;
    }

    fn solve(&mut self) -> Result<(), ReadoutError> {
        self.factor.solve(&mut self.affine.weights);
        if self.affine.is_finite() { Ok(()) } else { Err(self.diverged()) }
    }

    fn diverged(&self) -> ReadoutError {
        let advice = "scale the features down or raise `forgetting` towards 1";
        ReadoutError::Diverged { readout: "RLS", samples: self.samples, advice }
    }
}

impl OnlineReadout for RlsModel {
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
        self.absorb(x, y);
        self.solve()
    }

    /// All rows, and one solution at the end.
    fn update_all(&mut self, x: &ArrayRef2<f64>, y: &ArrayRef2<f64>) -> Result<(), ReadoutError> {
        for (x, y) in x.outer_iter().zip(y.outer_iter()) {
            self.absorb(x, y);
        }
        self.solve()
    }

    fn reset(&mut self) {
        self.factor = Factor::new(&self.rls.roots(self.affine.features), self.affine.outputs);
        self.affine.reset();
        self.samples = 0;
    }
}
