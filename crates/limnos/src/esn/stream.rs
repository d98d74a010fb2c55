//! Live streams: one sample in, one prediction out, learning while it runs.

use std::time::{Duration, Instant};

use super::Esn;
use crate::error::argument;
use crate::readout::{OnlineReadout, ReadoutError, RidgeModel, Rls, RlsModel};
use crate::{Error, Result};

/// Times that a stream took for its steps, learning included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Latency {
    /// Steps.
    pub steps: u64,
    /// Time from sample to prediction, mean over all steps.
    pub mean: Duration,
    /// The longest.
    pub longest: Duration,
    /// The last.
    pub last: Duration,
}

impl Latency {
    fn add(&mut self, time: Duration) {
        // A mean that needs no sum, so that it runs for ever.
        let change = (time.as_secs_f64() - self.mean.as_secs_f64()) / (self.steps + 1) as f64;
        self.mean = Duration::from_secs_f64((self.mean.as_secs_f64() + change).max(0.0));
        self.steps += 1;
        self.longest = self.longest.max(time);
        self.last = time;
    }
}

/// An echo state network that runs live: made by [`Esn::stream`].
///
/// ```
/// use limnos::esn::{Esn, EsnConfig};
/// use limnos::readout::Rls;
/// use limnos::Device;
///
/// let esn = Esn::new(&Device::cpu()?, EsnConfig::default())?;
/// let mut stream = esn.stream(1, 1, Rls { alpha: 1e-4, ..Rls::default() })?;
/// let mut error = 0.0;
/// let mut forecast = 0.0;
/// for t in 0..600 {
///     let sample = (0.1 * t as f64).sin() * (0.037 * t as f64).cos();
///     if t > 500 {
///         error += (sample - forecast).abs() / 100.0;
///     }
///     forecast = stream.push(&[sample])?[0];
/// }
/// assert!(error < 0.01, "{error}");
/// # Ok::<(), limnos::Error>(())
/// ```
#[derive(Debug)]
pub struct EsnStream<R: OnlineReadout = RlsModel> {
    esn: Esn,
    readout: R,
    features: Vec<f64>,
    state: Vec<f64>,
    output: Vec<f64>,
    /// Steps since the start or the last reset.
    steps: usize,
    latency: Latency,
}

impl Esn {
    /// A live stream of `inputs` channels that learns `outputs` outputs by recursive least squares while it runs, from rest. Weights start at 0: a readout that was fitted is
    /// not used ([`Self::advance`] runs that live). The first `warmup` steps are not learned from. With `feedback` each step hears the output before it, right or
    /// wrong, which is FORCE learning (Sussillo and Abbott 2009).
    ///
    /// # Errors
    /// Settings outside their range; other channels than a given model reads; no outputs.
    pub fn stream(self, inputs: usize, outputs: usize, rls: Rls) -> Result<EsnStream> {
        self.stream_with(inputs, outputs, |features| RlsModel::new(rls, features, outputs))
    }

    /// [`Self::stream`] with any readout that learns online, made for the number of features that it will read.
    ///
    /// # Errors
    /// As [`Self::stream`]; a readout of another number of features or outputs.
    pub fn stream_with<R: OnlineReadout>(
        mut self,
        inputs: usize,
        outputs: usize,
        make: impl FnOnce(usize) -> std::result::Result<R, ReadoutError>,
    ) -> Result<EsnStream<R>> {
        if inputs == 0 && !self.config.feedback {
            return Err(argument("inputs", 0, "1 or more; none only where outputs are fed back"));
        }
        self.build(inputs, outputs)?;
        self.reset()?;
        let map = self.map()?;
        let readout = make(map.width())?;
        if (readout.features(), readout.outputs()) != (map.width(), outputs) {
            let found = format!("{} features and {} outputs", readout.features(), readout.outputs());
            return Err(argument("readout", found, format!("{} and {outputs}", map.width())));
        }
        let state = vec![0.0; map.units];
        let output = vec![0.0; outputs];
        Ok(EsnStream { esn: self, readout, features: Vec::new(), state, output, steps: 0, latency: Latency::default() })
    }
}

impl<R: OnlineReadout> EsnStream<R> {
    /// Forecasts: learns that this sample followed the last one, then gives the forecast of the next.
    ///
    /// # Errors
    /// As [`Self::step`] and [`Self::learn`]; a stream whose outputs are not its inputs.
    pub fn push(&mut self, sample: &[f64]) -> Result<&[f64]> {
        let start = Instant::now();
        if self.steps > 0 {
            self.learn(sample)?;
        }
        self.forward(sample)?;
        self.latency.add(start.elapsed());
        Ok(&self.output)
    }

    /// Runs one step and gives the outputs of it, by what was learned so far.
    ///
    /// # Errors
    /// Another number of inputs, or one that is not finite; a readout that diverged; device errors.
    pub fn step(&mut self, inputs: &[f64]) -> Result<&[f64]> {
        let start = Instant::now();
        self.forward(inputs)?;
        self.latency.add(start.elapsed());
        Ok(&self.output)
    }

    /// Learns what the outputs of the last step should have been. During the warm-up nothing is learned.
    ///
    /// # Errors
    /// Before the first step; another number of outputs, or one that is not finite; divergence.
    pub fn learn(&mut self, target: &[f64]) -> Result<()> {
        if self.steps == 0 {
            return Err(argument(
                "target",
                "given before the first step",
                "one for a step that ran; call `step` first",
            ));
        }
        if self.steps <= self.esn.config.warmup {
            return self.check_target(target);
        }
        Ok(self.readout.update(&self.features, target)?)
    }

    fn check_target(&self, target: &[f64]) -> Result<()> {
        if target.len() == self.output.len() && target.iter().all(|y| y.is_finite()) {
            return Ok(());
        }
        let found = format!("{target:?}");
        Err(argument("target", found, format!("{} finite numbers, one for each output", self.output.len())))
    }

    fn forward(&mut self, inputs: &[f64]) -> Result<()> {
        let feeds_back = self.esn.config.feedback;
        let built = self.esn.built.as_mut().ok_or(Error::NotFitted)?;
        if inputs.len() != built.map.inputs || inputs.iter().any(|u| !u.is_finite()) {
            let allowed = format!("{} finite numbers, one for each channel", built.map.inputs);
            return Err(argument("inputs", format!("{inputs:?}"), allowed));
        }
        let feedback = feeds_back.then_some(&self.output[..]);
        built.live.run(inputs, feedback, 1, Some(&mut self.state[..]))?;
        if let Some(history) = &mut built.history {
            history.push(inputs);
        }
        self.features.clear();
        built.map.write(inputs, &self.state, built.history.as_mut(), &mut self.features);
        self.readout.predict_into(&self.features, &mut self.output)?;
        self.steps += 1;
        Ok(())
    }

    /// The state at rest; what was learned stays.
    ///
    /// # Errors
    /// Device errors.
    pub fn reset(&mut self) -> Result<()> {
        self.esn.reset()?;
        self.output.fill(0.0);
        self.steps = 0;
        Ok(())
    }

    /// Steps since the start or the last reset.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// How long steps took.
    #[must_use]
    pub const fn latency(&self) -> Latency {
        self.latency
    }

    /// The readout.
    #[must_use]
    pub const fn readout(&self) -> &R {
        &self.readout
    }

    /// The network, from where the stream is, with what was learned as its readout: to be saved, or to forecast in closed loop.
    ///
    /// # Errors
    /// Weights that are not finite; device errors.
    pub fn into_esn(self) -> Result<Esn> {
        let mut esn = self.esn;
        let alpha = esn.config.alpha;
        esn.set_readout(RidgeModel::from_parts(self.readout.weights(), self.readout.bias(), alpha)?)?;
        Ok(esn)
    }
}
