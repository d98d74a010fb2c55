//! Ridge with fewer samples than features: a system of samples x samples.
//!
//! `w = x^T (x x^T + alpha I)^-1 y`, with `x` and `y` centred and scaled. `x x^T` is summed over panels of features, so
//! the scaled samples are never held as a whole.

use ndarray::{Array2, ArrayRef2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::super::{
    Feature, Pivot, ReadoutError, cholesky, columns, gram::Gram, panel, panel::Panel, solve, standardizer::Standardizer,
};
use super::{Candidate, Ridge, Solution, select};

/// Features in a panel.
const FEATURES: usize = 256;

/// Solves for all outputs.
pub(super) fn fit<F: Feature>(
    ridge: &Ridge,
    x: &ArrayRef2<F>,
    y: &ArrayView2<'_, f64>,
) -> Result<Solution, ReadoutError> {
    let scaling = scaling(ridge, x)?;
    let target_mean = target_mean(ridge, y);
    let centred =
        y - &ArrayView2::from_shape((1, target_mean.len()), &target_mean).expect("a row should fit its length");
    let centred = centred.as_standard_layout().into_owned();
    let gram = samples_gram(x, &scaling);
    let (alpha, search) = choose(ridge, &gram, &centred)?;
    let dual = cholesky::solve_ridge(gram, alpha, &centred).map_err(|singular| ReadoutError::Singular {
        pivot: Pivot::Sample(singular.row),
        alpha,
        scale: singular.scale,
    })?;
    Ok(Solution { weights: expand(x, &scaling, &dual), target_mean, scaling, alpha, search })
}

fn scaling<F: Feature>(ridge: &Ridge, x: &ArrayRef2<F>) -> Result<Standardizer, ReadoutError> {
    let full = Standardizer::fit(x)?;
    let variance: Vec<f64> = full.sd().iter().map(|sd| sd * sd).collect();
    Ok(ridge.scaling(full.mean(), &variance))
}

fn target_mean(ridge: &Ridge, y: &ArrayView2<'_, f64>) -> Vec<f64> {
    if !ridge.fit_bias {
        return vec![0.0; y.ncols()];
    }
    columns::describe(y).iter().map(|column| column.mean(y.nrows())).collect()
}

fn choose(ridge: &Ridge, gram: &Gram, y: &Array2<f64>) -> Result<(f64, Vec<Candidate>), ReadoutError> {
    ridge.choose(|grid, criterion| select::dual(&gram.dense(), y, ridge.fit_bias, grid, criterion))
}

fn samples_gram<F: Feature>(x: &ArrayRef2<F>, scaling: &Standardizer) -> Gram {
    let (mut gram, mut panel) = (Gram::new(x.nrows()), Panel::new(x.nrows()));
    for first in (0..x.ncols()).step_by(panel::ROWS) {
        let features = first..x.ncols().min(first + panel::ROWS);
        let mean = &scaling.mean()[features.clone()];
        let gain = &scaling.gain()[features.clone()];
        panel.clear();
        panel.extend(features.len(), |sample, columns| {
            for (row, column) in x.slice(s![sample..sample + columns.len(), features.clone()]).outer_iter().zip(columns)
            {
                for (((out, value), mean), gain) in column.iter_mut().zip(row).zip(mean).zip(gain) {
                    *out = (value.to_f64() - mean) * gain;
                }
            }
        });
        gram.add(&panel);
    }
    gram
}

/// Some features of all samples: features x samples.
fn panel<F: Feature>(x: &ArrayRef2<F>, scaling: &Standardizer, first: usize) -> Array2<f64> {
    let count = FEATURES.min(x.ncols() - first);
    let mut panel = Array2::zeros((count, x.nrows()));
    panel.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(offset, mut row)| {
        let feature = first + offset;
        let (mean, gain) = (scaling.mean()[feature], scaling.gain()[feature]);
        for (out, value) in row.iter_mut().zip(x.column(feature)) {
            *out = (value.to_f64() - mean) * gain;
        }
    });
    panel
}

/// `x^T dual`, features x outputs.
fn expand<F: Feature>(x: &ArrayRef2<F>, scaling: &Standardizer, dual: &Array2<f64>) -> Array2<f64> {
    let mut weights = Array2::zeros((x.ncols(), dual.ncols()));
    weights.axis_chunks_iter_mut(Axis(0), FEATURES).into_par_iter().enumerate().for_each(|(block, mut weights)| {
        solve::product(&panel(x, scaling, block * FEATURES), dual, &mut weights);
    });
    weights
}
