//! A readout evaluated on a gather vector, in f64 and in the order of units whatever the layout is.

use super::float::Float;
use super::net::Net;
use crate::cpu::simd::{self, RateKernels};
use crate::rate::{LinearReadout, StateFeatures};

/// A readout with room for the features of one step.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    readout: &'a LinearReadout,
    features: Vec<f64>,
    outputs: Vec<f64>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(readout: &'a LinearReadout) -> Self {
        let width = readout.weights.len() / readout.outputs;
        Self { readout, features: vec![0.0; width], outputs: vec![0.0; readout.outputs] }
    }

    pub(super) const fn outputs(&self) -> usize {
        self.readout.outputs
    }

    /// The outputs for the inputs and states that are gathered.
    pub(super) fn read<T: Float + RateKernels>(&mut self, net: &Net<T>, gathered: &[T]) -> &[f64] {
        let inputs = if self.readout.inputs { net.inputs } else { 0 };
        let (first, rest) = self.features.split_at_mut(inputs);
        first.iter_mut().zip(gathered).for_each(|(x, v)| *x = v.to_f64());
        let (raw, squared) = rest.split_at_mut(net.units);
        net.unload(gathered, raw, |x| x.to_f64());
        match self.readout.states {
            StateFeatures::Raw => {}
            StateFeatures::SquaredAlternate => raw.iter_mut().skip(1).step_by(2).for_each(|x| *x *= *x),
            StateFeatures::RawAndSquared => squared.iter_mut().zip(raw).for_each(|(square, x)| *square = *x * *x),
        }
        let rows = self.readout.weights.chunks_exact(self.features.len()).zip(&self.readout.bias);
        for (y, (row, bias)) in self.outputs.iter_mut().zip(rows) {
            *y = simd::dot(row, &self.features) + bias;
        }
        &self.outputs
    }
}
