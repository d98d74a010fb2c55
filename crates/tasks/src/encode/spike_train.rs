//! A list of spikes.

use crate::Result;
use crate::error::argument;

/// Spikes of some channels in a window of some steps: sorted by step, then channel, at most one a step and channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpikeTrain {
    steps: u32,
    channels: u32,
    spikes: Vec<(u32, u32)>,
}

impl SpikeTrain {
    /// A train of `spikes`, each (step, channel), already in order.
    ///
    /// # Errors
    /// If there are no steps or channels, if a spike is outside them, or if the spikes are not in strictly rising order.
    pub fn new(steps: u32, channels: u32, spikes: Vec<(u32, u32)>) -> Result<Self> {
        check_window(steps, channels)?;
        check_range(steps, channels, &spikes)?;
        if let Some(i) = spikes.windows(2).position(|pair| pair[0] >= pair[1]) {
            let found = format!("{:?} after {:?} at index {}", spikes[i + 1], spikes[i], i + 1);
            let allowed = "strictly rising (step, channel); SpikeTrain::from_unsorted sorts";
            return Err(argument("spikes", found, allowed));
        }
        Ok(Self { steps, channels, spikes })
    }

    /// A train of spikes in any order; repeated ones are merged.
    ///
    /// # Errors
    /// If there are no steps or channels, or if a spike is outside them.
    pub fn from_unsorted(steps: u32, channels: u32, mut spikes: Vec<(u32, u32)>) -> Result<Self> {
        check_window(steps, channels)?;
        check_range(steps, channels, &spikes)?;
        spikes.sort_unstable();
        spikes.dedup();
        Ok(Self { steps, channels, spikes })
    }

    /// Length of the window, in steps.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Number of channels.
    #[must_use]
    pub fn channels(&self) -> u32 {
        self.channels
    }

    /// The spikes, each (step, channel), in rising order.
    #[must_use]
    pub fn spikes(&self) -> &[(u32, u32)] {
        &self.spikes
    }

    /// The spikes, given away.
    #[must_use]
    pub fn into_spikes(self) -> Vec<(u32, u32)> {
        self.spikes
    }

    /// Number of spikes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spikes.len()
    }

    /// Whether there is no spike.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spikes.is_empty()
    }

    /// The spikes of one step.
    #[must_use]
    pub fn at(&self, step: u32) -> &[(u32, u32)] {
        let start = self.spikes.partition_point(|s| s.0 < step);
        let end = self.spikes.partition_point(|s| s.0 <= step);
        &self.spikes[start..end]
    }

    /// How often each channel spikes.
    #[must_use]
    pub fn channel_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.channels as usize];
        self.spikes.iter().for_each(|s| counts[s.1 as usize] += 1);
        counts
    }
}

/// Refuses an empty window. Encoders call it before they count with the numbers.
pub(crate) fn check_window(steps: u32, channels: u32) -> Result<()> {
    for (name, value) in [("steps", steps), ("channels", channels)] {
        if value == 0 {
            return Err(argument(name, 0, "at least 1"));
        }
    }
    Ok(())
}

fn check_range(steps: u32, channels: u32, spikes: &[(u32, u32)]) -> Result<()> {
    match spikes.iter().position(|s| s.0 >= steps || s.1 >= channels) {
        Some(i) => {
            let found = format!("(step {}, channel {}) at index {i}", spikes[i].0, spikes[i].1);
            Err(argument("spikes", found, format!("steps below {steps} and channels below {channels}")))
        }
        None => Ok(()),
    }
}
