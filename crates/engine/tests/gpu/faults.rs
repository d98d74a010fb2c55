//! Loss of the device, lack of memory, sizes beyond limits: typed errors, no panic, and the other simulations go on.

use std::sync::Arc;

use limnos_engine::gpu::{Gpu, GpuOptions, GpuSimulation, Selector};
use limnos_engine::wgsl::{self, layout};
use limnos_engine::{Backend, EngineError, RunOptions, SourceFeed};
use limnos_spec::twin::device::layout::STRUCTS;
use limnos_spec::twin::device::learning;

use crate::Test;
use crate::networks::{mixed, w5};
use crate::regimes::engine;

pub const TESTS: &[Test] = &[
    ("a_destroyed_device_is_a_lost_one", a_destroyed_device_is_a_lost_one),
    ("a_limit_tells_what_was_needed", a_limit_tells_what_was_needed),
    ("options_are_checked", options_are_checked),
    ("an_unknown_adapter_names_the_known", an_unknown_adapter_names_the_known),
    ("the_device_is_shared", the_device_is_shared),
    ("shared_structs_are_laid_out_alike", shared_structs_are_laid_out_alike),
];

fn a_destroyed_device_is_a_lost_one() {
    let name = engine(GpuOptions::default()).info().name.clone();
    let alone = Gpu::open_alone(&Selector::Named(name), GpuOptions::default()).expect("a second device should open");
    let model = w5(100, 50);
    let mut simulation =
        GpuSimulation::new(&alone, Arc::clone(&model), RunOptions::default()).expect("the network should fit");
    simulation.run(5).expect("the device should run");
    alone.destroy();
    let lost = |error: EngineError| assert!(matches!(error, EngineError::DeviceLost { .. }), "{error}");
    lost(simulation.run(5).expect_err("a lost device runs nothing"));
    lost(simulation.state().expect_err("a lost device has no state"));
    lost(simulation.reset(0).expect_err("a lost device does not come back"));
    lost(GpuSimulation::new(&alone, Arc::clone(&model), RunOptions::default()).expect_err("nor takes a network"));
    // The shared device does not notice.
    let mut other =
        GpuSimulation::new(&engine(GpuOptions::default()), model, RunOptions::default()).expect("it should fit");
    other.run(5).expect("the other device should run");
    assert_eq!(other.state().expect("it has a state").len(), 1);
}

fn a_limit_tells_what_was_needed() {
    let model = mixed(1);
    let gpu = engine(GpuOptions { max_binding_bytes: Some(2048), ..GpuOptions::default() });
    for batch in [1, 100] {
        let options = RunOptions { batch, ..RunOptions::default() };
        let error = GpuSimulation::new(&gpu, Arc::clone(&model), options).expect_err("2048 bytes are too few");
        let EngineError::Limit { needed, allowed, .. } = &error else { panic!("{error}") };
        assert!(needed > allowed && *allowed == 2048, "{error}");
    }
    // A feed beyond the limit is refused, and the simulation goes on with what it had.
    let gpu = engine(GpuOptions { max_binding_bytes: Some(1 << 16), ..GpuOptions::default() });
    let mut simulation = GpuSimulation::new(&gpu, w5(100, 50), RunOptions::default()).expect("the network should fit");
    let values = vec![1 << 28; 50 * 400].into();
    let error =
        simulation.feed_source(0, SourceFeed::Thresholds { rows: 400, values }).expect_err("the feed is too long");
    assert!(matches!(error, EngineError::Limit { needed: 80_000, allowed: 65_536, .. }), "{error}");
    simulation.run(3).expect("the device should run");
}

fn options_are_checked() {
    let name = engine(GpuOptions::default()).info().name.clone();
    for options in [
        GpuOptions { workgroup: 0, ..GpuOptions::default() },
        GpuOptions { workgroup: 48, ..GpuOptions::default() },
        GpuOptions { workgroup: 512, ..GpuOptions::default() },
        GpuOptions { steps_per_submit: 0, ..GpuOptions::default() },
    ] {
        let error = Gpu::open(&Selector::Named(name.clone()), options).expect_err("the options are wrong");
        assert!(matches!(error, EngineError::Invalid { .. }), "{error}");
    }
}

fn an_unknown_adapter_names_the_known() {
    let error = Gpu::open(&Selector::Named("no such thing".into()), GpuOptions::default()).expect_err("there is none");
    let EngineError::NoDevice { wanted, available } = &error else { panic!("{error}") };
    assert_eq!(wanted, "no such thing");
    assert!(Gpu::list().iter().all(|info| available.contains(&info.name)), "{available}");
}

fn the_device_is_shared() {
    let wide = engine(GpuOptions { workgroup: 256, ..GpuOptions::default() });
    let narrow = engine(GpuOptions { max_binding_bytes: Some(4096), ..GpuOptions::default() });
    assert_eq!(wide.info(), narrow.info());
    assert_eq!((wide.options().workgroup, narrow.limits().binding_bytes), (256, 4096));
    let again = wide.with(GpuOptions::default()).expect("the defaults are right");
    assert_eq!(again.options(), GpuOptions::default());
}

/// Every shared struct of the twins is the WGSL struct of its name.
fn shared_structs_are_laid_out_alike() {
    for (module, shared) in [("common/layout", STRUCTS), ("common/learning", learning::STRUCTS)] {
        let source = wgsl::link(module).unwrap_or_else(|error| panic!("{error}"));
        let structs = wgsl::structs(&wgsl::parse(&source).unwrap_or_else(|error| panic!("{error}")));
        assert_eq!(structs.len(), shared.len(), "every struct of the module is shared");
        for rust in shared {
            layout::compare(rust, &structs).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
