//! Plasticity and astrocytes on the CPU device: against the oracle word for word, by hand, and its invariances.

use limnos_engine::digest::Digest;
use limnos_engine::{Device, Feed, Keep, Observe, RunOptions, SampleState, Simulation};
use limnos_spec::fixed::probability_threshold;
use limnos_spec::{
    Astrocyte, CalciumGate, Connector, Convention, Dependence, Distribution, Drive, Inhibitory, Leak, Lif, Model,
    Network, NetworkConfig, Pairing, ProjectionId, Rate, Refractory, SpikeFilter, Stdp, Synapse, Triplet, Weights,
};
use ndarray::Array3;

use crate::oracle::{Oracle, OracleFeed};

const STEPS: u32 = 80;

/// The variants of a rule that a test goes through.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    convention: Convention,
    pairing: Pairing,
    dependence: Dependence,
    inhibitory: Inhibitory,
    triplet: Option<Triplet>,
    gate: Option<CalciumGate>,
}

const TRIPLET: Triplet =
    Triplet { tau_plus: 30.0, tau_minus: 40.0, a_plus: Rate::Constant(0.06), a_minus: Rate::Constant(0.05) };
const GATE: CalciumGate = CalciumGate { tau: 40.0, threshold: 3.0, width: 1.5 };

pub const VARIANTS: [Variant; 8] = [
    Variant {
        convention: Convention::Emission,
        pairing: Pairing::AllToAll,
        dependence: Dependence::Additive,
        inhibitory: Inhibitory::Exchanged,
        triplet: None,
        gate: None,
    },
    Variant {
        convention: Convention::Arrival,
        pairing: Pairing::AllToAll,
        dependence: Dependence::Additive,
        inhibitory: Inhibitory::Mirrored,
        triplet: None,
        gate: None,
    },
    Variant {
        convention: Convention::Emission,
        pairing: Pairing::NearestNeighbour,
        dependence: Dependence::Multiplicative,
        inhibitory: Inhibitory::Mirrored,
        triplet: None,
        gate: None,
    },
    Variant {
        convention: Convention::Arrival,
        pairing: Pairing::NearestNeighbour,
        dependence: Dependence::Additive,
        inhibitory: Inhibitory::Exchanged,
        triplet: None,
        gate: None,
    },
    Variant {
        convention: Convention::Arrival,
        pairing: Pairing::AllToAll,
        dependence: Dependence::Multiplicative,
        inhibitory: Inhibitory::Same,
        triplet: None,
        gate: None,
    },
    Variant {
        convention: Convention::Emission,
        pairing: Pairing::AllToAll,
        dependence: Dependence::Additive,
        inhibitory: Inhibitory::Mirrored,
        triplet: Some(TRIPLET),
        gate: None,
    },
    Variant {
        convention: Convention::Emission,
        pairing: Pairing::AllToAll,
        dependence: Dependence::Additive,
        inhibitory: Inhibitory::Exchanged,
        triplet: None,
        gate: Some(GATE),
    },
    Variant {
        convention: Convention::Arrival,
        pairing: Pairing::NearestNeighbour,
        dependence: Dependence::Multiplicative,
        inhibitory: Inhibitory::Exchanged,
        triplet: Some(TRIPLET),
        gate: Some(GATE),
    },
];

/// Inputs, excitatory and inhibitory sources, delays, filters, constant, decaying, modulated and scaled rates, two astrocytes and a
/// modulator; one population with exponential currents, one with none.
pub fn learning(size: usize, v: Variant) -> Network {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 11 });
    let lif =
        Lif { leak: Leak::Euler, tau_m: 16.0, refractory: Refractory::BlockSpikes, tau_refrac: 2.0, ..Lif::default() };
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
    let other = net.add_astrocyte("other", Astrocyte { tau: 7.0, weight: 0.3, bias: -0.02, ..Astrocyte::default() });
    net.watch(other, b, 1.0).listed([0]);
    let reward = net.add_modulator("reward", 0.4);
    let stdp = Stdp {
        tau_plus: 10.0,
        tau_minus: 14.0,
        convention: v.convention,
        pairing: v.pairing,
        dependence: v.dependence,
        inhibitory: v.inhibitory,
        triplet: v.triplet,
        gate: v.gate,
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
    net.connect(x, b, Connector::FixedOutDegree(1), 1.0).delays(2).plastic(late).filter(SpikeFilter::default());
    let (low, weights) = if v.inhibitory == Inhibitory::Same {
        (-2.0, Distribution::uniform(-1.0, 1.0).into())
    } else {
        (0.0, Weights::Dale { exc: Distribution::uniform(0.2, 1.8), inh: Distribution::uniform(0.3, 1.5) })
    };
    let dale = Stdp { a_plus: Rate::Constant(0.2), a_minus: Rate::Constant(0.22), w_min: low, w_max: 2.0, ..stdp };
    net.connect(a, a, Connector::FixedProbability(0.3), weights.clone()).self_connections(true).plastic(dale);
    let filter = SpikeFilter { tau: 2.0, cutoff: 0.01 };
    net.connect(a, b, Connector::FixedProbability(0.2), weights).delays(4).plastic(dale).filter(filter);
    let delays = Distribution::uniform(1.0, 9.0);
    let emission = Stdp { convention: Convention::Emission, tau_minus: 20.0, ..late };
    net.connect(b, a, Connector::FixedProbability(0.2), 0.8)
        .delays(delays.clone())
        .plastic(emission)
        .multiple_edges(true);
    net.connect(b, a, Connector::FixedProbability(0.1), -0.6).delays(delays).filter(filter);
    net.connect(b, b, Connector::FixedProbability(0.1), -0.4);
    net
}

fn probabilities(batch: usize) -> Array3<f32> {
    Array3::from_shape_fn((batch, STEPS as usize, 37), |(s, r, c)| ((3 * s + r + 5 * c) % 9) as f32 / 20.0)
}

fn oracle_feed(sample: usize) -> OracleFeed {
    let p = probabilities(sample + 1);
    let row = |r: usize| (0..37).map(|c| probability_threshold(f64::from(p[[sample, r, c]]))).collect();
    OracleFeed { thresholds: vec![(0..STEPS as usize).map(row).collect()], currents: vec![vec![]; 2] }
}

fn fed(net: &Network, threads: usize, batch: usize, first_sample: u32, observe: Observe) -> Simulation {
    let device = Device::cpu_threads(threads).unwrap();
    let mut sim = Simulation::new(&device, net, RunOptions { batch, first_sample, observe }).unwrap();
    let p = probabilities(first_sample as usize + batch);
    sim.feed(net.input("x").unwrap(), Feed::Probabilities(p.slice(ndarray::s![first_sample as usize.., .., ..])))
        .unwrap();
    sim
}

fn ids(net: &Network) -> Vec<ProjectionId> {
    let mut again = Network::new(NetworkConfig::default());
    let p = again.add_population("p", 1, Lif::default());
    net.projections()
        .iter()
        .map(|_| {
            again.connect(p, p, Connector::AllToAll, 1.0);
            again.last_projection().unwrap()
        })
        .collect()
}

#[test]
fn equals_the_oracle_at_every_size() {
    for (size, variants) in [(1, 0..2), (31, 0..8), (32, 0..2), (33, 2..8), (64, 1..3), (65, 0..8), (140, 0..2)] {
        for v in &VARIANTS[variants] {
            let net = learning(size, *v);
            let model = Model::new(&net).unwrap();
            let mut sim = fed(&net, 2, 2, 0, Observe { spikes: Some(STEPS), ..Observe::default() });
            let reward = net.astrocyte("reward").unwrap();
            sim.run(30).unwrap();
            sim.set_modulator(reward, &[-0.25, 0.75]).unwrap();
            sim.run(STEPS - 30).unwrap();
            let states = sim.state().unwrap();
            for sample in 0..2 {
                let what = format!("size {size}, {v:?}, sample {sample}");
                let mut oracle = Oracle::learning(&net, &model, sample as u32, oracle_feed(sample));
                let mut spikes = vec![Vec::new(); 2];
                for t in 0..STEPS {
                    if t == 30 {
                        oracle.learning.set_output(reward.index(), [-0.25, 0.75][sample]);
                    }
                    for (p, fired) in oracle.step().into_iter().enumerate() {
                        spikes[p].extend(fired.into_iter().map(|i| (t, i as u32)));
                    }
                }
                for (p, name) in ["a", "b"].into_iter().enumerate() {
                    assert_eq!(sim.spikes(net.population(name).unwrap(), sample).unwrap(), spikes[p], "{what}");
                    assert!(spikes[p].len() > size, "{name} should spike, or nothing is tested: {what}");
                }
                let state = &states[sample];
                assert_eq!((&state.fields, &state.ring), (&oracle.state().fields, &oracle.state().ring), "{what}");
                oracle.learning.check(&model, &state.plastic, &what);
            }
            let initial = model.projections.iter().filter_map(|p| p.plastic.as_ref());
            for (k, (weights, before)) in states[0].plastic.weights.iter().zip(initial).enumerate() {
                assert!(size < 31 || *weights != before.initial, "projection {k} of size {size} should learn: {v:?}");
            }
        }
    }
}

fn run(threads: usize, batch: usize, first: u32, pieces: &[u32], v: Variant) -> (SampleState, u64, Vec<f64>) {
    // More cells than a thread keeps to itself, so that a sample is shared.
    let net = learning(1100, v);
    let observe = Observe { spikes: Some(STEPS), astrocytes: Some(STEPS), ..Observe::default() };
    let mut sim = fed(&net, threads, batch, first, observe);
    pieces.iter().for_each(|&n| sim.run(n).unwrap());
    let states = sim.state().unwrap();
    let mut digest = Digest::new(batch);
    let spikes = sim.spike_bits_recorded().unwrap();
    digest.push(sim.model(), &spikes);
    let digests = digest.finish(sim.model(), &states);
    let course = sim.modulators().unwrap().index_axis(ndarray::Axis(0), batch - 1).iter().copied().collect();
    (states[batch - 1].clone(), digests[batch - 1], course)
}

#[test]
fn threads_pieces_and_batches_do_not_matter() {
    for v in [VARIANTS[0], VARIANTS[1], VARIANTS[7]] {
        let reference = run(1, 1, 2, &[STEPS], v);
        for (threads, batch, first, pieces) in
            [(2, 1, 2, &[80][..]), (3, 1, 2, &[1, 30, 49][..]), (2, 3, 0, &[40, 40][..]), (1, 2, 1, &[79, 1][..])]
        {
            let what = format!("{threads} threads, batch {batch}, pieces {pieces:?}, {v:?}");
            let found = run(threads, batch, first, pieces, v);
            assert!(found.0 == reference.0, "{what}: states differ");
            assert_eq!((found.1, &found.2), (reference.1, &reference.2), "{what}");
        }
        let other = run(2, 1, 3, &[STEPS], v);
        assert_ne!(other.0.plastic.weights, reference.0.plastic.weights, "another sample must learn something else");
        assert_ne!((other.1, &other.2), (reference.1, &reference.2));
    }
}

#[test]
fn one_bit_of_a_weight_is_seen() {
    let net = learning(65, VARIANTS[0]);
    let projection = ids(&net)[0];
    let outcome = |change: f64| {
        let mut sim = fed(&net, 1, 1, 0, Observe::default());
        let mut weights = sim.weights(projection, 0).unwrap();
        weights[5] -= change * weights[5].signum();
        sim.set_initial_weights(projection, &weights).unwrap();
        sim.run(STEPS).unwrap();
        let states = sim.state().unwrap();
        (states[0].plastic.weights.clone(), Digest::new(1).finish(sim.model(), &states))
    };
    assert_eq!(outcome(0.0), outcome(0.0));
    assert_ne!(outcome(0.0), outcome(1.0 / (1 << 24) as f64));
}

#[test]
fn a_reset_restores_or_keeps() {
    let net = learning(65, VARIANTS[0]);
    let projection = ids(&net)[2];
    let mut sim = fed(&net, 1, 2, 0, Observe::default());
    let initial = sim.weights(projection, 1).unwrap();
    sim.run(STEPS).unwrap();
    let (first, learned) = (sim.state().unwrap(), sim.weights(projection, 1).unwrap());
    assert_ne!(learned, initial);
    sim.reset().unwrap();
    assert_eq!(sim.weights(projection, 1).unwrap(), initial);
    sim.run(STEPS).unwrap();
    assert_eq!(sim.state().unwrap(), first, "a reset repeats the run");

    sim.reset_keeping(0, Keep { weights: true, traces: false }).unwrap();
    assert_eq!(sim.weights(projection, 1).unwrap(), learned);
    assert!(sim.state().unwrap()[1].plastic.traces.iter().flatten().all(|&t| t == 0));
    sim.run(STEPS).unwrap();
    let kept = sim.state().unwrap();
    assert_ne!(kept, first);
    sim.reset_keeping(0, Keep { weights: false, traces: true }).unwrap();
    assert_eq!(sim.weights(projection, 1).unwrap(), initial);
    assert_eq!(sim.state().unwrap()[1].plastic.traces, kept[1].plastic.traces);

    sim.set_weights(projection, 1, &learned).unwrap();
    assert_eq!(sim.weights(projection, 1).unwrap(), learned);
    assert_eq!(sim.weights(projection, 0).unwrap(), initial, "one sample's weights are its own");
    sim.set_initial_weights(projection, &learned).unwrap();
    sim.reset().unwrap();
    assert_eq!([sim.weights(projection, 0).unwrap(), sim.weights(projection, 1).unwrap()], [learned.clone(), learned]);
}

/// One source and one target that spike when told: the source through an input without delay, the target by a strong input of its own.
/// Returns the weight after each step, in steps of 2^-24 mV.
fn pair(stdp: Stdp, weight: f64, source: &[u32], target: &[u32], delay: u32, steps: u32) -> Vec<i64> {
    let mut net = Network::new(NetworkConfig::default());
    let p = net.add_population("p", 1, Lif { v_thresh: 100.0, ..Lif::default() });
    let (x, y) = (net.add_input("x", 1), net.add_input("y", 1));
    net.connect(y, p, Connector::AllToAll, 300.0);
    net.connect(x, p, Connector::AllToAll, weight).delays(delay).plastic(stdp);
    let id = net.last_projection().unwrap();
    let mut sim = Simulation::new(&Device::cpu_threads(1).unwrap(), &net, RunOptions::default()).unwrap();
    for (input, times) in [(x, source), (y, target)] {
        let spikes = [times.iter().map(|&t| (t, 0)).collect()];
        sim.feed(input, Feed::Spikes { steps, spikes: &spikes }).unwrap();
    }
    let weight = |sim: &mut Simulation| (sim.weights(id, 0).unwrap()[0] * (1 << 24) as f64) as i64;
    (0..steps)
        .map(|_| {
            sim.step().unwrap();
            weight(&mut sim)
        })
        .collect()
}

fn changes(stdp: Stdp, weight: f64, source: &[u32], target: &[u32], delay: u32) -> Vec<(u32, f64)> {
    let one = (1 << 24) as f64;
    let course = pair(stdp, weight, source, target, delay, 30);
    let before = std::iter::once((weight * one) as i64).chain(course.iter().copied());
    let all = before.zip(&course).zip(0..).map(|((a, &b), t)| (t, (b - a) as f64 / one));
    all.filter(|(_, d)| *d != 0.0).collect()
}

fn assert_changes(found: &[(u32, f64)], expected: &[(u32, f64)]) {
    assert_eq!(found.len(), expected.len(), "{found:?} should be {expected:?}");
    for (f, e) in found.iter().zip(expected) {
        assert!(f.0 == e.0 && (f.1 - e.1).abs() < 2e-6, "{found:?} should be {expected:?}");
    }
}

#[test]
fn pairs_change_weights_by_the_published_window() {
    let stdp = Stdp { a_plus: Rate::Constant(0.1), a_minus: Rate::Constant(0.2), tau_minus: 10.0, ..Stdp::default() };
    let window = |a: f64, dt: f64, tau: f64| a * (-dt / tau).exp();
    let found = changes(stdp, 0.5, &[3], &[8], 0);
    assert_changes(&found, &[(8, window(0.1, 5.0, 20.0))]);
    let found = changes(stdp, 0.5, &[8], &[3], 0);
    assert_changes(&found, &[(8, -window(0.2, 5.0, 10.0))]);
    // All to all against nearest neighbours.
    let both = window(0.1, 6.0, 20.0) + window(0.1, 2.0, 20.0);
    assert_changes(&changes(stdp, 0.5, &[2, 6], &[8], 0), &[(8, both)]);
    let nearest = Stdp { pairing: Pairing::NearestNeighbour, ..stdp };
    assert_changes(&changes(nearest, 0.5, &[2, 6], &[8], 0), &[(8, window(0.1, 2.0, 20.0))]);
    // Fractions of the room.
    let shares = Stdp { dependence: Dependence::Multiplicative, ..stdp };
    assert_changes(&changes(shares, 0.4, &[3], &[8], 0), &[(8, 0.6 * window(0.1, 5.0, 20.0))]);
    assert_changes(&changes(shares, 0.4, &[8], &[3], 0), &[(8, -0.4 * window(0.2, 5.0, 10.0))]);
}

#[test]
fn the_conventions_differ_where_they_say() {
    let emission =
        Stdp { a_plus: Rate::Constant(0.1), a_minus: Rate::Constant(0.2), tau_minus: 10.0, ..Stdp::default() };
    let arrival = Stdp { convention: Convention::Arrival, ..emission };
    let window = |a: f64, dt: f64, tau: f64| a * (-dt / tau).exp();
    assert_changes(&changes(emission, 0.5, &[5], &[5], 0), &[]);
    assert_changes(&changes(arrival, 0.5, &[5], &[5], 0), &[(5, 0.1)]);
    // With a delay of 3: emitted before the target's spike, arriving after it.
    assert_changes(&changes(emission, 0.5, &[4], &[6], 3), &[(6, window(0.1, 2.0, 20.0))]);
    assert_changes(&changes(arrival, 0.5, &[4], &[6], 3), &[(7, -window(0.2, 1.0, 10.0))]);
    assert_changes(&changes(arrival, 0.5, &[4], &[7], 3), &[(7, 0.1)]);
}

#[test]
fn triplets_change_weights_by_the_published_equations() {
    let triplet =
        Triplet { tau_plus: 100.0, tau_minus: 120.0, a_plus: Rate::Constant(0.05), a_minus: Rate::Constant(0.03) };
    let stdp = Stdp {
        a_plus: Rate::Constant(0.1),
        a_minus: Rate::Constant(0.2),
        tau_minus: 10.0,
        triplet: Some(triplet),
        ..Stdp::default()
    };
    let k = |dt: f64, tau: f64| (-dt / tau).exp();
    // A pair alone is a pair: the slow traces are taken before the spike that they count.
    assert_changes(&changes(stdp, 0.5, &[3], &[8], 0), &[(8, 0.1 * k(5.0, 20.0))]);
    // Target, source, target: the second potentiation is scaled by the first spike of the target.
    let depressed = -0.2 * k(2.0, 10.0);
    let raised = k(4.0, 20.0) * (0.1 + 0.05 * k(6.0, 120.0));
    assert_changes(&changes(stdp, 0.5, &[4], &[2, 8], 0), &[(4, depressed), (8, raised)]);
    // Source, target, source.
    let raised = 0.1 * k(3.0, 20.0);
    let lowered = -k(4.0, 10.0) * (0.2 + 0.03 * k(7.0, 100.0));
    assert_changes(&changes(stdp, 0.5, &[2, 9], &[5], 0), &[(5, raised), (9, lowered)]);
}

#[test]
fn a_gate_lets_changes_through_in_its_windows_alone() {
    let gate = CalciumGate { tau: 1000.0, threshold: 2.5, width: 1.0 };
    let stdp = Stdp { a_plus: Rate::Constant(0.1), a_minus: Rate::Constant(0.1), gate: Some(gate), ..Stdp::default() };
    // Calcium before the target's k-th spike is about k - 1: potentiation from 2.5 to 3.5, depression from 1.5 to 2.5.
    let target = [4, 8, 12, 16, 20];
    let found = changes(stdp, 0.5, &[2], &target, 0);
    assert_changes(&found, &[(16, 0.1 * (-14.0f64 / 20.0).exp())]);
    let found = changes(stdp, 0.5, &[5, 9, 13, 17, 21], &target, 0);
    let times: Vec<u32> = found.iter().map(|f| f.0).collect();
    assert_eq!(times, [9, 16], "depression at the source's event after two spikes, potentiation at the fourth spike");
    let free = changes(Stdp { gate: None, ..stdp }, 0.5, &[5, 9, 13, 17, 21], &target, 0);
    assert_eq!(free.len(), 9, "without a gate all of them change the weight");
    // A time constant of one step, however it was rounded, leaves the last step's spike alone: calcium is 0 or 1.
    for tau in [1.0, 1.0 + f64::EPSILON] {
        let short = CalciumGate { tau, threshold: 0.5, width: 1.0 };
        let found = changes(Stdp { gate: Some(short), ..stdp }, 0.5, &[2], &[4, 5, 9], 0);
        assert_changes(&found, &[(5, 0.1 * (-3.0f64 / 20.0).exp())]);
    }
    // What calcium is after n spikes is n, less what decayed: c <- c (1 - 1/tau) + 1.
    let mut net = Network::new(NetworkConfig::default());
    let p = net.add_population("p", 1, Lif { v_thresh: 100.0, ..Lif::default() });
    let x = net.add_input("x", 1);
    net.connect(x, p, Connector::AllToAll, 300.0).plastic(Stdp { w_max: 400.0, ..stdp });
    let mut sim = Simulation::new(&Device::cpu_threads(1).unwrap(), &net, RunOptions::default()).unwrap();
    sim.feed(x, Feed::Spikes { steps: 20, spikes: &[vec![(0, 0), (5, 0)]] }).unwrap();
    sim.run(11).unwrap();
    let trace = sim.model().plastic.gates[0].trace;
    let bits = sim.model().plastic.traces[trace].bits;
    let calcium = f64::from(sim.state().unwrap()[0].plastic.traces[trace][0]) / f64::from(1 << bits);
    let expected = 0.999f64.powi(5) * (0.999f64.powi(5) + 1.0);
    assert!((calcium - expected).abs() < 1e-4, "{calcium} should be {expected}");
}

#[test]
fn coincident_changes_add_before_they_clip_and_each_step_clips() {
    let stdp = Stdp { a_plus: Rate::Constant(0.5), a_minus: Rate::Constant(0.4), ..Stdp::default() };
    let (one, k) = ((1 << 24) as f64, |dt: f64| (-dt / 20.0).exp());
    // At step 10 both spike: +0.5 from the source's spike of step 8, -0.4 from the target's of step 4 (which met no trace).
    let course = pair(stdp, 0.9, &[8, 10], &[4, 10], 0, 12);
    let after_8 = 0.9 - 0.4 * k(4.0);
    assert!((course[8] as f64 / one - after_8).abs() < 1e-6);
    let sum = after_8 + 0.5 * k(2.0) - 0.4 * k(6.0);
    assert!(after_8 + 0.5 * k(2.0) > 1.0 && sum < 1.0, "the rise alone would clip");
    assert!((course[10] as f64 / one - sum).abs() < 1e-6, "{} should be {sum}", course[10] as f64 / one);
    // Clipped in each step: what was cut off is not remembered.
    let course = pair(stdp, 0.9, &[3, 9], &[4, 6], 0, 12);
    assert_eq!([course[4], course[6]], [1 << 24; 2]);
    let fall = 0.4 * (k(5.0) + k(3.0));
    assert!((course[9] as f64 / one - (1.0 - fall)).abs() < 1e-6);
}

#[test]
fn inhibitory_sources_follow_their_convention() {
    let rates = Stdp { a_plus: Rate::Constant(0.1), a_minus: Rate::Constant(0.2), ..Stdp::default() };
    let outcome = |inhibitory, source_first: bool| {
        let mut net = Network::new(NetworkConfig::default());
        let strong = Lif { v_thresh: 100.0, ..Lif::default() };
        let (a, b) = (net.add_population("a", 1, strong), net.add_population("b", 1, strong));
        net.inhibitory(a, 1.0);
        let x = net.add_input("x", 2);
        let one = |c: u32| limnos_spec::Csr { row_start: [0, usize::from(c == 0), 1].into(), targets: [0].into() };
        net.connect(x, a, one(0), 300.0);
        net.connect(x, b, one(1), 300.0);
        let stdp = Stdp { inhibitory, w_min: if inhibitory == Inhibitory::Same { -1.0 } else { 0.0 }, ..rates };
        net.connect(a, b, Connector::AllToAll, -0.5).plastic(stdp);
        let id = net.last_projection().unwrap();
        let mut sim = Simulation::new(&Device::cpu_threads(1).unwrap(), &net, RunOptions::default()).unwrap();
        let spikes = [vec![(2, u32::from(!source_first)), (4, u32::from(source_first))]];
        sim.feed(x, Feed::Spikes { steps: 10, spikes: &spikes }).unwrap();
        sim.run(10).unwrap();
        sim.weights(id, 0).unwrap()[0] + 0.5
    };
    let k = (-2.0f64 / 20.0).exp();
    for (inhibitory, before, behind) in
        [(Inhibitory::Same, 0.1, -0.2), (Inhibitory::Mirrored, -0.1, 0.2), (Inhibitory::Exchanged, -0.2, 0.1)]
    {
        assert!((outcome(inhibitory, true) - before * k).abs() < 1e-6, "{inhibitory:?}, source first");
        assert!((outcome(inhibitory, false) - behind * k).abs() < 1e-6, "{inhibitory:?}, target first");
    }
}

#[test]
fn silent_traces_reach_zero() {
    let mut net = learning(33, VARIANTS[0]);
    let (a, b) = (net.population("a").unwrap(), net.population("b").unwrap());
    for p in [a, b] {
        net.population_mut(p).drive = None;
    }
    let mut sim = fed(&net, 1, 1, 0, Observe::default());
    for (p, size) in [(a, 33), (b, 38)] {
        sim.inject(p, Some(Array3::from_elem((1, 1, size), 60.0).view())).unwrap();
    }
    sim.run(STEPS).unwrap();
    assert!(sim.state().unwrap()[0].plastic.traces.iter().all(|t| t.iter().any(|&v| v > 0)), "all should be active");
    [a, b].into_iter().for_each(|p| sim.inject(p, None).unwrap());
    sim.feed(net.input("x").unwrap(), Feed::Silent).unwrap();
    sim.run(2000).unwrap();
    let quiet = sim.state().unwrap()[0].plastic.clone();
    assert!(quiet.traces.iter().chain(&quiet.filters).flatten().all(|&t| t == 0), "traces should reach 0");
    sim.run(10).unwrap();
    assert_eq!(sim.state().unwrap()[0].plastic.weights, quiet.weights, "and weights should rest");
}

#[test]
fn astrocytes_follow_their_equation() {
    let net = learning(65, VARIANTS[0]);
    let observe = Observe { spikes: Some(STEPS), rates: Some(STEPS), astrocytes: Some(STEPS), ..Observe::default() };
    let mut sim = fed(&net, 1, 1, 0, observe);
    sim.run(STEPS).unwrap();
    let (course, rates) = (sim.modulators().unwrap(), sim.rates().unwrap());
    let b0 = sim.spikes(net.population("b").unwrap(), 0).unwrap();
    // "other" watches neuron 0 of b: tau 7, weight 0.3, bias -0.02, no decay.
    let mut a = -0.02;
    for t in 0..STEPS as usize {
        let n = b0.iter().filter(|s| **s == (t as u32, 0)).count() as f64;
        a += (0.3 * n - 0.02 - a) / 7.0;
        assert!((course[[0, t, 1]] - a).abs() < 1e-6, "step {t}: {} should be {a}", course[[0, t, 1]]);
    }
    assert!(rates.sum() > 0 && course.iter().any(|&v| v > 0.1), "something should happen");
    assert!(course.index_axis(ndarray::Axis(2), 2).iter().all(|v| (v - 0.4).abs() < 1e-7), "a modulator holds");
    let members = &sim.model().plastic.astrocytes[0].watches[1];
    assert_eq!((0..37).filter(|&u| members.watches(u)).count(), 22, "0.6 of 37, rounded");
}

/// Digests of whole runs with what each learned: a change is a change of the bits.
#[test]
fn digests_of_learning_networks() {
    let digest = |v: Variant| {
        let mut sim = fed(&learning(65, v), 2, 1, 0, Observe { spikes: Some(STEPS), ..Observe::default() });
        sim.run(STEPS).unwrap();
        let (spikes, states) = (sim.spike_bits_recorded().unwrap(), sim.state().unwrap());
        let mut digest = Digest::new(1);
        digest.push(sim.model(), &spikes);
        (states[0].plastic.words().count(), format!("{:016x}", digest.finish(sim.model(), &states)[0]))
    };
    let found: Vec<_> = VARIANTS.iter().map(|v| digest(*v)).collect();
    let expected = [
        (4715, "c793765b58c1b77a"),
        (4799, "abbc9541f4a7f64d"),
        (4715, "1f3f5d5205694bf5"),
        (4799, "d3ed072837239eef"),
        (4799, "9b2eb3bf24ccb4ba"),
        (5128, "bd78a9568c003a2a"),
        (4850, "22453f6aa38722c6"),
        (5412, "2992e0e470da20fb"),
    ]
    .map(|(words, digest)| (words, digest.to_string()));
    assert_eq!(found, expected, "words of what was learned, and digest");
}
