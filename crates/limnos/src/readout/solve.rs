//! Dense linear algebra: the only file that knows faer.
//!
//! Every call is sequential; the callers share work out in pieces of fixed size, so results have the same bits for any
//! number of threads. Matrices are contiguous and row-major.

use std::ops::Range;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::linalg::evd::{self, ComputeEigenvectors};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use ndarray::{Array2, ArrayRef2};

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

/// `out += panel[:, i]^T panel[:, j]`.
pub(super) fn add_gram_tile(panel: &ArrayRef2<f64>, i: Range<usize>, j: Range<usize>, out: &mut ArrayRef2<f64>) {
    let left = view(panel).subcols(i.start, i.len()).transpose();
    let right = view(panel).subcols(j.start, j.len());
    matmul(view_mut(out), Accum::Add, left, right, 1.0, SEQUENTIAL);
}

/// A pivot too small to divide by.
#[derive(Debug)]
pub(super) struct SingularAt {
    /// Row of the matrix.
    pub row: usize,
    /// Its diagonal entry.
    pub scale: f64,
}

/// The solution of `(a + alpha I) w = b` for a symmetric positive `a`, by Cholesky decomposition.
///
/// A pivot is singular when it is lost in the rounding of its own diagonal entry: at most 4 sqrt(n) eps of it.
pub(super) fn solve_ridge(a: &ArrayRef2<f64>, alpha: f64, b: &ArrayRef2<f64>) -> Result<Array2<f64>, SingularAt> {
    if a.is_empty() {
        return Ok(Array2::zeros(b.dim()));
    }
    let factor = cholesky(a, alpha)?;
    let mut solution = view(b).to_owned();
    let request = llt::solve::solve_in_place_scratch::<f64>(a.nrows(), b.ncols(), SEQUENTIAL);
    llt::solve::solve_in_place(
        factor.as_ref(),
        solution.as_mut(),
        SEQUENTIAL,
        MemStack::new(&mut MemBuffer::new(request)),
    );
    Ok(to_array(solution.as_ref()))
}

fn cholesky(a: &ArrayRef2<f64>, alpha: f64) -> Result<Mat<f64>, SingularAt> {
    let n = a.nrows();
    let mut factor = view(a).to_owned();
    for i in 0..n {
        factor[(i, i)] += alpha;
    }
    let request = llt::factor::cholesky_in_place_scratch::<f64>(n, SEQUENTIAL, Default::default());
    let mut memory = MemBuffer::new(request);
    let stack = MemStack::new(&mut memory);
    let result =
        llt::factor::cholesky_in_place(factor.as_mut(), Default::default(), SEQUENTIAL, stack, Default::default());
    let diagonal = |i: usize| a[(i, i)] + alpha;
    if let Err(llt::factor::LltError::NonPositivePivot { index }) = result {
        return Err(SingularAt { row: index, scale: diagonal(index) });
    }
    let floor = 4.0 * (n as f64).sqrt() * f64::EPSILON;
    let lost = (0..n).find(|&i| factor[(i, i)] * factor[(i, i)] <= floor * diagonal(i));
    lost.map_or(Ok(factor), |row| Err(SingularAt { row, scale: diagonal(row) }))
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
