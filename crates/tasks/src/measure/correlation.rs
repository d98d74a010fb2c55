//! How alike the spike counts of two neurons are.

use crate::Result;
use crate::error::argument;
use crate::measure::bins::{BinnedCounts, Row, total};
use crate::measure::raster::Raster;
use crate::random::SplitMix64;

/// `count` random pairs of different neurons below `neurons`; pairs may share neurons and may come twice.
///
/// Each takes two draws of [`SplitMix64`]: a = draw mod n, c = draw mod (n - 1), b = c + 1 if c >= a, else c.
///
/// # Errors
/// If there are fewer than two neurons.
pub fn random_pairs(neurons: u32, count: usize, seed: u64) -> Result<Vec<(u32, u32)>> {
    if neurons < 2 {
        return Err(argument("neurons", neurons, "at least 2, to form a pair"));
    }
    let mut random = SplitMix64::new(seed);
    let mut draw = |n: u32| (random.next_u64() % u64::from(n)) as u32;
    let mut pair = || {
        let (a, c) = (draw(neurons), draw(neurons - 1));
        (a, c + u32::from(c >= a))
    };
    Ok((0..count).map(|_| pair()).collect())
}

/// The Pearson correlation of the spike counts of each pair of neurons, in bins of `bin_steps` steps; `None` where the
/// counts of either neuron do not vary.
///
/// r = (B Σxy - Σx Σy) / sqrt((B Σx² - (Σx)²) (B Σy² - (Σy)²)) over the B whole bins, exact in integers up to the root.
/// The mean over pairs is [`crate::summary`].
///
/// # Errors
/// If `bin_steps` is 0 or longer than the view, or if a pair names a neuron that is not there.
pub fn pair_correlations(raster: Raster<'_>, pairs: &[(u32, u32)], bin_steps: u32) -> Result<Vec<Option<f64>>> {
    let neurons = raster.neurons();
    if let Some(i) = pairs.iter().position(|p| p.0.max(p.1) >= neurons) {
        let allowed = format!("neurons below {neurons}");
        return Err(argument("pairs", format!("{:?} at index {i}", pairs[i]), allowed));
    }
    let counts = BinnedCounts::of(raster, bin_steps)?;
    Ok(pairs.iter().map(|&(a, b)| pearson(&counts, &counts.rows[a as usize], &counts.rows[b as usize])).collect())
}

/// The mean Pearson correlation over all pairs of neurons whose counts vary, in bins of `bin_steps` steps; `None` if fewer
/// than two neurons vary.
///
/// With z the counts of the m neurons, standardised with divisor B, it is (mean over bins of (Σ z)² - m) / (m (m - 1)),
/// which is found in one pass over the spikes. It is what the mean over random pairs tends to, without their noise.
///
/// # Errors
/// If `bin_steps` is 0 or longer than the view.
pub fn mean_correlation(raster: Raster<'_>, bin_steps: u32) -> Result<Option<f64>> {
    let counts = BinnedCounts::of(raster, bin_steps)?;
    let bins = f64::from(counts.bins);
    let (mut sum_z, mut baseline, mut varied) = (vec![0.0; counts.bins as usize], 0.0, 0_u32);
    for row in &counts.rows {
        let sd = (counts.spread(row) as f64).sqrt() / bins;
        if sd > 0.0 {
            row.iter().for_each(|&(bin, x)| sum_z[bin as usize] += f64::from(x) / sd);
            baseline += total(row) as f64 / bins / sd;
            varied += 1;
        }
    }
    let square = sum_z.iter().map(|s| (s - baseline) * (s - baseline)).sum::<f64>() / bins;
    let m = f64::from(varied);
    Ok((varied > 1).then(|| (square - m) / (m * (m - 1.0))))
}

fn pearson(counts: &BinnedCounts, x: &Row, y: &Row) -> Option<f64> {
    let scale = (counts.spread(x) as f64 * counts.spread(y) as f64).sqrt();
    let product = i128::from(counts.bins) * i128::from(shared(x, y));
    let covariance = product - i128::from(total(x)) * i128::from(total(y));
    (scale > 0.0).then(|| covariance as f64 / scale)
}

/// Σxy, by walking both rows together.
fn shared(x: &Row, y: &Row) -> u64 {
    let (mut sum, mut j) = (0, 0);
    for &(bin, a) in x {
        j += y[j..].iter().take_while(|entry| entry.0 < bin).count();
        if let Some(&(other, b)) = y.get(j)
            && other == bin
        {
            sum += u64::from(a) * u64::from(b);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Neuron 0 and 1 alike, 2 the reverse, 3 in every bin, 4 silent; bins of 2 steps.
    const SPIKES: [(u32, u32); 13] =
        [(0, 0), (0, 1), (0, 3), (2, 2), (2, 3), (4, 0), (4, 1), (4, 3), (6, 2), (6, 3), (8, 0), (8, 1), (8, 2)];

    #[test]
    fn alike_is_one_and_reversed_is_minus_one() {
        let raster = Raster::new(&SPIKES, 9, 5).unwrap();
        let found = pair_correlations(raster, &[(0, 1), (0, 2), (0, 3), (1, 4)], 2).unwrap();
        assert_eq!(found, [Some(1.0), Some(-1.0), None, None]);
        // Pairs of 0, 1 and 2: 1, -1, -1.
        let mean = mean_correlation(raster, 2).unwrap().unwrap();
        assert!((mean + 1.0 / 3.0).abs() < 1e-15, "{mean}");
        assert_eq!(mean_correlation(raster.population(2..5).unwrap(), 2).unwrap(), None);
    }

    #[test]
    fn the_mean_over_all_pairs_is_the_mean_of_all_pairs() {
        let mut random = SplitMix64::new(21);
        let mut spikes: Vec<_> = (0..900).map(|_| (random.below(400) as u32, random.below(12) as u32)).collect();
        spikes.sort_unstable();
        spikes.dedup();
        let raster = Raster::new(&spikes, 400, 12).unwrap();
        let pairs: Vec<_> = (0..12).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let each = pair_correlations(raster, &pairs, 7).unwrap();
        let expected = crate::summary(&each).unwrap().mean;
        let found = mean_correlation(raster, 7).unwrap().unwrap();
        assert!((found - expected).abs() < 1e-14, "{found} against {expected}");
    }

    #[test]
    fn pairs_are_of_two_neurons_and_evenly_spread() {
        let pairs = random_pairs(5, 20_000, 4).unwrap();
        let mut counts = [[0_u32; 5]; 5];
        pairs.iter().for_each(|&(a, b)| counts[a as usize][b as usize] += 1);
        for (a, row) in counts.iter().enumerate() {
            for (b, &count) in row.iter().enumerate() {
                let expected = if a == b { 0..=0 } else { 850..=1150 };
                assert!(expected.contains(&count), "{count} of ({a}, {b})");
            }
        }
    }
}
