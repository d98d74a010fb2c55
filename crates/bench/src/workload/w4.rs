//! W4: an echo state network that forecasts a chaotic series one step ahead; run and fit are timed apart.

mod matrices;
mod series;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use limnos::readout::{Alpha, Feature, Ridge};
use limnos::tasks::nrmse;
use limnos_engine::Device;
use limnos_engine::rate::{Precision, RateOptions, RateSimulation, Real};
use limnos_spec::rate::RateModel;
use ndarray::{ArrayView2, s};

use crate::measure::Stage;
use crate::process;
use matrices::Matrices;

/// `n` leaky tanh units (leak rate 0.3), each hearing `degree` others with normal weights scaled to the spectral radius 0.9, and the series with weight 1 or
/// -1. The series is Mackey-Glass (tau 17, rule of Euler with substeps of 0.1, a sample each unit of time, mean taken off). Ridge regression with a bias
/// forecasts its next value from the states after the first `warmup` steps.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct W4 {
    /// Units.
    pub n: usize,
    /// Units that a unit hears, itself perhaps among them.
    pub degree: usize,
    /// Steps.
    pub steps: usize,
    /// Steps whose states are left out of the fit.
    pub warmup: usize,
    /// Penalty of the ridge regression.
    pub alpha: f64,
    /// Whether a readout is fitted.
    pub fit: bool,
    /// Whether the states of all steps are kept; a fit needs them.
    pub keep_states: bool,
    /// What states are computed and kept in. The fit is in f64.
    pub precision: Precision,
    /// Seed of weights and series.
    pub seed: u64,
    /// An npz file with the recurrent weights as `indptr`, `indices`, `data` (CSR), the input weights `w_in` and, where it holds one, the `series`.
    pub matrices: Option<PathBuf>,
}

impl Default for W4 {
    fn default() -> Self {
        Self {
            n: 1000,
            degree: 10,
            steps: 10_000,
            warmup: 100,
            alpha: 1e-6,
            fit: true,
            keep_states: true,
            precision: Precision::F32,
            seed: 1,
            matrices: None,
        }
    }
}

/// What a run of [`W4`] gave.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct W4Outcome {
    /// Entries of the recurrent weights.
    pub recurrent: usize,
    /// Entries of the input weights.
    pub input: usize,
    /// Seconds from the description, or the opened file, to the first timed step.
    pub build_s: f64,
    /// Seconds of all steps.
    pub wall_s: f64,
    /// CPU seconds of all threads over them, where the system says so.
    pub cpu_s: Option<f64>,
    /// Seconds of the fit.
    pub fit_s: Option<f64>,
    /// Root mean squared error of the forecast over the steps that were fitted, over the standard deviation of the series.
    pub nrmse: Option<f64>,
    /// Peak memory at the end, MB.
    pub peak_rss_mb: Option<f64>,
}

impl W4 {
    /// Leak rate of all units.
    pub const LEAK: f64 = 0.3;
    /// Spectral radius of weights that are drawn here.
    pub const SPECTRAL_RADIUS: f64 = 0.9;

    /// Runs it with so many threads for the fit; 0 takes all.
    ///
    /// # Errors
    /// Steps that the warm-up takes up, a file that does not hold what it should, what the device says.
    pub fn run(&self, device: &Device, threads: usize, tell: &mut dyn FnMut(Stage)) -> anyhow::Result<W4Outcome> {
        self.check()?;
        tell(Stage::Building);
        let file = self.matrices.as_deref().map(limnos::tasks::read_npz).transpose()?;
        let series = series::of(file.as_ref(), self.steps + 1, self.seed)?;
        let start = Instant::now();
        let matrices = match &file {
            Some(file) => Matrices::read(file, self.n)?,
            None => Matrices::drawn(self.n, self.degree, self.seed)?,
        };
        let model = matrices.model(self.seed)?;
        let parts = Parts { device, model: &model, series: &series, threads, start };
        let outcome = match self.precision {
            Precision::F32 => self.run_in::<f32>(&parts, tell)?,
            Precision::F64 => self.run_in::<f64>(&parts, tell)?,
        };
        let (recurrent, input) = (matrices.recurrent.len(), matrices.input.len());
        Ok(W4Outcome { recurrent, input, ..outcome })
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.steps == 0 {
            bail!("steps of W4 is 0; allowed: 1 or more");
        }
        if self.fit && !(self.keep_states && self.steps > self.warmup) {
            bail!(
                "a fit needs states of steps after the warm-up: steps is {}, warmup {}, keep_states {}; allowed: more steps than the warm-up, states \
                 that are kept",
                self.steps,
                self.warmup,
                self.keep_states
            );
        }
        Ok(())
    }

    fn run_in<T: Real + Feature>(&self, parts: &Parts<'_>, tell: &mut dyn FnMut(Stage)) -> anyhow::Result<W4Outcome> {
        let options = RateOptions { precision: self.precision, ..RateOptions::default() };
        let mut simulation = RateSimulation::new(parts.device, parts.model, options)?;
        let inputs: Vec<T> = parts.series[..self.steps].iter().map(|&x| T::from_f64(x)).collect();
        let first = self.steps.min(2);
        simulation.run(&inputs[..first], None, first, None)?;
        simulation.reset()?;
        let build_s = parts.start.elapsed().as_secs_f64();

        tell(Stage::Running { done: 0, of: u32::try_from(self.steps).unwrap_or(u32::MAX) });
        let mut states = vec![T::default(); if self.keep_states { self.steps * self.n } else { 0 }];
        let (cpu, start) = (process::cpu_seconds(), Instant::now());
        simulation.run(&inputs, None, self.steps, self.keep_states.then_some(&mut states))?;
        let wall_s = start.elapsed().as_secs_f64();
        let cpu_s = process::cpu_seconds().zip(cpu).map(|(to, from)| to - from);
        drop(simulation);

        let fitted = self.fit.then(|| self.fit_to(&states, parts)).transpose()?;
        tell(Stage::Done);
        let (fit_s, nrmse) = (fitted.map(|f| f.0), fitted.map(|f| f.1));
        let peak_rss_mb = process::peak_rss_mb();
        Ok(W4Outcome { recurrent: 0, input: 0, build_s, wall_s, cpu_s, fit_s, nrmse, peak_rss_mb })
    }

    /// Seconds of the fit, and the error of what it predicts.
    fn fit_to<T: Feature>(&self, states: &[T], parts: &Parts<'_>) -> anyhow::Result<(f64, f64)> {
        let states = ArrayView2::from_shape((self.steps, self.n), states)?;
        let x = states.slice(s![self.warmup.., ..]);
        let y = parts.series[self.warmup + 1..].to_vec();
        let ridge = Ridge { alpha: Alpha::Given(self.alpha), ..Ridge::default() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(parts.threads).build().context("threads of the fit")?;
        pool.install(|| {
            let start = Instant::now();
            let model = ridge.fit(&x, &y)?;
            let fit_s = start.elapsed().as_secs_f64();
            let predicted = model.predict(&x)?.into_raw_vec_and_offset().0;
            Ok((fit_s, nrmse(&predicted, &y)?))
        })
    }
}

/// What both precisions run.
struct Parts<'a> {
    device: &'a Device,
    model: &'a RateModel,
    /// One value more than steps.
    series: &'a [f64],
    threads: usize,
    start: Instant,
}
