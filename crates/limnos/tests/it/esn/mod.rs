//! Echo state networks.

mod accuracy;
mod closed_loop;
mod errors;
mod files;
mod learning;
mod parity;
mod states;
mod streaming;
mod tuning;

use limnos::Device;
use limnos::esn::{Esn, EsnConfig};
use limnos::ndarray::Array2;
use limnos::reservoir::Reservoir;
use limnos::spec::Distribution;
use limnos::tasks::SplitMix64;

/// A network on the CPU device.
fn esn(config: EsnConfig) -> Esn {
    Esn::new(&Device::cpu().unwrap(), config).unwrap()
}

/// A small reservoir with biases.
fn reservoir(units: usize, seed: u64) -> Reservoir {
    Reservoir { units, leak_rate: 0.6, bias: Distribution::uniform(-0.2, 0.2), seed, ..Reservoir::default() }
}

/// Uniform numbers in -1 to 1.
fn noise(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut random = SplitMix64::new(seed);
    Array2::from_shape_simple_fn((rows, columns), || 2.0 * random.next_f64() - 1.0)
}

/// A series of one channel.
fn column(values: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((values.len(), 1), |(t, _)| values[t])
}

/// The value in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { 0.5 * (values[half - 1] + values[half]) }
}
