//! The NARMA tasks.

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

/// A system y(t+1) = a y(t) + b y(t) (y(t) + ... + y(t-n+1)) + c u(t-n+1) u(t) + d, with y and u zero before the start.
struct System {
    name: &'static str,
    order: usize,
    linear: f64,
    product: f64,
    input: f64,
    constant: f64,
    /// Whether the next value is tanh of the right side, plus 0.2.
    saturates: bool,
}

const NARMA10: System =
    System { name: "NARMA-10", order: 10, linear: 0.3, product: 0.05, input: 1.5, constant: 0.1, saturates: false };
const NARMA20: System =
    System { name: "NARMA-20", order: 20, linear: 0.3, product: 0.05, input: 1.5, constant: 0.01, saturates: true };
const NARMA30: System =
    System { name: "NARMA-30", order: 30, linear: 0.2, product: 0.04, input: 1.5, constant: 0.001, saturates: false };

/// A bounded series stays below 1; beyond this it only grows.
const BOUND: f64 = 10.0;

/// Inputs that are drawn before a series counts as one that always runs away.
const DRAWS: usize = 20;

/// The tenth-order nonlinear autoregressive moving average task:
/// y(t+1) = 0.3 y(t) + 0.05 y(t) (y(t) + ... + y(t-9)) + 1.5 u(t-9) u(t) + 0.1, with y and u zero before the start.
///
/// A. F. Atiya, A. G. Parlos, "New results on recurrent network training", IEEE Transactions on Neural Networks 11:697,
/// 2000. The input is drawn by [`SplitMix64`] from `seed`, and drawn again from where that stands if the series runs
/// away, which it does for a few inputs.
///
/// # Errors
/// If the series runs away 20 times: it is too long for any of them to stay.
pub fn narma10(n: usize, seed: u64) -> Result<Narma> {
    NARMA10.draw(n, seed)
}

/// The task of order 20, which saturates and so never runs away: y(t+1) = tanh[0.3 y(t) + 0.05 y(t) (y(t) + ... +
/// y(t-19)) + 1.5 u(t-19) u(t) + 0.01] + 0.2; otherwise as [`narma10`]. In this published form y climbs within some
/// hundred steps to where tanh is flat, and stays near 1.14 with a standard deviation of 0.009: leave that start to the
/// warm-up, and do not compare its NRMSE with that of the other orders.
///
/// A. Rodan, P. Tiňo, "Minimum complexity echo state network", IEEE Transactions on Neural Networks 22:131, 2011.
///
/// # Errors
/// As [`narma10`].
pub fn narma20(n: usize, seed: u64) -> Result<Narma> {
    NARMA20.draw(n, seed)
}

/// The task of order 30:
/// y(t+1) = 0.2 y(t) + 0.04 y(t) (y(t) + ... + y(t-29)) + 1.5 u(t-29) u(t) + 0.001; otherwise as [`narma10`].
///
/// B. Schrauwen, M. Wardermann, D. Verstraeten, J. J. Steil, D. Stroobandt, "Improving reservoirs using intrinsic
/// plasticity", Neurocomputing 71:1159, 2008.
///
/// # Errors
/// As [`narma10`].
pub fn narma30(n: usize, seed: u64) -> Result<Narma> {
    NARMA30.draw(n, seed)
}

impl System {
    /// The first input of the seed's stream whose answer stays in its bounds, and that answer.
    fn draw(&self, n: usize, seed: u64) -> Result<Narma> {
        let mut random = SplitMix64::new(seed);
        let mut draw = || (0..n).map(|_| 0.5 * random.next_f64()).collect();
        self.first_that_stays(std::iter::repeat_with(&mut draw).take(DRAWS), seed)
    }

    /// The first of some inputs whose answer stays in its bounds.
    fn first_that_stays(&self, inputs: impl Iterator<Item = Vec<f64>>, seed: u64) -> Result<Narma> {
        let mut ran_away = 0;
        for input in inputs {
            match self.respond(&input) {
                Ok(target) => return Ok(Narma { input, target }),
                Err(step) => ran_away = step,
            }
        }
        Err(Error::Diverged { series: self.name, step: ran_away, seed })
    }

    /// The answer to an input, or the step where it leaves its bounds.
    fn respond(&self, input: &[f64]) -> std::result::Result<Vec<f64>, usize> {
        let mut y: Vec<f64> = Vec::with_capacity(input.len());
        for (t, &u) in input.iter().enumerate() {
            let now = y.last().copied().unwrap_or(0.0);
            let sum: f64 = y.iter().rev().take(self.order).sum();
            let old = if t + 1 >= self.order { input[t + 1 - self.order] } else { 0.0 };
            let next = self.linear * now + self.product * now * sum + self.input * old * u + self.constant;
            let next = if self.saturates { libm::tanh(next) + 0.2 } else { next };
            if next.is_nan() || next >= BOUND {
                return Err(t);
            }
            y.push(next);
        }
        Ok(y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_goes_to_the_fixed_point() {
        // u = 0: y = 0.3 y + 0.5 y^2 + 0.1, the smaller root of 0.5 y^2 - 0.7 y + 0.1; for order 30 of 1.2 y^2 - 0.8 y
        // + 0.001.
        let last = |system: System| system.respond(&[0.0; 200]).unwrap()[199];
        for (system, fixed) in
            [(NARMA10, 0.7 - (0.49_f64 - 0.2).sqrt()), (NARMA30, (0.8 - (0.64_f64 - 0.0048).sqrt()) / 2.4)]
        {
            let found = last(system);
            assert!((found - fixed).abs() < 1e-12, "{found} against {fixed}");
        }
        let y = last(NARMA20);
        assert!((y - (f64::tanh(0.3 * y + y * y + 0.01) + 0.2)).abs() < 1e-9, "{y}");
    }

    #[test]
    fn an_early_and_a_late_pulse_multiply_order_minus_one_steps_apart() {
        for system in [NARMA10, NARMA20, NARMA30] {
            let at = |gap: usize| {
                let mut input = [0.0; 300];
                input[200] = 0.5;
                input[200 + gap] = 0.5;
                system.respond(&input).unwrap()[200 + gap]
            };
            let gap = system.order - 1;
            // Before the pulse a saturating system is at tanh(r) + 0.2.
            let r = (at(gap - 1) - 0.2).atanh();
            let product = if system.saturates { (r + 1.5 * 0.25).tanh() - r.tanh() } else { 1.5 * 0.25 };
            assert!((at(gap) - at(gap - 1) - product).abs() < 1e-4 && product > 0.02);
            assert!((at(gap + 1) - at(gap - 1)).abs() < 1e-4);
        }
    }

    #[test]
    fn running_away_draws_again_and_then_is_an_error() {
        assert!(NARMA10.respond(&[2.0; 200]).is_err());
        let good = NARMA10.first_that_stays([vec![2.0; 200], vec![0.1; 200]].into_iter(), 3).unwrap();
        assert_eq!(good.input, [0.1; 200]);
        let bad = NARMA10.first_that_stays(std::iter::repeat_n(vec![2.0; 200], 3), 3).unwrap_err();
        assert!(matches!(bad, Error::Diverged { series: "NARMA-10", seed: 3, .. }), "{bad:?}");
        // 2000 seeds of 2000 steps: each gives a series, also the few whose first input runs away.
        let redrawn = (0..2000).filter(|&seed| {
            let first = 0.5 * SplitMix64::new(seed).next_f64();
            narma10(2000, seed).unwrap().input[0] != first
        });
        assert!(redrawn.count() < 20);
    }
}
