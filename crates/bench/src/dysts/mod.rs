//! dysts: free-running forecasts of 131 chaotic systems by its published protocol.
//!
//! W. Gilpin, "Chaos as an interpretable benchmark for forecasting and data-driven modelling", NeurIPS Datasets and Benchmarks 2021. Each system has two
//! trajectories of 12 periods, 1200 rows. Settings are chosen on the one for training; then a forecaster learns the first 5/6 of the other and
//! forecasts its last 1/6. The score is [`smape`] over all rows and dimensions, 0 to 200.

mod protocol;
mod published;
mod report;

pub use protocol::{DystsProtocol, Family, SystemScore};
pub use published::{Published, published};
pub use report::DystsReport;

use limnos::tasks::{ValidTime, smape, spread};
use ndarray::ArrayView2;

/// Error that ends a forecast's valid time, in units of the target's spread.
pub const THRESHOLD: f64 = 0.4;
/// Rows of a period, as the trajectories are sampled.
const PERIOD: f64 = 100.0;

/// How good a forecast was.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Score {
    smape: f64,
    periods: f64,
    lyapunov_times: f64,
    whole: bool,
}

impl Score {
    /// Of a forecast in rows `dt` apart, of a system with this largest exponent.
    fn of(predicted: ArrayView2<'_, f64>, target: ArrayView2<'_, f64>, dt: f64, lyapunov: f64) -> limnos::Result<Self> {
        let scale = Some(spread(target)?);
        let valid = ValidTime { threshold: THRESHOLD, dt, lyapunov, scale }.of(predicted, target)?;
        Ok(Self {
            smape: smape(predicted, target)?,
            periods: valid.steps as f64 / PERIOD,
            lyapunov_times: valid.lyapunov_times,
            whole: valid.whole,
        })
    }
}

/// The middle number, or the mean of the middle two.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let n = numbers.len();
    if n == 0 { f64::NAN } else { 0.5 * (numbers[(n - 1) / 2] + numbers[n / 2]) }
}
