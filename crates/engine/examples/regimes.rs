//! Microseconds a step in each regime of the GPU device: a static network, and one that learns, alone and in batches.
//!
//! `cargo run --release -p limnos-engine --example regimes -- llvmpipe 400 1000` takes the adapter (part of its name), steps, neurons.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use limnos_engine::gpu::{GpuOptions, Regime};
use limnos_engine::{Counts, Device, Observe, RunOptions, Simulation};
use limnos_spec::{
    Astrocyte, Connector, Distribution, Drive, Inhibitory, Lif, Model, Network, NetworkConfig, Parameter, Rate, Source,
    SpikeFilter, Stdp, Weights,
};

/// W1 at this size: excitation and inhibition in balance, Poisson drive, a tenth of all synapses.
fn static_network(n: usize) -> Network {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 3 });
    let lif = Lif { tau_refrac: 2.0, ..Lif::default() };
    let (exc, inh) = (net.add_population("exc", n - n / 5, lif), net.add_population("inh", n / 5, lif));
    for p in [exc, inh] {
        net.vary(p, Parameter::VInit, Distribution::uniform(0.0, 20.0));
        net.drive(p, Drive::Poisson { events_per_step: 2.25, weight: 0.5 });
    }
    for (source, weight) in [(exc, 0.5), (inh, -2.5)] {
        for (target, k) in [(exc, 80.min(n / 10)), (inh, 20.min(n / 40))] {
            net.connect(source, target, Connector::FixedOutDegree(k), weight).multiple_edges(true);
        }
    }
    net
}

/// The liquid of Ivanov & Michmizos (2021): filtered synapses, an astrocyte that gives `a_minus`.
fn learning_network(n: usize) -> Network {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 5 });
    let pixels = net.add_source("pixels", 784, Source::Bernoulli(Distribution::uniform(0.0, 0.08)));
    let liquid = net.add_population("liquid", n, Lif { tau_m: 64.0, tau_refrac: 2.0, ..Lif::default() });
    net.inhibitory(liquid, 0.2);
    let glia = net.add_astrocyte("glia", Astrocyte { weight: 0.015, bias: 0.15, ..Astrocyte::default() });
    net.watch(glia, liquid, 1.0);
    net.watch(glia, pixels, -1.0);
    let stdp = Stdp {
        a_plus: Rate::Constant(0.15),
        a_minus: glia.into(),
        w_min: -3.0,
        w_max: 3.0,
        inhibitory: Inhibitory::Exchanged,
        trace_increment: 0.1,
        ..Stdp::default()
    };
    let filter = SpikeFilter::default();
    net.connect(pixels, liquid, Connector::FixedProbability(0.15), Weights::signed(3.0)).plastic(stdp).filter(filter);
    let dale = Weights::Dale { exc: 3.0.into(), inh: 3.0.into() };
    net.connect(liquid, liquid, Connector::FixedProbability(0.05), dale)
        .plastic(Stdp { w_min: 0.0, ..stdp })
        .filter(filter);
    net
}

/// Seconds of a run after a short one, and its spikes.
fn measured(device: &Device, model: &Arc<Model>, batch: usize, steps: u32) -> Result<(f64, u64), Box<dyn Error>> {
    let observe = Observe { counts: Some(Counts { windows: 1, window_steps: None }), ..Observe::default() };
    let mut simulation =
        Simulation::from_model(device, Arc::clone(model), RunOptions { batch, observe, ..RunOptions::default() })?;
    simulation.run(20)?;
    simulation.wait()?;
    simulation.clear_recordings()?;
    let start = Instant::now();
    simulation.run(steps)?;
    simulation.wait()?;
    let seconds = start.elapsed().as_secs_f64();
    let spikes = model.populations.iter().enumerate().map(|(index, _)| index);
    let mut total = 0;
    for index in spikes {
        let ids = ids(index + 1);
        total += simulation.counts(ids[index])?.iter().map(|&count| u64::from(count)).sum::<u64>();
    }
    Ok((seconds, total))
}

/// The ids of the first populations of any network.
fn ids(count: usize) -> Vec<limnos_spec::PopulationId> {
    let mut net = Network::new(NetworkConfig::default());
    (0..count).map(|k| net.add_population(&format!("p{k}"), 1, Lif::default())).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let adapter = arguments.next().unwrap_or_else(|| "gpu".to_owned());
    let steps: u32 = arguments.next().map_or(Ok(1000), |steps| steps.parse())?;
    let neurons: usize = arguments.next().map_or(Ok(1000), |neurons| neurons.parse())?;
    let batches: Vec<usize> = match arguments.next() {
        Some(list) => list.split(',').map(str::parse).collect::<Result<_, _>>()?,
        None => vec![1, 32],
    };
    for (name, network) in [("static", static_network(neurons)), ("learning", learning_network(neurons))] {
        let model = Arc::new(Model::new(&network)?);
        for &batch in &batches {
            for regime in [Regime::Event, Regime::Lanes, Regime::Resident] {
                let options = GpuOptions { regime: Some(regime), ..GpuOptions::default() };
                let device = Device::with_options(&adapter, 0, options)?;
                match measured(&device, &model, batch, steps) {
                    Ok((seconds, spikes)) => println!(
                        "{name}, {neurons} neurons, batch {batch}, {regime:?}: {:.1} us a step, {spikes} spikes",
                        1e6 * seconds / f64::from(steps)
                    ),
                    Err(error) => println!("{name}, batch {batch}, {regime:?}: {error}"),
                }
            }
        }
    }
    Ok(())
}
