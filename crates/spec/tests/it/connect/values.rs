//! Weights and delays: what was drawn, how it is held, whose it is.

use limnos_spec::connect::{PRECISION, SynapseDelays, SynapseWeights, Synapses, connect, typical_weight};
use limnos_spec::rng::{self, Purpose};
use limnos_spec::{Connector, Csr, Distribution, SpecError, Weights};

use super::case::{Case, mean, sources, variance};

fn dense(weights: impl Into<Weights>) -> Case {
    Case::new(300, 301, Connector::AllToAll).weights(weights)
}

fn in_mv(synapses: &Synapses) -> Vec<f64> {
    (0..synapses.len()).map(|i| f64::from(synapses.weight(i)) / 65_536.0).collect()
}

fn distributions() -> Vec<Distribution> {
    vec![
        Distribution::uniform(-1.0, 3.0),
        Distribution::normal(2.0, 0.5),
        Distribution::log_normal(0.0, 0.5),
        Distribution::normal(0.5, 1.0).clipped(0.0, 2.0),
        Distribution::log_normal(0.0, 1.0).clipped(0.5, 5.0),
        Distribution::normal(0.0, 1.0).clipped(-3.0, 1.0).clipped(-0.5, 2.0),
    ]
}

#[test]
fn weights_are_the_draws_of_their_distribution_rounded_to_the_step() {
    for distribution in distributions() {
        let case = dense(distribution.clone());
        let (synapses, quality) = connect(&case.wiring(), 16).unwrap();
        let stream = rng::stream(Purpose::Weight, 3, 0);
        let mut squares = 0.0;
        for (index, held) in in_mv(&synapses).into_iter().enumerate() {
            let (row, item) = (index as u32 / 301, index as u32 % 301);
            let drawn = distribution.draw(stream, row, item, index, rng::key(1));
            assert!((held - drawn).abs() <= 0.500_001 * quality.step_mv, "{distribution:?}: {held} for {drawn}");
            squares += (held - drawn).powi(2);
        }
        let rms_error = (squares / synapses.len() as f64).sqrt();
        assert!((rms_error / quality.rms_mv - quality.relative_error).abs() < 1e-9, "{quality:?}");
        assert!((rms_error / (quality.step_mv / 12.0_f64.sqrt()) - 1.0).abs() < 0.02, "{quality:?}");
        let SynapseWeights::Table { mantissas, .. } = &synapses.weights else { panic!("a table was expected") };
        let largest = mantissas.iter().map(|m| m.unsigned_abs()).max().unwrap();
        assert!(largest > 16_383, "the shift should be the smallest possible: {largest}");
    }
}

#[test]
fn typical_weights_are_root_mean_squares() {
    for distribution in distributions() {
        let case = dense(distribution.clone());
        let rms = connect(&case.wiring(), 16).unwrap().1.rms_mv;
        let typical = typical_weight(&case.wiring());
        assert!((typical / rms - 1.0).abs() < 0.01, "{distribution:?}: {typical} against {rms}");
    }
    let typical = |weights: Weights| typical_weight(&dense(weights).inhibitory_from(225).wiring());
    assert_eq!(typical((-3.0).into()), 3.0);
    assert_eq!(typical(Weights::signed(2.0)), 2.0);
    assert_eq!(typical(Distribution::from(vec![3.0, 4.0, 0.0, 0.0]).into()), 2.5);
    let dale = Weights::Dale { exc: 1.0.into(), inh: 5.0.into() };
    assert!((typical(dale) - 7.0_f64.sqrt()).abs() < 1e-12);
}

#[test]
fn moments_of_weights_are_those_of_the_distribution() {
    for (distribution, expected, sd) in [
        (Distribution::uniform(-1.0, 3.0), 1.0, 4.0 / 12f64.sqrt()),
        (Distribution::normal(2.0, 0.5), 2.0, 0.5),
        (Distribution::log_normal(0.0, 0.5), 0.125f64.exp(), (0.25f64.exp() - 1.0).sqrt() * 0.125f64.exp()),
    ] {
        let weights = in_mv(&dense(distribution.clone()).connect());
        let (m, s) = (mean(&weights), variance(&weights).sqrt());
        assert!((m - expected).abs() < 0.02 && (s - sd).abs() < 0.02, "{distribution:?}: {m} {s}");
    }
}

#[test]
fn constant_weights_take_no_table() {
    let (synapses, quality) = connect(&dense(-1.25).wiring(), 16).unwrap();
    assert_eq!(synapses.weights, SynapseWeights::Constant(-81_920));
    assert_eq!((quality.relative_error, quality.max_abs_mv, quality.rms_mv), (0.0, 1.25, 1.25));
    assert_eq!(dense(Weights::dale(2.0)).connect().weights, SynapseWeights::Constant(131_072));
    assert_eq!(dense(Weights::dale(2.0)).inhibitory_from(0).connect().weights, SynapseWeights::Constant(-131_072));
    assert_eq!(dense(0.0).connect().weights, SynapseWeights::Constant(0));
}

#[test]
fn signs_are_those_of_the_source() {
    let exc = Distribution::uniform(1.0, 2.0);
    let synapses = dense(Weights::Dale { exc, inh: 4.0.into() }).inhibitory_from(200).connect();
    for (weight, source) in in_mv(&synapses).into_iter().zip(sources(&synapses)) {
        let fits = if source < 200 { (1.0..=2.0).contains(&weight) } else { weight == -4.0 };
        assert!(fits, "{weight} mV from {source}");
    }
}

#[test]
fn random_signs_are_even() {
    let weights = in_mv(&dense(Weights::signed(3.0)).connect());
    assert!(weights.iter().all(|w| w.abs() == 3.0));
    let positive = weights.iter().filter(|&&w| w > 0.0).count() as f64 / weights.len() as f64;
    assert!((positive - 0.5).abs() < 0.008, "{positive}");
    // No pattern along the row: neighbours agree half the time.
    let agree = weights.windows(2).filter(|pair| pair[0] == pair[1]).count() as f64 / weights.len() as f64;
    assert!((agree - 0.5).abs() < 0.008, "{agree}");
}

#[test]
fn weights_that_the_format_cannot_hold_are_refused() {
    assert_eq!(
        dense(3.3e-4).error(),
        "projection 0 ('a' to 'b'): weights of 3.300e-4 mV (root mean square) would be held in steps of 1.526e-5 mV, a \
         relative error of 1.7e-2; allowed: 1.0e-3; give the target population more fraction_bits or rescale its units"
    );
    let fine = connect(&dense(3.3e-4).wiring(), 26).unwrap();
    assert!(fine.1.relative_error < PRECISION);
    let table = connect(&dense(Distribution::normal(0.0, 1e-4)).wiring(), 16);
    assert!(matches!(table, Err(SpecError::Precision { error, .. }) if error > 0.01));
    assert!(connect(&dense(Distribution::normal(0.0, 1e-4)).wiring(), 28).is_ok());
    assert_eq!(
        dense(40_000.0).error(),
        "weight of projection 0 ('a' to 'b') is 40000 mV; allowed: at most 32768.0 mV with 16 fraction_bits; lower it or \
         give the target population fewer"
    );
    assert!(dense(Distribution::uniform(0.0, 40_000.0)).error().contains("at most 32768.0 mV"));
}

#[test]
fn largest_weights_use_the_whole_range() {
    let (synapses, quality) = connect(&dense(Distribution::uniform(-32_000.0, 32_000.0)).wiring(), 16).unwrap();
    assert!(matches!(synapses.weights, SynapseWeights::Table { shift: 16, .. }));
    assert!(quality.max_abs_mv > 31_900.0 && quality.max_abs_mv <= 32_000.0, "{quality:?}");
}

fn unsorted() -> Csr {
    Csr { row_start: vec![0, 3, 3, 5].into(), targets: vec![4, 0, 2, 3, 1].into() }
}

#[test]
fn given_values_stay_with_their_synapses() {
    let given = Distribution::from(vec![1.0, 2.0, 3.0, 4.0, 5.0]);
    let case = Case::new(3, 5, unsorted()).weights(given.clone()).delays(given.clone());
    let synapses = case.connect();
    assert_eq!(synapses.targets, [0, 2, 4, 1, 3]);
    assert_eq!(in_mv(&synapses), [2.0, 3.0, 1.0, 5.0, 4.0]);
    assert_eq!(synapses.delays, SynapseDelays::Table(vec![2, 3, 1, 5, 4]));
    let clipped = in_mv(&case.clone().weights(given.clipped(2.5, 9.0)).connect());
    assert_eq!(clipped, [2.5, 3.0, 2.5, 5.0, 4.0]);
    let dale = Weights::Dale { exc: vec![1.0, 2.0, 3.0, 4.0, 5.0].into(), inh: 9.0.into() };
    assert_eq!(in_mv(&case.weights(dale).inhibitory_from(2).connect()), [2.0, 3.0, 1.0, -9.0, -9.0]);
}

#[test]
fn given_values_of_other_connectors_are_in_row_order() {
    let given: Vec<f64> = (0..40).map(f64::from).collect();
    let synapses = Case::new(10, 30, Connector::FixedOutDegree(4)).weights(Distribution::from(given.clone())).connect();
    assert_eq!(in_mv(&synapses), given);
}

fn delays(case: Case) -> Vec<f64> {
    let synapses = case.connect();
    (0..synapses.len()).map(|i| f64::from(synapses.delay(i))).collect()
}

#[test]
fn delays_have_the_moments_of_their_distribution() {
    let case = |delays| Case::new(300, 301, Connector::AllToAll).delays(delays);
    let uniform = delays(case(Distribution::uniform(0.5, 20.5)));
    assert!((mean(&uniform) - 10.5).abs() < 0.1, "{}", mean(&uniform));
    assert!((variance(&uniform) - (400.0 - 1.0) / 12.0).abs() < 0.5, "{}", variance(&uniform));
    assert!(uniform.iter().all(|d| (1.0..=20.0).contains(d)));
    let normal = delays(case(Distribution::normal(50.0, 5.0)));
    assert!((mean(&normal) - 50.0).abs() < 0.1 && (variance(&normal) - 25.0 - 1.0 / 12.0).abs() < 0.5);
    let fine = delays(Case { dt: 0.1, ..case(Distribution::uniform(0.0, 20.0)) });
    assert!((mean(&fine) - 100.0).abs() < 1.0, "{}", mean(&fine));
}

#[test]
fn delays_are_at_least_the_smallest_allowed() {
    let case = Case::new(100, 100, Connector::AllToAll).delays(Distribution::normal(1.0, 2.0));
    let from_input = delays(Case { min_delay: 0, ..case.clone() });
    let from_neurons = delays(case);
    assert!(from_input.contains(&0.0));
    assert!(from_neurons.iter().zip(&from_input).all(|(a, b)| *a == b.max(1.0)));
}

#[test]
fn delays_are_those_of_their_distribution_draw_by_draw() {
    let distribution = Distribution::log_normal(2.0, 0.4);
    let steps = delays(Case::new(40, 41, Connector::AllToAll).delays(distribution.clone()));
    let stream = rng::stream(Purpose::Delay, 3, 0);
    for (index, steps) in steps.into_iter().enumerate() {
        let ms = distribution.draw(stream, index as u32 / 41, index as u32 % 41, index, rng::key(1));
        assert_eq!(steps, ms.round().max(1.0));
    }
}

#[test]
fn constant_delays_take_no_table() {
    let case = Case::new(5, 5, Connector::AllToAll);
    let of = |case: &Case| case.connect().delays;
    assert_eq!(of(&case), SynapseDelays::Constant(1));
    assert_eq!(of(&Case { min_delay: 0, ..case.clone() }), SynapseDelays::Constant(0));
    assert_eq!(of(&case.clone().delays(255)), SynapseDelays::Constant(255));
    assert_eq!(of(&case.clone().delays(Distribution::Constant(12.4))), SynapseDelays::Constant(12));
    assert_eq!(of(&case.delays(Distribution::Constant(0.0))), SynapseDelays::Constant(1));
}
