//! Ridge with at least as many samples as features: a system of features x features.

use ndarray::{ArrayRef2, ArrayView2};

use super::super::{Feature, Pivot, ReadoutError, cholesky, gram::Gram};
use super::select::{self, Criterion};
use super::{Candidate, Ridge, Solution, moments::Moments, moments::Normal};

/// Solves for all outputs; the samples are read once more where alpha is to be chosen.
pub(super) fn fit<F: Feature>(
    ridge: &Ridge,
    x: &ArrayRef2<F>,
    y: &ArrayView2<'_, f64>,
) -> Result<Solution, ReadoutError> {
    let mut moments = Moments::new(x.ncols(), y.ncols(), ridge.fit_bias);
    moments.add(x, y);
    let normal = moments.into_normal(ridge)?;
    let choice = ridge.choose(|grid, criterion| select::primal(&normal, x, y, grid, criterion))?;
    finish(normal, choice)
}

/// Solves from the sums alone.
pub(super) fn solve(ridge: &Ridge, moments: &Moments) -> Result<Solution, ReadoutError> {
    let normal = moments.normal(ridge)?;
    let choice = ridge.choose(|grid, criterion| match criterion {
        Criterion::LeaveOneOut => Err(ReadoutError::NeedsSamples { criterion: "leave-one-out" }),
        Criterion::GeneralizedCv => select::from_normal(&normal, grid),
    })?;
    finish(normal, choice)
}

/// Solves for one alpha, the equations used up.
pub(super) fn finish(mut normal: Normal, (alpha, search): (f64, Vec<Candidate>)) -> Result<Solution, ReadoutError> {
    let gram = std::mem::take(&mut normal.gram);
    Ok(Solution { search, ..decompose(&normal, gram, alpha)? })
}

/// Solves for one alpha of several.
pub(super) fn solve_at(normal: &Normal, alpha: f64) -> Result<Solution, ReadoutError> {
    decompose(normal, normal.gram.clone(), alpha)
}

fn decompose(normal: &Normal, gram: Gram, alpha: f64) -> Result<Solution, ReadoutError> {
    let kept = cholesky::solve_ridge(gram, alpha, &normal.cross).map_err(|singular| ReadoutError::Singular {
        pivot: Pivot::Feature(normal.kept[singular.row]),
        alpha,
        scale: singular.scale,
    })?;
    let weights = normal.spread(&kept);
    let (target_mean, scaling) = (normal.target_mean.clone(), normal.scaling.clone());
    Ok(Solution { weights, target_mean, scaling, alpha, search: Vec::new() })
}
