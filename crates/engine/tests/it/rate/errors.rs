//! What is wrong is said with its place, and nothing ran then.

use limnos_engine::Device;
use limnos_engine::rate::{LinearReadout, Precision, RateOptions, RateRun, RateSimulation, StateFeatures};
use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};

use super::case::{cpu, readout, single};

fn text<T, E: std::fmt::Display>(result: Result<T, E>) -> String {
    result.err().expect("it should have been refused").to_string()
}

#[test]
fn arrays_of_another_shape_or_not_finite() {
    let model = single(20, 2, 0, Activation::Tanh);
    let mut sim = cpu(1, &model, 3, Precision::F32);
    assert_eq!(
        text(sim.run(&[0.0f64; 11], None, 2, None)),
        "inputs has shape [11]; needed: [3 samples, 2 steps, 2 inputs]"
    );
    let mut inputs = [0.0f32; 12];
    inputs[7] = f32::NAN;
    assert_eq!(
        text(sim.run(&inputs, None, 2, None)),
        "inputs, sample 1, steps 1, inputs 1, is NaN; allowed: finite numbers of single precision"
    );
    let mut inputs = [0.0f64; 12];
    inputs[4] = 1e300;
    assert!(text(sim.run(&inputs, None, 2, None)).starts_with("inputs, sample 1, steps 0, inputs 0, is 1"));
    let zeros = [0.0f64; 12];
    assert_eq!(
        text(sim.run(&zeros, None, 2, Some(&mut [0.0; 5]))),
        "states has shape [5]; needed: [3 samples, 2 steps, 20 units]"
    );
    assert_eq!(
        text(sim.run(&zeros, Some(&[1.0]), 2, None)),
        "feedback has shape [1]; needed: [3 samples, 2 steps, 0 feedback]"
    );
    let lengths = |lengths: &[usize], sim: &mut RateSimulation| {
        text(sim.run_with(RateRun { lengths: Some(lengths), ..RateRun::new(2, &zeros) }))
    };
    assert_eq!(lengths(&[2, 3, 0], &mut sim), "length of sample 1 is 3; allowed: at most the 2 steps of the run");
    assert_eq!(lengths(&[2], &mut sim), "lengths has shape [1]; needed: [3 samples, 1 row, 1 length]");
    assert_eq!(text(sim.set_state(&[0.0; 59])), "state has shape [59]; needed: [3 samples, 1 row, 20 units]");
    assert_eq!((sim.steps_done(), sim.state().unwrap()), (0, vec![0.0; 60]), "nothing ran");
}

#[test]
fn feedback_must_be_given() {
    let model = single(20, 1, 1, Activation::Tanh);
    let mut sim = cpu(1, &model, 1, Precision::F64);
    assert_eq!(
        text(sim.run(&[0.5], None, 1, None)),
        "feedback has shape [0]; needed: [1 samples, 1 steps, 1 feedback]"
    );
}

#[test]
fn readouts_and_closed_loops_that_do_not_fit() {
    let model = single(20, 1, 0, Activation::Tanh);
    let mut sim = cpu(1, &model, 1, Precision::F64);
    assert_eq!(
        text(sim.generate(1, &mut [0.0], None)),
        "generate is asked of a simulation without a readout; allowed: after set_readout"
    );
    let good = readout(&model, 1, false, StateFeatures::Raw);
    let short = LinearReadout { weights: vec![0.0; 19], ..good.clone() };
    assert_eq!(
        text(sim.set_readout(&short)),
        "weights of the readout has shape [19]; needed: [1 outputs, 20 features]"
    );
    let bad = LinearReadout { bias: vec![f64::NAN], ..good.clone() };
    assert_eq!(text(sim.set_readout(&bad)), "bias of the readout, entry 0, is NaN; allowed: finite numbers");
    sim.set_readout(&readout(&model, 2, false, StateFeatures::Raw)).unwrap();
    assert_eq!(
        text(sim.generate(1, &mut [0.0; 2], None)),
        "outputs of the readout in a closed loop is 2 for a model of 1 inputs and 0 feedback; allowed: as many as feedback columns, or \
         without these at most as many as inputs"
    );
    sim.set_readout(&good).unwrap();
    assert_eq!(
        text(sim.generate(3, &mut [0.0; 2], None)),
        "outputs has shape [2]; needed: [1 samples, 3 steps, 1 outputs]"
    );
    assert!(text(sim.set_readouts(&[])).starts_with("number of readouts is 0; allowed: 1, one for each model"));
}

#[test]
fn models_that_do_not_fit_each_other_or_the_precision() {
    let device = Device::cpu_threads(1).unwrap();
    let (a, b) = (single(20, 1, 0, Activation::Tanh), single(21, 1, 0, Activation::Tanh));
    let options = RateOptions::default();
    assert_eq!(
        text(RateSimulation::ensemble(&device, &[a.clone(), b.clone()], options)),
        "model 1 of an ensemble is 1 inputs, 0 feedback, 21 units; allowed: 1 inputs, 0 feedback, 20 units"
    );
    assert!(text(RateSimulation::ensemble(&device, &[], options)).contains("an empty list"));
    assert!(
        text(RateSimulation::new(&device, &a, RateOptions { samples: 0, ..options }))
            .starts_with("samples of RateOptions is 0")
    );
    let mut sim = RateSimulation::new(&device, &a, options).unwrap();
    assert!(text(sim.replace_model(&b)).starts_with("the new model is 1 inputs, 0 feedback, 21 units"));
    let huge = RateLayer { bias: vec![1e39], ..RateLayer::new(SparseMatrix::empty(2, 2).unwrap()) };
    let huge = RateModel::new(0, 0, vec![huge], 0).unwrap();
    assert!(text(RateSimulation::new(&device, &huge, options)).starts_with("bias of layer 0, entry 0, is 1"));
    assert!(RateSimulation::new(&device, &huge, RateOptions { precision: Precision::F64, ..options }).is_ok());
}

#[test]
fn a_state_that_leaves_the_numbers_is_an_error() {
    let weights = SparseMatrix::from_triplets(1, 2, &[(0, 0, 1.0), (0, 1, 4.0)]).unwrap();
    let layer = RateLayer { activation: Activation::Identity, ..RateLayer::new(weights) };
    let model = RateModel::new(1, 0, vec![layer], 0).unwrap();
    let mut sim = cpu(1, &model, 1, Precision::F32);
    sim.run(&[1.0; 30], None, 30, None).unwrap();
    assert_eq!(
        text(sim.run(&[1.0; 70], None, 70, None)),
        "state of unit 0 of sample 0 after step 100 is NaN; allowed: finite numbers; lower the weights or gains, or take a bounded \
         activation, then reset"
    );
    sim.reset().unwrap();
    sim.run(&[1.0; 30], None, 30, None).unwrap();
}
