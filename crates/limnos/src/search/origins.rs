//! Cross-validation on rolling origins: learn from a series up to a point, be judged on what follows it, go on.

use limnos_engine::{Device, EngineError};
use ndarray::{ArrayView2, Axis, s};

use crate::error::argument;
use crate::esn::{Esn, EsnConfig};
use crate::{Error, Result};

/// Origins at which learning ends and a forecast begins: the last `folds` stretches of `horizon` steps are forecast one after another, each from all that came before it
/// (Tashman 2000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct RollingOrigins {
    /// Number of origins, 1 or more.
    pub folds: usize,
    /// Steps that are judged after each, 1 or more.
    pub horizon: usize,
}

impl Default for RollingOrigins {
    /// Three origins, 100 steps each.
    fn default() -> Self {
        Self { folds: 3, horizon: 100 }
    }
}

/// No forecast counts as worse than this, so that one that runs away does not drown the others.
const WORST: f64 = 10.0;

impl RollingOrigins {
    /// The origins in a series of so many steps.
    ///
    /// # Errors
    /// No folds, no horizon, or a series too short for them.
    pub fn origins(&self, steps: usize) -> Result<Vec<usize>> {
        let judged = self.folds.saturating_mul(self.horizon);
        if judged == 0 || judged.saturating_add(2) > steps {
            let found = format!("{} of {} steps in a series of {steps}", self.folds, self.horizon);
            return Err(argument(
                "folds",
                found,
                "one fold and step or more, and a series that leaves steps to learn from",
            ));
        }
        Ok((0..self.folds).map(|k| steps - judged + k * self.horizon).collect())
    }

    /// The mean error of free runs of a network from each origin: root mean squared over steps and channels, each channel over its standard deviation in the series, not
    /// above 10. `share` of the series is used, its last part.
    ///
    /// # Errors
    /// As [`Self::origins`]; as [`Esn::fit_forecast`]; a channel that is constant.
    pub fn forecast_error(
        &self,
        device: &Device,
        config: EsnConfig,
        series: ArrayView2<'_, f64>,
        share: f64,
    ) -> Result<f64> {
        let series = last_part(&series, share);
        let spread = spread(&series)?;
        let mut esn = Esn::new(device, config)?;
        self.mean_error(series.nrows(), |origin| {
            esn.fit_forecast(series.slice(s![..origin, ..]))?;
            let truth = series.slice(s![origin..origin + self.horizon, ..]);
            match esn.generate(self.horizon) {
                Ok(forecast) => Ok(error(&forecast.view(), &truth, &spread)),
                // A state that overflowed is a bad forecast, not a broken search.
                Err(Error::Engine(EngineError::Invalid { .. })) => Ok(WORST),
                Err(error) => Err(error),
            }
        })
    }

    /// The mean error of outputs `y` from inputs `x` after each origin, learned from what came before it; measured as in [`Self::forecast_error`].
    ///
    /// # Errors
    /// As [`Self::origins`]; as [`Esn::fit`] and [`Esn::predict`]; an output that is constant.
    pub fn output_error(
        &self,
        device: &Device,
        config: EsnConfig,
        x: ArrayView2<'_, f64>,
        y: ArrayView2<'_, f64>,
        share: f64,
    ) -> Result<f64> {
        if x.nrows() != y.nrows() {
            return Err(argument("y", format!("{} steps", y.nrows()), format!("the {} of `x`", x.nrows())));
        }
        let (x, y) = (last_part(&x, share), last_part(&y, share));
        let spread = spread(&y)?;
        let mut esn = Esn::new(device, config)?;
        self.mean_error(x.nrows(), |origin| {
            esn.fit(x.slice(s![..origin, ..]), y.slice(s![..origin, ..]))?;
            let rows = origin..origin + self.horizon;
            let predicted = esn.advance(x.slice(s![rows.clone(), ..]))?;
            Ok(error(&predicted.view(), &y.slice(s![rows, ..]), &spread))
        })
    }

    fn mean_error(&self, steps: usize, mut at: impl FnMut(usize) -> Result<f64>) -> Result<f64> {
        let origins = self.origins(steps)?;
        let sum = origins.iter().try_fold(0.0, |sum, &origin| at(origin).map(|error| sum + error))?;
        Ok(sum / self.folds as f64)
    }
}

fn last_part<'a>(series: &ArrayView2<'a, f64>, share: f64) -> ArrayView2<'a, f64> {
    let steps = (share.clamp(0.0, 1.0) * series.nrows() as f64).ceil() as usize;
    let mut series = *series;
    series.slice_axis_inplace(Axis(0), (series.nrows() - steps.min(series.nrows())..).into());
    series
}

fn spread(series: &ArrayView2<'_, f64>) -> Result<Vec<f64>> {
    let spread = if series.is_empty() { Vec::new() } else { series.std_axis(Axis(0), 0.0).to_vec() };
    match spread.iter().position(|sd| !(*sd > 0.0 && sd.is_finite())) {
        Some(channel) => {
            Err(argument("series", format!("constant or not finite in channel {channel}"), "channels that vary"))
        }
        None => Ok(spread),
    }
}

fn error(found: &ArrayView2<'_, f64>, truth: &ArrayView2<'_, f64>, spread: &[f64]) -> f64 {
    let squared = found.indexed_iter().map(|((t, c), x)| ((x - truth[(t, c)]) / spread[c]).powi(2));
    let mean = squared.sum::<f64>() / found.len() as f64;
    // NaN would be passed over by `min`.
    if mean.is_nan() { WORST } else { mean.sqrt().min(WORST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_leave_a_horizon_each() {
        assert_eq!(RollingOrigins { folds: 3, horizon: 10 }.origins(100).unwrap(), [70, 80, 90]);
        assert!(RollingOrigins { folds: 3, horizon: 33 }.origins(100).is_err());
        assert!(RollingOrigins { folds: 0, horizon: 10 }.origins(100).is_err());
        assert!(RollingOrigins { folds: usize::MAX, horizon: 2 }.origins(100).is_err());
    }
}
