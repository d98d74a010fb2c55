//! Liquid state machines: a network that is not trained, and a readout that is.
//!
//! W. Maass, T. Natschlaeger, H. Markram, "Real-time computing without stable states: a new framework for neural
//! computation based on perturbations", Neural Computation 14:2531, 2002.

mod config;
mod liquid;
mod partial;
mod progress;
mod samples;

use std::time::{Duration, Instant};

use limnos_engine::Device;
use limnos_spec::{InputId, Network, PopulationId};
use ndarray::{Array2, ArrayRef2};

pub use config::{Encoder, Features, LsmConfig};
pub use liquid::Activity;
pub use progress::{Progress, Stage};
pub use samples::Samples;

use crate::error::argument;
use crate::readout::{Classifier, Readout, RidgeAccumulator, Softmax};
use crate::{Error, Result};
use liquid::Liquid;
pub(crate) use progress::Callback;

/// A liquid state machine that classifies: samples become spikes of an input, the spikes of a population become
/// features, a readout learns their classes.
///
/// Samples run side by side, as many as memory and `max_batch` allow. Sample k (row k of `x`) draws from random stream
/// k, so features have the same bits for any batch size and on any device.
///
/// ```
/// use limnos::prelude::*;
/// use limnos::tasks::{Split, digits};
///
/// let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 7 });
/// let pixels = net.add_input("pixels", 64);
/// let liquid = net.add_population("liquid", 200, Lif { tau_m: 20.0, ..Lif::default() });
/// net.connect(pixels, liquid, FixedProbability(0.2), Weights::signed(6.0));
/// net.connect(liquid, liquid, FixedProbability(0.05), Weights::signed(1.0));
///
/// let encoder = Encoder::Bernoulli(RateCode { rate_hz: 250.0, scaling: Scaling::FullScale(16.0) });
/// let config = LsmConfig { encoder, steps: 50, ..LsmConfig::default() };
/// let mut lsm = Lsm::new(&Device::cpu()?, &net, liquid, pixels, config, Softmax::default())?;
///
/// let data = digits().take(600)?.train_test_split(0.3, 1, Split::Stratified)?;
/// lsm.fit(&data.train.features, &data.train.labels)?;
/// assert!(lsm.score(&data.test.features, &data.test.labels)? > 0.8);
/// # Ok::<(), limnos::Error>(())
/// ```
#[derive(Debug)]
pub struct Lsm<R: Readout = Softmax> {
    liquid: Liquid,
    readout: R,
    model: Option<R::Model>,
    /// Number of classes and sums of `partial_fit`.
    sums: Option<(usize, RidgeAccumulator)>,
    callback: Callback,
}

/// How a fit went.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// Fraction of the training samples whose class is predicted.
    pub train_accuracy: f64,
    /// Time that the readout took to learn, the runs through the liquid not included.
    pub wall: Duration,
}

impl<R: Readout> Lsm<R> {
    /// Puts a network on a device: samples enter at `input`, `population` is read.
    ///
    /// # Errors
    /// A wrong network, config or id; device errors.
    pub fn new(
        device: &Device,
        network: &Network,
        population: PopulationId,
        input: InputId,
        config: LsmConfig,
        readout: R,
    ) -> Result<Self> {
        let liquid = Liquid::new(device, network, population, input, config)?;
        Ok(Self { liquid, readout, model: None, sums: None, callback: Callback::default() })
    }

    /// Calls `callback` after each batch of samples and each iteration of a fit.
    pub fn on_progress(&mut self, callback: impl FnMut(Progress) + Send + 'static) {
        self.callback = Callback(Some(Box::new(callback)));
    }

    /// Runs samples through the liquid: samples x features ([`Features`] says which).
    ///
    /// # Errors
    /// No samples, another number of features than the input has channels, values that the encoder refuses (NaN,
    /// negative, beyond the full scale): nothing runs then. Device errors.
    pub fn transform<'a>(&mut self, x: impl Into<Samples<'a>>) -> Result<Array2<f32>> {
        self.transform_from(0, x)
    }

    /// [`Self::transform`] with row k drawing from random stream `first + k`: for pieces of a larger set.
    ///
    /// # Errors
    /// As [`Self::transform`].
    pub fn transform_from<'a>(&mut self, first: u32, x: impl Into<Samples<'a>>) -> Result<Array2<f32>> {
        self.liquid.run(x.into(), first, &mut self.callback)
    }

    /// Spikes of the population, (step, neuron) ascending, for each sample, the k-th drawing from random stream
    /// `first + k`: for looking at a few samples, which run one after another. They are the spikes that
    /// [`Self::transform_from`] counts.
    ///
    /// # Errors
    /// As [`Self::transform`].
    pub fn spikes<'a>(&self, first: u32, x: impl Into<Samples<'a>>) -> Result<Vec<Vec<(u32, u32)>>> {
        self.liquid.spikes(x.into(), first)
    }

    /// Runs samples and teaches the readout their classes. What it learned before is forgotten.
    ///
    /// # Errors
    /// As [`Self::transform`]; labels of another number or of one class; what the readout refuses.
    pub fn fit<'a>(&mut self, x: impl Into<Samples<'a>>, labels: &[u32]) -> Result<Fit> {
        let x = x.into();
        check_labels(x.len(), labels)?;
        let features = self.transform(x)?;
        self.fit_features(&features, labels)
    }

    /// Teaches the readout the classes of features that [`Self::transform`] gave.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn fit_features(&mut self, features: &ArrayRef2<f32>, labels: &[u32]) -> Result<Fit> {
        let start = Instant::now();
        let labels = as_usize(labels);
        let callback = &mut self.callback;
        let model = self.readout.fit_labels_with(features, &labels, &mut |p| {
            callback.tell(Stage::Fit, start, p.iteration, p.of);
        })?;
        let wall = start.elapsed();
        let train_accuracy = model.score_labels(features, &labels)?;
        (self.model, self.sums) = (Some(model), None);
        Ok(Fit { train_accuracy, wall })
    }

    /// The likeliest class of each sample.
    ///
    /// # Errors
    /// [`Error::NotFitted`]; as [`Self::transform`].
    pub fn predict<'a>(&mut self, x: impl Into<Samples<'a>>) -> Result<Vec<u32>> {
        self.fitted()?;
        let features = self.transform(x)?;
        let classes = self.fitted()?.predict_labels(&features)?;
        Ok(classes.into_iter().map(|class| class as u32).collect())
    }

    /// Probabilities (samples x classes), or `None` from a readout that has none, such as [`Ridge`](crate::Ridge).
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn predict_proba<'a>(&mut self, x: impl Into<Samples<'a>>) -> Result<Option<Array2<f64>>> {
        self.fitted()?;
        let features = self.transform(x)?;
        Ok(self.fitted()?.predict_proba(&features)?)
    }

    /// Fraction of samples whose class is predicted.
    ///
    /// # Errors
    /// As [`Self::predict`]; labels of another number, or of a class that was not learned.
    pub fn score<'a>(&mut self, x: impl Into<Samples<'a>>, labels: &[u32]) -> Result<f64> {
        let x = x.into();
        self.fitted()?;
        check_labels(x.len(), labels)?;
        let features = self.transform(x)?;
        Ok(self.fitted()?.score_labels(&features, &as_usize(labels))?)
    }

    /// What the readout has learned.
    #[must_use]
    pub const fn model(&self) -> Option<&R::Model> {
        self.model.as_ref()
    }

    /// Number of features: columns that [`Self::transform`] gives.
    #[must_use]
    pub fn features(&self) -> usize {
        self.liquid.features()
    }

    /// Most samples that run side by side.
    #[must_use]
    pub fn max_batch(&self) -> usize {
        self.liquid.max_batch()
    }

    /// What was simulated so far.
    #[must_use]
    pub const fn activity(&self) -> Activity {
        self.liquid.activity
    }

    fn fitted(&self) -> Result<&R::Model> {
        self.model.as_ref().ok_or(Error::NotFitted)
    }
}

/// Refuses labels of another number before anything runs.
fn check_labels(samples: usize, labels: &[u32]) -> Result<()> {
    if samples == labels.len() {
        return Ok(());
    }
    Err(argument("labels", format!("{} labels", labels.len()), format!("one for each of the {samples} samples")))
}

fn as_usize(labels: &[u32]) -> Vec<usize> {
    labels.iter().map(|&label| label as usize).collect()
}
