//! `limnos bench w4`, which has flags and a report of its own.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};
use limnos_bench::device::DeviceChoice;
use limnos_bench::report::W4Report;
use limnos_bench::workload::W4;
use limnos_engine::rate::Precision;

use super::{Bench, Name};
use crate::progress::Progress;

/// Flags of `limnos bench w4` alone.
#[derive(Debug, Args)]
pub struct Flags {
    /// Others that a unit hears, w4 [default: 10]
    #[arg(long, conflicts_with = "matrices", value_parser = clap::value_parser!(u32).range(1..))]
    degree: Option<u32>,
    /// Fit no readout and keep no states, w4
    #[arg(long)]
    no_fit: bool,
    /// Keep the states of all steps though no readout is fitted, w4
    #[arg(long, requires = "no_fit")]
    keep_states: bool,
    /// What states are computed in, w4; f64 on the CPU alone [default: f32]
    #[arg(long, value_enum)]
    precision: Option<PrecisionName>,
    /// Weights of w4: an npz file of indptr, indices, data (units x units, CSR), w_in and, if wanted, series
    #[arg(long, value_name = "FILE")]
    matrices: Option<PathBuf>,
}

/// A precision as the command line calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PrecisionName {
    F32,
    F64,
}

impl Flags {
    /// The flags that were given.
    pub fn given(&self) -> [(&'static str, bool); 5] {
        [
            ("--degree", self.degree.is_some()),
            ("--no-fit", self.no_fit),
            ("--keep-states", self.keep_states),
            ("--precision", self.precision.is_some()),
            ("--matrices", self.matrices.is_some()),
        ]
    }
}

impl Bench {
    /// Runs w4.
    pub(super) fn run_w4(&self) -> anyhow::Result<()> {
        debug_assert_eq!(self.name(), Name::W4);
        self.check_w4()?;
        let workload = self.w4(W4::default());
        let choice = DeviceChoice { name: self.device.clone(), threads: self.threads, workgroup: self.workgroup };
        let device = choice.open()?;
        let progress = Progress::new("w4");
        let outcome = workload.run(&device, self.threads, &mut |stage| progress.show(stage))?;
        let report = W4Report::new(&workload, choice.threads_of(&device), device.info(), &outcome);
        crate::cli::print(if self.json {
            serde_json::to_string(&report)?
        } else {
            report.table().trim_end().to_owned()
        })
    }

    /// Flags of networks of spiking neurons are refused.
    fn check_w4(&self) -> anyhow::Result<()> {
        let flags = [
            ("--k", self.k.is_some()),
            ("--batch", self.batch.is_some()),
            ("--sample", self.sample.is_some()),
            ("--pieces", self.pieces != 1),
            ("--no-digest", self.no_digest),
        ];
        match flags.into_iter().find(|(_, given)| *given) {
            Some((flag, _)) => bail!("{flag} belongs to networks of spiking neurons, not to w4"),
            None => Ok(()),
        }
    }

    fn w4(&self, d: W4) -> W4 {
        let flags = &self.w4;
        W4 {
            n: self.n(d.n),
            degree: flags.degree.map_or(d.degree, |k| k as usize),
            steps: self.steps.map_or(d.steps, |s| s as usize),
            warmup: self.warmup.map_or(d.warmup, |w| w as usize),
            fit: !flags.no_fit,
            keep_states: !flags.no_fit || flags.keep_states,
            precision: match flags.precision {
                Some(PrecisionName::F64) => Precision::F64,
                Some(PrecisionName::F32) | None => Precision::F32,
            },
            seed: self.seed,
            matrices: flags.matrices.clone(),
            ..d
        }
    }
}
