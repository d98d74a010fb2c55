//! What the readout of an [`Esn`](super::Esn) reads in a step: `[inputs?, features of the states, delayed inputs and their products?]`.

use limnos_engine::rate::{LinearReadout, StateFeatures};
use limnos_spec::rate::RateModel;

use super::{EsnConfig, Nvar};
use crate::Result;
use crate::readout::RidgeModel;

/// Widths and order of the features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FeatureMap {
    pub(super) inputs: usize,
    pub(super) units: usize,
    pub(super) read_inputs: bool,
    pub(super) states: StateFeatures,
    pub(super) nvar: Option<Nvar>,
    width: usize,
}

impl FeatureMap {
    pub(super) fn new(config: &EsnConfig, model: &RateModel) -> Result<Self> {
        let (inputs, units) = (model.inputs(), model.units());
        let read = if config.read_inputs { inputs } else { 0 };
        let products = config.nvar.map_or(Ok(0), |nvar| nvar.features(inputs))?;
        let width = read + config.states.width(units) + products;
        let (read_inputs, states, nvar) = (config.read_inputs, config.states, config.nvar);
        Ok(Self { inputs, units, read_inputs, states, nvar, width })
    }

    /// Number of features.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Appends the features of a step; those of [`Nvar`] come from `history`, which has taken the step's inputs.
    pub(super) fn write(
        &self,
        inputs: &[f64],
        state: &[f64],
        history: Option<&mut super::nvar::History>,
        out: &mut Vec<f64>,
    ) {
        if self.read_inputs {
            out.extend_from_slice(inputs);
        }
        let first = out.len();
        out.resize(first + self.states.width(self.units), 0.0);
        self.states.write(state, &mut out[first..]);
        if let Some(history) = history {
            history.write(out);
        }
    }

    /// A fitted readout as the device takes it; only where there are no products.
    pub(super) fn on_device(&self, model: &RidgeModel) -> LinearReadout {
        LinearReadout {
            outputs: model.bias().len(),
            weights: model.weights().t().iter().copied().collect(),
            bias: model.bias().to_vec(),
            inputs: self.read_inputs,
            states: self.states,
        }
    }
}
