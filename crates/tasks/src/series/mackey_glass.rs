//! The Mackey-Glass series.

use crate::Result;
use crate::error::argument;
use crate::random::SplitMix64;

/// dx/dt = beta x(t - tau) / (1 + x(t - tau)^exponent) - gamma x(t).
///
/// M. C. Mackey, L. Glass, "Oscillation and chaos in physiological control systems", Science 197:287, 1977. Chaotic for
/// `tau` above 16.8 with the default values. Integrated with `substeps` a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct MackeyGlass {
    /// Delay, in units of time; a whole number of substeps, at least 2.
    pub tau: f64,
    /// Strength of the delayed production.
    pub beta: f64,
    /// Rate of decay, per unit of time.
    pub gamma: f64,
    /// Exponent, at least 1.
    pub exponent: u32,
    /// Time between samples.
    pub dt: f64,
    /// Integration steps a sample.
    pub substeps: u32,
    /// Samples left out at the start.
    pub washout: usize,
    /// The value at all times up to 0; not negative.
    pub history: f64,
    /// How a substep is made.
    pub rule: MackeyGlassRule,
}

/// How the Mackey-Glass equation is integrated.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MackeyGlassRule {
    /// The fourth-order Runge-Kutta rule, where the delayed value in the middle of a substep is interpolated by the
    /// cubic through its four neighbours. The jump of the slope where the constant history ends limits the order over a
    /// whole run to two.
    #[default]
    RungeKutta,
    /// The rule of Euler. With substeps of 0.1 it gives the system of the widely used file MackeyGlass_t17.txt (H.
    /// Jaeger; M. Lukoševičius), which is off the solution of the equation by 1e-3 after 17 and 3e-3 after 84 units of
    /// time.
    Euler,
}

impl Default for MackeyGlass {
    fn default() -> Self {
        Self {
            tau: 17.0,
            beta: 0.2,
            gamma: 0.1,
            exponent: 10,
            dt: 1.0,
            substeps: 10,
            washout: 1000,
            history: 1.2,
            rule: MackeyGlassRule::RungeKutta,
        }
    }
}

/// The longest delay and the largest exponent, far beyond any use.
const MAX_DELAY: f64 = 1e7;
const MAX_EXPONENT: u32 = 1000;

impl MackeyGlass {
    /// The defaults with a history of 1.1 to 1.3 drawn from `seed`: another seed is another stretch of the attractor.
    pub fn seeded(seed: u64) -> Self {
        Self { history: 1.2 + 0.2 * (SplitMix64::new(seed).next_f64() - 0.5), ..Self::default() }
    }

    /// `n` samples, `dt` apart.
    ///
    /// # Errors
    /// If a field is not in the range given at it.
    pub fn series(&self, n: usize) -> Result<Vec<f64>> {
        let delay = self.delay()?;
        let mut past = Past::new(vec![self.history; delay + 2]);
        let mut samples = Vec::new();
        for sample in 0..self.washout.saturating_add(n) {
            if sample >= self.washout {
                samples.push(past.now());
            }
            (0..self.substeps).for_each(|_| self.substep(&mut past));
        }
        Ok(samples)
    }

    /// The `n` samples after a history: its values at the substeps, oldest first, the last one now; tau x substeps / dt
    /// + 2 of them or more. `history` and `washout` have no effect.
    ///
    /// # Errors
    /// If a field is not in the range given at it, if the history is shorter than that, or if a value of it is negative
    /// or not finite.
    pub fn continued(&self, history: &[f64], n: usize) -> Result<Vec<f64>> {
        let least = self.delay()? + 2;
        if history.len() < least {
            return Err(argument("history", format!("{} values", history.len()), format!("at least {least}")));
        }
        if let Some(i) = history.iter().position(|x| !(*x >= 0.0 && x.is_finite())) {
            return Err(argument("history", format!("{} at {i}", history[i]), "finite and not negative"));
        }
        let mut past = Past::new(history[history.len() - least..].to_vec());
        let sample = |_| {
            (0..self.substeps).for_each(|_| self.substep(&mut past));
            past.now()
        };
        Ok((0..n).map(sample).collect())
    }

    /// Checks every field and gives the delay in substeps.
    fn delay(&self) -> Result<usize> {
        let positive = [("tau", self.tau), ("beta", self.beta), ("gamma", self.gamma), ("dt", self.dt)];
        for (name, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return Err(argument(name, value, "positive and finite"));
            }
        }
        if !(self.history >= 0.0 && self.history.is_finite()) {
            return Err(argument("history", self.history, "finite and not negative"));
        }
        if self.exponent == 0 || self.exponent > MAX_EXPONENT {
            return Err(argument("exponent", self.exponent, format!("1 to {MAX_EXPONENT}")));
        }
        if self.substeps == 0 {
            return Err(argument("substeps", 0, "at least 1"));
        }
        if self.gamma * self.dt > f64::from(self.substeps) {
            let found = format!("{} with gamma {} and {} substeps", self.dt, self.gamma, self.substeps);
            return Err(argument("dt", found, "at most substeps / gamma, or the integration is unstable"));
        }
        let steps = self.tau * f64::from(self.substeps) / self.dt;
        let whole = steps.round();
        if (steps - whole).abs() > 1e-6 || !(2.0..=MAX_DELAY).contains(&whole) {
            let allowed = format!("a whole number of substeps (dt / substeps), 2 to {MAX_DELAY}");
            return Err(argument("tau", format!("{} or {steps} substeps", self.tau), allowed));
        }
        Ok(whole as usize)
    }

    fn substep(&self, past: &mut Past) {
        let h = self.dt / f64::from(self.substeps);
        let [start, middle, end] = past.delayed().map(|x| self.production(x));
        let x = past.now();
        if self.rule == MackeyGlassRule::Euler {
            return past.push(x + h * (start - self.gamma * x));
        }
        let k1 = start - self.gamma * x;
        let k2 = middle - self.gamma * (x + 0.5 * h * k1);
        let k3 = middle - self.gamma * (x + 0.5 * h * k2);
        let k4 = end - self.gamma * (x + h * k3);
        past.push(x + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4));
    }

    fn production(&self, x: f64) -> f64 {
        // A product, not powf, whose last bit differs between systems.
        let power = (0..self.exponent).fold(1.0, |p, _| p * x);
        self.beta * x / (1.0 + power)
    }
}

/// The last delay + 2 values, in a ring.
struct Past {
    ring: Vec<f64>,
    /// Where the newest value is.
    newest: usize,
}

impl Past {
    /// Of the values so far, oldest first.
    fn new(ring: Vec<f64>) -> Self {
        Self { newest: ring.len() - 1, ring }
    }

    fn now(&self) -> f64 {
        self.ring[self.newest]
    }

    /// The value `ago` substeps before now.
    fn before(&self, ago: usize) -> f64 {
        self.ring[(self.newest + self.ring.len() - ago) % self.ring.len()]
    }

    /// The delayed value at the start, the middle and the end of the next substep.
    fn delayed(&self) -> [f64; 3] {
        let delay = self.ring.len() - 2;
        let [a, b, c, d] = [delay + 1, delay, delay - 1, delay - 2].map(|ago| self.before(ago));
        [b, (9.0 * (b + c) - a - d) / 16.0, c]
    }

    fn push(&mut self, x: f64) {
        self.newest = (self.newest + 1) % self.ring.len();
        self.ring[self.newest] = x;
    }
}

#[cfg(test)]
mod tests {
    use super::{MackeyGlass, MackeyGlassRule};

    /// Up to t = tau the delayed value is the constant history c, so x = a + (c - a) exp(-gamma t), a = beta c / (1 +
    /// c^10) / gamma.
    fn exact(c: f64, t: f64) -> f64 {
        let a = 2.0 * c / (1.0 + c.powi(10));
        a + (c - a) * (-0.1 * t).exp()
    }

    #[test]
    fn first_delay_is_the_analytic_solution() {
        let model = MackeyGlass { washout: 0, ..MackeyGlass::default() };
        for (t, x) in model.series(17).unwrap().into_iter().enumerate() {
            let error = (x - exact(1.2, t as f64)).abs();
            assert!(error < 1e-7, "t {t}: off by {error}");
        }
    }

    #[test]
    fn halving_the_step_quarters_the_error() {
        // Order two and not four: the slope jumps at time 0, where the constant history ends, and the cubic crosses it.
        let at = |substeps| {
            let model = MackeyGlass { washout: 0, substeps, ..MackeyGlass::default() };
            *model.series(52).unwrap().last().unwrap()
        };
        let best = at(320);
        let [coarse, fine] = [10, 20].map(|substeps| (at(substeps) - best).abs());
        assert!((3.0..6.0).contains(&(coarse / fine)), "{coarse} fell to {fine}");
        assert!(coarse < 1e-3, "off by {coarse}");
    }

    #[test]
    fn a_history_is_continued_as_the_series_goes_on() {
        for rule in [MackeyGlassRule::RungeKutta, MackeyGlassRule::Euler] {
            // Substeps that are samples, so that the history is a stretch of the series.
            let model = MackeyGlass { dt: 0.1, substeps: 1, rule, ..MackeyGlass::default() };
            let series = model.series(400).unwrap();
            assert_eq!(model.continued(&series[..200], 200).unwrap(), series[200..]);
            assert_ne!(model.continued(&series[1..201], 199).unwrap(), series[200..399]);
        }
    }

    #[test]
    fn euler_converges_to_the_same_solution_with_the_first_order() {
        let at = |rule, substeps| {
            let model = MackeyGlass { washout: 0, substeps, rule, ..MackeyGlass::default() };
            *model.series(52).unwrap().last().unwrap()
        };
        let best = at(MackeyGlassRule::RungeKutta, 320);
        let [coarse, fine] = [80, 160].map(|substeps| (at(MackeyGlassRule::Euler, substeps) - best).abs());
        assert!((1.8..2.2).contains(&(coarse / fine)), "{coarse} fell to {fine}");
    }

    #[test]
    fn seeds_differ_and_repeat() {
        let of = |seed| MackeyGlass::seeded(seed).series(50).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
