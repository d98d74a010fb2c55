//! Liquid state machines: equal bits for any batch, features, learning, errors, accuracy on real pictures.

mod accuracy;
mod batch;
mod errors;
mod features;
mod learning;

use limnos::prelude::*;
use limnos::tasks::SplitMix64;
use ndarray::Array2;

/// A small noisy recurrent net with delays: 12 channels, 70 neurons.
pub(crate) fn noisy_net(seed: u64) -> (Network, PopulationId, InputId) {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed });
    let input = net.add_input("pixels", 12);
    let liquid = net.add_population("liquid", 70, Lif { tau_refrac: 2.0, ..Lif::default() });
    net.inhibitory(liquid, 0.2);
    net.drive(liquid, Drive::Poisson { events_per_step: 2.0, weight: 0.4 });
    net.connect(input, liquid, FixedProbability(0.4), Weights::signed(3.0));
    net.connect(liquid, liquid, FixedProbability(0.2), Weights::dale(1.5)).delays(3);
    (net, liquid, input)
}

/// Samples x 12 values from 0 to 16.
pub(crate) fn pictures(samples: usize) -> Array2<f32> {
    let mut random = SplitMix64::new(5);
    Array2::from_shape_simple_fn((samples, 12), || (16.0 * random.next_f64()) as f32)
}

/// 300 Hz at full scale, 40 steps, counts in two windows and two traces.
fn config(max_batch: usize) -> LsmConfig {
    LsmConfig {
        encoder: Encoder::Bernoulli(rate_code()),
        steps: 40,
        features: Features { count_windows: 2, traces: Some(Traces { tau: 15.0, at_steps: vec![19, 39] }) },
        max_batch,
        ..LsmConfig::default()
    }
}

fn rate_code() -> RateCode {
    RateCode { rate_hz: 300.0, scaling: Scaling::FullScale(16.0) }
}

fn lsm(seed: u64, config: LsmConfig) -> Lsm {
    let (net, liquid, input) = noisy_net(seed);
    Lsm::new(&Device::cpu().unwrap(), &net, liquid, input, config, Softmax::default()).unwrap()
}

fn bits(features: &Array2<f32>) -> Vec<u32> {
    features.iter().map(|x| x.to_bits()).collect()
}
