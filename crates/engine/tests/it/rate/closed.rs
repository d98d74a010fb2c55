//! The readout fed back, beside the same loop by hand.

use limnos_engine::rate::{Precision, RateRun, StateFeatures};
use limnos_spec::rate::Activation;

use super::case::{cpu, readout, series, single};

const FEATURES: [StateFeatures; 3] =
    [StateFeatures::Raw, StateFeatures::SquaredAlternate, StateFeatures::RawAndSquared];

#[test]
fn a_forecast_is_the_loop_by_hand() {
    // Three inputs, two of which are outputs.
    let model = single(50, 3, 0, Activation::Tanh);
    let (warm, extra) = (series(30, 1), series(15, 2));
    for (precision, features, with_inputs) in
        FEATURES.into_iter().flat_map(|f| [(Precision::F32, f, true), (Precision::F64, f, false)])
    {
        let mut sim = cpu(1, &model, 1, precision);
        sim.set_readout(&readout(&model, 2, with_inputs, features)).unwrap();
        sim.run(&warm, None, 10, None).unwrap();
        let start = sim.checkpoint().unwrap();
        let mut out = vec![0.0; 30];
        sim.generate(15, &mut out, Some(&extra)).unwrap();
        let end = sim.checkpoint().unwrap();
        sim.restore(&start).unwrap();
        for t in 0..15 {
            let y = sim.output().unwrap();
            assert_eq!(out[2 * t..][..2], y, "step {t} {features:?}");
            sim.run(&[y[0], y[1], extra[t]], None, 1, None).unwrap();
        }
        assert_eq!(sim.checkpoint().unwrap(), end);
        assert!(out.iter().any(|y| y.abs() > 0.01));
    }
}

#[test]
fn feedback_columns_get_the_output_of_the_step_before() {
    let model = single(50, 1, 2, Activation::Tanh);
    let (warm, teacher, inputs) = (series(10, 1), series(20, 2), series(15, 3));
    let mut sim = cpu(1, &model, 1, Precision::F64);
    sim.set_readout(&readout(&model, 2, true, StateFeatures::Raw)).unwrap();
    sim.run(&warm, Some(&teacher), 10, None).unwrap();
    let start = sim.checkpoint().unwrap();
    let mut out = vec![0.0; 30];
    sim.generate(15, &mut out, Some(&inputs)).unwrap();
    let end = sim.checkpoint().unwrap();
    sim.restore(&start).unwrap();
    for t in 0..15 {
        let y = sim.output().unwrap();
        let mut after = vec![0.0; 2];
        let run = RateRun { feedback: Some(&y), outputs: Some(&mut after), ..RateRun::new(1, &inputs[t..=t]) };
        sim.run_with(run).unwrap();
        assert_eq!(out[2 * t..][..2], after);
    }
    assert_eq!(sim.checkpoint().unwrap(), end);
}

#[test]
fn generating_in_pieces_is_as_in_one() {
    let model = single(50, 1, 0, Activation::Tanh);
    let run = |pieces: &[usize]| {
        let mut sim = cpu(1, &model, 1, Precision::F32);
        sim.set_readout(&readout(&model, 1, true, StateFeatures::Raw)).unwrap();
        sim.run(&series(10, 1), None, 10, None).unwrap();
        let piece = |&n: &usize| {
            let mut out = vec![0.0f32; n];
            sim.generate(n, &mut out, None).unwrap();
            out
        };
        pieces.iter().flat_map(piece).collect::<Vec<_>>()
    };
    assert_eq!(run(&[100]), run(&[50, 0, 50]));
}

#[test]
fn outputs_of_a_run_are_the_readout_of_its_states() {
    let model = single(60, 2, 0, Activation::Tanh);
    for features in FEATURES {
        let readout = readout(&model, 3, true, features);
        let mut sim = cpu(1, &model, 2, Precision::F64);
        sim.set_readout(&readout).unwrap();
        let inputs = series(2 * 12 * 2, 4);
        let (mut states, mut outputs) = (vec![0.0; 2 * 12 * 60], vec![0.0; 2 * 12 * 3]);
        sim.run_with(RateRun { states: Some(&mut states), outputs: Some(&mut outputs), ..RateRun::new(12, &inputs) })
            .unwrap();
        let width = features.width(60) + 2;
        for row in 0..24 {
            let mut x = vec![0.0; width];
            x[..2].copy_from_slice(&inputs[2 * row..][..2]);
            features.write(&states[60 * row..][..60], &mut x[2..]);
            for o in 0..3 {
                let weights = &readout.weights[o * width..][..width];
                let y = weights.iter().zip(&x).map(|(w, x)| w * x).sum::<f64>() + readout.bias[o];
                assert!((outputs[3 * row + o] - y).abs() < 1e-14);
            }
        }
    }
}
