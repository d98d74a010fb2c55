//! W1: an asynchronous irregular reservoir of leaky integrate-and-fire neurons.

use limnos_spec::{
    Connector, Distribution, Drive, Lif, Network, NetworkConfig, Parameter, PopulationId, Refractory, Stdp,
};

use super::{Workload, split};

/// Noise that keeps a reservoir going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noise {
    /// Each neuron its own Poisson(2.25) events a step, 0.5 mV each.
    #[default]
    Poisson,
    /// The mean of that, 1.125 mV a step: takes the cost of random numbers out of a comparison.
    Constant,
}

impl Noise {
    /// As reports and the command line call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Poisson => "poisson",
            Self::Constant => "dc",
        }
    }

    const fn drive(self) -> Drive {
        match self {
            Self::Poisson => Drive::Poisson { events_per_step: 2.25, weight: 0.5 },
            Self::Constant => Drive::Constant { amount: 1.125 },
        }
    }
}

/// `n` LIF neurons, 80 % excitatory; dt 1 ms, tau 20 ms, rest and reset 0 mV, threshold 20 mV, refractory 2 steps in which
/// input is discarded, delta synapses, delay 1 step. Each neuron has `k` targets, 80 % of them excitatory, drawn with replacement,
/// itself allowed. About 20 Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct W1 {
    /// Neurons.
    pub n: usize,
    /// Targets of a neuron.
    pub k: usize,
    /// Weight of an excitatory synapse, mV; an inhibitory one has -5 times that. It does not scale with `k`.
    pub j: f64,
    /// Noise.
    pub noise: Noise,
    /// Seed.
    pub seed: u64,
}

impl Default for W1 {
    fn default() -> Self {
        Self { n: 4000, k: 100, j: 0.5, noise: Noise::Poisson, seed: 1 }
    }
}

impl Workload for W1 {
    fn name(&self) -> &'static str {
        "w1"
    }

    fn network(&self) -> Network {
        self.with_plasticity(None)
    }

    fn drive(&self) -> Option<&'static str> {
        Some(self.noise.name())
    }
}

impl W1 {
    /// The network, with this rule between excitatory neurons.
    pub(super) fn with_plasticity(&self, stdp: Option<Stdp>) -> Network {
        let mut network = Network::new(NetworkConfig { dt: 1.0, seed: self.seed });
        let lif = Lif { tau_refrac: 2.0, ..neuron() };
        let (e, i) = reservoir(&mut network, self.n, self.k, self.j, lif, stdp);
        for population in [e, i] {
            network.vary(population, Parameter::VInit, Distribution::uniform(0.0, 20.0));
            network.drive(population, self.noise.drive());
        }
        network
    }
}

/// The neuron of W1 and W5, without a refractory period.
pub(super) fn neuron() -> Lif {
    Lif { tau_m: 20.0, v_rest: 0.0, v_reset: 0.0, v_thresh: 20.0, refractory: Refractory::Clamp, ..Lif::default() }
}

/// Populations "exc" and "inh" of `n` neurons together, each neuron with `k` targets; `stdp` holds between excitatory ones.
pub(super) fn reservoir(
    network: &mut Network,
    n: usize,
    k: usize,
    j: f64,
    lif: Lif,
    stdp: Option<Stdp>,
) -> (PopulationId, PopulationId) {
    let ((n_exc, n_inh), (k_exc, k_inh)) = (split(n), split(k));
    let (e, i) = (network.add_population("exc", n_exc, lif), network.add_population("inh", n_inh, lif));
    for (source, weight) in [(e, j), (i, -5.0 * j)] {
        for (target, degree) in [(e, k_exc), (i, k_inh)] {
            let projection = network.connect(source, target, Connector::FixedOutDegree(degree), weight);
            projection.multiple_edges(true).self_connections(true);
            if let Some(stdp) = stdp.filter(|_| (source, target) == (e, e)) {
                projection.plastic(stdp);
            }
        }
    }
    (e, i)
}
