//! The reservoir: leaky tanh units, one half of which hears a recording forwards, the other backwards.

use std::ops::Range;

use anyhow::Result;
use limnos::esn::{Esn, EsnConfig, Layer, Reads};
use limnos::reservoir::{InputWeights, Reservoir};
use limnos::{Device, Distribution};
use ndarray::{Array2, Axis, concatenate, s};

use crate::features::Hearing;

/// A network that reads what [`both_ways`] gives of sequences of `channels`.
pub fn network(device: &Device, hearing: Hearing, channels: usize, units: usize, seed: u64) -> Result<Esn> {
    let scaling = match hearing {
        Hearing::Lyon => 0.22,
        Hearing::Mfcc => 0.33,
    };
    // Weights to the other direction are 0.
    let half = |units, heard: Range<usize>| Reservoir {
        units,
        leak_rate: 0.3,
        spectral_radius: 0.9,
        input_scaling: (0..2 * channels)
            .map(|c| if heard.contains(&c) { scaling } else { 0.0 })
            .collect::<Vec<_>>()
            .into(),
        input_weights: InputWeights::uniform(0.2),
        bias: Distribution::uniform(-0.2, 0.2),
        seed,
        ..Reservoir::default()
    };
    let backwards = Layer { reservoir: half(units - units / 2, channels..2 * channels), reads: Reads::Inputs };
    let config = EsnConfig {
        reservoir: half(units / 2, 0..channels),
        layers: vec![backwards],
        read_inputs: false,
        warmup: 0,
        ..EsnConfig::default()
    };
    Ok(Esn::new(device, config)?)
}

/// A sequence beside itself in reversed time: steps x twice the channels.
pub fn both_ways(sequence: &Array2<f64>) -> Array2<f64> {
    concatenate(Axis(1), &[sequence.view(), sequence.slice(s![..;-1, ..])]).expect("both should have as many steps")
}
