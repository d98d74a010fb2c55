//! Sum, range and integrality of each column, in parallel over columns: each is read from top to bottom by one task, so
//! the bits do not depend on the number of threads.

use ndarray::{ArrayRef2, s};
use rayon::prelude::*;

use super::Feature;

/// Columns that one task reads.
const WIDTH: usize = 64;

/// What one pass over a column tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Sum of all values.
    pub sum: f64,
    /// Smallest value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
    /// Whether all values are integers below 2^51.
    pub integer: bool,
    /// By how much equal values may seem to differ: zero where they were seen themselves.
    pub slack: f64,
}

impl Column {
    /// A column without values.
    pub const EMPTY: Self = Self { sum: 0.0, low: f64::INFINITY, high: f64::NEG_INFINITY, integer: true, slack: 0.0 };

    /// Of contiguous values, in lanes whose results are joined in order.
    pub fn of(values: &[f64]) -> Self {
        let mut lanes = [Self::EMPTY; 8];
        let mut chunks = values.chunks_exact(lanes.len());
        let (mut sum, mut low, mut high, mut odd) = ([0.0; 8], [f64::INFINITY; 8], [f64::NEG_INFINITY; 8], [0u64; 8]);
        for chunk in &mut chunks {
            for (lane, &value) in chunk.iter().enumerate() {
                sum[lane] += value;
                low[lane] = if value < low[lane] { value } else { low[lane] };
                high[lane] = if value > high[lane] { value } else { high[lane] };
                odd[lane] |= u64::from(!is_integer(value));
            }
        }
        for (k, lane) in lanes.iter_mut().enumerate() {
            *lane = Self { sum: sum[k], low: low[k], high: high[k], integer: odd[k] == 0, slack: 0.0 };
        }
        chunks.remainder().iter().zip(&mut lanes).for_each(|(&value, lane)| lane.push(value));
        lanes.iter().fold(Self::EMPTY, |all, lane| all.join(lane))
    }

    fn push(&mut self, value: f64) {
        self.sum += value;
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        self.integer &= is_integer(value);
    }

    /// The column that holds both columns' values.
    pub fn join(&self, other: &Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            integer: self.integer && other.integer,
            slack: self.slack.max(other.slack),
        }
    }

    /// Whether all values are equal.
    pub fn is_constant(&self) -> bool {
        self.high - self.low <= self.slack
    }

    /// Mean of `n` values; exactly the value of a constant column, so that centring leaves exact zeros.
    pub fn mean(&self, n: usize) -> f64 {
        if self.is_constant() { self.low } else { self.sum / n as f64 }
    }
}

/// Adding and subtracting 1.5 * 2^52 rounds to the nearest integer without a call.
fn is_integer(value: f64) -> bool {
    const ROUND: f64 = 1.5 * (1u64 << 52) as f64;
    (value + ROUND) - ROUND == value
}

/// One [`Column`] for each column of `x`.
pub(super) fn describe<F: Feature>(x: &ArrayRef2<F>) -> Vec<Column> {
    let mut columns = vec![Column::EMPTY; x.ncols()];
    for_each_column(x, &mut columns, |column, value| column.push(value));
    columns
}

/// Sum of squared deviations from `mean` of each column.
pub(super) fn squared_deviations<F: Feature>(x: &ArrayRef2<F>, mean: &[f64]) -> Vec<f64> {
    let mut sums: Vec<(f64, f64)> = mean.iter().map(|&mean| (mean, 0.0)).collect();
    for_each_column(x, &mut sums, |(mean, sum), value| *sum += (value - *mean) * (value - *mean));
    sums.into_iter().map(|(_, sum)| sum).collect()
}

fn for_each_column<F: Feature, C: Send>(x: &ArrayRef2<F>, columns: &mut [C], visit: impl Fn(&mut C, f64) + Sync) {
    columns.par_chunks_mut(WIDTH).enumerate().for_each(|(block, columns)| {
        let first = block * WIDTH;
        for row in x.slice(s![.., first..first + columns.len()]).outer_iter() {
            for (column, value) in columns.iter_mut().zip(row) {
                visit(column, value.to_f64());
            }
        }
    });
}
