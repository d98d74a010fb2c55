//! W4 beside scikit-learn's answer on the same weights, across precisions and devices; the drawn weights; the report's keys.

use std::path::PathBuf;

use limnos_bench::measure::Stage;
use limnos_bench::report::W4Report;
use limnos_bench::workload::{W4, W4Outcome};
use limnos_engine::Device;
use limnos_engine::rate::Precision;

use crate::cli::json;
use crate::runs::{cpus, first, gpus};

/// 60 units with 5 connections each and 801 values of the series, as SciPy drew them, and the error of scikit-learn's forecast:
/// `python benches/matrices.py --peers DIR --of scipy --n 60 --degree 5 --steps 800 --answer` with NumPy 2.4.6, SciPy 1.17.1, scikit-learn 1.9.1.
fn file() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/w4.npz"))
}

fn of_file(precision: Precision) -> W4 {
    W4 { n: 60, steps: 800, precision, matrices: Some(file()), ..W4::default() }
}

fn run(device: &Device, workload: &W4) -> W4Outcome {
    workload.run(device, 2, &mut |_: Stage| ()).expect("the workload should run")
}

fn error(device: &Device, workload: &W4) -> f64 {
    run(device, workload).nrmse.expect("a readout is fitted")
}

fn answer() -> f64 {
    let file = limnos::tasks::read_npz(file()).expect("the file should be read");
    file.get("nrmse").and_then(|a| a.to_f64()).expect("it should hold the answer")[0]
}

#[test]
fn the_error_is_that_of_scikit_learn_on_the_same_weights() {
    let answer = answer();
    for (name, device) in cpus() {
        let exact = error(&device, &of_file(Precision::F64));
        assert!((exact / answer - 1.0).abs() < 1e-7, "{name}: {exact} for {answer}");
        let single = error(&device, &of_file(Precision::F32));
        assert!((single / answer - 1.0).abs() < 1e-3, "{name}: {single} for {answer}");
    }
    // What would not be noticed is no test: another warm-up or penalty is another error.
    let other = W4 { warmup: 99, ..of_file(Precision::F64) };
    assert!((error(&first(), &other) / answer - 1.0).abs() > 1e-6);
    let other = W4 { alpha: 1e-5, ..of_file(Precision::F64) };
    assert!((error(&first(), &other) / answer - 1.0).abs() > 1e-3);
}

#[test]
fn gpus_give_the_error_of_single_precision() {
    let answer = answer();
    for (name, device) in gpus(&[64]) {
        let found = error(&device, &of_file(Precision::F32));
        assert!((found / answer - 1.0).abs() < 1e-3, "{name}: {found} for {answer}");
    }
}

#[test]
fn drawn_weights_forecast_the_series() {
    let workload = W4 { n: 200, steps: 3000, ..W4::default() };
    let outcome = run(&first(), &workload);
    let nrmse = outcome.nrmse.expect("a readout is fitted");
    // SciPy's script: 0.0042 with 100 units, 0.0007 with 1000; its last value as the forecast gives 0.17.
    assert!((3e-4..6e-3).contains(&nrmse), "{nrmse}");
    assert_eq!((outcome.recurrent, outcome.input), (2000, 200));
    assert_eq!(error(&first(), &workload), nrmse, "a seed gives one reservoir");
    assert_ne!(error(&first(), &W4 { seed: 2, ..workload }), nrmse);
}

#[test]
fn a_run_without_a_fit_says_so() {
    let w4 = W4 { n: 60, steps: 50, fit: false, keep_states: false, ..W4::default() };
    let outcome = run(&first(), &w4);
    assert_eq!((outcome.fit_s, outcome.nrmse), (None, None));
    let kept = run(&first(), &W4 { keep_states: true, ..w4 });
    assert_eq!((kept.fit_s, kept.recurrent), (None, outcome.recurrent));
}

/// What the scripts of other simulators print for w4.
const COMMON: &str = "peer version workload variant threads drive neurons synapses steps copies sim_wall_s sim_cpu_s build_s spikes rate_hz \
    syn_events_per_s neuron_updates_per_s peak_rss_mb loadavg1 python fit_s steps_per_s nrmse dtype";

#[test]
fn json_has_every_key() {
    let report = json("bench w4 --n 80 --steps 300 --device cpu --threads 1 --json");
    let object = report.as_object().expect("an object");
    for key in COMMON.split_whitespace() {
        assert!(object.contains_key(key), "no key {key}");
    }
    let documented: Vec<_> = W4Report::KEYS.iter().map(|(key, _)| *key).collect();
    assert!(object.keys().all(|k| documented.contains(&k.as_str())) && object.len() == documented.len());
    let of = |key: &str| report[key].as_f64().unwrap_or_else(|| panic!("{key} should be a number"));
    assert_eq!(
        (of("neurons"), of("synapses"), of("steps"), of("threads"), of("warmup")),
        (80.0, 800.0, 300.0, 1.0, 100.0)
    );
    assert!((of("steps_per_s") * of("sim_wall_s") / 300.0 - 1.0).abs() < 0.1);
    assert!(of("fit_s") >= 0.0 && report["dtype"] == "float32" && report["states_kept"] == true);
    let report = json("bench w4 --n 80 --steps 300 --no-fit --precision f64 --degree 3 --device cpu --json");
    assert!(report["nrmse"].is_null() && report["fit_s"].is_null() && report["states_kept"] == false);
    assert!(report["dtype"] == "float64" && report["synapses"] == 240);
}
