//! The largest Lyapunov exponent, from twin runs that start a little apart.

use crate::error::argument;
use crate::measure::line::slope;
use crate::{Error, Result};

/// The growth of a small perturbation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lyapunov {
    /// The largest exponent, per step: a perturbation grows by e^exponent a step. Above 0 the dynamics are chaotic. Minus
    /// infinity if every pair of twins met.
    pub exponent: f64,
    /// Distances that it comes from.
    pub used: usize,
    /// Distances of exactly zero, left out: the twins met, and the exponent of what remains is too high.
    pub met: usize,
}

/// The exponent from distances that are each the growth of a perturbation of size `start` over `steps` steps, after which
/// the twin is set back to that distance: the mean of ln(distance / start) / steps.
///
/// Several pairs of twins, each run once for `steps` steps and never set back, give distances of the same meaning, as long as
/// they stay small. Leave out a transient. In a spiking network the distance is over all that the next step depends on (membrane, synaptic
/// currents, refractory time), `start` is far above the rounding of the state, and the mean is over perturbed neurons too.
///
/// Source: G. Benettin, L. Galgani, J.-M. Strelcyn, Phys. Rev. A 14:2338, 1976; J. C. Sprott, "Chaos and Time-Series Analysis",
/// Oxford 2003; for reservoirs R. Legenstein, W. Maass, Neural Networks 20:323, 2007.
///
/// # Errors
/// If there is no distance, if one is negative or not finite, if `start` is not positive and finite, or if `steps` is 0.
pub fn lyapunov_from_growth(distances: &[f64], start: f64, steps: u32) -> Result<Lyapunov> {
    check(distances, 1)?;
    if !(start > 0.0 && start.is_finite()) {
        return Err(argument("start", start, "positive and finite"));
    }
    if steps == 0 {
        return Err(argument("steps", 0, "at least 1"));
    }
    let logs: Vec<f64> = distances.iter().filter(|&&d| d > 0.0).map(|d| libm::log(d / start)).collect();
    let met = distances.len() - logs.len();
    let exponent = match logs.len() {
        0 => f64::NEG_INFINITY,
        used => logs.iter().sum::<f64>() / used as f64 / f64::from(steps),
    };
    Ok(Lyapunov { exponent, used: logs.len(), met })
}

/// The exponent from the course of one perturbation, a distance a step, never set back: the slope of the line of least squares
/// through ln(distance).
///
/// Take the steps between the transient and the saturation, where the distance is as large as the attractor.
///
/// Source: M. T. Rosenstein, J. J. Collins, C. J. De Luca, Physica D 65:117, 1993.
///
/// # Errors
/// If there are fewer than two distances, or if one is negative or not finite.
pub fn lyapunov_from_course(distances: &[f64]) -> Result<Lyapunov> {
    check(distances, 2)?;
    let points = distances.iter().enumerate().filter(|(_, d)| **d > 0.0);
    let points: Vec<_> = points.map(|(t, d)| (t as f64, libm::log(*d), 1.0)).collect();
    let met = distances.len() - points.len();
    let exponent = if points.len() < 2 { f64::NEG_INFINITY } else { slope(&points) };
    Ok(Lyapunov { exponent, used: points.len(), met })
}

/// Twin runs of a system whose state the host holds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct TwinRuns {
    /// Distance that the twins start with and are set back to; small against the state, large against its rounding.
    pub start: f64,
    /// Steps before the first measurement, in which the perturbation turns into the direction of fastest growth.
    pub warmup_steps: u32,
    /// Steps between two settings back.
    pub interval_steps: u32,
    /// Intervals measured.
    pub intervals: u32,
}

impl Default for TwinRuns {
    fn default() -> Self {
        Self { start: 1e-8, warmup_steps: 100, interval_steps: 1, intervals: 1000 }
    }
}

impl TwinRuns {
    /// Runs `state` and a twin that is perturbed in one component, and measures how they part.
    ///
    /// `step(state, t)` makes step t of a state in place; it is called with each t for one twin and then the other, and must
    /// give both the same input and the same random numbers. Where the twins meet, the same component is perturbed again.
    ///
    /// # Errors
    /// If the state is empty or `component` is not in it, if a number of the configuration is 0 (a warm-up of 0 is allowed), or if
    /// the distance stops being finite.
    pub fn run(self, state: &[f64], component: usize, mut step: impl FnMut(&mut [f64], u64)) -> Result<Lyapunov> {
        self.try_run(state, component, |state, t| {
            step(state, t);
            Ok(())
        })
    }

    /// [`TwinRuns::run`] with a step that can fail, such as that of a reservoir on a device, whose state is set and
    /// read back. Where the device holds its state in f32, `start` is 1e-4 of the state or more.
    ///
    /// # Errors
    /// As [`TwinRuns::run`], and the first error of a step.
    pub fn try_run<E: From<Error>>(
        self,
        state: &[f64],
        component: usize,
        mut step: impl FnMut(&mut [f64], u64) -> std::result::Result<(), E>,
    ) -> std::result::Result<Lyapunov, E> {
        self.check(state.len(), component)?;
        let (mut one, mut other) = (state.to_vec(), state.to_vec());
        other[component] += self.start;
        let warmup = self.warmup_steps.div_ceil(self.interval_steps);
        let mut distances = Vec::new();
        let mut t = 0;
        for interval in 0..u64::from(warmup) + u64::from(self.intervals) {
            for _ in 0..self.interval_steps {
                step(&mut one, t)?;
                step(&mut other, t)?;
                t += 1;
            }
            let distance = self.set_back(&one, &mut other, component);
            if !distance.is_finite() {
                let allowed = "a system whose state stays finite";
                return Err(argument("step", format!("a distance of {distance} at step {t}"), allowed).into());
            }
            if interval >= u64::from(warmup) {
                distances.push(distance);
            }
        }
        Ok(lyapunov_from_growth(&distances, self.start, self.interval_steps)?)
    }

    /// Moves the twin to distance `start` along the line from the one; returns how far it was.
    fn set_back(self, one: &[f64], other: &mut [f64], component: usize) -> f64 {
        let distance = one.iter().zip(&*other).map(|(x, y)| (y - x) * (y - x)).sum::<f64>().sqrt();
        if distance > 0.0 {
            let factor = self.start / distance;
            other.iter_mut().zip(one).for_each(|(y, x)| *y = x + factor * (*y - x));
        } else {
            other[component] += self.start;
        }
        distance
    }

    fn check(self, states: usize, component: usize) -> Result<()> {
        if component >= states {
            return Err(argument("component", component, format!("below {states}, the length of the state")));
        }
        if !(self.start > 0.0 && self.start.is_finite()) {
            return Err(argument("start", self.start, "positive and finite"));
        }
        for (name, value) in [("interval_steps", self.interval_steps), ("intervals", self.intervals)] {
            if value == 0 {
                return Err(argument(name, 0, "at least 1"));
            }
        }
        Ok(())
    }
}

fn check(distances: &[f64], least: usize) -> Result<()> {
    if distances.len() < least {
        return Err(argument("distances", format!("{} values", distances.len()), format!("at least {least}")));
    }
    match distances.iter().position(|d| !(*d >= 0.0 && d.is_finite())) {
        Some(i) => Err(argument("distances", format!("{} at {i}", distances[i]), "not negative and finite")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::LN_2;

    use super::*;
    use crate::random::SplitMix64;

    fn exponent(runs: TwinRuns, state: &[f64], step: impl Fn(&mut [f64])) -> f64 {
        runs.run(state, 0, |state, _| step(state)).unwrap().exponent
    }

    #[test]
    fn the_logistic_map_has_ln_two() {
        let runs = TwinRuns { intervals: 40_000, ..TwinRuns::default() };
        let chaotic = exponent(runs, &[0.3], |x| x[0] *= 4.0 * (1.0 - x[0]));
        assert!((chaotic - LN_2).abs() < 0.01, "{chaotic}");
        // At r = 3.2 it has a cycle of two, with ln |f'(a) f'(b)| / 2 = ln |4 + 2 r - r²| / 2 = ln 0.16 / 2.
        let runs = TwinRuns { intervals: 1000, interval_steps: 4, ..runs };
        let periodic = exponent(runs, &[0.3], |x| x[0] *= 3.2 * (1.0 - x[0]));
        assert!((periodic - 0.16_f64.ln() / 2.0).abs() < 1e-3, "{periodic}");
    }

    #[test]
    fn the_map_of_henon_has_0_419() {
        // J. C. Sprott, "Chaos and Time-Series Analysis", table of common systems: 0.41922 for a = 1.4, b = 0.3.
        let runs = TwinRuns { intervals: 40_000, ..TwinRuns::default() };
        let found = exponent(runs, &[0.1, 0.1], |x| (x[0], x[1]) = (1.0 - 1.4 * x[0] * x[0] + x[1], 0.3 * x[0]));
        assert!((found - 0.419_22).abs() < 0.005, "{found}");
    }

    #[test]
    fn a_linear_map_has_the_logarithm_of_its_largest_eigenvalue() {
        // [[0.9, 0.5], [0, 0.4]], whatever the input of each step.
        let runs = TwinRuns { start: 1e-3, interval_steps: 5, ..TwinRuns::default() };
        let map = |x: &mut [f64], t: u64| (x[0], x[1]) = (0.9 * x[0] + 0.5 * x[1] + (t as f64).sin(), 0.4 * x[1] - 1.0);
        let found = runs.run(&[1.0, 2.0], 1, map).unwrap();
        assert!((found.exponent - 0.9_f64.ln()).abs() < 1e-9, "{found:?}");
        assert_eq!((found.used, found.met), (1000, 0));
        // Not the same input for both twins: no longer the exponent of the map.
        let mut calls = 0.0;
        let different = |x: &mut [f64], t: u64| {
            map(x, t);
            calls += 1.0;
            x[0] += 0.1 * f64::sin(calls);
        };
        let wrong = runs.run(&[1.0, 2.0], 1, different).unwrap();
        assert!((wrong.exponent - 0.9_f64.ln()).abs() > 0.1, "{wrong:?}");
    }

    /// 20 units x <- tanh(W x + u(t)), W uniform and `gain` times what makes its spectral radius about 1.
    struct Driven {
        weights: Vec<Vec<f64>>,
    }

    impl Driven {
        const UNITS: usize = 20;

        fn new(gain: f64) -> Self {
            let mut random = SplitMix64::new(12);
            let scale = gain * (3.0 / Self::UNITS as f64).sqrt();
            let mut row = || (0..Self::UNITS).map(|_| scale * (2.0 * random.next_f64() - 1.0)).collect();
            Self { weights: std::iter::repeat_with(&mut row).take(Self::UNITS).collect() }
        }

        fn step(&self, x: &mut [f64], t: u64) {
            let input = (0.7 * t as f64).sin();
            let sum = |row: &Vec<f64>| row.iter().zip(&*x).map(|(w, x)| w * x).sum::<f64>();
            let next: Vec<f64> = self.weights.iter().map(|row| (sum(row) + 0.3 * input).tanh()).collect();
            x.copy_from_slice(&next);
        }

        /// The exponent by the tangent map: a vector follows the derivative along one run.
        fn tangent(&self, steps: u64) -> f64 {
            let (mut x, mut v, mut sum) = (vec![0.1; Self::UNITS], vec![1.0; Self::UNITS], 0.0);
            for t in 0..steps {
                self.step(&mut x, t);
                let product = |row: &Vec<f64>| row.iter().zip(&v).map(|(w, v)| w * v).sum::<f64>();
                let next: Vec<f64> = self.weights.iter().zip(&x).map(|(row, x)| (1.0 - x * x) * product(row)).collect();
                let size = next.iter().map(|v| v * v).sum::<f64>().sqrt();
                v = next.iter().map(|v| v / size).collect();
                sum += if t >= 500 { size.ln() } else { 0.0 };
            }
            sum / (steps - 500) as f64
        }
    }

    #[test]
    fn a_driven_reservoir_has_the_exponent_of_its_tangent_map() {
        let runs = TwinRuns { warmup_steps: 500, intervals: 4000, ..TwinRuns::default() };
        for gain in [0.8, 2.5] {
            let driven = Driven::new(gain);
            let expected = driven.tangent(4500);
            let found = runs.run(&[0.1; Driven::UNITS], 0, |x, t| driven.step(x, t)).unwrap().exponent;
            assert!((found - expected).abs() < 1e-3, "gain {gain}: {found} against {expected}");
            assert_eq!(expected > 0.0, gain > 1.0, "gain {gain}: {expected}");
            // A state in f32 and a perturbation that is large against its rounding.
            let rounded = |x: &mut [f64], t: u64| {
                driven.step(x, t);
                x.iter_mut().for_each(|x| *x = f64::from(*x as f32));
            };
            let coarse = TwinRuns { start: 1e-3, ..runs }.run(&[0.1; Driven::UNITS], 0, rounded).unwrap().exponent;
            assert!((coarse - expected).abs() < 0.02, "gain {gain}: {coarse} against {expected}");
            // The control: one that is lost in it.
            let lost = TwinRuns { start: 1e-8, ..runs }.run(&[0.1; Driven::UNITS], 0, rounded).unwrap().exponent;
            assert!((lost - expected).abs() > 0.02, "gain {gain}: {lost} against {expected}");
        }
    }

    #[test]
    fn a_step_that_fails_ends_the_runs() {
        let fails = |_: &mut [f64], t: u64| if t == 3 { Err(argument("step", t, "below 3")) } else { Ok(()) };
        let text = TwinRuns::default().try_run(&[0.5], 0, fails).unwrap_err().to_string();
        assert_eq!(text, "`step` is 3; allowed is below 3");
    }

    #[test]
    fn twins_that_meet_are_counted() {
        let found = TwinRuns::default().run(&[0.5], 0, |x, _| x[0] = 0.0).unwrap();
        assert_eq!(found, Lyapunov { exponent: f64::NEG_INFINITY, used: 0, met: 1000 });
        let found = lyapunov_from_growth(&[2.0, 0.0, 2.0], 1.0, 2).unwrap();
        assert_eq!(found, Lyapunov { exponent: LN_2 / 2.0, used: 2, met: 1 });
    }

    #[test]
    fn the_course_of_a_perturbation_has_its_slope() {
        let course: Vec<f64> = (0..50).map(|t| 1e-6 * (0.1 * f64::from(t)).exp()).collect();
        let found = lyapunov_from_course(&course).unwrap();
        assert!((found.exponent - 0.1).abs() < 1e-12, "{found:?}");
        assert_eq!(lyapunov_from_course(&[1.0, 0.0, 0.0]).unwrap().exponent, f64::NEG_INFINITY);
    }
}
