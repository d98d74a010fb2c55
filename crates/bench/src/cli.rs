//! The command line: what can be asked for, and how it is answered.

mod bench;
mod devices;
mod dysts;
mod statistics;

use std::io::Write;

use anyhow::Context;
use clap::{Parser, Subcommand};

/// Reservoirs of spiking neurons and rate units on GPUs and CPUs: what they run on, and how fast.
#[derive(Debug, Parser)]
#[command(name = "limnos", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the devices that networks can run on
    Devices(devices::Devices),
    /// Runs a workload and says how long it took, with the digest of all spikes and the final state
    Bench(bench::Bench),
    /// Measures rates, interval variability and correlations of w1, w2 or w3, and the weights that w2 learns, to compare with other simulators
    Statistics(statistics::StatisticsOf),
}

/// Does what the command line says.
pub fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Devices(devices) => devices.run(),
        Command::Bench(bench) => bench.run(),
        Command::Statistics(statistics) => statistics.run(),
    }
}

/// Prints lines on standard output; a reader that has gone is an error, not a panic.
fn print(lines: impl std::fmt::Display) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{lines}").context("standard output")
}
