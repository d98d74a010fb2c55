//! Anti-Oja learning: recurrent weights fall where a unit does what it hears.

use limnos_spec::rate::RateModel;
use ndarray::ArrayView2;

use super::host::{self, HostLayer};
use super::{Developed, Development, check_rate, developed};
use crate::Result;

/// Oja's rule with its sign turned, on the recurrent connections that exist: `w_ij <- w_ij - rate y_i (x_j - y_i w_ij)`, where `x_j` is what unit i heard of unit j and `y_i` is its
/// activity then. Where it has moved weights far enough, states are less alike; the spectral radius grows on the way, so watch the [`Measures`](super::Measures) (Babinec and Pospichal 2007, ICANN; Yusoff, Chrol-Cannon, Jin 2016).
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct AntiOja {
    /// Rate of learning, above 0 and below 1; small, since weights grow with it.
    pub rate: f64,
    /// How many times the inputs run through.
    pub passes: usize,
}

impl Default for AntiOja {
    /// Rate 1e-5, one pass.
    fn default() -> Self {
        Self { rate: 1e-5, passes: 1 }
    }
}

impl AntiOja {
    fn apply(&self, layer: &mut HostLayer, gathered: &[f64]) {
        for i in 0..layer.units() {
            let y = layer.activity[i];
            for entry in layer.row(i) {
                if layer.own_unit(entry).is_some() {
                    let heard = gathered[layer.weights().column()[entry] as usize];
                    layer.weight[entry] -= self.rate * y * (heard - y * layer.weight[entry]);
                }
            }
        }
    }
}

impl Development for AntiOja {
    fn develop(&self, model: &RateModel, inputs: ArrayView2<'_, f64>) -> Result<Developed> {
        check_rate(self.rate)?;
        let changed = host::develop(model, &inputs, self.passes, |_, layer, gathered| self.apply(layer, gathered))?;
        developed(model, changed, inputs)
    }
}
