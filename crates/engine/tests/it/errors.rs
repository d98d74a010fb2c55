//! Wrong uses, each with the text of its error. Nothing here may panic.

use limnos_engine::gpu::plan::{Limits, Regime};
use limnos_engine::{Counts, Device, EngineError, Feed, Observe, Plan, Potentials, RunOptions, Simulation, Traces};
use limnos_spec::{
    Alif, Astrocyte, CalciumGate, Connector, Convention, Dependence, Distribution, Drive, Grid3, InputId, Leak, Lif,
    Network, NetworkConfig, Overflow, Parameter, PopulationId, ProjectionId, Rate, Reset, Source, SpikeFilter, Stdp,
    Synapse, Triplet,
};
use ndarray::Array3;

/// Ends an expression whose value is of no interest.
fn ignore<T>(_: T) {}

/// A small valid network with a population of 4 and an input of 3.
fn small() -> (Network, PopulationId, InputId) {
    let mut net = Network::new(NetworkConfig::default());
    let p = net.add_population("p", 4, Lif::default());
    let x = net.add_input("x", 3);
    net.connect(x, p, Connector::AllToAll, 1.0);
    (net, p, x)
}

fn built(change: impl FnOnce(&mut Network, PopulationId, InputId)) -> String {
    let (mut net, p, x) = small();
    change(&mut net, p, x);
    match Simulation::new(&Device::cpu_threads(1).unwrap(), &net, RunOptions::default()) {
        Ok(_) => "no error".into(),
        Err(error) => error.to_string(),
    }
}

fn with_lif(lif: Lif) -> String {
    built(|net, p, _| net.population_mut(p).neuron = lif.into())
}

#[test]
fn descriptions() {
    let lif = Lif::default();
    let cases: Vec<(String, &str)> = vec![
        (built(|net, _, _| net.config.dt = 0.0), "dt is 0; allowed: more than 0"),
        (built(|net, _, _| net.config.dt = f64::NAN), "dt is NaN; allowed: more than 0"),
        (built(|net, _, _| net.config.dt = f64::INFINITY), "dt is inf; allowed: a finite number"),
        (with_lif(Lif { tau_m: -1.0, ..lif }), "tau_m of 'p' is -1; allowed: more than 0"),
        (with_lif(Lif { v_thresh: 0.0, ..lif }), "v_thresh of 'p' is 0; allowed: more than v_reset (0)"),
        (with_lif(Lif { v_rest: f64::NAN, ..lif }), "v_rest of 'p' is NaN; allowed: a finite number"),
        (with_lif(Lif { tau_refrac: -2.0, ..lif }), "tau_refrac of 'p' is -2; allowed: a finite number of 0 or more"),
        (
            with_lif(Lif { tau_refrac: 1e9, ..lif }),
            "tau_refrac of neuron 0 of 'p' is 1000000000; allowed: 0 to 1 000 000 steps",
        ),
        (
            with_lif(Lif { tau_m: 0.5, leak: Leak::Euler, ..lif }),
            "tau_m of 'p' is 0.5 ms; allowed: at least dt (1 ms) with Leak::Euler; or take Leak::Exponential",
        ),
        (
            with_lif(Lif { reset: Reset::Subtract, v_rest: 30.0, ..lif }),
            "v_thresh of 'p' is 20; allowed: more than v_rest (30) where the reset subtracts",
        ),
        (
            with_lif(Lif { synapse: Synapse::Exponential { tau_syn_exc: 0.0, tau_syn_inh: 1.0 }, ..lif }),
            "tau_syn_exc of 'p' is 0; allowed: more than 0",
        ),
        (
            with_lif(Lif { v_thresh: 50_000.0, ..lif }),
            "v_thresh of neuron 0 of 'p' is 50000 mV; allowed: within 32768 mV of rest (16 fractional bits)",
        ),
        (
            built(|net, p, _| net.population_mut(p).neuron = Alif { tau_theta: 0.0, ..Alif::default() }.into()),
            "tau_theta of 'p' is 0; allowed: more than 0",
        ),
        (
            built(|net, p, _| net.population_mut(p).fraction_bits = Some(40)),
            "fraction_bits of 'p' is 40; allowed: 8 to 24",
        ),
        (built(|net, p, _| ignore(net.inhibitory(p, 1.5))), "inhibitory_fraction of 'p' is 1.5; allowed: 0 to 1"),
        (
            built(|net, p, _| ignore(net.vary(p, Parameter::TauM, vec![1.0, 2.0]))),
            "tau_m of 'p' has 2 entries; needed: 4",
        ),
        (
            built(|net, p, _| ignore(net.vary(p, Parameter::TauM, Distribution::normal(0.0, 1.0)))),
            "tau_m of neuron 2 of 'p' is -0.10126393215827044; allowed: more than 0; clip the distribution (Distribution::clipped)",
        ),
        (
            built(|net, p, _| ignore(net.vary(p, Parameter::TauSynExc, 5.0))),
            "tau_syn_exc of 'p' is varied; allowed: only with Synapse::Exponential",
        ),
        (
            built(|net, p, _| {
                net.population_mut(p).neuron = Lif { reset: Reset::Subtract, ..Lif::default() }.into();
                net.vary(p, Parameter::VThresh, vec![20.0, 20.0, -50.0, 20.0]);
                net.vary(p, Parameter::VReset, vec![-60.0; 4]);
            }),
            "v_thresh of neuron 2 of 'p' is -50; allowed: more than the neuron's v_rest where the reset subtracts; clip the distribution",
        ),
        (
            built(|net, p, _| {
                net.population_mut(p).neuron = Lif { leak: Leak::Euler, ..Lif::default() }.into();
                net.vary(p, Parameter::TauM, vec![20.0, 0.1, 20.0, 20.0]);
            }),
            "tau_m of neuron 1 of 'p' is 0.1; allowed: at least dt with Leak::Euler; clip the distribution, or take Leak::Exponential",
        ),
        (
            built(|net, p, _| ignore(net.drive(p, Drive::Poisson { events_per_step: 1.0, weight: 1e-6 }))),
            "the drive of 'p': weights of 1.000e-6 mV (root mean square) would be held in steps of 5.960e-8 mV",
        ),
        (
            built(|net, _, _| ignore(net.add_source("y", 9, Source::Bernoulli(Distribution::normal(-5.0, 20.0))))),
            "of input 'y' draws is -",
        ),
        (
            built(|net, p, _| ignore(net.drive(p, Drive::Poisson { events_per_step: -1.0, weight: 0.1 }))),
            "events_per_step of the drive of 'p' is -1; allowed: more than 0, at most 1000",
        ),
        (
            built(|net, p, _| ignore(net.drive(p, Drive::Normal { mean: 0.0, sd: f64::NAN }))),
            "sd of the drive of 'p' is NaN; allowed: a finite number of 0 or more",
        ),
        (
            built(|net, _, _| ignore(net.add_source("y", 2, Source::Bernoulli(Distribution::Constant(1.5))))),
            "probability of input 'y' is 1.5; allowed: 0 to 1",
        ),
        (
            built(|net, _, _| ignore(net.add_source("y", 2, Source::Poisson(Distribution::Constant(-3.0))))),
            "rate of input 'y' is -3; allowed: 0 Hz or more",
        ),
        (
            built(|net, _, _| ignore(net.add_population("p", 3, Lif::default()))),
            "name of a population or input is 'p'; allowed: a name that is not empty and not used twice",
        ),
        (built(|net, _, _| ignore(net.add_population("q", 0, Lif::default()))), "size of 'q' is 0; allowed: 1 or more"),
        (
            built(|net, _, _| ignore(net.add_population("q", Grid3::new(1 << 20, 1 << 20, 1 << 20), Lif::default()))),
            "neurons: 1152921504606846980 needed, 1073741824 allowed",
        ),
        (
            built(|net, _, _| ignore(net.add_population("q", Grid3::new(usize::MAX, 3, 3), Lif::default()))),
            "neurons: 18446744073709551615 needed, 1073741824 allowed",
        ),
        (
            built(|net, p, x| {
                net.connect(x, p, Connector::AllToAll, 2e4);
                net.population_mut(p).fraction_bits = Some(16);
            }),
            "population 'p', neuron 0: its input of one step could reach 60003.0 mV, beyond the limit of 32735.2 mV of 16 fractional bits",
        ),
        (
            built(|net, p, x| {
                net.connect(x, p, Connector::AllToAll, -5000.0);
                net.population_mut(p).fraction_bits = Some(16);
            }),
            "population 'p', neuron 0: its membrane potential could reach 307",
        ),
        (
            built(|net, p, x| {
                net.connect(x, p, Connector::AllToAll, 1e7);
                let lif = Lif { overflow: Overflow::Saturate, ..Lif::default() };
                net.population_mut(p).neuron = lif.into();
            }),
            "weight",
        ),
        (
            Simulation::new(
                &Device::cpu_threads(1).unwrap(),
                &Network::new(NetworkConfig::default()),
                RunOptions::default(),
            )
            .unwrap_err()
            .to_string(),
            "the network is without a population; allowed: at least one population; see Network::add_population",
        ),
        (
            built(|net, p, _| {
                let mut other = Network::new(NetworkConfig::default());
                (0..3).for_each(|i| ignore(other.add_population(&format!("o{i}"), 1, Lif::default())));
                let foreign = other.population("o2").unwrap();
                net.connect(foreign, p, Connector::AllToAll, 1.0);
            }),
            "an end of projection 1 is an id of another network; allowed: ids that this network returned",
        ),
    ];
    for (i, (found, expected)) in cases.iter().enumerate() {
        assert!(found.contains(expected), "case {i}: expected '{expected}', found '{found}'");
    }
}

fn used(
    observe: Observe,
    wrong: impl FnOnce(&mut Simulation, PopulationId, InputId) -> Result<(), EngineError>,
) -> String {
    let (net, p, x) = small();
    let options = RunOptions { batch: 2, first_sample: 0, observe };
    let mut sim = match Simulation::new(&Device::cpu_threads(1).unwrap(), &net, options) {
        Ok(sim) => sim,
        Err(error) => return error.to_string(),
    };
    match wrong(&mut sim, p, x) {
        Ok(()) => "no error".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn feeding_running_and_reading() {
    let none = Observe::default;
    let zeros = |s, r, c| Array3::<f32>::zeros((s, r, c));
    let one = |v: f32| {
        let mut a = Array3::<f32>::zeros((2, 2, 3));
        a[[1, 0, 2]] = v;
        a
    };
    let cases: Vec<(String, &str)> = vec![
        (
            used(none(), |s, _, x| s.feed(x, Feed::Probabilities(zeros(1, 1, 3).view()))),
            "feed of input 'x' has shape [1, 1, 3]; needed: [2 samples, 1 or more rows, 3 channels]",
        ),
        (
            used(none(), |s, _, x| s.feed(x, Feed::Probabilities(zeros(2, 0, 3).view()))),
            "feed of input 'x' has shape [2, 0, 3]",
        ),
        (
            used(none(), |s, _, x| s.feed(x, Feed::Probabilities(one(1.5).view()))),
            "feed of input 'x', sample 1, row 0, column 2 is 1.5; allowed: 0 to 1",
        ),
        (
            used(none(), |s, _, x| s.feed(x, Feed::Probabilities(one(f32::NAN).view()))),
            "feed of input 'x', sample 1, row 0, column 2 is NaN; allowed: 0 to 1",
        ),
        (
            used(none(), |s, _, x| s.feed(x, Feed::Rates(one(-1.0).view()))),
            "feed of input 'x', sample 1, row 0, column 2 is -1; allowed: 0 Hz or more",
        ),
        (
            used(none(), |s, _, x| s.feed(x, Feed::Spikes { steps: 5, spikes: &[vec![], vec![(5, 0)]] })),
            "feed of input 'x', sample 1 is (step 5, channel 0); allowed: steps below 5 and channels below 3",
        ),
        (
            used(none(), |s, _, x| s.feed(x, Feed::Spikes { steps: 5, spikes: &[vec![]] })),
            "feed of input 'x' has shape [1, 5]; needed: 2 lists (one a sample) over 1 or more steps",
        ),
        (
            used(none(), |s, p, _| s.inject(p, Some(zeros(2, 1, 3).view()))),
            "currents into 'p' has shape [2, 1, 3]; needed: [2 samples, 1 or more rows, 4 neurons]",
        ),
        (
            used(none(), |s, p, _| s.inject(p, Some(Array3::from_elem((2, 1, 4), 40_000.0).view()))),
            "currents into 'p', sample 0, row 0, column 0 is 40000; allowed: -32",
        ),
        (
            used(none(), |s, _, x| {
                s.feed(x, Feed::Probabilities(zeros(2, 5, 3).view()))?;
                s.run(3)?;
                s.run(3)
            }),
            "input 'x' was fed for 5 steps and the run needs 6; feed more steps or run fewer",
        ),
        (
            used(Observe { spikes: Some(10), ..none() }, |s, _, _| s.run(11)),
            "spikes has room for 10 steps and would need 11; reserve more, read and clear it, or run fewer steps",
        ),
        (
            used(Observe { rates: Some(4), ..none() }, |s, _, _| s.run(3).and_then(|()| s.run(3))),
            "rates has room for 4 steps and would need 6",
        ),
        (
            used(Observe { counts: Some(Counts { windows: 2, window_steps: Some(5) }), ..none() }, |s, _, _| s.run(11)),
            "counts has room for 10 steps and would need 11",
        ),
        (
            used(Observe { counts: Some(Counts { windows: 0, window_steps: None }), ..none() }, |_, _, _| Ok(())),
            "1 or more windows of 1 or more steps",
        ),
        (
            used(Observe { traces: Some(Traces { tau: 0.0, at_steps: vec![] }), ..none() }, |_, _, _| Ok(())),
            "tau of Observe::traces is 0; allowed: more than 0 ms",
        ),
        (
            used(Observe { traces: Some(Traces { tau: 1.0, at_steps: vec![3, 3] }), ..none() }, |_, _, _| Ok(())),
            "at_steps of Observe::traces is not ascending; allowed: steps in ascending order, none twice",
        ),
        (
            {
                let (_, p, _) = small();
                let potentials = Potentials { neurons: vec![(p, 4)], steps: 1 };
                used(Observe { potentials: Some(potentials), ..none() }, |_, _, _| Ok(()))
            },
            "neuron of Observe::potentials is 4 of population 0; allowed: below its size, 4",
        ),
        (
            used(none(), |s, p, _| s.counts(p).map(drop)),
            "counts was not observed; ask for it in Observe when the simulation is made",
        ),
        (used(none(), |s, p, _| s.spikes(p, 0).map(drop)), "spikes was not observed"),
        (used(none(), |s, p, _| s.traces(p).map(drop)), "traces was not observed"),
        (used(none(), |s, _, _| s.potentials().map(drop)), "potentials was not observed"),
        (used(none(), |s, _, _| s.rates().map(drop)), "rates was not observed"),
        (
            used(Observe { counts: Some(Counts { windows: 1, window_steps: None }), ..none() }, |s, _, _| {
                let mut other = Network::new(NetworkConfig::default());
                other.add_population("a", 1, Lif::default());
                let foreign = other.add_population("b", 1, Lif::default());
                s.counts(foreign).map(drop)
            }),
            "population is id 1; allowed: an id of this network",
        ),
        (
            {
                let (net, _, _) = small();
                let options = RunOptions { batch: usize::MAX, ..RunOptions::default() };
                Simulation::new(&Device::cpu_threads(1).unwrap(), &net, options).unwrap_err().to_string()
            },
            "the state and recordings of 18446744073709551615 samples, in bytes, needs 18446744073709551615; the device allows",
        ),
        (used(none(), |s, p, _| s.spikes(p, 2).map(drop)), "sample is 2; allowed: 0 to 1"),
        (used(none(), |s, _, _| s.run_for(f64::NAN)), "ms of run_for is NaN; allowed: 0 to 2^32 steps"),
        (used(none(), |s, _, _| s.run_for(-1.0)), "ms of run_for is -1; allowed: 0 to 2^32 steps"),
        (
            used(none(), |s, _, _| s.run(1).and_then(|()| s.run(u32::MAX))),
            "steps since the last reset needs 4294967296; the device allows 4294967295; reset between runs",
        ),
        (Device::cpu_threads(100_000).unwrap_err().to_string(), "threads is 100000; allowed: 0 (all) to 4096"),
    ];
    for (i, (found, expected)) in cases.iter().enumerate() {
        assert!(found.contains(expected), "case {i}: expected '{expected}', found '{found}'");
    }
}

#[test]
fn a_refused_run_changes_nothing() {
    let (net, _, _) = small();
    let observe = Observe { spikes: Some(5), ..Observe::default() };
    let mut sim =
        Simulation::new(&Device::cpu().unwrap(), &net, RunOptions { observe, ..RunOptions::default() }).unwrap();
    sim.run(2).unwrap();
    let before = sim.state().unwrap();
    assert!(sim.run(4).is_err());
    assert_eq!((sim.steps_done(), sim.state().unwrap()), (2, before));
    sim.clear_recordings().unwrap();
    sim.run(4).unwrap();
}

fn with_stdp(stdp: Stdp) -> String {
    built(|net, p, x| ignore(net.connect(x, p, Connector::AllToAll, 0.5).plastic(stdp)))
}

fn with_astrocyte(astrocyte: Astrocyte) -> String {
    built(|net, p, _| {
        let glia = net.add_astrocyte("glia", astrocyte);
        net.watch(glia, p, 1.0);
    })
}

#[test]
fn plasticity() {
    let (s, a) = (Stdp::default(), Astrocyte::default());
    let cases: Vec<(String, &str)> = vec![
        (with_stdp(s), "no error"),
        (with_stdp(Stdp { tau_plus: 0.0, ..s }), "tau_plus of projection 1 ('x' to 'p') is 0; allowed: more than 0"),
        (
            with_stdp(Stdp { tau_minus: f64::INFINITY, ..s }),
            "tau_minus of projection 1 ('x' to 'p') is inf; allowed: a finite number",
        ),
        (
            with_stdp(Stdp { trace_increment: -1.0, ..s }),
            "trace_increment of projection 1 ('x' to 'p') is -1; allowed: more than 0",
        ),
        (
            with_stdp(Stdp { trace_increment: 1e-6, dependence: Dependence::Multiplicative, ..s }),
            "trace_increment of projection 1 ('x' to 'p') with this tau_plus is 0.000001; allowed: what 24",
        ),
        (
            with_stdp(Stdp { a_plus: Rate::Constant(f64::NAN), ..s }),
            "a_plus of projection 1 ('x' to 'p') is NaN; allowed: a finite number",
        ),
        (
            with_stdp(Stdp { a_minus: Rate::Constant(1e-9), ..s }),
            "the smaller rate of the plasticity of projection 1 ('x' to 'p') is 1e-9; allowed: 0, or at least 1.9e-6 mV",
        ),
        (
            with_stdp(Stdp { a_plus: Rate::Constant(1e10), ..s }),
            "a_plus of projection 1 ('x' to 'p') is 10000000000; allowed: below 64 where it scales, else below 2^30",
        ),
        (
            with_stdp(Stdp { a_plus: Rate::Constant(1e6), tau_plus: 1e6, dependence: Dependence::Multiplicative, ..s }),
            "rates and time constants of projection 1 ('x' to 'p') is 10 and 10 fractional bits; allowed: more than 31 together",
        ),
        (with_stdp(Stdp { w_min: 1.0, ..s }), "w_max of projection 1 ('x' to 'p') is 1; allowed: more than w_min (1)"),
        (
            with_stdp(Stdp { w_max: 1e6, ..s }),
            "the larger of |w_min| and |w_max| of projection 1 ('x' to 'p') is 1000000 mV; allowed: below 16384 mV",
        ),
        (
            with_stdp(Stdp { triplet: Some(Triplet { tau_minus: 0.0, ..Triplet::default() }), ..s }),
            "triplet tau_minus of projection 1 ('x' to 'p') is 0; allowed: ",
        ),
        (
            with_stdp(Stdp { triplet: Some(Triplet { a_plus: f64::NAN.into(), ..Triplet::default() }), ..s }),
            "triplet a_plus of projection 1 ('x' to 'p') is NaN; allowed: ",
        ),
        (
            with_stdp(Stdp { gate: Some(CalciumGate { tau: 0.5, ..CalciumGate::default() }), ..s }),
            "gate tau of projection 1 ('x' to 'p') is 0.5 ms; allowed: at least dt (1 ms)",
        ),
        (
            with_stdp(Stdp { gate: Some(CalciumGate { width: -1.0, ..CalciumGate::default() }), ..s }),
            "gate width of projection 1 ('x' to 'p') is -1; allowed: ",
        ),
        (
            with_stdp(Stdp { gate: Some(CalciumGate { tau: 1e9, ..CalciumGate::default() }), ..s }),
            "gate of projection 1 ('x' to 'p') is CalciumGate { tau: 1000000000.0, threshold: 37.0, width: 22.0 }; allowed: ",
        ),
        (
            with_stdp(Stdp { rate_decay: 1.5, ..s }),
            "rate_decay of projection 1 ('x' to 'p') is 1.5; allowed: more than 0, at most 1",
        ),
        (
            with_stdp(Stdp { w_max: 0.4, ..s }),
            "weight of projection 1 ('x' to 'p'), synapse from 0 to 0, is 0.5 mV; allowed: 0 to 0.399",
        ),
        (
            built(|net, p, _| {
                net.inhibitory(p, 0.5);
                net.connect(p, p, Connector::AllToAll, 0.5).plastic(Stdp::default());
            }),
            "synapse from 2 to 0, is 0.5 mV; allowed: -1 to 0 mV from an inhibitory source, as w_min and w_max of its plasticity say",
        ),
        (
            built(|net, p, _| {
                let stdp = Stdp { convention: Convention::Arrival, ..Stdp::default() };
                net.connect(p, p, Connector::AllToAll, 0.5).plastic(stdp).delays(Distribution::uniform(1.0, 9.0));
            }),
            "delays of projection 1 ('p' to 'p') is not all the same; allowed: one delay for all synapses with Convention::Arrival",
        ),
        (
            built(|net, p, x| {
                let mut other = Network::new(NetworkConfig::default());
                let foreign = other.add_modulator("reward", 0.0);
                net.connect(x, p, Connector::AllToAll, 0.5).plastic(Stdp { a_plus: foreign.into(), ..Stdp::default() });
            }),
            "a_plus of projection 1 ('x' to 'p') is modulated by an astrocyte of another network; allowed: an id that this network returned",
        ),
        (
            built(|net, p, x| {
                net.population_mut(p).fraction_bits = Some(16);
                net.connect(x, p, Connector::AllToAll, 0.5).plastic(Stdp { w_max: 12_000.0, ..s });
            }),
            "population 'p', neuron 0: its input of one step could reach 36003.0 mV, beyond the limit of 32735.2 mV",
        ),
        (
            built(|net, p, x| {
                ignore(net.connect(x, p, Connector::AllToAll, 1.0).filter(SpikeFilter { tau: 0.0, cutoff: 0.0 }))
            }),
            "tau of the filter of projection 1 ('x' to 'p') is 0; allowed: more than 0",
        ),
        (
            built(|net, p, x| {
                ignore(net.connect(x, p, Connector::AllToAll, 1.0).filter(SpikeFilter { tau: 1.0, cutoff: 1.0 }))
            }),
            "cutoff of the filter of projection 1 ('x' to 'p') is 1; allowed: 0 to less than 1",
        ),
        (with_astrocyte(a), "no error"),
        (with_astrocyte(Astrocyte { tau: 0.5, ..a }), "tau of astrocyte 'glia' is 0.5 ms; allowed: at least dt (1 ms)"),
        (
            with_astrocyte(Astrocyte { weight: f64::NAN, ..a }),
            "weight of astrocyte 'glia' is NaN; allowed: a finite number",
        ),
        (
            with_astrocyte(Astrocyte { decay: 0.0, ..a }),
            "decay of astrocyte 'glia' is 0; allowed: more than 0, at most 1",
        ),
        (
            with_astrocyte(Astrocyte { initial: Some(1e10), weight: 0.0, ..a }),
            "initial of astrocyte 'glia' is 10000000000; allowed: a magnitude below 2^30",
        ),
        (
            with_astrocyte(Astrocyte { weight: 1e-7, ..a }),
            "weight of astrocyte 'glia' is 0.0000001; allowed: 0, or at least 3e-5",
        ),
        (
            built(|net, _, x| {
                let glia = net.add_astrocyte("glia", Astrocyte::default());
                net.watch(glia, x, 1.0).fraction(1.5);
            }),
            "fraction of 'x' of astrocyte 'glia' is 1.5; allowed: 0 to 1",
        ),
        (
            built(|net, _, x| {
                let glia = net.add_astrocyte("glia", Astrocyte::default());
                net.watch(glia, x, 1.0).listed([1, 3]);
            }),
            "neuron of 'x' of astrocyte 'glia' is 3; allowed: below its size, 3",
        ),
        (
            built(|net, _, _| (0..2).for_each(|_| ignore(net.add_modulator("glia", 0.0)))),
            "name of an astrocyte is 'glia'; allowed: a name that is not empty and not used twice",
        ),
    ];
    let wrong: Vec<_> = cases.iter().filter(|(found, expected)| !found.contains(expected)).collect();
    assert!(wrong.is_empty(), "found and expected: {wrong:#?}");
}

/// A network with a static projection 0, a plastic projection 1 and an astrocyte; a batch of 2.
fn learned(
    wrong: impl FnOnce(&mut Simulation, [ProjectionId; 3], [limnos_spec::AstrocyteId; 2]) -> Result<(), EngineError>,
) -> String {
    let (mut net, p, x) = small();
    let mut ids = vec![net.last_projection().unwrap()];
    net.connect(x, p, Connector::AllToAll, 0.5).plastic(Stdp::default());
    ids.push(net.last_projection().unwrap());
    let glia = net.add_astrocyte("glia", Astrocyte::default());
    let options = RunOptions { batch: 2, ..RunOptions::default() };
    let mut sim = Simulation::new(&Device::cpu_threads(1).unwrap(), &net, options).unwrap();
    net.connect(x, p, Connector::AllToAll, 0.5);
    ids.push(net.last_projection().unwrap());
    let foreign = net.add_astrocyte("other", Astrocyte::default());
    match wrong(&mut sim, [ids[0], ids[1], ids[2]], [glia, foreign]) {
        Ok(()) => "no error".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn reading_and_setting_what_is_learned() {
    let with = |k: usize, w: f64| {
        let mut weights = vec![0.5; 12];
        weights[k] = w;
        weights
    };
    let cases: Vec<(String, &str)> = vec![
        (learned(|s, p, _| s.set_weights(p[1], 1, &[0.25; 12])), "no error"),
        (learned(|s, p, _| s.weights(p[0], 0).map(|w| assert_eq!(w, [1.0; 12]))), "no error"),
        (learned(|s, p, _| s.weights(p[1], 2).map(drop)), "sample is 2; allowed: 0 to 1"),
        (learned(|s, p, _| s.weights(p[2], 0).map(drop)), "projection is id 2; allowed: an id of this network"),
        (
            learned(|s, p, _| s.set_weights(p[0], 0, &[1.0; 12])),
            "weights of projection 0 ('x' to 'p') is static; allowed: those of a plastic projection",
        ),
        (
            learned(|s, p, _| s.set_initial_weights(p[1], &[1.0; 5])),
            "weights of projection 1 ('x' to 'p') has shape [5]; needed: 12 weights, one a synapse in row order",
        ),
        (
            learned(|s, p, _| s.set_weights(p[1], 0, &with(7, 1.5))),
            "weights of projection 1 ('x' to 'p'), synapse 7 is 1.5; allowed: 0 to 1 mV",
        ),
        (learned(|s, p, _| s.set_weights(p[1], 0, &with(7, f64::NAN))), "synapse 7 is NaN; allowed: 0 to 1 mV"),
        (learned(|s, _, a| s.modulator(a[1]).map(drop)), "astrocyte is id 1; allowed: an id of this network"),
        (
            learned(|s, _, a| s.set_modulator(a[0], &[0.1, 0.2, 0.3])),
            "output of astrocyte 'glia' has shape [3]; needed: 1 value, or one for each of 2 samples",
        ),
        (
            learned(|s, _, a| s.set_modulator(a[0], &[0.1, 100.0])),
            "output of astrocyte 'glia', sample 1 is 100; allowed: a magnitude below 64",
        ),
        (learned(|s, _, _| s.modulators().map(drop)), "astrocytes was not observed"),
        (
            used(Observe { astrocytes: Some(3), ..Observe::default() }, |s, _, _| s.run(4)),
            "astrocytes has room for 3 steps and would need 4",
        ),
    ];
    let wrong: Vec<_> = cases.iter().filter(|(found, expected)| !found.contains(expected)).collect();
    assert!(wrong.is_empty(), "found and expected: {wrong:#?}");
}

#[test]
fn a_plan_for_a_gpu_counts_what_a_batch_learns_with() {
    let (mut net, p, x) = small();
    let plan =
        |net: &Network, batch| Plan::gpu(net, &RunOptions { batch, ..RunOptions::default() }, &Limits::WEBGPU, 64);
    assert!(plan(&net, 3).is_ok());
    net.connect(x, p, Connector::AllToAll, 0.5).plastic(Stdp::default());
    assert!(plan(&net, 1).is_ok());
    let batch = plan(&net, 3).unwrap();
    let weights = batch.memory().iter().find(|(name, _)| name == "plastic_weights 0");
    assert_eq!(weights.map(|w| w.1), Some(4 * 3 * 12), "one copy a sample");
    let narrow = Limits { binding_bytes: 1 << 10, ..Limits::WEBGPU };
    let error = Plan::gpu(&net, &RunOptions { batch: 30, ..RunOptions::default() }, &narrow, 64).unwrap_err();
    assert!(
        error.to_string().contains("'state' in bytes of one binding needs 17760; the device allows 1024"),
        "{error}"
    );
    assert!(error.to_string().contains("use a smaller network, batch,"), "{error}");
    let lanes = Some(Regime::Lanes);
    let error = Plan::gpu_in_regime(lanes, &net, &RunOptions::default(), &Limits::WEBGPU, 64).unwrap_err();
    let expected = "regime of GpuOptions is Lanes for a network that learns; allowed: Event or Resident for one sample";
    assert!(error.to_string().contains(expected), "{error}");
    let cpu = Plan::cpu(&net, &RunOptions { batch: 3, ..RunOptions::default() }, 1).unwrap();
    let weights = cpu.memory().iter().find(|(name, _)| name == "weights of projection 1 ('x' to 'p')");
    assert_eq!(weights.map(|w| w.1), Some(4 * 4 * 12), "one copy a sample and that before step 0");
}
