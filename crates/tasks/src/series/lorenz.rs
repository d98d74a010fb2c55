//! The Lorenz system.

use ndarray::Array2;

use crate::Result;
use crate::random::SplitMix64;
use crate::series::flow::{Sampling, check_finite};

/// dx/dt = sigma (y - x), dy/dt = x (rho - z) - y, dz/dt = x y - beta z.
///
/// E. N. Lorenz, "Deterministic nonperiodic flow", J. Atmos. Sci. 20:130, 1963. With the default values it is chaotic,
/// with a largest Lyapunov exponent of 0.9056 per unit of time (J. C. Sprott, "Chaos and Time-Series Analysis", Oxford
/// 2003). Integrated by the fourth-order Runge-Kutta rule.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Lorenz {
    /// Prandtl number.
    pub sigma: f64,
    /// Rayleigh number over its critical value.
    pub rho: f64,
    /// Shape of the cells.
    pub beta: f64,
    /// Time between samples.
    pub dt: f64,
    /// Integration steps a sample.
    pub substeps: u32,
    /// Samples left out at the start.
    pub washout: usize,
    /// The state at time 0: x, y, z.
    pub start: [f64; 3],
}

impl Default for Lorenz {
    fn default() -> Self {
        Self { sigma: 10.0, rho: 28.0, beta: 8.0 / 3.0, dt: 0.02, substeps: 10, washout: 1000, start: [1.0, 1.0, 1.0] }
    }
}

impl Lorenz {
    /// The defaults from a start drawn from `seed`, each coordinate within 1 of the default's: another seed is another
    /// stretch of the attractor.
    pub fn seeded(seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        Self { start: Self::default().start.map(|x| x + 2.0 * random.next_f64() - 1.0), ..Self::default() }
    }

    /// `n` samples of x, y, z, `dt` apart; n x 3.
    ///
    /// # Errors
    /// If a field is not finite, if `dt` is not positive or `substeps` is 0, or if the state runs away.
    pub fn series(&self, n: usize) -> Result<Array2<f64>> {
        check_finite(&[("sigma", self.sigma), ("rho", self.rho), ("beta", self.beta)])?;
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
        [self.sigma * (y - x), x * (self.rho - z) - y, x * y - self.beta * z]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TwinRuns;

    #[test]
    fn the_exponent_is_the_published_one() {
        let lorenz = Lorenz::default();
        let start = lorenz.series(1).unwrap();
        let runs = TwinRuns { intervals: 20_000, interval_steps: 5, ..TwinRuns::default() };
        let step = |state: &mut [f64], _| {
            let next = lorenz.step([state[0], state[1], state[2]]);
            state.copy_from_slice(&next);
        };
        let found = runs.run(start.as_slice().unwrap(), 0, step).unwrap().exponent / lorenz.dt;
        assert!((found - 0.9056).abs() < 0.02, "{found}");
    }

    #[test]
    fn below_the_critical_number_it_rests() {
        // rho = 10: the fixed points x = y = ± sqrt(beta (rho - 1)), z = rho - 1.
        let last = Lorenz { rho: 10.0, washout: 5000, ..Lorenz::default() }.series(1).unwrap();
        let x = (8.0 / 3.0 * 9.0_f64).sqrt();
        assert!((last[[0, 0]].abs() - x).abs() < 1e-9 && (last[[0, 2]] - 9.0).abs() < 1e-9, "{last}");
    }

    #[test]
    fn seeds_differ_and_repeat() {
        let of = |seed| Lorenz::seeded(seed).series(50).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
