//! Ridge over samples that come in pieces and are not kept.

use ndarray::ArrayRef2;

use super::super::{Feature, ReadoutError, Targets, data};
use super::{Alpha, Candidate, Ridge, RidgeModel, moments::Moments, primal, rolling};

/// Sums up the normal equations piece by piece, so that states need not be stored.
///
/// Features and targets of any number type, f32 states of a running reservoir too. The result equals [`Ridge::fit`] on
/// all pieces together to 1e-9 of the largest weight; with integer features and
/// targets (spike counts, labels) the normal equations have the same bits for any order and any cut. Memory: one matrix
/// of (features + outputs + 1) squared, of which half is held, in f64, and 1024 samples; as much again for the triangle
/// while it solves. Pieces may be of any size, also of one sample: they wait until they fill a panel. Criteria for alpha
/// that need the samples themselves are refused; [`Self::held_out_errors`] takes their place.
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
        if !matches!(ridge.alpha, Alpha::Given(_) | Alpha::GeneralizedCv(_)) {
            ridge.choose(|_, _| Err(ReadoutError::NeedsSamples { criterion: "leave-one-out" }))?;
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
        data::check_pair(x, &y, self.moments.features, self.moments.outputs)?;
        self.moments.add(x, &y.view());
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

    /// Adds a piece by its sums, such as those that a device made while a reservoir ran: the symmetric matrix
    /// `[x | y | 1]^T [x | y | 1]` over `samples` samples, (features + outputs + 1) squared.
    ///
    /// What the sums lost to rounding stays lost: with sums of f64 a variance below 1e-16 of the squared mean, with sums
    /// of f32 below 1e-7. A feature whose variance is that small counts as constant.
    ///
    /// # Errors
    /// Another size, elements that are not finite, a last entry that is not `samples`.
    pub fn partial_fit_sums(&mut self, samples: usize, sums: &ArrayRef2<f64>) -> Result<(), ReadoutError> {
        let width = self.moments.features + self.moments.outputs + 1;
        let (rows, columns) = sums.dim();
        for found in [rows, columns] {
            if found != width {
                return Err(ReadoutError::Length { argument: "sums", found, expected: width });
            }
        }
        data::check_matrix("sums", sums)?;
        let ones = sums[(width - 1, width - 1)];
        if ones != samples as f64 || samples == 0 {
            return Err(ReadoutError::SumsMismatch { samples, found: format!("{ones:?}") });
        }
        self.moments.add_sums(samples, sums);
        Ok(())
    }

    /// Adds the samples of another accumulator, as if they had come here after those that did.
    ///
    /// # Errors
    /// Another number of features or outputs.
    pub fn merge(&mut self, other: &Self) -> Result<(), ReadoutError> {
        let shape = |sums: &Self| (sums.moments.features, sums.moments.outputs);
        if shape(self) != shape(other) {
            return Err(ReadoutError::AccumulatorMismatch { expected: shape(self), found: shape(other) });
        }
        self.moments.join(&other.moments);
        Ok(())
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
        self.check_samples()?;
        primal::solve(&self.ridge, &self.moments).map(RidgeModel::from_solution)
    }

    /// The readouts of the samples so far with each of several alphas, whatever the alpha of the settings: the sums are
    /// centred once, and each alpha takes one Cholesky decomposition.
    ///
    /// # Errors
    /// As [`Self::solve`]; an alpha that is negative or not finite.
    pub fn solve_path(&self, alphas: &[f64]) -> Result<Vec<RidgeModel>, ReadoutError> {
        self.check_samples()?;
        self.check_alphas(alphas)?;
        let normal = self.moments.normal(&self.ridge)?;
        alphas.iter().map(|&alpha| primal::solve_at(&normal, alpha).map(RidgeModel::from_solution)).collect()
    }

    /// Mean squared errors, over samples and outputs, of each of several alphas on samples that are not among those so
    /// far: for a choice by what comes next, before that is added too. Infinite where the equations are singular.
    ///
    /// # Errors
    /// As [`Self::solve_path`] and [`Self::partial_fit`].
    pub fn held_out_errors<F: Feature>(
        &self,
        x: &ArrayRef2<F>,
        y: &(impl Targets + ?Sized),
        alphas: &[f64],
    ) -> Result<Vec<Candidate>, ReadoutError> {
        let y = y.columns();
        self.check_samples()?;
        self.check_alphas(alphas)?;
        data::check_pair(x, &y, self.moments.features, self.moments.outputs)?;
        let errors = rolling::squared_errors(&self.moments.normal(&self.ridge)?, alphas, x, &y.view())?;
        let candidate = |(&alpha, error): (&f64, f64)| Candidate { alpha, error: error / y.len() as f64 };
        Ok(alphas.iter().zip(errors).map(candidate).collect())
    }

    fn check_samples(&self) -> Result<(), ReadoutError> {
        match self.moments.samples {
            0 => Err(ReadoutError::Empty { argument: "x", rows: 0, columns: self.moments.features }),
            _ => Ok(()),
        }
    }

    fn check_alphas(&self, alphas: &[f64]) -> Result<(), ReadoutError> {
        alphas.iter().try_for_each(|&alpha| Ridge { alpha: Alpha::Given(alpha), ..self.ridge.clone() }.check())
    }
}
