//! Rows that wait to be multiplied: a panel of samples x columns in which each column lies contiguous.

use rayon::prelude::*;

/// Rows of a panel. A tile of a Gram matrix is read and written once a panel, so that few rows would make it a matter of
/// memory: 1024 need 16 operations a byte.
pub(super) const ROWS: usize = 1024;

/// Columns are this far apart; not a power of two, for then their elements of one row would share a cache set.
const STRIDE: usize = ROWS + 8;

/// Columns that one task fills: with this few, a row of them is half a kilobyte and their ends stay in the first cache.
pub(super) const BLOCK: usize = 32;

/// Up to [`ROWS`] rows of `width` columns.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    width: usize,
    rows: usize,
    values: Vec<f64>,
}

impl Panel {
    /// No rows yet.
    pub fn new(width: usize) -> Self {
        Self { width, rows: 0, values: vec![0.0; width * STRIDE] }
    }

    /// Rows that still fit.
    pub fn room(&self) -> usize {
        ROWS - self.rows
    }

    pub fn clear(&mut self) {
        self.rows = 0;
    }

    /// Adds `rows` rows. `fill` gets each block of [`BLOCK`] columns (the last may be smaller), as the index of its first
    /// column and the places of its new values, a column after the other; what it returns is returned in that order.
    pub fn extend<T: Send>(&mut self, rows: usize, fill: impl Fn(usize, &mut [&mut [f64]]) -> T + Sync) -> Vec<T> {
        let new = self.rows..self.rows + rows;
        self.rows = new.end;
        let blocks = self.values.par_chunks_mut(STRIDE * BLOCK).enumerate().map(|(block, values)| {
            let mut columns: Vec<_> = values.chunks_exact_mut(STRIDE).map(|column| &mut column[new.clone()]).collect();
            fill(block * BLOCK, &mut columns)
        });
        blocks.collect()
    }

    /// Columns from `first` on, as a matrix in memory: values, rows, columns, distance of columns.
    pub fn columns(&self, first: usize, count: usize) -> (&[f64], usize, usize, usize) {
        debug_assert!(first + count <= self.width, "a panel should have these columns");
        (&self.values[first * STRIDE..(first + count) * STRIDE], self.rows, count, STRIDE)
    }
}
