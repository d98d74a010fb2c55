//! Spike counts in bins of time, kept where they are not zero.

use crate::Result;
use crate::measure::raster::Raster;

/// Spike counts of each neuron in whole bins.
pub(crate) struct BinnedCounts {
    /// Number of bins.
    pub(crate) bins: u32,
    /// Of each neuron the bins with spikes, ascending, and how many.
    pub(crate) rows: Vec<Row>,
}

/// Counts of one neuron: (bin, spikes in it).
pub(crate) type Row = Vec<(u32, u32)>;

impl BinnedCounts {
    pub(crate) fn of(raster: Raster<'_>, bin_steps: u32) -> Result<Self> {
        let bins = raster.whole_bins(bin_steps)?;
        let mut rows = vec![Row::new(); raster.neurons() as usize];
        for (step, neuron) in raster.iter() {
            let (bin, row) = (step / bin_steps, &mut rows[neuron as usize]);
            match row.last_mut() {
                _ if bin >= bins => break,
                Some(last) if last.0 == bin => last.1 += 1,
                _ => row.push((bin, 1)),
            }
        }
        Ok(Self { bins, rows })
    }

    /// B Σx² - (Σx)²: B² times the variance of a neuron's counts, exact.
    pub(crate) fn spread(&self, row: &Row) -> u128 {
        let square: u128 = row.iter().map(|&(_, x)| u128::from(x) * u128::from(x)).sum();
        u128::from(self.bins) * square - u128::from(total(row)).pow(2)
    }
}

/// Σx, a neuron's spikes in all bins.
pub(crate) fn total(row: &Row) -> u64 {
    row.iter().map(|&(_, x)| u64::from(x)).sum()
}
