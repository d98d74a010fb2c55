//! The same bits alone and in a batch, in one run and in pieces, with any number of threads.

use limnos_engine::Device;
use limnos_engine::EngineError;
use limnos_engine::rate::{
    LinearReadout, Precision, RateChunk, RateOptions, RateRun, RateSimulation, Real, StateFeatures,
};
use limnos_spec::rate::{Activation, RateLayer, RateModel};

use super::case::{cpu, deep, layer, readout, series, single, value};

/// States of all steps, `[sample][step][unit]`.
fn states<T: Real>(sim: &mut RateSimulation, inputs: &[T], steps: usize) -> Vec<T> {
    let mut states = vec![T::default(); sim.samples() * steps * sim.units()];
    sim.run(inputs, None, steps, Some(&mut states)).unwrap();
    states
}

#[test]
fn a_sample_of_a_batch_is_as_alone() {
    for (model, samples) in [(single(100, 2, 0, Activation::Tanh), 21), (deep([40, 20, 33], 1, 0), 5)] {
        let (steps, units) = (25, model.units());
        let inputs = series(samples * steps * model.inputs(), 3);
        for precision in [Precision::F32, Precision::F64] {
            let batch = states(&mut cpu(2, &model, samples, precision), &inputs, steps);
            for (s, batch) in batch.chunks_exact(steps * units).enumerate() {
                let inputs = &inputs[s * steps * model.inputs()..][..steps * model.inputs()];
                assert_eq!(states(&mut cpu(1, &model, 1, precision), inputs, steps), batch, "sample {s}");
            }
        }
    }
}

#[test]
fn pieces_of_a_run_are_as_the_whole() {
    let mut noisy = deep([50, 17, 33], 1, 0).into_layers();
    noisy[2].noise = 0.01;
    let model = RateModel::new(1, 0, noisy, 1).unwrap();
    let inputs: Vec<f32> = series(100, 4).iter().map(|&x| x as f32).collect();
    let whole = states(&mut cpu(1, &model, 1, Precision::F32), &inputs, 100);
    let mut sim = cpu(1, &model, 1, Precision::F32);
    let mut pieces = states(&mut sim, &inputs[..50], 50);
    let checkpoint = sim.checkpoint().unwrap();
    pieces.extend(states(&mut sim, &inputs[50..], 50));
    assert_eq!(whole, pieces);
    sim.restore(&checkpoint).unwrap();
    assert_eq!(states(&mut sim, &inputs[50..], 50), whole[50 * model.units()..]);
    sim.reset().unwrap();
    assert_eq!((sim.steps_done(), sim.state().unwrap()), (0, vec![0.0; model.units()]));
    assert_eq!(states(&mut sim, &inputs, 100), whole);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    // Enough entries to be shared by threads; rows of very different length, so that units are sorted.
    let model = single(45_000, 1, 0, Activation::Tanh);
    let inputs = series(12, 5);
    for precision in [Precision::F32, Precision::F64] {
        let one = states(&mut cpu(1, &model, 1, precision), &inputs, 12);
        assert!(one.iter().all(|x| x.is_finite()) && one.iter().any(|x| *x != 0.0));
        for threads in [2, 3] {
            assert_eq!(states(&mut cpu(threads, &model, 1, precision), &inputs, 12), one, "{threads} threads");
        }
    }
}

#[test]
fn a_closed_loop_has_the_same_bits_with_any_number_of_threads() {
    let model = single(45_000, 2, 0, Activation::Tanh);
    let readout = readout(&model, 1, true, StateFeatures::SquaredAlternate);
    let run = |threads| {
        let mut sim = cpu(threads, &model, 1, Precision::F32);
        sim.set_readout(&readout).unwrap();
        sim.run(&series(40, 6), None, 20, None).unwrap();
        let mut out = vec![0.0; 20];
        sim.generate(20, &mut out, Some(&series(20, 7))).unwrap();
        (out, sim.state().unwrap())
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(3));
}

#[test]
fn a_sample_keeps_its_state_past_its_length() {
    let model = single(40, 1, 0, Activation::Tanh);
    let (steps, lengths) = (20, [20, 0, 7, 13]);
    let inputs = series(4 * steps, 8);
    let mut sim = cpu(1, &model, 4, Precision::F64);
    let mut states = vec![9.0; 4 * steps * 40];
    let run = RateRun { lengths: Some(&lengths), states: Some(&mut states), ..RateRun::new(steps, &inputs) };
    sim.run_with(run).unwrap();
    let end = sim.state().unwrap();
    for (s, &length) in lengths.iter().enumerate() {
        let mut alone = cpu(1, &model, 1, Precision::F64);
        alone.run(&inputs[s * steps..][..length], None, length, None).unwrap();
        assert_eq!(alone.state().unwrap(), end[s * 40..][..40]);
        assert!(states[(s * steps + length) * 40..(s + 1) * steps * 40].iter().all(|&x| x == 9.0));
    }
}

#[test]
fn chunks_are_the_rows_of_one_run() {
    let model = single(30, 1, 0, Activation::Tanh);
    let (steps, lengths) = (25, [25, 11]);
    let inputs: Vec<f32> = series(2 * steps, 9).iter().map(|&x| x as f32).collect();
    let mut whole = vec![0.0f32; 2 * steps * 30];
    let run = RateRun { lengths: Some(&lengths), ..RateRun::new(steps, &inputs) };
    cpu(1, &model, 2, Precision::F32).run_with(RateRun { states: Some(&mut whole), ..run }).unwrap();
    let mut seen = vec![0.0f32; whole.len()];
    let run = RateRun { lengths: Some(&lengths), ..RateRun::new(steps, &inputs) };
    let sink = |chunk: RateChunk<'_, f32>| {
        for s in 0..2 {
            let rows = &chunk.states[s * chunk.steps * 30..][..chunk.lengths[s] * 30];
            seen[(s * steps + chunk.first_step) * 30..][..rows.len()].copy_from_slice(rows);
        }
        Ok::<(), EngineError>(())
    };
    cpu(1, &model, 2, Precision::F32).run_chunks(&run, 10, sink).unwrap();
    assert_eq!(seen, whole);
}

#[test]
fn members_of_an_ensemble_are_as_alone() {
    // Few samples are stepped one by one, more side by side.
    for samples in [2, 5, 18] {
        let models: Vec<_> = (0..3).map(ensemble_member).collect();
        let options = RateOptions { samples, first_sample: 7, precision: Precision::F64 };
        let mut ensemble = RateSimulation::ensemble(&Device::cpu_threads(2).unwrap(), &models, options).unwrap();
        let readouts: Vec<_> = (0..3)
            .map(|k| LinearReadout {
                bias: vec![value(1, k)],
                ..readout(&models[0], 1, true, StateFeatures::SquaredAlternate)
            })
            .collect();
        ensemble.set_readouts(&readouts).unwrap();
        let inputs = series(3 * samples * 10, 2);
        let lengths: Vec<usize> = (0..3 * samples).map(|s| 10 - s % 4).collect();
        ensemble.run_with(RateRun { lengths: Some(&lengths), ..RateRun::new(10, &inputs) }).unwrap();
        let mut out = vec![0.0; 3 * samples * 5];
        ensemble.generate(5, &mut out, None).unwrap();
        for (s, &length) in lengths.iter().enumerate() {
            let (k, number) = (s / samples, 7 + (s % samples) as u32);
            let options = RateOptions { samples: 1, first_sample: number, ..options };
            let mut alone = RateSimulation::new(&Device::cpu_threads(1).unwrap(), &models[k], options).unwrap();
            alone.set_readout(&readouts[k]).unwrap();
            let run = RateRun { lengths: Some(&[length]), ..RateRun::new(10, &inputs[10 * s..][..10]) };
            alone.run_with(run).unwrap();
            let mut expected = vec![0.0; 5];
            alone.generate(5, &mut expected, None).unwrap();
            assert_eq!(out[5 * s..][..5], expected, "sample {s}, model {k}, of {samples}");
        }
    }
}

fn ensemble_member(k: usize) -> RateModel {
    let layer = RateLayer { noise: 0.01, ..layer(137, 138, Activation::Tanh, 50 * k) };
    RateModel::new(1, 0, vec![layer], k as u64).unwrap()
}

#[test]
fn teacher_forcing_side_by_side_is_as_alone() {
    let model = single(60, 1, 2, Activation::Sigmoid);
    let readout = readout(&model, 2, false, StateFeatures::RawAndSquared);
    let run = |samples: usize, inputs: &[f64], teacher: &[f64], given: &[f64]| {
        let mut sim = cpu(1, &model, samples, Precision::F32);
        sim.set_readout(&readout).unwrap();
        let mut outputs = vec![0.0; samples * 12 * 2];
        let run = RateRun { feedback: Some(teacher), outputs: Some(&mut outputs), ..RateRun::new(12, inputs) };
        sim.run_with(run).unwrap();
        let mut free = vec![0.0; samples * 8 * 2];
        sim.generate(8, &mut free, Some(given)).unwrap();
        (outputs, free)
    };
    let (inputs, teacher, given) = (series(4 * 12, 1), series(4 * 24, 2), series(4 * 8, 3));
    let (outputs, free) = run(4, &inputs, &teacher, &given);
    for s in 0..4 {
        let alone = run(1, &inputs[12 * s..][..12], &teacher[24 * s..][..24], &given[8 * s..][..8]);
        assert_eq!((&outputs[24 * s..][..24], &free[16 * s..][..16]), (&alone.0[..], &alone.1[..]));
    }
}
