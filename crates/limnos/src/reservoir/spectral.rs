//! The spectral radius of a sparse matrix, without ever making it dense when it is large. Beside it only `readout/solve` and `forecast/singular` know faer.

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::matrix_free::LinOp;
use faer::matrix_free::eigen::{PartialEigenParams, partial_eigen, partial_eigen_scratch};
use faer::{Col, Mat, MatMut, MatRef, Par, c64};
use limnos_spec::rate::SparseMatrix;
use limnos_tasks::SplitMix64;
use rayon::prelude::*;

use crate::error::argument;
use crate::{Error, Result};

/// Largest matrix whose eigenvalues are all computed.
const DENSE: usize = 256;
/// Largest matrix for the Krylov-Schur iteration. Beyond, its basis costs more than the answer is worth: the growth of a vector is within one part
/// in `sqrt(rows)` for random matrices, and exact for rings and rotations.
const KRYLOV: usize = 20_000;
/// Residual of the leading eigenpair, relative to the size of the eigenvalue.
const TOLERANCE: f64 = 1e-9;
/// Vectors of the Krylov basis; it restarts with half of them.
const BASIS: usize = 64;
/// Most restarts, and the multiplications of numbers that they may take in all.
const RESTARTS: usize = 300;
const WORK: f64 = 4e9;
/// Products that let a vector turn to what grows fastest, and products over which its growth is then measured.
const SETTLE: usize = 40;
const MEASURE: usize = 80;
/// Rows that one task multiplies.
const ROWS: usize = 4096;
/// Significant bits of a radius: what is beyond depends on the processor's vector units, and the weights should not.
const BITS: i32 = 26;

/// How a [`Spectral`] was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpectralMethod {
    /// All eigenvalues of the dense matrix: to rounding.
    Dense,
    /// Krylov-Schur iteration with products alone (Stewart 2001): the residual of the leading eigenpair is below 1e-9 of its eigenvalue.
    Krylov,
    /// Growth of a vector under the matrix (Gelfand's formula): for large matrices, and where the iteration did not converge. For random
    /// matrices of n rows it lies within a few parts in `sqrt(n)`.
    Growth,
}

/// The spectral radius of a matrix: the largest magnitude among its eigenvalues.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spectral {
    /// The radius, to 26 bits, so that nearly always it is the same number on every processor; save a network whose bits matter.
    pub radius: f64,
    /// How it was found.
    pub method: SpectralMethod,
    /// For [`SpectralMethod::Growth`], the relative difference of the growth in the two halves of the measurement; else 0.
    pub spread: f64,
}

/// The spectral radius of a square matrix. Deterministic: the start vector is fixed, and the bits do not depend on the number of threads.
///
/// Up to 256 rows all eigenvalues are computed; up to 20 000 the leading one by a matrix-free Krylov-Schur iteration; beyond, or where that does not
/// converge (many eigenvalues of one magnitude), the growth of a vector over 80 products is taken. 10^6 rows with 10 entries each take seconds.
///
/// # Errors
/// A matrix that is not square; products that overflow; [`Error::Argument`] for a dense iteration that does not converge.
///
/// ```
/// use limnos::reservoir::spectral_radius;
/// use limnos::spec::rate::SparseMatrix;
///
/// let turn = SparseMatrix::from_dense(2, 2, &[0.0, -0.5, 0.5, 0.0])?;
/// assert!((spectral_radius(&turn)?.radius - 0.5).abs() < 1e-7);
/// # Ok::<(), limnos::Error>(())
/// ```
pub fn spectral_radius(matrix: &SparseMatrix) -> Result<Spectral> {
    let n = matrix.rows();
    if n != matrix.columns() || n == 0 {
        let found = format!("{n} x {}", matrix.columns());
        return Err(argument("the matrix whose spectral radius is asked for", found, "a square matrix with rows"));
    }
    if n <= DENSE {
        let radius = rounded(dense(matrix)?);
        return Ok(Spectral { radius, method: SpectralMethod::Dense, spread: 0.0 });
    }
    if acyclic(matrix) {
        return Ok(Spectral { radius: 0.0, method: SpectralMethod::Growth, spread: 0.0 });
    }
    let growth = growth(matrix)?;
    if growth.radius == 0.0 || growth.spread < 1e-12 {
        return Ok(growth);
    }
    match (n <= KRYLOV).then(|| krylov(matrix, growth.radius)).flatten() {
        Some(radius) => Ok(Spectral { radius: rounded(radius), method: SpectralMethod::Krylov, spread: 0.0 }),
        None => Ok(growth),
    }
}

/// `matrix` with its spectral radius brought to `target`.
///
/// # Errors
/// As [`spectral_radius`]; a matrix whose radius is 0 (without cycles), unless the target is 0 too.
pub(super) fn scaled_to(matrix: SparseMatrix, target: f64) -> Result<SparseMatrix> {
    if target == 0.0 || matrix.is_empty() {
        return Ok(matrix.scaled(0.0)?);
    }
    let radius = spectral_radius(&matrix)?.radius;
    if radius == 0.0 {
        let allowed = "a matrix with cycles, whose spectral radius is above 0; give more connections, or weights to be taken as they are";
        return Err(argument("the recurrent weights", "a matrix of spectral radius 0", allowed));
    }
    Ok(matrix.scaled(target / radius)?)
}

/// `matrix`, whose spectral radius is known to be 1, with that of `target`.
pub(super) fn scaled_known(matrix: SparseMatrix, target: f64) -> Result<SparseMatrix> {
    Ok(matrix.scaled(target)?)
}

/// Whether no unit hears itself, through others or not: all eigenvalues are 0 then. Products alone do not tell, since a long chain is nearly a ring to them.
fn acyclic(matrix: &SparseMatrix) -> bool {
    let heard_of = |i: usize| {
        let (column, value) = matrix.row(i);
        column.iter().zip(value).filter(|(_, v)| **v != 0.0).map(|(&j, _)| j as usize)
    };
    let mut listeners = vec![0usize; matrix.rows()];
    (0..matrix.rows()).flat_map(heard_of).for_each(|j| listeners[j] += 1);
    let mut free: Vec<usize> = (0..matrix.rows()).filter(|&i| listeners[i] == 0).collect();
    let mut done = 0;
    while let Some(i) = free.pop() {
        done += 1;
        for j in heard_of(i) {
            listeners[j] -= 1;
            if listeners[j] == 0 {
                free.push(j);
            }
        }
    }
    done == matrix.rows()
}

/// The largest magnitude among all eigenvalues.
fn dense(matrix: &SparseMatrix) -> Result<f64> {
    let n = matrix.rows();
    let values = matrix.to_dense();
    let eigenvalues = MatRef::from_row_major_slice(&values, n, n).eigenvalues();
    let eigenvalues = eigenvalues.map_err(|_| not_converged(n))?;
    Ok(eigenvalues.iter().map(|z| z.re.hypot(z.im)).fold(0.0, f64::max))
}

fn not_converged(n: usize) -> Error {
    let allowed = "a matrix whose eigenvalues converge; scale it yourself and give it to be taken as it is";
    argument("the recurrent weights", format!("a {n} x {n} matrix whose eigenvalues do not converge"), allowed)
}

/// Magnitude of the leading eigenvalue, or `None` where it did not converge within the work allowed.
fn krylov(matrix: &SparseMatrix, size: f64) -> Option<f64> {
    let n = matrix.rows();
    let operator = Operator(matrix);
    let a_restart = BASIS as f64 / 2.0 * (matrix.len() + 4 * BASIS * n) as f64;
    let max_restarts = ((WORK / a_restart) as usize).clamp(4, RESTARTS);
    let params =
        PartialEigenParams { min_dim: BASIS / 2, max_dim: BASIS, max_restarts, ..PartialEigenParams::default() };
    let mut memory = MemBuffer::new(partial_eigen_scratch(&operator, 1, Par::Seq, params));
    let (mut values, mut vectors) = ([c64::new(0.0, 0.0)], Mat::zeros(n, 1));
    let start = start(n);
    let start = Col::from_fn(n, |i| start[i]);
    let stack = MemStack::new(&mut memory);
    let tolerance = TOLERANCE * size;
    let info =
        partial_eigen(vectors.as_mut(), &mut values, &operator, start.as_ref(), tolerance, Par::Seq, stack, params);
    let radius = values[0].re.hypot(values[0].im);
    (info.n_converged_eigen > 0 && radius.is_finite() && radius > 0.0).then_some(radius)
}

/// The matrix by its products.
#[derive(Debug)]
struct Operator<'a>(&'a SparseMatrix);

impl LinOp<f64> for Operator<'_> {
    fn apply_scratch(&self, _: usize, _: Par) -> StackReq {
        StackReq::EMPTY
    }

    fn nrows(&self) -> usize {
        self.0.rows()
    }

    fn ncols(&self) -> usize {
        self.0.columns()
    }

    fn apply(&self, mut out: MatMut<'_, f64>, rhs: MatRef<'_, f64>, _: Par, _: &mut MemStack) {
        for k in 0..rhs.ncols() {
            for i in 0..out.nrows() {
                let (column, value) = self.0.row(i);
                out[(i, k)] = column.iter().zip(value).map(|(&j, v)| v * rhs[(j as usize, k)]).sum();
            }
        }
    }

    fn conj_apply(&self, out: MatMut<'_, f64>, rhs: MatRef<'_, f64>, par: Par, stack: &mut MemStack) {
        self.apply(out, rhs, par, stack);
    }
}

/// How a vector grows under the matrix, as the mean factor of a product.
fn growth(matrix: &SparseMatrix) -> Result<Spectral> {
    let mut x = start(matrix.rows());
    let mut y = vec![0.0; x.len()];
    let mut logs = Vec::with_capacity(MEASURE);
    for step in 0..SETTLE + MEASURE {
        multiply(matrix, &x, &mut y);
        let factor = length(&y) / length(&x);
        if factor == 0.0 {
            return Ok(Spectral { radius: 0.0, method: SpectralMethod::Growth, spread: 0.0 });
        }
        if !factor.is_finite() {
            return Err(argument("the recurrent weights", "so large that products overflow", "smaller weights"));
        }
        if step >= SETTLE {
            logs.push(libm::log(factor));
        }
        let scale = 1.0 / length(&y);
        x.iter_mut().zip(&y).for_each(|(x, y)| *x = scale * y);
    }
    let mean = |logs: &[f64]| logs.iter().sum::<f64>() / logs.len() as f64;
    let (early, late) = logs.split_at(MEASURE / 2);
    let spread = (mean(late) - mean(early)).abs();
    Ok(Spectral { radius: rounded(libm::exp(mean(&logs))), method: SpectralMethod::Growth, spread })
}

/// `y = A x`, rows shared out among threads.
fn multiply(matrix: &SparseMatrix, x: &[f64], y: &mut [f64]) {
    y.par_chunks_mut(ROWS).enumerate().for_each(|(block, y)| {
        for (i, out) in y.iter_mut().enumerate() {
            let (column, value) = matrix.row(block * ROWS + i);
            *out = column.iter().zip(value).map(|(&j, v)| v * x[j as usize]).sum();
        }
    });
}

fn length(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// A fixed vector that no matrix of interest is blind to: its entries have random signs and sizes.
fn start(n: usize) -> Vec<f64> {
    let mut random = SplitMix64::new(0x5eed);
    (0..n).map(|_| 2.0 * random.next_f64() - 1.0).collect()
}

/// To [`BITS`] significant bits.
fn rounded(value: f64) -> f64 {
    let (_, exponent) = libm::frexp(value);
    libm::ldexp(libm::round(libm::ldexp(value, BITS - exponent)), exponent - BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(n: usize, degree: usize, seed: u64) -> SparseMatrix {
        let mut random = SplitMix64::new(seed);
        let entry = |k: usize| (k / degree, random.below(n), 2.0 * random.next_f64() - 1.0);
        SparseMatrix::from_triplets(n, n, &(0..n * degree).map(entry).collect::<Vec<_>>()).unwrap()
    }

    fn ring(n: usize, weight: f64) -> SparseMatrix {
        let entries: Vec<_> = (0..n).map(|i| (i, (i + n - 1) % n, weight)).collect();
        SparseMatrix::from_triplets(n, n, &entries).unwrap()
    }

    #[test]
    fn a_ring_has_the_radius_of_its_weight_at_any_size() {
        for n in [1, 2, 3, 255, 256, 257, 1000, 30_000] {
            let found = spectral_radius(&ring(n, -0.75)).unwrap();
            assert!((found.radius - 0.75).abs() < 1e-7, "{n}: {found:?}");
        }
    }

    #[test]
    fn triangular_matrices_have_their_diagonal() {
        // Far from normal: the norm is much larger than the radius.
        let n = 400;
        let mut entries: Vec<_> = (0..n).map(|i| (i, i, 0.9 * (i + 1) as f64 / n as f64)).collect();
        entries.extend((0..n - 1).map(|i| (i, i + 1, 0.05)));
        let found = spectral_radius(&SparseMatrix::from_triplets(n, n, &entries).unwrap()).unwrap();
        assert!((found.radius - 0.9).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn without_cycles_it_is_zero() {
        let chain: Vec<_> = (1..300).map(|i| (i, i - 1, 2.0)).collect();
        let chain = SparseMatrix::from_triplets(300, 300, &chain).unwrap();
        assert_eq!(spectral_radius(&chain).unwrap().radius, 0.0);
        let error = scaled_to(chain, 0.9).unwrap_err().to_string();
        assert!(error.contains("spectral radius 0") && error.contains("more connections"), "{error}");
    }

    #[test]
    fn random_matrices_agree_with_all_their_eigenvalues() {
        for (n, degree, seed) in [(300, 5, 1), (500, 10, 2), (700, 20, 3), (600, 600, 4)] {
            let matrix = random(n, degree, seed);
            let (found, expected) = (spectral_radius(&matrix).unwrap(), dense(&matrix).unwrap());
            assert_eq!(found.method, SpectralMethod::Krylov);
            assert!((found.radius / expected - 1.0).abs() < 1e-6, "{n}: {found:?}, dense {expected}");
            let grown = growth(&matrix).unwrap();
            let band = 4.0 / (n as f64).sqrt();
            assert!((grown.radius / expected - 1.0).abs() < band, "{n}: {grown:?}, dense {expected}");
        }
    }

    #[test]
    fn the_largest_eigenvalue_of_positive_weights_is_found_at_once() {
        // Every row sums to 3: by Perron and Frobenius that is the radius.
        let n = 5000;
        let entries: Vec<_> = (0..n).flat_map(|i| [1, 7, 41].map(|d| (i, (i * d + d) % n, 1.0))).collect();
        let found = spectral_radius(&SparseMatrix::from_triplets(n, n, &entries).unwrap()).unwrap();
        assert!((found.radius - 3.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn scaling_brings_the_radius_to_its_target() {
        let matrix = scaled_to(random(400, 10, 5), 1.25).unwrap();
        assert!((dense(&matrix).unwrap() - 1.25).abs() < 1e-6);
        assert!(scaled_to(random(400, 10, 5), 0.0).unwrap().value().iter().all(|&v| v == 0.0));
    }

    #[test]
    fn what_is_not_square_is_refused() {
        let error = spectral_radius(&SparseMatrix::empty(2, 3).unwrap()).unwrap_err().to_string();
        assert!(error.contains("2 x 3") && error.contains("square"), "{error}");
    }

    #[test]
    fn the_start_vector_and_the_rounding_are_fixed() {
        assert_eq!(rounded(1.0), 1.0);
        assert_eq!(rounded(0.0), 0.0);
        assert_eq!(rounded(0.1 + 1e-12), rounded(0.1));
        assert_ne!(rounded(0.1 + 1e-7), rounded(0.1));
        assert_eq!(start(3), start(5)[..3]);
    }

    #[test]
    #[ignore = "a minute: 10^6 units"]
    fn a_million_units_take_seconds() {
        let matrix = random(1_000_000, 10, 9);
        let began = std::time::Instant::now();
        let found = spectral_radius(&matrix).unwrap();
        // The circular law: sqrt(degree * variance), a variance of 1/3.
        let expected = (10.0_f64 / 3.0).sqrt();
        println!("{found:?}, circular law {expected}, {:?}", began.elapsed());
        assert!((found.radius / expected - 1.0).abs() < 5e-3, "{found:?}");
    }
}
