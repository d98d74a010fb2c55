//! How long a forecast of a chaotic system holds.

use ndarray::{ArrayView2, Axis};

use crate::Result;
use crate::error::argument;
use crate::measure::forecast::check_forecast;

/// The valid prediction time: how long ‖p - t‖ stays at or below `threshold` x scale, ‖·‖ over the dimensions of a
/// step.
///
/// J. Pathak, B. Hunt, M. Girvan, Z. Lu, E. Ott, Phys. Rev. Lett. 120:024102, 2018, with a threshold of 0.4; others
/// take 0.3, 0.5 or 0.9.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct ValidTime {
    /// Error that ends the forecast, in units of the scale; positive.
    pub threshold: f64,
    /// Time between two steps; positive.
    pub dt: f64,
    /// The largest Lyapunov exponent, per unit of the time of `dt`; not negative. 0 gives 0 Lyapunov times.
    pub lyapunov: f64,
    /// Root of the mean of ‖t - mean‖² over a long stretch of the system ([`spread`]); `None` takes that of the target
    /// itself.
    pub scale: Option<f64>,
}

/// How long a forecast was valid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidPrediction {
    /// Steps before the first one beyond the threshold.
    pub steps: usize,
    /// `steps` x dt.
    pub time: f64,
    /// Time in units of 1 / the Lyapunov exponent.
    pub lyapunov_times: f64,
    /// Whether every step was valid: a longer forecast might be valid for longer.
    pub whole: bool,
}

impl Default for ValidTime {
    /// Of the Lorenz system sampled every 0.02.
    fn default() -> Self {
        Self { threshold: 0.4, dt: 0.02, lyapunov: 0.9056, scale: None }
    }
}

impl ValidTime {
    /// Of a forecast, steps x dimensions, whose first row is one `dt` after the last value that was known. A prediction
    /// that is not finite is beyond any threshold.
    ///
    /// # Errors
    /// If a field is not in the range given at it, if the two differ in shape or are empty, if a target is not finite,
    /// or if the target is constant while `scale` is `None`.
    pub fn of(self, predicted: ArrayView2<'_, f64>, target: ArrayView2<'_, f64>) -> Result<ValidPrediction> {
        check_forecast(predicted, target)?;
        let scale = match self.scale {
            Some(scale) => scale,
            None => spread(target)?,
        };
        for (name, value) in [("threshold", self.threshold), ("dt", self.dt), ("scale", scale)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(argument(name, value, "positive and finite"));
            }
        }
        if !(self.lyapunov >= 0.0 && self.lyapunov.is_finite()) {
            return Err(argument("lyapunov", self.lyapunov, "finite and not negative"));
        }
        let limit = self.threshold * scale;
        let error = |(p, t): (ndarray::ArrayView1<'_, f64>, ndarray::ArrayView1<'_, f64>)| {
            p.iter().zip(t).map(|(p, t)| (p - t) * (p - t)).sum::<f64>().sqrt()
        };
        let errors = predicted.rows().into_iter().zip(target.rows()).map(error);
        let steps = errors.take_while(|error| *error <= limit).count();
        let time = steps as f64 * self.dt;
        Ok(ValidPrediction { steps, time, lyapunov_times: time * self.lyapunov, whole: steps == target.nrows() })
    }
}

/// How far a trajectory, steps x dimensions, is from its mean: the root of the mean over steps of ‖t - mean‖².
///
/// # Errors
/// If it is empty or has a value that is not finite.
pub fn spread(trajectory: ArrayView2<'_, f64>) -> Result<f64> {
    check_forecast(trajectory, trajectory)?;
    let mean = trajectory.mean_axis(Axis(0)).filter(|mean| !mean.is_empty());
    let mean = mean.ok_or_else(|| {
        argument("trajectory", format!("{:?}", trajectory.dim()), "at least one step and one dimension")
    })?;
    let square: f64 =
        trajectory.rows().into_iter().flat_map(|row| row.into_iter().zip(&mean)).map(|(x, m)| (x - m) * (x - m)).sum();
    Ok((square / trajectory.nrows() as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, s};

    use super::*;

    /// A circle of radius 2 in 100 steps, whose spread is 2.
    fn circle() -> Array2<f64> {
        Array2::from_shape_fn((100, 2), |(t, i)| {
            let angle = t as f64 * std::f64::consts::TAU / 100.0;
            2.0 * if i == 0 { angle.cos() } else { angle.sin() }
        })
    }

    #[test]
    fn a_growing_error_crosses_where_it_should() {
        let target = circle();
        assert!((spread(target.view()).unwrap() - 2.0).abs() < 1e-12);
        // An error of 0.01 e^(0.1 (t + 1)) reaches 0.4 x 2 at t + 1 = 10 ln 80 = 43.8: 43 steps are valid.
        let mut predicted = target.clone();
        for (t, mut row) in predicted.rows_mut().into_iter().enumerate() {
            row[0] += 0.01 * (0.1 * (t + 1) as f64).exp();
        }
        let valid = ValidTime { dt: 0.1, lyapunov: 1.0, ..ValidTime::default() };
        let found = valid.of(predicted.view(), target.view()).unwrap();
        assert_eq!((found.steps, found.whole), (43, false));
        assert!((found.time - 4.3).abs() < 1e-12 && found.time == found.lyapunov_times);
        // Twice the threshold, ln 2 / 0.1 = 6.9 steps later; so with twice the scale.
        let longer = ValidTime { threshold: 0.8, ..valid }.of(predicted.view(), target.view()).unwrap();
        assert_eq!(longer.steps, 50);
        let scaled = ValidTime { scale: Some(4.0), lyapunov: 0.5, ..valid };
        let scaled = scaled.of(predicted.view(), target.view()).unwrap();
        assert_eq!((scaled.steps, scaled.lyapunov_times), (50, 2.5));
    }

    #[test]
    fn perfect_is_whole_and_a_runaway_ends() {
        let target = circle();
        let valid = ValidTime::default();
        let perfect = valid.of(target.view(), target.view()).unwrap();
        assert_eq!((perfect.steps, perfect.whole), (100, true));
        for runaway in [f64::NAN, f64::INFINITY] {
            let mut predicted = target.clone();
            predicted.slice_mut(s![7.., 1]).fill(runaway);
            assert_eq!(valid.of(predicted.view(), target.view()).unwrap().steps, 7);
        }
    }
}
