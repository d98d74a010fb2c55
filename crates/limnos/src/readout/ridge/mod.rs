//! Ridge regression: linear least squares with a penalty on the squared weights.

mod accumulator;
mod dual;
mod model;
mod moments;
mod primal;
mod rolling;
mod select;

pub use accumulator::RidgeAccumulator;
pub use model::{Candidate, RidgeModel};

use ndarray::{Array1, Array2, ArrayRef2};

use super::{Feature, ReadoutError, Standardizer, Targets, data, linear::Linear};
use select::Criterion;

/// How strongly weights are penalised.
#[derive(Clone, Debug, PartialEq)]
pub enum Alpha {
    /// This value, zero or more; zero is ordinary least squares and needs independent features.
    Given(f64),
    /// The value of this grid with the least mean squared leave-one-out error, exactly and without refitting.
    LeaveOneOut(Vec<f64>),
    /// The value of this grid with the least generalised cross-validation score.
    GeneralizedCv(Vec<f64>),
    /// The value of this grid with the least mean squared error on the last samples, when fitted on those before them.
    HeldOut {
        /// Values to choose from.
        grid: Vec<f64>,
        /// The part of the samples that is held out, between 0 and 1.
        fraction: f64,
    },
    /// The value of this grid with the least mean squared error over rolling origins: the samples are cut into
    /// `folds + 1` pieces of equal length, and each piece but the first is predicted from all before it. For series,
    /// whose samples follow each other in time; it never looks ahead.
    Rolling {
        /// Values to choose from.
        grid: Vec<f64>,
        /// Number of pieces that are predicted, at least one.
        folds: usize,
    },
}

/// Ridge regression (Hoerl and Kennard 1970), defined as in scikit-learn:
/// minimises `|y - x W - b|^2 + alpha |W|^2` over weights `W` (features x outputs) and bias `b`, which is not
/// penalised.
///
/// With `fit_bias` this is `(Xc^T Xc + alpha I) W = Xc^T Yc` with centred features and targets. With `standardize` the
/// features are also divided by their standard deviation, and alpha penalises the weights of the standardised features;
/// weights are always given back for the raw ones. A constant feature gets weight zero where there is a bias; without a
/// bias, it is neither centred nor scaled.
///
/// With at least as many samples as features a system of features x features is solved, else one of samples x samples;
/// the answer is the same. Bits do not depend on the number of threads.
///
/// ```
/// use limnos::readout::{Alpha, Ridge};
/// use ndarray::array;
///
/// let x = array![[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]];
/// let ridge = Ridge { alpha: Alpha::LeaveOneOut(vec![1e-4, 1e-2, 1.0]), ..Ridge::default() };
/// let model = ridge.fit(&x, &array![1.0, 3.0, 6.0, 7.0])?;
/// assert!(model.score(&x, &array![1.0, 3.0, 6.0, 7.0])? > 0.97);
/// # Ok::<(), limnos::readout::ReadoutError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Ridge {
    /// The penalty.
    pub alpha: Alpha,
    /// Whether a bias is fitted (scikit-learn: `fit_intercept`).
    pub fit_bias: bool,
    /// Whether features are divided by their standard deviation first.
    pub standardize: bool,
}

impl Default for Ridge {
    /// `alpha` 1, with bias, not standardised.
    fn default() -> Self {
        Self { alpha: Alpha::Given(1.0), fit_bias: true, standardize: false }
    }
}

/// What the primal and the dual form give: weights in scaled units.
#[derive(Debug)]
struct Solution {
    weights: Array2<f64>,
    target_mean: Vec<f64>,
    scaling: Standardizer,
    alpha: f64,
    search: Vec<Candidate>,
}

impl Ridge {
    /// Fits targets `y` (samples x outputs, or a vector) to features `x` (samples x features).
    ///
    /// # Errors
    /// Empty or mismatched arrays, elements that are not finite, settings outside their range, normal equations that
    /// are singular (alpha zero or tiny with dependent features) or overflow.
    pub fn fit<F: Feature>(&self, x: &ArrayRef2<F>, y: &(impl Targets + ?Sized)) -> Result<RidgeModel, ReadoutError> {
        let y = y.columns();
        self.check()?;
        data::check_matrix("x", x)?;
        data::check_samples(x.nrows(), "y", y.nrows())?;
        data::check_matrix("y", &y)?;
        if let Some(folds) = rolling::Folds::new(&self.alpha, x.nrows())? {
            return Ok(RidgeModel::from_solution(rolling::fit(self, x, &y.view(), &folds)?));
        }
        let y = y.view();
        let solution = if x.nrows() < x.ncols() { dual::fit(self, x, &y)? } else { primal::fit(self, x, &y)? };
        Ok(RidgeModel::from_solution(solution))
    }

    /// Fits a classifier: one output per class from 0 to the largest label, target +1 for the sample's class, else -1.
    ///
    /// # Errors
    /// As [`Self::fit`]; labels of one class only.
    pub fn fit_labels<F: Feature>(&self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<RidgeModel, ReadoutError> {
        data::check_matrix("x", x)?;
        data::check_samples(x.nrows(), "labels", labels.len())?;
        let classes = data::count_classes(labels)?;
        self.fit(x, &data::one_hot(labels, classes))
    }

    fn check(&self) -> Result<(), ReadoutError> {
        match &self.alpha {
            Alpha::Given(alpha) if alpha.is_finite() && *alpha >= 0.0 => Ok(()),
            Alpha::Given(alpha) => Err(ReadoutError::setting("alpha", *alpha, "finite and not negative")),
            Alpha::LeaveOneOut(grid) => check_grid("LeaveOneOut", grid),
            Alpha::GeneralizedCv(grid) => check_grid("GeneralizedCv", grid),
            Alpha::HeldOut { grid, fraction } => {
                let inside = *fraction > 0.0 && *fraction < 1.0;
                check_setting(inside, "fraction", fraction, "above 0 and below 1")?;
                check_grid("HeldOut", grid)
            }
            Alpha::Rolling { grid, folds } => {
                check_setting(*folds > 0, "folds", folds, "at least one")?;
                check_grid("Rolling", grid)
            }
        }
    }

    /// Centring and scaling by these settings.
    fn scaling(&self, mean: &[f64], variance: &[f64]) -> Standardizer {
        let mean = if self.fit_bias { mean.to_vec() } else { vec![0.0; mean.len()] };
        let sd = variance.iter().map(|variance| if self.standardize { variance.sqrt() } else { 1.0 }).collect();
        Standardizer::from_moments(mean, sd)
    }

    /// The alpha to use, and what a search found on the way.
    fn choose(
        &self,
        search: impl FnOnce(&[f64], Criterion) -> Result<Vec<Candidate>, ReadoutError>,
    ) -> Result<(f64, Vec<Candidate>), ReadoutError> {
        let found = match &self.alpha {
            Alpha::Given(alpha) => return Ok((*alpha, Vec::new())),
            Alpha::LeaveOneOut(grid) => search(grid, Criterion::LeaveOneOut)?,
            Alpha::GeneralizedCv(grid) => search(grid, Criterion::GeneralizedCv)?,
            Alpha::HeldOut { .. } => return Err(ReadoutError::NeedsSamples { criterion: "a held-out piece" }),
            Alpha::Rolling { .. } => {
                return Err(ReadoutError::NeedsSamples { criterion: "a choice by rolling origins" });
            }
        };
        Ok((select::best(&found)?, found))
    }
}

fn check_setting(
    ok: bool,
    name: &str,
    value: &impl std::fmt::Debug,
    allowed: &'static str,
) -> Result<(), ReadoutError> {
    if ok { Ok(()) } else { Err(ReadoutError::setting(name, value, allowed)) }
}

fn check_grid(criterion: &'static str, grid: &[f64]) -> Result<(), ReadoutError> {
    if grid.is_empty() {
        return Err(ReadoutError::EmptyGrid { criterion });
    }
    match grid.iter().position(|alpha| !alpha.is_finite() || *alpha <= 0.0) {
        Some(i) => Err(ReadoutError::setting(format!("alpha {criterion}[{i}]"), grid[i], "finite and above zero")),
        None => Ok(()),
    }
}

impl RidgeModel {
    fn from_solution(solution: Solution) -> Self {
        let (alpha, search) = (solution.alpha, solution.search.clone());
        Self { linear: Linear::of(solution), alpha, search }
    }
}

impl Linear {
    /// In units of the raw features.
    fn of(solution: Solution) -> Self {
        Self::from_standardized(solution.weights, Array1::from(solution.target_mean), &solution.scaling)
    }
}
