//! Plans are made from descriptions alone, and say what a device will hold.

use limnos_engine::gpu::plan::{GpuPlan, Limits, Regime, Sizes};
use limnos_engine::{Counts, Device, EngineError, Observe, Plan, RunOptions};
use limnos_spec::{Connector, Distribution, Lif, Model, Network, NetworkConfig};

use crate::cpu::mixed;
use crate::plastic::{VARIANTS, learning};

fn options(batch: usize) -> RunOptions {
    let observe =
        Observe { counts: Some(Counts { windows: 3, window_steps: Some(10) }), spikes: Some(30), ..Observe::default() };
    RunOptions { batch, first_sample: 0, observe }
}

#[test]
fn a_description_plans_what_its_model_needs() {
    for size in [1, 33, 257] {
        // Delays that are drawn between bounds are planned at their upper bound, which a small network may not reach.
        let net = mixed(size);
        let model = Model::new(&net).unwrap();
        for batch in [1, 40] {
            let planned = Plan::gpu(&net, &options(batch), &Limits::WEBGPU, 64).unwrap();
            let exact = GpuPlan::new(&Sizes::of(&model), &options(batch), &Limits::WEBGPU, 64).unwrap();
            assert_eq!(planned.memory(), exact.memory(), "size {size}, batch {batch}");
            assert_eq!(planned.on_gpu().unwrap().dispatches, exact.dispatches);
        }
    }
}

#[test]
fn what_a_network_learns_with_is_planned_too() {
    let observe = Observe { astrocytes: Some(20), ..options(1).observe };
    let options = RunOptions { observe, ..options(1) };
    for (size, v) in [(33, &VARIANTS[0]), (140, &VARIANTS[1]), (140, &VARIANTS[7])] {
        let net = learning(size, *v);
        let model = Model::new(&net).unwrap();
        for limit in [128 << 20, 64 << 10] {
            let limits = Limits { binding_bytes: limit, ..Limits::WEBGPU };
            let event = Some(Regime::Event);
            let planned = Plan::gpu_in_regime(event, &net, &options, &limits, 64).unwrap();
            let exact = GpuPlan::in_regime(Regime::Event, &Sizes::of(&model), &options, &limits, 64).unwrap();
            assert_eq!(planned.memory(), exact.memory(), "size {size}, limit {limit}");
            let plan = planned.on_gpu().unwrap();
            assert_eq!(plan, &exact);
            let shards = &plan.learning.as_ref().unwrap().shards;
            assert!((limit > 1 << 20) == (shards.len() == 1) || size < 100, "{} shards", shards.len());
            let synapses: u64 = shards.iter().flat_map(|s| &s.pieces).map(|p| p.synapses).sum();
            let learned = model.plastic.projections.iter().map(|p| model.projections[p.projection].synapses.len());
            assert_eq!(synapses, learned.sum::<usize>() as u64);
        }
        for batch in [1, 3] {
            let options = RunOptions { batch, ..options.clone() };
            let planned = Plan::gpu(&net, &options, &Limits::WEBGPU, 64).unwrap();
            let exact = GpuPlan::new(&Sizes::of(&model), &options, &Limits::WEBGPU, 64).unwrap();
            assert_eq!(planned.on_gpu().unwrap(), &exact);
            assert_eq!(kernels_of(&planned), ["resident_plastic"]);
        }
        let event = Some(Regime::Event);
        let kernels = kernels_of(&Plan::gpu_in_regime(event, &net, &options, &Limits::WEBGPU, 64).unwrap());
        let early = ["source_step", "prepare", "learn_events", "prepare", "learn_deliver", "neuron_step"];
        let late = ["learn_events", "prepare", "prepare", "deliver", "learn_deliver"];
        let end = ["stdp_changes", "stdp", "learn_finish", "astrocyte_step", "observe"];
        assert_eq!(kernels, [&early[..], &late, &end].concat());
    }
}

fn kernels_of(plan: &Plan) -> Vec<&'static str> {
    plan.on_gpu().unwrap().dispatches.iter().map(|d| d.kernel.trim_start_matches("kernels/")).collect()
}

#[test]
fn memory_follows_from_sizes() {
    let mut net = Network::new(NetworkConfig::default());
    let p = net.add_population("p", 1000, Lif::default());
    net.connect(p, p, Connector::FixedOutDegree(100), Distribution::normal(0.1, 0.01)).delays(3);
    let plan = Plan::cpu(&net, &options(4), 2).unwrap();
    let bytes = |name: &str| plan.memory().iter().find(|(n, _)| n.contains(name)).map(|(_, b)| *b).unwrap();
    let cells = 1024;
    assert_eq!(bytes("state"), 4 * 4 * cells * 2, "potential and refractory steps");
    assert_eq!(bytes("delay ring"), 4 * 4 * cells * 3);
    assert_eq!(bytes("spike counts"), 4 * 4 * cells * 3);
    assert_eq!(bytes("recorded spikes"), 4 * 4 * cells / 32 * 30);
    assert_eq!(bytes("synapses"), 100_000 * 4 + 2 * 4 * 1001, "16-bit targets and weights; two blocks of rows");
    assert_eq!(plan.total_bytes(), plan.memory().iter().map(|(_, b)| b).sum::<u64>());
    assert_eq!(Device::cpu_threads(2).unwrap().plan(&net, &options(4)).unwrap(), plan);
}

#[test]
fn a_limit_says_what_is_needed_and_allowed() {
    let mut net = Network::new(NetworkConfig::default());
    let p = net.add_population("p", 100_000, Lif::default());
    net.connect(p, p, Connector::FixedOutDegree(10), 0.1);
    let limits = Limits { binding_bytes: 64 << 10, ..Limits::WEBGPU };
    match Plan::gpu(&net, &RunOptions::default(), &limits, 64) {
        Err(EngineError::Limit { needed, allowed, .. }) => assert!(needed > allowed && allowed == 64 << 10),
        other => panic!("a limit should be reported, not {other:?}"),
    }
    let shards = |binding_bytes| {
        let limits = Limits { binding_bytes, ..Limits::WEBGPU };
        Plan::gpu(&net, &RunOptions::default(), &limits, 64).unwrap().on_gpu().unwrap().shards.len()
    };
    assert_eq!(shards(128 << 20), 1);
    assert!(shards(1 << 20) > 3, "4 MB of targets do not fit one binding of 1 MiB");
}
