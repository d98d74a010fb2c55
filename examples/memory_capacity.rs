//! How far back a reservoir remembers, and what homeostasis does for reservoirs whose balance of excitation and inhibition is set wrongly. Writes
//! `out/memory_capacity.svg`: the capacity by delay of three reservoirs, each as it is and after homeostasis.
//!
//! `cargo run --release -p limnos-examples --example memory_capacity`

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use limnos::Device;
use limnos::esn::{Esn, EsnConfig};
use limnos::plot::{Chart, Series, chart};
use limnos::reservoir::RateModel;
use limnos::tasks::{MemoryCapacity, SplitMix64, delayed_inputs, narma10, nrmse};
use limnos::tuning::{Development, EiHomeostasis, EiReservoir, HomeostasisForm, TargetRates};
use ndarray::{Array2, s};

/// Measures linear memory capacity and NARMA-10 over a range of mis-set balances, with and without homeostasis.
#[derive(Parser)]
struct Args {
    /// Units of the reservoir.
    #[arg(long, default_value_t = 200)]
    units: usize,
    /// Balances: 0 is balanced, below is over-inhibited, above is driven by excitation.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "-0.8,-0.4,-0.2,-0.1,0,0.1,0.2,0.4,0.8",
        allow_hyphen_values = true
    )]
    balance: Vec<f64>,
    /// Networks, by seed, whose mean is taken.
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// The picture.
    #[arg(long, default_value = "out/memory_capacity.svg")]
    out: PathBuf,
    /// Print one JSON object as the last line.
    #[arg(long)]
    json: bool,
}

/// A reservoir as it is, and after each form of homeostasis.
const FORMS: [&str; 4] = ["as it is", "one rate", "many rates", "one step"];

fn rules(seed: u64) -> [Option<EiHomeostasis>; 4] {
    let local = HomeostasisForm::Local { rate: 1e-3, passes: 4 };
    let many = TargetRates::Beta { a: 2, b: 2, seed };
    [
        None,
        Some(EiHomeostasis { targets: TargetRates::Same(0.5), form: local }),
        Some(EiHomeostasis { targets: many.clone(), form: local }),
        Some(EiHomeostasis { targets: many, form: HomeostasisForm::OneStep }),
    ]
}

fn uniform(n: usize, seed: u64) -> Vec<f64> {
    let mut random = SplitMix64::new(seed);
    (0..n).map(|_| 2.0 * random.next_f64() - 1.0).collect()
}

fn column(values: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((values.len(), 1), |(t, _)| values[t])
}

fn network(model: RateModel) -> anyhow::Result<Esn> {
    let config = EsnConfig { alpha: 1e-8, read_inputs: false, warmup: 200, ..EsnConfig::default() };
    Ok(Esn::from_model(&Device::cpu()?, model, config)?)
}

/// Capacity of each delay up to 2 N, of inputs that the readout did not learn from.
fn memory(model: RateModel) -> anyhow::Result<MemoryCapacity> {
    let (delays, train, test) = (2 * model.units(), 20 * model.units(), 20 * model.units());
    let inputs = uniform(delays + train + test, 5);
    let (x, targets) = (column(&inputs[delays..]), delayed_inputs(&inputs, delays)?);
    let mut esn = network(model)?;
    esn.fit(x.slice(s![..train, ..]), targets.slice(s![..train, ..]))?;
    let predicted = esn.advance(x.slice(s![train.., ..]))?;
    Ok(MemoryCapacity::of(&inputs[train..], predicted.view())?)
}

/// NRMSE of NARMA-10 on data that the readout did not learn from; inputs brought to -1 to 1.
fn narma(model: RateModel) -> anyhow::Result<f64> {
    let (train, test) = (4000, 2000);
    let series = narma10(train + test, 3)?;
    let (x, y) = (column(&series.input).mapv(|u| 4.0 * u - 1.0), column(&series.target));
    let mut esn = network(model)?;
    esn.fit(x.slice(s![..train, ..]), y.slice(s![..train, ..]))?;
    let predicted = esn.advance(x.slice(s![train.., ..]))?;
    Ok(nrmse(&predicted.column(0).to_vec(), &series.target[train..])?)
}

struct Row {
    balance: f64,
    /// Of each form: means over seeds.
    capacity: [f64; 4],
    narma: [f64; 4],
    /// Of the first seed, as it is and with one rate.
    curves: [Vec<f64>; 2],
}

fn row(args: &Args, balance: f64) -> anyhow::Result<Row> {
    let mut row = Row { balance, capacity: [0.0; 4], narma: [0.0; 4], curves: [Vec::new(), Vec::new()] };
    let drive = column(&uniform(2000, 9));
    for seed in 0..args.seeds {
        let reservoir = EiReservoir { units: args.units, balance, seed, ..EiReservoir::default() };
        let model = reservoir.model(1)?;
        for (k, rule) in rules(seed).into_iter().enumerate() {
            let model = match rule {
                Some(rule) => rule.develop(&model, drive.view())?.model,
                None => model.clone(),
            };
            let capacity = memory(model.clone())?;
            row.capacity[k] += capacity.total() / args.seeds as f64;
            row.narma[k] += narma(model)? / args.seeds as f64;
            if seed == 0 && k < 2 {
                row.curves[k] = capacity.by_delay;
            }
        }
    }
    Ok(row)
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    anyhow::ensure!(args.seeds > 0, "--seeds must be 1 or more");
    if let Some(folder) = args.out.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("--out: cannot make the folder {}", folder.display()))?;
    }
    println!("{} units; linear memory capacity, then NRMSE of NARMA-10; means of {} networks", args.units, args.seeds);
    println!(
        "{:>8} {}   {}",
        "balance",
        FORMS.map(|f| format!("{f:>12}")).concat(),
        FORMS.map(|f| format!("{f:>12}")).concat()
    );
    let mut rows = Vec::new();
    for &balance in &args.balance {
        let row = row(&args, balance)?;
        let numbers = |all: [f64; 4], digits| all.map(|v| format!("{v:>12.digits$}")).concat();
        println!("{balance:>8} {}   {}", numbers(row.capacity, 1), numbers(row.narma, 3));
        rows.push(row);
    }
    let best = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).max_by(f64::total_cmp).context("no balance was given");
    let (capacity, error) = (best(&|r| r.capacity[0])?, -best(&|r| -r.narma[0])?);
    let mean = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
    println!(
        "the best balance as it is: capacity {capacity:.1}, NARMA-10 {error:.3}; means over all balances against it:"
    );
    // In percent, above 0 where homeostasis is better: what the paper calls the gain over a globally tuned reservoir.
    let gains = [0, 1, 2, 3]
        .map(|k| [100.0 * (mean(&|r| r.capacity[k]) / capacity - 1.0), 100.0 * (1.0 - mean(&|r| r.narma[k]) / error)]);
    for (form, [of_capacity, of_narma]) in FORMS.iter().zip(gains) {
        println!("{form:>12}: capacity {of_capacity:+.0} %, NARMA-10 {of_narma:+.0} % (above 0 is better)");
    }
    save_picture(&args, &rows)?;
    if args.json {
        let json = |r: &Row| serde_json::json!({ "balance": r.balance, "capacity": r.capacity, "narma": r.narma });
        println!(
            "{}",
            serde_json::json!({
                "units": args.units, "forms": FORMS, "rows": rows.iter().map(json).collect::<Vec<_>>(),
                "gain_percent": gains,
            })
        );
    }
    Ok(())
}

fn save_picture(args: &Args, rows: &[Row]) -> anyhow::Result<()> {
    let points = |curve: &[f64]| curve.iter().enumerate().map(|(k, c)| (k as f64 + 1.0, *c)).collect::<Vec<_>>();
    let mut shown = vec![0, rows.len() / 2, rows.len() - 1];
    shown.dedup();
    let curves = shown.into_iter().map(|k| &rows[k]).flat_map(|row| {
        let name = format!("balance {}", row.balance);
        [
            Series::dashes(name.clone(), points(&row.curves[0])),
            Series::line(name + ", one rate", points(&row.curves[1])),
        ]
    });
    let longest =
        rows.iter().flat_map(|r| &r.curves).filter_map(|c| c.iter().rposition(|v| *v > 0.05)).max().unwrap_or(1);
    let about = Chart {
        title: format!("Linear memory of {} excitatory and inhibitory units", args.units),
        note: "squared correlation of past inputs and their reconstruction".into(),
        x_name: "delay, steps".into(),
        y_name: "capacity".into(),
        x: Some([1.0, longest as f64 + 3.0]),
        ..Chart::default()
    };
    chart(&about, &curves.collect::<Vec<_>>())?.save(&args.out)?;
    println!("{}", args.out.display());
    Ok(())
}
