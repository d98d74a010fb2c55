//! Networks with settings that work: a place to start from.

pub mod nalsm;

use limnos_engine::Device;
use limnos_spec::{Connector, Distribution, InputId, Lif, Network, NetworkConfig, PopulationId, Weights};
use limnos_tasks::{RateCode, Scaling};

use crate::readout::Softmax;
use crate::{Encoder, Features, Lsm, LsmConfig, Result};

/// A liquid that classifies pictures: pixels drive leaky integrate-and-fire neurons that are weakly coupled among each
/// other; a softmax learns from each neuron's spike count.
///
/// * A pixel spikes in a step (1 ms) with half its brightness as probability: 500 Hz at full scale.
/// * Each neuron sees [`in_degree`](Self::in_degree) pixels chosen at random, with normal weights of mean 0, so it
///   answers to a random contrast between them. Their standard deviation is `weight_gain / sqrt(in_degree)` mV: then the
///   mean input of a typical picture spreads over neurons with about twice the threshold, half of the neurons
///   stay nearly silent, and the spikes are a rectified random projection of the picture.
/// * Each neuron hears 20 neurons of the liquid, a fifth of them inhibitory and four times as strong (0.2 and -0.8 mV
///   against a threshold of 20 mV): enough to let neurons that share no pixel interact, too weak to drown the picture.
/// * The penalty of the softmax grows with the training samples, `0.01` a sample, so that it is the same weight decay
///   for any number of them.
///
/// | data | train, test | neurons, steps | test accuracy | raw pixels, same readout |
/// |---|---|---|---|---|
/// | digits 8 x 8 | 1258, 539; ten splits | 1000, 250 | 0.979 | 0.967 |
/// | Fashion-MNIST | 10 000, 10 000 | 1000, 250 | 0.835 | 0.834 |
///
/// ```
/// use limnos::prelude::*;
/// use limnos::presets::Pictures;
///
/// let preset = Pictures { neurons: 300, steps: 100, ..Pictures::new(64, 16.0) };
/// let mut lsm = preset.lsm(&Device::cpu()?, 1258)?;
/// # let data = limnos::tasks::digits().take(100)?;
/// assert_eq!(lsm.transform(&data.features)?.dim(), (100, 300));
/// # Ok::<(), limnos::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Pictures {
    /// Pixels of a picture.
    pub pixels: usize,
    /// The brightest value; the darkest is 0.
    pub full_scale: f32,
    /// Neurons of the liquid.
    pub neurons: usize,
    /// Steps (ms) for which a picture is shown.
    pub steps: u32,
    /// Pixels that a neuron sees; at most as many as there are.
    pub in_degree: usize,
    /// Standard deviation of a neuron's input weights times the square root of their number, mV.
    pub weight_gain: f64,
    /// Seed of the network and of all spikes.
    pub seed: u64,
}

/// Neurons of the liquid that one neuron hears.
const RECURRENT_IN_DEGREE: usize = 20;

impl Pictures {
    /// 1000 neurons, 250 steps, 32 pixels a neuron, gain 8 mV, seed 7.
    pub const fn new(pixels: usize, full_scale: f32) -> Self {
        Self { pixels, full_scale, neurons: 1000, steps: 250, in_degree: 32, weight_gain: 8.0, seed: 7 }
    }

    /// The network, with the population that is read and the input of the pixels.
    #[must_use]
    pub fn network(&self) -> (Network, PopulationId, InputId) {
        let mut net = Network::new(NetworkConfig { dt: 1.0, seed: self.seed });
        let pixels = net.add_input("pixels", self.pixels);
        let liquid = net.add_population("liquid", self.neurons, Lif { tau_m: 20.0, v_thresh: 20.0, ..Lif::default() });
        net.inhibitory(liquid, 0.2);
        let seen = self.in_degree.min(self.pixels);
        let contrast = Distribution::Normal { mean: 0.0, sd: self.weight_gain / (seen.max(1) as f64).sqrt() };
        net.connect(pixels, liquid, Connector::FixedInDegree(seen), contrast);
        let heard = RECURRENT_IN_DEGREE.min(self.neurons.saturating_sub(1));
        net.connect(
            liquid,
            liquid,
            Connector::FixedInDegree(heard),
            Weights::Dale { exc: 0.2.into(), inh: 0.8.into() },
        );
        (net, liquid, pixels)
    }

    /// How pictures enter and what is read: one spike count a neuron.
    pub fn config(&self) -> LsmConfig {
        let code = RateCode { rate_hz: 500.0, scaling: Scaling::FullScale(self.full_scale) };
        LsmConfig {
            encoder: Encoder::Bernoulli(code),
            steps: self.steps,
            features: Features::counts(1),
            ..LsmConfig::default()
        }
    }

    /// The readout for so many training samples.
    pub fn readout(train_samples: usize) -> Softmax {
        Softmax { l2: 0.01 * train_samples as f64, tolerance: 1e-3, ..Softmax::default() }
    }

    /// All of it on a device.
    ///
    /// # Errors
    /// A field outside its range; device errors.
    pub fn lsm(&self, device: &Device, train_samples: usize) -> Result<Lsm<Softmax>> {
        let (net, liquid, pixels) = self.network();
        Lsm::new(device, &net, liquid, pixels, self.config(), Self::readout(train_samples))
    }
}
