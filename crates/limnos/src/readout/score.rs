//! Quality of predictions: R2 and accuracy.

use ndarray::{ArrayRef2, Axis};

/// Coefficient of determination 1 - SS_res / SS_tot, averaged over the outputs with equal weights (scikit-learn's
/// `r2_score`).
///
/// A constant output counts 1 when it is met exactly, else 0.
pub(super) fn r2(target: &ArrayRef2<f64>, predicted: &ArrayRef2<f64>) -> f64 {
    let each = target.axis_iter(Axis(1)).zip(predicted.axis_iter(Axis(1))).map(|(y, p)| {
        let mean = y.sum() / y.len() as f64;
        let residual: f64 = y.iter().zip(&p).map(|(y, p)| (y - p).powi(2)).sum();
        let total: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
        ratio(residual, total)
    });
    each.sum::<f64>() / target.ncols() as f64
}

fn ratio(residual: f64, total: f64) -> f64 {
    if total > 0.0 {
        1.0 - residual / total
    } else if residual == 0.0 {
        1.0
    } else {
        0.0
    }
}

/// Fraction of labels met.
pub(super) fn accuracy(labels: &[usize], predicted: &[usize]) -> f64 {
    let met = labels.iter().zip(predicted).filter(|(a, b)| a == b).count();
    met as f64 / labels.len() as f64
}
