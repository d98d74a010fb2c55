//! Microseconds a step of leaky tanh reservoirs on the CPU device: 10 entries a unit and an input, states kept.
//!
//! `cargo run --release -p limnos-engine --example rate_speed -- 2` takes the threads.

use std::error::Error;
use std::time::Instant;

use limnos_engine::Device;
use limnos_engine::rate::{LinearReadout, Precision, RateOptions, RateSimulation, Real, StateFeatures};
use limnos_spec::rate::{RateLayer, RateModel, SparseMatrix};
use limnos_spec::rng;

/// 10 units and the input for each unit, leak rate 0.3.
fn reservoir(units: usize) -> Result<RateModel, Box<dyn Error>> {
    let (mut row_start, mut column, mut value) = (vec![0], Vec::new(), Vec::new());
    for i in 0..units {
        let draw = |k: u32| rng::unit(rng::word(1, k, i as u32, 0, [1, 2]));
        let mut heard: Vec<u32> = (0..10).map(|k| 1 + (draw(k) * units as f64) as u32).collect();
        heard.sort_unstable();
        heard.dedup();
        let weights = (0..=heard.len() as u32).map(|k| if k == 0 { draw(50) - 0.5 } else { draw(20 + k) - 0.5 });
        value.extend(weights);
        column.push(0);
        column.extend(heard);
        row_start.push(column.len());
    }
    let weights = SparseMatrix::new(units, units + 1, row_start, column, value)?;
    Ok(RateModel::new(1, 0, vec![RateLayer { leak: vec![0.3], ..RateLayer::new(weights) }], 0)?)
}

/// The shortest of several runs, in microseconds for a step of a sample.
fn shortest(
    repeats: usize,
    steps: usize,
    mut run: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..repeats {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / steps as f64);
    }
    Ok(best)
}

/// What noise adds.
fn measure_noise(units: usize) -> Result<(), Box<dyn Error>> {
    let layer = reservoir(units)?.into_layers().remove(0);
    let model = RateModel::new(1, 0, vec![RateLayer { noise: 0.01, ..layer }], 0)?;
    let mut sim = RateSimulation::new(&Device::cpu_threads(1)?, &model, RateOptions::default())?;
    let inputs = vec![0.5f32; 100];
    let run = shortest(60, 100, || Ok(sim.run(&inputs, None, 100, None)?))?;
    println!("{units:7} units, noise, F32: {run:9.3} us a step without states kept");
    Ok(())
}

fn measure<T: Real>(threads: usize, units: usize, samples: usize, precision: Precision) -> Result<(), Box<dyn Error>> {
    let model = reservoir(units)?;
    // Runs of a few milliseconds, of which the shortest counts: a machine with other work rarely leaves longer ones alone.
    let steps = (1_000_000 / (units * samples)).clamp(1, 3000);
    let mut sim = RateSimulation::new(
        &Device::cpu_threads(threads)?,
        &model,
        RateOptions { samples, precision, ..RateOptions::default() },
    )?;
    let inputs: Vec<T> = (0..samples * steps).map(|t| T::from_f64((t as f64 * 0.1).sin())).collect();
    let mut states = vec![T::default(); samples * steps * units];
    let kept = shortest(60, samples * steps, || Ok(sim.run(&inputs, None, steps, Some(&mut states))?))?;
    let run = shortest(60, samples * steps, || Ok(sim.run(&inputs, None, steps, None)?))?;
    let weights = vec![1e-3; units];
    let states = StateFeatures::Raw;
    sim.set_readout(&LinearReadout { outputs: 1, weights, bias: vec![0.0], inputs: false, states })?;
    let mut out = vec![T::default(); samples * steps];
    let closed = shortest(20, samples * steps, || Ok(sim.generate(steps, &mut out, None)?))?;
    println!(
        "{units:7} units {samples:3} samples {precision:?} {threads} threads: {kept:9.3} us a step with states kept, {run:9.3} without, \
         {closed:9.3} closed"
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let threads = std::env::args().nth(1).map_or(Ok(1), |n| n.parse())?;
    for units in [100, 1000, 5000, 100_000, 1_000_000] {
        measure::<f32>(threads, units, 1, Precision::F32)?;
        measure::<f64>(threads, units, 1, Precision::F64)?;
    }
    measure_noise(1000)?;
    for (units, samples) in [(100, 64), (1000, 64), (5000, 16)] {
        measure::<f32>(threads, units, samples, Precision::F32)?;
        measure::<f64>(threads, units, samples, Precision::F64)?;
    }
    Ok(())
}
