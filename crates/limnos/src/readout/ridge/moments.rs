//! First and second moments of features and targets, accumulated in pieces.
//!
//! One Gram matrix of the columns `[x | y | 1]` holds all of them: `x^T x`, `x^T y`, `y^T y` and the sums. Columns of
//! integers (spike counts, labels) are summed exactly while sums stay below 2^53, and centred in 128-bit integers, so
//! their normal equations have the same bits for any order and any cut into pieces. Columns are first shifted by the
//! mean of the first piece (rounded, for integers), so that a large mean does not cancel a small variance.

use ndarray::{Array2, ArrayRef2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::super::{Feature, ReadoutError, columns, columns::Column, gram::Gram, standardizer::Standardizer};
use super::Ridge;

/// Samples in a panel.
const ROWS: usize = 256;

/// Integers up to here are exact in f64.
const EXACT: f64 = (1u64 << 53) as f64;

/// Moments of the samples so far.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    pub features: usize,
    pub outputs: usize,
    pub samples: usize,
    shifted: bool,
    shift: Vec<f64>,
    columns: Vec<Column>,
    gram: Gram,
}

impl Moments {
    /// No samples yet. `shifted`: whether columns may be shifted, which only a fit with bias undoes.
    pub fn new(features: usize, outputs: usize, shifted: bool) -> Self {
        let width = features + outputs;
        Self {
            features,
            outputs,
            samples: 0,
            shifted,
            shift: vec![0.0; width],
            columns: vec![Column::EMPTY; width],
            gram: Gram::new(width + 1),
        }
    }

    /// Adds a piece, which the caller has checked.
    pub fn add<F: Feature>(&mut self, x: &ArrayRef2<F>, y: &ArrayView2<'_, f64>) {
        let piece: Vec<Column> = columns::describe(x).into_iter().chain(columns::describe(y)).collect();
        if self.samples == 0 && self.shifted {
            self.shift = piece.iter().map(|column| shift(column, x.nrows())).collect();
        }
        for (column, piece) in self.columns.iter_mut().zip(&piece) {
            *column = column.join(piece);
        }
        self.samples += x.nrows();
        for first in (0..x.nrows()).step_by(ROWS) {
            let rows = first..x.nrows().min(first + ROWS);
            let panel = self.panel(&x.slice(s![rows.clone(), ..]), &y.slice(s![rows, ..]));
            self.gram.add(&panel);
        }
    }

    /// `[x | y | 1]`, shifted.
    fn panel<F: Feature>(&self, x: &ArrayView2<'_, F>, y: &ArrayView2<'_, f64>) -> Array2<f64> {
        let mut panel = Array2::ones((x.nrows(), self.features + self.outputs + 1));
        panel.axis_iter_mut(Axis(0)).into_par_iter().zip(x.axis_iter(Axis(0))).zip(y.axis_iter(Axis(0))).for_each(
            |((mut panel, x), y)| {
                let values = x.iter().map(|value| value.to_f64()).chain(y.iter().copied());
                for ((out, value), shift) in panel.iter_mut().zip(values).zip(&self.shift) {
                    *out = value - shift;
                }
            },
        );
        panel
    }

    /// The normal equations of these samples.
    pub fn normal(&self, ridge: &Ridge) -> Result<Normal, ReadoutError> {
        let centred = Centred { moments: self, gram: self.gram.dense() };
        centred.check_overflow()?;
        let width = self.features + self.outputs;
        let variance: Vec<f64> = (0..width).map(|i| centred.variance(i)).collect();
        let mean: Vec<f64> = (0..width).map(|i| centred.mean(i)).collect();
        let scaling = ridge.scaling(&mean[..self.features], &variance[..self.features]);
        let kept: Vec<usize> = (0..self.features).filter(|&i| !ridge.fit_bias || variance[i] > 0.0).collect();
        let entry = |i: usize, j: usize| if ridge.fit_bias { centred.covariance(i, j) } else { centred.gram[(i, j)] };
        let gain = scaling.gain();
        let (k, outputs) = (kept.len(), self.outputs);
        let scaled = |a: usize, b: usize| entry(kept[a], kept[b]) * gain[kept[a]] * gain[kept[b]];
        Ok(Normal {
            gram: Array2::from_shape_fn((k, k), |(a, b)| scaled(a.min(b), a.max(b))),
            cross: Array2::from_shape_fn((k, outputs), |(a, o)| entry(kept[a], self.features + o) * gain[kept[a]]),
            target: (self.features..width).map(|i| entry(i, i)).collect(),
            target_mean: if ridge.fit_bias { mean[self.features..].to_vec() } else { vec![0.0; outputs] },
            samples: self.samples,
            fit_bias: ridge.fit_bias,
            scaling,
            kept,
        })
    }
}

/// The mean of the first piece; an integer for integers, whose moments about the mean do not depend on it.
fn shift(column: &Column, samples: usize) -> f64 {
    let mean = column.mean(samples);
    if column.integer { mean.round() } else { mean }
}

/// Moments about the mean.
struct Centred<'a> {
    moments: &'a Moments,
    gram: Array2<f64>,
}

impl Centred<'_> {
    fn sum(&self, i: usize) -> f64 {
        self.gram[(i, self.gram.ncols() - 1)]
    }

    fn mean(&self, i: usize) -> f64 {
        let column = &self.moments.columns[i];
        let (n, shift) = (self.moments.samples, self.moments.shift[i]);
        if column.is_constant() {
            column.low
        } else if self.is_exact(i) {
            (integer(shift) * n as i128 + integer(self.sum(i))) as f64 / n as f64
        } else {
            shift + self.sum(i) / n as f64
        }
    }

    /// Zero for a constant column, also where rounding left something.
    fn variance(&self, i: usize) -> f64 {
        if self.moments.columns[i].is_constant() {
            return 0.0;
        }
        (self.covariance(i, i) / self.moments.samples as f64).max(0.0)
    }

    /// Sum over samples of the product of deviations from the means.
    fn covariance(&self, i: usize, j: usize) -> f64 {
        let n = self.moments.samples as f64;
        if self.is_exact(i) && self.is_exact(j) {
            let numerator =
                self.moments.samples as i128 * integer(self.gram[(i, j)]) - integer(self.sum(i)) * integer(self.sum(j));
            return numerator as f64 / n;
        }
        self.gram[(i, j)] - self.sum(i) * self.sum(j) / n
    }

    /// By Cauchy-Schwarz no sum of two such columns passes 2^53, so all of them were exact.
    fn is_exact(&self, i: usize) -> bool {
        self.moments.columns[i].integer && self.moments.shift[i].fract() == 0.0 && self.gram[(i, i)] <= EXACT
    }

    fn check_overflow(&self) -> Result<(), ReadoutError> {
        let features = self.moments.features;
        match (0..features + self.moments.outputs).find(|&i| !self.gram[(i, i)].is_finite()) {
            Some(i) if i < features => Err(ReadoutError::Overflow { column: format!("feature {i}") }),
            Some(i) => Err(ReadoutError::Overflow { column: format!("output {}", i - features) }),
            None => Ok(()),
        }
    }
}

fn integer(value: f64) -> i128 {
    value as i128
}

/// The normal equations `(gram + alpha I) w = cross` in standardised units, without the constant features that a bias
/// stands for.
#[derive(Debug)]
pub(super) struct Normal {
    /// Kept features squared.
    pub gram: Array2<f64>,
    /// Kept features x outputs.
    pub cross: Array2<f64>,
    /// Sum of squares of each output, about its mean where there is a bias.
    pub target: Vec<f64>,
    /// Mean of each output; zero without bias.
    pub target_mean: Vec<f64>,
    /// Number of samples.
    pub samples: usize,
    /// Whether a bias takes the mean.
    pub fit_bias: bool,
    /// Centring and scaling of all features.
    pub scaling: Standardizer,
    /// Which feature each row of `gram` is.
    pub kept: Vec<usize>,
}

impl Normal {
    /// Rows of kept features spread over all features, zero elsewhere.
    pub fn spread(&self, kept: &ArrayRef2<f64>) -> Array2<f64> {
        let mut all = Array2::zeros((self.scaling.features(), kept.ncols()));
        for (&feature, row) in self.kept.iter().zip(kept.outer_iter()) {
            all.row_mut(feature).assign(&row);
        }
        all
    }
}
