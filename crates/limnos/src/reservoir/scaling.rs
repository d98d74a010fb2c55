//! How strongly channels enter a reservoir.

use crate::Result;
use crate::error::argument;

/// Factor of the input weights: one for all channels, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub enum InputScaling {
    /// The same for all channels.
    All(f64),
    /// One for each channel.
    PerChannel(Vec<f64>),
}

impl From<f64> for InputScaling {
    fn from(scaling: f64) -> Self {
        Self::All(scaling)
    }
}

impl From<Vec<f64>> for InputScaling {
    fn from(scaling: Vec<f64>) -> Self {
        Self::PerChannel(scaling)
    }
}

impl<const N: usize> From<[f64; N]> for InputScaling {
    fn from(scaling: [f64; N]) -> Self {
        Self::PerChannel(scaling.to_vec())
    }
}

impl InputScaling {
    /// Refuses numbers that are not finite.
    pub(super) fn check(&self, name: &'static str) -> Result<()> {
        let values = match self {
            Self::All(value) => std::slice::from_ref(value),
            Self::PerChannel(values) => values,
        };
        match values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(argument(name, value, "finite numbers")),
            None => Ok(()),
        }
    }

    /// The factor of each of `channels` channels.
    pub(super) fn factors(&self, name: &'static str, channels: usize) -> Result<Vec<f64>> {
        match self {
            Self::All(value) => Ok(vec![*value; channels]),
            Self::PerChannel(values) if values.len() == channels => Ok(values.clone()),
            Self::PerChannel(values) => {
                let found = format!("{} factors", values.len());
                Err(argument(name, found, format!("one for each of the {channels} channels, or one number for all")))
            }
        }
    }
}
