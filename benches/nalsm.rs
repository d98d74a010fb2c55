//! `cargo bench --bench nalsm`: the 1000 neurons of NALSM on pictures made up to be as bright as MNIST's: steps of development, one
//! after another, and samples side by side.

use std::io::Write;

use anyhow::Result;
use limnos::presets::nalsm::{Nalsm, Rule};
use limnos_bench::device::DeviceChoice;
use limnos_bench::workload::W5;
use ndarray::Array2;
use serde_json::json;

/// Snippets of 20 steps, and samples of 250.
const SNIPPETS: u32 = 1000;
const SAMPLES: u32 = 128;
/// Mean events of a picture in a step, as those of MNIST have.
const EVENTS: f32 = 20.0;

fn main() -> Result<()> {
    let device = DeviceChoice::default().open()?;
    let mut liquid = Nalsm::new(784, Rule::astrocyte(0.015)).liquid(&device)?;
    let developed = liquid.develop(&pictures(SNIPPETS), &mut |_| ())?;
    let shown = liquid.transform(0, &pictures(SAMPLES), &mut |_| ())?;
    let line = json!({
        "workload": "nalsm",
        "device": device.info().device,
        "adapter": device.info().adapter,
        "us_per_step": 1e6 * developed.wall.as_secs_f64() / developed.steps as f64,
        "samples_per_s": f64::from(SAMPLES) / shown.wall.as_secs_f64(),
        "input_rate": shown.input_rate,
        "liquid_rate": shown.liquid_rate,
        "spikes": shown.counts.sum(),
    });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// Probabilities of an event in a step, pictures x pixels.
fn pictures(count: u32) -> Array2<f32> {
    let w5 = W5::default();
    let row = |picture: u32| {
        let pixels = w5.probabilities(picture);
        let gain = EVENTS / pixels.iter().sum::<f32>();
        pixels.into_iter().map(move |p| (p * gain).min(1.0))
    };
    let pixels: Vec<f32> = (0..count).flat_map(row).collect();
    Array2::from_shape_vec((count as usize, w5.channels), pixels).expect("every picture should have all its pixels")
}
