//! How irregular the intervals between the spikes of a neuron are.

use crate::Result;
use crate::error::argument;
use crate::measure::raster::Raster;

/// The coefficient of variation of each neuron's inter-spike intervals: 0 for a clock, 1 for a Poisson process.
///
/// With the m intervals d within the view, it is sqrt(sum (d - mean)² / m) / mean; the interval cut off by either edge does
/// not count. `None` where m is below `min_intervals`. The mean over neurons is [`crate::summary`].
///
/// Source: W. R. Softky, C. Koch, J. Neurosci. 13:334, 1993; divisor m as in the reference statistics of the benches.
///
/// # Errors
/// If `min_intervals` is 0.
pub fn interval_cv(raster: Raster<'_>, min_intervals: u32) -> Result<Vec<Option<f64>>> {
    if min_intervals == 0 {
        return Err(argument("min_intervals", 0, "at least 1"));
    }
    let mut intervals = vec![Intervals::default(); raster.neurons() as usize];
    raster.iter().for_each(|(step, neuron)| intervals[neuron as usize].spike(step));
    Ok(intervals.iter().map(|of| of.cv(min_intervals)).collect())
}

/// Sums over the intervals of one neuron.
#[derive(Clone, Default)]
struct Intervals {
    last: Option<u32>,
    number: u32,
    sum: u64,
    square: u128,
}

impl Intervals {
    fn spike(&mut self, step: u32) {
        if let Some(last) = self.last {
            let interval = u64::from(step - last);
            self.number += 1;
            self.sum += interval;
            self.square += u128::from(interval * interval);
        }
        self.last = Some(step);
    }

    /// sqrt(m Σd² - (Σd)²) / Σd: exact in integers up to the root.
    fn cv(&self, least: u32) -> Option<f64> {
        let spread = || u128::from(self.number) * self.square - u128::from(self.sum).pow(2);
        (self.number >= least).then(|| (spread() as f64).sqrt() / self.sum as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    #[test]
    fn a_clock_has_none_and_two_intervals_of_one_and_three_have_a_half() {
        let spikes = [(0, 0), (0, 1), (1, 1), (4, 0), (4, 1), (8, 0), (9, 2)];
        let cv = interval_cv(Raster::new(&spikes, 10, 3).unwrap(), 2).unwrap();
        assert_eq!(cv, [Some(0.0), Some(0.5), None]);
    }

    #[test]
    fn bernoulli_spikes_have_the_root_of_one_minus_p() {
        // Geometric intervals: variance (1 - p) / p², mean 1 / p.
        let mut random = SplitMix64::new(3);
        let spikes: Vec<_> = (0..200_000).filter(|_| random.next_f64() < 0.2).map(|t| (t, 0)).collect();
        let cv = interval_cv(Raster::new(&spikes, 200_000, 1).unwrap(), 5).unwrap()[0].unwrap();
        assert!((cv - 0.8_f64.sqrt()).abs() < 0.01, "{cv}");
    }
}
