//! A view of recorded spikes: which steps, which neurons.

use std::ops::Range;

use crate::encode::spike_train::SpikeTrain;
use crate::error::argument;
use crate::{Error, Result};

/// The spikes of some neurons in some steps, borrowed: strictly ascending (step, neuron), so at most one a step and neuron.
///
/// Steps and neurons of the view count from its own start: [`Raster::window`] and [`Raster::population`] narrow it without
/// a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raster<'a> {
    spikes: &'a [(u32, u32)],
    first_step: u32,
    steps: u32,
    first_neuron: u32,
    neurons: u32,
}

impl<'a> Raster<'a> {
    /// A view of `spikes`, each (step, neuron), in the steps `0..steps` of the neurons `0..neurons`.
    ///
    /// # Errors
    /// If there are no steps or neurons, if a spike is outside them, or if the spikes do not ascend strictly.
    pub fn new(spikes: &'a [(u32, u32)], steps: u32, neurons: u32) -> Result<Self> {
        for (name, value) in [("steps", steps), ("neurons", neurons)] {
            if value == 0 {
                return Err(argument(name, 0, "at least 1"));
            }
        }
        if let Some(i) = spikes.iter().position(|s| s.0 >= steps || s.1 >= neurons) {
            let found = format!("(step {}, neuron {}) at index {i}", spikes[i].0, spikes[i].1);
            return Err(argument("spikes", found, format!("steps below {steps} and neurons below {neurons}")));
        }
        if let Some(i) = spikes.windows(2).position(|pair| pair[0] >= pair[1]) {
            let found = format!("{:?} after {:?} at index {}", spikes[i + 1], spikes[i], i + 1);
            return Err(argument("spikes", found, "strictly ascending (step, neuron); sort and dedup them"));
        }
        Ok(Self { spikes, first_step: 0, steps, first_neuron: 0, neurons })
    }

    /// The same neurons in some of the steps of this view.
    ///
    /// # Errors
    /// If the range is empty or reaches beyond the view.
    pub fn window(self, steps: Range<u32>) -> Result<Self> {
        check_part("window", &steps, self.steps)?;
        let (from, to) = (self.first_step + steps.start, self.first_step + steps.end);
        let start = self.spikes.partition_point(|s| s.0 < from);
        let end = self.spikes.partition_point(|s| s.0 < to);
        Ok(Self { spikes: &self.spikes[start..end], first_step: from, steps: to - from, ..self })
    }

    /// The same steps of some of the neurons of this view.
    ///
    /// # Errors
    /// If the range is empty or reaches beyond the view.
    pub fn population(self, neurons: Range<u32>) -> Result<Self> {
        check_part("population", &neurons, self.neurons)?;
        let first_neuron = self.first_neuron + neurons.start;
        Ok(Self { first_neuron, neurons: neurons.end - neurons.start, ..self })
    }

    /// Number of steps.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Number of neurons.
    #[must_use]
    pub fn neurons(&self) -> u32 {
        self.neurons
    }

    /// The spikes, each (step, neuron), ascending, counted from the start of the view.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + 'a {
        let Self { first_step, first_neuron, neurons, .. } = *self;
        let here = move |s: &&(u32, u32)| s.1 >= first_neuron && s.1 - first_neuron < neurons;
        self.spikes.iter().filter(here).map(move |s| (s.0 - first_step, s.1 - first_neuron))
    }

    /// Number of spikes.
    #[must_use]
    pub fn spike_count(&self) -> u64 {
        self.iter().count() as u64
    }

    /// How often each neuron spikes.
    #[must_use]
    pub fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.neurons as usize];
        self.iter().for_each(|s| counts[s.1 as usize] += 1);
        counts
    }

    /// Spikes of all neurons together in each whole bin of `bin_steps` steps; a last, partial bin is left out.
    ///
    /// # Errors
    /// If `bin_steps` is 0 or longer than the view.
    pub fn activity(&self, bin_steps: u32) -> Result<Vec<u32>> {
        let bins = self.whole_bins(bin_steps)?;
        let mut activity = vec![0; bins as usize];
        self.iter().map(|s| s.0 / bin_steps).take_while(|&bin| bin < bins).for_each(|bin| activity[bin as usize] += 1);
        Ok(activity)
    }

    /// How many bins of `bin_steps` steps fit, at least one.
    pub(crate) fn whole_bins(&self, bin_steps: u32) -> Result<u32> {
        if bin_steps == 0 || bin_steps > self.steps {
            return Err(argument("bin_steps", bin_steps, format!("1 to {}, the number of steps", self.steps)));
        }
        Ok(self.steps / bin_steps)
    }
}

impl<'a> From<&'a SpikeTrain> for Raster<'a> {
    fn from(train: &'a SpikeTrain) -> Self {
        let (steps, neurons) = (train.steps(), train.channels());
        Self { spikes: train.spikes(), first_step: 0, steps, first_neuron: 0, neurons }
    }
}

fn check_part(name: &'static str, part: &Range<u32>, size: u32) -> std::result::Result<(), Error> {
    if part.start >= part.end || part.end > size {
        return Err(argument(name, format!("{part:?}"), format!("a range that is not empty, within 0..{size}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPIKES: [(u32, u32); 6] = [(0, 0), (1, 2), (2, 0), (2, 1), (5, 2), (6, 0)];

    #[test]
    fn windows_and_populations_count_from_their_own_start() {
        let raster = Raster::new(&SPIKES, 7, 3).unwrap();
        let part = raster.window(1..6).unwrap().population(1..3).unwrap();
        assert_eq!(part.iter().collect::<Vec<_>>(), [(0, 1), (1, 0), (4, 1)]);
        assert_eq!((part.steps(), part.neurons(), part.spike_count()), (5, 2, 3));
        assert_eq!(part.window(1..2).unwrap().counts(), [1, 0]);
        let last = raster.population(1..3).unwrap().population(1..2).unwrap();
        assert_eq!(last.window(1..6).unwrap().window(3..5).unwrap().iter().collect::<Vec<_>>(), [(1, 0)]);
        assert_eq!(raster.counts(), [3, 1, 2]);
    }

    #[test]
    fn activity_leaves_out_a_partial_bin() {
        let raster = Raster::new(&SPIKES, 7, 3).unwrap();
        assert_eq!(raster.activity(3).unwrap(), [4, 1]);
        assert_eq!(raster.activity(1).unwrap(), [1, 1, 2, 0, 0, 1, 1]);
        assert_eq!(raster.activity(7).unwrap(), [6]);
    }

    #[test]
    fn a_spike_train_is_a_raster() {
        let train = SpikeTrain::new(7, 3, SPIKES.to_vec()).unwrap();
        assert_eq!(Raster::from(&train), Raster::new(&SPIKES, 7, 3).unwrap());
    }
}
