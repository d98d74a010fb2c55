//! Sampling an ordinary differential equation.

use ndarray::Array2;

use crate::Result;
use crate::error::argument;

/// When a flow is looked at.
pub(crate) struct Sampling {
    pub dt: f64,
    pub substeps: u32,
    pub washout: usize,
}

impl Sampling {
    /// `n` states, samples x dimensions, after those of the washout; `flow` is the derivative.
    pub fn sample<const N: usize>(
        &self,
        start: [f64; N],
        n: usize,
        flow: impl Fn([f64; N]) -> [f64; N],
    ) -> Result<Array2<f64>> {
        self.check(&start)?;
        let mut state = start;
        let mut samples = Vec::new();
        for sample in 0..self.washout.saturating_add(n) {
            if sample >= self.washout {
                samples.extend(state);
            }
            state = self.step(state, &flow);
            if state.iter().any(|x| !x.is_finite()) {
                let allowed = "a start and a time step for which the state stays finite; take more substeps";
                return Err(argument("start", format!("{start:?}, which runs away at sample {sample}"), allowed));
            }
        }
        let samples = Array2::from_shape_vec((samples.len() / N, N), samples);
        Ok(samples.expect("every sample should be of N values"))
    }

    /// The state one `dt` later.
    pub fn step<const N: usize>(&self, state: [f64; N], flow: impl Fn([f64; N]) -> [f64; N]) -> [f64; N] {
        let h = self.dt / f64::from(self.substeps);
        (0..self.substeps).fold(state, |state, _| runge_kutta(state, h, &flow))
    }

    fn check(&self, start: &[f64]) -> Result<()> {
        if !(self.dt > 0.0 && self.dt.is_finite()) {
            return Err(argument("dt", self.dt, "positive and finite"));
        }
        if self.substeps == 0 {
            return Err(argument("substeps", 0, "at least 1"));
        }
        if start.iter().any(|x| !x.is_finite()) {
            return Err(argument("start", format!("{start:?}"), "finite numbers"));
        }
        Ok(())
    }
}

/// Refuses parameters that are not finite.
pub(crate) fn check_finite(parameters: &[(&'static str, f64)]) -> Result<()> {
    match parameters.iter().find(|(_, value)| !value.is_finite()) {
        Some((name, value)) => Err(argument(name, value, "finite")),
        None => Ok(()),
    }
}

/// One step of the classical rule of fourth order.
fn runge_kutta<const N: usize>(x: [f64; N], h: f64, flow: impl Fn([f64; N]) -> [f64; N]) -> [f64; N] {
    let moved = |k: &[f64; N], by: f64| std::array::from_fn(|i| x[i] + by * k[i]);
    let k1 = flow(x);
    let k2 = flow(moved(&k1, 0.5 * h));
    let k3 = flow(moved(&k2, 0.5 * h));
    let k4 = flow(moved(&k3, h));
    std::array::from_fn(|i| x[i] + h / 6.0 * (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_closes_with_the_fourth_order() {
        let off = |substeps| {
            let sampling = Sampling { dt: std::f64::consts::TAU, substeps, washout: 1 };
            let samples = sampling.sample([1.0, 0.0], 2, |[x, y]| [-y, x]).unwrap();
            assert_eq!(samples.dim(), (2, 2));
            (samples[[0, 0]] - 1.0).hypot(samples[[0, 1]])
        };
        let (coarse, fine) = (off(50), off(100));
        assert!((14.0..18.0).contains(&(coarse / fine)), "{coarse} fell to {fine}");
        assert!(fine < 1e-6);
    }
}
