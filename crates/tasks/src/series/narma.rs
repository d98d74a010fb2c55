//! The NARMA-10 task.

use crate::random::SplitMix64;
use crate::{Error, Result};

/// Input and target of a NARMA task, of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct Narma {
    /// u(t), uniform in 0 to 0.5.
    pub input: Vec<f64>,
    /// y(t + 1), what the system answers once it has seen u(t).
    pub target: Vec<f64>,
}

/// Memory of the system.
const ORDER: usize = 10;

/// A bounded series stays below 1; beyond this it only grows.
const BOUND: f64 = 10.0;

/// The tenth-order nonlinear autoregressive moving average task:
/// y(t+1) = 0.3 y(t) + 0.05 y(t) (y(t) + ... + y(t-9)) + 1.5 u(t-9) u(t) + 0.1, with y and u zero before the start.
///
/// A. F. Atiya, A. G. Parlos, "New results on recurrent network training", IEEE Transactions on Neural Networks 11:697,
/// 2000. The input is drawn by [`SplitMix64`] from `seed`.
///
/// # Errors
/// If the series runs away, which it does for a few inputs.
pub fn narma10(n: usize, seed: u64) -> Result<Narma> {
    let mut random = SplitMix64::new(seed);
    let input: Vec<f64> = (0..n).map(|_| 0.5 * random.next_f64()).collect();
    let target = respond(&input).map_err(|step| Error::Diverged { series: "NARMA-10", step, seed })?;
    Ok(Narma { input, target })
}

/// The answer to an input, or the step where it leaves its bounds.
fn respond(input: &[f64]) -> std::result::Result<Vec<f64>, usize> {
    let mut y: Vec<f64> = Vec::with_capacity(input.len());
    for (t, &u) in input.iter().enumerate() {
        let now = y.last().copied().unwrap_or(0.0);
        let sum: f64 = y.iter().rev().take(ORDER).sum();
        let old = if t + 1 >= ORDER { input[t + 1 - ORDER] } else { 0.0 };
        let next = 0.3 * now + 0.05 * now * sum + 1.5 * old * u + 0.1;
        if next.is_nan() || next >= BOUND {
            return Err(t);
        }
        y.push(next);
    }
    Ok(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_goes_to_the_fixed_point() {
        // u = 0: y = 0.3 y + 0.5 y^2 + 0.1, the smaller root of 0.5 y^2 - 0.7 y + 0.1.
        let fixed = 0.7 - (0.49_f64 - 0.2).sqrt();
        let last = respond(&[0.0; 200]).unwrap()[199];
        assert!((last - fixed).abs() < 1e-12, "{last} against {fixed}");
    }

    #[test]
    fn an_early_and_a_late_pulse_multiply_ten_steps_apart() {
        // Two pulses give the product term only when they are 9 steps apart.
        let at = |gap: usize| {
            let mut input = [0.0; 40];
            input[20] = 0.5;
            input[20 + gap] = 0.5;
            respond(&input).unwrap()[20 + gap]
        };
        assert!((at(9) - at(8) - 1.5 * 0.25).abs() < 1e-4);
        assert!((at(10) - at(8)).abs() < 1e-4);
    }

    #[test]
    fn running_away_is_an_error() {
        assert!(respond(&[2.0; 200]).is_err());
    }
}
