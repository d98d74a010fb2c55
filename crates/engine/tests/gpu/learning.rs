//! Networks that learn: the device equals the CPU device over the whole state, weights included.

use std::sync::Arc;

use limnos_engine::digest::Digest;
use limnos_engine::gpu::{Gpu, GpuOptions, GpuSimulation, Regime};
use limnos_engine::{
    Backend, CpuSimulation, CpuThreads, EngineError, Keep, Observe, PlasticState, RunOptions, SampleState, SourceFeed,
};
use limnos_spec::{Model, rng};

use crate::Test;
use crate::networks::{dense, nalsm, sized, storm, variants, w2};
use crate::regimes::{engine, forced};

pub const TESTS: &[Test] = &[
    ("w2_equals_the_cpu", w2_equals_the_cpu),
    ("nalsm_equals_the_cpu", nalsm_equals_the_cpu),
    ("every_variant_equals_the_cpu", every_variant_equals_the_cpu),
    ("pieces_of_a_run_do_not_show", pieces_of_a_run_do_not_show),
    ("neither_workgroups_nor_shards_show", neither_workgroups_nor_shards_show),
    ("no_step_that_learns_is_too_long_for_a_driver", no_step_that_learns_is_too_long_for_a_driver),
    ("outputs_of_astrocytes_are_recorded_anew", outputs_of_astrocytes_are_recorded_anew),
    ("a_reset_restores_or_keeps", a_reset_restores_or_keeps),
    ("weights_and_outputs_are_set", weights_and_outputs_are_set),
    ("one_wrong_bit_of_a_weight_is_found", one_wrong_bit_of_a_weight_is_found),
    ("a_batch_learns_as_its_samples_do_alone", a_batch_learns_as_its_samples_do_alone),
    ("weights_of_a_batch_are_set_and_reset", weights_of_a_batch_are_set_and_reset),
    ("what_is_not_learned_is_told", what_is_not_learned_is_told),
    ("what_does_not_fit_is_told", what_does_not_fit_is_told),
];

/// The regimes in which one sample learns.
const REGIMES: [Regime; 2] = [Regime::Event, Regime::Resident];

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
    REGIMES.iter().for_each(|&regime| equals_the_cpu(&w2(600, 7), 2000, &forced(regime), &format!("w2, {regime:?}")));
}

fn nalsm_equals_the_cpu() {
    let model = nalsm(300, 100);
    REGIMES.iter().for_each(|&regime| equals_the_cpu(&model, 2000, &forced(regime), &format!("nalsm, {regime:?}")));
}

fn every_variant_equals_the_cpu() {
    for variant in variants() {
        for size in [33, 140] {
            let model = variant.network(size);
            for regime in REGIMES {
                equals_the_cpu(&model, 90, &forced(regime), &format!("size {size}, {variant:?}, {regime:?}"));
            }
        }
    }
}

fn pieces_of_a_run_do_not_show() {
    for model in [w2(200, 8), nalsm(120, 40)] {
        for regime in REGIMES {
            let gpu = engine(GpuOptions { steps_per_submit: 17, regime: Some(regime), ..GpuOptions::default() });
            let whole = run(&mut on_gpu(&model, 500, &gpu), &[500]);
            let mut pieces = on_gpu(&model, 500, &gpu);
            compare(&run(&mut pieces, &[1, 30, 2, 67, 400]), &whole, &format!("pieces, {regime:?}"));
        }
    }
}

fn neither_workgroups_nor_shards_show() {
    for variant in [0, 1, 5, 7] {
        let model = variants()[variant].network(300);
        let all = [(64, Some(100 << 10)), (32, None), (128, Some(150 << 10)), (256, None)];
        at_any_workgroup(&model, if variant == 0 { &all } else { &all[..1] }, &format!("variant {variant}"));
    }
}

/// The CPU device's outcome in both regimes, with workgroups and most bytes of a binding of each of these.
fn at_any_workgroup(model: &Arc<Model>, options: &[(u32, Option<u64>)], what: &str) {
    let wanted = run(&mut on_cpu(model, 60), &[60]);
    for &(workgroup, limit) in options {
        let regime = Some(Regime::Event);
        let gpu = engine(GpuOptions { workgroup, max_binding_bytes: limit, regime, ..GpuOptions::default() });
        let mut simulation = on_gpu(model, 60, &gpu);
        let shards = simulation.plan().learning.as_ref().expect("it learns").shards.len();
        assert!(limit.is_none() || shards >= 3, "{what}: {shards} shards");
        compare(&run(&mut simulation, &[60]), &wanted, &format!("{what}, workgroup {workgroup}, {shards} shards"));
        let gpu = engine(GpuOptions { workgroup, regime: Some(Regime::Resident), ..GpuOptions::default() });
        let resident = run(&mut on_gpu(model, 60, &gpu), &[60]);
        compare(&resident, &wanted, &format!("{what}, resident, workgroup {workgroup}"));
    }
}

/// Every unit has its event in every step, for as many steps as a driver may be given at a time: a software driver ends loops early, unasked.
fn no_step_that_learns_is_too_long_for_a_driver() {
    let model = storm(200);
    let wanted = run(&mut on_cpu(&model, 150), &[150]);
    let spikes: u32 = wanted.spikes.iter().map(|word| word.count_ones()).sum();
    assert!(spikes >= 200 * 149, "every neuron spikes in every step: {spikes}");
    for regime in REGIMES {
        let gpu = engine(GpuOptions { steps_per_submit: 1000, regime: Some(regime), ..GpuOptions::default() });
        compare(&run(&mut on_gpu(&model, 150, &gpu), &[150]), &wanted, &format!("{regime:?}"));
    }
}

/// A recording that is cleared amid a run starts at its first row again.
fn outputs_of_astrocytes_are_recorded_anew() {
    let model = nalsm(120, 40);
    let whole = run(&mut on_cpu(&model, 105), &[105]);
    // Room for less than all steps.
    let [mut event, mut resident] = REGIMES.map(|regime| on_gpu(&model, 60, &forced(regime)));
    for simulation in [&mut on_cpu(&model, 60) as &mut dyn Backend, &mut event, &mut resident] {
        feed(simulation, 105);
        simulation.run(50).expect("the device should run");
        assert_eq!(simulation.astrocytes().expect("astrocytes are observed"), whole.course[..50]);
        simulation.clear_recordings().expect("the device should clear");
        assert!(simulation.astrocytes().expect("astrocytes are observed").is_empty());
        [20, 35].iter().for_each(|&steps| simulation.run(steps).expect("the device should run"));
        assert_eq!(simulation.astrocytes().expect("astrocytes are observed"), whole.course[50..]);
        assert_eq!(simulation.spikes().expect("spikes are observed"), whole.spikes[50 * model.layout.cells / 32..]);
    }
    assert_ne!(whole.course[..50], whole.course[50..100], "rows differ");
}

fn a_reset_restores_or_keeps() {
    let model = nalsm(120, 40);
    for keep in [
        Keep::default(),
        Keep { weights: true, traces: false },
        Keep { weights: false, traces: true },
        Keep { weights: true, traces: true },
    ] {
        let [mut event, mut resident] = REGIMES.map(|regime| on_gpu(&model, 80, &forced(regime)));
        let outcomes = [&mut on_cpu(&model, 80) as &mut dyn Backend, &mut event, &mut resident].map(|simulation| {
            let first = run(simulation, &[80]);
            simulation.reset_keeping(5, keep).expect("the device should reset");
            let between = simulation.state().expect("the device should read back");
            simulation.run(80).expect("the device should run");
            (first, between[0].plastic.clone(), outcome(simulation))
        });
        let [wanted, event, resident] = outcomes;
        for (found, regime) in [event, resident].iter().zip(REGIMES) {
            assert!(found.1 == wanted.1, "{keep:?}, {regime:?}: after the reset");
            compare(&found.2, &wanted.2, &format!("{keep:?}, {regime:?}"));
        }
        assert!(wanted.0.state != wanted.2.state, "another sample learns something else");
    }
}

fn weights_and_outputs_are_set() {
    let model = nalsm(120, 40);
    let regime = Some(Regime::Event);
    let cut = engine(GpuOptions { max_binding_bytes: Some(16 << 10), regime, ..GpuOptions::default() });
    let [mut event, mut resident] = [cut, forced(Regime::Resident)].map(|gpu| on_gpu(&model, 80, &gpu));
    let outcomes = [&mut on_cpu(&model, 80) as &mut dyn Backend, &mut event, &mut resident].map(|simulation| {
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
    let [wanted, event, resident] = outcomes;
    for found in [event, resident] {
        compare(&found.0, &wanted.0, "after setting");
        assert!(found.1 == wanted.1 && found.2 == wanted.2, "weights after a reset");
    }
    assert_eq!(wanted.1, model.projections[0].plastic.as_ref().expect("it is plastic").initial);
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
    let wanted = learn(&mut on_cpu(&model, 60), 0);
    for regime in REGIMES {
        compare(&learn(&mut on_gpu(&model, 60, &forced(regime)), 0), &wanted, "the same weights");
        let found = learn(&mut on_gpu(&model, 60, &forced(regime)), 1);
        assert!(found.state.plastic.weights != wanted.state.plastic.weights, "a wrong weight should show");
        assert_ne!(found.digest, wanted.digest);
    }
}

/// What a batch shows, padding cells left out.
#[derive(Debug, PartialEq)]
struct Batch {
    digests: Vec<u64>,
    course: Vec<i32>,
    plastic: Vec<PlasticState>,
}

fn batch_options(steps: u32, batch: usize) -> RunOptions {
    RunOptions { batch, ..options(steps) }
}

/// Random spikes of every fed input, others in each sample.
fn feed_batch(simulation: &mut dyn Backend, steps: u32, samples: std::ops::Range<u32>) {
    let model = Arc::clone(simulation.model());
    for (index, input) in model.inputs.iter().enumerate().filter(|(_, input)| input.thresholds.is_none()) {
        let word = |i: u32, sample: u32| rng::word(index as u32, i, 1, sample, [3, 4]) >> 3;
        let of = |sample: u32| (0..steps * input.size as u32).map(move |i| word(i, sample));
        let values = samples.clone().flat_map(of).collect();
        simulation.feed_source(index, SourceFeed::Thresholds { rows: steps, values }).expect("the feed should fit");
    }
}

fn shown(simulation: &mut dyn Backend, batch: usize) -> Batch {
    let model = Arc::clone(simulation.model());
    let spikes = simulation.spikes().expect("spikes were observed");
    let astrocytes = !model.plastic.astrocytes.is_empty();
    let course = if astrocytes { simulation.astrocytes().expect("so were astrocytes") } else { Vec::new() };
    let states = simulation.state().expect("the device should read back");
    let mut digest = Digest::new(batch);
    digest.push(&model, &spikes);
    assert!(digest.spikes() > 20 * batch as u64, "too quiet: {} spikes", digest.spikes());
    let digests = digest.finish(&model, &states);
    Batch { digests, course, plastic: states.into_iter().map(|state| state.plastic).collect() }
}

fn run_batch(simulation: &mut dyn Backend, pieces: &[u32], batch: usize) -> Batch {
    feed_batch(simulation, pieces.iter().sum(), 0..batch as u32);
    pieces.iter().for_each(|&steps| simulation.run(steps).expect("the device should run"));
    shown(simulation, batch)
}

/// The fewest bytes of a binding in which all but the weights of a batch fit, and the weights of one sample.
fn narrowest(model: &Arc<Model>, options: &RunOptions) -> u64 {
    let gpu = engine(GpuOptions::default());
    let simulation = GpuSimulation::new(&gpu, Arc::clone(model), options.clone()).expect("it should fit");
    let others = simulation.plan().buffers.iter().filter(|buffer| !buffer.name.starts_with("plastic_weights"));
    // What is fed must fit too: a word a step, channel and sample.
    let fed = model.inputs.iter().filter(|input| input.thresholds.is_none()).map(|input| input.size as u64);
    let steps = u64::from(options.observe.spikes.expect("spikes are observed"));
    let fed = 4 * steps * options.batch as u64 * fed.sum::<u64>();
    others.map(|buffer| buffer.bytes).max().expect("there are buffers").max(fed)
}

/// A batch equals the CPU device's, and each of its samples alone, in either regime; also where weights are spread over several bindings,
/// and where the run is cut.
fn a_batch_learns_as_its_samples_do_alone() {
    let nets = [(w2(200, 9), 300, 5), (nalsm(120, 40), 120, 4), (nalsm(120, 40), 40, 33), (dense(150, 40), 40, 9)];
    for (net, (model, steps, batch)) in nets.into_iter().enumerate() {
        let threads = Arc::new(CpuThreads::new(1).expect("a thread should start"));
        let mut cpu = CpuSimulation::new(Arc::clone(&model), &batch_options(steps, batch), threads);
        let wanted = run_batch(&mut cpu, &[steps], batch);
        assert!(wanted.digests.windows(2).all(|two| two[0] != two[1]), "samples differ");
        let narrow = narrowest(&model, &batch_options(steps, batch));
        for (limit, pieces) in [(None, vec![steps]), (Some(narrow), vec![1, 30, steps - 31])] {
            let gpu = engine(GpuOptions { max_binding_bytes: limit, ..GpuOptions::default() });
            let options = batch_options(steps, batch);
            let mut simulation =
                GpuSimulation::new(&gpu, Arc::clone(&model), options).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(simulation.plan().regime, Regime::Resident);
            let chunks = simulation.plan().chunks.len();
            assert!(limit.is_none() || net < 3 || chunks >= 2, "{chunks} chunks of the dense net");
            let found = run_batch(&mut simulation, &pieces, batch);
            assert_eq!(found.digests, wanted.digests, "{chunks} chunks");
            assert!(found == wanted, "{chunks} chunks");
        }
        let sample = batch - 1;
        for regime in REGIMES {
            let options = RunOptions { first_sample: 3 + sample as u32, ..options(steps) };
            let mut alone = GpuSimulation::new(&forced(regime), Arc::clone(&model), options).expect("it should fit");
            feed_batch(&mut alone, steps, sample as u32..batch as u32);
            alone.run(steps).expect("the device should run");
            let alone = shown(&mut alone, 1);
            assert_eq!(alone.digests[0], wanted.digests[sample], "{regime:?}");
            assert!(alone.plastic[0] == wanted.plastic[sample], "{regime:?}");
        }
    }
}

fn weights_of_a_batch_are_set_and_reset() {
    let (model, batch) = (dense(150, 40), 4);
    let options = batch_options(60, batch);
    let threads = Arc::new(CpuThreads::new(1).expect("a thread should start"));
    let mut cpu = CpuSimulation::new(Arc::clone(&model), &options, threads);
    let gpu = engine(GpuOptions { max_binding_bytes: Some(narrowest(&model, &options)), ..GpuOptions::default() });
    let mut gpu = GpuSimulation::new(&gpu, Arc::clone(&model), options).unwrap_or_else(|error| panic!("{error}"));
    assert!(gpu.plan().chunks.len() >= 2, "{} chunks", gpu.plan().chunks.len());
    let [wanted, found] = [&mut cpu as &mut dyn Backend, &mut gpu].map(|simulation| {
        let mut weights = simulation.weights(0, 3).expect("there are weights");
        weights.iter_mut().for_each(|w| *w = *w / 4 * 3);
        simulation.set_weights(0, Some(3), &weights).expect("they should be taken");
        assert_ne!(simulation.weights(0, 2).expect("there are weights"), weights);
        let mut weights = simulation.weights(1, 0).expect("there are weights");
        weights.iter_mut().for_each(|w| *w /= 2);
        simulation.set_weights(1, None, &weights).expect("they should be taken");
        simulation.set_outputs(0, &[7, 70_000, -7, 1 << 20]).expect("they should be taken");
        assert_eq!(simulation.outputs(0).expect("outputs"), [7, 70_000, -7, 1 << 20]);
        let first = run_batch(simulation, &[60], batch);
        simulation.reset_keeping(9, Keep { weights: true, traces: true }).expect("the device should reset");
        let kept = simulation.state().expect("the device should read back");
        simulation.run(60).expect("the device should run");
        let second = shown(simulation, batch);
        simulation.reset(3).expect("the device should reset");
        let fresh = simulation.state().expect("the device should read back");
        let plastic = |states: Vec<SampleState>| states.into_iter().map(|state| state.plastic).collect::<Vec<_>>();
        (first, plastic(kept), second, plastic(fresh))
    });
    assert!(found.0 == wanted.0 && found.2 == wanted.2, "runs after setting and after a reset that keeps");
    assert!(found.1 == wanted.1 && found.3 == wanted.3, "states after resets");
    assert!(wanted.3[0].weights[0] != wanted.1[0].weights[0], "a reset restores weights");
}

/// Devices refuse alike: a projection that is filtered or static, one that there is not, an astrocyte that there is not.
fn what_is_not_learned_is_told() {
    let model = variants()[0].network(33);
    let refusals = |simulation: &mut dyn Backend| {
        let model = Arc::clone(simulation.model());
        let mut all = Vec::new();
        let mut refused = |found: Result<(), EngineError>| match found {
            Err(error @ EngineError::Invalid { .. }) => all.push(error.to_string()),
            other => panic!("{other:?}"),
        };
        for index in
            (0..=model.projections.len()).filter(|&k| model.projections.get(k).is_none_or(|p| p.plastic.is_none()))
        {
            refused(simulation.weights(index, 0).map(drop));
            refused(simulation.set_weights(index, None, &[]));
        }
        let astrocytes = model.plastic.astrocytes.len();
        refused(simulation.outputs(astrocytes).map(drop));
        refused(simulation.set_outputs(astrocytes, &[0]));
        all
    };
    for (model, wanted) in [(model, 8), (sized(65), 10)] {
        let cpu = refusals(&mut on_cpu(&model, 5));
        assert_eq!(cpu.len(), wanted, "{cpu:?}");
        for regime in REGIMES {
            assert_eq!(refusals(&mut on_gpu(&model, 5, &forced(regime))), cpu, "{regime:?}");
        }
    }
    let mut simulations = REGIMES.map(|regime| on_gpu(&sized(65), 5, &forced(regime)));
    simulations.iter_mut().for_each(|s| assert!(s.astrocytes().expect("there are none").is_empty()));
}

fn what_does_not_fit_is_told() {
    let model = nalsm(120, 40);
    let make = |options: GpuOptions, batch| {
        GpuSimulation::new(&engine(options), Arc::clone(&model), RunOptions { batch, ..RunOptions::default() })
    };
    let narrow = GpuOptions { max_binding_bytes: Some(4096), ..GpuOptions::default() };
    let error = make(narrow, 2).expect_err("weights of a sample do not fit");
    let EngineError::Limit { what, needed, allowed: 4096, .. } = &error else { panic!("{error}") };
    assert!(what.contains("plastic weights of a sample") && *needed > 4096, "{error}");
    let narrow = GpuOptions { max_binding_bytes: Some(150 << 10), ..GpuOptions::default() };
    let error = make(narrow, 500).expect_err("states of so many samples do not fit");
    assert!(matches!(&error, EngineError::Limit { allowed: 153_600, .. }), "{error}");
    assert!(error.to_string().contains("batch"), "{error}");
    let error = make(GpuOptions { regime: Some(Regime::Lanes), ..GpuOptions::default() }, 2).expect_err("not in lanes");
    assert!(matches!(error, EngineError::Invalid { .. }), "{error}");
    assert_eq!(make(GpuOptions::default(), 1).expect("it should fit").plan().regime, Regime::Resident);
}
