//! The network: a cube of neurons, input neurons, their synapses, the astrocyte.

use limnos_spec::{
    Astrocyte, CalciumGate, Connector, DistanceDependent, Grid3, Inhibitory, Leak, Lif, Network, NetworkConfig, Rate,
    Refractory, SpikeFilter, Stdp, Weights,
};

use super::{Nalsm, NalsmNetwork, Phase, Rule, W_MAX};

/// What an event adds to an input neuron, mV: five times the threshold.
const EVENT: f64 = 100.0;
/// Fraction of all pairs of an input neuron and a neuron of the liquid that are connected.
const INPUT_CONNECTIVITY: f64 = 0.15;
/// Rate of potentiation, and of depression where no astrocyte sets it, mV.
const RATE: f64 = 0.15;
/// Factor of every rate after each step of a sample.
const DECAY: f64 = 0.99;

/// The neuron of liquid and input. After a spike in step t the next is possible in t + 3; meanwhile the membrane integrates on.
fn neuron() -> Lif {
    Lif {
        tau_m: 64.0,
        v_thresh: 20.0,
        tau_refrac: 2.0,
        leak: Leak::Euler,
        refractory: Refractory::BlockSpikes,
        ..Lif::default()
    }
}

pub(super) fn build(preset: &Nalsm, phase: Phase) -> NalsmNetwork {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: preset.seed });
    let edge = preset.edge().expect("the number of neurons should have been checked");
    let events = net.add_input("events", preset.channels);
    let receptors = net.add_population("input neurons", preset.channels, neuron());
    let liquid = net.add_population("liquid", Grid3::new(edge, edge, edge), neuron());
    net.inhibitory(liquid, 0.2);
    let decay = if phase == Phase::Samples { DECAY } else { 1.0 };
    let depression = match preset.rule {
        Rule::Astrocyte { weight } => {
            let id = net.add_astrocyte("astrocyte", Astrocyte { tau: 100.0, weight, bias: RATE, initial: None, decay });
            net.watch(id, liquid, 1.0);
            net.watch(id, receptors, -1.0);
            Rate::ModulatedBy(id)
        }
        _ => Rate::Constant(RATE),
    };
    let rule = stdp(preset, phase, depression, decay);
    // An event of step t makes its neuron spike in t + 1.
    net.connect(events, receptors, Connector::OneToOne, EVENT).delays(1);
    let magnitude = match preset.rule {
        Rule::Static { weight } => weight,
        _ => preset.initial_weight,
    };
    let pairs = (INPUT_CONNECTIVITY * preset.neurons as f64 * preset.channels as f64) as usize;
    net.connect(receptors, liquid, Connector::FixedTotal(pairs), Weights::signed(magnitude));
    let input_synapses = net.last_projection().expect("a projection was just added");
    net.connect(liquid, liquid, DistanceDependent::maass(3.0), Weights::dale(magnitude));
    let liquid_synapses = net.last_projection().expect("a projection was just added");
    for (id, w_min) in [(input_synapses, -W_MAX), (liquid_synapses, 0.0)] {
        let projection = net.projection_mut(id);
        // With the time constant of a step a spike delivers its weight times 1, 1/e, 1/e^2 and so on.
        projection.filter(SpikeFilter { tau: 1.0, ..SpikeFilter::default() });
        if preset.rule.is_plastic() {
            projection.plastic(Stdp { w_min, ..rule });
        }
    }
    let astrocyte = net.astrocyte("astrocyte");
    NalsmNetwork { network: net, events, receptors, liquid, input_synapses, liquid_synapses, astrocyte }
}

fn stdp(preset: &Nalsm, phase: Phase, depression: Rate, decay: f64) -> Stdp {
    let rule = Stdp {
        tau_plus: 10.0,
        tau_minus: 10.0,
        a_plus: Rate::Constant(RATE),
        a_minus: depression,
        w_max: W_MAX,
        inhibitory: Inhibitory::Exchanged,
        trace_increment: 0.1,
        rate_decay: decay,
        ..Stdp::default()
    };
    match (preset.rule, phase) {
        (Rule::ApStdp { threshold, width }, Phase::Development) => {
            Stdp { gate: Some(CalciumGate { threshold, width, ..CalciumGate::default() }), ..rule }
        }
        // The published code keeps weights fixed while samples are shown.
        (Rule::ApStdp { .. }, Phase::Samples) => {
            Stdp { a_plus: Rate::Constant(0.0), a_minus: Rate::Constant(0.0), ..rule }
        }
        _ => rule,
    }
}
