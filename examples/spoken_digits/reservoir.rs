//! The reservoir: leaky tanh units, one half of which hears a recording forwards, the other backwards.

use anyhow::Result;
use limnos::Device;
use limnos::engine::rate::{RateOptions, RateRun, RateSimulation};
use limnos::spec::rate::{RateLayer, RateModel, SparseMatrix};
use limnos::tasks::SplitMix64;
use ndarray::{Array2, ArrayView2};

use crate::experiment::{part_means as means, rows};
use crate::features::Hearing;

const DEGREE: usize = 10;
const RADIUS: f64 = 0.9;
const LEAK: f64 = 0.3;
const BATCH: usize = 50;

/// Means of the states in parts of each sequence: sequences x (parts x units).
pub fn part_means(
    device: &Device,
    hearing: Hearing,
    units: usize,
    seed: u64,
    sequences: &[Array2<f64>],
) -> Result<Array2<f64>> {
    let channels = sequences[0].ncols();
    let scaling = if hearing == Hearing::Lyon { 0.22 } else { 0.33 };
    let mut random = SplitMix64::new(seed);
    let first = layer(&mut random, units / 2, 0, 2 * channels, 0..channels, scaling)?;
    let second = layer(&mut random, units - units / 2, units / 2, 2 * channels, channels..2 * channels, scaling)?;
    let model = RateModel::new(2 * channels, 0, vec![first, second], seed)?;
    let mut order: Vec<usize> = (0..sequences.len()).collect();
    order.sort_by_key(|&i| sequences[i].nrows());
    let mut all = vec![Vec::new(); sequences.len()];
    for batch in order.chunks(BATCH) {
        let lengths: Vec<usize> = batch.iter().map(|&i| sequences[i].nrows()).collect();
        let steps = lengths[batch.len() - 1];
        let mut inputs = vec![0.0f32; batch.len() * steps * 2 * channels];
        for (k, &i) in batch.iter().enumerate() {
            for t in 0..lengths[k] {
                let row = &mut inputs[(k * steps + t) * 2 * channels..][..2 * channels];
                let (forwards, backwards) = (sequences[i].row(t), sequences[i].row(lengths[k] - 1 - t));
                row.iter_mut().zip(forwards.iter().chain(backwards)).for_each(|(to, x)| *to = *x as f32);
            }
        }
        let options = RateOptions { samples: batch.len(), ..RateOptions::default() };
        let mut simulation = RateSimulation::new(device, &model, options)?;
        let mut states = vec![0.0f32; batch.len() * steps * units];
        simulation.run_with(RateRun {
            lengths: Some(&lengths),
            states: Some(&mut states),
            ..RateRun::new(steps, &inputs)
        })?;
        for (k, &i) in batch.iter().enumerate() {
            let rows = &states[k * steps * units..][..lengths[k] * units];
            let states = ArrayView2::from_shape((lengths[k], units), rows)?.mapv(f64::from);
            all[i] = means(states.view());
        }
    }
    rows(all.into_iter())
}

fn layer(
    random: &mut SplitMix64,
    units: usize,
    before: usize,
    inputs: usize,
    hears: std::ops::Range<usize>,
    scaling: f64,
) -> Result<RateLayer> {
    let mut triplets = Vec::new();
    let spread = RADIUS / (DEGREE as f64 / 3.0).sqrt();
    for i in 0..units {
        let mut row = std::collections::BTreeMap::new();
        for j in hears.clone() {
            if random.next_f64() < 0.2 {
                row.insert(j, scaling * (2.0 * random.next_f64() - 1.0));
            }
        }
        for _ in 0..DEGREE {
            let j = (random.next_f64() * units as f64) as usize;
            row.insert(inputs + before + j, spread * (2.0 * random.next_f64() - 1.0));
        }
        triplets.extend(row.into_iter().map(|(j, w)| (i, j, w)));
    }
    let weights = SparseMatrix::from_triplets(units, inputs + before + units, &triplets)?;
    let bias = (0..units).map(|_| 0.4 * random.next_f64() - 0.2).collect();
    Ok(RateLayer { leak: vec![LEAK], bias, ..RateLayer::new(weights) })
}
