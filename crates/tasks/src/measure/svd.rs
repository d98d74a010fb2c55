//! Singular values of a dense matrix.

use ndarray::ArrayView2;

use crate::Result;
use crate::error::argument;
use crate::measure::vector::{add, dot};

/// The singular values of a matrix, descending, as many as its shorter side.
///
/// Householder reflections make it bidiagonal; the singular values of that are the positive eigenvalues of a tridiagonal
/// matrix with zeros on its diagonal, and each is found by bisection on the number of eigenvalues below a value.
/// The cost is 8/3 n³ operations for n x n.
///
/// Source: G. H. Golub, W. Kahan, SIAM J. Numer. Anal. 2:205, 1965; G. H. Golub, C. F. Van Loan, "Matrix Computations",
/// 4th edition, sections 5.4, 8.4 and 8.6.
///
/// # Errors
/// If the matrix is empty or has a value that is not finite.
pub fn singular_values<T: Copy + Into<f64>>(matrix: ArrayView2<'_, T>) -> Result<Vec<f64>> {
    let (mut tall, scale) = prepared(matrix)?;
    let band = tall.bidiagonal();
    let bound = 2.0 * band.iter().fold(0.0, |most: f64, b| most.max(b.abs()));
    Ok((0..tall.columns).map(|index| scale * bisect(&band, index, bound)).collect())
}

/// A matrix with at least as many rows as columns, row after row.
struct Tall {
    values: Vec<f64>,
    columns: usize,
}

/// The matrix, tall and scaled to a largest value of 1, and the scale.
fn prepared<T: Copy + Into<f64>>(matrix: ArrayView2<'_, T>) -> Result<(Tall, f64)> {
    if matrix.is_empty() {
        return Err(argument("matrix", format!("{:?}", matrix.dim()), "at least one row and one column"));
    }
    let matrix = matrix.mapv(Into::into);
    if let Some(((i, j), value)) = matrix.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(argument("matrix", format!("{value} at row {i}, column {j}"), "finite numbers"));
    }
    let largest = matrix.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let scale = if largest > 0.0 { largest } else { 1.0 };
    let wide = matrix.nrows() < matrix.ncols();
    let tall = if wide { matrix.t() } else { matrix.view() };
    Ok((Tall { values: tall.iter().map(|x| x / scale).collect(), columns: tall.ncols() }, scale))
}

impl Tall {
    /// The two diagonals of the bidiagonal form, in turn: d0, e0, d1, e1, …; the matrix is used up.
    fn bidiagonal(&mut self) -> Vec<f64> {
        let columns = self.columns;
        let mut band = Vec::with_capacity(2 * columns);
        for k in 0..columns {
            let mut left: Vec<f64> = self.values.chunks_exact(columns).skip(k).map(|row| row[k]).collect();
            let (d, beta) = reflector(&mut left);
            band.push(d);
            if k + 1 < columns {
                band.push(self.reflect(k, &left, beta));
            }
        }
        band
    }

    /// Reflects the rows from `k` on by `left`, then the columns after `k` so that row `k` ends after its second value, which
    /// it returns. Both in one pass over the rows.
    fn reflect(&mut self, k: usize, left: &[f64], beta: f64) -> f64 {
        let columns = self.columns;
        let mut weights = vec![0.0; columns - k - 1];
        for (row, &v) in self.values.chunks_exact(columns).skip(k).zip(left) {
            add(&mut weights, beta * v, &row[k + 1..]);
        }
        let mut rows = self.values.chunks_exact_mut(columns).skip(k).zip(left).map(|(row, &v)| (&mut row[k + 1..], v));
        let (right, v) = rows.next().expect("a tall matrix has a row for each column");
        add(right, -v, &weights);
        let (e, gamma) = reflector(right);
        for (row, v) in rows {
            add(row, -v, &weights);
            let s = gamma * dot(row, right);
            add(row, -s, right);
        }
        e
    }
}

/// Turns x into the vector v whose reflection 1 - beta v vᵀ leaves only the first value of x; that value, and beta.
fn reflector(x: &mut [f64]) -> (f64, f64) {
    let norm = dot(x, x).sqrt();
    if norm == 0.0 {
        return (0.0, 0.0);
    }
    let first = if x[0] > 0.0 { -norm } else { norm };
    x[0] -= first;
    (first, -1.0 / (first * x[0]))
}

/// The singular value with `index` larger ones, at most `bound`, to the last digits of a double.
fn bisect(band: &[f64], index: usize, bound: f64) -> f64 {
    let (mut low, mut high) = (0.0, bound);
    let least = bound * 1e-19;
    while high - low > 2.0 * f64::EPSILON * high && high > least {
        let middle = 0.5 * (low + high);
        if at_least(band, middle) > index {
            low = middle;
        } else {
            high = middle;
        }
    }
    if high > least { high } else { 0.0 }
}

/// How many singular values are `x` or more, x > 0: by the signs of the pivots of (tridiagonal - x), of which the negative
/// ones count eigenvalues below x (Sylvester's law of inertia).
fn at_least(band: &[f64], x: f64) -> usize {
    let (mut pivot, mut below) = (-x, 1);
    for b in band {
        pivot = -x - b * b / if pivot == 0.0 { f64::MIN_POSITIVE } else { pivot };
        below += usize::from(pivot < 0.0);
    }
    band.len() + 1 - below
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr2};

    use super::*;

    fn check(found: &[f64], expected: &[f64], tolerance: f64) {
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() <= tolerance * expected[0], "{found:?} against {expected:?}");
        }
    }

    #[test]
    fn of_two_by_two_and_of_a_row() {
        // [[3, 0], [4, 5]]: the squares are 45 and 5.
        let found = singular_values(arr2(&[[3_u32, 0], [4, 5]]).view()).unwrap();
        check(&found, &[45.0_f64.sqrt(), 5.0_f64.sqrt()], 1e-15);
        check(&singular_values(arr2(&[[3.0_f32, 4.0, 12.0]]).view()).unwrap(), &[13.0], 1e-15);
        check(&singular_values(arr2(&[[3.0_f32], [4.0], [12.0]]).view()).unwrap(), &[13.0], 1e-15);
    }

    #[test]
    fn of_the_second_difference() {
        // The eigenvalues of tridiag(-1, 2, -1) are 2 - 2 cos(π k / (n + 1)), all positive.
        let n = 60;
        let matrix = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        let at = |k: usize| 2.0 - 2.0 * (std::f64::consts::PI * k as f64 / (n + 1) as f64).cos();
        let expected: Vec<f64> = (1..=n).rev().map(at).collect();
        check(&singular_values(matrix.view()).unwrap(), &expected, 1e-14);
    }

    #[test]
    fn of_the_hilbert_matrix_as_numpy_says() {
        // numpy.linalg.svd, 2.4.6, of 1 / (i + j + 1), 6 x 6.
        let hilbert = Array2::from_shape_fn((6, 6), |(i, j)| 1.0 / (i + j + 1) as f64);
        let numpy = [
            1.618_899_858_924_339_3,
            0.242_360_870_575_209_5,
            0.016_321_521_319_875_812,
            6.157_483_541_826_381e-4,
            1.257_075_712_264_247e-5,
            1.082_799_484_411_758_5e-7,
        ];
        check(&singular_values(hilbert.view()).unwrap(), &numpy, 1e-15);
    }

    #[test]
    fn squares_add_up_and_a_transpose_has_the_same() {
        let matrix = Array2::from_shape_fn((37, 23), |(i, j)| ((i * 31 + j * 17) % 29) as f64 - 11.0);
        let found = singular_values(matrix.view()).unwrap();
        let (sum, expected) = (found.iter().map(|s| s * s).sum::<f64>(), matrix.iter().map(|x| x * x).sum::<f64>());
        assert!((sum - expected).abs() < 1e-12 * expected, "{sum} against {expected}");
        check(&singular_values(matrix.t()).unwrap(), &found, 1e-14);
    }

    #[test]
    fn zeros_have_zeros() {
        check(&singular_values(Array2::<f64>::zeros((4, 3)).view()).unwrap(), &[0.0; 3], 0.0);
    }
}
