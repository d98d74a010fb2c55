//! Benchmarks of limnos: what the files beside this package's manifest share.

pub mod floor;
pub mod machine;
pub mod rate_floor;

use std::io::Write;

use anyhow::{Result, ensure};
use limnos_bench::device::DeviceChoice;
use limnos_bench::measure::{self, Run};
use limnos_bench::report::{Report, W4Report};
use limnos_bench::workload::{W4, Workload};
use serde_json::{Value, json};

/// Times that each network is run; the median is reported.
const REPEATS: usize = 3;

/// Runs a workload several times on the device that `LIMNOS_DEVICE` names (else the best there is) and prints the run with the median time as one
/// JSON line, with the computed floor where the device is the CPU.
///
/// # Errors
/// What the workload or the device say; a run whose digest is not that of the others.
pub fn report(workload: &dyn Workload, seed: u64, steps: u32) -> Result<()> {
    let choice = DeviceChoice::default();
    let device = choice.open()?;
    let run = Run { steps, batch: workload.default_batch(), ..Run::default() };
    let mut outcomes = Vec::with_capacity(REPEATS);
    for _ in 0..REPEATS {
        outcomes.push(measure::run(&device, workload, &run, &mut |_| ())?);
    }
    let digests: Vec<_> = outcomes.iter().map(measure::Outcome::digest).collect();
    ensure!(digests.windows(2).all(|d| d[0] == d[1]), "runs of one network differ: {digests:016x?}");
    outcomes.sort_by(|a, b| a.wall_s.total_cmp(&b.wall_s));
    let outcome = &outcomes[REPEATS / 2];
    let threads = choice.threads_of(&device);
    let mut line = serde_json::to_value(Report::new(workload, seed, threads, device.info(), &run, outcome))?;
    if device.info().device == "cpu" {
        add_floor(&mut line, &floor::Work::new(workload, &run, outcome)?.floor(threads), outcome.wall_s);
    }
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// The same for an echo state network; the floor is that of a run in f32.
///
/// # Errors
/// What the workload or the device say.
pub fn report_w4(workload: &W4) -> Result<()> {
    let choice = DeviceChoice::default();
    let device = choice.open()?;
    let mut outcomes = Vec::with_capacity(REPEATS);
    for _ in 0..REPEATS {
        outcomes.push(workload.run(&device, choice.threads, &mut |_| ())?);
    }
    outcomes.sort_by(|a, b| a.wall_s.total_cmp(&b.wall_s));
    let outcome = &outcomes[REPEATS / 2];
    let threads = choice.threads_of(&device);
    let mut line = serde_json::to_value(W4Report::new(workload, threads, device.info(), outcome))?;
    if device.info().device == "cpu" {
        add_floor(&mut line, &rate_floor::floor(workload, outcome, threads), outcome.wall_s);
    }
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

fn add_floor(line: &mut Value, floor: &floor::Floor, wall_s: f64) {
    line["floor"] = json!(floor);
    line["times_floor"] = json!((100.0 * wall_s / floor.seconds.max(1e-6)).round() / 100.0);
}
