//! Whole simulations on the device equal the plain simulator of the twins, word for word, in every regime.

use std::sync::{Arc, OnceLock};

use limnos_engine::digest::Digest;
use limnos_engine::gpu::{AdapterKind, Gpu, GpuOptions, GpuSimulation, Regime, Selector};
use limnos_engine::{
    Backend, Counts, CpuSimulation, CpuThreads, CurrentFeed, Observe, Potentials, RunOptions, SampleState, SourceFeed,
    Traces,
};
use limnos_spec::twin::device::observe::trace_constants;
use limnos_spec::twin::observe::trace;
use limnos_spec::{Model, rng};

use crate::Test;
use crate::networks::{mixed, sized, volley, w1, w5};
use crate::reference::Reference;

pub const TESTS: &[Test] = &[
    ("w1_equals_the_plain_simulator", w1_equals_the_plain_simulator),
    ("everything_at_once_equals_the_plain_simulator", everything_at_once_equals_the_plain_simulator),
    ("batches_equal_samples_alone", batches_equal_samples_alone),
    ("a_batch_of_w5_equals_samples_alone", a_batch_of_w5_equals_samples_alone),
    ("every_size_in_every_regime", every_size_in_every_regime),
    ("no_step_is_too_long_for_a_driver", no_step_is_too_long_for_a_driver),
    ("the_plan_chooses_the_regime", the_plan_chooses_the_regime),
    ("a_regime_that_cannot_serve_says_why", a_regime_that_cannot_serve_says_why),
    ("neither_workgroups_nor_submissions_show", neither_workgroups_nor_submissions_show),
    ("shards_do_not_show", shards_do_not_show),
    ("more_workgroups_than_one_dimension_holds", more_workgroups_than_one_dimension_holds),
    ("a_run_in_pieces_and_a_reset_equal_one_run", a_run_in_pieces_and_a_reset_equal_one_run),
    ("recordings_start_anew_and_traces_go_on", recordings_start_anew_and_traces_go_on),
    ("the_cpu_device_gives_the_same", the_cpu_device_gives_the_same),
    ("one_wrong_word_of_the_network_is_found", one_wrong_word_of_the_network_is_found),
];

/// The engine's device for tests: hardware where there is any, else a software driver by its name.
pub fn engine(options: GpuOptions) -> Gpu {
    static NAME: OnceLock<String> = OnceLock::new();
    let name = NAME.get_or_init(|| match std::env::var("LIMNOS_DEVICE") {
        Ok(part) if part != "gpu" && !part.is_empty() => part,
        _ => {
            Gpu::list()
                .into_iter()
                .min_by_key(|info| if info.kind == AdapterKind::Other { AdapterKind::Software } else { info.kind })
                .expect("no GPU adapter; install a driver (Debian: mesa-vulkan-drivers) or set LIMNOS_NO_GPU=1")
                .name
        }
    });
    Gpu::open(&Selector::Named(name.clone()), options).unwrap_or_else(|error| panic!("{error}"))
}

/// All that a run shows.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    spikes: Vec<u32>,
    counts: Vec<u32>,
    traces: Vec<i32>,
    potentials: Vec<i32>,
    rates: Vec<u32>,
    states: Vec<SampleState>,
}

const STEPS: u32 = 60;
const TAU: f64 = 20.0;

/// Everything is observed.
pub fn options(model: &Model, batch: usize, first_sample: u32) -> RunOptions {
    let last = model.populations.len() - 1;
    let population = |index: usize| {
        let name = &model.populations[index].name;
        let mut ids = limnos_spec::Network::new(limnos_spec::NetworkConfig::default());
        (0..=index).map(|_| ids.add_population(name, 1, limnos_spec::Lif::default())).last().expect("index + 1 ids")
    };
    let probes = vec![(population(0), 0), (population(last), model.populations[last].size - 1), (population(0), 3)];
    RunOptions {
        batch,
        first_sample,
        observe: Observe {
            counts: Some(Counts { windows: STEPS.div_ceil(7), window_steps: Some(7) }),
            spikes: Some(STEPS),
            traces: Some(Traces { tau: TAU, at_steps: vec![0, 13, STEPS - 1] }),
            potentials: Some(Potentials { neurons: probes, steps: STEPS }),
            rates: Some(STEPS),
            ..Observe::default()
        },
    }
}

pub fn outcome(simulation: &mut dyn Backend) -> Outcome {
    let read = "the device should read back";
    Outcome {
        spikes: simulation.spikes().expect(read),
        counts: simulation.counts().expect(read),
        traces: simulation.traces().expect(read),
        potentials: simulation.potentials().expect(read),
        rates: simulation.rates().expect(read),
        states: simulation.state().expect(read),
    }
}

/// Feeds of all kinds for a batch: thresholds by step for the first input, spikes for the last, currents for the first population.
fn feeds(model: &Model, batch: usize, rows: u32) -> (Vec<SourceFeed>, CurrentFeed) {
    let words =
        |count: usize, salt: u32| -> Vec<u32> { (0..count).map(|i| rng::word(salt, i as u32, 1, 2, [3, 4])).collect() };
    let first = model.inputs[0].size;
    let thresholds =
        words(batch * rows as usize * first, 1).into_iter().map(|w| if w % 50 == 0 { u32::MAX } else { w >> 4 });
    let last = model.inputs[model.inputs.len() - 1].size.div_ceil(32);
    let bits = words(batch * rows as usize * last, 2).into_iter().zip(words(batch * rows as usize * last, 3));
    let size = model.populations[0].size;
    let currents = words(batch * rows as usize * size, 5).into_iter().map(|w| (w as i32) >> 12);
    (
        vec![
            SourceFeed::Thresholds { rows, values: thresholds.collect() },
            SourceFeed::Spikes { rows, bits: bits.map(|(a, b)| a & b & (b >> 3)).collect() },
        ],
        CurrentFeed { rows, values: currents.collect() },
    )
}

/// A run of the plain simulator, sample by sample, in the layouts of the seam.
pub fn expected(model: &Arc<Model>, options: &RunOptions, fed: bool) -> Outcome {
    let batch = options.batch.max(1);
    let (sources, current) =
        if fed { feeds(model, batch, STEPS - 10) } else { (Vec::new(), CurrentFeed { rows: 1, values: [].into() }) };
    let samples: Vec<_> = (0..batch)
        .map(|lane| {
            let mut reference = Reference::new(model, options.first_sample, lane);
            let mut words = Vec::new();
            let mut probes = Vec::new();
            for step in 0..STEPS {
                if fed && step == 10 {
                    reference.feed_source(0, sources[0].clone());
                    reference.feed_source(model.inputs.len() - 1, sources[1].clone());
                    reference.feed_current(0, Some(current.clone()));
                }
                words.push(reference.step());
                let fields = reference.state().fields;
                let potentials = options.observe.potentials.as_ref().expect("potentials are observed");
                let cell = |&(p, i): &(limnos_spec::PopulationId, usize)| model.populations[p.index()].first + i;
                probes.push(potentials.neurons.iter().map(|probe| fields[cell(probe)]).collect::<Vec<_>>());
            }
            (words, probes, reference.state())
        })
        .collect();
    let steps = 0..STEPS as usize;
    Outcome {
        spikes: steps.clone().flat_map(|t| samples.iter().flat_map(move |s| s.0[t].clone())).collect(),
        counts: samples.iter().flat_map(|s| counts(model, &s.0)).collect(),
        traces: samples.iter().flat_map(|s| traces(model, &s.0)).collect(),
        potentials: steps.clone().flat_map(|t| samples.iter().flat_map(move |s| s.1[t].clone())).collect(),
        rates: steps.flat_map(|t| samples.iter().flat_map(move |s| rates(model, &s.0[t]))).collect(),
        states: samples.iter().map(|s| s.2.clone()).collect(),
    }
}

fn counts(model: &Model, words: &[Vec<u32>]) -> Vec<u32> {
    let count = |window: &[Vec<u32>], cell: usize| window.iter().map(|step| step[cell / 32] >> (cell % 32) & 1).sum();
    words.chunks(7).flat_map(|window| (0..model.layout.cells).map(move |cell| count(window, cell))).collect()
}

fn traces(model: &Model, words: &[Vec<u32>]) -> Vec<i32> {
    let (decay, one) = trace_constants(model.dt, TAU);
    let mut now = vec![0; model.layout.cells];
    let mut samples = Vec::new();
    for (step, words) in words.iter().enumerate() {
        words.iter().zip(now.chunks_mut(32)).for_each(|(&word, traces)| trace(traces, word, decay, one));
        if [0, 13, STEPS as usize - 1].contains(&step) {
            samples.extend_from_slice(&now);
        }
    }
    samples
}

fn rates(model: &Model, words: &[u32]) -> Vec<u32> {
    let of = |p: &limnos_spec::PopulationModel| {
        p.cells().filter(|cell| words[cell / 32] >> (cell % 32) & 1 == 1).count() as u32
    };
    model.populations.iter().map(of).collect()
}

pub fn on_device(model: &Arc<Model>, options: &RunOptions, gpu: &Gpu, fed: bool) -> Outcome {
    let mut simulation = GpuSimulation::new(gpu, Arc::clone(model), options.clone()).unwrap_or_else(|e| panic!("{e}"));
    drive(&mut simulation, options.batch.max(1), fed);
    outcome(&mut simulation)
}

fn drive(simulation: &mut dyn Backend, batch: usize, fed: bool) {
    let model = Arc::clone(simulation.model());
    if fed {
        simulation.run(10).expect("the device should run");
        let (sources, current) = feeds(&model, batch, STEPS - 10);
        simulation.feed_source(0, sources[0].clone()).expect("the feed should fit");
        simulation.feed_source(model.inputs.len() - 1, sources[1].clone()).expect("the feed should fit");
        simulation.feed_current(0, Some(current)).expect("the feed should fit");
        simulation.run(STEPS - 10).expect("the device should run");
    } else {
        simulation.run(STEPS).expect("the device should run");
    }
}

/// Fails with the first part that differs, and shows that something happened at all.
pub fn compare(found: &Outcome, wanted: &Outcome) {
    let spikes: u32 = wanted.spikes.iter().map(|word| word.count_ones()).sum();
    assert!(spikes > 100, "the network is too quiet to show anything: {spikes} spikes");
    same(found, wanted);
}

/// Fails with the first part that differs.
fn same(found: &Outcome, wanted: &Outcome) {
    let differ = |a: &[u32], b: &[u32]| a.iter().zip(b).position(|(a, b)| a != b);
    assert_eq!(found.spikes.len(), wanted.spikes.len());
    assert_eq!(differ(&found.spikes, &wanted.spikes), None, "first wrong word of {} spike words", wanted.spikes.len());
    assert!(found.states == wanted.states, "the state");
    assert!(found.counts == wanted.counts, "the counts");
    assert!(found.traces == wanted.traces, "the traces");
    assert!(found.potentials == wanted.potentials, "the potentials");
    assert!(found.rates == wanted.rates, "the rates");
}

/// The regimes that serve a batch.
fn regimes(batch: usize) -> impl Iterator<Item = Regime> {
    [Regime::Event, Regime::Lanes, Regime::Resident].into_iter().filter(move |r| batch == 1 || *r != Regime::Event)
}

/// The device that takes a regime.
pub fn forced(regime: Regime) -> Gpu {
    engine(GpuOptions { regime: Some(regime), ..GpuOptions::default() })
}

fn w1_equals_the_plain_simulator() {
    let model = w1(500, 3);
    let options = options(&model, 1, 0);
    let wanted = expected(&model, &options, false);
    regimes(1).for_each(|regime| compare(&on_device(&model, &options, &forced(regime), false), &wanted));
}

fn everything_at_once_equals_the_plain_simulator() {
    for scale in [1, 3] {
        let model = mixed(scale);
        let options = options(&model, 1, 7);
        let wanted = expected(&model, &options, true);
        regimes(1).for_each(|regime| compare(&on_device(&model, &options, &forced(regime), true), &wanted));
    }
}

fn batches_equal_samples_alone() {
    let model = mixed(1);
    for batch in [2, 31, 32, 33, 65] {
        let options = options(&model, batch, 11);
        let wanted = expected(&model, &options, true);
        regimes(batch).for_each(|regime| compare(&on_device(&model, &options, &forced(regime), true), &wanted));
    }
}

fn a_batch_of_w5_equals_samples_alone() {
    let model = w5(200, 100);
    let mut options = options(&model, 40, 0);
    let wanted = expected(&model, &options, false);
    for regime in regimes(40) {
        options.batch = 40;
        options.first_sample = 0;
        let batch = on_device(&model, &options, &forced(regime), false);
        compare(&batch, &wanted);
        (options.batch, options.first_sample) = (1, 17);
        let alone = on_device(&model, &options, &forced(regime), false);
        assert_eq!(batch.states[17], alone.states[0]);
        let words = alone.counts.len();
        assert_eq!(batch.counts[17 * words..18 * words], alone.counts);
    }
}

/// Sizes around words, workgroups and what workgroup memory holds: every regime, the plain simulator and the CPU device agree, digest included.
fn every_size_in_every_regime() {
    for size in [1, 31, 32, 33, 63, 64, 65, 257, 4097] {
        let model = sized(size);
        for batch in if size > 1000 { vec![1, 2] } else { vec![1, 2, 33] } {
            let options = options(&model, batch, 3);
            let wanted = expected(&model, &options, true);
            assert!(wanted.counts.iter().sum::<u32>() as usize >= 3 * size.min(99), "size {size} is too quiet");
            for regime in regimes(batch) {
                for workgroup in if size > 1000 { vec![64] } else { vec![32, 64, 256] } {
                    let gpu = engine(GpuOptions { regime: Some(regime), workgroup, ..GpuOptions::default() });
                    let found = on_device(&model, &options, &gpu, true);
                    same(&found, &wanted);
                    assert_eq!(digests(&model, &found), digests(&model, &wanted), "size {size}, batch {batch}");
                }
            }
            let mut cpu = CpuSimulation::new(
                Arc::clone(&model),
                &options,
                Arc::new(CpuThreads::new(1).expect("a thread should start")),
            );
            drive(&mut cpu, batch, true);
            assert_eq!(digests(&model, &outcome(&mut cpu)), digests(&model, &wanted), "size {size}, batch {batch}");
        }
    }
}

/// Every source spikes in every step, for as many steps as a driver may be given at a time: a software driver ends loops early, unasked.
fn no_step_is_too_long_for_a_driver() {
    let mut net = limnos_spec::Network::new(limnos_spec::NetworkConfig { dt: 1.0, seed: 3 });
    let source = net.add_source("all", 900, limnos_spec::Source::Bernoulli(limnos_spec::Distribution::Constant(1.0)));
    let lif = limnos_spec::Lif { tau_refrac: 0.0, i_offset: 900.0, ..limnos_spec::Lif::default() };
    let p = net.add_population("p", 900, lif);
    net.connect(source, p, limnos_spec::Connector::FixedOutDegree(40), 0.1);
    net.connect(p, p, limnos_spec::Connector::FixedOutDegree(90), limnos_spec::Weights::signed(0.1));
    let model = Arc::new(Model::new(&net).expect("the network is valid"));
    let observe = Observe { counts: Some(Counts { windows: 1, window_steps: None }), ..Observe::default() };
    let options = RunOptions { observe, ..RunOptions::default() };
    let run = |regime| {
        let gpu = engine(GpuOptions { regime: Some(regime), steps_per_submit: 1000, ..GpuOptions::default() });
        let mut simulation = GpuSimulation::new(&gpu, Arc::clone(&model), options.clone()).expect("it should fit");
        simulation.run(150).expect("the device should run");
        (simulation.counts().expect("counts are observed"), simulation.state().expect("the device should read back"))
    };
    let (counts, states) = run(Regime::Event);
    assert!(counts.iter().take(900).all(|&count| count >= 149), "every neuron spikes in every step");
    assert!((counts, states) == run(Regime::Resident));
}

fn digests(model: &Model, outcome: &Outcome) -> Vec<u64> {
    let mut digest = Digest::new(outcome.states.len());
    digest.push(model, &outcome.spikes);
    digest.finish(model, &outcome.states)
}

/// Unasked, small networks are resident, large ones are not.
fn the_plan_chooses_the_regime() {
    let gpu = engine(GpuOptions::default());
    let regime = |model: &Arc<Model>, batch| {
        let options = RunOptions { batch, ..RunOptions::default() };
        GpuSimulation::new(&gpu, Arc::clone(model), options).expect("it should fit").plan().regime
    };
    assert_eq!((regime(&sized(65), 1), regime(&sized(257), 33)), (Regime::Resident, Regime::Resident));
    let large = volley(20_000);
    assert_eq!((regime(&large, 1), regime(&large, 2)), (Regime::Event, Regime::Lanes));
}

fn a_regime_that_cannot_serve_says_why() {
    let model = sized(65);
    let options = RunOptions { batch: 2, ..RunOptions::default() };
    let error = GpuSimulation::new(&forced(Regime::Event), Arc::clone(&model), options).expect_err("one sample alone");
    assert!(matches!(error, limnos_engine::EngineError::Invalid { .. }), "{error}");
    assert!(error.to_string().contains("Event for a batch of 2 samples"), "{error}");
    // 16 to 48 KiB of workgroup memory hold the spikes of 64 to 196 thousand cells.
    let error = GpuSimulation::new(&forced(Regime::Resident), volley(500_000), RunOptions::default());
    let error = error.expect_err("too many cells for one workgroup");
    let limnos_engine::EngineError::Limit { what, needed, allowed, .. } = &error else { panic!("{error}") };
    assert!(what.contains("workgroup memory") && needed > allowed, "{error}");
}

fn neither_workgroups_nor_submissions_show() {
    let model = mixed(3);
    let (one, many) = (options(&model, 1, 2), options(&model, 33, 2));
    let (wanted_one, wanted_many) = (expected(&model, &one, true), expected(&model, &many, true));
    for (workgroup, steps_per_submit) in [(32, 1), (64, 7), (128, 1000), (256, 13)] {
        for regime in regimes(1) {
            let options = GpuOptions { workgroup, steps_per_submit, regime: Some(regime), ..GpuOptions::default() };
            compare(&on_device(&model, &one, &engine(options), true), &wanted_one);
            if regime != Regime::Event {
                compare(&on_device(&model, &many, &engine(options), true), &wanted_many);
            }
        }
    }
}

/// Under a low limit the synapses are cut into many tables, and nothing else changes.
fn shards_do_not_show() {
    for (model, limit, least) in [(w5(1000, 784), 64 << 10, 7), (mixed(6), 256 << 10, 4)] {
        let options = options(&model, 1, 3);
        let gpu = engine(GpuOptions { max_binding_bytes: Some(limit), ..GpuOptions::default() });
        let simulation =
            GpuSimulation::new(&gpu, Arc::clone(&model), options.clone()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(simulation.plan().regime, Regime::Event, "its tables are too large for one binding");
        assert!(simulation.plan().shards.len() >= least, "{} shards", simulation.plan().shards.len());
        assert!(simulation.plan().memory().iter().all(|(_, bytes)| *bytes <= limit));
        compare(&on_device(&model, &options, &gpu, false), &expected(&model, &options, false));
    }
}

/// More than 65 535 spikes in a step, and more than 65 535 workgroups of a batch.
fn more_workgroups_than_one_dimension_holds() {
    let gpu = engine(GpuOptions { workgroup: 32, ..GpuOptions::default() });
    for (neurons, batch) in [(70_000, 1), (40_000, 64)] {
        let model = volley(neurons);
        let last = batch as u32 - 1;
        let mut simulation =
            GpuSimulation::new(&gpu, Arc::clone(&model), RunOptions { batch, ..RunOptions::default() })
                .expect("it should fit");
        let mut reference = Reference::new(&model, 0, last as usize);
        let spikes: Vec<u32> =
            (0..5).map(|_| reference.step().iter().map(|word| word.count_ones()).sum::<u32>()).collect();
        assert!(spikes.iter().any(|&count| count as usize > neurons * 19 / 20), "{spikes:?}");
        simulation.run(5).expect("the device should run");
        let states = simulation.state().expect("the device should read back");
        assert!(states[last as usize] == reference.state(), "{neurons} neurons, sample {last}");
    }
}

fn a_run_in_pieces_and_a_reset_equal_one_run() {
    for (batch, regime) in [1, 5].into_iter().flat_map(|batch| regimes(batch).map(move |regime| (batch, regime))) {
        let model = w5(200, 100);
        let options = options(&model, batch, 0);
        let gpu = forced(regime);
        let whole = on_device(&model, &options, &gpu, false);
        let mut simulation = GpuSimulation::new(&gpu, Arc::clone(&model), options).unwrap_or_else(|e| panic!("{e}"));
        simulation.run(17).expect("the device should run");
        simulation.reset(0).expect("the device should reset");
        [1, 2, 30, STEPS - 33].into_iter().for_each(|steps| simulation.run(steps).expect("the device should run"));
        compare(&outcome(&mut simulation), &whole);
    }
}

/// After a clearing, what is read covers the steps since; traces and state are those of the whole run.
fn recordings_start_anew_and_traces_go_on() {
    let model = w5(200, 100);
    for (batch, regime) in [1, 34].into_iter().flat_map(|batch| regimes(batch).map(move |regime| (batch, regime))) {
        let options = options(&model, batch, 0);
        let gpu = forced(regime);
        let whole = on_device(&model, &options, &gpu, false);
        let mut simulation = GpuSimulation::new(&gpu, Arc::clone(&model), options).unwrap_or_else(|e| panic!("{e}"));
        simulation.run(STEPS - 14).expect("the device should run");
        simulation.clear_recordings().expect("the device should clear");
        assert_eq!(simulation.traces().expect("traces are observed"), []);
        simulation.run(14).expect("the device should run");
        let found = outcome(&mut simulation);
        let tail = whole.spikes.len() / STEPS as usize * 14;
        assert_eq!(found.spikes, whole.spikes[whole.spikes.len() - tail..]);
        assert_eq!(found.rates.len(), 14 * batch);
        assert_eq!(found.rates, whole.rates[whole.rates.len() - 14 * batch..]);
        // Sampled after step 13 of the recording, which is the last step of the run.
        let (cells, samples) = (model.layout.cells, 3 * model.layout.cells);
        for sample in 0..batch {
            let last = &whole.traces[sample * samples + 2 * cells..(sample + 1) * samples];
            assert_eq!(&found.traces[sample * 2 * cells + cells..(sample + 1) * 2 * cells], last, "sample {sample}");
        }
        assert!(found.states == whole.states);
        let counts: u32 = found.counts.iter().sum();
        assert_eq!(counts, found.spikes.iter().map(|word| word.count_ones()).sum::<u32>());
    }
}

/// Devices differ in what padding holds, which nothing reads: it is blanked.
fn without_padding(model: &Model, mut outcome: Outcome) -> Outcome {
    let real = |cell: usize| model.populations.iter().any(|p| p.cells().contains(&cell));
    let cells = model.layout.cells;
    for state in &mut outcome.states {
        for (i, word) in state.fields.iter_mut().enumerate().filter(|(i, _)| !real(i % cells)) {
            *word = i as i32;
        }
    }
    outcome
}

fn the_cpu_device_gives_the_same() {
    let model = mixed(2);
    for batch in [1, 7] {
        let options = options(&model, batch, 4);
        let threads = CpuThreads::new(2).expect("two threads should start");
        let mut cpu = CpuSimulation::new(Arc::clone(&model), &options, Arc::new(threads));
        drive(&mut cpu, batch, true);
        let wanted = without_padding(&model, outcome(&mut cpu));
        for regime in regimes(batch) {
            let found = on_device(&model, &options, &forced(regime), true);
            compare(&without_padding(&model, found), &wanted);
        }
    }
}

/// The comparison can fail: one weight that is one step off changes the outcome.
fn one_wrong_word_of_the_network_is_found() {
    let model = w5(200, 100);
    let mut wrong = Model::clone(&model);
    if let limnos_spec::connect::SynapseWeights::Constant(weight) = &mut wrong.projections[0].synapses.weights {
        *weight += 1;
    }
    for (batch, regime) in [1, 3].into_iter().flat_map(|batch| regimes(batch).map(move |regime| (batch, regime))) {
        let options = options(&model, batch, 0);
        let found = on_device(&Arc::new(wrong.clone()), &options, &forced(regime), false);
        assert_ne!(found, expected(&model, &options, false));
    }
}
