//! The networks are the ones that the workloads define.

use limnos_bench::measure::Run;
use limnos_bench::workload::{Noise, Synth, W1, W2, W3, W5, Workload};
use limnos_spec::{Model, ProjectionModel};

use crate::runs::{first, outcome};

fn model(workload: &dyn Workload) -> Model {
    Model::new(&workload.network()).expect("the network should compile")
}

/// Synapses of each source.
fn degrees(projection: &ProjectionModel) -> Vec<usize> {
    projection.synapses.row_start.windows(2).map(|w| w[1] - w[0]).collect()
}

fn weights_mv(model: &Model, projection: &ProjectionModel) -> f64 {
    let bits = model.populations[projection.target].fraction_bits;
    f64::from(projection.synapses.weight(0)) / f64::from(1u32 << bits)
}

#[test]
fn w1_has_80_excitatory_and_20_inhibitory_targets_a_neuron() {
    let model = model(&W1 { n: 2000, ..W1::default() });
    assert_eq!(model.populations.iter().map(|p| p.size).collect::<Vec<_>>(), [1600, 400]);
    let expected = [(80, 0.5), (20, 0.5), (80, -2.5), (20, -2.5)];
    for (projection, (degree, weight)) in model.projections.iter().zip(expected) {
        assert!(degrees(projection).iter().all(|&d| d == degree), "{}", projection.name);
        assert_eq!(weights_mv(&model, projection), weight, "{}", projection.name);
        assert_eq!(projection.synapses.max_delay(), 1);
    }
    assert_eq!(model.synapses(), 200_000);
    let start: Vec<_> =
        (0..1600).map(|i| model.populations[0].millivolts(model.populations[0].v_init.get(i), i)).collect();
    assert!(start.iter().all(|v| (0.0..20.0).contains(v)));
    assert!((start.iter().sum::<f64>() / 1600.0 - 10.0).abs() < 5.0 * 5.77 / 40.0, "uniform from 0 to 20");
}

#[test]
fn k_splits_and_j_stays() {
    let model = model(&W1 { n: 1000, k: 10, j: 0.25, ..W1::default() });
    let found: Vec<_> = model.projections.iter().map(|p| (degrees(p)[0], weights_mv(&model, p))).collect();
    assert_eq!(found, [(8, 0.25), (2, 0.25), (8, -1.25), (2, -1.25)]);
}

#[test]
fn w1_is_active_at_about_20_hz_with_either_drive() {
    for noise in [Noise::Poisson, Noise::Constant] {
        let workload = W1 { noise, ..W1::default() };
        let found = outcome(&first(), &workload, &Run { steps: 1000, warmup: 200, ..Run::default() });
        let rate = found.spikes as f64 / 4000.0;
        assert!((19.0..21.5).contains(&rate), "{rate} Hz with {noise:?}");
    }
}

#[test]
fn w2_is_w1_that_learns_between_excitatory_neurons() {
    let reservoir = W1 { n: 2000, ..W1::default() };
    let (still, learning) = (model(&reservoir), model(&W2 { reservoir, ..W2::default() }));
    let plastic: Vec<_> = learning.plastic.projections.iter().map(|p| (p.projection, p.arrival)).collect();
    assert_eq!(plastic, [(0, true)], "excitatory to excitatory, by arrival");
    for (a, b) in still.projections.iter().zip(&learning.projections) {
        assert_eq!((a.source, a.target), (b.source, b.target));
        assert!(a.synapses.targets == b.synapses.targets && a.synapses.delays == b.synapses.delays, "{}", a.name);
    }
    let weights = learning.projections[0].plastic.as_ref().expect("it is plastic");
    let mv = |w: i32| f64::from(w) / f64::from(1u32 << weights.bits);
    assert!(weights.initial.iter().all(|&w| mv(w) == 0.5));
    assert_eq!((mv(weights.bounds[0].low), mv(weights.bounds[0].high)), (0.0, 1.0));
    // tau 20 ms, and all spikes pair
    let decay = ((-0.05f64).exp() * f64::from(1u32 << 31)).round() as i32;
    assert!(learning.plastic.traces.iter().all(|t| t.decay == decay && !t.nearest));
}

/// The other simulators leave weights of 0.498 to 0.502 mV with a spread of 0.010 to 0.012 mV after one second.
#[test]
fn w2_learns_about_as_much_as_elsewhere() {
    let run = Run { steps: 1000, ..Run::default() };
    let found = outcome(&first(), &W2::default(), &run).weights.expect("it learns");
    assert!((found.mean - 0.5).abs() < 0.004 && (0.009..0.013).contains(&found.sd), "{found:?}");
    assert_eq!(outcome(&first(), &W1::default(), &run).weights, None);
}

#[test]
fn w3_keeps_80_synapses_a_neuron_when_scaled() {
    for n in [4000, 12_000] {
        let model = model(&W3 { n, ..W3::default() });
        let mean = model.synapses() as f64 / n as f64;
        assert!((mean - 80.0).abs() < 0.5, "{mean} with {n} neurons");
        assert_eq!(model.populations[1].size, n / 5);
    }
}

#[test]
fn w5_channels_have_100_different_targets_and_act_in_their_own_step() {
    let model = model(&W5::default());
    let (exc, inh) = (&model.projections[4], &model.projections[5]);
    assert!(exc.from_input() && inh.from_input());
    let sums: Vec<_> = degrees(exc).into_iter().zip(degrees(inh)).map(|(e, i)| e + i).collect();
    assert_eq!(sums, [100; 784]);
    for projection in [exc, inh] {
        let rows = projection.synapses.row_start.windows(2).map(|w| &projection.synapses.targets[w[0]..w[1]]);
        assert!(rows.into_iter().all(|row| row.windows(2).all(|w| w[0] < w[1])), "a target occurs twice");
        assert_eq!(projection.synapses.max_delay(), 0);
        assert!((weights_mv(&model, projection) - 1.3).abs() < 1e-4);
    }
    let inhibitory: usize = degrees(inh).iter().sum();
    assert!((inhibitory as f64 / 78_400.0 - 0.2).abs() < 0.01, "targets are drawn from all neurons alike");
}

#[test]
fn w5_samples_have_the_stated_intensity_and_classes() {
    let w5 = W5::default();
    let samples: Vec<Vec<f32>> = (0..100).map(|s| w5.probabilities(s)).collect();
    assert!(samples.iter().flatten().all(|p| (0.0..=0.09).contains(p)));
    let mean = samples.iter().flatten().map(|&p| f64::from(p)).sum::<f64>() / 100.0;
    // 784 * 0.09 * 0.65 * (0.19 * 0.7 + 0.057) = 8.7, less what is clipped; ten prototypes vary by 3 % in the mean
    assert!((7.8..9.2).contains(&mean), "{mean} spikes a step");
    let overlap = |a: &[f32], b: &[f32]| a.iter().zip(b).filter(|(a, b)| **a > 0.0 && **b > 0.0).count();
    assert!(overlap(&samples[3], &samples[13]) > 2 * overlap(&samples[3], &samples[14]), "a class is a prototype");
    assert_eq!([W5::label(0), W5::label(13), W5::label(29)], [0, 3, 9]);
}

#[test]
fn w5_counts_tell_the_classes_apart() {
    let run = Run { steps: 250, batch: 60, ..Run::default() };
    let found = outcome(&first(), &W5::default(), &run);
    let accuracy = W5::default().accuracy(&found.counts, 0).expect("there are samples of every class");
    assert!(accuracy > 0.9, "{accuracy}");
    let shuffled = W5::default().accuracy(&found.counts, 3).expect("labels that are shifted are labels");
    assert!(shuffled > 0.9, "a consistent relabelling changes nothing: {shuffled}");
    let mut rows: Vec<_> = (0..60).map(|i| (i * 7919) % 60 / 3).collect();
    rows.rotate_left(1);
    let mixed = found.counts.select(ndarray::Axis(0), &rows);
    let chance = W5::default().accuracy(&mixed, 0).expect("there are samples of every class");
    assert!(chance < 0.6, "wrong labels must not be learnt: {chance}");
}

#[test]
fn synth_fires_by_its_activity_whatever_is_delivered() {
    let run = Run { steps: 500, warmup: 0, ..Run::default() };
    let spikes = |p, activity| outcome(&first(), &Synth { n: 2000, p, activity, seed: 1 }, &run);
    for activity in [0.005, 0.2] {
        let (with, without) = (spikes(0.05, activity), spikes(1e-7, activity));
        assert_eq!(with.counts, without.counts);
        assert!(with.synapses > 190_000 && without.synapses < 10);
        let (mean, found) = (1e6 * activity, with.spikes as f64);
        assert!((found - mean).abs() < 5.0 * (mean * (1.0 - activity)).sqrt(), "{found} spikes of {mean}");
        assert_ne!(with.digest(), without.digest(), "counters must have counted");
    }
}
