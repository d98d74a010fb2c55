//! The solution of a positive symmetric system held as tiles, in place (left-looking Cholesky decomposition; Golub and
//! Van Loan, Matrix Computations, section 4.2).
//!
//! Work is shared out by tiles, and each tile's sum runs over the tiles to its left in their order: the bits do not depend
//! on the number of threads.

use ndarray::{Array2, ArrayRef2, s};
use rayon::prelude::*;

use super::gram::{Gram, TILE};
use super::solve;

/// A pivot too small to divide by.
#[derive(Debug)]
pub(super) struct SingularAt {
    /// Row of the matrix.
    pub row: usize,
    /// Its diagonal entry.
    pub scale: f64,
}

/// The solution of `(a + alpha I) w = b`; `a` is used up.
///
/// A pivot is singular when it is lost in the rounding of its own diagonal entry: at most 4 sqrt(n) eps of it.
pub(super) fn solve_ridge(mut a: Gram, alpha: f64, b: &ArrayRef2<f64>) -> Result<Array2<f64>, SingularAt> {
    let diagonal = lift(&mut a, alpha);
    for j in 0..a.count() {
        update_column(&mut a, j);
        factor_column(&mut a, j, &diagonal)?;
    }
    let mut blocks: Vec<Array2<f64>> =
        (0..a.count()).map(|i| b.slice(s![i * TILE..b.nrows().min((i + 1) * TILE), ..]).to_owned()).collect();
    forward(&a, &mut blocks);
    backward(&a, &mut blocks);
    let mut solution = Array2::zeros(b.dim());
    for (i, block) in blocks.iter().enumerate() {
        solution.slice_mut(s![i * TILE..i * TILE + block.nrows(), ..]).assign(block);
    }
    Ok(solution)
}

/// Adds `alpha` to the diagonal and returns that.
fn lift(a: &mut Gram, alpha: f64) -> Vec<f64> {
    for j in 0..a.count() {
        let start = a.start(j);
        let tile = &mut a.tiles_mut()[start];
        tile.values.iter_mut().step_by(tile.rows + 1).for_each(|value| *value += alpha);
    }
    (0..a.size()).map(|i| a.get(i, i)).collect()
}

/// Subtracts from a column of tiles the products of what was factored before.
fn update_column(a: &mut Gram, j: usize) {
    let starts: Vec<usize> = (0..=j).map(|k| a.start(k)).collect();
    let length = a.count() - j;
    let (done, rest) = a.tiles_mut().split_at_mut(starts[j]);
    rest[..length].par_iter_mut().enumerate().for_each(|(below, tile)| {
        for (k, &start) in starts[..j].iter().enumerate() {
            let row = start + j - k;
            solve::subtract_product(&done[row + below], &done[row], tile);
        }
    });
}

/// Factors the tile on the diagonal and divides those below it by it.
fn factor_column(a: &mut Gram, j: usize, diagonal: &[f64]) -> Result<(), SingularAt> {
    let (start, length) = (a.start(j), a.count() - j);
    let (top, below) = a.tiles_mut()[start..start + length].split_at_mut(1);
    let pivot = &mut top[0];
    let singular = |row: usize| SingularAt { row: j * TILE + row, scale: diagonal[j * TILE + row] };
    solve::factor(pivot).map_err(singular)?;
    let floor = 4.0 * (diagonal.len() as f64).sqrt() * f64::EPSILON;
    let root = |i: usize| pivot.values[i * (pivot.rows + 1)];
    if let Some(row) = (0..pivot.rows).find(|&i| root(i) * root(i) <= floor * diagonal[j * TILE + i]) {
        return Err(singular(row));
    }
    below.par_iter_mut().for_each(|tile| solve::divide_right(tile, pivot));
    Ok(())
}

/// `L z = b`.
fn forward(a: &Gram, b: &mut [Array2<f64>]) {
    for j in 0..b.len() {
        let column = a.column(j);
        let (pivot, below) = b[j..].split_first_mut().expect("a column should have a pivot");
        solve::divide_left(&column[0], pivot, false);
        below.par_iter_mut().zip(&column[1..]).for_each(|(b, tile)| solve::subtract_from(tile, pivot, b, false));
    }
}

/// `L^T w = z`.
fn backward(a: &Gram, b: &mut [Array2<f64>]) {
    for j in (0..b.len()).rev() {
        let column = a.column(j);
        let (pivot, below) = b[j..].split_first_mut().expect("a column should have a pivot");
        for (b, tile) in below.iter().zip(&column[1..]) {
            solve::subtract_from(tile, b, pivot, true);
        }
        solve::divide_left(&column[0], pivot, true);
    }
}
