//! The branching ratio of activity of which only a part is seen.

use crate::Result;
use crate::error::argument;
use crate::measure::golden;

/// The multistep-regression estimator of the branching ratio m: how much activity one unit of activity causes in the next
/// bin, also where only a few of the neurons are seen.
///
/// The slope r_k of the linear regression of A(t + k) on A(t) is m^k for a branching process with external drive that is seen
/// whole. Seeing a part lowers every r_k by the same factor b, so b m^k (+ o) is fitted by least squares to r_1 to r_K, and m
/// is free of that bias. The slope of one step alone (r_1), the conventional estimator, is not.
///
/// Source: J. Wilting, V. Priesemann, "Inferring collective dynamical states from widely unobserved systems", Nature
/// Communications 9:2325, 2018. Means are pooled over trials (the "stationary mean" of F. P. Spitzner et al., PLoS ONE
/// 16:e0249447, 2021).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct BranchingRatio {
    /// K, the most bins between two activities; several times the decay time of the slopes.
    pub max_lag: usize,
    /// Whether a constant o is fitted too, for activity with a slow drift.
    pub offset: bool,
}

/// What [`BranchingRatio::estimate`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct BranchingEstimate {
    /// The branching ratio m for each bin; below 1 activity dies out without drive.
    pub ratio: f64,
    /// Decay time of the slopes, -1 / ln m, in bins; negative where m is above 1.
    pub decay_bins: f64,
    /// b, the factor of the slopes: 1 where all neurons are seen, less where a part is.
    pub amplitude: f64,
    /// o, the constant; 0 where it is not fitted.
    pub offset: f64,
    /// The slopes r_1 to r_K.
    pub slopes: Vec<f64>,
    /// The share of the variance of the slopes that the fit explains; far below 1 the activity is no branching process, or
    /// too short.
    pub explained: f64,
}

impl BranchingRatio {
    /// Estimates m from the activity (spikes per bin, as [`crate::Raster::activity`] gives) of one or more trials.
    ///
    /// `None` if no positive exponential fits the slopes, as in activity without memory.
    ///
    /// # Errors
    /// If there are fewer than four lags, no trial, a trial that is not longer than `max_lag` + 1, a value that is not finite, or
    /// activity that does not vary.
    pub fn estimate<T: Copy + Into<f64>>(self, trials: &[&[T]]) -> Result<Option<BranchingEstimate>> {
        let slopes = regression_slopes(trials, self.max_lag)?;
        let candidates = rates(self.max_lag);
        let error = |rate| Fit::at(rate, &slopes, self.offset).error;
        let best = (0..candidates.len()).min_by(|&a, &b| error(candidates[a]).total_cmp(&error(candidates[b])));
        let best = best.expect("there are always candidates");
        let (low, high) = (candidates[best.saturating_sub(1)], candidates[(best + 1).min(candidates.len() - 1)]);
        let rate = golden::minimum(low, high, error);
        let fit = Fit::at(rate, &slopes, self.offset);
        Ok((fit.amplitude > 0.0).then(|| fit.estimate(rate, slopes)))
    }
}

impl Default for BranchingRatio {
    fn default() -> Self {
        Self { max_lag: 100, offset: false }
    }
}

/// The slopes r_1 to r_K of the linear regression of A(t + k) on A(t), with means pooled over the trials.
///
/// # Errors
/// As [`BranchingRatio::estimate`].
pub fn regression_slopes<T: Copy + Into<f64>>(trials: &[&[T]], max_lag: usize) -> Result<Vec<f64>> {
    let trials: Vec<Vec<f64>> = trials.iter().map(|trial| trial.iter().map(|&a| a.into()).collect()).collect();
    check(&trials, max_lag)?;
    let slopes: Option<Vec<f64>> = (1..=max_lag).map(|k| slope(&trials, k)).collect();
    slopes.ok_or_else(|| argument("trials", "of constant activity", "activity that varies; take longer trials or bins"))
}

fn check(trials: &[Vec<f64>], max_lag: usize) -> Result<()> {
    if max_lag < 4 {
        return Err(argument("max_lag", max_lag, "at least 4, for a fit of three numbers"));
    }
    if trials.is_empty() {
        return Err(argument("trials", "empty", "at least one trial"));
    }
    for (i, trial) in trials.iter().enumerate() {
        if trial.len() < max_lag + 2 {
            let allowed = format!("at least {} bins, two more than `max_lag`", max_lag + 2);
            return Err(argument("trials", format!("{} bins in trial {i}", trial.len()), allowed));
        }
        if let Some(t) = trial.iter().position(|a| !a.is_finite()) {
            return Err(argument("trials", format!("{} at bin {t} of trial {i}", trial[t]), "finite numbers"));
        }
    }
    Ok(())
}

/// r_k; `None` if the activity does not vary.
fn slope(trials: &[Vec<f64>], k: usize) -> Option<f64> {
    let pairs = || trials.iter().flat_map(|a| a.iter().zip(&a[k..]));
    let n = pairs().count() as f64;
    let (front, back) = pairs().fold((0.0, 0.0), |sum, (x, y)| (sum.0 + x, sum.1 + y));
    let (front, back) = (front / n, back / n);
    let add = |sum: (f64, f64), (x, y): (&f64, &f64)| (sum.0 + (x - front) * (y - back), sum.1 + (x - front).powi(2));
    let (covariance, variance) = pairs().fold((0.0, 0.0), add);
    (variance > 0.0).then(|| covariance / variance)
}

/// Decay rates to try first, -ln m per bin, ascending: from growth by e^5 over all lags, through 1 / (1000 K) on either side
/// of zero, to decay within a fraction of a bin.
fn rates(max_lag: usize) -> Vec<f64> {
    const EACH: usize = 120;
    let (least, lags) = (1e-3 / max_lag as f64, max_lag as f64);
    let spread = |most: f64| (0..=EACH).map(move |i| least * libm::pow(most / least, i as f64 / EACH as f64));
    let mut growing: Vec<f64> = spread(5.0 / lags).map(|rate| -rate).collect();
    growing.reverse();
    growing.into_iter().chain(spread(20.0)).collect()
}

/// The best b and o for one decay rate.
struct Fit {
    amplitude: f64,
    offset: f64,
    error: f64,
}

impl Fit {
    fn at(rate: f64, slopes: &[f64], with_offset: bool) -> Self {
        let n = slopes.len() as f64;
        let basis: Vec<f64> = (1..=slopes.len()).map(|k| libm::exp(-rate * k as f64)).collect();
        let mean = |values: &[f64]| if with_offset { values.iter().sum::<f64>() / n } else { 0.0 };
        let (mean_basis, mean_slope) = (mean(&basis), mean(slopes));
        let pairs = || basis.iter().zip(slopes).map(|(e, r)| (e - mean_basis, r - mean_slope));
        let square: f64 = pairs().map(|(e, _)| e * e).sum();
        let product: f64 = pairs().map(|(e, r)| e * r).sum();
        let amplitude = if square > 0.0 { (product / square).max(0.0) } else { 0.0 };
        let error = pairs().map(|(e, r)| (r - amplitude * e).powi(2)).sum();
        Self { amplitude, offset: mean_slope - amplitude * mean_basis, error }
    }

    fn estimate(self, rate: f64, slopes: Vec<f64>) -> BranchingEstimate {
        let mean = slopes.iter().sum::<f64>() / slopes.len() as f64;
        let variance: f64 = slopes.iter().map(|r| (r - mean).powi(2)).sum();
        let explained = if variance > 0.0 { 1.0 - self.error / variance } else { 0.0 };
        let (ratio, decay_bins) = (libm::exp(-rate), 1.0 / rate);
        BranchingEstimate { ratio, decay_bins, amplitude: self.amplitude, offset: self.offset, slopes, explained }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    fn poisson(random: &mut SplitMix64, mean: f64) -> u32 {
        let (limit, mut product, mut count) = ((-mean).exp(), random.next_f64(), 0);
        while product > limit {
            product *= random.next_f64();
            count += 1;
        }
        count
    }

    /// A branching process of Poisson offspring and Poisson drive, of mean activity `mean`.
    fn process(m: f64, mean: f64, bins: usize, seed: u64) -> Vec<u32> {
        let mut random = SplitMix64::new(seed);
        let mut activity = mean as u32;
        let mut next = || {
            activity = poisson(&mut random, m * f64::from(activity) + (1.0 - m) * mean);
            activity
        };
        (0..bins).map(|_| next()).collect()
    }

    /// What is seen of it if each unit is seen with probability `share`.
    fn seen(activity: &[u32], share: f64, seed: u64) -> Vec<u32> {
        let mut random = SplitMix64::new(seed);
        activity.iter().map(|&a| (0..a).filter(|_| random.next_f64() < share).count() as u32).collect()
    }

    fn estimate(activity: &[u32], max_lag: usize) -> BranchingEstimate {
        BranchingRatio { max_lag, offset: false }.estimate(&[activity]).unwrap().unwrap()
    }

    #[test]
    fn a_branching_process_seen_whole_and_in_part() {
        for (m, tolerance) in [(0.9, 0.02), (0.98, 0.006)] {
            let whole = process(m, 100.0, 40_000, 11);
            let found = estimate(&whole, 60);
            assert!((found.ratio - m).abs() < tolerance && found.explained > 0.98, "{m}: {found:?}");
            assert!((found.amplitude - 1.0).abs() < 0.05, "{m}: {found:?}");
            // Variance A / (1 - m²) of the whole; each unit seen with probability p adds p (1 - p) A.
            let p = 0.1;
            let part = estimate(&seen(&whole, p, 12), 60);
            let variance = p * p / (1.0 - m * m);
            let amplitude = variance / (variance + p * (1.0 - p));
            assert!((part.ratio - m).abs() < 2.0 * tolerance, "{m}: {part:?}");
            assert!((part.amplitude - amplitude).abs() < 0.08, "{m}: {part:?} against {amplitude}");
            // The conventional estimator is far off.
            assert!(part.slopes[0] < 0.8 * m, "{m}: {part:?}");
        }
    }

    #[test]
    fn activity_without_memory_has_no_slopes() {
        let noise = process(0.0, 50.0, 20_000, 3);
        let found = BranchingRatio::default().estimate(&[&noise[..]]).unwrap();
        assert!(found.is_none_or(|of| of.explained < 0.2), "activity without memory was taken for a branching process");
    }

    #[test]
    fn exact_exponentials_are_recovered() {
        for (m, b, o) in [(0.5, 1.0, 0.0), (0.97, 0.3, 0.1), (0.999, 0.9, 0.0), (1.01, 0.2, 0.0)] {
            let slopes: Vec<f64> = (1..=80).map(|k| b * f64::powi(m, k) + o).collect();
            let error = |rate: f64| Fit::at(rate, &slopes, o != 0.0).error;
            let candidates = rates(80);
            let at = (0..candidates.len()).min_by(|&i, &j| error(candidates[i]).total_cmp(&error(candidates[j])));
            let at = at.unwrap();
            let rate = golden::minimum(candidates[at - 1], candidates[at + 1], error);
            let fit = Fit::at(rate, &slopes, o != 0.0);
            assert!(((-rate).exp() - m).abs() < 1e-7, "{m}: {}", (-rate).exp());
            assert!((fit.amplitude - b).abs() < 1e-5 && (fit.offset - o).abs() < 1e-5, "{m}: {}", fit.amplitude);
        }
    }

    #[test]
    fn slopes_of_two_trials_pool_their_means() {
        // By numpy: with x the fronts and y the backs of both trials together, cov(x, y) / var(x).
        let trials = [&[1.0, 3.0, 2.0, 5.0, 4.0, 4.0][..], &[2.0, 2.0, 6.0, 1.0, 0.0, 3.0][..]];
        let slopes = regression_slopes(&trials, 4).unwrap();
        for (found, expected) in slopes.iter().zip(SLOPES) {
            assert!((found - expected).abs() < 1e-14, "{slopes:?}");
        }
    }

    const SLOPES: [f64; 4] = [-0.030_864_197_530_864_17, -0.287_234_042_553_191_5, -0.021_739_130_434_782_587, 0.0];
}
