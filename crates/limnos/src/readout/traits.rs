//! What a classifying readout offers, whichever it is.

use std::fmt::Debug;

use ndarray::{Array2, ArrayRef2};

use super::{Feature, ReadoutError, Ridge, RidgeModel, Softmax, SoftmaxModel};

/// How far an iterative fit has come.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Iterations done.
    pub iteration: usize,
    /// The most there can be.
    pub of: usize,
    /// The objective divided by the number of samples.
    pub loss: f64,
    /// Largest absolute entry of its gradient; the fit ends when it falls to the tolerance.
    pub gradient: f64,
}

impl Progress {
    pub(super) fn new(iteration: usize, of: usize, loss: f64, gradient: f64) -> Self {
        Self { iteration, of, loss, gradient }
    }
}

/// A readout that learns classes from features.
pub trait Readout: Clone + Debug + Send + Sync {
    /// What fitting gives.
    type Model: Classifier;

    /// Fits labels to features `x` (samples x features), telling `progress` after each iteration where there are any.
    ///
    /// # Errors
    /// Bad data or settings; see the readout.
    fn fit_labels_with<F: Feature>(
        &self,
        x: &ArrayRef2<F>,
        labels: &[usize],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self::Model, ReadoutError>;
}

/// A fitted readout of classes.
pub trait Classifier: Clone + Debug + Send + Sync {
    /// Number of features.
    fn features(&self) -> usize;

    /// Number of classes.
    fn classes(&self) -> usize;

    /// The likeliest class of each sample.
    ///
    /// # Errors
    /// Another number of features, an empty `x`, an element that is not finite.
    fn predict_labels<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Vec<usize>, ReadoutError>;

    /// Probabilities (samples x classes), or `None` where the readout has none.
    ///
    /// # Errors
    /// As [`Self::predict_labels`].
    fn predict_proba<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Option<Array2<f64>>, ReadoutError>;

    /// Fraction of samples whose label is predicted.
    ///
    /// # Errors
    /// As [`Self::predict_labels`]; labels of another number or not below the number of classes.
    fn score_labels<F: Feature>(&self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<f64, ReadoutError>;
}

impl Readout for Ridge {
    type Model = RidgeModel;

    fn fit_labels_with<F: Feature>(
        &self,
        x: &ArrayRef2<F>,
        labels: &[usize],
        _progress: &mut dyn FnMut(Progress),
    ) -> Result<RidgeModel, ReadoutError> {
        self.fit_labels(x, labels)
    }
}

impl Classifier for RidgeModel {
    fn features(&self) -> usize {
        self.weights().nrows()
    }

    fn classes(&self) -> usize {
        self.weights().ncols()
    }

    fn predict_labels<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Vec<usize>, ReadoutError> {
        Self::predict_labels(self, x)
    }

    fn predict_proba<F: Feature>(&self, _x: &ArrayRef2<F>) -> Result<Option<Array2<f64>>, ReadoutError> {
        Ok(None)
    }

    fn score_labels<F: Feature>(&self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<f64, ReadoutError> {
        Self::score_labels(self, x, labels)
    }
}

impl Readout for Softmax {
    type Model = SoftmaxModel;

    fn fit_labels_with<F: Feature>(
        &self,
        x: &ArrayRef2<F>,
        labels: &[usize],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<SoftmaxModel, ReadoutError> {
        self.fit_with(x, labels, progress)
    }
}

impl Classifier for SoftmaxModel {
    fn features(&self) -> usize {
        self.weights().nrows()
    }

    fn classes(&self) -> usize {
        self.weights().ncols()
    }

    fn predict_labels<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Vec<usize>, ReadoutError> {
        self.predict(x)
    }

    fn predict_proba<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Option<Array2<f64>>, ReadoutError> {
        Self::predict_proba(self, x).map(Some)
    }

    fn score_labels<F: Feature>(&self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<f64, ReadoutError> {
        self.score(x, labels)
    }
}
