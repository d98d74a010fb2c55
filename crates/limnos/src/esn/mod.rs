//! Echo state networks: a rate reservoir that is not trained, and a linear readout that is.
//!
//! H. Jaeger, "The 'echo state' approach to analysing and training recurrent neural networks", GMD report 148, 2001; H. Jaeger, H. Haas, "Harnessing
//! nonlinearity", Science 304:78, 2004.

mod classifier;
mod config;
mod drive;
mod features;
mod file;
mod forecast;
mod nvar;
mod sequences;
mod stream;

use std::time::{Duration, Instant};

use limnos_engine::Device;
use limnos_engine::rate::{RateOptions, RateRun, RateSimulation};
use limnos_spec::rate::RateModel;
use ndarray::{Array2, ArrayView2, s};

pub use classifier::{EsnClassifier, Pooling};
pub use config::{EsnConfig, Layer, Reads};
pub use limnos_engine::rate::{Precision, StateFeatures};
pub use nvar::Nvar;
pub use sequences::Sequences;
pub use stream::{EsnStream, Latency};

use crate::error::argument;
use crate::lsm::{Callback, Progress};
use crate::readout::{Alpha, Ridge, RidgeAccumulator, RidgeModel};
use crate::tuning::{Development, Measures};
use crate::{Error, Result};
use features::FeatureMap;
use nvar::History;

/// An echo state network: sequences run through one or several rate reservoirs, a ridge regression learns outputs from their states.
///
/// Arrays are steps x channels. The readout of step t reads the states after the step's inputs came in, so `y[t]` may depend on `x[t]`.
///
/// # State
/// [`fit`](Self::fit), [`predict`](Self::predict), [`score`](Self::score) and [`states`](Self::states) start each sequence from rest (all states 0) and leave
/// the network at the end of the last sequence. [`advance`](Self::advance) and [`generate`](Self::generate) go on from where it is,
/// [`reset`](Self::reset) puts it to rest. So `fit_forecast(&series)` and then `generate(n)` continues the series.
///
/// States and forecasts have the same bits for any number of threads and any batch; between devices they agree within rounding.
///
/// ```
/// use limnos::esn::{Esn, EsnConfig};
/// use limnos::reservoir::Reservoir;
/// use limnos::{Device, ndarray::Array2, tasks::MackeyGlass};
///
/// let series = MackeyGlass::default().series(1300)?;
/// let series = Array2::from_shape_fn((1300, 1), |(t, _)| series[t] - 0.95);
/// let (past, future) = series.view().split_at(limnos::ndarray::Axis(0), 1250);
///
/// let reservoir = Reservoir { units: 300, leak_rate: 0.6, bias: limnos::Distribution::uniform(-0.2, 0.2), ..Reservoir::default() };
/// let mut esn = Esn::new(&Device::cpu()?, EsnConfig { reservoir, alpha: 1e-8, ..EsnConfig::default() })?;
/// esn.fit_forecast(past)?;
/// let forecast = esn.generate(50)?;
/// assert!((&forecast - &future).iter().all(|error| error.abs() < 0.05));
/// # Ok::<(), limnos::Error>(())
/// ```
#[derive(Debug)]
pub struct Esn {
    device: Device,
    config: EsnConfig,
    /// Whether the model was given rather than made from the config's reservoirs.
    given: bool,
    built: Option<Built>,
    readout: Option<RidgeModel>,
    callback: Callback,
}

/// A model of known width on its device, and where it is.
#[derive(Debug)]
struct Built {
    model: RateModel,
    map: FeatureMap,
    live: RateSimulation,
    /// Delayed inputs for products, where these are read.
    history: Option<History>,
}

impl Built {
    fn new(device: &Device, model: RateModel, config: &EsnConfig) -> Result<Self> {
        let map = FeatureMap::new(config, &model)?;
        let options = RateOptions { precision: config.precision, ..RateOptions::default() };
        let live = RateSimulation::new(device, &model, options)?;
        let history = map.nvar.map(|nvar| History::new(nvar, map.inputs));
        Ok(Self { model, map, live, history })
    }
}

/// How a fit went.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EsnFit {
    /// Steps that the readout learned from, warm-up not included.
    pub steps: usize,
    /// Features that it reads in each.
    pub features: usize,
    /// Time of the runs through the reservoir and of adding up.
    pub run: Duration,
    /// Time of solving for the weights.
    pub solve: Duration,
}

impl Esn {
    /// An echo state network of the reservoirs in `config`; its numbers of inputs and outputs are those of the first fit.
    ///
    /// # Errors
    /// A setting outside its range, by name.
    pub fn new(device: &Device, config: EsnConfig) -> Result<Self> {
        config.check()?;
        Ok(Self {
            device: device.clone(),
            config,
            given: false,
            built: None,
            readout: None,
            callback: Callback::default(),
        })
    }

    /// An echo state network with a model of your own, such as an imported or a tuned one; the reservoirs in `config` are not used.
    ///
    /// # Errors
    /// A setting outside its range; `feedback` in `config` and in the model that differ; device errors.
    pub fn from_model(device: &Device, model: RateModel, config: EsnConfig) -> Result<Self> {
        if config.feedback != (model.feedback() > 0) {
            let found = format!("{} for a model with {} feedback columns", config.feedback, model.feedback());
            return Err(argument("feedback", found, "true for a model that reads past outputs, else false"));
        }
        let mut esn = Self::new(device, config)?;
        esn.built = Some(Built::new(device, model, &esn.config)?);
        esn.given = true;
        Ok(esn)
    }

    /// Calls `callback` after each piece of a run.
    pub fn on_progress(&mut self, callback: impl FnMut(Progress) + Send + 'static) {
        self.callback = Callback(Some(Box::new(callback)));
    }

    /// Learns outputs `y` from inputs `x`: one sequence or several, each from rest, its first `warmup` steps left out. What was learned before is forgotten.
    ///
    /// # Errors
    /// No sequences, lengths or channels that do not match, numbers that are not finite; no step after the warm-up; singular normal equations (raise
    /// `alpha`); device errors.
    pub fn fit<'a, 'b>(&mut self, x: impl Into<Sequences<'a>>, y: impl Into<Sequences<'b>>) -> Result<EsnFit> {
        let mut fits = self.learn(&x.into(), &y.into(), &[self.config.alpha])?;
        let (model, fit) = fits.pop().expect("there should be a fit for each alpha");
        self.set_readout(model)?;
        Ok(fit)
    }

    /// Readouts with each of several penalties from one pass through the data; [`Self::set_readout`] takes the chosen one.
    ///
    /// # Errors
    /// As [`Self::fit`]; no penalties.
    pub fn fit_alphas<'a, 'b>(
        &mut self,
        x: impl Into<Sequences<'a>>,
        y: impl Into<Sequences<'b>>,
        alphas: &[f64],
    ) -> Result<Vec<RidgeModel>> {
        if alphas.is_empty() {
            return Err(argument("alphas", "empty", "at least one penalty"));
        }
        let fits = self.learn(&x.into(), &y.into(), alphas)?;
        Ok(fits.into_iter().map(|(model, _)| model).collect())
    }

    /// Learns to forecast: from each row of a series the next one. The network is then at the end of the series, so that [`Self::generate`] continues it.
    ///
    /// # Errors
    /// As [`Self::fit`]; a series of fewer than two steps; `feedback`, which forecasts have no use for.
    pub fn fit_forecast<'a>(&mut self, series: impl Into<ArrayView2<'a, f64>>) -> Result<EsnFit> {
        let series = series.into();
        self.check_forecast(&series)?;
        let (x, y) = (series.slice(s![..-1, ..]), series.slice(s![1.., ..]));
        let fit = self.fit(x, y)?;
        self.advance_silently(&series.slice(s![-1.., ..]))?;
        Ok(fit)
    }

    fn check_forecast(&self, series: &ArrayView2<'_, f64>) -> Result<()> {
        if series.nrows() < 2 {
            return Err(argument("series", format!("{} steps", series.nrows()), "at least two"));
        }
        if self.config.feedback {
            return Err(argument("feedback", true, "false: a forecast goes in as the next input"));
        }
        Ok(())
    }

    /// Outputs of each step of a sequence, from rest. Where outputs are fed back, they are the network's own: the first step hears the readout of rest, where a
    /// teacher gives 0; a warm-up forgets the difference.
    ///
    /// # Errors
    /// [`Error::NotFitted`]; other channels than fitted; numbers that are not finite; device errors.
    pub fn predict<'a>(&mut self, x: impl Into<ArrayView2<'a, f64>>) -> Result<Array2<f64>> {
        let x = x.into();
        self.fitted()?;
        self.check_inputs(&x)?;
        self.reset()?;
        self.advance(x)
    }

    /// Outputs of several sequences, each from rest.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn predict_all<'a>(&mut self, x: impl Into<Sequences<'a>>) -> Result<Vec<Array2<f64>>> {
        let x = x.into();
        let model = self.fitted()?.clone();
        let channels = x.channels("x")?;
        self.check_channels(channels)?;
        if self.config.feedback || x.0.len() == 1 {
            return x.0.iter().map(|x| self.predict(x.view())).collect();
        }
        let mut all: Vec<_> = x.0.iter().map(|x| Array2::zeros((x.nrows(), model.bias().len()))).collect();
        self.drive(&x, None, |rows| {
            let outputs = model.predict(&rows.features)?;
            let range = rows.first_step..rows.first_step + outputs.nrows();
            all[rows.sequence].slice_mut(s![range, ..]).assign(&outputs);
            Ok(())
        })?;
        Ok(all)
    }

    /// Outputs of further steps, from where the network is.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn advance<'a>(&mut self, x: impl Into<ArrayView2<'a, f64>>) -> Result<Array2<f64>> {
        let x = x.into();
        let outputs = self.fitted()?.bias().len();
        self.check_inputs(&x)?;
        if self.config.feedback {
            return self.generate_with(x);
        }
        if self.config.nvar.is_some() {
            return self.advance_on_host(&x);
        }
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let inputs: Vec<f64> = x.iter().copied().collect();
        let mut out = vec![0.0; x.nrows() * outputs];
        built.live.run_with(RateRun { outputs: Some(&mut out), ..RateRun::new(x.nrows(), &inputs) })?;
        Ok(Array2::from_shape_vec((x.nrows(), outputs), out).expect("there should be a row of outputs for each step"))
    }

    /// R2 of the predictions of `y` from `x`, each sequence from rest and its warm-up left out, averaged over outputs: one is perfect, zero is no better than the
    /// mean. See [`tasks::nrmse`](crate::tasks::nrmse) and its kin for other measures.
    ///
    /// # Errors
    /// As [`Self::predict`] and [`Self::fit`].
    pub fn score<'a, 'b>(&mut self, x: impl Into<Sequences<'a>>, y: impl Into<Sequences<'b>>) -> Result<f64> {
        let (x, y) = (x.into(), y.into());
        let outputs = y.channels("y")?;
        y.check_lengths("y", &x)?;
        let known = self.fitted()?.bias().len();
        if outputs != known {
            return Err(argument("y", format!("{outputs} channels"), format!("the {known} outputs that were fitted")));
        }
        let predicted = self.predict_all(x)?;
        let mut pairs = Vec::new();
        for (predicted, y) in predicted.iter().zip(&y.0) {
            let from = self.config.warmup.min(y.nrows());
            pairs.push((predicted.slice(s![from.., ..]), y.slice(s![from.., ..])));
        }
        r2(&pairs, outputs).ok_or_else(|| no_steps(self.config.warmup))
    }

    /// States of all units after each step of a sequence, from rest: steps x units, reservoir after reservoir.
    ///
    /// # Errors
    /// Numbers that are not finite; other channels than before; a network that feeds outputs back; device errors.
    pub fn states<'a>(&mut self, x: impl Into<ArrayView2<'a, f64>>) -> Result<Array2<f64>> {
        let x = x.into();
        let channels = Sequences::from(x).channels("x")?;
        if self.config.feedback {
            return Err(argument("feedback", true, "false: these states depend on outputs; use `simulation`"));
        }
        self.build(channels, 0)?;
        self.reset()?;
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let inputs: Vec<f64> = x.iter().copied().collect();
        let mut states = vec![0.0; x.nrows() * built.map.units];
        built.live.run(&inputs, None, x.nrows(), Some(&mut states[..]))?;
        built.remember(&x);
        Ok(Array2::from_shape_vec((x.nrows(), built.map.units), states).expect("there should be a state for each unit"))
    }

    /// Lets a rule of [`tuning`](crate::tuning) change the reservoirs while inputs (steps x channels) run through them. The readout is forgotten and the state is at rest.
    ///
    /// # Errors
    /// As [`Development::develop`]; device errors.
    pub fn develop<'a>(
        &mut self,
        rule: &impl Development,
        inputs: impl Into<ArrayView2<'a, f64>>,
    ) -> Result<(Measures, Measures)> {
        let inputs = inputs.into();
        let channels = Sequences::from(inputs).channels("inputs")?;
        if self.config.feedback {
            return Err(argument("feedback", true, "false: there is no output to feed back yet"));
        }
        self.build(channels, 0)?;
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let developed = rule.develop(&built.model, inputs)?;
        *built = Built::new(&self.device, developed.model, &self.config)?;
        self.given = true;
        self.readout = None;
        Ok((developed.before, developed.after))
    }

    /// All states 0, as at the start of a sequence. What was learned stays.
    ///
    /// # Errors
    /// Device errors.
    pub fn reset(&mut self) -> Result<()> {
        if let Some(built) = &mut self.built {
            built.live.reset()?;
            if let Some(history) = &mut built.history {
                history.clear();
            }
        }
        Ok(())
    }

    /// Takes a readout: of `features x outputs`, learned by [`Self::fit_alphas`] or elsewhere.
    ///
    /// # Errors
    /// [`Error::NotFitted`] before the number of inputs is known; weights of another number of features.
    pub fn set_readout(&mut self, model: RidgeModel) -> Result<()> {
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let (features, outputs) = model.weights().dim();
        if features != built.map.width() {
            let found = format!("weights for {features} features");
            return Err(argument("readout", found, format!("the {} features of this network", built.map.width())));
        }
        if self.config.feedback && outputs != built.model.feedback() {
            let found = format!("{outputs} outputs");
            return Err(argument("readout", found, format!("the {} that are fed back", built.model.feedback())));
        }
        if built.map.nvar.is_none() {
            built.live.set_readout(&built.map.on_device(&model))?;
        }
        self.readout = Some(model);
        Ok(())
    }

    /// What the readout has learned: weights of `[inputs?, features of the states, products?]`.
    #[must_use]
    pub const fn readout(&self) -> Option<&RidgeModel> {
        self.readout.as_ref()
    }

    /// How it is built and learns.
    pub const fn config(&self) -> &EsnConfig {
        &self.config
    }

    /// The reservoirs, once the number of inputs is known.
    #[must_use]
    pub fn model(&self) -> Option<&RateModel> {
        self.built.as_ref().map(|built| &built.model)
    }

    /// The running reservoirs, once the number of inputs is known: for looking at states.
    #[must_use]
    pub fn simulation(&mut self) -> Option<&mut RateSimulation> {
        self.built.as_mut().map(|built| &mut built.live)
    }

    /// Readouts of each penalty, and how it went.
    fn learn(&mut self, x: &Sequences<'_>, y: &Sequences<'_>, alphas: &[f64]) -> Result<Vec<(RidgeModel, EsnFit)>> {
        let start = Instant::now();
        let (inputs, outputs) = (x.channels("x")?, y.channels("y")?);
        y.check_lengths("y", x)?;
        if outputs == 0 || (inputs == 0 && !self.config.feedback) {
            let found = format!("{inputs} channels, with {outputs} of `y`");
            return Err(argument("x", found, "one channel or more; none only where outputs are fed back"));
        }
        self.build(inputs, outputs)?;
        let (warmup, features) = (self.config.warmup, self.map()?.width());
        let ridge = Ridge { alpha: Alpha::Given(alphas[0]), fit_bias: self.config.fit_bias, standardize: false };
        let mut sums = RidgeAccumulator::new(ridge, features, outputs)?;
        let teacher = self.config.feedback.then_some(y);
        self.drive(x, teacher, |rows| {
            let from = warmup.saturating_sub(rows.first_step).min(rows.features.nrows());
            let (first, last) = (rows.first_step + from, rows.first_step + rows.features.nrows());
            if first < last {
                let targets = y.0[rows.sequence].slice(s![first..last, ..]).to_owned();
                sums.partial_fit(&rows.features.slice(s![from.., ..]), &targets)?;
            }
            Ok(())
        })?;
        if sums.samples() == 0 {
            return Err(no_steps(warmup));
        }
        let run = start.elapsed();
        let solved = Instant::now();
        let models = sums.solve_path(alphas)?;
        let fit = EsnFit { steps: sums.samples(), features, run, solve: solved.elapsed() };
        Ok(models.into_iter().map(|model| (model, fit)).collect())
    }

    /// Makes the model for so many channels where there is none yet.
    fn build(&mut self, inputs: usize, outputs: usize) -> Result<()> {
        let known = self.built.as_ref().map(|built| (built.model.inputs(), built.model.feedback()));
        let wanted = (inputs, if self.config.feedback { outputs } else { 0 });
        if known == Some(wanted) {
            return Ok(());
        }
        if let Some((inputs, feedback)) = known.filter(|_| self.given) {
            let found = format!("{} channels and {} outputs that are fed back", wanted.0, wanted.1);
            return Err(argument("x", found, format!("{inputs} and {feedback}, as the model reads")));
        }
        let model = self.config.model(inputs, outputs)?;
        self.built = Some(Built::new(&self.device, model, &self.config)?);
        self.readout = None;
        Ok(())
    }

    fn map(&self) -> Result<FeatureMap> {
        self.built.as_ref().map(|built| built.map).ok_or(Error::NotFitted)
    }

    fn fitted(&self) -> Result<&RidgeModel> {
        self.readout.as_ref().ok_or(Error::NotFitted)
    }

    fn check_channels(&self, channels: usize) -> Result<()> {
        let known = self.map()?.inputs;
        if channels == known {
            return Ok(());
        }
        Err(argument("x", format!("{channels} channels"), format!("the {known} that were fitted")))
    }

    fn check_inputs(&self, x: &ArrayView2<'_, f64>) -> Result<()> {
        self.check_channels(x.ncols())?;
        Sequences::from(x.view()).channels("x").map(|_| ())
    }
}

fn no_steps(warmup: usize) -> Error {
    argument("warmup", warmup, "fewer steps than the longest sequence has, so that some are left to learn from")
}

/// Mean over outputs of the coefficient of determination; `None` without rows.
fn r2(pairs: &[(ArrayView2<'_, f64>, ArrayView2<'_, f64>)], outputs: usize) -> Option<f64> {
    let rows: usize = pairs.iter().map(|(_, y)| y.nrows()).sum();
    if rows == 0 {
        return None;
    }
    let of_output = |o: usize| {
        let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            pairs.iter().flat_map(|(p, y)| p.column(o).into_iter().zip(y.column(o))).map(|(p, y)| f(*p, *y)).sum()
        };
        let mean = sum(&|_, y| y) / rows as f64;
        let (error, spread) = (sum(&|p, y| (p - y) * (p - y)), sum(&|_, y| (y - mean) * (y - mean)));
        if error == 0.0 { 1.0 } else { 1.0 - error / spread }
    };
    Some((0..outputs).map(of_output).sum::<f64>() / outputs as f64)
}
