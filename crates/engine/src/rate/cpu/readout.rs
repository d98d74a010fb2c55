//! A readout evaluated in f64 and in the order of units, whatever the layout is.

use std::ops::Range;

use crate::cpu::simd;
use crate::rate::{LinearReadout, StateFeatures};

/// A readout with room for the features of one step.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    readout: &'a LinearReadout,
    features: Vec<f64>,
    /// What the last reading gave.
    pub(super) outputs: Vec<f64>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(readout: &'a LinearReadout) -> Self {
        let width = readout.weights.len() / readout.outputs;
        Self { readout, features: vec![0.0; width], outputs: vec![0.0; readout.outputs] }
    }

    /// The outputs for inputs and states that the closures write.
    pub(super) fn read(
        &mut self,
        inputs: usize,
        units: usize,
        put_inputs: impl FnOnce(&mut [f64]),
        put_states: impl FnOnce(&mut [f64]),
    ) -> &[f64] {
        let (first, rest) = self.features.split_at_mut(if self.readout.inputs { inputs } else { 0 });
        if self.readout.inputs {
            put_inputs(first);
        }
        let (raw, squared) = rest.split_at_mut(units);
        put_states(raw);
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

/// Which columns of `[inputs | feedback]` a closed loop writes its outputs to, and which it takes as given.
#[derive(Clone, Debug)]
pub(super) struct Wiring {
    /// Whether outputs are inputs of the next step, else its feedback.
    pub(super) forecast: bool,
    pub(super) fed: Range<usize>,
    pub(super) given: Range<usize>,
}

impl Wiring {
    pub(super) const fn new(inputs: usize, feedback: usize, outputs: usize) -> Self {
        match feedback {
            0 => Self { forecast: true, fed: 0..outputs, given: outputs..inputs },
            _ => Self { forecast: false, fed: inputs..inputs + outputs, given: 0..inputs },
        }
    }
}
