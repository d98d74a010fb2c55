//! What runs: states against the f64 specification, layers, batches, and where a network stands after each call.

use limnos::esn::{EsnConfig, Layer, Nvar, Pooling, Precision, Reads, StateFeatures};
use limnos::ndarray::{Array2, Axis, concatenate, s};
use limnos::reservoir::{Activation, InputScaling, InputWeights, Reservoir, Topology};
use limnos::spec::twin::rate_step;

use super::{esn, noise, reservoir};

/// Two reservoirs in series and one beside them.
fn deep() -> EsnConfig {
    let layer = |seed, reads| Layer { reservoir: Reservoir { leak_rate: 0.3, ..reservoir(15, seed) }, reads };
    EsnConfig {
        reservoir: reservoir(20, 1),
        layers: vec![layer(2, Reads::Previous), layer(3, Reads::Inputs), layer(4, Reads::InputsAndPrevious)],
        warmup: 10,
        ..EsnConfig::default()
    }
}

/// States of the specification.
fn specified(model: &limnos::reservoir::RateModel, x: &Array2<f64>) -> Array2<f64> {
    let mut states = Array2::zeros((x.nrows(), model.units()));
    let mut state = vec![0.0; model.units()];
    for (t, inputs) in x.outer_iter().enumerate() {
        let mut next = state.clone();
        rate_step::step(model, &inputs.to_vec(), &[], &state, &mut next, &[]);
        state = next;
        states.row_mut(t).iter_mut().zip(&state).for_each(|(out, x)| *out = *x);
    }
    states
}

fn largest_difference(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn states_are_those_of_the_specification() {
    let x = noise(50, 2, 5);
    for (precision, bound) in [(Precision::F64, 1e-13), (Precision::F32, 2e-6)] {
        let mut esn = esn(EsnConfig { precision, ..deep() });
        let states = esn.states(&x).unwrap();
        let model = esn.model().unwrap();
        assert_eq!(states.dim(), (50, 65));
        let expected = specified(model, &x);
        assert!(largest_difference(&states, &expected) < bound, "{precision:?}");
        let mut moved = x.clone();
        moved[(3, 1)] += 1e-3;
        assert!(largest_difference(&states, &specified(model, &moved)) > 1e-5, "a moved input should be seen");
    }
}

#[test]
fn what_a_layer_hears_is_what_it_was_told() {
    let mut esn = esn(deep());
    esn.states(&noise(3, 2, 5)).unwrap();
    let layers = esn.model().unwrap().layers();
    let hears =
        |k: usize, columns: std::ops::Range<usize>| layers[k].weights.triplets().any(|(_, j, _)| columns.contains(&j));
    // Columns: 2 inputs, then 20, 15, 15 and 15 units.
    assert!(!hears(1, 0..2) && hears(1, 2..22) && hears(1, 22..37));
    assert!(hears(2, 0..2) && !hears(2, 2..37) && hears(2, 37..52));
    assert!(hears(3, 0..2) && !hears(3, 2..37) && hears(3, 37..52) && hears(3, 52..67));
}

#[test]
fn every_topology_runs_at_its_spectral_radius() {
    let given =
        std::sync::Arc::new(Reservoir { units: 40, seed: 9, ..Reservoir::default() }.recurrent_weights().unwrap());
    let all = [
        Topology::Random { connectivity: 0.2 },
        Topology::Degree(5),
        Topology::Ring,
        Topology::CycleWithJumps { jump: 4, jump_weight: 0.4 },
        Topology::SmallWorld { neighbours: 4, rewiring: 0.1 },
        Topology::Orthogonal { density: 0.3 },
        Topology::WaveRing { rings: 4, speed: 0.75 },
        Topology::Scaled(given),
    ];
    for topology in all {
        let reservoir = Reservoir { topology, spectral_radius: 0.7, ..reservoir(40, 3) };
        let radius = limnos::reservoir::spectral_radius(&reservoir.recurrent_weights().unwrap()).unwrap().radius;
        assert!((radius - 0.7).abs() < 1e-6, "{:?}: {radius}", reservoir.topology);
        let states = esn(EsnConfig { reservoir, ..EsnConfig::default() }).states(&noise(30, 1, 1)).unwrap();
        assert!(states.iter().all(|x| x.abs() < 1.0) && states.row(29).iter().any(|x| x.abs() > 0.05));
    }
}

#[test]
fn linear_reservoirs_answer_in_proportion_and_channels_have_their_scaling() {
    let linear = |scaling: InputScaling| {
        let reservoir = Reservoir {
            units: 30,
            activation: Activation::Identity,
            input_scaling: scaling,
            input_weights: InputWeights::uniform(0.5),
            ..Reservoir::default()
        };
        let config = EsnConfig { reservoir, precision: Precision::F64, ..EsnConfig::default() };
        esn(config).states(&noise(20, 2, 3)).unwrap()
    };
    let (one, two) = (linear(1.0.into()), linear(2.0.into()));
    assert!(largest_difference(&(&one * 2.0), &two) < 1e-14);
    let (first, second) = (linear([1.0, 0.0].into()), linear([0.0, 1.0].into()));
    assert!(largest_difference(&(&first + &second), &one) < 1e-14);
    assert!(largest_difference(&first, &one) > 0.01);
}

#[test]
fn a_cut_run_has_the_bits_of_one_run() {
    let (x, y) = (noise(300, 1, 1), noise(300, 1, 2));
    for nvar in [None, Some(Nvar { delays: 3, stride: 2, order: 2 })] {
        let mut esn = esn(EsnConfig { reservoir: reservoir(50, 1), nvar, ..EsnConfig::default() });
        esn.fit(&x, &y).unwrap();
        let whole = esn.predict(&x).unwrap();
        let first = esn.predict(x.slice(s![..117, ..])).unwrap();
        let second = esn.advance(x.slice(s![117.., ..])).unwrap();
        assert_eq!(concatenate![Axis(0), first, second], whole);
        esn.reset().unwrap();
        assert_eq!(esn.advance(&x).unwrap(), whole);
        assert_ne!(esn.advance(&x).unwrap(), whole, "without a reset the state should go on");
        assert_eq!(esn.predict(&x).unwrap(), whole);
    }
}

#[test]
fn states_leave_the_network_at_the_end_of_the_sequence() {
    let (x, y) = (noise(200, 1, 1), noise(200, 1, 2));
    let nvar = Some(Nvar { delays: 3, stride: 2, order: 2 });
    let mut esn = esn(EsnConfig { reservoir: reservoir(50, 1), nvar, ..EsnConfig::default() });
    esn.fit(&x, &y).unwrap();
    esn.predict(&x).unwrap();
    let expected = esn.generate(5).unwrap();
    esn.states(&x).unwrap();
    assert_eq!(esn.generate(5).unwrap(), expected);
}

#[test]
fn batches_have_the_bits_of_single_sequences() {
    let lengths = [70, 5, 120, 33, 64];
    let x: Vec<_> = lengths.iter().enumerate().map(|(k, &n)| noise(n, 2, k as u64)).collect();
    let y: Vec<_> = x.iter().map(|x| x.map_axis(Axis(1), |u| u[0] * u[1]).insert_axis(Axis(1))).collect();
    let mut results = Vec::new();
    for max_batch in [1, 2, 64] {
        let mut esn = esn(EsnConfig { max_batch, alpha: 1e-3, ..deep() });
        let fit = esn.fit(&x, &y).unwrap();
        // Five sequences with a warm-up of 10, of which one is over by then.
        assert_eq!(fit.steps, 60 + 110 + 23 + 54);
        let readout = esn.readout().unwrap().clone();
        let pooled = esn.pooled(&x, Pooling::LastAndMean).unwrap();
        results.push((readout, esn.predict_all(&x).unwrap(), pooled));
    }
    for (readout, predicted, pooled) in &results[1..] {
        let scale = readout.weights().iter().fold(0.0_f64, |a, w| a.max(w.abs()));
        assert!(largest_difference(readout.weights(), results[0].0.weights()) < 1e-9 * scale);
        assert!(predicted.iter().zip(&results[0].1).all(|(a, b)| largest_difference(a, b) < 1e-6));
        assert!(largest_difference(pooled, &results[0].2) < 1e-12);
    }
}

#[test]
fn noise_follows_the_number_of_the_sequence() {
    let noisy = Reservoir { noise: 1e-2, ..reservoir(20, 1) };
    let x = vec![noise(30, 1, 1); 3];
    let pooled = |max_batch| {
        let config = EsnConfig { reservoir: noisy.clone(), max_batch, warmup: 0, ..EsnConfig::default() };
        esn(config).pooled(&x, Pooling::Last).unwrap()
    };
    let together = pooled(3);
    assert_eq!(together, pooled(1));
    assert_ne!(together.row(0), together.row(1), "each sequence should have its own noise");
}

#[test]
fn pooled_features_are_those_of_the_states() {
    let x = noise(40, 1, 7);
    let config = EsnConfig { states: StateFeatures::SquaredAlternate, read_inputs: false, warmup: 15, ..deep() };
    let mut esn = esn(config);
    let mut states = esn.states(&x).unwrap();
    states.slice_mut(s![.., 1..;2]).mapv_inplace(|x| x * x);
    let pooled = esn.pooled(&x, Pooling::LastAndMean).unwrap();
    let mean = states.slice(s![15.., ..]).mean_axis(Axis(0)).unwrap();
    assert!(pooled.slice(s![0, ..65]).iter().zip(states.row(39)).all(|(a, b)| (a - b).abs() < 1e-15));
    assert!(pooled.slice(s![0, 65..]).iter().zip(mean).all(|(a, b)| (a - b).abs() < 1e-14));
}

#[test]
fn parts_are_means_of_their_steps() {
    let x = [noise(40, 2, 7), noise(12, 2, 8), noise(3, 2, 9)];
    let mut esn = esn(EsnConfig { read_inputs: false, warmup: 10, ..deep() });
    let pooled = esn.pooled(&x, Pooling::Parts(4)).unwrap();
    let states: Vec<_> = x.iter().map(|x| esn.states(x).unwrap()).collect();
    // 30 steps after the warm-up; 2; none, so that the last step counts.
    let expected = [[10..17, 17..25, 25..32, 32..40], [10..11, 10..11, 11..12, 11..12], [2..3, 2..3, 2..3, 2..3]];
    for (k, parts) in expected.into_iter().enumerate() {
        for (p, steps) in parts.into_iter().enumerate() {
            let mean = states[k].slice(s![steps, ..]).mean_axis(Axis(0)).unwrap();
            let found = pooled.slice(s![k, p * 65..(p + 1) * 65]);
            assert!(found.iter().zip(mean).all(|(a, b)| (a - b).abs() < 1e-14), "sequence {k}, part {p}");
        }
    }
    assert_eq!(esn.pooled(&x, Pooling::Parts(1)).unwrap(), esn.pooled(&x, Pooling::Mean).unwrap());
    assert!(esn.pooled(&x, Pooling::Parts(0)).unwrap_err().to_string().contains("`Parts` is 0"));
}
