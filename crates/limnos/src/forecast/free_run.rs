//! A fitted forecaster, and its closed loop.

use limnos_spec::rate::RateLayer;
use ndarray::{Array2, ArrayView2, Axis};

use super::basis::Basis;
use crate::Result;
use crate::error::argument;

/// How channels are standardised, and what range a forecast keeps to in these units.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scaling {
    mean: Vec<f64>,
    deviation: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Scaling {
    pub(super) fn of(series: &ArrayView2<'_, f64>, margin: f64) -> Self {
        let mut scaling = Self { mean: Vec::new(), deviation: Vec::new(), low: Vec::new(), high: Vec::new() };
        for channel in series.axis_iter(Axis(1)) {
            let n = channel.len() as f64;
            let mean = channel.sum() / n;
            let variance = channel.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
            let fold = |f: fn(f64, f64) -> f64, from| (channel.fold(from, |a, x| f(a, *x)) - mean) / deviation;
            let (low, high) = (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY));
            scaling.mean.push(mean);
            scaling.deviation.push(deviation);
            scaling.low.push(low - margin * (high - low));
            scaling.high.push(high + margin * (high - low));
        }
        scaling
    }

    pub(super) fn is_finite(&self) -> bool {
        [&self.mean, &self.deviation, &self.low, &self.high].into_iter().flatten().all(|v| v.is_finite())
    }

    /// The series in units of each channel's standard deviation about its mean, row-major.
    pub(super) fn standardized(&self, series: &ArrayView2<'_, f64>) -> Vec<f64> {
        series.indexed_iter().map(|((_, c), x)| (x - self.mean[c]) / self.deviation[c]).collect()
    }
}

/// One step of a reservoir. With a single layer the columns of its weights are `[inputs | states]`.
pub(super) fn advance(layer: &RateLayer, inputs: &[f64], state: &mut [f64], scratch: &mut Vec<f64>) {
    scratch.clear();
    scratch.extend_from_slice(inputs);
    scratch.extend_from_slice(state);
    scratch.resize(scratch.len() + layer.units, 0.0);
    let (gathered, summed) = scratch.split_at_mut(inputs.len() + layer.units);
    layer.weights.multiply(gathered, summed);
    for (i, (x, sum)) in state.iter_mut().zip(summed).enumerate() {
        let leak = layer.leak_of(i);
        *x = (1.0 - leak) * *x + leak * layer.activation.apply(layer.gain_of(i) * *sum + layer.bias_of(i));
    }
}

/// A forecaster at the end of the series that it learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedForecaster {
    pub(super) scaling: Scaling,
    pub(super) basis: Basis,
    pub(super) layer: Option<RateLayer>,
    /// Features x channels, row-major.
    pub(super) weights: Vec<f64>,
    /// The last rows that delays need, standardised.
    pub(super) past: Vec<f64>,
    pub(super) state: Vec<f64>,
}

impl FittedForecaster {
    /// The `steps` rows that follow the series: each row that is forecast is taken for true in the next step.
    #[must_use]
    pub fn forecast(&self, steps: usize) -> Array2<f64> {
        let channels = self.basis.inputs();
        let (mut rows, mut state) = (self.past.clone(), self.state.clone());
        let (mut features, mut scratch) = (vec![0.0; self.basis.width()], Vec::new());
        let first = rows.len();
        for step in 0..steps {
            if let Some(layer) = self.layer.as_ref().filter(|_| step > 0) {
                let now = rows.len() - channels;
                advance(layer, &rows[now..], &mut state, &mut scratch);
            }
            self.basis.write(&rows, &state, &mut features);
            self.push_next(&features, &mut rows);
        }
        let value = |(t, c)| self.scaling.mean[c] + self.scaling.deviation[c] * rows[first + t * channels + c];
        Array2::from_shape_fn((steps, channels), value)
    }

    /// Appends the row after the last one, kept within the range.
    fn push_next(&self, features: &[f64], rows: &mut Vec<f64>) {
        let channels = self.basis.inputs();
        let now = rows.len() - channels;
        rows.extend_from_within(now..);
        let next = &mut rows[now + channels..];
        for (feature, weights) in features.iter().zip(self.weights.chunks_exact(channels)) {
            next.iter_mut().zip(weights).for_each(|(x, weight)| *x += feature * weight);
        }
        for (c, x) in next.iter_mut().enumerate() {
            *x = if x.is_nan() { 0.0 } else { x.clamp(self.scaling.low[c], self.scaling.high[c]) };
        }
    }
}

/// One forecast of several: the median of each number (of an even number, the mean of the middle two), which a single forecast that runs away does not move.
///
/// # Errors
/// No forecasts, or forecasts of different sizes.
pub fn median_forecast(forecasts: &[Array2<f64>]) -> Result<Array2<f64>> {
    let Some(first) = forecasts.first() else {
        return Err(argument("forecasts", "empty", "at least one forecast"));
    };
    if let Some(other) = forecasts.iter().find(|f| f.dim() != first.dim()) {
        let found = format!("{:?} beside {:?}", other.dim(), first.dim());
        return Err(argument("forecasts", found, "forecasts of one size"));
    }
    let mut numbers = vec![0.0; forecasts.len()];
    Ok(Array2::from_shape_fn(first.dim(), |at| {
        numbers.iter_mut().zip(forecasts).for_each(|(x, forecast)| *x = forecast[at]);
        numbers.sort_unstable_by(f64::total_cmp);
        let middle = numbers.len() / 2;
        if numbers.len() % 2 == 1 { numbers[middle] } else { 0.5 * (numbers[middle - 1] + numbers[middle]) }
    }))
}

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;
    use crate::esn::Nvar;
    use crate::forecast::Forecaster;

    #[test]
    fn what_runs_away_is_held_at_the_margin() {
        let growth = Array2::from_shape_fn((200, 1), |(t, _)| (0.01 * t as f64).exp());
        let nvar = Nvar { delays: 1, stride: 1, order: 1 };
        let forecaster = Forecaster { nvar, warmup: 0, margin: 0.5, ..Forecaster::default() };
        let forecast = forecaster.fit(&growth).unwrap().forecast(200);
        let (low, high) = (1.0, 1.99_f64.exp());
        assert!((forecast[(9, 0)] / 2.09_f64.exp() - 1.0).abs() < 1e-6);
        assert!((forecast[(199, 0)] - (high + 0.5 * (high - low))).abs() < 1e-9);
    }

    #[test]
    fn a_median_is_not_moved_by_what_ran_away() {
        let forecasts = [arr2(&[[1.0, 2.0]]), arr2(&[[3.0, f64::NAN]]), arr2(&[[1e300, 4.0]])];
        assert_eq!(median_forecast(&forecasts).unwrap(), arr2(&[[3.0, 4.0]]));
        assert_eq!(median_forecast(&forecasts[..1]).unwrap(), forecasts[0]);
        assert_eq!(median_forecast(&[arr2(&[[1.0]]), arr2(&[[4.0]])]).unwrap(), arr2(&[[2.5]]));
        assert!(median_forecast(&[]).is_err());
        assert!(median_forecast(&[arr2(&[[1.0]]), arr2(&[[4.0, 1.0]])]).is_err());
    }
}
