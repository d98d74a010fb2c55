//! Values of hyperparameters by name.

use std::ops::Index;

use limnos_tasks::SplitMix64;

use crate::Result;
use crate::error::argument;

/// Where the values of a hyperparameter lie.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Range {
    /// Uniform from the first to the second.
    Uniform(f64, f64),
    /// Uniform in the logarithm; both above 0.
    Log(f64, f64),
    /// Whole numbers from the first to the second, both included.
    Whole(i64, i64),
    /// One of these.
    Choice(Vec<f64>),
}

impl Range {
    pub(super) fn check(&self, name: &str) -> Result<()> {
        let (ok, allowed) = match self {
            Self::Uniform(low, high) => {
                (low.is_finite() && high.is_finite() && low <= high, "finite ends, low before high")
            }
            Self::Log(low, high) => {
                (*low > 0.0 && high.is_finite() && low <= high, "finite ends above 0, low before high")
            }
            Self::Whole(low, high) => {
                (low <= high && low.unsigned_abs().max(high.unsigned_abs()) < 1 << 52, "low before high, below 2^52")
            }
            Self::Choice(values) => {
                (!values.is_empty() && values.iter().all(|v| v.is_finite()), "one or more finite numbers")
            }
        };
        if ok { Ok(()) } else { Err(argument("space", format!("{name}: {self:?}"), allowed)) }
    }

    fn draw(&self, random: &mut SplitMix64) -> f64 {
        let unit = random.next_f64();
        match self {
            Self::Uniform(low, high) => low + (high - low) * unit,
            Self::Log(low, high) => libm::exp(libm::log(*low) + (libm::log(*high) - libm::log(*low)) * unit),
            Self::Whole(low, high) => (*low as f64 + libm::floor(((high - low) as f64 + 1.0) * unit)).min(*high as f64),
            Self::Choice(values) => values[((values.len() as f64 * unit) as usize).min(values.len() - 1)],
        }
    }
}

/// Values of hyperparameters: `candidate["leak_rate"]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate(Vec<(String, f64)>);

impl Candidate {
    pub(super) fn draw(space: &[(String, Range)], seed: u64, number: usize) -> Self {
        let mut random = SplitMix64::new(seed ^ (number as u64).wrapping_mul(0xA24B_AED4_963E_E407));
        // The first number of a stream is close to its seed's mixing; let it go.
        random.next_u64();
        Self(space.iter().map(|(name, range)| (name.clone(), range.draw(&mut random))).collect())
    }

    /// Names and values, in the order of the space.
    pub fn values(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// The value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

impl Index<&str> for Candidate {
    type Output = f64;

    /// # Panics
    /// If the space has no hyperparameter of that name; see [`Candidate::get`].
    fn index(&self, name: &str) -> &f64 {
        let found = self.0.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("the space of the search should have `{name}`")).1
    }
}
