//! How the number of spikes in a window varies.

use crate::Result;
use crate::error::argument;
use crate::measure::bins::{BinnedCounts, total};
use crate::measure::raster::Raster;

/// The Fano factor of each neuron: variance / mean of its spike counts in bins of `bin_steps` steps; 1 for a Poisson process,
/// less for a regular one. `None` for a neuron that is silent in all bins.
///
/// The variance has the divisor B - 1, B the number of whole bins: given any number of spikes, each thrown into a bin by
/// chance, the expectation is then exactly 1, however few bins there are.
///
/// Source: U. Fano, Phys. Rev. 72:26, 1947; for spikes M. P. Nawrot et al., J. Neurosci. Methods 169:374, 2008.
///
/// # Errors
/// If `bin_steps` is 0 or does not fit into the view twice.
pub fn fano_factors(raster: Raster<'_>, bin_steps: u32) -> Result<Vec<Option<f64>>> {
    let counts = BinnedCounts::of(raster, bin_steps)?;
    if counts.bins < 2 {
        let allowed = format!("at most {}, half the number of steps, for two bins", raster.steps() / 2);
        return Err(argument("bin_steps", bin_steps, allowed));
    }
    let factor = |row| {
        let sum = total(row);
        (sum > 0).then(|| counts.spread(row) as f64 / (f64::from(counts.bins - 1) * sum as f64))
    };
    Ok(counts.rows.iter().map(factor).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    #[test]
    fn counts_of_one_and_three() {
        // Bins of 4: counts 1, 3 and a partial bin. Mean 2, variance (1 + 1) / 1.
        let spikes = [(0, 0), (4, 0), (5, 0), (7, 0), (8, 0), (8, 1)];
        let fano = fano_factors(Raster::new(&spikes, 9, 2).unwrap(), 4).unwrap();
        assert_eq!(fano, [Some(1.0), None]);
    }

    #[test]
    fn bernoulli_spikes_have_one_minus_p_and_clocks_none() {
        let mut random = SplitMix64::new(8);
        let mut spikes = Vec::new();
        for t in 0..200_000 {
            if random.next_f64() < 0.3 {
                spikes.push((t, 0));
            }
            if t % 10 == 0 {
                spikes.push((t, 1));
            }
        }
        let fano = fano_factors(Raster::new(&spikes, 200_000, 2).unwrap(), 50).unwrap();
        assert!((fano[0].unwrap() - 0.7).abs() < 0.04, "{fano:?}");
        assert_eq!(fano[1], Some(0.0));
    }
}
