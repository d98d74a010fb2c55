//! Rates, interval variation and correlations against `benches/reference/measure_check.json`, which numpy wrote.

use std::path::Path;

use limnos_tasks::{
    Raster, Summary, interval_cv, mean_correlation, mean_rate_hz, pair_correlations, random_pairs, silent_neurons,
    summary,
};
use serde_json::Value;

/// As the fixture asks.
const TOLERANCE: f64 = 1e-12;

fn fixture() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/reference/measure_check.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

fn pairs(value: &Value) -> Vec<(u32, u32)> {
    value.as_array().unwrap().iter().map(|pair| (number(&pair[0]), number(&pair[1]))).collect()
}

fn spikes(of_neuron: &Value) -> Vec<(u32, u32)> {
    let rows = of_neuron.as_array().unwrap().iter().enumerate();
    let row = |(neuron, steps): (usize, &Value)| -> Vec<_> {
        steps.as_array().unwrap().iter().map(|step| (number(step), neuron as u32)).collect()
    };
    let mut spikes: Vec<_> = rows.flat_map(row).collect();
    spikes.sort_unstable();
    spikes
}

fn same(name: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("`{name}` is missing"));
    assert!((found - expected).abs() < TOLERANCE * expected.abs().max(1.0), "{name}: {found} against {expected}");
}

fn same_list(name: &str, found: &[Option<f64>], expected: &Value) {
    let expected = expected.as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{name}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert_eq!(a.is_some(), b.is_number(), "{name} {i}: {a:?} against {b}");
        a.iter().for_each(|&a| same(&format!("{name} {i}"), a, b));
    }
}

fn mean(values: &[Option<f64>]) -> Summary {
    summary(values).unwrap()
}

fn check_case(case: &Value, raster: Raster<'_>, excitatory: u32, chosen: &[(u32, u32)]) {
    let dt_ms = case["dt_ms"].as_f64().unwrap();
    let bin_steps = (case["bin_ms"].as_f64().unwrap() / dt_ms).round() as u32;
    let exc = raster.population(0..excitatory).unwrap();
    let inh = raster.population(excitatory..raster.neurons()).unwrap();
    let tenth = raster.window(raster.steps() - raster.steps() / 10..raster.steps()).unwrap();

    assert_eq!(raster.spike_count(), u64::from(number(&case["spikes"])));
    assert_eq!(silent_neurons(raster), number(&case["silent_neurons"]) as usize);
    let rates = [("rate_hz", raster), ("rate_exc_hz", exc), ("rate_inh_hz", inh), ("rate_last_tenth_hz", tenth)];
    rates.iter().for_each(|(name, of)| same(name, mean_rate_hz(*of, dt_ms).unwrap(), &case[name]));

    let cv = interval_cv(raster, number(&case["min_intervals"])).unwrap();
    same_list("cv_of_neuron", &cv, &case["cv_of_neuron"]);
    assert_eq!(mean(&cv).defined, number(&case["cv_neurons"]) as usize);
    same("cv_isi", mean(&cv).mean, &case["cv_isi"]);
    same("cv_isi_exc", mean(&cv[..excitatory as usize]).mean, &case["cv_isi_exc"]);
    same("cv_isi_inh", mean(&cv[excitatory as usize..]).mean, &case["cv_isi_inh"]);

    let r = pair_correlations(raster, chosen, bin_steps).unwrap();
    same_list("correlation_of_pair", &r, &case["correlation_of_pair"]);
    same("correlation", mean(&r).mean, &case["correlation"]);
    same("correlation_sd", mean(&r).sd, &case["correlation_sd"]);
    assert_eq!(mean(&r).defined, number(&case["correlation_pairs"]) as usize);
    let all = mean_correlation(exc, bin_steps).unwrap().unwrap();
    same("correlation_all_pairs", all, &case["correlation_all_pairs"]);
}

#[test]
fn the_reference_raster_has_the_reference_values() {
    let fixture = fixture();
    let spikes = spikes(&fixture["spike_steps_of_neuron"]);
    let (steps, neurons) = (number(&fixture["steps"]), number(&fixture["n"]));
    let first = number(&fixture["first_step"]);
    let window = first..first + number(&fixture["window_steps"]);
    let raster = Raster::new(&spikes, steps, neurons).unwrap().window(window).unwrap();
    let cases = fixture["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    cases.iter().for_each(|case| check_case(case, raster, number(&fixture["n_exc"]), &pairs(&fixture["pairs"])));
}

#[test]
fn a_window_of_one_step_more_has_other_values() {
    let fixture = fixture();
    let spikes = spikes(&fixture["spike_steps_of_neuron"]);
    let raster = Raster::new(&spikes, number(&fixture["steps"]), number(&fixture["n"])).unwrap();
    let raster = raster.window(number(&fixture["first_step"]) - 1..raster.steps()).unwrap();
    let case = &fixture["cases"][0];
    let far = |found: f64, name: &str| (found - case[name].as_f64().unwrap()).abs() > 1e-4;
    assert!(far(mean_rate_hz(raster, 1.0).unwrap(), "rate_hz"));
    assert!(far(mean(&interval_cv(raster, 5).unwrap()).mean, "cv_isi"));
    let exc = raster.population(0..number(&fixture["n_exc"])).unwrap();
    assert!(far(mean_correlation(exc, 5).unwrap().unwrap(), "correlation_all_pairs"));
}

#[test]
fn random_pairs_are_those_of_the_reference() {
    let fixture = fixture();
    let seed = u64::from(number(&fixture["pair_seed"]));
    let chosen = pairs(&fixture["pairs"]);
    assert_eq!(random_pairs(number(&fixture["n_exc"]), chosen.len(), seed).unwrap(), chosen);
    assert_eq!(random_pairs(16_000, 4, 1).unwrap(), pairs(&fixture["pairs_of_16000_seed_1"]));
}
