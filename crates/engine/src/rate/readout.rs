//! A linear readout that a device evaluates, and the features of a state that it reads.

use limnos_spec::rate::RateModel;

use super::Real;
use crate::EngineError;

/// What a readout reads of the states `x`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateFeatures {
    /// `x` as it is.
    #[default]
    Raw,
    /// `x` with every second unit squared, those of odd index, which breaks the symmetry of tanh units (Pathak et al. 2017, Chaos 27, 121102).
    SquaredAlternate,
    /// `x`, then all its squares.
    RawAndSquared,
}

impl StateFeatures {
    /// Features of so many units.
    #[must_use]
    pub const fn width(self, units: usize) -> usize {
        match self {
            Self::Raw | Self::SquaredAlternate => units,
            Self::RawAndSquared => 2 * units,
        }
    }

    /// Writes the features of a state.
    ///
    /// # Panics
    /// If `features` does not have [`StateFeatures::width`] entries.
    pub fn write<T: Real>(self, state: &[T], features: &mut [f64]) {
        assert_eq!(features.len(), self.width(state.len()), "features should have the width of this state's");
        for (feature, x) in features.iter_mut().zip(state) {
            *feature = x.to_f64();
        }
        match self {
            Self::Raw => {}
            Self::SquaredAlternate => features.iter_mut().skip(1).step_by(2).for_each(|x| *x *= *x),
            Self::RawAndSquared => {
                let (raw, squared) = features.split_at_mut(state.len());
                squared.iter_mut().zip(raw).for_each(|(square, x)| *square = *x * *x);
            }
        }
    }
}

/// `y = weights [inputs?, features of the state] + bias`, in f64 on the CPU device whatever the states are computed in.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearReadout {
    /// Numbers that it gives in each step, O; 1 or more.
    pub outputs: usize,
    /// `[O][F]`: F is `inputs` (where it reads them) plus [`StateFeatures::width`] of the units.
    pub weights: Vec<f64>,
    /// `[O]`.
    pub bias: Vec<f64>,
    /// Whether the inputs of the step come before the state's features.
    pub inputs: bool,
    /// What it reads of the states.
    pub states: StateFeatures,
}

impl LinearReadout {
    /// Numbers that it reads from a model.
    #[must_use]
    pub fn features(&self, model: &RateModel) -> usize {
        self.states.width(model.units()) + if self.inputs { model.inputs() } else { 0 }
    }

    /// The outputs for the inputs and states of one step.
    pub(super) fn evaluate(&self, inputs: &[f64], state: &[f64]) -> Vec<f64> {
        let skipped = if self.inputs { inputs.len() } else { 0 };
        let mut features = vec![0.0; skipped + self.states.width(state.len())];
        features[..skipped].copy_from_slice(&inputs[..skipped]);
        self.states.write(state, &mut features[skipped..]);
        let row = |o: usize| &self.weights[o * features.len()..][..features.len()];
        (0..self.outputs).map(|o| dot(row(o), &features) + self.bias[o]).collect()
    }

    pub(super) fn check(&self, model: &RateModel) -> Result<(), EngineError> {
        if self.outputs == 0 {
            return Err(EngineError::invalid("outputs of the readout", 0, "1 or more"));
        }
        let features = self.features(model);
        let needed = format!("[{} outputs, {features} features]", self.outputs);
        check_array("weights of the readout", &self.weights, self.outputs.saturating_mul(features), &needed)?;
        check_array("bias of the readout", &self.bias, self.outputs, &format!("[{} outputs]", self.outputs))
    }
}

fn check_array(argument: &str, values: &[f64], length: usize, needed: &str) -> Result<(), EngineError> {
    if values.len() != length {
        return Err(EngineError::Shape { argument: argument.into(), needed: needed.into(), found: vec![values.len()] });
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(i) => Err(EngineError::invalid(format!("{argument}, entry {i},"), values[i], "finite numbers")),
        None => Ok(()),
    }
}

/// A scalar product in one fixed order: 16 sums side by side, then these in pairs, so that vector code of any width gives the same bits.
#[inline(always)]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 16;
    let mut sums = [0.0; LANES];
    let (pairs_a, rest_a) = a.as_chunks::<LANES>();
    let (pairs_b, rest_b) = b.as_chunks::<LANES>();
    for (x, y) in pairs_a.iter().zip(pairs_b) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    for (lane, (x, y)) in rest_a.iter().zip(rest_b).enumerate() {
        sums[lane] += x * y;
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}
