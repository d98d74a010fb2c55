//! Damped least squares by the singular values of the features.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Col, Mat, Par};

/// A matrix of features, decomposed; solutions for any damping follow at once.
#[derive(Debug)]
pub(super) struct Decomposed {
    /// Singular values, descending.
    values: Vec<f64>,
    /// Right singular vectors, each divided by the scale of its features: features x values.
    right: Mat<f64>,
    /// Left singular vectors times targets: values x outputs.
    projected: Mat<f64>,
}

impl Decomposed {
    /// Decomposes features (steps x features), each divided by its root mean square first; `None` when the iteration does not converge.
    pub(super) fn new(mut features: Mat<f64>, targets: &Mat<f64>) -> Option<Self> {
        let (rows, columns) = features.shape();
        let scales: Vec<f64> = (0..columns).map(|j| scale(&mut features, j)).collect();
        let size = rows.min(columns);
        let (mut left, mut right, mut values) = (Mat::zeros(rows, size), Mat::zeros(columns, size), Col::zeros(size));
        let thin = ComputeSvdVectors::Thin;
        let request = svd_scratch::<f64>(rows, columns, thin, thin, Par::Seq, Default::default());
        let mut memory = MemBuffer::new(request);
        svd(
            features.as_ref(),
            values.as_mut().as_diagonal_mut(),
            Some(left.as_mut()),
            Some(right.as_mut()),
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        )
        .ok()?;
        for k in 0..size {
            for (j, scale) in scales.iter().enumerate() {
                right[(j, k)] /= scale;
            }
        }
        let mut projected = Mat::zeros(size, targets.ncols());
        let replace = faer::Accum::Replace;
        faer::linalg::matmul::matmul(projected.as_mut(), replace, left.transpose(), targets.as_ref(), 1.0, Par::Seq);
        Some(Self { values: (0..size).map(|k| values[k]).collect(), right, projected })
    }

    /// Weights (features x outputs, row-major) that damp what lies below `damping` times the largest singular value: Tikhonov's, with `alpha` the square of that.
    pub(super) fn weights(&self, damping: f64) -> Vec<f64> {
        let floor = damping * self.values.first().copied().unwrap_or(0.0);
        let filtered = Mat::from_fn(self.projected.nrows(), self.projected.ncols(), |k, o| {
            let denominator = self.values[k].powi(2) + floor.powi(2);
            if denominator > 0.0 { self.values[k] / denominator * self.projected[(k, o)] } else { 0.0 }
        });
        let mut weights = Mat::zeros(self.right.nrows(), filtered.ncols());
        let replace = faer::Accum::Replace;
        faer::linalg::matmul::matmul(weights.as_mut(), replace, self.right.as_ref(), filtered.as_ref(), 1.0, Par::Seq);
        (0..weights.nrows()).flat_map(|j| (0..weights.ncols()).map(move |o| (j, o))).map(|at| weights[at]).collect()
    }
}

/// Divides a column by its root mean square, and gives that; a column of zeros stays.
fn scale(features: &mut Mat<f64>, column: usize) -> f64 {
    let rows = features.nrows();
    let values = features.col_as_slice_mut(column);
    let rms = (values.iter().map(|x| x * x).sum::<f64>() / rows as f64).sqrt();
    let scale = if rms > 0.0 && rms.is_finite() { rms } else { 1.0 };
    values.iter_mut().for_each(|x| *x /= scale);
    scale
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of sizes 1 and 1e-6, the third almost the sum of these.
    fn ill_conditioned() -> Mat<f64> {
        let draw = |i: usize, j: usize| ((7 * i + 3 * j + i * j) % 11) as f64 - 5.0;
        Mat::from_fn(40, 3, |i, j| match j {
            0 => draw(i, 0),
            1 => 1e-6 * draw(i, 5),
            _ => draw(i, 0) + draw(i, 5) + 1e-7 * draw(i, 9),
        })
    }

    #[test]
    fn weights_of_an_ill_conditioned_system_are_found() {
        let features = ill_conditioned();
        let targets = Mat::from_fn(40, 1, |i, _| 2.0 * features[(i, 0)] + 3e6 * features[(i, 1)] - features[(i, 2)]);
        let weights = Decomposed::new(features, &targets).unwrap().weights(1e-13);
        for (found, wanted) in weights.iter().zip([2.0, 3e6, -1.0]) {
            assert!((found / wanted - 1.0).abs() < 1e-6, "{weights:?}");
        }
    }

    #[test]
    fn damping_shrinks_the_weights_of_what_is_weak() {
        let features = ill_conditioned();
        let targets = Mat::from_fn(40, 1, |i, _| features[(i, 2)]);
        let decomposed = Decomposed::new(features, &targets).unwrap();
        let norm = |damping: f64| decomposed.weights(damping)[2].abs();
        assert!(norm(1e-13) > 0.999 && norm(1e-3) < 0.9, "{} {}", norm(1e-13), norm(1e-3));
    }
}
