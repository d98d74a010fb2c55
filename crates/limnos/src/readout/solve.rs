//! Dense linear algebra of the readouts by faer (`reservoir/spectral` and `forecast/singular` have theirs).
//!
//! Every call is sequential; the callers share work out in pieces of fixed size, so results have the same bits for any
//! number of threads. Matrices are contiguous and row-major, tiles and panels column-major.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::linalg::evd::{self, ComputeEigenvectors};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use ndarray::{Array2, ArrayRef2};

use super::gram::Tile;

const SEQUENTIAL: Par = Par::Seq;

fn view(a: &ArrayRef2<f64>) -> MatRef<'_, f64> {
    let values = a.as_slice().expect("a matrix to multiply should be contiguous");
    MatRef::from_row_major_slice(values, a.nrows(), a.ncols())
}

fn view_mut(a: &mut ArrayRef2<f64>) -> MatMut<'_, f64> {
    let (rows, columns) = a.dim();
    let values = a.as_slice_mut().expect("a product should be contiguous");
    MatMut::from_row_major_slice_mut(values, rows, columns)
}

/// `out = a b`.
pub(super) fn product(a: &ArrayRef2<f64>, b: &ArrayRef2<f64>, out: &mut ArrayRef2<f64>) {
    matmul(view_mut(out), Accum::Replace, view(a), view(b), 1.0, SEQUENTIAL);
}

/// `out += a^T b`.
pub(super) fn add_transposed_product(a: &ArrayRef2<f64>, b: &ArrayRef2<f64>, out: &mut ArrayRef2<f64>) {
    matmul(view_mut(out), Accum::Add, view(a).transpose(), view(b), 1.0, SEQUENTIAL);
}

/// Columns in memory: values, rows, columns, distance of columns.
type Columns<'a> = (&'a [f64], usize, usize, usize);

fn columns((values, rows, columns, distance): Columns<'_>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice_with_stride(values, rows, columns, distance)
}

fn tile(tile: &Tile) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(&tile.values, tile.rows, tile.columns)
}

fn tile_mut(tile: &mut Tile) -> MatMut<'_, f64> {
    MatMut::from_column_major_slice_mut(&mut tile.values, tile.rows, tile.columns)
}

/// `out += left^T right`, column after column.
pub(super) fn add_gram_tile(left: Columns<'_>, right: Columns<'_>, out: &mut [f64]) {
    let (left, right) = (columns(left).transpose(), columns(right));
    let out = MatMut::from_column_major_slice_mut(out, left.nrows(), right.ncols());
    matmul(out, Accum::Add, left, right, 1.0, SEQUENTIAL);
}

/// `out -= left right^T`.
pub(super) fn subtract_product(left: &Tile, right: &Tile, out: &mut Tile) {
    matmul(tile_mut(out), Accum::Add, tile(left), tile(right).transpose(), -1.0, SEQUENTIAL);
}

/// The Cholesky factor of a tile on the diagonal, in place; an error is the row of a pivot that is not positive.
pub(super) fn factor(a: &mut Tile) -> Result<(), usize> {
    let request = llt::factor::cholesky_in_place_scratch::<f64>(a.rows, SEQUENTIAL, Default::default());
    let mut memory = MemBuffer::new(request);
    let stack = MemStack::new(&mut memory);
    match llt::factor::cholesky_in_place(tile_mut(a), Default::default(), SEQUENTIAL, stack, Default::default()) {
        Ok(_) => Ok(()),
        Err(llt::factor::LltError::NonPositivePivot { index }) => Err(index),
    }
}

/// `out <- out L^-T` for the factor of a tile on the diagonal.
pub(super) fn divide_right(out: &mut Tile, factor: &Tile) {
    solve_lower_triangular_in_place(tile(factor), tile_mut(out).transpose_mut(), SEQUENTIAL);
}

/// `b <- L^-1 b`, or `L^-T b` where `transposed`.
pub(super) fn divide_left(factor: &Tile, b: &mut ArrayRef2<f64>, transposed: bool) {
    if transposed {
        solve_upper_triangular_in_place(tile(factor).transpose(), view_mut(b), SEQUENTIAL);
    } else {
        solve_lower_triangular_in_place(tile(factor), view_mut(b), SEQUENTIAL);
    }
}

/// `out -= a b`, or `a^T b` where `transposed`.
pub(super) fn subtract_from(a: &Tile, b: &ArrayRef2<f64>, out: &mut ArrayRef2<f64>, transposed: bool) {
    let a = if transposed { tile(a).transpose() } else { tile(a) };
    matmul(view_mut(out), Accum::Add, a, view(b), -1.0, SEQUENTIAL);
}

/// Eigenvalues in ascending order and eigenvectors as columns.
#[derive(Debug)]
pub(super) struct Spectrum {
    /// Eigenvalues, ascending.
    pub values: Vec<f64>,
    /// Column k belongs to value k.
    pub vectors: Array2<f64>,
}

/// Eigendecomposition of a symmetric matrix; `None` when the iteration does not converge.
pub(super) fn spectrum(a: &ArrayRef2<f64>) -> Option<Spectrum> {
    let n = a.nrows();
    if n == 0 {
        return Some(Spectrum { values: Vec::new(), vectors: Array2::zeros((0, 0)) });
    }
    let (mut values, mut vectors) = (Mat::<f64>::zeros(n, 1), Mat::<f64>::zeros(n, n));
    let request = evd::self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, SEQUENTIAL, Default::default());
    let mut memory = MemBuffer::new(request);
    evd::self_adjoint_evd(
        view(a),
        values.as_mut().col_mut(0).as_diagonal_mut(),
        Some(vectors.as_mut()),
        SEQUENTIAL,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .ok()?;
    Some(Spectrum { values: (0..n).map(|k| values[(k, 0)]).collect(), vectors: to_array(vectors.as_ref()) })
}

fn to_array(a: MatRef<'_, f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.nrows(), a.ncols()), |(i, j)| a[(i, j)])
}
