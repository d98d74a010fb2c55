//! The choice of alpha: exact leave-one-out errors and generalised cross-validation from one eigendecomposition.
//!
//! With the hat matrix `H(alpha)`, `fitted = H y`: the leave-one-out residual is `r_i / (1 - h_ii)` (Allen 1974), and
//! `GCV = n |r|^2 / tr(I - H)^2` (Golub, Heath and Wahba 1979). Primal: `x^T x = V L V^T`, `h_ii = sum_k (x V)_ik^2 /
//! (l_k + alpha)`. Dual: `x x^T = U L U^T`, `I - H = alpha U (L + alpha)^-1 U^T`, so alpha cancels from the
//! leave-one-out residual. A bias adds 1/n to each `h_ii`. Errors are means over samples and outputs.

use ndarray::{Array2, ArrayRef2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::super::{Feature, ReadoutError, solve, solve::Spectrum};
use super::{Candidate, moments::Normal};

/// Samples that one task judges.
const ROWS: usize = 256;

/// How an alpha is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Criterion {
    LeaveOneOut,
    GeneralizedCv,
}

/// Sums over samples and outputs: of squared leave-one-out residuals, and of squared residuals.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    left_out: f64,
    residual: f64,
}

/// The eigendecomposition, or an error that says what to do without.
pub(super) fn decompose(a: &ArrayRef2<f64>) -> Result<Spectrum, ReadoutError> {
    solve::spectrum(a).ok_or(ReadoutError::Eigenvalues { size: a.nrows() })
}

/// The first alpha of the least error.
pub(super) fn best(search: &[Candidate]) -> Result<f64, ReadoutError> {
    let usable = search.iter().filter(|candidate| candidate.error.is_finite());
    let least = usable.reduce(|best, next| if next.error < best.error { next } else { best });
    let largest = search.iter().map(|candidate| candidate.alpha).fold(0.0, f64::max);
    least.map(|candidate| candidate.alpha).ok_or(ReadoutError::NoUsableAlpha { largest })
}

/// Errors of a grid by the samples themselves, from the primal normal equations.
pub(super) fn primal<F: Feature>(
    normal: &Normal,
    x: &ArrayRef2<F>,
    y: &ArrayView2<'_, f64>,
    grid: &[f64],
    criterion: Criterion,
) -> Result<Vec<Candidate>, ReadoutError> {
    let spectrum = decompose(&normal.gram.dense())?;
    let judge = Judge::new(normal, &spectrum, grid);
    let blocks: Vec<Vec<Sums>> = (0..x.nrows())
        .into_par_iter()
        .step_by(ROWS)
        .map(|first| {
            let rows = first..x.nrows().min(first + ROWS);
            judge.block(&x.slice(s![rows.clone(), ..]), &y.slice(s![rows, ..]))
        })
        .collect();
    let candidate = |(a, &alpha): (usize, &f64)| {
        let residual: f64 = blocks.iter().map(|block| block[a].residual).sum();
        let left_out: f64 = blocks.iter().map(|block| block[a].left_out).sum();
        let error = match criterion {
            Criterion::LeaveOneOut => left_out / y.len() as f64,
            Criterion::GeneralizedCv => gcv(residual, residual_freedom(normal, &spectrum, alpha), x.nrows(), y.ncols()),
        };
        Candidate { alpha, error }
    };
    Ok(grid.iter().enumerate().map(candidate).collect())
}

/// What is needed to judge a block of samples under each alpha.
struct Judge<'a> {
    normal: &'a Normal,
    /// Eigenvectors over all features.
    vectors: Array2<f64>,
    /// `1 / (l_k + alpha)`: eigenvalues x grid.
    shrink: Array2<f64>,
    /// `V^T x^T y / (l_k + alpha)` for each alpha: eigenvalues x (grid * outputs).
    coefficients: Array2<f64>,
}

impl<'a> Judge<'a> {
    fn new(normal: &'a Normal, spectrum: &Spectrum, grid: &[f64]) -> Self {
        let (k, outputs) = normal.cross.dim();
        let projected = project(&spectrum.vectors, &normal.cross);
        let shrink = Array2::from_shape_fn((k, grid.len()), |(k, a)| 1.0 / (spectrum.values[k].max(0.0) + grid[a]));
        let coefficients = Array2::from_shape_fn((k, grid.len() * outputs), |(k, column)| {
            projected[(k, column % outputs)] * shrink[(k, column / outputs)]
        });
        Self { vectors: normal.spread(&spectrum.vectors), normal, shrink, coefficients }
    }

    /// Sums of one block for each alpha.
    fn block<F: Feature>(&self, x: &ArrayView2<'_, F>, y: &ArrayView2<'_, f64>) -> Vec<Sums> {
        let rotated = self.rotate(x);
        let fitted = multiply(&rotated, &self.coefficients);
        let leverage = multiply(&rotated.mapv(|value| value * value), &self.shrink);
        (0..self.shrink.ncols()).map(|a| self.sums(a, &fitted, &leverage, y)).collect()
    }

    fn rotate<F: Feature>(&self, x: &ArrayView2<'_, F>) -> Array2<f64> {
        let mut scaled = Array2::zeros(x.dim());
        for (row, mut out) in x.axis_iter(Axis(0)).zip(scaled.outer_iter_mut()) {
            self.normal.scaling.row_into(row, out.as_slice_mut().expect("a new array's rows should be contiguous"));
        }
        multiply(&scaled, &self.vectors)
    }

    fn sums(&self, a: usize, fitted: &Array2<f64>, leverage: &Array2<f64>, y: &ArrayView2<'_, f64>) -> Sums {
        let outputs = y.ncols();
        let bias_leverage = if self.normal.fit_bias { 1.0 / self.normal.samples as f64 } else { 0.0 };
        let mut sums = Sums::default();
        for ((i, o), y) in y.indexed_iter() {
            let residual = y - self.normal.target_mean[o] - fitted[(i, a * outputs + o)];
            let left_out = left_out(residual, 1.0 - bias_leverage - leverage[(i, a)]);
            sums.residual += residual * residual;
            sums.left_out += left_out * left_out;
        }
        sums
    }
}

/// Infinite where the sample alone decides its fit.
fn left_out(residual: f64, freedom: f64) -> f64 {
    if freedom > f64::EPSILON { residual / freedom } else { f64::INFINITY }
}

/// Generalised cross-validation from the normal equations alone: `|r|^2 = y^T y - sum_k c_k^2 (l_k + 2 alpha) / (l_k +
/// alpha)^2` with `c = V^T x^T y`. Residuals below 1e-15 of the targets' sum of squares are lost in rounding.
pub(super) fn from_normal(normal: &Normal, grid: &[f64]) -> Result<Vec<Candidate>, ReadoutError> {
    let spectrum = decompose(&normal.gram.dense())?;
    let projected = project(&spectrum.vectors, &normal.cross);
    let candidate = |&alpha: &f64| {
        let explained: f64 =
            projected.outer_iter().zip(&spectrum.values).map(|(c, l)| explained(c.dot(&c), *l, alpha)).sum();
        let residual = (normal.target.iter().sum::<f64>() - explained).max(0.0);
        let freedom = residual_freedom(normal, &spectrum, alpha);
        Candidate { alpha, error: gcv(residual, freedom, normal.samples, normal.target.len()) }
    };
    Ok(grid.iter().map(candidate).collect())
}

fn explained(squared: f64, value: f64, alpha: f64) -> f64 {
    let value = value.max(0.0);
    squared * (value + 2.0 * alpha) / (value + alpha).powi(2)
}

/// `tr(I - H)`.
fn residual_freedom(normal: &Normal, spectrum: &Spectrum, alpha: f64) -> f64 {
    let bias = if normal.fit_bias { 1.0 } else { 0.0 };
    let used: f64 = spectrum.values.iter().map(|l| l.max(0.0) / (l.max(0.0) + alpha)).sum();
    normal.samples as f64 - bias - used
}

fn gcv(residual: f64, freedom: f64, samples: usize, outputs: usize) -> f64 {
    let n = samples as f64;
    if freedom > n * f64::EPSILON { n * residual / (freedom * freedom) / outputs as f64 } else { f64::INFINITY }
}

/// Errors of a grid from the dual form: `gram` is `x x^T` of scaled samples, `y` their centred targets.
pub(super) fn dual(
    gram: &Array2<f64>,
    y: &Array2<f64>,
    fit_bias: bool,
    grid: &[f64],
    criterion: Criterion,
) -> Result<Vec<Candidate>, ReadoutError> {
    let spectrum = dual_spectrum(gram, fit_bias)?;
    let projected = project(&spectrum.vectors, y);
    let squared = spectrum.vectors.mapv(|value| value * value);
    let candidate = |&alpha: &f64| {
        let shrink =
            Array2::from_shape_fn((spectrum.values.len(), 1), |(k, _)| 1.0 / (spectrum.values[k].max(0.0) + alpha));
        let dual = multiply(&spectrum.vectors, &(&projected * &shrink));
        let error = match criterion {
            Criterion::LeaveOneOut => dual_left_out(&dual, &multiply(&squared, &shrink)),
            Criterion::GeneralizedCv => dual_gcv(&dual, shrink.sum()),
        };
        Candidate { alpha, error }
    };
    Ok(grid.iter().map(candidate).collect())
}

/// GCV of the dual coefficients: residuals are `alpha a`, `tr(I - H)` is `alpha` times the trace of `(x x^T +
/// alpha)^-1`.
fn dual_gcv(dual: &Array2<f64>, trace: f64) -> f64 {
    let squares = dual.mapv(|a| a * a).sum();
    dual.nrows() as f64 * squares / (trace * trace) / dual.ncols() as f64
}

/// Mean of `(a_i / g_ii)^2`, where `a` are the dual coefficients and `g_ii` the diagonal of `(x x^T + alpha)^-1`.
fn dual_left_out(dual: &Array2<f64>, diagonal: &Array2<f64>) -> f64 {
    let squares = dual.indexed_iter().map(|((i, _), a)| (a / diagonal[(i, 0)]).powi(2));
    squares.sum::<f64>() / dual.len() as f64
}

/// Eigenpairs of the dual Gram matrix, without the constant vector that the bias takes: lifted to the largest
/// eigenvalue, it cannot mix with others and is dropped as the last.
fn dual_spectrum(gram: &Array2<f64>, fit_bias: bool) -> Result<Spectrum, ReadoutError> {
    if !fit_bias {
        return decompose(gram);
    }
    let n = gram.nrows();
    let trace = gram.diag().sum();
    let lift = if trace > 0.0 { 2.0 * trace } else { 1.0 };
    let mut spectrum = decompose(&(gram + lift / n as f64))?;
    spectrum.values.pop();
    spectrum.vectors = spectrum.vectors.slice(s![.., ..n - 1]).to_owned();
    Ok(spectrum)
}

/// `vectors^T b`.
fn project(vectors: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let mut out = Array2::zeros((vectors.ncols(), b.ncols()));
    solve::add_transposed_product(vectors, b, &mut out);
    out
}

fn multiply(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let mut out = Array2::zeros((a.nrows(), b.ncols()));
    solve::product(a, b, &mut out);
    out
}
