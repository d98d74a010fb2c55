//! W2: the asynchronous irregular reservoir, learning.

use limnos_spec::{Convention, Dependence, Inhibitory, Network, Pairing, Rate, Stdp};

use super::{W1, Workload};

/// [`W1`] with pair-based additive STDP between excitatory neurons: all spikes pair, by arrival; time constants 20 ms, weights
/// in 0 to 1 mV.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct W2 {
    /// The reservoir.
    pub reservoir: W1,
    /// Rate of potentiation, mV.
    pub a_plus: f64,
    /// Rate of depression, mV.
    pub a_minus: f64,
}

impl Default for W2 {
    fn default() -> Self {
        Self { reservoir: W1::default(), a_plus: 0.005, a_minus: 1.05 * 0.005 }
    }
}

impl Workload for W2 {
    fn name(&self) -> &'static str {
        "w2"
    }

    fn network(&self) -> Network {
        let stdp = Stdp {
            tau_plus: 20.0,
            tau_minus: 20.0,
            a_plus: Rate::Constant(self.a_plus),
            a_minus: Rate::Constant(self.a_minus),
            w_min: 0.0,
            w_max: 1.0,
            dependence: Dependence::Additive,
            pairing: Pairing::AllToAll,
            convention: Convention::Arrival,
            inhibitory: Inhibitory::Same,
            ..Stdp::default()
        };
        self.reservoir.with_plasticity(Some(stdp))
    }

    fn drive(&self) -> Option<&'static str> {
        self.reservoir.drive()
    }
}
