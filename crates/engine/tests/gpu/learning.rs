//! Networks that learn: the device equals the CPU device over the whole state, weights included.

use std::sync::Arc;

use limnos_engine::digest::Digest;
use limnos_engine::gpu::{Gpu, GpuOptions, GpuSimulation};
use limnos_engine::{
    Backend, CpuSimulation, CpuThreads, EngineError, Keep, Observe, PlasticState, RunOptions, SampleState, SourceFeed,
};
use limnos_spec::{Model, rng};

use crate::Test;
use crate::networks::{nalsm, variants, w2};
use crate::regimes::engine;

pub const TESTS: &[Test] = &[
    ("w2_equals_the_cpu", w2_equals_the_cpu),
    ("nalsm_equals_the_cpu", nalsm_equals_the_cpu),
    ("every_variant_equals_the_cpu", every_variant_equals_the_cpu),
    ("pieces_of_a_run_do_not_show", pieces_of_a_run_do_not_show),
    ("neither_workgroups_nor_shards_show", neither_workgroups_nor_shards_show),
    ("a_reset_restores_or_keeps", a_reset_restores_or_keeps),
    ("weights_and_outputs_are_set", weights_and_outputs_are_set),
    ("one_wrong_bit_of_a_weight_is_found", one_wrong_bit_of_a_weight_is_found),
    ("a_batch_that_learns_is_refused", a_batch_that_learns_is_refused),
];

/// What a run shows.
#[derive(Debug, PartialEq)]
struct Outcome {
    digest: u64,
    spikes: Vec<u32>,
    course: Vec<i32>,
    state: SampleState,
}

fn options(steps: u32) -> RunOptions {
    let observe = Observe { spikes: Some(steps), astrocytes: Some(steps), ..Observe::default() };
    RunOptions { first_sample: 3, observe, ..RunOptions::default() }
}

fn on_cpu(model: &Arc<Model>, steps: u32) -> CpuSimulation {
    let threads = CpuThreads::new(1).expect("a thread should start");
    CpuSimulation::new(Arc::clone(model), &options(steps), Arc::new(threads))
}

fn on_gpu(model: &Arc<Model>, steps: u32, gpu: &Gpu) -> GpuSimulation {
    GpuSimulation::new(gpu, Arc::clone(model), options(steps)).unwrap_or_else(|error| panic!("{error}"))
}

/// Random spikes of every fed input.
fn feed(simulation: &mut dyn Backend, steps: u32) {
    let model = Arc::clone(simulation.model());
    for (index, input) in model.inputs.iter().enumerate().filter(|(_, input)| input.thresholds.is_none()) {
        let word = |i: u32| rng::word(index as u32, i, 1, 2, [3, 4]);
        let values = (0..steps * input.size as u32).map(|i| word(i) >> 3).collect();
        simulation.feed_source(index, SourceFeed::Thresholds { rows: steps, values }).expect("the feed should fit");
    }
}

fn run(simulation: &mut dyn Backend, pieces: &[u32]) -> Outcome {
    feed(simulation, pieces.iter().sum());
    pieces.iter().for_each(|&steps| simulation.run(steps).expect("the device should run"));
    outcome(simulation)
}

/// The outcome with padding cells' words left out: devices may differ in them.
fn outcome(simulation: &mut dyn Backend) -> Outcome {
    let model = Arc::clone(simulation.model());
    let spikes = simulation.spikes().expect("spikes were observed");
    let course = if model.plastic.astrocytes.is_empty() {
        Vec::new()
    } else {
        simulation.astrocytes().expect("so were astrocytes")
    };
    let mut states = simulation.state().expect("the device should read back");
    let mut digest = Digest::new(1);
    digest.push(&model, &spikes);
    let digest = digest.finish(&model, &states)[0];
    let mut state = states.swap_remove(0);
    let real = |cell: usize| model.populations.iter().any(|p| p.cells().contains(&cell));
    for (i, word) in state.fields.iter_mut().chain(&mut state.ring).enumerate() {
        if !real(i % model.layout.cells) {
            *word = 0;
        }
    }
    Outcome { digest, spikes, course, state }
}

/// Fails with the first part that differs.
fn compare(found: &Outcome, wanted: &Outcome, what: &str) {
    let spikes: u32 = wanted.spikes.iter().map(|word| word.count_ones()).sum();
    assert!(spikes > 100, "{what}: the network is too quiet to show anything: {spikes} spikes");
    let (a, b) = (&found.state.plastic, &wanted.state.plastic);
    let first = |a: &[Vec<i32>], b: &[Vec<i32>]| {
        assert_eq!(a.len(), b.len(), "{what}");
        a.iter().zip(b).enumerate().find_map(|(k, (a, b))| {
            assert_eq!(a.len(), b.len(), "{what}");
            a.iter().zip(b).position(|(a, b)| a != b).map(|i| (k, i, a[i], b[i]))
        })
    };
    assert_eq!(found.spikes.iter().zip(&wanted.spikes).position(|(a, b)| a != b), None, "{what}: spike word");
    assert_eq!(first(&a.weights, &b.weights), None, "{what}: weight");
    assert_eq!(first(&a.traces, &b.traces), None, "{what}: trace");
    assert_eq!(first(&a.filters, &b.filters), None, "{what}: filter");
    assert_eq!(a.on_the_way, b.on_the_way, "{what}: events under way");
    assert_eq!((&a.rates, &a.astrocytes), (&b.rates, &b.astrocytes), "{what}: rates and astrocytes");
    assert_eq!(found.course, wanted.course, "{what}: outputs of astrocytes");
    assert!(found.state == wanted.state, "{what}: fields or ring");
    assert_eq!(found.digest, wanted.digest, "{what}: digest");
}

/// How many weights are not what they were before step 0.
fn learned(model: &Model, state: &PlasticState) -> usize {
    let initial = model.projections.iter().filter_map(|p| p.plastic.as_ref());
    let moved = |(now, before): (&Vec<i32>, &limnos_spec::WholeWeights)| {
        now.iter().zip(&before.initial).filter(|(a, b)| a != b).count()
    };
    state.weights.iter().zip(initial).map(moved).sum()
}

fn equals_the_cpu(model: &Arc<Model>, steps: u32, gpu: &Gpu, what: &str) {
    let wanted = run(&mut on_cpu(model, steps), &[steps]);
    let moved = learned(model, &wanted.state.plastic);
    assert!(10 * moved > model.plastic.projections.len(), "{what}: nothing was learned");
    compare(&run(&mut on_gpu(model, steps, gpu), &[steps]), &wanted, what);
}

fn w2_equals_the_cpu() {
    equals_the_cpu(&w2(600, 7), 2000, &engine(GpuOptions::default()), "w2");
}

fn nalsm_equals_the_cpu() {
    equals_the_cpu(&nalsm(300, 100), 2000, &engine(GpuOptions::default()), "nalsm");
}

fn every_variant_equals_the_cpu() {
    for variant in variants() {
        for size in [33, 140] {
            let model = variant.network(size);
            equals_the_cpu(&model, 90, &engine(GpuOptions::default()), &format!("size {size}, {variant:?}"));
        }
    }
}

fn pieces_of_a_run_do_not_show() {
    for model in [w2(200, 8), nalsm(120, 40)] {
        let gpu = engine(GpuOptions { steps_per_submit: 17, ..GpuOptions::default() });
        let whole = run(&mut on_gpu(&model, 500, &gpu), &[500]);
        let mut pieces = on_gpu(&model, 500, &gpu);
        compare(&run(&mut pieces, &[1, 30, 2, 67, 400]), &whole, "pieces");
    }
}

fn neither_workgroups_nor_shards_show() {
    let model = variants()[0].network(300);
    let wanted = run(&mut on_cpu(&model, 60), &[60]);
    for (workgroup, limit) in [(32, None), (256, None), (64, Some(100 << 10)), (128, Some(150 << 10))] {
        let gpu = engine(GpuOptions { workgroup, max_binding_bytes: limit, ..GpuOptions::default() });
        let mut simulation = on_gpu(&model, 60, &gpu);
        let shards = simulation.plan().learning.as_ref().expect("it learns").shards.len();
        assert!(limit.is_none() || shards >= 3, "{shards} shards");
        compare(&run(&mut simulation, &[60]), &wanted, &format!("workgroup {workgroup}, {shards} shards"));
    }
}

fn a_reset_restores_or_keeps() {
    let model = nalsm(120, 40);
    let gpu = engine(GpuOptions::default());
    for keep in [
        Keep::default(),
        Keep { weights: true, traces: false },
        Keep { weights: false, traces: true },
        Keep { weights: true, traces: true },
    ] {
        let outcomes = [&mut on_cpu(&model, 80) as &mut dyn Backend, &mut on_gpu(&model, 80, &gpu)].map(|simulation| {
            let first = run(simulation, &[80]);
            simulation.reset_keeping(5, keep).expect("the device should reset");
            let between = simulation.state().expect("the device should read back");
            simulation.run(80).expect("the device should run");
            (first, between[0].plastic.clone(), outcome(simulation))
        });
        let [wanted, found] = outcomes;
        assert!(found.1 == wanted.1, "{keep:?}: after the reset");
        compare(&found.2, &wanted.2, &format!("{keep:?}"));
        assert!(wanted.0.state != wanted.2.state, "another sample learns something else");
    }
}

fn weights_and_outputs_are_set() {
    let model = nalsm(120, 40);
    let gpu = engine(GpuOptions { max_binding_bytes: Some(16 << 10), ..GpuOptions::default() });
    let outcomes = [&mut on_cpu(&model, 80) as &mut dyn Backend, &mut on_gpu(&model, 80, &gpu)].map(|simulation| {
        for (index, initial) in [(0, false), (1, true)] {
            let mut weights = simulation.weights(index, 0).expect("there are weights");
            weights.iter_mut().for_each(|w| *w = *w / 4 * 3);
            simulation.set_weights(index, (!initial).then_some(0), &weights).expect("they should be taken");
            assert_eq!(simulation.weights(index, 0).expect("there are weights"), weights);
        }
        let output = simulation.outputs(0).expect("there is an astrocyte")[0];
        simulation.set_outputs(0, &[output + 12_345]).expect("it should be taken");
        assert_eq!(simulation.outputs(0).expect("there is an astrocyte"), [output + 12_345]);
        let first = run(simulation, &[80]);
        simulation.reset(3).expect("the device should reset");
        (first, simulation.weights(0, 0).expect("weights"), simulation.weights(1, 0).expect("weights"))
    });
    let [wanted, found] = outcomes;
    compare(&found.0, &wanted.0, "after setting");
    assert!(found.1 == wanted.1 && found.2 == wanted.2, "weights after a reset");
    assert_eq!(found.1, model.projections[0].plastic.as_ref().expect("it is plastic").initial);
}

/// The comparison can fail: one weight that is one step off changes what is learned.
fn one_wrong_bit_of_a_weight_is_found() {
    let model = nalsm(120, 40);
    let learn = |simulation: &mut dyn Backend, wrong: i32| {
        let mut weights = simulation.weights(0, 0).expect("there are weights");
        // Away from the bounds, where a step could be cut off.
        weights.iter_mut().for_each(|w| *w /= 2);
        weights[7] += wrong;
        simulation.set_weights(0, Some(0), &weights).expect("they should be taken");
        run(simulation, &[60])
    };
    let gpu = engine(GpuOptions::default());
    let wanted = learn(&mut on_cpu(&model, 60), 0);
    compare(&learn(&mut on_gpu(&model, 60, &gpu), 0), &wanted, "the same weights");
    let found = learn(&mut on_gpu(&model, 60, &gpu), 1);
    assert!(found.state.plastic.weights != wanted.state.plastic.weights, "a wrong weight should show");
    assert_ne!(found.digest, wanted.digest);
}

fn a_batch_that_learns_is_refused() {
    let options = RunOptions { batch: 2, ..RunOptions::default() };
    let error =
        GpuSimulation::new(&engine(GpuOptions::default()), nalsm(120, 40), options).expect_err("not in a batch");
    assert!(matches!(error, EngineError::Unsupported { device: "GPU", .. }), "{error}");
    assert!(error.to_string().contains("batch"), "{error}");
}
