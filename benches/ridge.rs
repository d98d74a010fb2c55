//! `cargo bench --bench ridge`: the time of a ridge fit alone, one output and alpha 1e-6, and its peak memory.
//!
//! Arguments after `--`: numbers of features (5000, 1000 and 100), `--samples 9900`, `--threads 1`, `--repeats 5`, `--f32`. One
//! JSON line a size: median and least wall and CPU seconds, memory before and at the peak of the fits, and the floor: the
//! operations of the sums (samples x features^2) and of the decomposition (features^3 / 3) at the rate at which one task
//! multiplies blocks that stay in its cache. Features are tanh of mixed noise, so that they are correlated as states are.

use std::time::Instant;

use anyhow::{Context, Result};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use limnos::readout::{Alpha, Feature, Ridge, RidgeModel};
use limnos_bench::process;
use ndarray::{Array1, Array2, ArrayRef2, Axis};
use serde_json::json;

/// Penalty of the fits.
const ALPHA: f64 = 1e-6;

#[derive(Clone, Debug)]
struct Settings {
    sizes: Vec<usize>,
    samples: usize,
    threads: usize,
    repeats: usize,
    f32: bool,
}

fn main() -> Result<()> {
    let settings = parse(std::env::args().skip(1))?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build()?;
    for &features in &settings.sizes {
        pool.install(|| match settings.f32 {
            true => report(&settings, &states(settings.samples, features, |value| value as f32)),
            false => report(&settings, &states(settings.samples, features, |value| value)),
        })?;
    }
    Ok(())
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Settings> {
    let mut settings = Settings { sizes: Vec::new(), samples: 9900, threads: 1, repeats: 5, f32: false };
    let mut arguments = arguments.filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<usize> { Ok(arguments.next().context("a number after the flag")?.parse()?) };
        match argument.as_str() {
            "--samples" => settings.samples = number()?,
            "--threads" => settings.threads = number()?,
            "--repeats" => settings.repeats = number()?.max(1),
            "--f32" => settings.f32 = true,
            size => settings.sizes.push(size.parse().with_context(|| format!("{size} is no number of features"))?),
        }
    }
    if settings.sizes.is_empty() {
        settings.sizes = vec![5000, 1000, 100];
    }
    Ok(settings)
}

/// Numbers in [-1, 1) (a linear congruential generator).
fn noise() -> impl FnMut() -> f64 {
    let mut state = 1u64;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

/// `x_j <- tanh(0.7 x_j + 0.3 x_(j-1) + 0.5 noise)` down the samples.
fn states<F>(samples: usize, features: usize, number: impl Fn(f64) -> F) -> Array2<F> {
    let (mut next, mut state) = (noise(), vec![0.0; features]);
    Array2::from_shape_fn((samples, features), |(_, j)| {
        let neighbour = if j == 0 { 0.0 } else { state[j - 1] };
        state[j] = f64::tanh(0.7 * state[j] + 0.3 * neighbour + 0.5 * next());
        number(state[j])
    })
}

fn report<F: Feature>(settings: &Settings, x: &Array2<F>) -> Result<()> {
    let (samples, features) = x.dim();
    let y = x.map_axis(Axis(1), |row| row.iter().step_by(7).map(|value| value.to_f64()).sum::<f64>().sin());
    let before_mb = process::peak_rss_mb();
    let ridge = Ridge { alpha: Alpha::Given(ALPHA), ..Ridge::default() };
    let (mut wall, mut cpu, mut model) = (Vec::new(), Vec::new(), None);
    for _ in 0..settings.repeats {
        let (start, used) = (Instant::now(), process::cpu_seconds().unwrap_or(f64::NAN));
        model = Some(ridge.fit(x, &y)?);
        wall.push(start.elapsed().as_secs_f64());
        cpu.push(process::cpu_seconds().unwrap_or(f64::NAN) - used);
    }
    let peak_mb = process::peak_rss_mb();
    let operations = samples as f64 * (features as f64).powi(2) + (features as f64).powi(3) / 3.0;
    let floor = operations / product_rate();
    let cpu_s = median(&mut cpu);
    let line = json!({
        "workload": "ridge", "features": features, "samples": samples, "number": std::any::type_name::<F>(),
        "threads": settings.threads, "repeats": settings.repeats, "alpha": ALPHA,
        "wall_s": rounded(median(&mut wall)), "wall_min_s": rounded(wall[0]), "cpu_s": rounded(cpu_s), "cpu_min_s": rounded(cpu[0]),
        "floor_cpu_s": rounded(floor), "times_floor": (100.0 * cpu[0] / floor).round() / 100.0,
        "rss_before_mb": before_mb.map(f64::round), "peak_rss_mb": peak_mb.map(f64::round),
        "gradient": gradient(&model.context("at least one fit")?, x, &y), "load": process::load_average(),
    });
    println!("{line}");
    Ok(())
}

/// How well the normal equations hold: the largest entry of `Xc^T (y - x W - b) - alpha W`, relative to that of `Xc^T y`.
fn gradient<F: Feature>(model: &RidgeModel, x: &ArrayRef2<F>, y: &Array1<f64>) -> f64 {
    let predicted = model.predict(x).expect("the features should be those of the fit");
    let (residual, mean_y) = (y - &predicted.column(0), y.mean().unwrap_or(0.0));
    let mean = residual.mean().unwrap_or(0.0);
    let (mut off, mut scale) = (Array1::<f64>::zeros(x.ncols()), Array1::<f64>::zeros(x.ncols()));
    for ((row, r), y) in x.outer_iter().zip(&residual).zip(y) {
        let row = row.map(|value| value.to_f64());
        off.scaled_add(r - mean, &row);
        scale.scaled_add(y - mean_y, &row);
    }
    off.scaled_add(-ALPHA, &model.weights().column(0));
    let largest = |values: &Array1<f64>| values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    largest(&off) / largest(&scale)
}

/// Operations a CPU second of a product of matrices that stay in the second cache: the best of some.
fn product_rate() -> f64 {
    const SIZE: usize = 192;
    const PRODUCTS: usize = 20;
    let mut next = noise();
    let (a, b) = (Mat::from_fn(SIZE, SIZE, |_, _| next()), Mat::from_fn(SIZE, SIZE, |_, _| 0.5));
    let mut c = Mat::<f64>::zeros(SIZE, SIZE);
    let mut trial = || {
        let used = process::cpu_seconds().unwrap_or(f64::NAN);
        (0..PRODUCTS).for_each(|_| matmul(c.as_mut(), Accum::Add, a.transpose(), b.as_ref(), 1.0, Par::Seq));
        (2 * PRODUCTS * SIZE.pow(3)) as f64 / (process::cpu_seconds().unwrap_or(f64::NAN) - used)
    };
    (0..20).map(|_| trial()).fold(f64::MIN_POSITIVE, f64::max)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn rounded(seconds: f64) -> f64 {
    (1e5 * seconds).round() / 1e5
}
