//! A fitted softmax readout.

use ndarray::{Array1, Array2, ArrayRef2, Axis};

use super::super::{Feature, ReadoutError, Standardizer, data, lbfgs, linear, linear::Linear, score, solve};
use super::objective;

/// How a fit ended.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Convergence {
    /// Whether the gradient came within the tolerance.
    pub converged: bool,
    /// Iterations done.
    pub iterations: usize,
    /// The objective divided by the number of samples.
    pub loss: f64,
    /// Largest absolute entry of its gradient.
    pub gradient: f64,
    /// What was asked for.
    pub tolerance: f64,
}

impl Convergence {
    pub(super) fn new(outcome: &lbfgs::Outcome, tolerance: f64) -> Self {
        let lbfgs::Outcome { iterations, value: loss, gradient } = *outcome;
        Self { converged: gradient <= tolerance, iterations, loss, gradient, tolerance }
    }

    /// Of a model that was not fitted here.
    fn unknown() -> Self {
        Self { converged: false, iterations: 0, loss: f64::INFINITY, gradient: f64::INFINITY, tolerance: 0.0 }
    }

    fn error(&self) -> Option<ReadoutError> {
        let Self { converged, iterations, gradient, tolerance, .. } = *self;
        (!converged).then_some(ReadoutError::NotConverged { iterations, gradient, tolerance })
    }

    pub(super) fn warn(&self) {
        if let Some(error) = self.error() {
            log::warn!("{error}");
        }
    }
}

/// Weights and bias of a fitted [`Softmax`](super::Softmax).
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct SoftmaxModel {
    pub(super) linear: Linear,
    pub(super) scaling: Standardizer,
    pub(super) l2: f64,
    pub(super) samples: usize,
    pub(super) convergence: Convergence,
}

impl SoftmaxModel {
    /// A model that knows nothing (all weights zero), to be taught by [`Self::partial_fit`] alone.
    ///
    /// # Errors
    /// No features, fewer than two classes, an `l2` outside its range.
    pub fn untrained(scaling: Standardizer, classes: usize, l2: f64) -> Result<Self, ReadoutError> {
        if classes < 2 {
            return Err(ReadoutError::setting("classes", classes, "at least 2"));
        }
        Self::from_parts(Array2::zeros((scaling.features(), classes)), Array1::zeros(classes), scaling, l2, 0)
    }

    /// From its parts, such as those of a saved model: weights (features x classes) and bias for raw features, and, to
    /// go on learning, the standardizer, the penalty and the number of samples seen.
    ///
    /// # Errors
    /// Empty weights, lengths that do not match, elements that are not finite (a bias may be minus infinity), an `l2`
    /// outside its range.
    pub fn from_parts(
        weights: Array2<f64>,
        bias: Array1<f64>,
        scaling: Standardizer,
        l2: f64,
        samples: usize,
    ) -> Result<Self, ReadoutError> {
        super::Softmax { l2, ..super::Softmax::default() }.check()?;
        let linear = Linear::from_parts(weights, bias)?;
        linear::check_length("scaling", scaling.features(), linear.features(), &linear.weights)?;
        let known = linear.bias.mapv(|bias| if bias == f64::NEG_INFINITY { 0.0 } else { bias });
        data::check_matrix("bias", &known.insert_axis(Axis(0)))?;
        Ok(Self { linear, scaling, l2, samples, convergence: Convergence::unknown() })
    }

    /// Weights (features x classes) for raw features.
    #[must_use]
    pub fn weights(&self) -> &Array2<f64> {
        &self.linear.weights
    }

    /// Bias of each class; minus infinity for a class without samples.
    #[must_use]
    pub fn bias(&self) -> &Array1<f64> {
        &self.linear.bias
    }

    /// The standardisation of the features that the fit used (already contained in the weights).
    #[must_use]
    pub fn standardizer(&self) -> &Standardizer {
        &self.scaling
    }

    /// The penalty.
    #[must_use]
    pub fn l2(&self) -> f64 {
        self.l2
    }

    /// Number of samples seen.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// How the fit ended; `converged` is false for a model made from parts.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        self.convergence
    }

    /// This model if its fit reached the tolerance.
    ///
    /// # Errors
    /// [`ReadoutError::NotConverged`] otherwise.
    pub fn require_converged(self) -> Result<Self, ReadoutError> {
        self.convergence.error().map_or(Ok(self), Err)
    }

    /// Probabilities (samples x classes); rows sum to one.
    ///
    /// # Errors
    /// Another number of features than fitted, an empty `x`, an element that is not finite.
    pub fn predict_proba<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Array2<f64>, ReadoutError> {
        let mut probabilities = self.linear.map(x)?;
        for mut row in probabilities.outer_iter_mut() {
            objective::to_probabilities(row.as_slice_mut().expect("a new array's rows should be contiguous"));
        }
        Ok(probabilities)
    }

    /// The likeliest class of each sample; the first of equals.
    ///
    /// # Errors
    /// As [`Self::predict_proba`].
    pub fn predict<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Vec<usize>, ReadoutError> {
        Ok(data::arg_max(&self.linear.map(x)?))
    }

    /// Fraction of samples whose label is predicted.
    ///
    /// # Errors
    /// As [`Self::predict_proba`]; labels of another number or not below the number of classes.
    pub fn score<F: Feature>(&self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<f64, ReadoutError> {
        self.check_labels(x, labels)?;
        Ok(score::accuracy(labels, &self.predict(x)?))
    }

    /// One step of stochastic gradient descent on a batch, for learning while running.
    ///
    /// In standardised units, with the batch's mean gradient of the cross-entropy, `W -= rate (gradient + l2 / samples
    /// W)`, where `samples` counts all seen so far: the mean of such steps follows the objective of
    /// [`Softmax`](super::Softmax). The standardizer stays as it is. `rate` around 0.1 / features is safe; smaller
    /// rates forget more slowly. A class that had no samples before enters as rare: its bias becomes the largest bias
    /// minus `ln(samples + 1)`.
    ///
    /// # Errors
    /// As [`Self::score`]; a rate that is not finite and positive. The model is then as before.
    pub fn partial_fit<F: Feature>(
        &mut self,
        x: &ArrayRef2<F>,
        labels: &[usize],
        rate: f64,
    ) -> Result<(), ReadoutError> {
        if !rate.is_finite() || rate <= 0.0 {
            return Err(ReadoutError::setting("rate", rate, "finite and above zero"));
        }
        self.check_labels(x, labels)?;
        let scaled = self.scaling.transform(x)?;
        self.admit(labels);
        self.samples += labels.len();
        let (mut weights, mut bias) = self.linear.to_standardized(&self.scaling);
        let mut residuals = self.linear.map(x)?;
        objective::to_residuals(&mut residuals.view_mut(), labels);
        let mut gradient = Array2::zeros(weights.dim());
        solve::add_transposed_product(&scaled, &residuals, &mut gradient);
        let step = rate / labels.len() as f64;
        weights *= 1.0 - rate * self.l2 / self.samples as f64;
        weights.scaled_add(-step, &gradient);
        bias.scaled_add(-step, &residuals.sum_axis(Axis(0)));
        self.linear = Linear::from_standardized(weights, bias, &self.scaling);
        Ok(())
    }

    /// Gives a class that occurs for the first time a bias that is not infinite.
    fn admit(&mut self, labels: &[usize]) {
        let largest = self.linear.bias.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let rare = if largest.is_finite() { largest - ((self.samples + 1) as f64).ln() } else { 0.0 };
        for &label in labels {
            let bias = &mut self.linear.bias[label];
            *bias = if bias.is_finite() { *bias } else { rare };
        }
    }

    fn check_labels<F: Feature>(&self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<(), ReadoutError> {
        data::check_samples(x.nrows(), "labels", labels.len())?;
        data::check_labels(labels, self.linear.outputs())
    }
}
