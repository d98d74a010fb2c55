//! The smallest program: a thousand neurons driven by noise, run for a second.

use limnos::prelude::*;

fn main() -> anyhow::Result<()> {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 1 });
    let neurons = net.add_population("neurons", 1000, Lif { tau_refrac: 2.0, ..Lif::default() });
    net.inhibitory(neurons, 0.2);
    net.drive(neurons, Drive::Poisson { events_per_step: 2.25, weight: 0.5 });
    let weights = Weights::Dale { exc: 0.5.into(), inh: 2.5.into() };
    net.connect(neurons, neurons, FixedOutDegree(100), weights);

    let observe = Observe { counts: Some(Counts { windows: 1, window_steps: None }), ..Observe::default() };
    let mut simulation = Simulation::new(&Device::auto()?, &net, RunOptions { observe, ..RunOptions::default() })?;
    simulation.run_for(1000.0)?;

    let counts = simulation.counts(neurons)?;
    println!("{} spikes in a second: {:.1} Hz a neuron", counts.sum(), f64::from(counts.sum()) / 1000.0);
    Ok(())
}
