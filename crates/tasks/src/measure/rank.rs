//! How many directions the states of a reservoir span.

use ndarray::ArrayView2;

use crate::Result;
use crate::error::argument;
use crate::measure::svd::singular_values;

/// The numerical rank of a matrix by the rule of `numpy.linalg.matrix_rank`: how many singular values exceed
/// σ_max x max(rows, columns) x 2⁻⁵².
///
/// # Errors
/// If the matrix is empty or has a value that is not finite.
pub fn matrix_rank<T: Copy + Into<f64>>(matrix: ArrayView2<'_, T>) -> Result<usize> {
    let longer = matrix.nrows().max(matrix.ncols());
    rank_above(matrix, longer as f64 * f64::EPSILON)
}

/// The rank with a tolerance of one's own: how many singular values exceed `relative` σ_max. 0.01 counts the directions that
/// a readout can make use of among noise.
///
/// # Errors
/// If the matrix is empty or has a value that is not finite, or if `relative` is not at least 0 and below 1.
pub fn rank_above<T: Copy + Into<f64>>(matrix: ArrayView2<'_, T>, relative: f64) -> Result<usize> {
    if !(0.0..1.0).contains(&relative) {
        return Err(argument("relative", relative, "0 to below 1"));
    }
    let values = singular_values(matrix)?;
    Ok(values.iter().filter(|&&value| value > relative * values[0]).count())
}

/// The effective rank exp(-Σ p ln p), p = σ / Σ σ: a rank without a tolerance, from 1 to the shorter side; 0 for zeros.
///
/// Source: O. Roy, M. Vetterli, "The effective rank", EUSIPCO 2007.
///
/// # Errors
/// If the matrix is empty or has a value that is not finite.
pub fn effective_rank<T: Copy + Into<f64>>(matrix: ArrayView2<'_, T>) -> Result<f64> {
    let values = singular_values(matrix)?;
    let sum: f64 = values.iter().sum();
    let shares = values.iter().map(|value| value / sum).filter(|&p| p > 0.0);
    Ok(if sum > 0.0 { libm::exp(-shares.map(|p| p * libm::log(p)).sum::<f64>()) } else { 0.0 })
}

/// How well a reservoir separates inputs that differ, and how well it overlooks noise.
///
/// Source: R. Legenstein, W. Maass, "Edge of chaos and prediction of computational performance for neural circuit models",
/// Neural Networks 20:323, 2007.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KernelQuality {
    /// Rank of the states for inputs that differ: high is good.
    pub kernel_rank: usize,
    /// Rank of the states for noisy versions of one input, or of few: low is good.
    pub generalisation_rank: usize,
}

impl KernelQuality {
    /// Both ranks, by the rule of [`matrix_rank`], of matrices of one row of states (or spike counts) a sample.
    ///
    /// # Errors
    /// If a matrix is empty or has a value that is not finite, or if the two differ in shape: ranks of other numbers of
    /// samples do not compare.
    pub fn of<T: Copy + Into<f64>>(different: ArrayView2<'_, T>, noisy: ArrayView2<'_, T>) -> Result<Self> {
        if different.dim() != noisy.dim() {
            let allowed = format!("{:?}, as `different`", different.dim());
            return Err(argument("noisy", format!("{:?}", noisy.dim()), allowed));
        }
        Ok(Self { kernel_rank: matrix_rank(different)?, generalisation_rank: matrix_rank(noisy)? })
    }

    /// Kernel rank - generalisation rank.
    #[must_use]
    pub fn difference(&self) -> i64 {
        self.kernel_rank as i64 - self.generalisation_rank as i64
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, concatenate, s};

    use super::*;
    use crate::random::SplitMix64;

    /// 40 x 20 digits, of full rank.
    fn digits() -> Array2<u32> {
        let mut random = SplitMix64::new(5);
        Array2::from_shape_simple_fn((40, 20), || (random.next_f64() * 10.0) as u32)
    }

    #[test]
    fn columns_that_are_sums_add_nothing() {
        let full = digits();
        let sums = &full.slice(s![.., ..5]) + &full.slice(s![.., 5..10]);
        let redundant = concatenate![ndarray::Axis(1), full, sums];
        assert_eq!(matrix_rank(full.view()).unwrap(), 20);
        assert_eq!(matrix_rank(redundant.view()).unwrap(), 20);
        // One count more in one place, and a column does add something.
        let mut other = redundant;
        other[[0, 20]] += 1;
        assert_eq!(matrix_rank(other.view()).unwrap(), 21);
    }

    #[test]
    fn hilbert_matrices_have_the_rank_that_numpy_says() {
        // numpy.linalg.matrix_rank, 2.4.6; the values nearest to the tolerance are 5.6 and 0.02 times it.
        for (n, rank) in [(8, 8), (10, 10), (12, 11)] {
            let hilbert = Array2::from_shape_fn((n, n), |(i, j)| 1.0 / (i + j + 1) as f64);
            assert_eq!(matrix_rank(hilbert.view()).unwrap(), rank);
        }
    }

    #[test]
    fn other_tolerances() {
        let diagonal = Array2::from_diag(&ndarray::arr1(&[100.0, 10.0, 2.0, 0.5]));
        assert_eq!(rank_above(diagonal.view(), 0.01).unwrap(), 3);
        assert_eq!(rank_above(diagonal.view(), 0.1).unwrap(), 1);
        assert!((effective_rank(Array2::<f64>::eye(7).view()).unwrap() - 7.0).abs() < 1e-12);
        // exp of the entropy of numpy's singular values.
        assert!((effective_rank(digits().view()).unwrap() - 13.989_350_004_272_865).abs() < 1e-12);
        assert_eq!(effective_rank(Array2::<f64>::zeros((3, 3)).view()).unwrap(), 0.0);
    }

    #[test]
    fn kernel_quality_tells_different_from_noisy() {
        let different = digits();
        let noisy = Array2::from_shape_fn((40, 20), |(i, j)| different[[0, j]] + u32::from(j == 3 && i % 2 == 0));
        let quality = KernelQuality::of(different.view(), noisy.view()).unwrap();
        assert_eq!(quality, KernelQuality { kernel_rank: 20, generalisation_rank: 2 });
        assert_eq!(quality.difference(), 18);
    }
}
