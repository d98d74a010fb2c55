//! Statistics of w1 and w3 against those of NEST and Brian2 (benches/reference/reference.json): the mean over five seeds lies within the larger of
//! their seed-to-seed band and 1 %.

use limnos_bench::statistics::{Reference, Settings, Statistics, Verdict, measure_all, simulate};
use limnos_bench::workload::{W1, W3, Workload};
use limnos_engine::Device;
use rayon::prelude::*;

const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

fn reference() -> Reference {
    Reference::parse(include_str!("../../../../benches/reference/reference.json")).expect("the file should parse")
}

fn statistics(workload: &dyn Workload, seconds: f64, seed: u64) -> Statistics {
    let network = workload.network();
    let n_exc = network.populations()[0].size();
    let settings = Settings::reference(network.config.dt, seconds, n_exc, seed);
    let device = Device::cpu_threads(1).expect("a thread should start");
    let run = simulate(&device, workload, settings.first_step + settings.window_steps, &mut |_| ());
    measure_all(run.expect("the workload should run"), n_exc, &settings)
}

/// Means over runs beside every published simulator but our own event loop.
fn verdicts(name: &str, n: usize, runs: &[Statistics], measures: &[&str]) -> Vec<Verdict> {
    let mean = |measure: &str| {
        let values = runs.iter().map(|run| run.values().into_iter().find(|(m, _)| *m == measure).and_then(|(_, v)| v));
        values.map(|v| v.expect("the measure should be defined")).sum::<f64>() / runs.len() as f64
    };
    let ours: Vec<_> = measures.iter().map(|&m| (m, mean(m))).collect();
    let all = reference().compare(name, n, &ours);
    let published: Vec<_> = all.into_iter().filter(|v| !v.simulator.starts_with("numpy")).collect();
    assert_eq!(published.len(), 2 * measures.len(), "NEST and Brian2 should have every measure");
    published
}

fn holds(verdicts: &[Verdict]) {
    verdicts.iter().for_each(|v| println!("{}", v.line()));
    assert!(verdicts.iter().all(Verdict::holds), "see the table above");
}

#[test]
fn w1_lies_among_nest_and_brian2() {
    let run = |&seed| statistics(&W1 { n: 20_000, seed, ..W1::default() }, 10.0, seed);
    let runs: Vec<_> = SEEDS.par_iter().map(run).collect();
    let measures = ["rate_hz", "rate_exc_hz", "rate_inh_hz", "cv_isi", "correlation", "correlation_all_pairs"];
    holds(&verdicts("w1", 20_000, &runs, &measures));
}

#[test]
fn w3_lies_among_nest_and_brian2() {
    let runs: Vec<_> = SEEDS.par_iter().map(|&seed| statistics(&W3 { seed, ..W3::default() }, 10.0, seed)).collect();
    holds(&verdicts("w3", 4000, &runs, &["rate_exc_hz", "rate_inh_hz", "cv_isi", "correlation"]));
}

/// Weights that are 6 % larger, or 10 % more synapses.
#[test]
fn a_slightly_wrong_network_lies_outside() {
    let heavier = W1 { n: 20_000, j: 0.53, ..W1::default() };
    let found = verdicts("w1", 20_000, &[statistics(&heavier, 10.0, 1)], &["rate_hz", "cv_isi"]);
    assert!(found.iter().any(|v| !v.holds()), "{found:?}");
    let denser = W3 { degree: 88.0, ..W3::default() };
    let found = verdicts("w3", 4000, &[statistics(&denser, 10.0, 1)], &["rate_exc_hz", "rate_inh_hz", "cv_isi"]);
    assert!(found.iter().any(|v| !v.holds()), "{found:?}");
}
