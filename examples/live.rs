//! A forecast that learns while it runs: reads numbers from standard input, one line a sample (columns by spaces or commas), and answers each at once with what it expects
//! next. Nothing is known before the first line; errors fall as lines come.
//!
//! `seq 1 2000 | awk '{ print sin($1 / 9) * cos($1 / 23); fflush() }' | cargo run --release -p limnos-examples --example live`

use std::io::{BufRead, Write};

use anyhow::{Context, bail};
use clap::Parser;
use limnos::esn::{Esn, EsnConfig, EsnStream};
use limnos::readout::Rls;
use limnos::reservoir::Reservoir;
use limnos::{Device, Distribution};

/// Forecasts numbers as they come. They should lie between about -1 and 1: scale others first.
#[derive(Parser)]
struct Args {
    /// Units of the reservoir.
    #[arg(long, default_value_t = 200)]
    units: usize,
    /// Part of the state that is replaced in a step.
    #[arg(long, default_value_t = 0.5)]
    leak_rate: f64,
    /// What a sample's weight falls by with each later one; 1 forgets nothing.
    #[arg(long, default_value_t = 0.9995)]
    forgetting: f64,
    /// Penalty of the weights.
    #[arg(long, default_value_t = 1e-4)]
    alpha: f64,
    /// cpu, gpu, or part of an adapter's name (default: LIMNOS_DEVICE, else the fastest).
    #[arg(long)]
    device: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mut network = Some(network(&args)?);
    let mut stream: Option<EsnStream> = None;
    let mut forecast: Vec<f64> = Vec::new();
    // Moving means of squared errors and of squared changes: a forecast that says "as now" has the error of the changes.
    let (mut error, mut change, mut last) = (0.0, 0.0, Vec::new());
    let mut out = std::io::stdout().lock();
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.context("standard input could not be read")?;
        let sample = parse(&line).with_context(|| format!("line {}: {line:?}", number + 1))?;
        if sample.is_empty() {
            continue;
        }
        check(&sample, &last).with_context(|| format!("line {}", number + 1))?;
        if !forecast.is_empty() {
            follow(&mut error, distance(&sample, &forecast));
            follow(&mut change, distance(&sample, &last));
        }
        let stream = match &mut stream {
            Some(stream) => stream,
            none => {
                let network = network.take().context("there should be one stream")?;
                none.insert(network.stream(sample.len(), sample.len(), rule(&args))?)
            }
        };
        forecast = stream.push(&sample).with_context(|| format!("line {}", number + 1))?.to_vec();
        let texts: Vec<_> = forecast.iter().map(|x| format!("{x:.6}")).collect();
        let said =
            writeln!(out, "{}\t# error {:.2e}, of \"as now\" {:.2e}", texts.join(" "), error.sqrt(), change.sqrt());
        // Whoever listened may have gone; that is the end, not a failure.
        if said.and_then(|()| out.flush()).is_err() {
            break;
        }
        last = sample;
    }
    if let Some(stream) = stream {
        let latency = stream.latency();
        eprintln!(
            "{} samples; from sample to forecast {:.0?} on average, {:.0?} at most",
            latency.steps, latency.mean, latency.longest
        );
    }
    Ok(())
}

fn network(args: &Args) -> anyhow::Result<Esn> {
    let reservoir = Reservoir {
        units: args.units,
        leak_rate: args.leak_rate,
        bias: Distribution::uniform(-0.3, 0.3),
        ..Reservoir::default()
    };
    let config = EsnConfig { reservoir, warmup: 20, ..EsnConfig::default() };
    let device = args.device.as_deref().map_or_else(Device::auto, Device::named)?;
    Ok(Esn::new(&device, config)?)
}

fn rule(args: &Args) -> Rls {
    Rls { alpha: args.alpha, forgetting: args.forgetting, ..Rls::default() }
}

/// Whether a line can follow the one before it.
fn check(sample: &[f64], last: &[f64]) -> anyhow::Result<()> {
    if let Some(number) = sample.iter().find(|x| !x.is_finite()) {
        bail!("{number} is not finite; allowed: finite numbers");
    }
    if !last.is_empty() && sample.len() != last.len() {
        bail!("{} columns; allowed: {}, as in the first line", sample.len(), last.len());
    }
    Ok(())
}

fn parse(line: &str) -> anyhow::Result<Vec<f64>> {
    let fields = line.split(|c: char| c == ',' || c.is_whitespace()).filter(|field| !field.is_empty());
    fields.map(|field| field.parse().with_context(|| format!("{field:?} is not a number"))).collect()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// A mean over about the last hundred.
fn follow(mean: &mut f64, value: f64) {
    *mean += 0.01 * (value - *mean);
}
