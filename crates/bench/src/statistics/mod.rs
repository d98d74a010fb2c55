//! Spike statistics by which simulators of one network are compared: rates, variability of intervals, pairwise correlation.
//!
//! Definitions are those of `benches/reference/README.md`, to which the numbers of NEST, Brian2 and a plain event loop belong. An undefined
//! value (no neuron with enough intervals, no pair with varying counts) is `None`.

mod correlation;
mod intervals;
mod pairs;
mod raster;
mod reference;
mod weights;

use serde::{Deserialize, Serialize};

pub use correlation::{all_pairs, of_pair};
pub use intervals::cv;
pub use pairs::{SplitMix64, random_pairs};
pub use raster::{Raster, Simulated, simulate};
pub use reference::{Band, Entry, Reference, Verdict};
pub use weights::{WeightStatistics, plastic_weights};

/// Milliseconds at the start of a run that are not measured.
pub const DISCARDED_MS: f64 = 500.0;

/// How a raster is measured.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Settings {
    /// Time step, ms.
    pub dt_ms: f64,
    /// First step of the window.
    pub first_step: u32,
    /// Steps of the window.
    pub window_steps: u32,
    /// Bin of the correlations, ms.
    pub bin_ms: f64,
    /// Pairs of neurons whose correlation is averaged.
    pub pairs: Vec<(usize, usize)>,
    /// Fewest intervals of a neuron that has a coefficient of variation.
    pub min_intervals: usize,
}

impl Settings {
    /// The settings of the reference: 0.5 s discarded, bins of 5 ms, 2000 pairs of the first `n_exc` neurons, 5 intervals.
    pub fn reference(dt_ms: f64, seconds: f64, n_exc: usize, seed: u64) -> Self {
        let steps = |ms: f64| (ms / dt_ms).round() as u32;
        Self {
            dt_ms,
            first_step: steps(DISCARDED_MS),
            window_steps: steps(1000.0 * seconds),
            bin_ms: 5.0,
            pairs: random_pairs(n_exc, 2000, seed),
            min_intervals: 5,
        }
    }

    /// Steps of a bin.
    #[must_use]
    pub fn bin_steps(&self) -> u32 {
        ((self.bin_ms / self.dt_ms).round() as u32).max(1)
    }

    /// Seconds of the window.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        f64::from(self.window_steps) * self.dt_ms / 1000.0
    }
}

/// The statistics of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Spikes in the window.
    pub spikes: u64,
    /// Mean rate of a neuron, Hz.
    pub rate_hz: f64,
    /// Of an excitatory one.
    pub rate_exc_hz: f64,
    /// Of an inhibitory one.
    pub rate_inh_hz: f64,
    /// Mean coefficient of variation of the inter-spike intervals of a neuron.
    pub cv_isi: Option<f64>,
    /// Over the excitatory neurons.
    pub cv_isi_exc: Option<f64>,
    /// Over the inhibitory neurons.
    pub cv_isi_inh: Option<f64>,
    /// Neurons that have one.
    pub cv_neurons: usize,
    /// Mean correlation of the spike counts of the chosen pairs.
    pub correlation: Option<f64>,
    /// Its standard deviation over the pairs.
    pub correlation_sd: Option<f64>,
    /// Pairs that have one.
    pub correlation_pairs: usize,
    /// Mean correlation over all pairs of excitatory neurons.
    pub correlation_all_pairs: Option<f64>,
    /// Neurons without a spike in the window.
    pub silent_neurons: usize,
    /// Mean rate in the last tenth of the window, Hz: whether activity lasts.
    pub rate_last_tenth_hz: f64,
    /// Plastic weights at the end, where the network learns.
    pub weights: Option<WeightStatistics>,
}

impl Statistics {
    /// Every measure with its name; the order is that of the fields.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, Option<f64>)> {
        let mut values = self.of_spikes();
        values.extend(self.weights.iter().flat_map(of_weights));
        values
    }

    fn of_spikes(&self) -> Vec<(&'static str, Option<f64>)> {
        vec![
            ("rate_hz", Some(self.rate_hz)),
            ("rate_exc_hz", Some(self.rate_exc_hz)),
            ("rate_inh_hz", Some(self.rate_inh_hz)),
            ("cv_isi", self.cv_isi),
            ("cv_isi_exc", self.cv_isi_exc),
            ("cv_isi_inh", self.cv_isi_inh),
            ("cv_neurons", Some(self.cv_neurons as f64)),
            ("correlation", self.correlation),
            ("correlation_sd", self.correlation_sd),
            ("correlation_pairs", Some(self.correlation_pairs as f64)),
            ("correlation_all_pairs", self.correlation_all_pairs),
            ("silent_neurons", Some(self.silent_neurons as f64)),
            ("rate_last_tenth_hz", Some(self.rate_last_tenth_hz)),
        ]
    }
}

fn of_weights(weights: &WeightStatistics) -> [(&'static str, Option<f64>); 7] {
    let [p05, p25, p50, p75, p95] = weights.percentiles;
    [
        ("w_mean", weights.mean),
        ("w_sd", weights.sd),
        ("w_p05", p05),
        ("w_p25", p25),
        ("w_p50", p50),
        ("w_p75", p75),
        ("w_p95", p95),
    ]
    .map(|(name, value)| (name, Some(value)))
}

/// Measures a run whose first `n_exc` neurons are excitatory, and the weights that it ended with.
#[must_use]
pub fn measure_all(run: Simulated, n_exc: usize, settings: &Settings) -> Statistics {
    Statistics { weights: WeightStatistics::new(run.weights), ..measure(&run.raster, n_exc, settings) }
}

/// Measures a raster whose first `n_exc` neurons are excitatory.
#[must_use]
pub fn measure(raster: &Raster, n_exc: usize, settings: &Settings) -> Statistics {
    let window = raster.window(settings.first_step, settings.window_steps);
    let rows = window.rows();
    let (exc, inh) = rows.split_at(n_exc.min(rows.len()));
    let cvs: Vec<_> = rows.iter().map(|row| cv(row, settings.min_intervals)).collect();
    let (cv_exc, cv_inh) = cvs.split_at(exc.len());
    let bins = settings.window_steps / settings.bin_steps();
    let pair = |&(a, b): &(usize, usize)| of_pair(&rows[a], &rows[b], settings.bin_steps(), bins);
    let correlations: Vec<_> = settings.pairs.iter().map(pair).collect();
    let tenth = settings.window_steps / 10;
    let late = settings.window_steps - tenth;
    let in_last_tenth: usize = rows.iter().map(|row| row.len() - row.partition_point(|&s| s < late)).sum();
    let tenth_seconds = f64::from(tenth) * settings.dt_ms / 1000.0;
    Statistics {
        spikes: spikes(rows) as u64,
        rate_hz: rate(rows, settings),
        rate_exc_hz: rate(exc, settings),
        rate_inh_hz: rate(inh, settings),
        cv_isi: mean(&cvs),
        cv_isi_exc: mean(cv_exc),
        cv_isi_inh: mean(cv_inh),
        cv_neurons: cvs.iter().flatten().count(),
        correlation: mean(&correlations),
        correlation_sd: sd(&correlations),
        correlation_pairs: correlations.iter().flatten().count(),
        correlation_all_pairs: all_pairs(exc, settings.bin_steps(), bins),
        silent_neurons: rows.iter().filter(|row| row.is_empty()).count(),
        rate_last_tenth_hz: in_last_tenth as f64 / rows.len() as f64 / tenth_seconds,
        weights: None,
    }
}

fn spikes(rows: &[Vec<u32>]) -> usize {
    rows.iter().map(Vec::len).sum()
}

fn rate(rows: &[Vec<u32>], settings: &Settings) -> f64 {
    spikes(rows) as f64 / rows.len() as f64 / settings.seconds()
}

/// Mean of what is defined.
fn mean(values: &[Option<f64>]) -> Option<f64> {
    let defined = values.iter().flatten().count();
    (defined > 0).then(|| values.iter().flatten().sum::<f64>() / defined as f64)
}

/// Standard deviation of what is defined; divisor: their number.
fn sd(values: &[Option<f64>]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: Vec<_> = values.iter().map(|v| v.map(|v| (v - mean).powi(2))).collect();
    self::mean(&squares).map(f64::sqrt)
}
