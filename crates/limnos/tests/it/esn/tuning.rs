//! Reservoirs that tune themselves.

use limnos::esn::EsnConfig;
use limnos::ndarray::{Array2, Axis};
use limnos::reservoir::{Activation, RateModel, Reservoir};
use limnos::spec::twin::rate_step;
use limnos::tuning::{
    ActivityTarget, AntiOja, Development, EiHomeostasis, EiReservoir, HomeostasisForm, IntrinsicPlasticity,
    TargetRates, measure,
};

use super::{esn, noise, reservoir};

fn small(balance: f64) -> RateModel {
    EiReservoir { units: 120, degree: 20, balance, ..EiReservoir::default() }.model(1).unwrap()
}

/// Mean activity of each unit over the last steps.
fn mean_rates(model: &RateModel, inputs: &Array2<f64>) -> Vec<f64> {
    let mut state = vec![0.0; model.units()];
    let mut sums = vec![0.0; model.units()];
    for (t, row) in inputs.outer_iter().enumerate() {
        let mut next = state.clone();
        rate_step::step(model, &row.to_vec(), &[], &state, &mut next, &[]);
        state = next;
        if t >= 200 {
            sums.iter_mut().zip(&state).for_each(|(sum, x)| *sum += x);
        }
    }
    sums.into_iter().map(|sum| sum / (inputs.nrows() - 200) as f64).collect()
}

fn distance(rates: &[f64], targets: &[f64]) -> f64 {
    (rates.iter().zip(targets).map(|(r, t)| (r - t).powi(2)).sum::<f64>() / rates.len() as f64).sqrt()
}

#[test]
fn weights_of_a_reservoir_of_two_kinds_are_balanced() {
    let model = small(0.0);
    let sums = |positive: bool| -> f64 {
        let weights = model.layers()[0].weights.triplets().filter(|(_, j, w)| *j > 0 && (*w > 0.0) == positive);
        weights.map(|(_, _, w)| w).sum::<f64>() / 120.0
    };
    assert!((sums(true) - 1.0).abs() < 0.01 && (sums(false) + 1.0).abs() < 0.02, "{} {}", sums(true), sums(false));
    let signs =
        |j: usize| model.layers()[0].weights.triplets().filter(move |e| e.1 == j + 1).all(|e| (e.2 >= 0.0) == (j < 96));
    assert!((0..120).all(signs), "a unit should excite or inhibit all that it reaches");
}

#[test]
fn the_local_rule_brings_each_unit_to_its_rate_wherever_it_started() {
    let inputs = noise(2000, 1, 1);
    for targets in [TargetRates::Same(0.5), TargetRates::Beta { a: 2, b: 2, seed: 3 }] {
        let rates = targets.rates(120).unwrap();
        for balance in [-0.5, 0.0, 0.5] {
            let rule = EiHomeostasis { targets: targets.clone(), ..EiHomeostasis::default() };
            let model = small(balance);
            let developed = rule.develop(&model, inputs.view()).unwrap();
            let before = distance(&mean_rates(&model, &inputs), &rates);
            let after = distance(&mean_rates(&developed.model, &inputs), &rates);
            assert!(after < 0.1 && after < 0.4 * before, "balance {balance}: {before} {after}");
            assert_eq!(developed.before, measure(&model, inputs.view()).unwrap());
            assert!((developed.after.mean - rates.iter().sum::<f64>() / 120.0).abs() < 0.05);
            let kept =
                |model: &RateModel| model.layers()[0].weights.value().iter().map(|w| w.max(0.0)).collect::<Vec<_>>();
            assert_eq!(kept(&model), kept(&developed.model), "excitation should stay as it was");
        }
    }
}

#[test]
fn one_step_makes_the_targets_a_fixed_point() {
    let silence = Array2::zeros((10, 1));
    let targets = TargetRates::Beta { a: 2, b: 2, seed: 5 };
    let rates = targets.rates(120).unwrap();
    let rule = EiHomeostasis { targets, form: HomeostasisForm::OneStep };
    let developed = rule.develop(&small(0.3), silence.view()).unwrap();
    let mut next = vec![0.0; 120];
    rate_step::step(&developed.model, &[0.0], &[], &rates, &mut next, &[]);
    let held = rates.iter().zip(&next).filter(|(a, b)| (*a - *b).abs() < 1e-9).count();
    // A unit whose excitation does not suffice for its rate gets no inhibition at all.
    assert!(held > 60, "{held} of 120");
    let free = |i: usize| developed.model.layers()[0].weights.row(i).1.iter().all(|w| *w >= 0.0);
    assert!((0..120).all(|i| (rates[i] - next[i]).abs() < 1e-9 || free(i)));
}

#[test]
fn intrinsic_plasticity_gives_units_their_distribution() {
    let inputs = noise(2000, 1, 4);
    let tanh = Reservoir { units: 80, spectral_radius: 0.95, ..Reservoir::default() }.model(1, 0).unwrap();
    let normal = IntrinsicPlasticity { target: ActivityTarget::Normal { mean: 0.1, sd: 0.25 }, rate: 1e-3, passes: 6 };
    let developed = normal.develop(&tanh, inputs.view()).unwrap();
    assert!((developed.after.mean - 0.1).abs() < 0.02 && (developed.after.sd - 0.25).abs() < 0.05, "{developed:?}");
    assert!((developed.before.sd - 0.25).abs() > 0.08);

    let sigmoid = Reservoir { activation: Activation::Sigmoid, units: 80, ..Reservoir::default() }.model(1, 0).unwrap();
    let exponential = IntrinsicPlasticity { target: ActivityTarget::Exponential { mean: 0.2 }, rate: 1e-3, passes: 10 };
    let developed = exponential.develop(&sigmoid, inputs.view()).unwrap();
    assert!((developed.after.mean - 0.2).abs() < 0.02 && developed.before.mean > 0.4, "{developed:?}");
    let refused = normal.develop(&sigmoid, inputs.view()).unwrap_err().to_string();
    assert!(refused.contains("`activation` is Sigmoid"), "{refused}");
}

#[test]
fn anti_oja_makes_states_less_alike() {
    let inputs = noise(2000, 1, 4);
    let model = Reservoir { input_scaling: 0.5.into(), ..reservoir(80, 1) }.model(1, 0).unwrap();
    let developed = AntiOja { rate: 1e-3, passes: 5 }.develop(&model, inputs.view()).unwrap();
    assert!(
        developed.after.effective_rank > 1.2 * developed.before.effective_rank,
        "{:?} {:?}",
        developed.before,
        developed.after
    );
    assert!(AntiOja { rate: 0.0, passes: 1 }.develop(&model, inputs.view()).is_err());
}

#[test]
fn anti_oja_by_hand() {
    // One unit that hears itself with 0.5, linear, input 1 through weight 1: y = 1, then 1 + 0.5.
    use limnos::reservoir::{RateLayer, SparseMatrix};
    let weights = SparseMatrix::from_dense(1, 2, &[1.0, 0.5]).unwrap();
    let layer = RateLayer { activation: Activation::Identity, ..RateLayer::new(weights) };
    let model = RateModel::new(1, 0, vec![layer], 0).unwrap();
    let inputs = Array2::from_shape_vec((2, 1), vec![1.0, 1.0]).unwrap();
    let developed = AntiOja { rate: 0.1, passes: 1 }.develop(&model, inputs.view()).unwrap();
    // Step 1: y 1, heard 0: w = 0.5 - 0.1 (0 - 0.5) = 0.55. Step 2: y 1.55, heard 1: w = 0.55 - 0.155 (1 - 1.55 * 0.55).
    let expected = 0.55 - 0.1 * 1.55 * (1.0 - 1.55 * 0.55);
    assert!((developed.model.layers()[0].weights.value()[1] - expected).abs() < 1e-15);
}

#[test]
fn a_network_takes_what_was_developed() {
    let inputs = noise(600, 1, 2);
    let config = EsnConfig { reservoir: reservoir(40, 1), ..EsnConfig::default() };
    let mut network = esn(config);
    network.fit(&inputs, &inputs).unwrap();
    let rule = IntrinsicPlasticity { rate: 1e-3, ..IntrinsicPlasticity::default() };
    let before = network.model().unwrap().clone();
    let (_, after) = network.develop(&rule, &inputs).unwrap();
    assert!(network.readout().is_none() && network.model().unwrap() != &before);
    let states = network.states(&inputs).unwrap();
    let sd = states.slice(limnos::ndarray::s![60.., ..]).std_axis(Axis(0), 0.0).mean().unwrap();
    assert!((sd - after.sd).abs() < 1e-3, "{sd} {after:?}");
    network.fit(&inputs, &inputs).unwrap();
}

#[test]
fn settings_are_refused_by_name() {
    let inputs = noise(50, 1, 2);
    let refuse =
        |rule: &dyn Development, model: &RateModel| rule.develop(model, inputs.view()).unwrap_err().to_string();
    let with = |targets| EiHomeostasis { targets, ..EiHomeostasis::default() };
    assert!(refuse(&with(TargetRates::Same(1.0)), &small(0.0)).contains("`target rates` is 1"));
    assert!(refuse(&with(TargetRates::Given(vec![0.5; 3])), &small(0.0)).contains("3 rates"));
    assert!(refuse(&with(TargetRates::Beta { a: 0, b: 1, seed: 0 }), &small(0.0)).contains("0 and 1"));
    let tanh = reservoir(10, 1).model(1, 0).unwrap();
    assert!(refuse(&EiHomeostasis::default(), &tanh).contains("`activation` is Tanh"));
    let heard = reservoir(10, 1).model(1, 1).unwrap();
    assert!(refuse(&AntiOja::default(), &heard).contains("hears outputs"));
    let two = reservoir(10, 1).model(2, 0).unwrap();
    assert!(refuse(&AntiOja::default(), &two).contains("the 2 channels"));
    let ei = |change: fn(&mut EiReservoir)| {
        let mut ei = EiReservoir::default();
        change(&mut ei);
        ei.model(1).unwrap_err().to_string()
    };
    assert!(ei(|ei| ei.balance = 1.0).contains("`balance` is 1"));
    assert!(ei(|ei| ei.degree = 1).contains("`degree`"));
    assert!(ei(|ei| ei.units = 40).contains("`degree`"));
    assert!(ei(|ei| ei.excitatory = f64::NAN).contains("`excitatory` is NaN"));
}
