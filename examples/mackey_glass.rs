//! A forecast of chaos: an echo state network learns 3000 points of the Mackey-Glass series, then runs free. Writes `out/mackey_glass.svg`, truth against forecast.
//!
//! `cargo run --release -p limnos-examples --example mackey_glass`

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use limnos::esn::{Esn, EsnConfig, Precision};
use limnos::plot::{Chart, Series, chart};
use limnos::reservoir::Reservoir;
use limnos::tasks::MackeyGlass;
use limnos::{Device, Distribution};
use ndarray::{Array2, s};

/// Trains an echo state network on the Mackey-Glass series and lets it run free.
#[derive(Parser)]
struct Args {
    /// Units of the reservoir.
    #[arg(long, default_value_t = 1000)]
    units: usize,
    /// Steps of free run that are drawn.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: u32,
    /// Seed of the weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// cpu, gpu, or part of an adapter's name (default: LIMNOS_DEVICE, else the fastest).
    #[arg(long)]
    device: Option<String>,
    /// Compute states in double precision (cpu).
    #[arg(long)]
    double: bool,
    /// The picture.
    #[arg(long, default_value = "out/mackey_glass.svg")]
    out: PathBuf,
    /// Print one JSON object as the last line.
    #[arg(long)]
    json: bool,
}

const TRAIN: usize = 3000;
/// Steps of history before each test start, and starts.
const PRIME: usize = 200;
const STARTS: usize = 50;
const HORIZON: usize = 84;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(folder) = args.out.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("--out: cannot make the folder {}", folder.display()))?;
    }
    let values = MackeyGlass::default().series(TRAIN + (args.steps as usize).max(6000))?;
    let series = Array2::from_shape_fn((values.len(), 1), |(t, _)| values[t] - 0.95);

    let reservoir = Reservoir {
        units: args.units,
        leak_rate: 0.6,
        spectral_radius: 1.0,
        input_scaling: 1.5.into(),
        bias: Distribution::uniform(-0.5, 0.5),
        seed: args.seed,
        ..Reservoir::default()
    };
    let precision = if args.double { Precision::F64 } else { Precision::F32 };
    let config = EsnConfig { reservoir, alpha: 1e-10, precision, ..EsnConfig::default() };
    let mut esn = Esn::new(&args.device.as_deref().map_or_else(Device::auto, Device::named)?, config)?;
    let fit = esn.fit_forecast(series.slice(s![..TRAIN, ..]))?;
    eprintln!("learned {} steps of {} features in {:.2?}", fit.steps, fit.features, fit.run + fit.solve);

    let forecast = esn.generate(args.steps as usize)?;
    save_picture(&args, &series, &forecast)?;

    let nrmse = nrmse_84(&mut esn, &series)?;
    println!(
        "NRMSE at {HORIZON} steps, {STARTS} starts: {nrmse:.2e} (log10 {:.2}); {}",
        nrmse.log10(),
        args.out.display()
    );
    if args.json {
        let run = (fit.run + fit.solve).as_secs_f64();
        println!("{}", serde_json::json!({ "nrmse_84": nrmse, "units": args.units, "fit_s": run, "seed": args.seed }));
    }
    Ok(())
}

/// Root mean squared error of step 84 of free runs, over the standard deviation of the series.
fn nrmse_84(esn: &mut Esn, series: &Array2<f64>) -> anyhow::Result<f64> {
    let gap = (series.nrows() - TRAIN - PRIME - HORIZON) / STARTS;
    let mut sum = 0.0;
    for start in (0..STARTS).map(|k| TRAIN + k * gap) {
        let forecast = esn.forecast(series.slice(s![start..start + PRIME, ..]), HORIZON)?;
        sum += (forecast[(HORIZON - 1, 0)] - series[(start + PRIME + HORIZON - 1, 0)]).powi(2);
    }
    Ok((sum / STARTS as f64 / series.var(0.0)).sqrt())
}

fn save_picture(args: &Args, series: &Array2<f64>, forecast: &Array2<f64>) -> anyhow::Result<()> {
    let history = 100;
    let points = |values: ndarray::ArrayView1<'_, f64>, first: f64| {
        values.iter().enumerate().map(|(t, x)| (t as f64 + first, x + 0.95)).collect::<Vec<_>>()
    };
    let truth = points(series.slice(s![TRAIN - history..TRAIN + args.steps as usize, 0]), -(history as f64));
    let about = Chart {
        title: format!("Mackey-Glass series, {} units", args.units),
        note: format!("learned from {TRAIN} points; from step 0 on the network hears only itself"),
        x_name: "step".into(),
        y_name: "x".into(),
        marks: vec![(0.0, "free run".into())],
        ..Chart::default()
    };
    let series = [Series::line("truth", truth), Series::dashes("forecast", points(forecast.column(0), 0.0))];
    chart(&about, &series)?.save(&args.out)?;
    Ok(())
}
