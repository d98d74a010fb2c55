//! `limnos statistics`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use limnos_bench::device::DeviceChoice;
use limnos_bench::measure::Stage;
use limnos_bench::statistics::{DISCARDED_MS, Reference, Settings, Statistics, measure_all, simulate};
use limnos_bench::workload::{W1, W2, W3, Workload};
use limnos_engine::Device;
use serde_json::{Map, json};

use crate::progress::Progress;

/// Which workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    /// 20 000 neurons unless told otherwise
    W1,
    /// 4000 neurons unless told otherwise
    W2,
    /// 4000 neurons unless told otherwise
    W3,
}

/// Flags of `limnos statistics`.
#[derive(Debug, Args)]
pub struct StatisticsOf {
    workload: Name,
    /// Neurons
    #[arg(long, value_parser = clap::value_parser!(u32).range(100..))]
    n: Option<u32>,
    /// Seeds of the networks
    #[arg(long, num_args = 1.., default_values_t = [1, 2, 3])]
    seeds: Vec<u64>,
    /// Seconds that are measured, after 0.5 s that are discarded
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Compare with the numbers in this file (benches/reference/reference.json); fail where one lies outside
    #[arg(long, value_name = "FILE")]
    reference: Option<PathBuf>,
    /// cpu, gpu, or part of an adapter's name
    #[arg(long)]
    device: Option<String>,
    /// Threads of the CPU device; 0 takes all
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Print one JSON object as the last line of standard output
    #[arg(long)]
    json: bool,
}

impl StatisticsOf {
    pub fn run(&self) -> anyhow::Result<()> {
        if !(self.seconds >= 0.1 && self.seconds <= 10_000.0) {
            bail!("--seconds is {}; allowed: 0.1 to 10000", self.seconds);
        }
        let choice = DeviceChoice { name: self.device.clone(), threads: self.threads, workgroup: None };
        let device = choice.open()?;
        let runs = self.seeds.iter().map(|&seed| self.one(&device, seed)).collect::<anyhow::Result<Vec<_>>>()?;
        self.print(&runs)?;
        self.compare(&runs)
    }

    fn one(&self, device: &Device, seed: u64) -> anyhow::Result<Statistics> {
        let workload = self.workload(seed);
        let network = workload.network();
        let settings = Settings::reference(network.config.dt, self.seconds, network.populations()[0].size(), seed);
        let progress = Progress::new(&format!("{} seed {seed}", workload.name()));
        let of = settings.first_step + settings.window_steps;
        let run = simulate(device, &*workload, of, &mut |done| progress.show(Stage::Running { done, of }))?;
        progress.show(Stage::Done);
        Ok(measure_all(run, network.populations()[0].size(), &settings))
    }

    fn n(&self) -> usize {
        self.n.map_or(if self.workload == Name::W1 { 20_000 } else { 4000 }, |n| n as usize)
    }

    fn workload(&self, seed: u64) -> Box<dyn Workload> {
        match self.workload {
            Name::W1 => Box::new(W1 { n: self.n(), seed, ..W1::default() }),
            Name::W2 => Box::new(W2 { reservoir: W1 { n: self.n(), seed, ..W1::default() }, ..W2::default() }),
            Name::W3 => Box::new(W3 { n: self.n(), seed, ..W3::default() }),
        }
    }

    fn print(&self, runs: &[Statistics]) -> anyhow::Result<()> {
        if self.json {
            let mut values = Map::new();
            for (measure, of) in by_measure(runs) {
                values.insert(measure.into(), json!(of));
            }
            let name = self.workload(0).name();
            let about = json!({ "workload": name, "n": self.n(), "seconds": self.seconds, "discard_ms": DISCARDED_MS,
                "seeds": self.seeds, "values": values });
            return super::print(about);
        }
        by_measure(runs).into_iter().try_for_each(|(measure, of)| {
            let cells: Vec<_> = of.iter().map(|v| v.map_or("-".into(), |v| format!("{v:.6}"))).collect();
            super::print(format_args!("{measure:<22} {}", cells.join("  ")))
        })
    }

    fn compare(&self, runs: &[Statistics]) -> anyhow::Result<()> {
        let Some(path) = &self.reference else { return Ok(()) };
        let text = std::fs::read_to_string(path).with_context(|| format!("--reference {}", path.display()))?;
        let reference = Reference::parse(&text).with_context(|| format!("--reference {}", path.display()))?;
        let name = self.workload(0).name();
        let verdicts = reference.compare(name, self.n(), &means(runs));
        verdicts.iter().for_each(|v| eprintln!("{}", v.line()));
        let outside = verdicts.iter().filter(|v| !v.holds()).count();
        match (verdicts.len(), outside) {
            (0, _) => bail!("--reference {} has nothing for {name} with {} neurons", path.display(), self.n()),
            (_, 0) => Ok(()),
            (of, some) => bail!("{some} of {of} values lie outside the bands of the reference"),
        }
    }
}

/// Each measure over the runs.
fn by_measure(runs: &[Statistics]) -> Vec<(&'static str, Vec<Option<f64>>)> {
    let all: Vec<_> = runs.iter().map(Statistics::values).collect();
    let names = all.first().map_or(&[][..], |first| first);
    names.iter().enumerate().map(|(i, (name, _))| (*name, all.iter().map(|run| run[i].1).collect())).collect()
}

/// The mean of each measure that every run has.
fn means(runs: &[Statistics]) -> Vec<(&'static str, f64)> {
    let mean = |(name, of): (&'static str, Vec<Option<f64>>)| {
        let defined: Option<Vec<f64>> = of.into_iter().collect();
        defined.map(|of| (name, of.iter().sum::<f64>() / of.len() as f64))
    };
    by_measure(runs).into_iter().filter_map(mean).collect()
}
