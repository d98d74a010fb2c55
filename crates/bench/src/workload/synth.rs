//! synth: pure propagation, with a number of spikes that nothing but a probability decides.

use limnos_spec::{Connector, Drive, Lif, Network, NetworkConfig};

use super::Workload;

/// What a delivery adds to its target's counter, mV: 1024 steps of 16 fractional bits, so that the format holds it with any binary point.
const COUNT: f64 = 1.0 / 64.0;
/// Threshold and weight of a noise event, mV.
const FIRES: f64 = 4096.0;

/// `n` neurons, each pair connected with probability `p`, delay 1 step; every neuron fires in each step with probability `activity`
/// whatever it receives.
///
/// The neurons are LIF (tau 20 ms, dt 1 ms) whose Poisson noise has an event in a step with that probability, and one event is as
/// large as the threshold. A delivery adds 1/64 mV to the membrane: a counter that leaks, and that a spike clears. It would take more than
/// 12 000 deliveries in every step to reach the threshold by counting. So deliveries go through the path of every recurrent
/// network, and are part of the digest, but never change a spike. As the propagation benchmark of Spice (Bautembach,
/// Oikonomidis & Argyros 2021), which grows `n` for a given `p`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Synth {
    /// Neurons.
    pub n: usize,
    /// Probability of a connection; 0.00156 or 0.05 in the literature.
    pub p: f64,
    /// Probability that a neuron fires in a step, above 0 and below 1.
    pub activity: f64,
    /// Seed.
    pub seed: u64,
}

impl Default for Synth {
    fn default() -> Self {
        Self { n: 20_000, p: 0.00156, activity: 0.005, seed: 1 }
    }
}

impl Workload for Synth {
    fn name(&self) -> &'static str {
        "synth"
    }

    fn network(&self) -> Network {
        let mut network = Network::new(NetworkConfig { dt: 1.0, seed: self.seed });
        let lif = Lif { v_thresh: FIRES, ..Lif::default() };
        let neurons = network.add_population("neurons", self.n, lif);
        let events_per_step = -libm::log1p(-self.activity);
        network.drive(neurons, Drive::Poisson { events_per_step, weight: FIRES });
        network.connect(neurons, neurons, Connector::FixedProbability(self.p), COUNT).self_connections(true);
        network
    }
}
