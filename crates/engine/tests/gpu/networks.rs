//! Networks that between them use every part of the kernels.

use std::sync::Arc;

use limnos_spec::{
    Alif, Astrocyte, CalciumAstrocyte, CalciumGate, Connector, Convention, Delays, Dependence, Distribution, Drive,
    Inhibitory, Leak, Lif, Model, Network, NetworkConfig, Overflow, Pairing, Parameter, Rate, Refractory, Reset,
    Source, SpikeFilter, Stdp, Synapse, Triplet, Weights,
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

/// W2: as W1, where excitatory synapses onto excitatory neurons learn by arrivals 15 steps late.
pub fn w2(n: usize, seed: u64) -> Arc<Model> {
    let mut net = Network::new(NetworkConfig { dt: 0.1, seed });
    let lif = Lif { tau_m: 20.0, v_thresh: 20.0, v_reset: 10.0, tau_refrac: 0.5, ..Lif::default() };
    let exc = net.add_population("exc", n - n / 5, lif);
    let inh = net.add_population("inh", n / 5, lif);
    for p in [exc, inh] {
        net.vary(p, Parameter::VInit, Distribution::uniform(0.0, 20.0));
        net.drive(p, Drive::Poisson { events_per_step: 1.1, weight: 0.1 });
    }
    let stdp = Stdp {
        tau_plus: 20.0,
        tau_minus: 20.0,
        a_plus: Rate::Constant(0.001),
        a_minus: Rate::Constant(0.00105),
        w_max: 0.6,
        convention: Convention::Arrival,
        ..Stdp::default()
    };
    for (source, weight) in [(exc, 0.3), (inh, -1.5)] {
        for (target, k) in [(exc, n / 10), (inh, n / 40)] {
            let both = source == exc && target == exc;
            let edge = net.connect(source, target, Connector::FixedOutDegree(k), weight);
            edge.delays(Delays::Steps(15)).multiple_edges(true);
            if both {
                edge.plastic(stdp);
            }
        }
    }
    model(&net)
}

/// The liquid of Ivanov & Michmizos (2021): filtered synapses, an astrocyte that gives `a_minus`, rates that decay.
pub fn nalsm(neurons: usize, channels: usize) -> Arc<Model> {
    model(&liquid(neurons, channels, Connector::FixedProbability(0.1), 3.0))
}

/// The same where each neuron has a weak synapse onto each other one, so that weights are most of what a sample holds.
pub fn dense(neurons: usize, channels: usize) -> Arc<Model> {
    model(&liquid(neurons, channels, Connector::AllToAll, 0.3))
}

fn liquid(neurons: usize, channels: usize, connector: Connector, weight: f64) -> Network {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 5 });
    let pixels = net.add_source("pixels", channels, Source::Bernoulli(Distribution::uniform(0.0, 0.3)));
    let lif = Lif {
        leak: Leak::Euler,
        tau_m: 64.0,
        v_thresh: 20.0,
        tau_refrac: 2.0,
        refractory: Refractory::BlockSpikes,
        ..Lif::default()
    };
    let liquid = net.add_population("liquid", neurons, lif);
    net.inhibitory(liquid, 0.2);
    let glia =
        net.add_astrocyte("glia", Astrocyte { weight: 0.015, bias: 0.15, decay: 0.9999, ..Astrocyte::default() });
    net.watch(glia, liquid, 1.0);
    net.watch(glia, pixels, -1.0);
    let stdp = Stdp {
        tau_plus: 10.0,
        tau_minus: 10.0,
        a_plus: Rate::Constant(0.15),
        a_minus: glia.into(),
        w_min: -3.0,
        w_max: 3.0,
        inhibitory: Inhibitory::Exchanged,
        trace_increment: 0.1,
        rate_decay: 0.9999,
        ..Stdp::default()
    };
    net.connect(pixels, liquid, Connector::FixedProbability(0.15), Weights::signed(3.0))
        .plastic(stdp)
        .filter(SpikeFilter::default());
    let dale = Weights::Dale { exc: weight.into(), inh: weight.into() };
    net.connect(liquid, liquid, connector, dale).plastic(Stdp { w_min: 0.0, ..stdp }).filter(SpikeFilter::default());
    net
}

/// A variant of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    pub convention: Convention,
    pub pairing: Pairing,
    pub dependence: Dependence,
    pub inhibitory: Inhibitory,
    pub triplet: Option<Triplet>,
    pub gate: Option<CalciumGate>,
}

const TRIPLET: Triplet =
    Triplet { tau_plus: 30.0, tau_minus: 40.0, a_plus: Rate::Constant(0.06), a_minus: Rate::Constant(0.05) };
const GATE: CalciumGate = CalciumGate { tau: 40.0, threshold: 3.0, width: 1.5 };

/// Every value of every choice.
pub fn variants() -> Vec<Variant> {
    use {Convention as C, Dependence as D, Inhibitory as I, Pairing as P};
    [
        (C::Emission, P::AllToAll, D::Additive, I::Exchanged, None, None),
        (C::Arrival, P::AllToAll, D::Additive, I::Mirrored, None, None),
        (C::Emission, P::NearestNeighbour, D::Multiplicative, I::Mirrored, None, None),
        (C::Arrival, P::NearestNeighbour, D::Additive, I::Exchanged, None, None),
        (C::Arrival, P::AllToAll, D::Multiplicative, I::Same, None, None),
        (C::Emission, P::AllToAll, D::Additive, I::Mirrored, Some(TRIPLET), None),
        (C::Emission, P::AllToAll, D::Additive, I::Exchanged, None, Some(GATE)),
        (C::Arrival, P::NearestNeighbour, D::Multiplicative, I::Exchanged, Some(TRIPLET), Some(GATE)),
    ]
    .into_iter()
    .map(|(convention, pairing, dependence, inhibitory, triplet, gate)| Variant {
        convention,
        pairing,
        dependence,
        inhibitory,
        triplet,
        gate,
    })
    .collect()
}

impl Variant {
    /// Inputs, excitatory and inhibitory sources, delays, filters, constant, decaying, modulated and scaled rates, three astrocytes (one
    /// with calcium) and a modulator; one population with exponential currents, one with none.
    pub fn network(self, size: usize) -> Arc<Model> {
        let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 11 });
        let block = Refractory::BlockSpikes;
        let lif = Lif { leak: Leak::Euler, tau_m: 16.0, refractory: block, tau_refrac: 2.0, ..Lif::default() };
        let a = net.add_population("a", size, lif);
        let currents = Synapse::Exponential { tau_syn_exc: 4.0, tau_syn_inh: 8.0 };
        let b = net.add_population("b", size + 5, Lif { synapse: currents, ..Lif::default() });
        net.inhibitory(a, 0.25);
        net.drive(a, Drive::Normal { mean: 1.6, sd: 2.5 });
        net.drive(b, Drive::Poisson { events_per_step: 3.0, weight: 2.5 });
        let x = net.add_input("x", 37);
        let glia = net.add_astrocyte("glia", Astrocyte { weight: 0.03, decay: 0.995, ..Astrocyte::default() });
        net.watch(glia, a, 1.0);
        net.watch(glia, x, -0.5).fraction(0.6);
        let other =
            net.add_astrocyte("other", Astrocyte { tau: 7.0, weight: 0.3, bias: -0.02, ..Astrocyte::default() });
        net.watch(other, b, 1.0).listed([0]);
        let waves = net
            .add_astrocyte("waves", CalciumAstrocyte { delta_ip3: 1.0 / size as f64, ..CalciumAstrocyte::default() });
        net.watch(waves, a, 1.0);
        let reward = net.add_modulator("reward", 0.4);
        let stdp = Stdp {
            tau_plus: 10.0,
            tau_minus: 14.0,
            convention: self.convention,
            pairing: self.pairing,
            dependence: self.dependence,
            inhibitory: self.inhibitory,
            triplet: self.triplet,
            gate: self.gate,
            ..Stdp::default()
        };
        let signed = Stdp {
            a_plus: Rate::Constant(0.3),
            a_minus: glia.into(),
            w_min: -3.0,
            w_max: 3.0,
            trace_increment: 0.1,
            rate_decay: 0.99,
            ..stdp
        };
        net.connect(x, a, Connector::FixedProbability(0.4), Weights::signed(2.5)).plastic(signed);
        let late = Stdp { a_plus: other.into(), a_minus: Rate::Scaled(0.5, reward), w_min: 0.5, w_max: 1.5, ..stdp };
        let filter = SpikeFilter { tau: 2.0, cutoff: 0.01 };
        net.connect(x, b, Connector::FixedOutDegree(1), 1.0).delays(2).plastic(late).filter(SpikeFilter::default());
        let (low, weights) = if self.inhibitory == Inhibitory::Same {
            (-2.0, Distribution::uniform(-1.0, 1.0).into())
        } else {
            (0.0, Weights::Dale { exc: Distribution::uniform(0.2, 1.8), inh: Distribution::uniform(0.3, 1.5) })
        };
        let dale =
            Stdp { a_plus: Rate::Constant(0.2), a_minus: Rate::Scaled(0.9, waves), w_min: low, w_max: 2.0, ..stdp };
        net.connect(a, a, Connector::FixedProbability(0.3), weights.clone()).self_connections(true).plastic(dale);
        net.connect(a, b, Connector::FixedProbability(0.2), weights).delays(4).plastic(dale).filter(filter);
        let delays = Distribution::uniform(1.0, 9.0);
        let emission = Stdp { convention: Convention::Emission, tau_minus: 20.0, ..late };
        net.connect(b, a, Connector::FixedProbability(0.2), 0.8)
            .delays(delays.clone())
            .plastic(emission)
            .multiple_edges(true);
        net.connect(b, a, Connector::FixedProbability(0.1), -0.6).delays(delays).filter(filter);
        net.connect(b, b, Connector::FixedProbability(0.1), -0.4);
        model(&net)
    }
}

/// Every channel and every neuron spikes in every step, into and out of plastic projections; many astrocytes watch.
pub fn storm(neurons: usize) -> Arc<Model> {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 3 });
    let all = net.add_source("all", neurons, Source::Bernoulli(Distribution::Constant(1.0)));
    let lif = Lif { tau_refrac: 0.0, i_offset: 900.0, ..Lif::default() };
    let p = net.add_population("p", neurons, lif);
    let first = net.add_astrocyte("first", Astrocyte { weight: 0.001, ..Astrocyte::default() });
    let others = (0..90).map(|k| net.add_astrocyte(&format!("other {k}"), Astrocyte::default()));
    let astrocytes: Vec<_> = others.collect();
    for glia in astrocytes.into_iter().chain([first]) {
        for _ in 0..3 {
            net.watch(glia, p, 0.5);
        }
        net.watch(glia, all, -1.0);
    }
    let stdp = Stdp { a_plus: Rate::Constant(0.01), a_minus: first.into(), ..Stdp::default() };
    net.connect(all, p, Connector::FixedOutDegree(40), 0.1).plastic(stdp);
    net.connect(p, p, Connector::FixedOutDegree(90), 0.1).plastic(stdp).filter(SpikeFilter::default());
    net.connect(p, p, Connector::FixedOutDegree(30), 0.1)
        .plastic(Stdp { convention: Convention::Arrival, ..stdp })
        .delays(3);
    model(&net)
}
