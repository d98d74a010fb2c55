//! Rate models as the kernels' buffers hold them.

use std::borrow::Borrow;

use super::rate::{ROW_STRIDE, RateShape, RateUnit, Tables, kind};
use crate::rate::{RateLayer, RateModel};
use crate::rng;

/// What does not change while models run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packed {
    /// `[member][unit]`.
    pub units: Vec<RateUnit>,
    /// Columns of the entries of rows, 32 rows side by side.
    pub columns: Vec<u32>,
    /// Their values.
    pub weights: Vec<f32>,
    /// Keys of members, first units of layers and their end, lengths of samples (`u32::MAX`: as long as the run).
    pub table: Vec<u32>,
}

impl Packed {
    /// Lays models of one shape out, each with so many samples. There is one or more.
    #[must_use]
    pub fn new<M: Borrow<RateModel>>(models: &[M], per_member: usize) -> Self {
        let mut packed = Self::default();
        for model in models {
            packed.model(model.borrow());
            packed.table.extend(rng::key(model.borrow().seed()));
        }
        let first = models[0].borrow();
        packed.table.extend((0..=first.layers().len()).map(|k| first.first_unit(k) as u32));
        packed.table.resize(packed.table.len() + models.len() * per_member, u32::MAX);
        packed
    }

    fn model(&mut self, model: &RateModel) {
        let rows: Vec<_> = rows(model).collect();
        for slice in rows.chunks(ROW_STRIDE) {
            let start = self.columns.len();
            let longest = slice.iter().map(|(_, _, row)| row.0.len()).max().unwrap_or(0);
            self.columns.resize(start + longest * ROW_STRIDE, 0);
            self.weights.resize(start + longest * ROW_STRIDE, 0.0);
            for (k, &(layer, i, (columns, values))) in slice.iter().enumerate() {
                for (j, (&column, &value)) in columns.iter().zip(values).enumerate() {
                    self.columns[start + k + j * ROW_STRIDE] = column;
                    self.weights[start + k + j * ROW_STRIDE] = value as f32;
                }
                self.units.push(unit(&model.layers()[layer], layer, i, (start + k, columns.len())));
            }
        }
    }

    /// The tables with their shape.
    #[must_use]
    pub fn tables<'a>(&'a self, shape: &'a RateShape) -> Tables<'a> {
        Tables { shape, units: &self.units, columns: &self.columns, weights: &self.weights, table: &self.table }
    }
}

/// Words of the entries of a model, the gaps of short rows beside long ones included.
#[must_use]
pub fn entry_words(model: &RateModel) -> u64 {
    let lengths: Vec<_> = rows(model).map(|(_, _, row)| row.0.len() as u64).collect();
    lengths.chunks(ROW_STRIDE).map(|slice| ROW_STRIDE as u64 * slice.iter().max().copied().unwrap_or(0)).sum()
}

/// The shape of models that run side by side, without a readout.
#[must_use]
pub fn shape(model: &RateModel, members: usize, per_member: usize, interleaved: bool) -> RateShape {
    let layers_at = 2 * members as u32;
    let samples = (members * per_member) as u32;
    let halves = if interleaved { 2 } else { 1 };
    RateShape {
        inputs: model.inputs() as u32,
        feedback: model.feedback() as u32,
        units: model.units() as u32,
        layers: model.layers().len() as u32,
        samples,
        per_member: per_member as u32,
        interleaved: u32::from(interleaved),
        layers_at,
        lengths_at: layers_at + model.layers().len() as u32 + 1,
        last_at: halves * samples * model.units() as u32,
        ..RateShape::default()
    }
}

type Row<'a> = (&'a [u32], &'a [f64]);

/// Rows of all units in order, with their layers and their place in these.
fn rows(model: &RateModel) -> impl Iterator<Item = (usize, usize, Row<'_>)> {
    let layers = model.layers().iter().enumerate();
    layers.flat_map(|(k, layer)| (0..layer.units).map(move |i| (k, i, layer.weights.row(i))))
}

fn unit(layer: &RateLayer, index: usize, i: usize, (start, length): (usize, usize)) -> RateUnit {
    let leak = layer.leak_of(i);
    RateUnit {
        start: start as u32,
        length: length as u32,
        keep: (1.0 - leak) as f32,
        leak: leak as f32,
        gain: layer.gain_of(i) as f32,
        bias: layer.bias_of(i) as f32,
        noise: layer.noise as f32,
        kind: kind(layer.activation, index as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::{Activation, SparseMatrix};
    use crate::twin::device::rate::{RateMoment, RateSpan};
    use crate::twin::device::rate_lanes::rate_lanes;
    use crate::twin::rate_step;

    fn value(i: usize) -> f64 {
        f64::from(((i * 7919 + 13) % 211) as f32) / 105.0 - 1.0
    }

    /// Rows of different lengths, some empty.
    fn layer(units: usize, columns: usize, activation: Activation, noise: f64) -> RateLayer {
        let entries = (0..units).flat_map(|i| (0..i % 9).map(move |j| (i, (i * 31 + j * 17) % columns)));
        let mut triplets: Vec<_> = entries.map(|(i, c)| (i, c, f64::from(value(i + 3 * c) as f32))).collect();
        triplets.sort_by_key(|&(i, c, _)| (i, c));
        triplets.dedup_by_key(|entry| (entry.0, entry.1));
        let weights = SparseMatrix::from_triplets(units, columns, &triplets).unwrap();
        let leak = (0..units).map(|i| f64::from((i % 4) as f32) / 4.0).collect();
        RateLayer { leak, gain: vec![0.75], bias: vec![0.125], activation, noise, ..RateLayer::new(weights) }
    }

    /// The device's layout changes nothing: its twin is the specification.
    #[test]
    fn the_twin_of_the_device_is_the_specification() {
        let layers = vec![layer(45, 3 + 45, Activation::Tanh, 0.0), layer(40, 3 + 85, Activation::Sigmoid, 0.5)];
        let model = RateModel::new(2, 1, layers, 99).unwrap();
        let single = |i: usize| f64::from(value(i) as f32);
        let state: Vec<f64> = (0..85).map(single).collect();
        let drive = [single(500), single(501), single(502)];
        let (mut noise, mut next) = (vec![0.0; 85], vec![0.0; 85]);
        rate_step::noise(&model, 4, 6, &mut noise);
        rate_step::step(&model, &drive[..2], &drive[2..], &state, &mut next, &noise);

        let shape = RateShape { first_sample: 6, ..shape(&model, 1, 1, true) };
        let packed = Packed::new(&[&model], 1);
        assert_eq!(packed.columns.len() as u64, entry_words(&model));
        let span = RateSpan { step: 4, feedback_at: 2, ..RateSpan::default() };
        let device: Vec<f32> = state.iter().chain(&next).map(|&x| x as f32).collect();
        let drive = drive.map(|x| x as f32);
        for (first, end) in [(0, 45), (45, 85)] {
            let moment = RateMoment { first, end, ..RateMoment::default() };
            let twin = rate_lanes(&packed.tables(&shape), &span, &moment, &drive, &device);
            for (i, close) in (first as usize..end as usize).zip(&twin) {
                // Earlier layers and factors were rounded to f32; sums are in another order.
                assert!((close.value - next[i]).abs() < 1e-6 * close.terms.max(1e-9), "{i}: {close:?} {}", next[i]);
            }
        }
    }
}
