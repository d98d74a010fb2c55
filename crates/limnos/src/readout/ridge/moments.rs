//! First and second moments of features and targets, accumulated in pieces.
//!
//! One Gram matrix of the columns `[x | y | 1]` holds all of them: `x^T x`, `x^T y`, `y^T y` and the sums. Columns of
//! integers (spike counts, labels) are summed exactly while sums stay below 2^53, and centred in 128-bit integers, so
//! their normal equations have the same bits for any order and any cut into pieces. Columns are first shifted by the
//! mean of the first samples (rounded, for integers), so that a large mean does not cancel a small variance.

use ndarray::{Array2, ArrayRef2, ArrayView2, s};

use super::super::{Feature, ReadoutError, columns::Column, gram::Gram, panel::Panel, standardizer::Standardizer};
use super::Ridge;

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
    /// Samples that are not in `gram` yet.
    pending: Panel,
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
            pending: Panel::new(width + 1),
        }
    }

    /// Adds a piece, which the caller has checked.
    pub fn add<F: Feature>(&mut self, x: &ArrayRef2<F>, y: &ArrayView2<'_, f64>) {
        let mut first = 0;
        while first < x.nrows() {
            if self.pending.room() == 0 {
                self.gram.add(&self.pending);
                self.pending.clear();
            }
            let rows = first..x.nrows().min(first + self.pending.room());
            first = rows.end;
            self.add_to_panel(&x.slice(s![rows.clone(), ..]), &y.slice(s![rows, ..]));
        }
    }

    /// Adds rows that the panel has room for: `[x | y | 1]`, shifted.
    fn add_to_panel<F: Feature>(&mut self, x: &ArrayView2<'_, F>, y: &ArrayView2<'_, f64>) {
        let width = self.features + self.outputs;
        let (start, shift) = (self.samples == 0 && self.shifted, &self.shift);
        let fill = |first: usize, columns: &mut [&mut [f64]]| {
            copy(x, first, columns);
            let past = self.features.saturating_sub(first).min(columns.len());
            copy(y, (first + past).saturating_sub(self.features), &mut columns[past..]);
            let described = (first..width).zip(columns.iter_mut()).map(|(k, values)| describe(values, start, shift[k]));
            let described: Vec<_> = described.collect();
            columns[described.len()..].iter_mut().for_each(|ones| ones.fill(1.0));
            described
        };
        let described = self.pending.extend(x.nrows(), fill).into_iter().flatten();
        for ((column, shift), (piece, used)) in self.columns.iter_mut().zip(&mut self.shift).zip(described) {
            *column = column.join(&piece);
            *shift = used;
        }
        self.samples += x.nrows();
    }

    /// Adds the sums of samples that were not shifted, which the caller has checked.
    pub fn add_sums(&mut self, samples: usize, sums: &ArrayRef2<f64>) {
        let width = self.features + self.outputs;
        let columns = (0..width).map(|k| described(samples, sums[(width, k)], sums[(k, k)])).collect();
        self.add_shifted(samples, columns, &vec![0.0; width], |i, j| sums[(i, j)]);
    }

    /// Adds the samples of others.
    pub fn join(&mut self, other: &Self) {
        if other.samples == 0 {
            return;
        }
        let mut gram = other.gram.clone();
        gram.add(&other.pending);
        self.add_shifted(other.samples, other.columns.clone(), &other.shift, |i, j| gram.get(i, j));
    }

    /// Adds sums of columns that were shifted otherwise: `sum (a + d)(b + e) = sum ab + d sum b + e sum a + n d e`.
    fn add_shifted(
        &mut self,
        samples: usize,
        columns: Vec<Column>,
        shift: &[f64],
        sums: impl Fn(usize, usize) -> f64 + Sync,
    ) {
        if self.samples == 0 && self.shifted {
            let integers = columns.iter().zip(shift).map(|(c, &shift)| if c.integer { shift } else { c.mean(samples) });
            self.shift = integers.collect();
        }
        let width = self.features + self.outputs;
        let mut by: Vec<f64> = shift.iter().zip(&self.shift).map(|(theirs, ours)| theirs - ours).collect();
        by.push(0.0);
        let n = samples as f64;
        self.gram.add_entries(|i, j| sums(i, j) + by[i] * sums(width, j) + by[j] * sums(width, i) + n * by[i] * by[j]);
        for (column, piece) in self.columns.iter_mut().zip(&columns) {
            *column = column.join(piece);
        }
        self.samples += samples;
    }

    /// The normal equations of these samples.
    pub fn normal(&self, ridge: &Ridge) -> Result<Normal, ReadoutError> {
        let mut gram = self.gram.clone();
        gram.add(&self.pending);
        Centred::new(self, &gram)?.normal(gram, ridge)
    }

    /// The same, without a copy.
    pub fn into_normal(mut self, ridge: &Ridge) -> Result<Normal, ReadoutError> {
        let mut gram = std::mem::take(&mut self.gram);
        gram.add(&self.pending);
        self.pending = Panel::new(0);
        Centred::new(&self, &gram)?.normal(gram, ridge)
    }
}

/// Fills columns with those of `x` from `first` on, as far as both have any.
fn copy<F: Feature>(x: &ArrayView2<'_, F>, first: usize, columns: &mut [&mut [f64]]) {
    let first = first.min(x.ncols());
    let count = columns.len().min(x.ncols() - first);
    for (row, values) in x.slice(s![.., first..first + count]).outer_iter().enumerate() {
        for (column, value) in columns.iter_mut().zip(values) {
            column[row] = value.to_f64();
        }
    }
}

/// Describes values, then shifts them: by their own mean where they are the first. Returns the shift too.
fn describe(values: &mut [f64], first: bool, shift: f64) -> (Column, f64) {
    let column = Column::of(values);
    let shift = if first { own_shift(&column, values.len()) } else { shift };
    values.iter_mut().for_each(|value| *value -= shift);
    (column, shift)
}

/// The mean of the first samples; an integer for integers, whose moments about the mean do not depend on it.
fn own_shift(column: &Column, samples: usize) -> f64 {
    let mean = column.mean(samples);
    if column.integer { mean.round() } else { mean }
}

/// What the sum and the sum of squares of a column tell: its values are equal as far as the rounding of such sums can
/// show, or of an unknown range.
fn described(samples: usize, sum: f64, square: f64) -> Column {
    let mean = sum / samples as f64;
    let rounding = 8.0 * f64::EPSILON * (samples as f64).sqrt();
    let constant = square - sum * mean <= rounding * square;
    let (low, high) = if constant { (mean, mean) } else { (f64::NEG_INFINITY, f64::INFINITY) };
    Column { sum, low, high, integer: false, slack: rounding * mean.abs() }
}

/// Moments about the mean.
struct Centred<'a> {
    moments: &'a Moments,
    /// Sum over samples of each shifted column.
    sum: Vec<f64>,
    /// Sum of squares of each shifted column.
    square: Vec<f64>,
    /// Columns of integers whose sums are exact: by Cauchy-Schwarz no sum of two such columns passes 2^53.
    exact: Vec<bool>,
}

impl<'a> Centred<'a> {
    fn new(moments: &'a Moments, gram: &Gram) -> Result<Self, ReadoutError> {
        let width = moments.features + moments.outputs;
        let square: Vec<f64> = (0..width).map(|i| gram.get(i, i)).collect();
        match square.iter().position(|square| !square.is_finite()) {
            Some(i) if i < moments.features => Err(ReadoutError::Overflow { column: format!("feature {i}") }),
            Some(i) => Err(ReadoutError::Overflow { column: format!("output {}", i - moments.features) }),
            None => {
                let integers = moments.columns.iter().zip(&moments.shift).zip(&square);
                let exact = integers.map(|((c, shift), square)| c.integer && shift.fract() == 0.0 && *square <= EXACT);
                let exact = exact.collect();
                Ok(Self { moments, sum: (0..width).map(|i| gram.get(i, width)).collect(), square, exact })
            }
        }
    }

    fn mean(&self, i: usize) -> f64 {
        let column = &self.moments.columns[i];
        let (n, shift) = (self.moments.samples, self.moments.shift[i]);
        if column.is_constant() {
            column.low
        } else if self.exact[i] {
            (integer(shift) * n as i128 + integer(self.sum[i])) as f64 / n as f64
        } else {
            shift + self.sum[i] / n as f64
        }
    }

    /// Zero for a constant column, also where rounding left something.
    fn variance(&self, i: usize) -> f64 {
        if self.moments.columns[i].is_constant() {
            return 0.0;
        }
        (self.covariance(i, i, self.square[i]) / self.moments.samples as f64).max(0.0)
    }

    /// Sum over samples of the product of deviations from the means, from that of the shifted columns.
    fn covariance(&self, i: usize, j: usize, product: f64) -> f64 {
        let n = self.moments.samples as f64;
        if self.exact[i] && self.exact[j] {
            let numerator =
                self.moments.samples as i128 * integer(product) - integer(self.sum[i]) * integer(self.sum[j]);
            return numerator as f64 / n;
        }
        product - self.sum[i] * self.sum[j] / n
    }

    /// The normal equations in the place of `gram`.
    fn normal(&self, gram: Gram, ridge: &Ridge) -> Result<Normal, ReadoutError> {
        let (features, outputs) = (self.moments.features, self.moments.outputs);
        let width = features + outputs;
        let variance: Vec<f64> = (0..width).map(|i| self.variance(i)).collect();
        let mean: Vec<f64> = (0..width).map(|i| self.mean(i)).collect();
        let scaling = ridge.scaling(&mean[..features], &variance[..features]);
        let kept: Vec<usize> = (0..features).filter(|&i| !ridge.fit_bias || variance[i] > 0.0).collect();
        let gain = scaling.gain();
        let entry = |i: usize, j: usize, sum: f64| if ridge.fit_bias { self.covariance(i, j, sum) } else { sum };
        let with_target = |i: usize, o: usize| entry(i, features + o, gram.get(i, features + o)) * gain[i];
        let target = (features..width).map(|i| entry(i, i, self.square[i])).collect();
        let cross = Array2::from_shape_fn((kept.len(), outputs), |(a, o)| with_target(kept[a], o));
        let gram = gram.condense(&kept, |i, j, sum| entry(i, j, sum) * gain[i] * gain[j]);
        Ok(Normal {
            gram,
            cross,
            target,
            target_mean: if ridge.fit_bias { mean[features..].to_vec() } else { vec![0.0; outputs] },
            samples: self.moments.samples,
            fit_bias: ridge.fit_bias,
            scaling,
            kept,
        })
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
    pub gram: Gram,
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
