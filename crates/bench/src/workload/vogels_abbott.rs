//! W3: the CUBA network of Vogels & Abbott, in its published size and scaled.

use limnos_spec::{Connector, Distribution, Lif, Network, NetworkConfig, Parameter, Refractory, Synapse};

use super::{Workload, split};

/// LIF neurons with exponential synapses (Vogels & Abbott 2005; the CUBA benchmark of Brette et al. 2007): 80 % excitatory, dt 0.1 ms,
/// tau 20 ms, rest -49 mV, reset -60 mV, threshold -50 mV, refractory 5 ms, currents of 5 ms and 10 ms; a spike adds 1.62 or -9 mV. Each pair,
/// a neuron and itself included, is connected with probability `degree / n`; delay 1 step. The rest lies above the threshold,
/// so there is no other drive.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct W3 {
    /// Neurons; 4000 is the published network (probability 0.02), others keep the number of synapses a neuron.
    pub n: usize,
    /// Mean number of targets of a neuron.
    pub degree: f64,
    /// Seed.
    pub seed: u64,
}

impl Default for W3 {
    fn default() -> Self {
        Self { n: 4000, degree: 80.0, seed: 1 }
    }
}

impl Workload for W3 {
    fn name(&self) -> &'static str {
        "w3"
    }

    fn network(&self) -> Network {
        let mut network = Network::new(NetworkConfig { dt: 0.1, seed: self.seed });
        let (n_exc, n_inh) = split(self.n);
        let (e, i) = (network.add_population("exc", n_exc, neuron()), network.add_population("inh", n_inh, neuron()));
        for population in [e, i] {
            network.vary(population, Parameter::VInit, Distribution::uniform(-60.0, -50.0));
        }
        let probability = self.degree / self.n as f64;
        for (source, weight) in [(e, 1.62), (i, -9.0)] {
            for target in [e, i] {
                let connector = Connector::FixedProbability(probability);
                network.connect(source, target, connector, weight).self_connections(true);
            }
        }
        network
    }

    fn default_steps(&self) -> u32 {
        10_000
    }

    fn variant(&self) -> &'static str {
        if self.n == 4000 { "" } else { "scaled" }
    }
}

fn neuron() -> Lif {
    Lif {
        tau_m: 20.0,
        v_rest: -49.0,
        v_reset: -60.0,
        v_thresh: -50.0,
        tau_refrac: 5.0,
        synapse: Synapse::Exponential { tau_syn_exc: 5.0, tau_syn_inh: 10.0 },
        refractory: Refractory::Clamp,
        ..Lif::default()
    }
}
