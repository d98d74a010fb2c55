//! NALSM: a liquid that an astrocyte tunes, developed, trained and tested; and the liquids it was compared with.
//!
//! `cargo run --release -p limnos-examples --example nalsm -- --data DIR` does all of it on MNIST with 1000 neurons. `--train 0 --w-astro
//! 0.002,0.015,0.1` develops only and measures the branching factor for several weights of the astrocyte. Pictures go to `out/`.

mod args;
mod data;
mod experiment;
mod plots;
mod progress;
mod report;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use limnos::Device;
use limnos::presets::nalsm::{Nalsm, NalsmLiquid, Rule};

use args::Args;
use data::Data;
use experiment::{Amounts, Developed, Outcome, VALID_STREAM};
use progress::Board;

/// All networks of one rule with one weight.
struct Setting {
    /// The rule.
    rule: Rule,
    /// One a seed.
    networks: Vec<Developed>,
    /// What came out of them.
    outcomes: Vec<Outcome>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    args.check()?;
    std::fs::create_dir_all(&args.out).with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    args::check_writable(&args.out).with_context(|| format!("cannot write to the folder {}", args.out.display()))?;
    let presets = presets(args);
    let device = args.device.as_deref().map_or_else(Device::auto, Device::named)?;
    let loaded = args.load.as_ref().map(|path| load(path, args.batch, &device)).transpose()?;
    let preset = loaded.as_ref().map_or(presets[0], |liquid| *liquid.preset());
    ensure!(
        preset.channels == args.set.channels(),
        "--load: the network has {} channels and --set {} has {}; name the set it was developed on",
        preset.channels,
        args.set.name(),
        args.set.channels()
    );
    let data = data::load(args.set, args.data.as_deref(), preset.mode)?;
    let amounts = amounts(args, &data)?;
    report::introduce(args, &data, &device, &preset, amounts)?;
    let board = Board::new();
    let networks = match loaded {
        Some(liquid) => vec![Developed { liquid, development: Default::default() }],
        None => develop(args, &presets, &device, &data, &board)?,
    };
    // What cannot be written is told at once, and an error once the results are out.
    let save = |path| networks[0].liquid.save(path).context("the developed network was not saved");
    let saved = args.save.as_ref().map(save).transpose();
    if let Err(error) = &saved {
        eprintln!("going on: {error:#}");
    }
    let mut settings = group(networks);
    for setting in &mut settings {
        for network in &mut setting.networks {
            let name = report::name(network.liquid.preset());
            let outcome = Outcome::of(args, &data, amounts, network, &board, &name)?;
            report::line(&name, &outcome)?;
            setting.outcomes.push(outcome);
            // Many networks at once would take the memory of as many batches.
            network.liquid.release();
        }
    }
    report::table(&settings)?;
    let mut written: Vec<_> = args.save.iter().filter(|_| saved.is_ok()).cloned().collect();
    let drawn = plots::draw(&args.out, &settings, &data, VALID_STREAM, &mut written);
    report::written(&written)?;
    if args.json {
        report::json(args, &device, &settings, amounts)?;
    }
    saved?;
    drawn.context("the pictures were not all drawn")
}

/// A developed network, with so many samples side by side.
fn load(path: &Path, batch: usize, device: &Device) -> Result<NalsmLiquid> {
    let mut liquid = NalsmLiquid::load(path, device)?;
    liquid.set_max_batch(batch)?;
    Ok(liquid)
}

/// The settings of every network: weights, and of each all seeds.
fn presets(args: &Args) -> Vec<Nalsm> {
    let seeds = || (0..args.repeat as u64).map(|k| args.seed + k);
    args.rules().into_iter().flat_map(|rule| seeds().map(move |seed| args.preset(rule, seed))).collect()
}

/// How many samples to take: what was asked for where there are as many, else an error.
fn amounts(args: &Args, data: &Data) -> Result<Amounts> {
    let take = |asked: Option<usize>, usual: usize, most: usize, name: &str| -> Result<usize> {
        let n = asked.unwrap_or(usual.min(most));
        ensure!(n <= most, "--{name} is {n}; there are {most} such samples");
        Ok(n)
    };
    let train = take(args.train, data.train.len(), data.train.len(), "train")?;
    let valid = take(args.valid, train.div_ceil(5).max(1), data.valid.len(), "valid")?;
    let develop = args.develop;
    if train == 0 {
        let branching = take(args.test, 20, data.valid.len(), "test")?;
        return Ok(Amounts { develop, train, valid: 0, test: 0, branching });
    }
    let test = take(args.test, data.test.len(), data.test.len(), "test")?;
    let classes = data.train.labels[..train].iter().collect::<std::collections::BTreeSet<_>>().len();
    ensure!(classes >= 2, "--train is {train}; the first {train} samples are all of one class, take more");
    check_classes(data, [train, valid, test])?;
    Ok(Amounts { develop, train, valid, test, branching: data.valid.len().min(20) })
}

/// Refuses training samples that lack the highest class of validation or test samples: no readout could score them.
fn check_classes(data: &Data, [train, valid, test]: [usize; 3]) -> Result<()> {
    let learned = data.train.labels[..train].iter().max();
    let highest = data.valid.labels[..valid].iter().chain(&data.test.labels[..test]).max();
    if highest > learned {
        let highest = highest.copied().unwrap_or(0);
        let least = data.train.labels.iter().position(|&label| label >= highest);
        let advice = least.map_or("take fewer to be tested on".into(), |k| format!("take at least {}", k + 1));
        bail!("--train is {train}; class {highest} of the validation or test samples is not among them: {advice}");
    }
    Ok(())
}

/// Develops all networks, some side by side: each takes one thread.
fn develop(args: &Args, presets: &[Nalsm], device: &Device, data: &Data, board: &Board) -> Result<Vec<Developed>> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.unwrap_or(processors).min(presets.len());
    let waiting = Mutex::new(presets.iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("no thread should have panicked").next();
                    let Some((place, preset)) = next else { return };
                    let network = develop_one(preset, device, data, board);
                    done.lock().expect("no thread should have panicked").push((place, network));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no thread should have panicked");
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, network)| network).collect()
}

fn develop_one(preset: &Nalsm, device: &Device, data: &Data, board: &Board) -> Result<Developed> {
    let mut line = board.line(&format!("{}: development", report::name(preset)), "snippets");
    let mut liquid = preset.liquid(device)?;
    let development = liquid.develop(data.train.first(data.train.len()), &mut |p| line.show(p))?;
    Ok(Developed { liquid, development })
}

/// Networks by rule, which come one after another.
fn group(networks: Vec<Developed>) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    for network in networks {
        let rule = network.liquid.preset().rule;
        match settings.last_mut().filter(|s| s.rule == rule) {
            Some(setting) => setting.networks.push(network),
            None => settings.push(Setting { rule, networks: vec![network], outcomes: Vec::new() }),
        }
    }
    settings
}
