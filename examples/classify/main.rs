//! Classifies pictures with a liquid of spiking neurons and a linear readout, beside the same readout on the raw pixels.
//!
//! `cargo run --release --example classify` takes the 8 x 8 digits that are part of the library;
//! `--data DIR --set fashion` (or mnist, n-mnist) reads those files. Pictures go to `out/`.

mod data;
mod progress;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use limnos::Fit;
use limnos::plot::{self, Frame, Shown};
use limnos::prelude::*;
use limnos::presets::Pictures;
use limnos::readout::SoftmaxModel;
use limnos::tasks::confusion_matrix;

use data::{Data, Part, Set, Wanted};
use progress::Bar;

/// Classify pictures with a liquid of spiking neurons.
#[derive(Debug, Parser)]
struct Args {
    /// Folder with the files of the set (or with a folder of its name); else LIMNOS_DATA. The digits need none.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// What to classify.
    #[arg(long, value_enum, default_value = "digits")]
    set: Set,
    /// Samples to learn from (default: all digits but 30 %; 10 000 of other sets).
    #[arg(long, value_name = "N")]
    train: Option<usize>,
    /// Samples to be tested on.
    #[arg(long, value_name = "N")]
    test: Option<usize>,
    /// Neurons of the liquid.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    neurons: usize,
    /// Steps (ms) for which a sample is shown (default: 250; 340 for n-mnist).
    #[arg(long, value_name = "N")]
    steps: Option<u32>,
    /// cpu, gpu, or part of an adapter's name (default: LIMNOS_DEVICE, else the fastest).
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Seed of the network, of all spikes, and of the split of the digits.
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// Folder for the pictures.
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
    /// Print the results as one line of JSON, last.
    #[arg(long)]
    json: bool,
}

/// A liquid for a data set.
struct Liquid {
    network: Network,
    population: PopulationId,
    input: InputId,
    config: LsmConfig,
}

/// What came out.
struct Results {
    fit: Fit,
    predicted: Vec<u32>,
    test_accuracy: f64,
    raw_train: f64,
    raw_test: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    std::fs::create_dir_all(&args.out).with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    let device = match &args.device {
        Some(name) => Device::named(name)?,
        None => Device::auto()?,
    };
    let steps = args.steps.unwrap_or(args.set.steps());
    let wanted = Wanted { folder: args.data.as_deref(), train: args.train, test: args.test, seed: args.seed, steps };
    let data = data::load(args.set, &wanted)?;
    let liquid = liquid(&args, &data, steps);
    introduce(&args, &data, &device, steps);

    let (network, population, input) = (&liquid.network, liquid.population, liquid.input);
    let readout = Pictures::readout(data.train.len());
    let mut lsm = Lsm::new(&device, network, population, input, liquid.config.clone(), readout.clone())?;
    let results = learn(&mut lsm, &readout, &data)?;
    report(&lsm, &results);
    draw(&args, &data, &lsm, &liquid, &results)?;
    if args.json {
        println!("{}", json(&args, &device, &lsm, &results));
    }
    Ok(())
}

/// The library's preset; events are sparser than pixels, so each neuron sees more of them and hears them louder.
fn liquid(args: &Args, data: &Data, steps: u32) -> Liquid {
    let preset = Pictures {
        neurons: args.neurons,
        steps,
        seed: args.seed,
        ..Pictures::new(data.train.raw.ncols(), data.full_scale)
    };
    let events = data.train.trains.is_some();
    let preset = if events { Pictures { in_degree: 100, weight_gain: 60.0, ..preset } } else { preset };
    let mut config = preset.config();
    if events {
        // The sensor moves three times in a recording: counts of parts tell more than of the whole.
        let windows = if steps.is_multiple_of(5) { 5 } else { 1 };
        config = LsmConfig { encoder: Encoder::Given, features: Features::counts(windows), ..config };
    }
    let (network, population, input) = preset.network();
    Liquid { network, population, input, config }
}

fn introduce(args: &Args, data: &Data, device: &Device, steps: u32) {
    let info = device.info();
    println!("{} ({}; {})", data.about.name, data.about.authors, data.about.licence);
    println!("{} samples to learn from, {} to be tested on", data.train.len(), data.test.len());
    println!("{} neurons, {steps} steps of 1 ms a sample, on {} ({})\n", args.neurons, info.device, info.adapter);
}

fn learn(lsm: &mut Lsm, readout: &Softmax, data: &Data) -> Result<Results> {
    watch(lsm, "training samples");
    let fit = lsm.fit(data.train.samples(), &data.train.labels)?;
    watch(lsm, "test samples");
    let predicted = lsm.predict(data.test.samples())?;
    let met = predicted.iter().zip(&data.test.labels).filter(|(a, b)| a == b).count();
    let labels = |part: &Part| part.labels.iter().map(|&l| l as usize).collect::<Vec<_>>();
    let raw: SoftmaxModel = readout.fit(&data.train.raw, &labels(&data.train))?;
    Ok(Results {
        fit,
        predicted,
        test_accuracy: met as f64 / data.test.len() as f64,
        raw_train: raw.score(&data.train.raw, &labels(&data.train))?,
        raw_test: raw.score(&data.test.raw, &labels(&data.test))?,
    })
}

fn watch(lsm: &mut Lsm, task: &'static str) {
    let mut bar = Bar::new(task);
    lsm.on_progress(move |p| bar.show(p));
}

fn report(lsm: &Lsm, r: &Results) {
    let activity = lsm.activity();
    let seconds = activity.wall.as_secs_f64();
    println!("\naccuracy                  train     test");
    println!("liquid, then softmax     {:.4}   {:.4}", r.fit.train_accuracy, r.test_accuracy);
    println!("softmax on raw input     {:.4}   {:.4}\n", r.raw_train, r.raw_test);
    println!(
        "{} spikes, {:.1} Hz a neuron; {:.2} s of simulation ({:.0} samples a second), {:.2} s for the readout",
        activity.spikes,
        activity.rate_hz,
        seconds,
        activity.samples as f64 / seconds,
        r.fit.wall.as_secs_f64()
    );
}

fn json(args: &Args, device: &Device, lsm: &Lsm, r: &Results) -> serde_json::Value {
    let (info, activity) = (device.info(), lsm.activity());
    serde_json::json!({
        "device": info.device,
        "adapter": info.adapter,
        "train_accuracy": r.fit.train_accuracy,
        "test_accuracy": r.test_accuracy,
        "raw_pixels_accuracy": r.raw_test,
        "neurons": args.neurons,
        "spikes": activity.spikes,
        "rate_hz": activity.rate_hz,
        "sim_wall_s": activity.wall.as_secs_f64(),
        "fit_s": r.fit.wall.as_secs_f64(),
    })
}

fn draw(args: &Args, data: &Data, lsm: &Lsm, liquid: &Liquid, results: &Results) -> Result<()> {
    let classes = args.set.classes();
    let paths = ["raster.svg", "confusion.svg"].map(|name| args.out.join(name));
    draw_raster(&paths[0], lsm, liquid, data, results, &classes)?;
    let counts = confusion_matrix(&results.predicted, &data.test.labels, classes.len() as u32)?;
    plot::confusion_matrix(&counts.mapv(u64::from), &classes, &data.about.name)?.save(&paths[1])?;
    println!("wrote {} and {}", paths[0].display(), paths[1].display());
    Ok(())
}

/// Shows the spikes of the first test samples of three classes.
fn draw_raster(
    path: &Path,
    lsm: &Lsm,
    liquid: &Liquid,
    data: &Data,
    results: &Results,
    classes: &[String],
) -> Result<()> {
    let labels = &data.test.labels;
    let first_of_each = (0..classes.len() as u32).filter_map(|class| labels.iter().position(|&l| l == class));
    let mut shown = Vec::new();
    for index in first_of_each.take(3) {
        let name = |class: u32| &classes[class as usize];
        let spikes = lsm.spikes(index as u32, data.test.sample(index))?.concat();
        shown.push(Shown {
            picture: data.test.raw.row(index),
            width: data.width,
            caption: format!("{}, read as {}", name(labels[index]), name(results.predicted[index])),
            right: labels[index] == results.predicted[index],
            spikes,
        });
    }
    let population = &liquid.network.populations()[liquid.population.index()];
    let frame = Frame {
        neurons: population.size(),
        first_inhibitory: population.inhibitory().start,
        steps: liquid.config.steps,
        dt: liquid.network.config.dt,
        title: format!("Spikes of the liquid: {}", data.about.name),
    };
    Ok(plot::raster(&frame, &shown)?.save(path)?)
}
