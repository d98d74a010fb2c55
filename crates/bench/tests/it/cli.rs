//! The `limnos` command: exit codes, errors, and the JSON that scripts rely on.

use std::process::{Command, Output};

use limnos_bench::report::Report;
use serde_json::Value;

fn limnos(arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limnos"));
    // Mesa complains on standard error where there is no such folder.
    command.env_remove("LIMNOS_DEVICE").env("XDG_RUNTIME_DIR", env!("CARGO_TARGET_TMPDIR"));
    command.args(arguments.split_whitespace()).output().expect("the command should start")
}

pub fn json(arguments: &str) -> Value {
    let output = limnos(arguments);
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(stdout.lines().last().expect("a line")).expect("the last line should be JSON")
}

/// What the scripts of other simulators print.
const COMMON: &str = "peer version workload variant threads drive neurons synapses steps copies sim_wall_s sim_cpu_s build_s spikes rate_hz \
    syn_events_per_s neuron_updates_per_s peak_rss_mb loadavg1 python";

#[test]
fn json_has_every_key() {
    for arguments in ["w1 --n 500", "w2 --n 500", "w3 --n 500 --steps 100", "w5 --batch 4 --steps 20", "synth --n 500"]
    {
        let report = json(&format!("bench {arguments} --device cpu --threads 1 --json"));
        let report = report.as_object().expect("an object");
        let ours = "device adapter driver digest bytes_per_synapse commit seed";
        for key in COMMON.split_whitespace().chain(ours.split_whitespace()) {
            assert!(report.contains_key(key), "{arguments}: no key {key}");
        }
        let documented: Vec<_> = Report::KEYS.iter().map(|(key, _)| *key).collect();
        assert!(report.keys().all(|k| documented.contains(&k.as_str())) && report.len() == documented.len());
        assert_eq!(report["peer"], "limnos");
        assert_eq!(report["python"], Value::Null);
    }
}

#[test]
fn values_follow_from_each_other() {
    let r = json("bench w1 --n 2000 --steps 500 --device cpu --threads 1 --seed 3 --json");
    let of = |key: &str| r[key].as_f64().unwrap_or_else(|| panic!("{key} should be a number"));
    assert_eq!((of("neurons"), of("synapses"), of("steps"), of("copies"), of("threads")), (2e3, 2e5, 500.0, 1.0, 1.0));
    assert!((of("rate_hz") - of("spikes") / 2000.0 / 0.5).abs() < 1e-3);
    assert!((of("syn_events_per_s") * of("sim_wall_s") / (100.0 * of("spikes")) - 1.0).abs() < 1e-3);
    assert!((of("neuron_updates_per_s") * of("sim_wall_s") / 1e6 - 1.0).abs() < 1e-3);
    assert!((2.0..3.0).contains(&of("bytes_per_synapse")));
    assert_eq!(r["digest"].as_str().expect("a digest").len(), 16);
}

#[test]
fn digests_on_the_command_line() {
    let digest = |more: &str| json(&format!("bench {more} --device cpu --json"))["digest"].clone();
    let w1 = "w1 --n 3000 --steps 60";
    assert_eq!(digest(&format!("{w1} --threads 1")), digest(&format!("{w1} --threads 2 --pieces 7")));
    assert_ne!(digest(w1), digest(&format!("{w1} --seed 2")));
    assert_ne!(digest(w1), digest(&format!("{w1} --drive dc")));
    assert_ne!(digest("w5 --sample 3 --steps 40"), digest("w5 --sample 4 --steps 40"));
    assert_eq!(digest("w5 --sample 0 --steps 40"), digest("w5 --batch 1 --steps 40"));
    assert_eq!(digest(&format!("{w1} --no-digest")), Value::Null);
}

#[test]
fn devices_are_listed() {
    let devices = json("devices --json");
    let list = devices["devices"].as_array().expect("a list");
    assert!(list.iter().any(|d| d["device"] == "cpu"), "{devices}");
    assert!(limnos("devices").status.success());
}

/// Arguments, exit code, and what the error must say.
const WRONG: [(&str, i32, &str); 29] = [
    ("", 2, "Usage"),
    ("bench", 2, "<WORKLOAD>"),
    ("bench w9", 2, "possible values: w1, w2, w3, w4, w5, synth"),
    ("bench w1 --n 0", 2, "0 is not in 1.."),
    ("bench w1 --n -5", 2, "unexpected argument '-5'"),
    ("bench w1 --steps 0", 2, "0 is not in 1.."),
    ("bench w1 --steps many", 2, "invalid digit"),
    ("bench w1 --batch 0", 2, "0 is not in 1.."),
    ("bench w1 --drive ac", 2, "possible values: poisson, dc"),
    ("bench w1 --sample 1 --batch 2", 2, "cannot be used with"),
    ("bench synth --p 0.1 --k 5", 2, "cannot be used with"),
    ("bench w3 --drive dc", 1, "--drive belongs to w1 and w2, not to w3"),
    ("bench w1 --p 0.1", 1, "--p belongs to synth, not to w1"),
    ("bench w1 --j nan", 1, "allowed"),
    ("bench synth --activity 1.5", 1, "--activity is 1.5; allowed: above 0"),
    ("bench synth --p 2", 1, "allowed"),
    ("bench w1 --steps 5 --pieces 6", 1, "--pieces is 6; allowed: up to the 5 timed steps"),
    ("bench w1 --device no-such-thing", 1, "no device matches 'no-such-thing'"),
    ("bench w1 --device cpu --threads 5000", 1, "threads is 5000; allowed: 0 (all) to 4096"),
    ("bench w1 --device llvmpipe --workgroup 48", 1, "workgroup of GpuOptions is 48; allowed: 32, 64, 128 or 256"),
    ("bench w1 --degree 5", 1, "--degree belongs to w4, not to w1"),
    ("bench w4 --k 5", 1, "--k belongs to networks of spiking neurons, not to w4"),
    ("bench w4 --j 0.5", 1, "--j belongs to w1, w2 and w5, not to w4"),
    ("bench w4 --keep-states", 2, "--no-fit"),
    ("bench w4 --matrices no-such-file.npz", 1, "no-such-file.npz"),
    ("bench w4 --n 50 --steps 100 --device cpu", 1, "allowed: more steps than the warm-up"),
    ("bench w4 --n 50 --steps 200 --device llvmpipe --precision f64", 1, "allowed"),
    ("bench w4 --matrices w4.npz --degree 4", 2, "cannot be used with"),
    ("statistics w1 --seconds 0", 1, "--seconds is 0; allowed"),
];

#[test]
fn wrong_use_is_an_error_of_few_words() {
    for (arguments, code, text) in WRONG {
        let output = limnos(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments}: {stderr}");
        assert!(stderr.contains(text), "{arguments}: {stderr}");
        assert!(!stderr.contains("panicked"), "{arguments}: {stderr}");
        assert!(code != 1 || stderr.trim().lines().count() == 1, "{arguments}: more than a line: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments}: an error must not look like a result");
    }
}

#[test]
fn a_reference_that_is_not_met_fails() {
    let reference = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/reference/reference.json");
    let output =
        limnos(&format!("statistics w1 --n 4000 --seeds 1 --seconds 0.2 --reference {reference} --device cpu"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "0.2 s cannot hold what 10 s define: {stderr}");
    assert!(stderr.contains("OUTSIDE") && stderr.contains("lie outside the bands"), "{stderr}");
    let output = limnos(&format!("statistics w1 --n 300 --seeds 1 --seconds 0.2 --reference {reference} --device cpu"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("has nothing for w1 with 300 neurons"));
}
