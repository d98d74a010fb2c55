//! Ridge over samples that come in pieces and are not kept.

use ndarray::ArrayRef2;

use super::super::{Feature, ReadoutError, Targets, data};
use super::{Ridge, RidgeModel, moments::Moments, primal};

/// Sums up the normal equations piece by piece, so that states need not be stored.
///
/// The result equals [`Ridge::fit`] on all pieces together to 1e-9 of the largest weight; with integer features and
/// targets (spike counts, labels) the normal equations have the same bits for any order and any cut. Memory: one matrix
/// of (features + outputs + 1) squared, in f64. [`Alpha::LeaveOneOut`](super::Alpha::LeaveOneOut) needs the samples
/// themselves and is refused.
///
/// ```
/// use limnos::readout::{Ridge, RidgeAccumulator};
/// use ndarray::array;
///
/// let mut sums = RidgeAccumulator::new(Ridge::default(), 2, 1)?;
/// sums.partial_fit(&array![[1u32, 0], [2, 1]], &[1.0, 3.0][..])?;
/// sums.partial_fit(&array![[0u32, 3], [4, 1]], &[3.0, 5.0][..])?;
/// assert_eq!(sums.solve()?.weights().dim(), (2, 1));
/// # Ok::<(), limnos::readout::ReadoutError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RidgeAccumulator {
    ridge: Ridge,
    moments: Moments,
}

impl RidgeAccumulator {
    /// An accumulator without samples.
    ///
    /// # Errors
    /// No features or no outputs; a setting of `ridge` outside its range; `Alpha::LeaveOneOut`.
    pub fn new(ridge: Ridge, features: usize, outputs: usize) -> Result<Self, ReadoutError> {
        ridge.check()?;
        if matches!(ridge.alpha, super::Alpha::LeaveOneOut(_)) {
            return Err(ReadoutError::NeedsSamples);
        }
        if features == 0 || outputs == 0 {
            return Err(ReadoutError::Empty { argument: "weights", rows: features, columns: outputs });
        }
        let moments = Moments::new(features, outputs, ridge.fit_bias);
        Ok(Self { ridge, moments })
    }

    /// Adds a piece: `x` (samples x features) and `y` (samples x outputs, or a vector).
    ///
    /// # Errors
    /// Sizes that do not match, elements that are not finite; the sums are then as before.
    pub fn partial_fit<F: Feature>(
        &mut self,
        x: &ArrayRef2<F>,
        y: &(impl Targets + ?Sized),
    ) -> Result<(), ReadoutError> {
        let y = y.columns();
        data::check_features(x, self.moments.features)?;
        data::check_samples(x.nrows(), "y", y.nrows())?;
        if y.ncols() != self.moments.outputs {
            return Err(ReadoutError::OutputMismatch { expected: self.moments.outputs, found: y.ncols() });
        }
        data::check_matrix("y", &y)?;
        self.moments.add(x, &y);
        Ok(())
    }

    /// Adds a piece with labels; the outputs are the classes.
    ///
    /// # Errors
    /// As [`Self::partial_fit`], and a label that is not below the number of outputs.
    pub fn partial_fit_labels<F: Feature>(&mut self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<(), ReadoutError> {
        data::check_samples(x.nrows(), "labels", labels.len())?;
        data::check_labels(labels, self.moments.outputs)?;
        self.partial_fit(x, &data::one_hot(labels, self.moments.outputs))
    }

    /// Number of samples so far.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.moments.samples
    }

    /// The readout of the samples so far; more may be added afterwards.
    ///
    /// # Errors
    /// No samples, sums of squares that overflow, singular normal equations.
    pub fn solve(&self) -> Result<RidgeModel, ReadoutError> {
        if self.moments.samples == 0 {
            return Err(ReadoutError::Empty { argument: "x", rows: 0, columns: self.moments.features });
        }
        primal::solve(&self.ridge, &self.moments).map(RidgeModel::from_solution)
    }
}
