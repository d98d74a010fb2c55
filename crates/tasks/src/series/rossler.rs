//! The Rössler system.

use ndarray::Array2;

use crate::Result;
use crate::random::SplitMix64;
use crate::series::flow::{Sampling, check_finite};

/// dx/dt = -y - z, dy/dt = x + a y, dz/dt = b + z (x - c).
///
/// O. E. Rössler, "An equation for continuous chaos", Phys. Lett. A 57:397, 1976. With the default values it is
/// chaotic, with a largest Lyapunov exponent of 0.0714 per unit of time (J. C. Sprott, "Chaos and Time-Series
/// Analysis", Oxford 2003). Integrated by the fourth-order Runge-Kutta rule.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Rossler {
    /// Growth of the spiral.
    pub a: f64,
    /// Push away from the plane.
    pub b: f64,
    /// Where the push sets in.
    pub c: f64,
    /// Time between samples.
    pub dt: f64,
    /// Integration steps a sample.
    pub substeps: u32,
    /// Samples left out at the start.
    pub washout: usize,
    /// The state at time 0: x, y, z.
    pub start: [f64; 3],
}

impl Default for Rossler {
    fn default() -> Self {
        Self { a: 0.2, b: 0.2, c: 5.7, dt: 0.1, substeps: 10, washout: 1000, start: [-0.1, 0.0, 0.02] }
    }
}

impl Rossler {
    /// The defaults from a start drawn from `seed`, x and y within 1 of the default's: another seed is another stretch
    /// of the attractor.
    pub fn seeded(seed: u64) -> Self {
        let (mut random, default) = (SplitMix64::new(seed), Self::default());
        let mut near = |x: f64| x + 2.0 * random.next_f64() - 1.0;
        let [x, y, z] = default.start;
        Self { start: [near(x), near(y), z], ..default }
    }

    /// `n` samples of x, y, z, `dt` apart; n x 3.
    ///
    /// # Errors
    /// If a field is not finite, if `dt` is not positive or `substeps` is 0, or if the state runs away.
    pub fn series(&self, n: usize) -> Result<Array2<f64>> {
        check_finite(&[("a", self.a), ("b", self.b), ("c", self.c)])?;
        self.sampling().sample(self.start, n, |state| self.flow(state))
    }

    /// The state one `dt` later, for twin runs.
    #[must_use]
    pub fn step(&self, state: [f64; 3]) -> [f64; 3] {
        self.sampling().step(state, |state| self.flow(state))
    }

    fn sampling(&self) -> Sampling {
        Sampling { dt: self.dt, substeps: self.substeps, washout: self.washout }
    }

    fn flow(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        [-y - z, x + self.a * y, self.b + z * (x - self.c)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TwinRuns;

    #[test]
    fn the_exponent_is_the_published_one() {
        let rossler = Rossler::default();
        let start = rossler.series(1).unwrap();
        let runs = TwinRuns { intervals: 20_000, interval_steps: 10, ..TwinRuns::default() };
        let step = |state: &mut [f64], _| {
            let next = rossler.step([state[0], state[1], state[2]]);
            state.copy_from_slice(&next);
        };
        let found = runs.run(start.as_slice().unwrap(), 0, step).unwrap().exponent / rossler.dt;
        assert!((found - 0.0714).abs() < 0.003, "{found}");
    }

    #[test]
    fn a_smaller_c_is_a_cycle() {
        // c = 3 has a cycle of two turns: no chaos, and the same state again after it.
        let cycle = Rossler { c: 3.0, dt: 0.01, substeps: 1, washout: 50_000, ..Rossler::default() };
        let series = cycle.series(3000).unwrap();
        let distance = |t: usize| (0..3).map(|i| (series[[t, i]] - series[[0, i]]).powi(2)).sum::<f64>().sqrt();
        let nearest = (500..3000).map(distance).fold(f64::INFINITY, f64::min);
        assert!(nearest < 0.05, "{nearest}");
        assert_eq!(Rossler::seeded(3).series(9).unwrap(), Rossler::seeded(3).series(9).unwrap());
        assert_ne!(Rossler::seeded(3).series(9).unwrap(), Rossler::seeded(4).series(9).unwrap());
    }
}
