//! A rate reservoir on the host in f64, whose parameters may change between steps.

use limnos_spec::rate::{RateLayer, RateModel, SparseMatrix};
use ndarray::ArrayView2;

use crate::Result;
use crate::error::argument;

/// The parameters of a layer that rules change, and what its units did in the last step.
#[derive(Debug)]
pub(super) struct HostLayer {
    layer: RateLayer,
    pub(super) gain: Vec<f64>,
    pub(super) bias: Vec<f64>,
    /// Values of the weights, entry by entry.
    pub(super) weight: Vec<f64>,
    /// Summed inputs, before gain and bias.
    pub(super) summed: Vec<f64>,
    /// What the activation made of them.
    pub(super) activity: Vec<f64>,
    /// Its own units in the gather vector.
    pub(super) first_column: usize,
}

impl HostLayer {
    fn new(layer: &RateLayer, first_column: usize) -> Self {
        let units = layer.units;
        Self {
            gain: (0..units).map(|i| layer.gain_of(i)).collect(),
            bias: (0..units).map(|i| layer.bias_of(i)).collect(),
            weight: layer.weights.value().to_vec(),
            summed: vec![0.0; units],
            activity: vec![0.0; units],
            layer: layer.clone(),
            first_column,
        }
    }

    pub(super) fn units(&self) -> usize {
        self.layer.units
    }

    pub(super) fn weights(&self) -> &SparseMatrix {
        &self.layer.weights
    }

    /// Entries of row `i` whose columns are units of this layer, and of all.
    pub(super) fn row(&self, i: usize) -> std::ops::Range<usize> {
        self.layer.weights.row_start()[i]..self.layer.weights.row_start()[i + 1]
    }

    /// Which unit of this layer an entry listens to; none for inputs and earlier layers.
    pub(super) fn own_unit(&self, entry: usize) -> Option<usize> {
        (self.layer.weights.column()[entry] as usize).checked_sub(self.first_column)
    }
}

/// A model with changing parameters, and its states.
#[derive(Debug)]
pub(super) struct Host {
    model: RateModel,
    pub(super) layers: Vec<HostLayer>,
    /// `[inputs | states]`, renewed layer by layer.
    gathered: Vec<f64>,
    state: Vec<f64>,
}

impl Host {
    /// At rest. Refuses models that hear outputs, whose development would need a readout.
    pub(super) fn new(model: &RateModel) -> Result<Self> {
        if model.feedback() > 0 {
            return Err(argument("model", "one that hears outputs", "a model without feedback"));
        }
        let first = |k: usize| model.first_state() + model.first_unit(k);
        let layers = model.layers().iter().enumerate().map(|(k, layer)| HostLayer::new(layer, first(k))).collect();
        Ok(Self { layers, gathered: vec![0.0; model.columns()], state: vec![0.0; model.units()], model: model.clone() })
    }

    /// The states after the last step.
    pub(super) fn state(&self) -> &[f64] {
        &self.state
    }

    /// One step without noise. `rule` sees each layer after its units and before later layers: its first unit, the layer, and what it heard.
    pub(super) fn step(
        &mut self,
        inputs: impl Iterator<Item = f64>,
        mut rule: impl FnMut(usize, &mut HostLayer, &[f64]),
    ) {
        let first_state = self.model.first_state();
        self.gathered.iter_mut().zip(inputs).for_each(|(out, input)| *out = input);
        self.gathered[first_state..].copy_from_slice(&self.state);
        for (k, host) in self.layers.iter_mut().enumerate() {
            let first = self.model.first_unit(k);
            for i in 0..host.layer.units {
                let entries = host.row(i);
                let columns = &host.layer.weights.column()[entries.clone()];
                let terms = columns.iter().zip(&host.weight[entries]).map(|(&j, w)| w * self.gathered[j as usize]);
                host.summed[i] = terms.sum();
                host.activity[i] = host.layer.activation.apply(host.gain[i] * host.summed[i] + host.bias[i]);
                let leak = host.layer.leak_of(i);
                let state = &mut self.state[first + i];
                *state = (1.0 - leak) * *state + leak * host.activity[i];
            }
            rule(first, host, &self.gathered);
            let renewed = first..first + host.layer.units;
            self.gathered[first_state..][renewed.clone()].copy_from_slice(&self.state[renewed]);
        }
    }

    /// The model with the parameters as they are now.
    pub(super) fn model(&self) -> Result<RateModel> {
        let layer = |host: &HostLayer| -> Result<RateLayer> {
            let weights = host.layer.weights.with_values(host.weight.clone())?;
            Ok(RateLayer { gain: host.gain.clone(), bias: host.bias.clone(), weights, ..host.layer.clone() })
        };
        let layers = self.layers.iter().map(layer).collect::<Result<Vec<_>>>()?;
        Ok(RateModel::new(self.model.inputs(), 0, layers, self.model.seed())?)
    }
}

/// Refuses inputs that the model does not read.
pub(super) fn check_inputs(model: &RateModel, inputs: &ArrayView2<'_, f64>) -> Result<()> {
    if inputs.nrows() == 0 || inputs.ncols() != model.inputs() {
        let found = format!("{} steps of {} channels", inputs.nrows(), inputs.ncols());
        return Err(argument(
            "inputs",
            found,
            format!("steps of the {} channels that the model reads", model.inputs()),
        ));
    }
    match inputs.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((t, c), value)) => Err(argument("inputs", format!("{value} at step {t}, channel {c}"), "finite numbers")),
        None => Ok(()),
    }
}

/// Runs inputs through a model from rest, with a rule after each step, and gives the changed model.
pub(super) fn develop(
    model: &RateModel,
    inputs: &ArrayView2<'_, f64>,
    passes: usize,
    mut rule: impl FnMut(usize, &mut HostLayer, &[f64]),
) -> Result<RateModel> {
    check_inputs(model, inputs)?;
    let mut host = Host::new(model)?;
    for _ in 0..passes {
        for row in inputs.outer_iter() {
            host.step(row.iter().copied(), &mut rule);
        }
    }
    host.model()
}
