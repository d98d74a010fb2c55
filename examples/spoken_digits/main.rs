//! Recognises spoken digits: a model of the ear or cepstral coefficients, a reservoir that hears each recording forwards
//! and backwards, and a linear readout of its states.
//!
//! `cargo run --release --example spoken_digits -- --data DIR` reads the Free Spoken Digit Dataset and prints the accuracy
//! on its official test part and, one speaker after another left out of the training, on voices never heard before.

mod experiment;
mod features;
mod progress;
mod reservoir;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use limnos::Device;
use limnos::plot;
use limnos::tasks::{accuracy, confusion_matrix, fsdd};

use experiment::{Answers, Experiment};
use features::{Hearing, Utterance};
use progress::Line;

/// Recognise spoken digits with a reservoir of rate units.
#[derive(Debug, Parser)]
struct Args {
    /// Folder of the Free Spoken Digit Dataset, or a folder that has it as `fsdd/`; else LIMNOS_DATA.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// What the reservoir hears.
    #[arg(long, value_enum, default_value = "mfcc")]
    features: Hearing,
    /// Units of the reservoir; one half hears forwards, the other backwards.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=20_000))]
    units: u32,
    /// Seed of the reservoir.
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// Leave out the test with unheard speakers, which takes six times as long as the official one.
    #[arg(long)]
    official_only: bool,
    /// cpu, gpu, or part of an adapter's name (default: LIMNOS_DEVICE, else the fastest).
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Folder for the pictures.
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
    /// Print the results as one line of JSON, last.
    #[arg(long)]
    json: bool,
}

/// What came out.
struct Results {
    official: Answers,
    /// By speaker; empty where it was not asked for.
    unheard: Vec<(String, Answers)>,
    seconds: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    std::fs::create_dir_all(&args.out).with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    let device = match &args.device {
        Some(name) => Device::named(name)?,
        None => Device::auto()?,
    };
    let start = Instant::now();
    let utterances = hear(&args)?;
    introduce(&args, &utterances, &device);
    let results = experiment(&args, &device, utterances, start)?;
    report(&results)?;
    draw(&args.out, &results)?;
    if args.json {
        println!("{}", json(&args, &device, &results)?);
    }
    Ok(())
}

/// All recordings as sequences of features, those of the official test part last.
fn hear(args: &Args) -> Result<Vec<Utterance>> {
    let folder = args.data.clone().or_else(|| std::env::var_os("LIMNOS_DATA").map(PathBuf::from));
    let folder = folder.context("no data: say --data DIR or set LIMNOS_DATA (the set is free: search for FSDD)")?;
    let inner = folder.join("fsdd");
    let parts = fsdd(if inner.is_dir() { inner } else { folder })?;
    features::hear(args.features, &parts)
}

fn introduce(args: &Args, utterances: &[Utterance], device: &Device) {
    let info = device.info();
    let test = utterances.iter().filter(|u| u.official_test).count();
    println!("Free Spoken Digit Dataset (Z. Jackson and others; CC BY-SA 4.0)");
    println!("{} recordings to learn from, {test} to be tested on; {}", utterances.len() - test, args.features.about());
    println!("{} units, on {} ({})\n", args.units, info.device, info.adapter);
}

fn experiment(args: &Args, device: &Device, utterances: Vec<Utterance>, start: Instant) -> Result<Results> {
    let speakers = if args.official_only { Vec::new() } else { features::speakers(&utterances) };
    let mut line = Line::new("frames heard", 1 + speakers.len());
    let channels = utterances[0].frames.ncols();
    let mut network = reservoir::network(device, args.features, channels, args.units as usize, args.seed)?;
    network.on_progress(move |p| line.show(p));
    let mut experiment = Experiment::new(utterances, network);
    let official = experiment.split(|u| u.official_test)?;
    let mut unheard = Vec::new();
    for speaker in speakers {
        let answers = experiment.split(|u| u.speaker == speaker)?;
        unheard.push((speaker, answers));
    }
    Ok(Results { official, unheard, seconds: start.elapsed().as_secs_f64() })
}

/// The accuracy with and without the reservoir.
fn scores(answers: &Answers) -> Result<[f64; 2]> {
    Ok([accuracy(&answers.reservoir, &answers.labels)?, accuracy(&answers.plain, &answers.labels)?])
}

/// The mean over speakers of both accuracies; each speaker has as many recordings.
fn mean_unheard(results: &Results) -> Result<Option<[f64; 2]>> {
    if results.unheard.is_empty() {
        return Ok(None);
    }
    let mut mean = [0.0; 2];
    for (_, answers) in &results.unheard {
        let scores = scores(answers)?;
        (0..2).for_each(|k| mean[k] += scores[k] / results.unheard.len() as f64);
    }
    Ok(Some(mean))
}

fn report(results: &Results) -> Result<()> {
    let line = |name: &str, [with, without]: [f64; 2]| println!("{name:<28} {with:.4}      {without:.4}");
    println!("accuracy                     reservoir   means of features alone");
    line("official test part", scores(&results.official)?);
    for (speaker, answers) in &results.unheard {
        line(&format!("without {speaker}, on {speaker}"), scores(answers)?);
    }
    if let Some(mean) = mean_unheard(results)? {
        line("mean over unheard speakers", mean);
    }
    println!("\n{:.1} s in all, penalty of the readout {}", results.seconds, results.official.alpha);
    Ok(())
}

fn json(args: &Args, device: &Device, results: &Results) -> Result<serde_json::Value> {
    let info = device.info();
    let [official, official_plain] = scores(&results.official)?;
    let unheard = mean_unheard(results)?;
    let mut by_speaker = serde_json::Map::new();
    for (speaker, answers) in &results.unheard {
        by_speaker.insert(speaker.clone(), scores(answers)?[0].into());
    }
    Ok(serde_json::json!({
        "test_accuracy": official,
        "loso_accuracy": unheard.map(|[with, _]| with),
        "seconds": results.seconds,
        "device": info.device,
        "adapter": info.adapter,
        "features": args.features.name(),
        "units": args.units,
        "seed": args.seed,
        "test_accuracy_without_reservoir": official_plain,
        "loso_accuracy_without_reservoir": unheard.map(|[_, without]| without),
        "loso_by_speaker": by_speaker,
    }))
}

fn draw(out: &Path, results: &Results) -> Result<()> {
    picture(&out.join("spoken_digits.svg"), std::slice::from_ref(&results.official), "Official test part")?;
    if !results.unheard.is_empty() {
        let answers: Vec<Answers> = results.unheard.iter().map(|(_, answers)| answers.clone()).collect();
        picture(&out.join("spoken_digits_unheard.svg"), &answers, "Speakers never heard")?;
    }
    Ok(())
}

/// Which digit was taken for which.
fn picture(path: &Path, answers: &[Answers], title: &str) -> Result<()> {
    let all = |of: fn(&Answers) -> &[u32]| answers.iter().flat_map(|a| of(a).to_vec()).collect::<Vec<_>>();
    let counts = confusion_matrix(&all(|a| &a.reservoir), &all(|a| &a.labels), 10)?;
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    plot::confusion_matrix(&counts.mapv(u64::from), &names, title)?.save(path)?;
    println!("wrote {}", path.display());
    Ok(())
}
