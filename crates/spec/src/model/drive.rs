//! Noise drives as integer tables: Poisson and normal numbers by inversion of one `u32`.

use crate::connect::PRECISION;
use crate::fixed::{from_fixed, to_fixed};
use crate::rng::normal_quantile;
use crate::{Drive, SpecError};

/// Largest mean number of Poisson events a step.
pub const MAX_DRIVE_EVENTS: f64 = 1000.0;

/// Segments of the normal table.
const SEGMENTS: usize = 1 << 12;

/// A drive as the devices evaluate it. Amounts are in steps of the population's binary point.
#[derive(Clone, Debug, PartialEq)]
pub enum DriveModel {
    /// Nothing.
    None,
    /// The same amount each step.
    Constant(i32),
    /// `weight * (base + number of thresholds that the draw reaches)`.
    Poisson {
        /// Amount of one event.
        weight: i32,
        /// Events that are certain (the distribution's mass below is under 2^-32).
        base: u32,
        /// Ascending thresholds: `floor(P(X <= k) * 2^32)` for k = base, base + 1, …
        thresholds: Vec<u32>,
    },
    /// Linear interpolation in a table of quantiles: `t[u >> 20] + mul_q31(t[(u >> 20) + 1] - t[u >> 20], (u & 0xfffff) << 11)`.
    Normal {
        /// 4097 quantiles, in steps of the binary point.
        quantiles: Vec<i32>,
    },
}

/// The size of what a drive adds at a time, mV: what fixed point must hold well.
pub(super) fn typical(drive: Drive) -> f64 {
    match drive {
        Drive::Constant { amount } => amount.abs(),
        Drive::Poisson { weight, .. } => weight.abs(),
        Drive::Normal { mean, sd } => mean.abs().max(sd),
    }
}

/// The largest rounding error, mV.
pub(super) fn rounding(fraction_bits: u32) -> f64 {
    0.5 / (1u64 << fraction_bits) as f64
}

/// Refuses a drive that fixed point would change by more than [`PRECISION`].
fn check_precision(drive: Drive, fraction_bits: u32, population: &str) -> Result<(), SpecError> {
    let wanted = typical(drive);
    let held = match drive {
        Drive::Constant { .. } | Drive::Poisson { .. } => {
            to_fixed(wanted, fraction_bits).map(|x| from_fixed(x, fraction_bits))
        }
        Drive::Normal { .. } => Some(wanted + rounding(fraction_bits)),
    };
    let error = held.map_or(0.0, |held| (held - wanted).abs() / wanted);
    if wanted > 0.0 && error > PRECISION {
        return Err(SpecError::Precision {
            projection: format!("the drive of '{population}'"),
            typical: wanted,
            step: 2.0 * rounding(fraction_bits),
            error,
            allowed: PRECISION,
        });
    }
    Ok(())
}

impl DriveModel {
    pub(super) fn new(drive: Option<Drive>, fraction_bits: u32, population: &str) -> Result<Self, SpecError> {
        let fixed = |what: &str, x: f64| {
            to_fixed(x, fraction_bits).ok_or_else(|| {
                SpecError::invalid(
                    format!("{what} of the drive of '{population}'"),
                    x,
                    format!("what fits {fraction_bits} fractional bits"),
                )
            })
        };
        drive.map_or(Ok(()), |drive| check_precision(drive, fraction_bits, population))?;
        Ok(match drive {
            None => Self::None,
            Some(Drive::Constant { amount }) => Self::Constant(fixed("amount", amount)?),
            Some(Drive::Poisson { events_per_step, weight }) => {
                let (base, thresholds) = poisson_table(events_per_step);
                fixed("largest sum", weight * (base as f64 + thresholds.len() as f64))?;
                Self::Poisson { weight: fixed("weight", weight)?, base, thresholds }
            }
            Some(Drive::Normal { mean, sd }) => {
                fixed("largest value", mean.abs() + 8.0 * sd)?;
                Self::Normal { quantiles: normal_table(mean, sd, fraction_bits) }
            }
        })
    }

    /// Words of its table.
    #[must_use]
    pub const fn table_words(&self) -> usize {
        match self {
            Self::None | Self::Constant(_) => 0,
            Self::Poisson { thresholds, .. } => thresholds.len(),
            Self::Normal { quantiles } => quantiles.len(),
        }
    }

    /// Whether it draws random numbers.
    #[must_use]
    pub const fn draws(&self) -> bool {
        matches!(self, Self::Poisson { .. } | Self::Normal { .. })
    }

    /// The largest positive and the largest negative (as a magnitude) amount in one step.
    pub(super) fn bounds(&self) -> (i64, i64) {
        let pair = |x: i64| (x.max(0), (-x).max(0));
        match self {
            Self::None => (0, 0),
            Self::Constant(c) => pair(i64::from(*c)),
            Self::Poisson { weight, base, thresholds } => {
                pair(i64::from(*weight) * (i64::from(*base) + thresholds.len() as i64))
            }
            Self::Normal { quantiles } => (i64::from(quantiles[SEGMENTS]).max(0), (-i64::from(quantiles[0])).max(0)),
        }
    }
}

/// Poisson numbers of mean `mean` by inversion: the count of certain events and the thresholds after it. The number is
/// `base + #{thresholds <= u}` for a uniform word u, exact to 2^-32.
#[must_use]
pub fn poisson_table(mean: f64) -> (u32, Vec<u32>) {
    let mut log_p = -mean;
    let mut cumulative = 0.0;
    let (mut base, mut thresholds) = (0, Vec::new());
    for k in 0..100_000u32 {
        cumulative += libm::exp(log_p);
        let threshold = libm::floor(cumulative * 4_294_967_296.0);
        if threshold >= 4_294_967_295.0 || (f64::from(k) > mean && log_p < -30.0) {
            break;
        }
        if threshold < 1.0 && thresholds.is_empty() {
            base = k + 1;
        } else {
            thresholds.push(threshold as u32);
        }
        log_p += libm::log(mean / f64::from(k + 1));
    }
    (base, thresholds)
}

/// Quantiles of a normal distribution at k / 4096; the two outermost are placed so that their segments keep the variance of the tails.
#[must_use]
pub fn normal_table(mean: f64, sd: f64, fraction_bits: u32) -> Vec<i32> {
    let edge = |k: usize| match k {
        0 => -TAIL_END,
        SEGMENTS => TAIL_END,
        _ => normal_quantile(k as f64 / SEGMENTS as f64),
    };
    (0..=SEGMENTS)
        .map(|k| to_fixed(mean + sd * edge(k), fraction_bits).expect("the drive was checked to fit"))
        .collect()
}

/// The end of the outermost segments, in standard deviations. Interpolating linearly inside a segment overstates the variance a little;
/// this end makes the variance of the whole table 1 (the test holds it to 1e-4).
const TAIL_END: f64 = 3.98;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed::from_fixed;

    #[test]
    fn poisson_table_is_the_distribution() {
        for mean in [0.01, 0.5, 2.25, 30.0, 400.0] {
            let (base, thresholds) = poisson_table(mean);
            let p_of = |i: usize| {
                let low = if i == 0 { 0.0 } else { f64::from(thresholds[i - 1]) };
                let high = thresholds.get(i).map_or(4_294_967_296.0, |&t| f64::from(t));
                (high - low) / 4_294_967_296.0
            };
            let values = 0..=thresholds.len();
            let m: f64 = values.clone().map(|i| (f64::from(base) + i as f64) * p_of(i)).sum();
            let v: f64 = values.map(|i| (f64::from(base) + i as f64 - mean).powi(2) * p_of(i)).sum();
            assert!((m - mean).abs() < 1e-5 * mean.max(1.0), "mean {m} of {mean}");
            assert!((v - mean).abs() < 1e-4 * mean.max(1.0), "variance {v} of {mean}");
            assert!(thresholds.is_sorted());
        }
    }

    #[test]
    fn normal_table_has_unit_variance() {
        let table = normal_table(0.0, 1.0, 20);
        let t: Vec<f64> = table.iter().map(|&x| from_fixed(x, 20)).collect();
        let second = |a: f64, b: f64| (a * a + a * b + b * b) / 3.0;
        let variance: f64 = t.windows(2).map(|w| second(w[0], w[1])).sum::<f64>() / SEGMENTS as f64;
        assert!((variance - 1.0).abs() < 1e-4, "{variance}");
        assert!(t.iter().sum::<f64>().abs() < 1e-3);
        assert!(table.is_sorted());
    }
}
