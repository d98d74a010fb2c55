//! Who is connected to whom, as the paper's code draws it.

use limnos::Device;
use limnos::presets::nalsm::{Nalsm, Rule};
use limnos::spec::connect::Synapses;

/// Synapses by the types of source and target: EE, EI, IE, II.
fn by_types(synapses: &Synapses, first_inhibitory: usize) -> [usize; 4] {
    let mut counts = [0; 4];
    for (source, row) in synapses.row_start.windows(2).enumerate() {
        for &target in &synapses.targets[row[0]..row[1]] {
            let of = |i: usize| usize::from(i >= first_inhibitory);
            counts[2 * of(source) + of(target as usize)] += 1;
        }
    }
    counts
}

/// The expected numbers: C exp(-(d / 3)^2) over all ordered pairs of a cube, with types dealt at random.
fn expected(edge: i64) -> [f64; 4] {
    let n = edge.pow(3) as f64;
    // Sum over pairs by their difference along each axis.
    let weight = |d: i64| (edge - d.abs()) as f64 * (-(d * d) as f64 / 9.0).exp();
    let axis: f64 = (1 - edge..edge).map(weight).sum();
    let sum = axis.powi(3) - n;
    let (exc, inh) = (0.8 * n, 0.2 * n);
    let share = |pairs: f64| pairs / (n * (n - 1.0)) * sum;
    [0.2 * share(exc * (exc - 1.0)), 0.1 * share(exc * inh), 0.3 * share(inh * exc), 0.05 * share(inh * (inh - 1.0))]
}

fn check(neurons: usize, edge: i64, channels: usize, input: usize, liquid_about: f64) {
    let preset = Nalsm { neurons, ..Nalsm::new(channels, Rule::astrocyte(0.015)) };
    let liquid = preset.liquid(&Device::cpu().unwrap()).unwrap();
    let of = |id: limnos::ProjectionId| &liquid.model().projections[id.index()].synapses;
    let parts = liquid.network();
    let pairs = of(parts.input_synapses);
    assert_eq!(pairs.len(), input, "int(0.15 N N_in) pairs");
    for row in pairs.row_start.windows(2) {
        assert!(pairs.targets[row[0]..row[1]].windows(2).all(|w| w[0] < w[1]), "a pair is connected once");
    }
    assert_eq!(liquid.first_inhibitory(), neurons / 5 * 4);
    let found = by_types(of(parts.liquid_synapses), liquid.first_inhibitory());
    for (k, (found, expected)) in found.into_iter().zip(expected(edge)).enumerate() {
        // Five standard deviations, and where inhibitory neurons stand adds some.
        let band = 5.0 * expected.sqrt() + 0.03 * expected;
        assert!((found as f64 - expected).abs() < band, "kind {k}: {found} synapses, expected {expected:.0}");
    }
    let all = found.iter().sum::<usize>() as f64;
    assert!((all / liquid_about - 1.0).abs() < 0.04, "{all} synapses, published code {liquid_about}");
    let rows = of(parts.liquid_synapses);
    let own = rows.row_start.windows(2).enumerate();
    let own = own.filter(|(i, row)| rows.targets[row[0]..row[1]].contains(&(*i as u32)));
    assert_eq!(own.count(), 0, "no neuron connects to itself");
}

#[test]
fn a_thousand_neurons_have_the_published_numbers_of_synapses() {
    check(1000, 10, 784, 117_600, 16_700.0);
}

#[test]
fn eight_thousand_neurons_have_the_published_numbers_of_synapses() {
    check(8000, 20, 784, 940_800, 178_000.0);
}

#[test]
fn events_of_a_sensor_have_the_published_number_of_synapses() {
    check(1000, 10, 2312, 346_800, 16_700.0);
}

#[test]
fn weights_start_at_their_bound_with_their_signs() {
    let cases = [
        (Rule::astrocyte(0.015), 3.0),
        (Rule::Stdp, 3.0),
        (Rule::ApStdp { threshold: 37.0, width: 22.0 }, 1.0),
        (Rule::Static { weight: 0.75 }, 0.75),
    ];
    for (rule, magnitude) in cases {
        let liquid = Nalsm::new(784, rule).liquid(&Device::cpu().unwrap()).unwrap();
        let weights = liquid.initial_weights();
        assert!(weights.input.iter().chain(&weights.liquid).all(|w| (w.abs() - magnitude).abs() < 1e-3), "{rule:?}");
        let positive = weights.input.iter().filter(|w| **w > 0.0).count() as f64 / weights.input.len() as f64;
        assert!((positive - 0.5).abs() < 0.01, "half of the input excites: {positive}");
        let synapses = &liquid.model().projections[liquid.network().liquid_synapses.index()].synapses;
        let split = synapses.row_start[liquid.first_inhibitory()];
        assert!(weights.liquid[..split].iter().all(|w| *w > 0.0) && weights.liquid[split..].iter().all(|w| *w < 0.0));
    }
}
