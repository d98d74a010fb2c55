//! The Kuramoto-Sivashinsky equation in one dimension.

use std::f64::consts::{PI, TAU};

use ndarray::Array2;

use crate::Result;
use crate::error::argument;
use crate::random::SplitMix64;
use crate::series::fourier::{Complex, Fourier};

/// u_t = -u u_x - u_xx - u_xxxx, periodic on 0 to `length`: chaos in space and time.
///
/// Y. Kuramoto, T. Tsuzuki, Prog. Theor. Phys. 55:356, 1976; G. I. Sivashinsky, Acta Astronautica 4:1177, 1977. With
/// length 22 the largest Lyapunov exponent is 0.043 per unit of time (R. A. Edson, J. E. Bunder, T. W. Mattner, A. J.
/// Roberts, ANZIAM J. 61:270, 2019); it grows to about 0.09 with the length. Solved in Fourier space by the exponential
/// rule ETDRK4 (A.-K. Kassam, L. N. Trefethen, "Fourth-order time-stepping for stiff PDEs", SIAM J. Sci. Comput.
/// 26:1214, 2005). The mean over space is conserved, and 0 in a series.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct KuramotoSivashinsky {
    /// Period in space.
    pub length: f64,
    /// Points in space, a power of two, 8 to 65 536; their distance should be below 1.
    pub points: usize,
    /// Time between samples.
    pub dt: f64,
    /// Integration steps a sample; one of 0.25 is off by about 1e-5 a unit of time.
    pub substeps: u32,
    /// Samples left out at the start.
    pub washout: usize,
    /// Of the phases of the four longest waves, which the field starts with.
    pub seed: u64,
}

impl Default for KuramotoSivashinsky {
    fn default() -> Self {
        Self { length: 22.0, points: 64, dt: 0.25, substeps: 1, washout: 1000, seed: 1 }
    }
}

impl KuramotoSivashinsky {
    /// `n` samples of the field, `dt` apart; n x points.
    ///
    /// # Errors
    /// If a field is not in the range given at it, or if the solution runs away, which it does for steps that are too
    /// long.
    pub fn series(&self, n: usize) -> Result<Array2<f64>> {
        let mut solver = self.solver()?;
        let mut field = self.start();
        let mut samples = Vec::new();
        for sample in 0..self.washout.saturating_add(n) {
            if sample >= self.washout {
                samples.extend_from_slice(&field);
            }
            solver.step(&mut field);
            if field.iter().any(|u| !u.is_finite()) {
                let found = format!("{} in {} substeps, and runs away at sample {sample}", self.dt, self.substeps);
                return Err(argument("dt", found, "steps of at most about 0.5; take more substeps"));
            }
        }
        let samples = Array2::from_shape_vec((samples.len() / self.points, self.points), samples);
        Ok(samples.expect("every sample should be of `points` values"))
    }

    /// What makes steps of `dt`, from any field.
    ///
    /// # Errors
    /// If a field is not in the range given at it.
    pub fn solver(&self) -> Result<KuramotoSivashinskySolver> {
        if !(self.points.is_power_of_two() && (8..=65_536).contains(&self.points)) {
            return Err(argument("points", self.points, "a power of two, 8 to 65536"));
        }
        for (name, value) in [("length", self.length), ("dt", self.dt)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(argument(name, value, "positive and finite"));
            }
        }
        if self.substeps == 0 {
            return Err(argument("substeps", 0, "at least 1"));
        }
        Ok(KuramotoSivashinskySolver::new(self))
    }

    /// The four longest waves, each of amplitude 1 / 2, with phases drawn from the seed.
    fn start(&self) -> Vec<f64> {
        let mut random = SplitMix64::new(self.seed);
        let phases: Vec<f64> = (0..4).map(|_| TAU * random.next_f64()).collect();
        let wave = |x: f64| phases.iter().zip(1..).map(|(phase, k)| 0.5 * libm::cos(f64::from(k) * x + phase)).sum();
        (0..self.points).map(|i| wave(TAU * i as f64 / self.points as f64)).collect()
    }
}

/// Makes steps of the equation.
#[derive(Debug, Clone)]
pub struct KuramotoSivashinskySolver {
    fourier: Fourier,
    waves: Vec<Wave>,
    substeps: u32,
}

/// What a step does with the amplitude of one wave; names as in Kassam & Trefethen 2005, equation 2.5.
#[derive(Debug, Clone, Copy)]
struct Wave {
    /// e^(h L) and e^(h L / 2).
    whole: f64,
    half: f64,
    /// h times the mean of (e^(z/2) - 1) / z around z = h L.
    q: f64,
    /// Weights of the nonlinear term at the start, the middle and the end of a step.
    f1: f64,
    f2: f64,
    f3: f64,
    /// -k / 2: the nonlinear term is i times it times the transform of u².
    nonlinear: f64,
}

impl Wave {
    /// The wave of number `k`; the differences that cancel near 0 are means over a circle around `h L`, of which half
    /// is enough.
    fn new(k: f64, odd: bool, h: f64) -> Self {
        const AROUND: u32 = 32;
        let z = h * (k * k - k * k * k * k);
        let mean = |of: &dyn Fn(Complex, Complex) -> Complex| {
            let at = |j: u32| {
                let point = Complex::new(0.0, PI * (f64::from(j) + 0.5) / f64::from(AROUND)).exp();
                let r = Complex::new(z, 0.0) + point;
                of(r, r.exp()).re
            };
            h * (0..AROUND).map(at).sum::<f64>() / f64::from(AROUND)
        };
        let one = |re| Complex::new(re, 0.0);
        Self {
            whole: libm::exp(z),
            half: libm::exp(0.5 * z),
            q: mean(&|r, _| (r.scaled(0.5).exp() - one(1.0)) / r),
            f1: mean(&|r, e| (one(-4.0) - r + e * (one(4.0) - r.scaled(3.0) + r * r)) / (r * r * r)),
            f2: mean(&|r, e| (one(2.0) + r + e * (r - one(2.0))) / (r * r * r)),
            f3: mean(&|r, e| (one(-4.0) - r.scaled(3.0) - r * r + e * (one(4.0) - r)) / (r * r * r)),
            // The highest wave has no derivative on the points.
            nonlinear: if odd { -0.5 * k } else { 0.0 },
        }
    }
}

impl KuramotoSivashinskySolver {
    fn new(equation: &KuramotoSivashinsky) -> Self {
        let n = equation.points;
        let h = equation.dt / f64::from(equation.substeps);
        let wave = |j: usize| {
            let k = if j <= n / 2 { j as f64 } else { j as f64 - n as f64 };
            Wave::new(TAU / equation.length * k, j != n / 2, h)
        };
        Self { fourier: Fourier::new(n), waves: (0..n).map(wave).collect(), substeps: equation.substeps }
    }

    /// Turns a field into the one `dt` later.
    ///
    /// # Panics
    /// If the field has not as many values as the equation has points.
    pub fn step(&mut self, field: &mut [f64]) {
        assert_eq!(field.len(), self.waves.len(), "a field should have as many values as there are points");
        let mut v: Vec<Complex> = field.iter().map(|&u| Complex::new(u, 0.0)).collect();
        self.fourier.forward(&mut v);
        for _ in 0..self.substeps {
            v = self.substep(&v);
        }
        self.fourier.inverse(&mut v);
        field.iter_mut().zip(&v).for_each(|(u, v)| *u = v.re);
    }

    /// One step of ETDRK4.
    fn substep(&self, v: &[Complex]) -> Vec<Complex> {
        let at_v = self.nonlinear(v);
        let a = self.combine(|i, w| v[i].scaled(w.half) + at_v[i].scaled(w.q));
        let at_a = self.nonlinear(&a);
        let b = self.combine(|i, w| v[i].scaled(w.half) + at_a[i].scaled(w.q));
        let at_b = self.nonlinear(&b);
        let c = self.combine(|i, w| a[i].scaled(w.half) + (at_b[i].scaled(2.0) - at_v[i]).scaled(w.q));
        let at_c = self.nonlinear(&c);
        self.combine(|i, w| {
            let middle = (at_a[i] + at_b[i]).scaled(2.0 * w.f2);
            v[i].scaled(w.whole) + at_v[i].scaled(w.f1) + middle + at_c[i].scaled(w.f3)
        })
    }

    fn combine(&self, of: impl Fn(usize, &Wave) -> Complex) -> Vec<Complex> {
        self.waves.iter().enumerate().map(|(i, wave)| of(i, wave)).collect()
    }

    /// The transform of -u u_x = -(u²)_x / 2.
    fn nonlinear(&self, v: &[Complex]) -> Vec<Complex> {
        let mut u = v.to_vec();
        self.fourier.inverse(&mut u);
        u.iter_mut().for_each(|u| *u = Complex::new(u.re * u.re, 0.0));
        self.fourier.forward(&mut u);
        u.iter().zip(&self.waves).map(|(u, wave)| Complex::new(-wave.nonlinear * u.im, wave.nonlinear * u.re)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TwinRuns;

    const EQUATION: KuramotoSivashinsky =
        KuramotoSivashinsky { length: 22.0, points: 64, dt: 0.25, substeps: 1, washout: 1000, seed: 1 };

    /// cos(x') (1 + sin(x')), the start of Kassam & Trefethen scaled to the period.
    fn start() -> Vec<f64> {
        let at = |i: usize| TAU * i as f64 / 64.0;
        (0..64).map(|i| at(i).cos() * (1.0 + at(i).sin())).collect()
    }

    fn after(time: f64, substeps: u32) -> Vec<f64> {
        let mut field = start();
        KuramotoSivashinsky { dt: time, substeps, ..EQUATION }.solver().unwrap().step(&mut field);
        field
    }

    #[test]
    fn the_order_is_four() {
        let best = after(10.0, 2560);
        let off = |substeps| after(10.0, substeps).iter().zip(&best).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let (coarse, fine) = (off(160), off(320));
        assert!((11.0..20.0).contains(&(coarse / fine)), "{coarse} fell to {fine}");
        assert!(coarse < 1e-5, "{coarse}");
    }

    #[test]
    fn a_small_wave_grows_by_its_linear_rate() {
        // e^((k² - k⁴) t), k = 2 π j / 22: 1 and 2 grow, 4 decays.
        for j in [1.0, 2.0, 4.0] {
            let k = TAU * j / 22.0;
            let mut field: Vec<f64> = (0..64).map(|i| 1e-9 * (TAU * j * f64::from(i) / 64.0).cos()).collect();
            EQUATION.solver().unwrap().step(&mut field);
            let (found, expected) = (field[0] / 1e-9, ((k * k - k.powi(4)) * 0.25).exp());
            assert!((found - expected).abs() < 1e-8, "{found} against {expected}");
        }
    }

    #[test]
    fn the_mean_is_conserved_and_a_frame_that_moves_is_no_other() {
        // u + c at x + c t solves it too (Galilei): c t of one point a step, after 4 steps 4 points.
        let c = 22.0 / 64.0 / 0.25;
        let (mut still, mut moving) = (start(), start().iter().map(|u| u + c).collect::<Vec<_>>());
        let mut solver = KuramotoSivashinsky { substeps: 20, ..EQUATION }.solver().unwrap();
        for _ in 0..4 {
            solver.step(&mut still);
            solver.step(&mut moving);
        }
        assert!((moving.iter().sum::<f64>() / 64.0 - c).abs() < 1e-13);
        assert!(still.iter().sum::<f64>().abs() < 1e-12);
        let off = (0..64).map(|i| (still[i] - (moving[(i + 4) % 64] - c)).abs()).fold(0.0, f64::max);
        assert!(off < 1e-7, "{off}");
    }

    #[test]
    fn the_exponent_is_the_published_one() {
        let field = EQUATION.series(1).unwrap();
        let mut solver = EQUATION.solver().unwrap();
        let runs = TwinRuns { intervals: 10_000, interval_steps: 4, warmup_steps: 400, ..TwinRuns::default() };
        let found = runs.run(field.as_slice().unwrap(), 3, |u, _| solver.step(u)).unwrap().exponent / EQUATION.dt;
        assert!((found - 0.043).abs() < 0.006, "{found}");
    }

    #[test]
    fn seeds_differ_and_repeat() {
        let of = |seed| KuramotoSivashinsky { seed, ..EQUATION }.series(5).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert_eq!(of(3).dim(), (5, 64));
    }
}
