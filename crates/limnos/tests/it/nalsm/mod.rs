//! NALSM: topology, an oracle in plain numbers, files, learning.

mod errors;
mod files;
mod learning;
mod oracle;
mod runs;
mod topology;

use limnos::Device;
use limnos::presets::nalsm::{Nalsm, NalsmLiquid, Rule};
use limnos::tasks::{SpikeTrain, SplitMix64, bernoulli_spikes};
use ndarray::Array2;

/// A small one: 27 neurons, 12 channels.
fn small(rule: Rule) -> Nalsm {
    Nalsm { neurons: 27, steps: 60, ..Nalsm::new(12, rule) }
}

fn cpu() -> Device {
    Device::cpu_threads(2).unwrap()
}

/// Probabilities of some samples with 12 channels.
fn probabilities(samples: usize) -> Array2<f32> {
    let mut random = SplitMix64::new(3);
    Array2::from_shape_simple_fn((samples, 12), || (0.7 * random.next_f64()) as f32)
}

/// Spike trains of 12 channels.
fn trains(samples: usize, steps: u32) -> Vec<SpikeTrain> {
    (0..samples as u64).map(|seed| bernoulli_spikes(&[0.35; 12], steps, seed).unwrap()).collect()
}

/// A small one, developed.
fn developed(preset: Nalsm) -> NalsmLiquid {
    let mut liquid = preset.liquid(&cpu()).unwrap();
    liquid.develop(&probabilities(40), &mut |_| ()).unwrap();
    liquid
}

fn bits(counts: &Array2<f32>) -> Vec<u32> {
    counts.iter().map(|x| x.to_bits()).collect()
}
