//! Distributions of values over neurons or synapses, drawn on the host from counters.

use std::sync::Arc;

use crate::SpecError;
use crate::rng;

/// How a value varies over neurons or synapses. Units are those of the value it describes.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// The same value everywhere.
    Constant(f64),
    /// Uniform in `[low, high)`.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, 0 or more.
        sd: f64,
    },
    /// Log-normal: the logarithm is normal.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm, 0 or more.
        sigma: f64,
    },
    /// Another distribution, redrawn until the value lies in `[low, high]` (and clamped after 64 draws).
    Clipped {
        /// The distribution to draw from.
        of: Box<Distribution>,
        /// Smallest value allowed.
        low: f64,
        /// Largest value allowed.
        high: f64,
    },
    /// One value for each neuron (or each synapse in row order).
    Given(Arc<[f64]>),
}

impl From<f64> for Distribution {
    fn from(value: f64) -> Self {
        Self::Constant(value)
    }
}

impl From<Vec<f64>> for Distribution {
    fn from(values: Vec<f64>) -> Self {
        Self::Given(values.into())
    }
}

const MAX_REDRAWS: u32 = 64;

impl Distribution {
    /// Uniform in `[low, high)`.
    #[must_use]
    pub const fn uniform(low: f64, high: f64) -> Self {
        Self::Uniform { low, high }
    }

    /// Normal with `mean` and standard deviation `sd`.
    #[must_use]
    pub const fn normal(mean: f64, sd: f64) -> Self {
        Self::Normal { mean, sd }
    }

    /// Log-normal whose logarithm has mean `mu` and standard deviation `sigma`.
    #[must_use]
    pub const fn log_normal(mu: f64, sigma: f64) -> Self {
        Self::LogNormal { mu, sigma }
    }

    /// The same distribution, redrawn until the value lies in `[low, high]`.
    #[must_use]
    pub fn clipped(self, low: f64, high: f64) -> Self {
        Self::Clipped { of: Box::new(self), low, high }
    }

    /// The value if it is the same everywhere.
    #[must_use]
    pub const fn constant(&self) -> Option<f64> {
        match self {
            Self::Constant(value) => Some(*value),
            _ => None,
        }
    }

    /// No draw is larger than this (draws are quantiles of probabilities of at most 1 - 2^-33).
    #[must_use]
    pub fn largest(&self) -> f64 {
        match self {
            Self::Clipped { of, low, high } => of.largest().clamp(*low, *high),
            Self::Given(values) => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            _ => self.quantile(rng::unit(u32::MAX)),
        }
    }

    /// Checks the parameters; `items` is how many values a [`Distribution::Given`] must hold.
    ///
    /// # Errors
    /// [`SpecError::Invalid`] or [`SpecError::Length`] naming `argument`.
    pub fn validate(&self, argument: &str, items: usize) -> Result<(), SpecError> {
        let bad = |value: String, allowed: &str| Err(SpecError::invalid(argument, value, allowed));
        match self {
            Self::Constant(v) if !v.is_finite() => bad(v.to_string(), "a finite number"),
            Self::Uniform { low, high } if !(low.is_finite() && high.is_finite() && low <= high) => {
                bad(format!("uniform({low}, {high})"), "finite ends with low <= high")
            }
            Self::Normal { mean, sd } if !(mean.is_finite() && sd.is_finite() && *sd >= 0.0) => {
                bad(format!("normal({mean}, {sd})"), "a finite mean and a standard deviation of 0 or more")
            }
            Self::LogNormal { mu, sigma } if !(mu.is_finite() && sigma.is_finite() && *sigma >= 0.0) => {
                bad(format!("log_normal({mu}, {sigma})"), "a finite mu and a sigma of 0 or more")
            }
            Self::Clipped { of, low, high } => {
                if !(low.is_finite() && high.is_finite() && low <= high) {
                    return bad(format!("clipped({low}, {high})"), "finite ends with low <= high");
                }
                of.validate(argument, items)
            }
            Self::Given(values) if values.len() != items => {
                Err(SpecError::Length { argument: argument.into(), needed: items, found: values.len() })
            }
            Self::Given(values) => match values.iter().position(|v| !v.is_finite()) {
                Some(i) => bad(format!("{} at index {i}", values[i]), "finite numbers"),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The value of item `item` in row `row`: draws come from the counter `[stream + redraw, row, item / 4, 0]`,
    /// word `item % 4`. `index` is the item's place in a [`Distribution::Given`].
    #[must_use]
    pub fn draw(&self, stream: u32, row: u32, item: u32, index: usize, key: [u32; 2]) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Given(values) => values[index],
            Self::Clipped { of, low, high } => (0..MAX_REDRAWS)
                .map(|redraw| of.draw(stream + redraw, row, item, index, key))
                .find(|v| v >= low && v <= high)
                .unwrap_or_else(|| of.draw(stream, row, item, index, key).clamp(*low, *high)),
            _ => self.quantile(rng::unit(rng::philox([stream, row, item / 4, 0], key)[(item % 4) as usize])),
        }
    }

    /// The value of the undrawn, unclipped distribution at probability `p`; given values have none.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Uniform { low, high } => low + (high - low) * p,
            Self::Normal { mean, sd } => mean + sd * rng::normal_quantile(p),
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * rng::normal_quantile(p)),
            Self::Constant(value) => *value,
            Self::Clipped { of, .. } => of.quantile(p),
            Self::Given(_) => unreachable!("given values are looked up, not drawn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(d: &Distribution) -> (f64, f64) {
        let n = 100_000;
        let values: Vec<f64> = (0..n).map(|i| d.draw(0, 1, i, 0, [1, 2])).collect();
        let mean = values.iter().sum::<f64>() / f64::from(n);
        (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(n)).sqrt())
    }

    #[test]
    fn moments_are_those_of_the_distribution() {
        for (d, mean, sd) in [
            (Distribution::uniform(-1.0, 3.0), 1.0, 4.0 / 12f64.sqrt()),
            (Distribution::normal(2.0, 0.5), 2.0, 0.5),
            (Distribution::log_normal(0.0, 0.5), (0.125f64).exp(), ((0.25f64).exp() - 1.0).sqrt() * (0.125f64).exp()),
        ] {
            let (m, s) = moments(&d);
            assert!((m - mean).abs() < 0.01 && (s - sd).abs() < 0.01, "{d:?}: {m} {s}");
        }
    }

    #[test]
    fn clipped_draws_stay_inside() {
        let d = Distribution::normal(0.0, 1.0).clipped(-0.5, 2.0);
        assert!((0..10_000).all(|i| (-0.5..=2.0).contains(&d.draw(0, 0, i, 0, [3, 4]))));
    }

    #[test]
    fn bad_parameters_are_named() {
        let error = Distribution::normal(0.0, -1.0).validate("tau_m of 'liquid'", 4).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tau_m of 'liquid' is normal(0, -1); allowed: a finite mean and a standard deviation of 0 or more"
        );
        assert!(Distribution::from(vec![1.0, 2.0]).validate("x", 3).is_err());
        assert!(Distribution::from(vec![1.0, f64::NAN]).validate("x", 2).unwrap_err().to_string().contains("index 1"));
    }
}
