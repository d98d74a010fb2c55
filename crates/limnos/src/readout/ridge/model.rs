//! A fitted ridge readout.

use ndarray::{Array1, Array2, ArrayRef2};

use super::super::{Feature, ReadoutError, Targets, data, linear::Linear, score};

/// One alpha of a grid and how it did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The penalty.
    pub alpha: f64,
    /// Leave-one-out: mean squared error over samples and outputs. Generalised cross-validation: the score
    /// `n |r|^2 / tr(I - H)^2`, mean over outputs. Infinite where a sample alone decides its fit.
    pub error: f64,
}

/// Weights and bias of a fitted [`Ridge`](super::Ridge).
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct RidgeModel {
    pub(super) linear: Linear,
    pub(super) alpha: f64,
    pub(super) search: Vec<Candidate>,
}

impl RidgeModel {
    /// From weights (features x outputs), bias (outputs) and the alpha they were found with, such as those of a saved
    /// model.
    ///
    /// # Errors
    /// Empty weights, a bias of another length, elements that are not finite, an alpha outside its range.
    pub fn from_parts(weights: Array2<f64>, bias: Array1<f64>, alpha: f64) -> Result<Self, ReadoutError> {
        super::Ridge { alpha: super::Alpha::Given(alpha), ..super::Ridge::default() }.check()?;
        let linear = Linear::from_parts(weights, bias)?;
        data::check_matrix("bias", &linear.bias.view().insert_axis(ndarray::Axis(0)))?;
        Ok(Self { linear, alpha, search: Vec::new() })
    }

    /// Weights (features x outputs) for raw features.
    #[must_use]
    pub fn weights(&self) -> &Array2<f64> {
        &self.linear.weights
    }

    /// Bias of each output; zero where none was fitted.
    #[must_use]
    pub fn bias(&self) -> &Array1<f64> {
        &self.linear.bias
    }

    /// The penalty used.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The grid that alpha was chosen from, in its order; empty where alpha was given.
    #[must_use]
    pub fn search(&self) -> &[Candidate] {
        &self.search
    }

    /// Outputs (samples x outputs): `x W + b`.
    ///
    /// # Errors
    /// Another number of features than fitted, an empty `x`, an element that is not finite.
    pub fn predict<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Array2<f64>, ReadoutError> {
        self.linear.map(x)
    }

    /// The class of the largest output of each sample; the first of equals.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn predict_labels<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Vec<usize>, ReadoutError> {
        Ok(data::arg_max(&self.predict(x)?))
    }

    /// R2 of the prediction of `y`, averaged over outputs: one is perfect, zero is no better than the mean.
    ///
    /// # Errors
    /// As [`Self::predict`]; a `y` of another size or with an element that is not finite.
    pub fn score<F: Feature>(&self, x: &ArrayRef2<F>, y: &(impl Targets + ?Sized)) -> Result<f64, ReadoutError> {
        let y = y.columns();
        data::check_samples(x.nrows(), "y", y.nrows())?;
        if y.ncols() != self.linear.outputs() {
            return Err(ReadoutError::OutputMismatch { expected: self.linear.outputs(), found: y.ncols() });
        }
        data::check_matrix("y", &y)?;
        Ok(score::r2(&y, &self.predict(x)?))
    }

    /// Fraction of samples whose label is predicted.
    ///
    /// # Errors
    /// As [`Self::predict`]; labels of another number or not below the number of outputs.
    pub fn score_labels<F: Feature>(&self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<f64, ReadoutError> {
        data::check_samples(x.nrows(), "labels", labels.len())?;
        data::check_labels(labels, self.linear.outputs())?;
        Ok(score::accuracy(labels, &self.predict_labels(x)?))
    }
}
