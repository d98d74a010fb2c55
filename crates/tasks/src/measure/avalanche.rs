//! Avalanches: runs of activity between silences.

use std::collections::BTreeMap;

use crate::Result;
use crate::error::argument;
use crate::measure::line::slope;
use crate::measure::raster::Raster;

/// A run of bins that have spikes, with an empty bin before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avalanche {
    /// Its first bin.
    pub first_bin: usize,
    /// Its duration, bins.
    pub duration: u64,
    /// Its size, spikes.
    pub size: u64,
}

/// The avalanches of an activity (spikes per bin). A run that touches either end of the activity has no known size and is
/// left out.
///
/// A network that is driven all the time has no silence and so no avalanches: measure with sparse kicks.
///
/// Source: J. M. Beggs, D. Plenz, J. Neurosci. 23:11167, 2003.
#[must_use]
pub fn avalanches(activity: &[u32]) -> Vec<Avalanche> {
    let mut found = Vec::new();
    let mut first_bin = 0;
    for run in activity.chunk_by(|a, b| (*a > 0) == (*b > 0)) {
        let end = first_bin + run.len();
        if run[0] > 0 && first_bin > 0 && end < activity.len() {
            let size = run.iter().map(|&x| u64::from(x)).sum();
            found.push(Avalanche { first_bin, duration: run.len() as u64, size });
        }
        first_bin = end;
    }
    found
}

/// The usual width of a bin, steps: the mean time between two successive spikes of the whole population, rounded, at least 1.
/// `None` with fewer than two spikes.
///
/// Source: as [`avalanches`].
#[must_use]
pub fn avalanche_bin_steps(raster: Raster<'_>) -> Option<u32> {
    let first = raster.iter().next()?.0;
    let (last, count) = raster.iter().fold((first, 0_u64), |(_, count), spike| (spike.0, count + 1));
    (count > 1).then(|| (f64::from(last - first) / (count - 1) as f64).round().max(1.0) as u32)
}

/// The exponent γ of the mean size of avalanches of equal duration, mean size ~ duration^γ, for durations from `least` to
/// `most` bins: the slope of the line of least squares in logarithms, each duration weighing as much as it has avalanches.
///
/// At a critical point γ = (α - 1) / (τ - 1), with τ and α the exponents of sizes and durations by [`crate::fit_power_law`]
/// ([`predicted_gamma`]); 2 = (2 - 1) / (1.5 - 1) for a critical branching process.
///
/// Source: J. P. Sethna, K. A. Dahmen, C. R. Myers, Nature 410:242, 2001; N. Friedman et al., Phys. Rev. Lett. 108:208102, 2012.
///
/// # Errors
/// If the avalanches have fewer than two different durations in the range.
pub fn size_by_duration_exponent(avalanches: &[Avalanche], least: u64, most: u64) -> Result<f64> {
    let mut sums: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    for of in avalanches.iter().filter(|of| (least..=most).contains(&of.duration)) {
        let sum = sums.entry(of.duration).or_default();
        *sum = (sum.0 + of.size as f64, sum.1 + 1.0);
    }
    if sums.len() < 2 {
        let allowed = format!("two different durations within {least} to {most} bins, or more");
        return Err(argument("avalanches", format!("{} of {} durations", avalanches.len(), sums.len()), allowed));
    }
    let point = |(&duration, sum): (&u64, &(f64, f64))| (libm::log(duration as f64), libm::log(sum.0 / sum.1), sum.1);
    Ok(slope(&sums.iter().map(point).collect::<Vec<_>>()))
}

/// γ = (α - 1) / (τ - 1), what the exponents of sizes (τ) and durations (α) demand at a critical point.
///
/// # Errors
/// If an exponent is not finite, or if `tau` is 1.
pub fn predicted_gamma(tau: f64, alpha: f64) -> Result<f64> {
    let gamma = (alpha - 1.0) / (tau - 1.0);
    if !gamma.is_finite() {
        return Err(argument("tau", format!("{tau} with `alpha` {alpha}"), "finite exponents, and `tau` not 1"));
    }
    Ok(gamma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::power_law::fit_power_law;
    use crate::random::SplitMix64;

    #[test]
    fn runs_between_silences() {
        let found = avalanches(&[2, 0, 0, 1, 3, 0, 5, 0, 1]);
        let expected =
            [(3, 2, 4), (6, 1, 5)].map(|(first_bin, duration, size)| Avalanche { first_bin, duration, size });
        assert_eq!(found, expected);
        assert_eq!((avalanches(&[0, 0]).len(), avalanches(&[]).len(), avalanches(&[1, 1]).len()), (0, 0, 0));
    }

    #[test]
    fn bins_are_as_long_as_spikes_are_apart() {
        let bin = |spikes: &[(u32, u32)]| avalanche_bin_steps(Raster::new(spikes, 100, 3).unwrap());
        assert_eq!(bin(&[(0, 0), (4, 1), (12, 0), (20, 2)]), Some(7));
        assert_eq!(bin(&[(5, 0), (5, 1), (5, 2)]), Some(1));
        assert_eq!(bin(&[(5, 0)]), None);
    }

    /// Activity of a branching process with Poisson offspring of mean `m`, started anew by one unit after each silence, and
    /// cut off at `most` units.
    fn activity(m: f64, avalanches: usize, most: u64) -> Vec<u32> {
        let mut random = SplitMix64::new(77);
        let mut offspring = || {
            let (limit, mut product, mut count) = ((-m).exp(), random.next_f64(), 0);
            while product > limit {
                product *= random.next_f64();
                count += 1;
            }
            count
        };
        let mut activity = vec![0];
        for _ in 0..avalanches {
            let (mut now, mut size) = (1, 1);
            while now > 0 && size < most {
                activity.push(now);
                now = (0..now).map(|_| offspring()).sum();
                size += u64::from(now);
            }
            activity.push(0);
        }
        activity
    }

    #[test]
    fn a_critical_branching_process_has_three_halves_two_and_two() {
        // The size has the law of Borel, P(n) = e^-n n^(n-1) / n!, which tends to n^-1.5.
        let found = avalanches(&activity(1.0, 60_000, 100_000));
        let sizes: Vec<u64> = found.iter().map(|of| of.size).collect();
        let ones = sizes.iter().filter(|&&size| size == 1).count() as f64 / sizes.len() as f64;
        assert!((ones - (-1.0_f64).exp()).abs() < 0.01, "{ones}");
        let tau = fit_power_law(&sizes, 10, Some(1000)).unwrap();
        assert!((tau.exponent - 1.5).abs() < 0.04 && tau.distance < 0.02, "{tau:?}");
        let durations: Vec<u64> = found.iter().map(|of| of.duration).collect();
        let alpha = fit_power_law(&durations, 20, Some(200)).unwrap();
        // P(n) is near 2 / (n + 2)², so at these durations the exponent is still a little below its limit of 2.
        assert!((alpha.exponent - 1.93).abs() < 0.12, "{alpha:?}");
        let gamma = size_by_duration_exponent(&found, 20, 200).unwrap();
        assert!((gamma - 1.93).abs() < 0.12, "{gamma}");
        assert!((predicted_gamma(tau.exponent, alpha.exponent).unwrap() - gamma).abs() < 0.2);
    }

    #[test]
    fn a_subcritical_one_has_no_power_law() {
        let sizes: Vec<u64> = avalanches(&activity(0.6, 60_000, 3000)).iter().map(|of| of.size).collect();
        let found = fit_power_law(&sizes, 10, Some(1000)).unwrap();
        assert!(found.exponent > 2.5 && found.distance > 0.02, "{found:?}");
    }

    #[test]
    fn sizes_that_are_squares_have_two() {
        let of = |duration: u64, size: u64| Avalanche { first_bin: 1, duration, size };
        let found = size_by_duration_exponent(&[of(2, 2), of(2, 6), of(3, 9), of(8, 64), of(100, 1)], 1, 50).unwrap();
        assert!((found - 2.0).abs() < 1e-14, "{found}");
    }
}
