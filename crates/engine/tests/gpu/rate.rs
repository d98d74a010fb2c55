//! Rate reservoirs on the device follow the f64 specification in lock-step, in every regime; neither batch nor pieces of a run show; closed loops, ragged
//! batches, ensembles and moments.

use limnos_engine::gpu::{GpuOptions, Regime};
use limnos_engine::rate::{
    LinearReadout, Precision, RateOptions, RateRun, RateSimulation, StateFeatures, StateMoments,
};
use limnos_engine::{Device, EngineError};
use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};
use limnos_spec::twin::rate_step;

use crate::Test;
use crate::kernel_cases::Random;
use crate::rate_cases::{model, number};
use crate::regimes::engine;

pub const TESTS: &[Test] = &[
    ("states_follow_the_specification", states_follow_the_specification),
    ("one_wrong_weight_is_found", one_wrong_weight_is_found),
    ("neither_batch_nor_regime_shows", neither_batch_nor_regime_shows),
    ("neither_pieces_nor_workgroups_show", neither_pieces_nor_workgroups_show),
    ("a_long_run_is_not_cut_short", a_long_run_is_not_cut_short),
    ("a_closed_loop_follows_the_specification", a_closed_loop_follows_the_specification),
    ("a_closed_loop_is_one_loop_however_it_runs", a_closed_loop_is_one_loop_however_it_runs),
    ("outputs_of_a_run_are_those_of_its_states", outputs_of_a_run_are_those_of_its_states),
    ("a_ragged_batch_equals_its_samples_alone", a_ragged_batch_equals_its_samples_alone),
    ("members_of_an_ensemble_equal_models_alone", members_of_an_ensemble_equal_models_alone),
    ("moments_are_those_of_the_states", moments_are_those_of_the_states),
    ("many_rows_are_added_to_the_last", many_rows_are_added_to_the_last),
    ("the_cpu_device_is_as_close", the_cpu_device_is_as_close),
    ("another_model_takes_over_the_states", another_model_takes_over_the_states),
    ("a_readout_that_does_not_fit_moves_the_states", a_readout_that_does_not_fit_moves_the_states),
    ("what_cannot_be_is_refused", what_cannot_be_is_refused),
];

/// Eps of the magnitudes that a state may be off; the weights' rounding to single precision is in it.
const K: f64 = 8.0;
const EPS: f64 = f32::EPSILON as f64;

const REGIMES: [(Regime, usize); 4] =
    [(Regime::Event, 1), (Regime::Lanes, 1), (Regime::Lanes, 3), (Regime::Resident, 3)];

fn device(options: GpuOptions) -> Device {
    Device::Gpu(engine(options))
}

fn in_regime(regime: Regime) -> GpuOptions {
    GpuOptions { regime: Some(regime), steps_per_submit: 5, ..GpuOptions::default() }
}

fn simulation(options: GpuOptions, model: &RateModel, samples: usize, first_sample: u32) -> RateSimulation {
    let layout = RateOptions { samples, first_sample, ..RateOptions::default() };
    RateSimulation::new(&device(options), model, layout).expect("the model should fit")
}

fn series(count: usize, seed: usize) -> Vec<f32> {
    let random = &mut Random::new(seed);
    (0..count).map(|_| number(random)).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// A run of all samples with the states of every step.
fn states(s: &mut RateSimulation, inputs: &[f32], feedback: &[f32], steps: usize) -> Vec<f32> {
    let mut states = vec![0.0; s.samples() * steps * s.units()];
    let feedback = (s.feedback() > 0).then_some(feedback);
    s.run(inputs, feedback, steps, Some(&mut states)).expect("the device should run");
    states
}

/// How far the states after a step are from those that the specification has from the same state: the most eps of the magnitudes.
fn off(model: &RateModel, place: (u32, u32), inputs: &[f32], feedback: &[f32], before: &[f32], after: &[f32]) -> f64 {
    let (inputs, feedback, before) = (wide(inputs), wide(feedback), wide(before));
    let mut noise = vec![0.0; model.units()];
    rate_step::noise(model, place.0, place.1, &mut noise);
    let mut next = vec![0.0; model.units()];
    rate_step::step(model, &inputs, &feedback, &before, &mut next, &noise);
    let scale = rate_step::scale(model, &inputs, &feedback, &before, &next, &noise);
    let off = |((&found, &wanted), &scale): ((&f32, &f64), &f64)| {
        let error = (f64::from(found) - wanted).abs();
        if error == 0.0 { 0.0 } else { error / (EPS * scale) }
    };
    // A NaN is as far off as can be.
    let worse = |worst: f64, off: f64| if off.is_nan() { f64::INFINITY } else { worst.max(off) };
    after.iter().zip(&next).zip(&scale).map(off).fold(0.0, worse)
}

/// The worst of a run of all samples of a model, in lock-step with its recorded states.
fn lockstep(
    model: &RateModel,
    (inputs, feedback): (&[f32], &[f32]),
    steps: usize,
    first_sample: u32,
    states: &[f32],
) -> f64 {
    let (n, i, o) = (model.units(), model.inputs(), model.feedback());
    let rows = states.chunks(n).enumerate();
    let each = rows.map(|(row, after)| {
        let (sample, step) = (row / steps, row % steps);
        let zero = vec![0.0; n];
        let before = if step == 0 { &zero[..] } else { &states[(row - 1) * n..row * n] };
        let place = (step as u32, first_sample + sample as u32);
        off(model, place, &inputs[row * i..][..i], &feedback[row * o..][..o], before, after)
    });
    each.fold(0.0, f64::max)
}

fn states_follow_the_specification() {
    const STEPS: usize = 7;
    let mut worst = 0.0_f64;
    for n in [1, 31, 32, 33, 63, 64, 65, 257, 4097] {
        let model = model(n, 2, 3, n);
        for (regime, samples) in REGIMES.into_iter().filter(|(regime, _)| n < 1000 || *regime != Regime::Resident) {
            let (inputs, feedback) = (series(samples * STEPS * 2, 1), series(samples * STEPS * 3, 2));
            let mut s = simulation(in_regime(regime), &model, samples, 9);
            let found = states(&mut s, &inputs, &feedback, STEPS);
            let off = lockstep(&model, (&inputs, &feedback), STEPS, 9, &found);
            assert!(off <= K, "{off} eps at {n} units, {samples} samples, {regime:?}");
            worst = worst.max(off);
            let last: Vec<f32> =
                found.chunks(STEPS * n).flat_map(|sample| &sample[(STEPS - 1) * n..]).copied().collect();
            assert_eq!(s.state().expect("it has a state"), wide(&last));
        }
    }
    eprintln!("rate reservoirs: at most {worst:.2} eps of the magnitudes in lock-step");
}

/// The comparison can fail: on one weight of the model that is a hundredth off.
fn one_wrong_weight_is_found() {
    let right = model(100, 2, 0, 5);
    let mut layers = right.clone().into_layers();
    let values = layers[0].weights.value();
    let k = (0..values.len()).find(|&k| values[k].abs() > 0.2).expect("some weight is large");
    let value = values.iter().enumerate().map(|(i, v)| if i == k { 1.01 * v } else { *v }).collect();
    layers[0].weights = layers[0].weights.with_values(value).expect("they are finite");
    let wrong = RateModel::new(2, 0, layers, right.seed()).expect("it is sound");
    let inputs = series(20 * 2, 3);
    let found = states(&mut simulation(GpuOptions::default(), &wrong, 1, 0), &inputs, &[], 20);
    assert!(lockstep(&wrong, (&inputs, &[]), 20, 0, &found) <= K);
    assert!(lockstep(&right, (&inputs, &[]), 20, 0, &found) > K, "a hundredth of one weight should show");
}

fn neither_batch_nor_regime_shows() {
    const STEPS: usize = 12;
    let model = model(150, 2, 1, 4);
    for samples in [2, 5, 33] {
        let (inputs, feedback) = (series(samples * STEPS * 2, 1), series(samples * STEPS, 2));
        let alone = |s: usize, regime| {
            let mut one = simulation(in_regime(regime), &model, 1, 20 + s as u32);
            states(&mut one, &inputs[s * STEPS * 2..][..STEPS * 2], &feedback[s * STEPS..][..STEPS], STEPS)
        };
        for (batch, single) in [(Regime::Lanes, Regime::Event), (Regime::Resident, Regime::Resident)] {
            let together = states(&mut simulation(in_regime(batch), &model, samples, 20), &inputs, &feedback, STEPS);
            for (s, sample) in together.chunks(STEPS * 150).enumerate().step_by(samples / 2) {
                assert_eq!(sample, alone(s, single), "sample {s} of {samples}, {batch:?}");
            }
        }
        let lanes = states(&mut simulation(in_regime(Regime::Lanes), &model, samples, 20), &inputs, &feedback, STEPS);
        assert_ne!(lanes[..STEPS * 150], lanes[STEPS * 150..2 * STEPS * 150], "samples should differ");
    }
}

fn neither_pieces_nor_workgroups_show() {
    let model = model(200, 1, 0, 8);
    let inputs = series(2 * 40, 1);
    let run = |options: GpuOptions, cuts: &[usize]| {
        let mut s = simulation(options, &model, 2, 0);
        let (mut rows, mut first) = (vec![Vec::new(); 2], 0);
        for &steps in cuts {
            let piece: Vec<f32> = inputs.chunks(40).flat_map(|all| &all[first..first + steps]).copied().collect();
            let found = states(&mut s, &piece, &[], steps);
            rows.iter_mut().zip(found.chunks(steps * 200)).for_each(|(row, piece)| row.extend_from_slice(piece));
            first += steps;
        }
        rows.concat()
    };
    for regime in [Regime::Lanes, Regime::Resident] {
        let whole = run(GpuOptions { steps_per_submit: 100, ..in_regime(regime) }, &[40]);
        assert_eq!(run(in_regime(regime), &[40]), whole);
        assert_eq!(run(GpuOptions { steps_per_submit: 1, ..in_regime(regime) }, &[1, 17, 2, 20]), whole);
        for workgroup in [32, 128, 256] {
            assert_eq!(run(GpuOptions { workgroup, ..in_regime(regime) }, &[40]), whole, "workgroup {workgroup}");
        }
    }
}

/// A software driver ends loops after so many iterations without a word: a submission must not have more steps than it takes.
fn a_long_run_is_not_cut_short() {
    let model = model(300, 1, 0, 8);
    let inputs = series(3000, 1);
    let run = |steps_per_submit| {
        let mut s = simulation(GpuOptions { steps_per_submit, ..in_regime(Regime::Resident) }, &model, 1, 0);
        states(&mut s, &inputs, &[], 3000)
    };
    assert_eq!(run(100_000), run(100));
}

fn readout(model: &RateModel, outputs: usize, inputs: bool, map: StateFeatures) -> LinearReadout {
    let features = map.width(model.units()) + if inputs { model.inputs() } else { 0 };
    let size = 1.0 / (features as f32).sqrt();
    LinearReadout {
        outputs,
        weights: wide(&series(outputs * features, 31)).into_iter().map(|w| w * f64::from(size)).collect(),
        bias: wide(&series(outputs, 32)),
        inputs,
        states: map,
    }
}

/// The outputs of a state, and the magnitudes that meet in them.
fn evaluate(readout: &LinearReadout, inputs: &[f32], state: &[f32]) -> Vec<(f64, f64)> {
    let mut features = if readout.inputs { wide(inputs) } else { Vec::new() };
    let first = features.len();
    features.resize(first + readout.states.width(state.len()), 0.0);
    readout.states.write(state, &mut features[first..]);
    let rows = readout.weights.chunks(features.len()).zip(&readout.bias);
    rows.map(|(row, bias)| {
        let products = || row.iter().zip(&features).map(|(w, f)| w * f);
        (bias + products().sum::<f64>(), bias.abs() + products().map(f64::abs).sum::<f64>())
    })
    .collect()
}

fn assert_outputs(found: &[f32], wanted: &[(f64, f64)], what: &str) {
    for (o, (&found, &(wanted, terms))) in found.iter().zip(wanted).enumerate() {
        let error = (f64::from(found) - wanted).abs();
        assert!(error <= K * EPS * terms, "output {o}, {what}: {found}, wanted {wanted}, terms {terms}");
    }
}

fn narrow(values: Vec<f64>) -> Vec<f32> {
    values.into_iter().map(|v| v as f32).collect()
}

/// One step at a time: its output is the readout of the state before it (a forecast) or after it (feedback), and the next state is that of the specification.
fn a_closed_loop_follows_the_specification() {
    const WARM: usize = 5;
    for (regime, _) in REGIMES.iter().filter(|(regime, _)| *regime != Regime::Lanes) {
        for (map, feedback) in
            [(StateFeatures::Raw, 0), (StateFeatures::SquaredAlternate, 2), (StateFeatures::RawAndSquared, 0)]
        {
            let model = model(70, 3, feedback, 12);
            let given = if feedback == 0 { 1 } else { 3 };
            let readout = readout(&model, 2, map != StateFeatures::Raw, map);
            let mut s = simulation(in_regime(*regime), &model, 1, 4);
            s.set_readout(&readout).expect("it fits");
            let (inputs, teacher) = (series(WARM * 3, 1), series(WARM * feedback, 2));
            states(&mut s, &inputs, &teacher, WARM);
            let mut last = inputs[(WARM - 1) * 3..].to_vec();
            for step in 0..6 {
                let before = narrow(s.state().expect("it has a state"));
                let outside = series(given, 50 + step);
                let mut y = [0.0f32; 2];
                s.generate(1, &mut y, Some(&outside)).expect("the loop should run");
                let after = narrow(s.state().expect("it has a state"));
                let what = format!("step {step}, {regime:?}, {map:?}");
                let place = ((WARM + step) as u32, 4);
                if feedback == 0 {
                    assert_outputs(&y, &evaluate(&readout, &last, &before), &what);
                    last = [&y[..], &outside].concat();
                    assert!(off(&model, place, &last, &[], &before, &after) <= K, "{what}");
                } else {
                    let fed = evaluate(&readout, &last, &before).iter().map(|(y, _)| *y as f32).collect::<Vec<_>>();
                    // The device feeds back its own rounding of these.
                    assert!(off(&model, place, &outside, &fed, &before, &after) <= 2.0 * K, "{what}");
                    last.clone_from(&outside);
                    assert_outputs(&y, &evaluate(&readout, &last, &after), &what);
                }
            }
        }
    }
}

/// Pieces, submissions, workgroups and regimes do not show in a closed loop.
fn a_closed_loop_is_one_loop_however_it_runs() {
    for (regime, samples) in REGIMES {
        for feedback in [0, 2] {
            let model = model(90, 2, feedback, 3);
            let loop_in = |regime, cuts: &[usize], submit: u32, workgroup: u32| {
                let options = GpuOptions { steps_per_submit: submit, workgroup, ..in_regime(regime) };
                let mut s = simulation(options, &model, samples, 0);
                s.set_readout(&readout(&model, 2, true, StateFeatures::Raw)).expect("it fits");
                let (inputs, teacher) = (series(samples * 6, 1), series(samples * 3 * feedback, 2));
                states(&mut s, &inputs, &teacher, 3);
                let mut rows = vec![Vec::new(); samples];
                let mut first = 0;
                for &steps in cuts {
                    let mut y = vec![0.0f32; samples * steps * 2];
                    // Inputs that are given are a function of sample and step.
                    let outside: Vec<f32> = (0..if feedback == 0 { 0 } else { samples })
                        .flat_map(|sample| (first..first + steps).flat_map(move |t| series(2, 1000 * sample + t)))
                        .collect();
                    s.generate(steps, &mut y, Some(&outside)).expect("the loop should run");
                    rows.iter_mut().zip(y.chunks(steps * 2)).for_each(|(row, piece)| row.extend_from_slice(piece));
                    first += steps;
                }
                (rows.concat(), s.state().expect("it has a state"))
            };
            let run = |cuts: &[usize], submit| loop_in(regime, cuts, submit, 64);
            let whole = run(&[23], 100);
            assert_eq!(loop_in(Regime::Resident, &[23], 100, 32), whole, "{regime:?} {feedback}");
            assert!(whole.0.iter().any(|y| *y != whole.0[0]), "outputs should change");
            assert_eq!(loop_in(regime, &[23], 4, 256), whole, "{regime:?} {feedback}");
            assert_eq!(run(&[1, 2, 20], 7), whole, "{regime:?} {feedback}");
        }
    }
}

fn outputs_of_a_run_are_those_of_its_states() {
    const STEPS: usize = 11;
    for (regime, samples) in REGIMES {
        let model = model(130, 2, 0, 6);
        let readout = readout(&model, 5, true, StateFeatures::RawAndSquared);
        let mut s = simulation(in_regime(regime), &model, samples, 0);
        s.set_readout(&readout).expect("it fits");
        let inputs = series(samples * STEPS * 2, 4);
        let (mut states, mut outputs) = (vec![0.0; samples * STEPS * 130], vec![0.0f32; samples * STEPS * 5]);
        let run = RateRun { states: Some(&mut states), outputs: Some(&mut outputs), ..RateRun::new(STEPS, &inputs) };
        s.run_with(run).expect("the device should run");
        for (row, state) in states.chunks(130).enumerate() {
            let wanted = evaluate(&readout, &inputs[2 * row..][..2], state);
            assert_outputs(&outputs[5 * row..][..5], &wanted, &format!("row {row}, {regime:?}"));
        }
    }
}

fn a_ragged_batch_equals_its_samples_alone() {
    const STEPS: usize = 13;
    let lengths = [13, 0, 4, 9];
    let model = model(80, 2, 0, 7);
    for regime in [Regime::Lanes, Regime::Resident] {
        let inputs = series(4 * STEPS * 2, 4);
        let mut s = simulation(in_regime(regime), &model, 4, 0);
        let mut states = vec![7.0f32; 4 * STEPS * 80];
        let run = RateRun { lengths: Some(&lengths), states: Some(&mut states), ..RateRun::new(STEPS, &inputs) };
        s.run_with(run).expect("the device should run");
        let last = s.state().expect("it has a state");
        for (k, &length) in lengths.iter().enumerate() {
            let mut one = simulation(in_regime(regime), &model, 1, k as u32);
            let alone = self::states(&mut one, &inputs[k * STEPS * 2..][..length * 2], &[], length);
            let rows = &states[k * STEPS * 80..][..STEPS * 80];
            assert_eq!(rows[..length * 80], alone, "sample {k}");
            assert!(rows[length * 80..].iter().all(|x| *x == 7.0), "rows after the end stay");
            assert_eq!(last[k * 80..][..80], one.state().expect("it has a state"), "sample {k} keeps its last state");
        }
        // Afterwards all run again.
        let more = self::states(&mut s, &inputs[..4 * 2 * 2], &[], 2);
        assert!(more.chunks(2 * 80).all(|rows| rows[..80] != rows[80..]));
    }
}

fn members_of_an_ensemble_equal_models_alone() {
    const STEPS: usize = 9;
    let models: Vec<RateModel> = (0..3).map(|k| model(60, 2, 0, 40 + k)).collect();
    let readouts: Vec<LinearReadout> = models
        .iter()
        .enumerate()
        .map(|(k, m)| LinearReadout { bias: vec![k as f64; 2], ..readout(m, 2, false, StateFeatures::Raw) })
        .collect();
    for regime in [Regime::Lanes, Regime::Resident] {
        let options = RateOptions { samples: 2, first_sample: 5, ..RateOptions::default() };
        let mut all = RateSimulation::ensemble(&device(in_regime(regime)), &models, options).expect("it fits");
        all.set_readouts(&readouts).expect("they fit");
        let inputs = series(6 * STEPS * 2, 9);
        let together = states(&mut all, &inputs, &[], STEPS);
        let mut loops = vec![0.0f32; 6 * 4 * 2];
        all.generate(4, &mut loops, None).expect("the loop should run");
        for (k, model) in models.iter().enumerate() {
            let mut one = RateSimulation::new(&device(in_regime(regime)), model, options).expect("it fits");
            one.set_readout(&readouts[k]).expect("it fits");
            let rows = 2 * STEPS;
            assert_eq!(
                together[k * rows * 60..][..rows * 60],
                states(&mut one, &inputs[k * rows * 2..][..rows * 2], &[], STEPS)
            );
            let mut alone = vec![0.0f32; 2 * 4 * 2];
            one.generate(4, &mut alone, None).expect("the loop should run");
            assert_eq!(loops[k * 16..][..16], alone, "member {k}, {regime:?}");
        }
    }
}

/// Moments of given states by the definition, and the magnitudes that meet in the products of features.
fn moments(
    s: (usize, usize),
    features: impl Fn(usize) -> Vec<f64>,
    targets: &[f32],
    counts: impl Fn(usize) -> bool,
) -> (StateMoments, StateMoments) {
    let (mut sums, mut terms) = (StateMoments::new(s.0, s.1), StateMoments::new(s.0, s.1));
    for (row, target) in targets.chunks(s.1).enumerate().filter(|(row, _)| counts(*row)) {
        let features = features(row);
        sums.rows += 1;
        let mut add = |part: fn(&mut StateMoments) -> &mut Vec<f64>, at: usize, value: f64| {
            part(&mut sums)[at] += value;
            part(&mut terms)[at] += value.abs();
        };
        for (i, &f) in features.iter().enumerate() {
            add(|m| &mut m.feature_sum, i, f);
            features.iter().enumerate().for_each(|(j, &g)| add(|m| &mut m.gram, i * s.0 + j, f * g));
            target.iter().enumerate().for_each(|(t, &y)| add(|m| &mut m.cross, i * s.1 + t, f * f64::from(y)));
        }
        for (t, &y) in target.iter().enumerate() {
            add(|m| &mut m.target_sum, t, f64::from(y));
            add(|m| &mut m.target_square, t, f64::from(y) * f64::from(y));
        }
    }
    (sums, terms)
}

/// The most eps of the magnitudes that moments differ by.
fn moments_off(found: &StateMoments, wanted: &StateMoments, terms: &StateMoments) -> f64 {
    let parts: [fn(&StateMoments) -> &Vec<f64>; 5] =
        [|m| &m.gram, |m| &m.cross, |m| &m.feature_sum, |m| &m.target_sum, |m| &m.target_square];
    let off = |part: &fn(&StateMoments) -> &Vec<f64>| {
        let each = part(found).iter().zip(part(wanted)).zip(part(terms));
        each.map(|((a, b), t)| if a == b { 0.0 } else { (a - b).abs() / (EPS * t) }).fold(0.0, f64::max)
    };
    parts.iter().map(off).fold(0.0, f64::max)
}

fn moments_are_those_of_the_states() {
    const STEPS: usize = 60;
    let mut worst = 0.0_f64;
    for (regime, samples) in REGIMES {
        for (map, with_inputs) in
            [(StateFeatures::Raw, false), (StateFeatures::SquaredAlternate, true), (StateFeatures::RawAndSquared, true)]
        {
            let models: Vec<RateModel> =
                (0..if regime == Regime::Resident { 2 } else { 1 }).map(|k| model(45, 2, 0, 70 + k)).collect();
            let options = RateOptions { samples, ..RateOptions::default() };
            let make = || RateSimulation::ensemble(&device(in_regime(regime)), &models, options).expect("it fits");
            let mut s = make();
            assert!(s.accumulates());
            let all = s.samples();
            let (inputs, targets) = (series(all * STEPS * 2, 1), series(all * STEPS * 3, 2));
            let lengths: Vec<usize> = (0..all).map(|k| STEPS - 7 * k).collect();
            let run = RateRun { lengths: Some(&lengths), ..RateRun::new(STEPS, &inputs) };
            let features = map.width(45) + if with_inputs { 2 } else { 0 };
            let mut sums = vec![StateMoments::new(features, 3); models.len()];
            s.accumulate(&run, &targets, 11, (with_inputs, map), &mut sums).expect("the device should add up");

            let mut other = make();
            let mut rows = vec![0.0f32; all * STEPS * 45];
            let run = RateRun { lengths: Some(&lengths), states: Some(&mut rows), ..RateRun::new(STEPS, &inputs) };
            other.run_with(run).expect("the device should run");
            assert_eq!(s.state().expect("a state"), other.state().expect("a state"), "adding up changes no state");
            let feature = |row: usize| {
                let mut all = if with_inputs { wide(&inputs[2 * row..][..2]) } else { Vec::new() };
                let first = all.len();
                all.resize(features, 0.0);
                map.write(&rows[45 * row..][..45], &mut all[first..]);
                all
            };
            for (k, sums) in sums.iter().enumerate() {
                let counts = |row: usize| {
                    let (sample, step) = (row / STEPS, row % STEPS);
                    sample / samples == k && (11..lengths[sample]).contains(&step)
                };
                let (wanted, terms) = moments((features, 3), feature, &targets, counts);
                assert_eq!(sums.rows, wanted.rows);
                let off = moments_off(sums, &wanted, &terms);
                assert!(off <= K, "{off} eps, {regime:?}, {map:?}");
                worst = worst.max(off);
                let mut wrong = sums.clone();
                wrong.gram[features + 1] *= 1.0001;
                assert!(moments_off(&wrong, &wanted, &terms) > K, "a ten-thousandth of one product should show");
            }
        }
    }
    eprintln!("moments: at most {worst:.2} eps of the magnitudes");
}

/// More rows than a software driver has loop iterations for in one dispatch: ones are counted exactly.
fn many_rows_are_added_to_the_last() {
    const STEPS: usize = 400;
    let (samples, model) = (300, model(3, 1, 0, 2));
    for regime in [Regime::Lanes, Regime::Resident] {
        let mut s = simulation(GpuOptions { steps_per_submit: 1000, ..in_regime(regime) }, &model, samples, 0);
        let (inputs, ones) = (series(samples * STEPS, 1), vec![1.0f32; samples * STEPS]);
        let mut sums = [StateMoments::new(3, 1)];
        s.accumulate(&RateRun::new(STEPS, &inputs), &ones, 0, (false, StateFeatures::Raw), &mut sums)
            .expect("it should add up");
        let rows = (samples * STEPS) as f64;
        assert_eq!((sums[0].rows as f64, sums[0].target_sum[0], sums[0].target_square[0]), (rows, rows, rows));
    }
}

/// Both devices are close to the specification, noise included, hence to each other.
fn the_cpu_device_is_as_close() {
    const STEPS: usize = 6;
    let model = model(220, 2, 1, 14);
    let (inputs, feedback) = (series(2 * STEPS * 2, 1), series(2 * STEPS, 2));
    let layout = RateOptions { samples: 2, first_sample: 3, ..RateOptions::default() };
    let mut gpu = RateSimulation::new(&device(GpuOptions::default()), &model, layout).expect("it fits");
    let mut cpu = RateSimulation::new(&Device::cpu().expect("there is a processor"), &model, layout).expect("it fits");
    for step in 0..STEPS {
        let row = |all: &[f32], columns: usize| -> Vec<f32> {
            all.chunks(STEPS * columns).flat_map(|s| &s[step * columns..(step + 1) * columns]).copied().collect()
        };
        let (inputs, feedback) = (row(&inputs, 2), row(&feedback, 1));
        let before = narrow(gpu.state().expect("it has a state"));
        cpu.set_state(&wide(&before)).expect("the states are finite");
        let (a, b) = (states(&mut gpu, &inputs, &feedback, 1), states(&mut cpu, &inputs, &feedback, 1));
        for sample in 0..2 {
            let part = |all: &[f32], n: usize| all[sample * n..][..n].to_vec();
            let place = (step as u32, 3 + sample as u32);
            for (device, after) in [("GPU", &a), ("CPU", &b)] {
                let (inputs, feedback) = (part(&inputs, 2), part(&feedback, 1));
                let off = off(&model, place, &inputs, &feedback, &part(&before, 220), &part(after, 220));
                assert!(off <= K, "{device}: {off} eps in step {step}");
            }
        }
    }
}

fn another_model_takes_over_the_states() {
    for (regime, samples) in REGIMES {
        let (first, second) = (model(50, 2, 0, 1), model(50, 2, 0, 2));
        let inputs = series(samples * 3 * 2, 1);
        let mut s = simulation(in_regime(regime), &first, samples, 0);
        states(&mut s, &inputs, &[], 3);
        let checkpoint = s.checkpoint().expect("it has a state");
        s.replace_model(&second).expect("it has the shape");
        let row: Vec<f32> = inputs.chunks(6).flat_map(|all| &all[..2]).copied().collect();
        let after = states(&mut s, &row, &[], 1);
        for sample in 0..samples {
            let before = narrow(checkpoint.state[50 * sample..][..50].to_vec());
            let off =
                off(&second, (3, sample as u32), &row[2 * sample..][..2], &[], &before, &after[50 * sample..][..50]);
            assert!(off <= K, "{off} eps, sample {sample}, {regime:?}");
        }
        s.restore(&checkpoint).expect("it is of this shape");
        assert_eq!(states(&mut s, &row, &[], 1), after, "the same again");
    }
}

/// A model that is resident until its readout needs more of workgroup memory.
fn a_readout_that_does_not_fit_moves_the_states() {
    let layer =
        RateLayer::new(SparseMatrix::from_triplets(3000, 3001, &[(0, 0, 1.0), (2999, 0, 0.5)]).expect("it is sound"));
    let model = RateModel::new(1, 0, vec![layer], 0).expect("it is sound");
    let mut s = simulation(GpuOptions::default(), &model, 1, 0);
    states(&mut s, &[0.25, -0.75], &[], 2);
    let before = s.state().expect("it has a state");
    assert!(before[0] < 0.0 && before[2999] < 0.0);
    let wide = LinearReadout {
        outputs: 6000,
        weights: vec![0.0; 6000 * 3000],
        bias: vec![1.5; 6000],
        inputs: false,
        states: StateFeatures::Raw,
    };
    s.set_readout(&wide).expect("another regime takes it");
    assert_eq!(s.state().expect("it has a state"), before);
    let mut outputs = vec![0.0f32; 6000];
    s.run_with(RateRun { outputs: Some(&mut outputs), ..RateRun::new(1, &[0.5]) }).expect("the device should run");
    assert!(outputs.iter().all(|y| *y == 1.5));
}

fn what_cannot_be_is_refused() {
    let options = |samples| RateOptions { samples, ..RateOptions::default() };
    let small = model(40, 1, 0, 1);
    let refused = |gpu: GpuOptions, model: &RateModel, options: RateOptions| {
        RateSimulation::new(&device(gpu), model, options).map(drop).expect_err("it should be refused")
    };
    let double = RateOptions { precision: Precision::F64, ..RateOptions::default() };
    let error = refused(GpuOptions::default(), &small, double);
    assert!(matches!(&error, EngineError::Invalid { allowed, .. } if allowed.contains("CPU device")), "{error}");
    let error = refused(in_regime(Regime::Event), &small, options(2));
    assert!(matches!(error, EngineError::Invalid { .. }), "{error}");
    let narrow = GpuOptions { max_binding_bytes: Some(1 << 12), ..GpuOptions::default() };
    let error = refused(narrow, &model(600, 1, 0, 1), options(1));
    assert!(matches!(error, EngineError::Limit { allowed: 4096, .. }), "{error}");
    let error = refused(in_regime(Regime::Resident), &model(9000, 1, 0, 1), options(1));
    assert!(matches!(error, EngineError::Limit { .. }), "{error}");
    // Members step in one dispatch, so their layers must be alike.
    let flat = RateModel::new(1, 0, vec![RateLayer::new(SparseMatrix::empty(40, 41).expect("it is sound"))], 0);
    let both = [small.clone(), flat.expect("it is sound")];
    let error =
        RateSimulation::ensemble(&device(GpuOptions::default()), &both, options(1)).map(drop).expect_err("they differ");
    assert!(matches!(&error, EngineError::Invalid { argument, .. } if argument.contains("model 1")), "{error}");
    // A state that grows beyond all bounds is told.
    let grows = RateLayer {
        activation: Activation::Identity,
        ..RateLayer::new(SparseMatrix::from_triplets(1, 2, &[(0, 0, 1.0), (0, 1, 1e20)]).expect("it is sound"))
    };
    let grows = RateModel::new(1, 0, vec![grows], 0).expect("it is sound");
    let mut s = simulation(GpuOptions::default(), &grows, 1, 0);
    let error = s.run(&[1.0f32, 1.0, 1.0], None, 3, None).expect_err("it is infinite");
    assert!(matches!(&error, EngineError::Invalid { argument, .. } if argument.contains("state of unit 0")), "{error}");
    // And a plan is refused before a run; the simulation goes on.
    let mut s = simulation(GpuOptions { max_binding_bytes: Some(1 << 16), ..GpuOptions::default() }, &small, 1, 0);
    let huge = LinearReadout {
        outputs: 500,
        weights: vec![0.0; 500 * 40],
        bias: vec![0.0; 500],
        inputs: false,
        states: StateFeatures::Raw,
    };
    let error = s.set_readout(&huge).expect_err("it is too large");
    assert!(matches!(error, EngineError::Limit { .. }), "{error}");
    s.run(&[1.0f32, 0.5], None, 2, None).expect("the device should run");
}
