//! `limnos bench`.

mod w4;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use limnos_bench::device::DeviceChoice;
use limnos_bench::measure::{self, Run};
use limnos_bench::report::Report;
use limnos_bench::workload::{Noise, Synth, W1, W2, W3, W5, Workload};

use crate::progress::Progress;

/// Which workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Asynchronous irregular LIF reservoir, delta synapses, dt 1 ms
    W1,
    /// W1 with spike-timing-dependent plasticity between excitatory neurons
    W2,
    /// Vogels-Abbott CUBA network, exponential synapses, dt 0.1 ms; 4000 neurons or scaled
    W3,
    /// Echo state network that forecasts Mackey-Glass one step ahead; run and fit timed apart
    W4,
    /// Liquid state machine over a batch of samples
    W5,
    /// Pure propagation: every neuron fires with a given probability
    Synth,
}

/// How the reservoir of w1 and w2 is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DriveName {
    Poisson,
    Dc,
}

/// Benchmarks that are no simulation, each with flags of its own.
#[derive(Debug, Subcommand)]
enum Task {
    /// Free-running forecasts of 131 chaotic systems by the published protocol of dysts: sMAPE and valid prediction time
    Dysts(super::dysts::Dysts),
}

/// Flags of `limnos bench`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Bench {
    #[command(subcommand)]
    task: Option<Task>,
    #[arg(required = true)]
    workload: Option<Name>,
    /// Neurons or units [default: w1, w2 and w3 4000, w4 and w5 1000, synth 20000]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    n: Option<u32>,
    /// Targets of a neuron [default: w1, w2 and w5 100, w3 80 in the mean; synth 0.00156 n in the mean]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    k: Option<u32>,
    /// Weight of an excitatory synapse in mV before it learns, w1, w2 and w5 [default: 0.5]
    #[arg(long, allow_negative_numbers = true)]
    j: Option<f64>,
    /// Probability of a connection, synth [default: 0.00156]
    #[arg(long, conflicts_with = "k", allow_negative_numbers = true)]
    p: Option<f64>,
    /// Timed steps [default: 1000; w3 and w4 10000, w5 250]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
    /// Steps before the timed ones; w5 starts again from rest after them; w4 leaves so many out of the fit [default: 10; w4 100]
    #[arg(long)]
    warmup: Option<u32>,
    /// Samples side by side [default: 1; w5 256]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    /// One sample alone, as it is in a batch that holds it
    #[arg(long, value_name = "K", conflicts_with = "batch")]
    sample: Option<u32>,
    /// Probability that a neuron fires in a step, synth [default: 0.005]
    #[arg(long, allow_negative_numbers = true)]
    activity: Option<f64>,
    /// Seed of every random number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// cpu, gpu, or part of an adapter's name [default: what LIMNOS_DEVICE says, else the best there is]
    #[arg(long)]
    device: Option<String>,
    /// Threads of the CPU device; 0 takes all
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Workgroup size of a GPU [default: the device's choice]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    workgroup: Option<u32>,
    /// Noise of w1 and w2 [default: poisson]
    #[arg(long, value_enum)]
    drive: Option<DriveName>,
    /// Cut the timed steps into so many pieces
    #[arg(long, default_value_t = 1, value_name = "P", value_parser = clap::value_parser!(u32).range(1..))]
    pieces: u32,
    /// Record no spikes and give no digest: count spikes only
    #[arg(long)]
    no_digest: bool,
    /// Print one JSON object as the last line of standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    w4: w4::Flags,
}

impl Bench {
    pub fn run(&self) -> anyhow::Result<()> {
        if let Some(Task::Dysts(dysts)) = &self.task {
            return dysts.run();
        }
        self.check()?;
        if self.name() == Name::W4 {
            return self.run_w4();
        }
        let workload = self.workload();
        let choice = DeviceChoice { name: self.device.clone(), threads: self.threads, workgroup: self.workgroup };
        let device = choice.open()?;
        let run = self.run_of(&*workload);
        let progress = Progress::new(workload.name());
        let outcome = measure::run(&device, &*workload, &run, &mut |stage| progress.show(stage))?;
        let report = Report::new(&*workload, self.seed, choice.threads_of(&device), device.info(), &run, &outcome);
        super::print(if self.json { serde_json::to_string(&report)? } else { report.table().trim_end().to_owned() })
    }

    /// Flags that the workload has no use for are refused, and numbers that it cannot take.
    fn check(&self) -> anyhow::Result<()> {
        let reservoir = matches!(self.name(), Name::W1 | Name::W2);
        let w5_or_reservoir = reservoir || self.name() == Name::W5;
        let synth = self.name() == Name::Synth;
        let w4 = self.name() == Name::W4;
        let of_w4 = self.w4.given().map(|(flag, given)| (flag, given, w4, "w4"));
        let flags = [
            ("--drive", self.drive.is_some(), reservoir, "w1 and w2"),
            ("--j", self.j.is_some(), w5_or_reservoir, "w1, w2 and w5"),
            ("--p", self.p.is_some(), synth, "synth"),
            ("--activity", self.activity.is_some(), synth, "synth"),
        ];
        if let Some((flag, _, _, of)) = flags.into_iter().chain(of_w4).find(|(_, given, belongs, _)| *given && !belongs)
        {
            bail!(
                "{flag} belongs to {of}, not to {}",
                self.name().to_possible_value().expect("it has a name").get_name()
            );
        }
        if let Some(a) = self.activity.filter(|a| !(*a > 0.0 && *a <= 0.9)) {
            bail!("--activity is {a}; allowed: above 0 and up to 0.9, the probability that a neuron fires in a step");
        }
        if self.name() == Name::W5 && self.n.is_some_and(|n| (n as usize) < W5::default().k_in) {
            bail!(
                "--n is {}; allowed for w5: {} or more, since a channel has so many targets",
                self.n(0),
                W5::default().k_in
            );
        }
        let steps = self.steps.unwrap_or(u32::MAX);
        if self.pieces > steps {
            bail!("--pieces is {}; allowed: up to the {steps} timed steps", self.pieces);
        }
        Ok(())
    }

    fn name(&self) -> Name {
        self.workload.expect("clap should have asked for a workload")
    }

    fn n(&self, default: usize) -> usize {
        self.n.map_or(default, |n| n as usize)
    }

    fn k(&self, default: usize) -> usize {
        self.k.map_or(default, |k| k as usize)
    }

    fn workload(&self) -> Box<dyn Workload> {
        match self.name() {
            Name::W1 => Box::new(self.w1(W1::default())),
            Name::W2 => Box::new(W2 { reservoir: self.w1(W1::default()), ..W2::default() }),
            Name::W3 => Box::new(self.w3(W3::default())),
            Name::W4 => unreachable!("w4 is no network of spiking neurons and is run by itself"),
            Name::W5 => Box::new(self.w5(W5::default())),
            Name::Synth => Box::new(self.synth(Synth::default())),
        }
    }

    fn w1(&self, d: W1) -> W1 {
        let noise = if self.drive == Some(DriveName::Dc) { Noise::Constant } else { Noise::Poisson };
        W1 { n: self.n(d.n), k: self.k(d.k), j: self.j.unwrap_or(d.j), noise, seed: self.seed }
    }

    fn w3(&self, d: W3) -> W3 {
        W3 { n: self.n(d.n), degree: self.k.map_or(d.degree, f64::from), seed: self.seed }
    }

    fn w5(&self, d: W5) -> W5 {
        W5 { n: self.n(d.n), k: self.k(d.k), j: self.j.unwrap_or(d.j), seed: self.seed, ..d }
    }

    fn synth(&self, d: Synth) -> Synth {
        let n = self.n(d.n);
        let p = self.p.or_else(|| self.k.map(|k| f64::from(k) / n as f64)).unwrap_or(d.p);
        Synth { n, p, activity: self.activity.unwrap_or(d.activity), seed: self.seed }
    }

    fn run_of(&self, workload: &dyn Workload) -> Run {
        let batch = if self.sample.is_some() { 1 } else { self.batch.map_or(workload.default_batch(), |b| b as usize) };
        Run {
            steps: self.steps.unwrap_or(workload.default_steps()),
            warmup: self.warmup.unwrap_or(Run::default().warmup),
            batch,
            first_sample: self.sample.unwrap_or(0),
            pieces: self.pieces,
            digest: !self.no_digest,
        }
    }
}
