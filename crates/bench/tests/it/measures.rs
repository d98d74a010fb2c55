//! The statistics against a raster whose values another implementation gave (benches/reference/measure_check.py).

use limnos_bench::statistics::{Raster, Settings, all_pairs, cv, measure, of_pair, random_pairs};
use serde_json::Value;

const CHECK: &str = include_str!("../../../../benches/reference/measure_check.json");

fn check() -> Value {
    serde_json::from_str(CHECK).expect("the file should be JSON")
}

fn integers(value: &Value) -> Vec<u32> {
    value.as_array().expect("a list").iter().map(|v| v.as_u64().expect("an integer") as u32).collect()
}

fn pairs(value: &Value) -> Vec<(usize, usize)> {
    let pair = |v: &Value| (integers(v)[0] as usize, integers(v)[1] as usize);
    value.as_array().expect("a list").iter().map(pair).collect()
}

fn raster(file: &Value) -> Raster {
    Raster::new(file["spike_steps_of_neuron"].as_array().expect("a list").iter().map(integers).collect())
}

fn number(value: &Value) -> usize {
    value.as_u64().expect("an integer") as usize
}

fn settings(file: &Value, case: &Value) -> Settings {
    Settings {
        dt_ms: case["dt_ms"].as_f64().expect("a number"),
        first_step: number(&file["first_step"]) as u32,
        window_steps: number(&file["window_steps"]) as u32,
        bin_ms: case["bin_ms"].as_f64().expect("a number"),
        pairs: pairs(&file["pairs"]),
        min_intervals: number(&case["min_intervals"]),
    }
}

fn same(name: &str, found: Option<f64>, expected: &Value) {
    match (found, expected.as_f64()) {
        (Some(f), Some(e)) => assert!((f - e).abs() <= 1e-12 * e.abs().max(1.0), "{name}: {f} instead of {e}"),
        (found, expected) => assert_eq!(found, expected, "{name}"),
    }
}

#[test]
fn every_measure_of_the_check() {
    let file = check();
    let cases = file["cases"].as_array().expect("a list");
    assert!(cases.len() >= 2);
    for case in cases {
        let settings = settings(&file, case);
        let found = measure(&raster(&file), number(&file["n_exc"]), &settings);
        assert_eq!(found.spikes, case["spikes"].as_u64().expect("an integer"));
        found.values().into_iter().for_each(|(name, value)| same(name, value, &case[name]));
    }
}

#[test]
fn every_neuron_and_pair_of_the_check() {
    let file = check();
    for case in file["cases"].as_array().expect("a list") {
        let s = settings(&file, case);
        let window = raster(&file).window(s.first_step, s.window_steps);
        let rows = window.rows();
        for (i, expected) in case["cv_of_neuron"].as_array().expect("a list").iter().enumerate() {
            same(&format!("cv of neuron {i}"), cv(&rows[i], s.min_intervals), expected);
        }
        let bins = s.window_steps / s.bin_steps();
        for (&(a, b), expected) in s.pairs.iter().zip(case["correlation_of_pair"].as_array().expect("a list")) {
            same(&format!("pair {a}, {b}"), of_pair(&rows[a], &rows[b], s.bin_steps(), bins), expected);
        }
    }
}

#[test]
fn one_moved_spike_is_seen() {
    let file = check();
    let case = &file["cases"][0];
    let settings = settings(&file, case);
    let mut rows = raster(&file).rows().to_vec();
    let last = rows[4].len() - 1;
    rows[4][last] -= 6;
    let found = measure(&Raster::new(rows), number(&file["n_exc"]), &settings);
    let moved = |name: &str, value: Option<f64>| (value.unwrap() - case[name].as_f64().unwrap()).abs() > 1e-12;
    assert!(moved("cv_isi", found.cv_isi) && moved("correlation_all_pairs", found.correlation_all_pairs));
}

#[test]
fn pairs_are_those_of_every_implementation() {
    let file = check();
    let seed = file["pair_seed"].as_u64().expect("an integer");
    let expected = pairs(&file["pairs"]);
    assert_eq!(random_pairs(number(&file["n_exc"]), expected.len(), seed), expected);
    assert_eq!(random_pairs(16_000, 4, 1), pairs(&file["pairs_of_16000_seed_1"]));
    assert!(random_pairs(1, 5, 1).is_empty());
}

#[test]
fn undefined_is_none() {
    assert_eq!(cv(&[3, 9, 12], 5), None);
    assert_eq!(of_pair(&[], &[1, 7], 5, 4), None);
    assert_eq!(all_pairs(&[vec![], vec![1]], 5, 4), None);
}
