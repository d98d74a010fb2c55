//! The CPU device against the oracle, word for word, and its invariances.

use limnos_engine::{Counts, Device, Feed, Observe, Potentials, RunOptions, Simulation, Traces};
use limnos_spec::fixed::{from_fixed, probability_threshold, to_fixed};
use limnos_spec::{
    Alif, Connector, Distribution, Drive, Grid3, Leak, Lif, Model, Network, NetworkConfig, Parameter, Refractory,
    Reset, Source, Synapse, Weights,
};
use ndarray::Array3;

use crate::oracle::{Oracle, OracleFeed};

/// A network that uses everything at once: exponential and delta synapses, adaptation, heterogeneous parameters and delays, two
/// inputs, all drives, both refractory conventions and resets.
pub fn mixed(size: usize) -> Network {
    let mut net = Network::new(NetworkConfig { dt: 0.5, seed: 42 });
    let exponential = Lif {
        synapse: Synapse::Exponential { tau_syn_exc: 5.0, tau_syn_inh: 10.0 },
        tau_refrac: 1.5,
        v_rest: -65.0,
        v_reset: -65.0,
        v_thresh: -55.0,
        ..Lif::default()
    };
    let euler = Lif {
        leak: Leak::Euler,
        reset: Reset::Subtract,
        refractory: Refractory::BlockSpikes,
        tau_refrac: 1.0,
        ..Lif::default()
    };
    let a = net.add_population("a", size, exponential);
    let b = net.add_population("b", size + 7, euler);
    let c = net.add_population(
        "c",
        Grid3::new(3, 3, 3),
        Alif { delta_theta: 2.0, delta_w: 3.0, lif: Lif { i_offset: 40.0, ..Lif::default() }, ..Alif::default() },
    );
    net.vary(a, Parameter::TauM, Distribution::normal(20.0, 3.0).clipped(5.0, 40.0));
    net.vary(b, Parameter::VInit, Distribution::uniform(0.0, 19.0));
    net.drive(a, Drive::Poisson { events_per_step: 0.7, weight: 4.0 });
    net.drive(b, Drive::Normal { mean: 0.6, sd: 1.5 });
    net.drive(c, Drive::Constant { amount: 0.5 });
    let x = net.add_input("x", 33);
    let y = net.add_source("y", 5, Source::Bernoulli(Distribution::Constant(0.2)));
    net.connect(a, b, Connector::FixedProbability(0.3), Distribution::normal(0.5, 0.2))
        .delays(Distribution::uniform(0.5, 9.0));
    net.connect(b, a, Connector::FixedOutDegree(5), Weights::signed(2.0)).multiple_edges(true);
    net.connect(b, c, Connector::FixedInDegree(4), -0.5).delays(7);
    net.connect(c, c, Connector::Ring { neighbours: 2 }, 1.0).delays(255);
    net.connect(x, a, Connector::FixedProbability(0.5), Distribution::uniform(-1.0, 3.0));
    net.connect(y, b, Connector::AllToAll, 1.5).delays(3);
    net
}

fn probabilities(batch: usize, rows: usize) -> Array3<f32> {
    Array3::from_shape_fn((batch, rows, 33), |(s, r, c)| ((s + 2 * r + 3 * c) % 10) as f32 / 20.0)
}

fn currents(batch: usize, size: usize) -> Array3<f32> {
    Array3::from_shape_fn((batch, 1, size), |(s, _, i)| (s as f32) - 2.0 + (i % 5) as f32)
}

fn fed(device: &Device, net: &Network, batch: usize, first_sample: u32, observe: Observe) -> Simulation {
    let mut sim =
        Simulation::new(device, net, RunOptions { batch, first_sample, observe }).expect("the network is valid");
    let size = net.populations()[0].size();
    // A batch that starts at sample k is fed what samples k, k + 1, … of a larger batch are fed.
    let skip = first_sample as usize;
    let p = probabilities(skip + batch, 60);
    sim.feed(net.input("x").unwrap(), Feed::Probabilities(p.slice(ndarray::s![skip.., .., ..]))).unwrap();
    let i = currents(skip + batch, size);
    sim.inject(net.population("a").unwrap(), Some(i.slice(ndarray::s![skip.., .., ..]))).unwrap();
    sim
}

fn oracle_feed(model: &Model, net: &Network, sample: usize) -> OracleFeed {
    let p = probabilities(sample + 1, 60);
    let i = currents(sample + 1, net.populations()[0].size());
    let bits = model.populations[0].fraction_bits;
    let x = (0..60).map(|r| (0..33).map(|c| probability_threshold(f64::from(p[[sample, r, c]]))).collect()).collect();
    let y = vec![vec![probability_threshold(0.2); 5]];
    let current =
        (0..model.populations[0].size).map(|k| to_fixed(f64::from(i[[sample, 0, k]]), bits).unwrap()).collect();
    OracleFeed { thresholds: vec![x, y], currents: vec![vec![current], vec![], vec![]] }
}

#[test]
fn equals_the_oracle_at_every_size() {
    for size in [1, 31, 32, 33, 63, 64, 65, 257] {
        let net = mixed(size);
        let device = Device::cpu_threads(2).unwrap();
        let mut sim = fed(&device, &net, 2, 0, Observe { spikes: Some(60), ..Observe::default() });
        let model = Model::new(&net).unwrap();
        sim.run(60).unwrap();
        for sample in 0..2 {
            let mut oracle = Oracle::new(&model, sample as u32, oracle_feed(&model, &net, sample));
            let mut spikes = vec![Vec::new(); 3];
            for t in 0..60 {
                for (p, fired) in oracle.step().into_iter().enumerate() {
                    spikes[p].extend(fired.into_iter().map(|i| (t, i as u32)));
                }
            }
            for (p, name) in ["a", "b", "c"].into_iter().enumerate() {
                assert_eq!(
                    sim.spikes(net.population(name).unwrap(), sample).unwrap(),
                    spikes[p],
                    "{name} of size {size}"
                );
                assert!(
                    size < 31 || !spikes[p].is_empty(),
                    "population {name} of size {size} should spike, or nothing is tested"
                );
            }
            assert_eq!(sim.state().unwrap()[sample], oracle.state(), "size {size}, sample {sample}");
        }
    }
}

#[test]
fn a_wrong_seed_is_seen() {
    let net = mixed(33);
    let mut other = mixed(33);
    other.config.seed += 1;
    let device = Device::cpu_threads(1).unwrap();
    let state = |net: &Network| {
        let mut sim = fed(&device, net, 1, 0, Observe::default());
        sim.run(60).unwrap();
        sim.state().unwrap()
    };
    assert_eq!(state(&net), state(&net));
    assert_ne!(state(&net), state(&other));
}

fn observed(threads: usize, batch: usize, first: u32, pieces: &[u32]) -> Vec<Vec<u32>> {
    let net = mixed(2100);
    let b = net.population("b").unwrap();
    let observe = Observe {
        counts: Some(Counts { windows: 4, window_steps: Some(16) }),
        spikes: Some(60),
        traces: Some(Traces { tau: 12.0, at_steps: vec![0, 17, 59] }),
        potentials: Some(Potentials { neurons: vec![(b, 0), (b, 2000), (net.population("c").unwrap(), 3)], steps: 60 }),
        rates: Some(60),
        ..Observe::default()
    };
    let mut sim = fed(&Device::cpu_threads(threads).unwrap(), &net, batch, first, observe);
    pieces.iter().for_each(|&n| sim.run(n).unwrap());
    // The last sample of the batch, in every form of observation.
    let last = batch - 1;
    let bits = |a: ndarray::ArrayView2<'_, f64>| {
        a.iter().flat_map(|v| [(v.to_bits() >> 32) as u32, v.to_bits() as u32]).collect()
    };
    let s = &sim.state().unwrap()[last];
    vec![
        sim.counts(b).unwrap().index_axis(ndarray::Axis(0), last).iter().copied().collect(),
        sim.spikes(b, last).unwrap().into_iter().flat_map(|(t, i)| [t, i]).collect(),
        bits(sim.traces(b).unwrap().index_axis(ndarray::Axis(0), last)),
        bits(sim.potentials().unwrap().index_axis(ndarray::Axis(0), last)),
        sim.rates().unwrap().index_axis(ndarray::Axis(0), last).iter().copied().collect(),
        s.fields.iter().chain(&s.ring).map(|&w| w as u32).collect(),
    ]
}

#[test]
fn threads_pieces_and_batches_do_not_matter() {
    let reference = observed(1, 1, 2, &[60]);
    assert!(reference.iter().all(|words| words.iter().any(|&w| w != 0)), "every observation should hold something");
    for (threads, batch, first, pieces) in
        [(2, 1, 2, &[60][..]), (3, 1, 2, &[1, 20, 39][..]), (2, 3, 0, &[30, 30][..]), (1, 2, 1, &[59, 1][..])]
    {
        assert_eq!(
            observed(threads, batch, first, pieces),
            reference,
            "{threads} threads, batch {batch}, pieces {pieces:?}"
        );
    }
    let other_sample = observed(2, 1, 3, &[60]);
    for (kind, (a, b)) in reference.iter().zip(&other_sample).enumerate() {
        assert_ne!(a, b, "observation {kind} must show another sample");
    }
}

#[test]
fn a_reset_repeats_the_run() {
    let net = mixed(65);
    let mut sim = fed(&Device::cpu().unwrap(), &net, 1, 0, Observe::default());
    sim.run(60).unwrap();
    let first = sim.state().unwrap();
    sim.reset().unwrap();
    sim.run(60).unwrap();
    assert_eq!(sim.state().unwrap(), first);
}

#[test]
fn observations_agree_with_the_spikes() {
    let net = mixed(100);
    let a = net.population("a").unwrap();
    let observe = Observe {
        counts: Some(Counts { windows: 1, window_steps: None }),
        spikes: Some(60),
        traces: Some(Traces { tau: 10.0, at_steps: vec![59] }),
        rates: Some(60),
        ..Observe::default()
    };
    let mut sim = fed(&Device::cpu().unwrap(), &net, 1, 0, observe);
    sim.run(60).unwrap();
    let spikes = sim.spikes(a, 0).unwrap();
    let counts = sim.counts(a).unwrap();
    let rates = sim.rates().unwrap();
    let traces = sim.traces(a).unwrap();
    for i in 0..100 {
        let own: Vec<u32> = spikes.iter().filter(|s| s.1 == i).map(|s| s.0).collect();
        assert_eq!(counts[[0, 0, i as usize]], own.len() as u32);
        let exact: f64 = own.iter().map(|&t| (-f64::from(59 - t) * 0.5 / 10.0).exp()).sum();
        assert!((traces[[0, 0, i as usize]] - exact).abs() < 60.0 * from_fixed(2, 24), "trace of neuron {i}");
    }
    for t in 0..60 {
        assert_eq!(rates[[0, t, 0]] as usize, spikes.iter().filter(|s| s.0 == t as u32).count());
    }
}

#[test]
fn simulations_of_one_device_may_run_at_once() {
    let device = Device::cpu_threads(3).unwrap();
    let net = mixed(2100);
    let state = |batch| {
        let mut sim = fed(&device, &net, batch, 0, Observe::default());
        (0..20).for_each(|_| sim.run(3).unwrap());
        sim.state().unwrap()
    };
    let alone = (state(1), state(5));
    std::thread::scope(|scope| {
        let runs: Vec<_> = [1, 1, 5, 1, 5].map(|batch| scope.spawn(move || (batch, state(batch)))).into();
        for run in runs {
            let (batch, found) = run.join().unwrap();
            assert_eq!(found, if batch == 1 { alone.0.clone() } else { alone.1.clone() });
        }
    });
}
