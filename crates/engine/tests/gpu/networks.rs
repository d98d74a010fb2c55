//! Networks that between them use every part of the kernels.

use std::sync::Arc;

use limnos_spec::{
    Alif, Connector, Delays, Distribution, Drive, Leak, Lif, Model, Network, NetworkConfig, Overflow, Parameter,
    Refractory, Reset, Source, Synapse, Weights,
};

fn model(network: &Network) -> Arc<Model> {
    Arc::new(Model::new(network).unwrap_or_else(|error| panic!("{error}")))
}

/// W1: two populations, four projections of constant weight, Poisson drive, varied initial potentials.
pub fn w1(n: usize, seed: u64) -> Arc<Model> {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed });
    let lif = Lif { tau_refrac: 2.0, ..Lif::default() };
    let exc = net.add_population("exc", n - n / 5, lif);
    let inh = net.add_population("inh", n / 5, lif);
    for p in [exc, inh] {
        net.vary(p, Parameter::VInit, Distribution::uniform(0.0, 20.0));
        net.drive(p, Drive::Poisson { events_per_step: 2.25, weight: 0.5 });
    }
    for (source, weight) in [(exc, 0.5), (inh, -2.5)] {
        for (target, k) in [(exc, 80.min(n / 5)), (inh, 20.min(n / 10))] {
            net.connect(source, target, Connector::FixedOutDegree(k), weight)
                .self_connections(true)
                .multiple_edges(true);
        }
    }
    model(&net)
}

/// W5: Bernoulli channels into a recurrent reservoir.
pub fn w5(neurons: usize, channels: usize) -> Arc<Model> {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 5 });
    let pixels = net.add_source("pixels", channels, Source::Bernoulli(Distribution::uniform(0.0, 0.2)));
    let liquid = net.add_population("liquid", neurons, Lif::default());
    net.connect(pixels, liquid, Connector::FixedOutDegree(neurons / 10), 1.3);
    net.connect(liquid, liquid, Connector::FixedOutDegree(neurons / 10), Weights::signed(1.0));
    model(&net)
}

/// Everything at once: exponential and delta synapses, adaptation, varied constants, all drives, weight tables, delays of
/// many steps (of inputs too), currents, sizes that are no multiple of anything.
pub fn mixed(scale: usize) -> Arc<Model> {
    let mut net = Network::new(NetworkConfig { dt: 0.5, seed: 0x1234_5678_9abc });
    let input = net.add_source("input", 37 * scale, Source::Poisson(Distribution::uniform(5.0, 120.0)));
    let fed = net.add_input("fed", 70 * scale);
    let exponential = Lif {
        tau_m: 15.0,
        v_rest: -49.0,
        v_reset: -60.0,
        v_thresh: -50.0,
        tau_refrac: 2.5,
        synapse: Synapse::Exponential { tau_syn_exc: 5.0, tau_syn_inh: 10.0 },
        ..Lif::default()
    };
    let a = net.add_population("a", 129 * scale, exponential);
    let adaptive = Alif {
        lif: Lif { refractory: Refractory::BlockSpikes, tau_refrac: 1.0, leak: Leak::Euler, ..Lif::default() },
        delta_theta: 2.0,
        delta_w: 3.0,
        ..Alif::default()
    };
    let b = net.add_population("b", 95 * scale, adaptive);
    let plain = Lif { reset: Reset::Subtract, overflow: Overflow::Saturate, i_offset: 4.0, ..Lif::default() };
    let c = net.add_population("c", 33 * scale, plain);
    net.vary(a, Parameter::VThresh, Distribution::normal(-50.0, 0.5));
    net.vary(a, Parameter::TauM, Distribution::uniform(12.0, 25.0));
    net.vary(b, Parameter::TauTheta, Distribution::uniform(50.0, 150.0));
    net.drive(a, Drive::Poisson { events_per_step: 1.5, weight: -0.3 });
    net.drive(b, Drive::Normal { mean: 0.8, sd: 1.5 });
    net.drive(c, Drive::Constant { amount: 0.9 });
    let random = Weights::Drawn(Distribution::normal(0.8, 1.0));
    net.connect(input, a, Connector::FixedProbability(0.3), random.clone()).delays(Distribution::uniform(0.0, 6.0));
    net.connect(fed, b, Connector::FixedProbability(0.2), 1.5).delays(2);
    net.connect(fed, c, Connector::FixedProbability(0.2), random.clone());
    net.connect(a, b, Connector::FixedProbability(0.2), random.clone()).delays(Distribution::uniform(0.5, 9.0));
    net.connect(b, a, Connector::FixedProbability(0.2), -0.7).delays(Distribution::normal(3.0, 1.0).clipped(0.5, 8.0));
    net.connect(a, a, Connector::FixedProbability(0.1), Weights::signed(0.9)).delays(Delays::Steps(18));
    net.connect(c, b, Connector::FixedInDegree(7), random);
    model(&net)
}

/// A ring in which every neuron spikes at once every few steps: more spikes a step than one dimension of a dispatch has workgroups.
pub fn volley(neurons: usize) -> Arc<Model> {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 2 });
    let ring = net.add_population("ring", neurons, Lif { i_offset: 450.0, tau_refrac: 2.0, ..Lif::default() });
    net.vary(ring, Parameter::VInit, Distribution::uniform(0.0, 19.0));
    net.drive(ring, Drive::Poisson { events_per_step: 0.5, weight: 0.7 });
    net.connect(ring, ring, Connector::Ring { neighbours: 2 }, Weights::signed(1.5));
    model(&net)
}

/// A population of any size, fed by as many channels, with inhibition and delays.
pub fn sized(neurons: usize) -> Arc<Model> {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 8 });
    let source = net.add_source("source", neurons, Source::Bernoulli(Distribution::uniform(0.1, 0.6)));
    let fed = net.add_input("fed", neurons);
    let lif =
        Lif { tau_refrac: 2.0, synapse: Synapse::Exponential { tau_syn_exc: 3.0, tau_syn_inh: 6.0 }, ..Lif::default() };
    let p = net.add_population("p", neurons, lif);
    net.vary(p, Parameter::VInit, Distribution::uniform(0.0, 15.0));
    net.drive(p, Drive::Poisson { events_per_step: 4.0, weight: 8.0 });
    let k = 30.min(neurons);
    net.connect(source, p, Connector::FixedOutDegree(k), 0.4);
    net.connect(fed, p, Connector::FixedOutDegree(k), Weights::signed(0.8)).delays(2);
    net.connect(p, p, Connector::FixedOutDegree(k), Weights::signed(0.5))
        .self_connections(true)
        .delays(Distribution::uniform(1.0, 3.0));
    model(&net)
}
