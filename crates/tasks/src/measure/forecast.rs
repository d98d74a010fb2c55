//! What the measures of forecasts, steps x dimensions, check alike.

use ndarray::ArrayView2;

use crate::Result;
use crate::error::argument;

/// Refuses other shapes than the target's, and a target that is not finite; a prediction may be anything.
pub(crate) fn check_forecast(predicted: ArrayView2<'_, f64>, target: ArrayView2<'_, f64>) -> Result<()> {
    if predicted.dim() != target.dim() {
        let allowed = format!("{:?}, as `target`", target.dim());
        return Err(argument("predicted", format!("{:?}", predicted.dim()), allowed));
    }
    match target.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((t, i), value)) => {
            Err(argument("target", format!("{value} at step {t}, dimension {i}"), "finite numbers"))
        }
        None => Ok(()),
    }
}
