//! Intrinsic plasticity: each unit tunes its gain and bias until its activity has a distribution.

use limnos_spec::rate::{Activation, RateModel};
use ndarray::ArrayView2;

use super::host::{self, HostLayer};
use super::{Developed, Development, check_rate, developed};
use crate::Result;
use crate::error::argument;

/// The distribution that a unit's activity shall have.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ActivityTarget {
    /// Exponential with this mean, for sigmoid units: the most information for a mean activity (Triesch 2005, "A gradient rule for the plasticity of a neuron's intrinsic
    /// excitability").
    Exponential {
        /// Mean activity, above 0 and below 1.
        mean: f64,
    },
    /// Normal, for tanh units (Schrauwen, Wardermann, Verstraeten, Steil, Stroobandt 2008, Neurocomputing 71:1159).
    Normal {
        /// Mean activity, -1 to 1.
        mean: f64,
        /// Standard deviation, above 0.
        sd: f64,
    },
}

/// Intrinsic plasticity by a gradient rule on gain `a` and bias `b` of `y = f(a x + b)`, `x` a unit's summed input:
///
/// ```text
/// exponential, sigmoid:  db = rate (1 - (2 + 1/mean) y + y^2 / mean)
/// normal, tanh:          db = rate (mean - y (2 sd^2 + 1 - y^2 + mean y)) / sd^2
/// both:                  da = rate / a + db x
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct IntrinsicPlasticity {
    /// The distribution.
    pub target: ActivityTarget,
    /// Rate of learning, above 0 and below 1.
    pub rate: f64,
    /// How many times the inputs run through.
    pub passes: usize,
}

impl Default for IntrinsicPlasticity {
    /// Normal with mean 0 and standard deviation 0.2, rate 0.0005, 5 passes.
    fn default() -> Self {
        Self { target: ActivityTarget::Normal { mean: 0.0, sd: 0.2 }, rate: 5e-4, passes: 5 }
    }
}

/// A gain does not fall below this: at 0 a unit would be deaf, and the rule would divide by it.
const LEAST_GAIN: f64 = 1e-3;

impl IntrinsicPlasticity {
    fn check(&self, model: &RateModel) -> Result<()> {
        check_rate(self.rate)?;
        let needed = match self.target {
            ActivityTarget::Exponential { mean } if !(mean > 0.0 && mean < 1.0) => {
                return Err(argument("mean", mean, "above 0 and below 1"));
            }
            ActivityTarget::Normal { mean, sd } if !(mean.abs() <= 1.0 && sd > 0.0 && sd.is_finite()) => {
                return Err(argument("target", format!("mean {mean}, sd {sd}"), "a mean of -1 to 1 and a positive sd"));
            }
            ActivityTarget::Exponential { .. } => Activation::Sigmoid,
            ActivityTarget::Normal { .. } => Activation::Tanh,
        };
        let gains = model.layers().iter().flat_map(|layer| &layer.gain);
        if let Some(gain) = gains.copied().find(|gain| *gain < LEAST_GAIN) {
            return Err(argument("gain", gain, format!("{LEAST_GAIN} or more in every unit")));
        }
        match model.layers().iter().find(|layer| layer.activation != needed) {
            Some(layer) => {
                Err(argument("activation", format!("{:?}", layer.activation), format!("{needed:?} for this target")))
            }
            None => Ok(()),
        }
    }

    fn bias_change(&self, y: f64) -> f64 {
        match self.target {
            ActivityTarget::Exponential { mean } => 1.0 - (2.0 + 1.0 / mean) * y + y * y / mean,
            ActivityTarget::Normal { mean, sd } => (mean - y * (2.0 * sd * sd + 1.0 - y * y + mean * y)) / (sd * sd),
        }
    }

    fn apply(&self, layer: &mut HostLayer) {
        for i in 0..layer.units() {
            let change = self.rate * self.bias_change(layer.activity[i]);
            layer.bias[i] += change;
            layer.gain[i] = (layer.gain[i] + self.rate / layer.gain[i] + change * layer.summed[i]).max(LEAST_GAIN);
        }
    }
}

impl Development for IntrinsicPlasticity {
    fn develop(&self, model: &RateModel, inputs: ArrayView2<'_, f64>) -> Result<Developed> {
        self.check(model)?;
        let changed = host::develop(model, &inputs, self.passes, |_, layer, _| self.apply(layer))?;
        developed(model, changed, inputs)
    }
}
