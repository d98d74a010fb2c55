//! Linear memory capacity: how well the past of an input can be read off the states.

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::Result;
use crate::error::argument;

/// The linear memory capacity by delay.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryCapacity {
    /// The squared correlation of u(t - k) and what a readout says it was, 0 to 1; k = 1 first.
    pub by_delay: Vec<f64>,
}

impl MemoryCapacity {
    /// The sum over the delays: at most the number of units, for an input whose values are independent and a readout
    /// that is linear.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.by_delay.iter().sum()
    }

    /// From an input and predictions of its past on data that the readout was not fitted to: steps x delays, where
    /// column k - 1 predicts u(t - k) and the last row belongs to the last input. MC_k = cov² / (var u var p); 0 for a
    /// prediction that is constant.
    ///
    /// By chance each delay gets 1 / steps, and a readout fitted to the same steps would get units / steps: take many
    /// steps.
    ///
    /// Source: H. Jaeger, "Short term memory in echo state networks", GMD report 152, 2001.
    ///
    /// # Errors
    /// If there are fewer than two predictions or no delay, if there are not as many inputs as steps + delays, if a
    /// value is not finite, or if the input is constant.
    pub fn of(inputs: &[f64], predictions: ArrayView2<'_, f64>) -> Result<Self> {
        let (steps, delays) = predictions.dim();
        if steps < 2 || delays == 0 {
            let allowed = "at least two steps and one delay";
            return Err(argument("predictions", format!("{steps} steps x {delays} delays"), allowed));
        }
        check_inputs(inputs, steps.saturating_add(delays))?;
        if let Some(((t, k), p)) = predictions.indexed_iter().find(|(_, p)| !p.is_finite()) {
            return Err(argument("predictions", format!("{p} at step {t}, delay {}", k + 1), "finite numbers"));
        }
        let by_delay = predictions.columns().into_iter().zip(1..).map(|(column, delay)| {
            let last = inputs.len() - delay;
            squared_correlation(&inputs[last - steps..last], column)
        });
        Ok(Self { by_delay: by_delay.collect() })
    }
}

/// What a readout is fitted to for the memory capacity: steps x delays, with u(t - k) in column k - 1. Its last row
/// belongs to the last input and its first one to input `delays`, the first that has so long a past.
///
/// # Errors
/// If `delays` is 0, or if there are not more inputs than delays.
pub fn delayed_inputs(inputs: &[f64], delays: usize) -> Result<Array2<f64>> {
    if delays == 0 || delays >= inputs.len() {
        return Err(argument("delays", delays, format!("1 to below {}, the number of inputs", inputs.len())));
    }
    Ok(Array2::from_shape_fn((inputs.len() - delays, delays), |(t, k)| inputs[delays + t - (k + 1)]))
}

fn check_inputs(inputs: &[f64], least: usize) -> Result<()> {
    if inputs.len() < least {
        let allowed = format!("at least {least}, steps + delays: the inputs before the first prediction too");
        return Err(argument("inputs", format!("{} values", inputs.len()), allowed));
    }
    if let Some(i) = inputs.iter().position(|u| !u.is_finite()) {
        return Err(argument("inputs", format!("{} at {i}", inputs[i]), "finite numbers"));
    }
    if inputs.iter().all(|u| u == &inputs[0]) {
        return Err(argument("inputs", format!("{} everywhere", inputs[0]), "a series that varies"));
    }
    Ok(())
}

/// cov² / (var var), of two series of one length; 0 where one of them is constant.
fn squared_correlation(x: &[f64], y: ArrayView1<'_, f64>) -> f64 {
    // The mean of a constant is rounded, so that a variance alone does not tell.
    if x.iter().all(|v| v == &x[0]) || y.iter().all(|v| v == &y[0]) {
        return 0.0;
    }
    let n = x.len() as f64;
    let (x_mean, y_mean) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - x_mean, y - y_mean);
        (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
    }
    (xy / xx) * (xy / yy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    fn inputs(n: usize) -> Vec<f64> {
        let mut random = SplitMix64::new(8);
        (0..n).map(|_| 1.6 * random.next_f64() - 0.8).collect()
    }

    #[test]
    fn a_delay_line_has_its_length() {
        let u = inputs(3000);
        let targets = delayed_inputs(&u, 20).unwrap();
        // A line of 12 units says the past exactly up to 12, in any scale and sign, and then nothing.
        let predictions =
            Array2::from_shape_fn(targets.dim(), |(t, k)| if k < 12 { 3.0 - 2.0 * targets[[t, k]] } else { 0.3 });
        let capacity = MemoryCapacity::of(&u, predictions.view()).unwrap();
        assert!(capacity.by_delay[..12].iter().all(|c| (c - 1.0).abs() < 1e-12), "{capacity:?}");
        assert_eq!(capacity.by_delay[12..], [0.0; 8]);
        assert!((capacity.total() - 12.0).abs() < 1e-10);
        // The control: backwards in time each is the correlation with another input, which is chance.
        let backwards: Vec<f64> = u.iter().rev().copied().collect();
        let shifted = MemoryCapacity::of(&backwards, predictions.view()).unwrap();
        assert!(shifted.total() < 12.0 * 10.0 / 2980.0, "{}", shifted.total());
    }

    #[test]
    fn noise_takes_what_it_should() {
        // p = u + e with var e = 3 var u: MC = 1 / 4, with a standard error of about 2 x 0.5 x 0.75 / sqrt(n).
        let (u, mut random) = (inputs(40_001), SplitMix64::new(9));
        let p = Array2::from_shape_fn((40_000, 1), |(t, _)| u[t] + 3.0_f64.sqrt() * (1.6 * random.next_f64() - 0.8));
        let found = MemoryCapacity::of(&u, p.view()).unwrap().total();
        assert!((found - 0.25).abs() < 0.015, "{found}");
    }
}
