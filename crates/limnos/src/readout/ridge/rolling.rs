//! The choice of alpha by samples that come later: one held-out piece at the end, or rolling origins.
//!
//! The sums of the earlier samples are those of the fold before with its samples added, so all folds and all alphas
//! need one pass over the samples, and a decomposition for each fold and alpha.

use std::ops::Range;

use ndarray::{ArrayRef2, ArrayView2, s};

use super::super::{Feature, ReadoutError, linear::Linear};
use super::{Alpha, Candidate, Ridge, Solution, moments::Moments, moments::Normal, primal, select};

/// Where to train and validate: the first piece ends where the second begins, and so on.
#[derive(Debug)]
pub(super) struct Folds<'a> {
    grid: &'a [f64],
    /// Ends of pieces; the last is the number of samples.
    ends: Vec<usize>,
}

impl<'a> Folds<'a> {
    /// `None` where alpha is chosen in another way.
    pub fn new(alpha: &'a Alpha, samples: usize) -> Result<Option<Self>, ReadoutError> {
        match alpha {
            Alpha::HeldOut { grid, fraction } => {
                let held = (samples as f64 * fraction).round() as usize;
                if held == 0 || held >= samples {
                    return Err(ReadoutError::setting("fraction", fraction, "such that both parts have samples"));
                }
                Ok(Some(Self { grid, ends: vec![samples - held, samples] }))
            }
            Alpha::Rolling { grid, folds } => {
                if *folds >= samples {
                    return Err(ReadoutError::setting("folds", folds, "below the number of samples"));
                }
                let end = |k: usize| (samples as u128 * k as u128 / (*folds as u128 + 1)) as usize;
                Ok(Some(Self { grid, ends: (1..=folds + 1).map(end).collect() }))
            }
            _ => Ok(None),
        }
    }

    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.ends.windows(2).map(|ends| ends[0]..ends[1])
    }
}

/// Chooses alpha and solves with all samples.
pub(super) fn fit<F: Feature>(
    ridge: &Ridge,
    x: &ArrayRef2<F>,
    y: &ArrayView2<'_, f64>,
    folds: &Folds<'_>,
) -> Result<Solution, ReadoutError> {
    let first = folds.ends[0];
    let mut moments = Moments::new(x.ncols(), y.ncols(), ridge.fit_bias);
    moments.add(&x.slice(s![..first, ..]), &y.slice(s![..first, ..]));
    let mut sums = vec![0.0; folds.grid.len()];
    for range in folds.ranges() {
        let (x, y) = (x.slice(s![range.clone(), ..]), y.slice(s![range, ..]));
        let errors = squared_errors(&moments.normal(ridge)?, folds.grid, &x, &y)?;
        sums.iter_mut().zip(errors).for_each(|(sum, error)| *sum += error);
        moments.add(&x, &y);
    }
    let judged = ((x.nrows() - first) * y.ncols()) as f64;
    let search: Vec<Candidate> =
        folds.grid.iter().zip(sums).map(|(&alpha, sum)| Candidate { alpha, error: sum / judged }).collect();
    let choice = (select::best(&search)?, search);
    primal::finish(moments.into_normal(ridge)?, choice)
}

/// Sum of squared errors of each alpha of a grid; infinite where the equations are singular.
pub(super) fn squared_errors<F: Feature>(
    normal: &Normal,
    grid: &[f64],
    x: &ArrayRef2<F>,
    y: &ArrayView2<'_, f64>,
) -> Result<Vec<f64>, ReadoutError> {
    let error = |&alpha: &f64| match primal::solve_at(normal, alpha) {
        Ok(solution) => squared_error(&Linear::of(solution), x, y),
        Err(ReadoutError::Singular { .. }) => Ok(f64::INFINITY),
        Err(error) => Err(error),
    };
    grid.iter().map(error).collect()
}

fn squared_error<F: Feature>(linear: &Linear, x: &ArrayRef2<F>, y: &ArrayView2<'_, f64>) -> Result<f64, ReadoutError> {
    let predicted = linear.map(x)?;
    Ok(predicted.iter().zip(y).map(|(p, y)| (p - y) * (p - y)).sum())
}
