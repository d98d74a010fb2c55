//! W5: a liquid state machine that classifies a batch of samples.

use std::sync::Arc;

use limnos::readout::{Alpha, Ridge};
use limnos_engine::{EngineError, Feed, Simulation};
use limnos_spec::rng::{key, unit, word};
use limnos_spec::{Csr, Network, NetworkConfig};
use ndarray::{Array2, Array3, s};

use super::w1::{neuron, reservoir};
use super::{Workload, split};

/// Spike probability of a full-intensity pixel in a step of 1 ms: 90 Hz.
const P_MAX: f64 = 0.09;
/// Share of pixels that a class's prototype has.
const ON: f64 = 0.19;
/// Share of them that a sample keeps.
const KEPT: f64 = 0.7;
/// Share of pixels that a sample adds.
const ADDED: f64 = 0.057;
/// Weight of an input synapse, mV.
const INPUT_WEIGHT: f64 = 1.3;
/// Name of the input.
const INPUT: &str = "pixels";
/// First counter words of this module's draws: the purpose 15 is none of the network's.
const DRAWS: u32 = 0xF000_0000;

/// `n` LIF neurons as W1 without a refractory period, no noise; each has `k` recurrent targets (80 % excitatory; 0.5 mV, from
/// inhibitory neurons -2.5 mV; delay 1 step). `channels` Bernoulli channels, each to 100 distinct neurons with 1.3 mV that act in the step of the
/// spike. 250 steps from rest for each of 256 samples; the result is the spike count of every neuron.
///
/// Samples are synthetic images of ten classes: a prototype has each pixel with probability 0.19, at an intensity of 0.3 to 1; a sample
/// of class `number % 10` keeps each pixel with probability 0.7 and adds others with probability 0.057. A pixel of full intensity spikes with
/// probability 0.09 a step. What a sample is depends on the seed and its number alone.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct W5 {
    /// Neurons.
    pub n: usize,
    /// Recurrent targets of a neuron.
    pub k: usize,
    /// Weight of an excitatory recurrent synapse, mV.
    pub j: f64,
    /// Input channels.
    pub channels: usize,
    /// Targets of a channel.
    pub k_in: usize,
    /// Seed.
    pub seed: u64,
}

impl Default for W5 {
    fn default() -> Self {
        Self { n: 1000, k: 100, j: 0.5, channels: 784, k_in: 100, seed: 1 }
    }
}

impl W5 {
    /// Classes of samples.
    pub const CLASSES: u32 = 10;

    /// The class of a sample.
    #[must_use]
    pub const fn label(sample: u32) -> usize {
        (sample % Self::CLASSES) as usize
    }

    /// The spike probabilities of a sample's channels in a step.
    #[must_use]
    pub fn probabilities(&self, sample: u32) -> Vec<f32> {
        let class = sample % Self::CLASSES;
        let pixel = |channel| {
            let draw = |kind, row| self.unit(kind, channel, row);
            let intensity = |kind, row| 0.3 + 0.7 * draw(kind, row);
            let prototype = if draw(0, class) < ON && draw(1, sample) < KEPT { intensity(2, class) } else { 0.0 };
            let added = if draw(3, sample) < ADDED { intensity(4, sample) } else { 0.0 };
            ((prototype + added).min(1.0) * P_MAX) as f32
        };
        (0..self.channels as u32).map(pixel).collect()
    }

    /// The targets of a channel, ascending: `k_in` different ones of all neurons.
    fn input_targets(&self, channel: u32) -> Vec<u32> {
        let mut neurons: Vec<u32> = (0..self.n as u32).collect();
        let count = self.k_in.min(self.n);
        for i in 0..count {
            let left = (self.n - i) as u64;
            let draw = u64::from(word(DRAWS | 5, channel, i as u32, 0, key(self.seed)));
            neurons.swap(i, i + ((draw * left) >> 32) as usize);
        }
        neurons.truncate(count);
        neurons.sort_unstable();
        neurons
    }

    /// A uniform number of a kind for a channel and a row (sample or class).
    fn unit(&self, kind: u32, channel: u32, row: u32) -> f64 {
        unit(word(DRAWS | kind, channel, row, 0, key(self.seed)))
    }
}

impl Workload for W5 {
    fn name(&self) -> &'static str {
        "w5"
    }

    fn network(&self) -> Network {
        let mut network = Network::new(NetworkConfig { dt: 1.0, seed: self.seed });
        let (e, i) = reservoir(&mut network, self.n, self.k, self.j, neuron(), None);
        let pixels = network.add_input(INPUT, self.channels);
        let targets: Vec<_> = (0..self.channels as u32).map(|c| self.input_targets(c)).collect();
        let n_exc = split(self.n).0 as u32;
        for (population, from, to) in [(e, 0, n_exc), (i, n_exc, self.n as u32)] {
            network.connect(pixels, population, rows(&targets, from, to), INPUT_WEIGHT);
        }
        network
    }

    fn feed(&self, network: &Network, simulation: &mut Simulation, first_sample: u32) -> Result<(), EngineError> {
        let mut values = Array3::zeros((simulation.batch(), 1, self.channels));
        for (sample, mut row) in values.outer_iter_mut().enumerate() {
            let probabilities = self.probabilities(first_sample + sample as u32);
            row.iter_mut().zip(probabilities).for_each(|(to, from)| *to = from);
        }
        let pixels = network.input(INPUT).expect("the network should be the one that W5 describes");
        simulation.feed(pixels, Feed::Probabilities(values.view()))
    }

    fn default_steps(&self) -> u32 {
        250
    }

    fn default_batch(&self) -> usize {
        256
    }

    fn samples_from_rest(&self) -> bool {
        true
    }

    fn input_events(&self, first_sample: u32, batch: usize, steps: u32) -> f64 {
        let samples = first_sample..first_sample + batch as u32;
        let spikes_a_step: f64 = samples.flat_map(|s| self.probabilities(s)).map(f64::from).sum();
        spikes_a_step * f64::from(steps) * self.k_in as f64
    }

    fn accuracy(&self, counts: &Array2<u32>, first_sample: u32) -> Option<f64> {
        let half = counts.nrows() / 2;
        let labels: Vec<_> = (0..counts.nrows() as u32).map(|s| Self::label(first_sample + s)).collect();
        let ridge = Ridge { alpha: Alpha::Given(1.0), ..Ridge::default() };
        let model = ridge.fit_labels(&counts.slice(s![..half, ..]), &labels[..half]).ok()?;
        model.score_labels(&counts.slice(s![half.., ..]), &labels[half..]).ok()
    }
}

/// The part of the rows whose targets lie in `from..to`, counted from `from`.
fn rows(targets: &[Vec<u32>], from: u32, to: u32) -> Csr {
    let (mut row_start, mut inside) = (vec![0], Vec::new());
    for row in targets {
        inside.extend(row.iter().filter(|t| (from..to).contains(t)).map(|t| t - from));
        row_start.push(inside.len());
    }
    Csr { row_start: row_start.into(), targets: Arc::from(inside) }
}
