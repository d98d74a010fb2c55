//! How good a prediction is.

use ndarray::Array2;

use crate::Result;
use crate::error::argument;

/// The share of labels that are right, 0 to 1.
///
/// # Errors
/// If the two differ in length or are empty.
pub fn accuracy(predicted: &[u32], actual: &[u32]) -> Result<f64> {
    check_lengths(predicted.len(), actual.len())?;
    let right = predicted.iter().zip(actual).filter(|(p, a)| p == a).count();
    Ok(right as f64 / actual.len() as f64)
}

/// How often class i was taken for class j, at row i (actual) and column j (predicted); classes x classes.
///
/// # Errors
/// If the two differ in length or are empty, if a label is not below `classes`, or if `classes` is not 1 to 4096.
pub fn confusion_matrix(predicted: &[u32], actual: &[u32], classes: u32) -> Result<Array2<u64>> {
    check_lengths(predicted.len(), actual.len())?;
    if !(1..=4096).contains(&classes) {
        return Err(argument("classes", classes, "1 to 4096"));
    }
    for (name, labels) in [("predicted", predicted), ("actual", actual)] {
        if let Some(i) = labels.iter().position(|&label| label >= classes) {
            let allowed = format!("below the number of classes, {classes}");
            return Err(argument(name, format!("{} at sample {i}", labels[i]), allowed));
        }
    }
    let mut counts = Array2::zeros((classes as usize, classes as usize));
    predicted.iter().zip(actual).for_each(|(&p, &a)| counts[[a as usize, p as usize]] += 1);
    Ok(counts)
}

/// What the error of a prediction is measured in. The literature uses both under the one name of NRMSE: say which.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Norm {
    /// The standard deviation of the target, so that its mean as the prediction gives 1: sqrt(mean squared error /
    /// variance).
    #[default]
    Variance,
    /// Largest - smallest target.
    Range,
}

/// The root of the mean squared error over the standard deviation of the target: 0 is perfect, 1 is what its mean
/// gives.
///
/// # Errors
/// If the two differ in length or are empty, if a value is not finite, or if the target is constant.
pub fn nrmse(predicted: &[f64], target: &[f64]) -> Result<f64> {
    nrmse_by(predicted, target, Norm::Variance)
}

/// The root of the mean squared error over a norm of the target.
///
/// # Errors
/// As [`nrmse`].
pub fn nrmse_by(predicted: &[f64], target: &[f64], norm: Norm) -> Result<f64> {
    check_lengths(predicted.len(), target.len())?;
    for (name, values) in [("predicted", predicted), ("target", target)] {
        if let Some(i) = values.iter().position(|x| !x.is_finite()) {
            return Err(argument(name, format!("{} at {i}", values[i]), "finite numbers"));
        }
    }
    if target.iter().all(|t| t == &target[0]) {
        return Err(argument("target", format!("{} everywhere", target[0]), "a series that varies"));
    }
    let n = target.len() as f64;
    let error = predicted.iter().zip(target).map(|(p, t)| (p - t).powi(2)).sum::<f64>() / n;
    Ok((error / norm.squared(target)).sqrt())
}

impl Norm {
    fn squared(self, target: &[f64]) -> f64 {
        match self {
            Self::Variance => {
                let n = target.len() as f64;
                let mean = target.iter().sum::<f64>() / n;
                target.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / n
            }
            Self::Range => {
                let extremes = |(low, high): (f64, f64), &t| (low.min(t), high.max(t));
                let (low, high) = target.iter().fold((f64::INFINITY, f64::NEG_INFINITY), extremes);
                (high - low).powi(2)
            }
        }
    }
}

fn check_lengths(predicted: usize, actual: usize) -> Result<()> {
    if predicted != actual || actual == 0 {
        let allowed = format!("as many as there are true ones, {actual}, and at least one");
        return Err(argument("predicted", format!("{predicted} values"), allowed));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_counts_hits() {
        assert_eq!(accuracy(&[1, 2, 3, 4], &[1, 2, 0, 4]).unwrap(), 0.75);
    }

    #[test]
    fn confusion_has_actual_rows_and_predicted_columns() {
        let counts = confusion_matrix(&[0, 1, 1], &[0, 0, 1], 2).unwrap();
        assert_eq!(counts, ndarray::arr2(&[[1, 1], [0, 1]]));
    }

    #[test]
    fn nrmse_of_the_mean_is_one_and_of_the_target_zero() {
        let target = [1.0, 2.0, 3.0, 6.0];
        assert!((nrmse(&[3.0; 4], &target).unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(nrmse(&target, &target).unwrap(), 0.0);
        // Variance (4 + 1 + 0 + 9) / 4, range 5; both are the unit of an error of 1 everywhere.
        let off = target.map(|t| t + 1.0);
        assert!((nrmse(&off, &target).unwrap() - 1.0 / 3.5_f64.sqrt()).abs() < 1e-15);
        assert_eq!(nrmse_by(&off, &target, Norm::Range).unwrap(), 0.2);
    }
}
