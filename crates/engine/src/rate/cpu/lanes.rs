//! Many samples of one model: 16 of them side by side, so that an entry of a row is one load of 16 states and none is gathered. The sums of a sample go through
//! its rows in the same order as alone, so the bits are the same.

use std::ops::Range;

use limnos_spec::rate::{Activation, RateModel};
use limnos_spec::rng::{self, Purpose};

use super::float::{Float, relu};
use super::kernel::LANES;
use super::noise::{BLOCK, NoiseDraw};
use crate::cpu::simd::{self, RateKernels};

/// A model as rows of its units, in their order.
#[derive(Debug)]
pub(super) struct LaneNet<T> {
    pub(super) inputs: usize,
    pub(super) feedback: usize,
    pub(super) units: usize,
    seed: u64,
    layers: Vec<LaneLayer<T>>,
}

#[derive(Debug)]
struct LaneLayer<T> {
    units: Range<usize>,
    noise: f64,
    rows: LaneRows<T>,
}

/// The rows of a layer with the constants of its units.
#[derive(Debug)]
pub(crate) struct LaneRows<T> {
    activation: Activation,
    row_start: Vec<usize>,
    /// Places in the gather vector `[inputs | feedback | units]`, and weights.
    entry: Vec<(u32, T)>,
    unit: Vec<UnitConstants<T>>,
}

#[derive(Clone, Copy, Debug)]
struct UnitConstants<T> {
    keep: T,
    leak: T,
    gain: T,
    bias: T,
}

impl<T: Float + RateKernels> LaneNet<T> {
    pub(super) fn new(model: &RateModel) -> Self {
        let layer = |k: usize| {
            let layer = &model.layers()[k];
            let (column, value) = (layer.weights.column(), layer.weights.value());
            let unit = |i: usize| UnitConstants {
                keep: T::from_f64(1.0 - layer.leak_of(i)),
                leak: T::from_f64(layer.leak_of(i)),
                gain: T::from_f64(layer.gain_of(i)),
                bias: T::from_f64(layer.bias_of(i)),
            };
            LaneLayer {
                units: model.first_unit(k)..model.first_unit(k + 1),
                noise: layer.noise,
                rows: LaneRows {
                    activation: layer.activation,
                    row_start: layer.weights.row_start().to_vec(),
                    entry: column.iter().zip(value).map(|(&j, &v)| (j, T::from_f64(v))).collect(),
                    unit: (0..layer.units).map(unit).collect(),
                },
            }
        };
        Self {
            inputs: model.inputs(),
            feedback: model.feedback(),
            units: model.units(),
            seed: model.seed(),
            layers: (0..model.layers().len()).map(layer).collect(),
        }
    }
}

/// Up to 16 samples of a model.
#[derive(Debug)]
pub(super) struct Block<'a, T> {
    net: &'a LaneNet<T>,
    /// `[inputs | feedback | units][lane]`.
    gathered: Vec<[T; LANES]>,
    next: Vec<[T; LANES]>,
}

impl<'a, T: Float + RateKernels> Block<'a, T> {
    pub(super) fn new(net: &'a LaneNet<T>) -> Self {
        let longest = net.layers.iter().map(|layer| layer.units.len()).max().unwrap_or(0);
        let columns = net.inputs + net.feedback + net.units;
        Self { net, gathered: vec![[T::default(); LANES]; columns], next: vec![[T::default(); LANES]; longest] }
    }

    /// The inputs and feedback of all lanes, `[column][lane]`.
    pub(super) fn read_mut(&mut self) -> &mut [[T; LANES]] {
        &mut self.gathered[..self.net.inputs + self.net.feedback]
    }

    /// The inputs of all lanes, `[input][lane]`.
    pub(super) fn inputs(&self) -> &[[T; LANES]] {
        &self.gathered[..self.net.inputs]
    }

    /// The states of all lanes, `[unit][lane]`.
    pub(super) fn states(&self) -> &[[T; LANES]] {
        &self.gathered[self.net.inputs + self.net.feedback..]
    }

    pub(super) fn states_mut(&mut self) -> &mut [[T; LANES]] {
        &mut self.gathered[self.net.inputs + self.net.feedback..]
    }

    /// One step; `samples` are the numbers of the lanes in streams of noise.
    pub(super) fn step(&mut self, step: u32, samples: &[u32]) {
        let first = self.net.inputs + self.net.feedback;
        for (k, layer) in self.net.layers.iter().enumerate() {
            let slots = first + layer.units.start..first + layer.units.end;
            let next = &mut self.next[..layer.units.len()];
            T::lane_rows(&layer.rows, &self.gathered, slots.start, next);
            if layer.noise > 0.0 {
                let (stream, key) = (rng::stream(Purpose::Noise, k as u32, 0), rng::key(self.net.seed));
                for (lane, &sample) in samples.iter().enumerate() {
                    add_noise(T::from_f64(layer.noise), NoiseDraw { stream, step, sample, key }, lane, next);
                }
            }
            self.gathered[slots].copy_from_slice(next);
        }
    }
}

fn add_noise<T: Float>(noise: T, draw: NoiseDraw, lane: usize, next: &mut [[T; LANES]]) {
    let mut normals = [0.0; BLOCK];
    for (block, units) in next.chunks_mut(BLOCK).enumerate() {
        simd::noise_block(draw, block * BLOCK, &mut normals);
        units.iter_mut().zip(&normals).for_each(|(unit, xi)| unit[lane] = unit[lane] + noise * T::from_f64(*xi));
    }
}

/// New states of a layer's units, whose old ones start at `own` in the gather vector.
#[inline(always)]
pub(crate) fn lane_rows<T: Float>(rows: &LaneRows<T>, gathered: &[[T; LANES]], own: usize, next: &mut [[T; LANES]]) {
    match rows.activation {
        Activation::Tanh => each_row(rows, gathered, own, next, T::tanh),
        Activation::Sigmoid => each_row(rows, gathered, own, next, T::sigmoid),
        Activation::Relu => each_row(rows, gathered, own, next, relu),
        Activation::Identity => each_row(rows, gathered, own, next, |a| a),
    }
}

#[inline(always)]
fn each_row<T: Float>(
    rows: &LaneRows<T>,
    gathered: &[[T; LANES]],
    own: usize,
    next: &mut [[T; LANES]],
    f: impl Fn(T) -> T + Copy,
) {
    for (i, (unit, (x, next))) in rows.unit.iter().zip(gathered[own..].iter().zip(next)).enumerate() {
        let mut sums = [T::default(); LANES];
        for &(column, weight) in &rows.entry[rows.row_start[i]..rows.row_start[i + 1]] {
            let x = &gathered[column as usize];
            for lane in 0..LANES {
                sums[lane] = sums[lane] + weight * x[lane];
            }
        }
        for lane in 0..LANES {
            let a = unit.gain * sums[lane] + unit.bias;
            next[lane] = unit.keep * x[lane] + unit.leak * f(a);
        }
    }
}
