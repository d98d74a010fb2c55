//! The symmetric mean absolute percentage error.

use ndarray::ArrayView2;

use crate::Result;
use crate::error::argument;
use crate::measure::forecast::check_forecast;

/// The symmetric mean absolute percentage error of a forecast, steps x dimensions: the mean of 200 |p - t| / (|p| +
/// |t|) over all of them, 0 to 200, where 0 for 0 is right. A prediction that is not finite counts 200: a forecast that
/// ran away is scored and not left out.
///
/// This is the scale of the published scores of dysts (W. Gilpin, "Chaos as an interpretable benchmark for forecasting
/// and data-driven modelling", NeurIPS Datasets and Benchmarks 2021); other texts divide by two.
///
/// # Errors
/// If the two differ in shape or are empty, or if a target is not finite.
pub fn smape(predicted: ArrayView2<'_, f64>, target: ArrayView2<'_, f64>) -> Result<f64> {
    check_forecast(predicted, target)?;
    if predicted.is_empty() {
        return Err(argument("predicted", format!("{:?}", predicted.dim()), "at least one step and one dimension"));
    }
    let sum: f64 = predicted.iter().zip(&target).map(|(&p, &t)| percentage(p, t)).sum();
    Ok(sum / predicted.len() as f64)
}

fn percentage(predicted: f64, target: f64) -> f64 {
    if predicted == target {
        return 0.0;
    }
    let size = predicted.abs() + target.abs();
    if size.is_finite() { 200.0 * ((predicted - target).abs() / size) } else { 200.0 }
}

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;

    #[test]
    fn from_nothing_to_two_hundred() {
        let target = arr2(&[[1.0, -3.0], [0.0, 2.0]]);
        let score = |predicted: &[[f64; 2]; 2]| smape(arr2(predicted).view(), target.view()).unwrap();
        assert_eq!(score(&[[1.0, -3.0], [0.0, 2.0]]), 0.0);
        assert!((score(&[[-1.0, 3.0], [1.0, -2.0]]) - 200.0).abs() < 1e-12);
        // 200 x (2 / 4 + 0 + 0 + 0) / 4.
        assert!((score(&[[3.0, -3.0], [0.0, 2.0]]) - 25.0).abs() < 1e-12);
        // One of four ran away.
        for runaway in [f64::NAN, f64::INFINITY, f64::MAX] {
            assert_eq!(score(&[[1.0, -3.0], [0.0, runaway]]), 50.0);
        }
    }
}
