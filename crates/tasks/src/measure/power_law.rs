//! The exponent of a discrete power law, by maximum likelihood.

use std::ops::RangeInclusive;

use crate::Result;
use crate::error::argument;
use crate::measure::golden;

/// A power law P(x) ~ x^-exponent over the whole numbers of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLaw {
    /// The exponent, positive for a law that falls.
    pub exponent: f64,
    /// Its standard error, from the curvature of the likelihood.
    pub standard_error: f64,
    /// The largest distance of the cumulative distributions of data and law (Kolmogorov-Smirnov); of the order of 1 / sqrt(values)
    /// where the law holds.
    pub distance: f64,
    /// Values within the range.
    pub values: usize,
}

/// Exponents that are searched for a range without an end; below 1 the law has no norm.
const ENDLESS: RangeInclusive<f64> = 1.000_1..=20.0;
/// Exponents that are searched for a range with an end.
const TRUNCATED: RangeInclusive<f64> = -5.0..=20.0;

/// Fits a power law to the values from `least` to `most` (`None`: without end); others are left out.
///
/// The likelihood of the law truncated to that range is maximised. Finite networks cut off the tail, so `most` should lie
/// below the cut; a line through a histogram in logarithmic axes is biased and is not offered.
///
/// Source: A. Clauset, C. R. Shalizi, M. E. J. Newman, SIAM Review 51:661, 2009, section 3; truncated as in A. Deluca,
/// Á. Corral, Acta Geophysica 61:1351, 2013.
///
/// # Errors
/// If `least` is 0 or not below `most`, if no value lies in the range or all are `least`, or if the values determine no
/// exponent (all are `most`).
pub fn fit_power_law(values: &[u64], least: u64, most: Option<u64>) -> Result<PowerLaw> {
    if least == 0 || most.is_some_and(|most| most <= least) {
        let allowed = format!("1 to below `most`, {most:?}");
        return Err(argument("least", least, allowed));
    }
    let mut inside: Vec<u64> = values.iter().copied().filter(|&x| x >= least && most.is_none_or(|m| x <= m)).collect();
    inside.sort_unstable();
    let spread = inside.last().is_some_and(|&x| x > least);
    if !spread {
        let found = format!("{} from `least` on, none above {least}", inside.len());
        return Err(argument("values", found, "several different values in the range"));
    }
    let mean_log = inside.iter().map(|&x| libm::log(x as f64)).sum::<f64>() / inside.len() as f64;
    let exponent = solve(mean_log, least, most)?;
    let standard_error = 1.0 / (inside.len() as f64 * curvature(exponent, least, most)).sqrt();
    let distance = distance(&inside, exponent, least, most);
    Ok(PowerLaw { exponent, standard_error, distance, values: inside.len() })
}

/// The exponent under which the mean logarithm is the given one, which is where the likelihood is greatest.
fn solve(mean_log: f64, least: u64, most: Option<u64>) -> Result<f64> {
    let bounds = if most.is_some() { TRUNCATED } else { ENDLESS };
    let cost = |a: f64| libm::log(power_sum(a, least, most)) + a * mean_log;
    let exponent = golden::minimum(*bounds.start(), *bounds.end(), cost);
    if exponent - bounds.start() < 1e-3 || bounds.end() - exponent < 1e-3 {
        let allowed = format!("values of an exponent within {bounds:?}; choose another range");
        return Err(argument("values", format!("of an exponent of {exponent:.3} or beyond"), allowed));
    }
    Ok(exponent)
}

/// The second derivative of ln(norm), the variance of ln x under the law.
fn curvature(exponent: f64, least: u64, most: Option<u64>) -> f64 {
    let h = if most.is_some() { 1e-3 } else { (0.5 * (exponent - 1.0)).min(1e-3) };
    let at = |a: f64| libm::log(power_sum(a, least, most));
    (at(exponent + h) - 2.0 * at(exponent) + at(exponent - h)) / (h * h)
}

/// The largest distance between the cumulative distributions of sorted values and of the law.
fn distance(sorted: &[u64], exponent: f64, least: u64, most: Option<u64>) -> f64 {
    let norm = power_sum(exponent, least, most);
    let law = |x: u64| if x < least { 0.0 } else { power_sum(exponent, least, Some(x)) / norm };
    let (mut largest, mut seen, n) = (0.0_f64, 0, sorted.len() as f64);
    for group in sorted.chunk_by(|a, b| a == b) {
        largest = largest.max((law(group[0] - 1) - seen as f64 / n).abs());
        seen += group.len();
        largest = largest.max((law(group[0]) - seen as f64 / n).abs());
    }
    largest
}

/// Σ x^-a over the whole numbers x from `from` to `to`, or without end (a > 1): the first terms one by one, the rest by the
/// formula of Euler and Maclaurin (NIST Digital Library of Mathematical Functions, 2.10.1), to 1e-14 of the sum.
fn power_sum(a: f64, from: u64, to: Option<u64>) -> f64 {
    const TERMS: u64 = 40;
    let direct_end = to.map_or(u64::MAX, |to| to.saturating_add(1)).min(from.saturating_add(TERMS));
    let direct: f64 = (from..direct_end).map(|x| libm::pow(x as f64, -a)).sum();
    match to {
        Some(to) if to < direct_end => direct,
        Some(to) => {
            let (x, y) = (direct_end as f64, to as f64);
            direct + integral(a, x, y) + ends(a, x) + libm::pow(y, -a) - ends(a, y)
        }
        None => {
            let x = direct_end as f64;
            direct + libm::pow(x, 1.0 - a) / (a - 1.0) + ends(a, x)
        }
    }
}

/// The integral of t^-a from x to y, also near a = 1.
fn integral(a: f64, x: f64, y: f64) -> f64 {
    let (power, span) = (1.0 - a, libm::log(y / x));
    let relative = if (power * span).abs() < 1e-12 { span } else { libm::expm1(power * span) / power };
    libm::pow(x, power) * relative
}

/// The terms of Euler and Maclaurin at the lower end of a sum: f / 2 - f' / 12 + f''' / 720 - f⁽⁵⁾ / 30240, f = x^-a. At the
/// upper end f / 2 has the same sign and the rest the other, so that end adds f less this.
fn ends(a: f64, x: f64) -> f64 {
    let third = a * (a + 1.0) * (a + 2.0) / (x * x * x);
    let fifth = third * (a + 3.0) * (a + 4.0) / (x * x);
    libm::pow(x, -a) * (0.5 + a / (12.0 * x) - third / 720.0 + fifth / 30240.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    #[test]
    fn sums_are_those_of_zeta() {
        let pi = std::f64::consts::PI;
        let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-14, "{found}, {expected}");
        close(power_sum(2.0, 1, None), pi.powi(2) / 6.0);
        close(power_sum(4.0, 1, None), pi.powi(4) / 90.0);
        close(power_sum(1.5, 1, None), 2.612_375_348_685_488);
        close(power_sum(2.0, 3, None), pi.powi(2) / 6.0 - 1.25);
        // One by one, over ends before and behind the point where the formula takes over.
        for a in [-2.0, 0.0, 0.999_999, 1.0, 1.5, 3.0] {
            for to in [5, 44, 45, 46, 1000] {
                close(power_sum(a, 5, Some(to)), (5..=to).map(|x| (x as f64).powf(-a)).sum());
            }
        }
    }

    #[test]
    fn the_mean_logarithm_of_the_zeta_law_gives_its_exponent_back() {
        // -ζ'(2) / ζ(2) = 0.569960993094532...
        let found = solve(0.569_960_993_094_532_8, 1, None).unwrap();
        assert!((found - 2.0).abs() < 1e-6, "{found}");
    }

    /// Values of a law by inverting its cumulative sum, with a table long enough that the rest does not matter.
    fn law(exponent: f64, least: u64, most: u64, count: usize) -> Vec<u64> {
        let mut random = SplitMix64::new(31);
        let mut sum = 0.0;
        let table: Vec<f64> = (least..=most)
            .map(|x| {
                sum += (x as f64).powf(-exponent);
                sum
            })
            .collect();
        let draw = |random: &mut SplitMix64| random.next_f64() * sum;
        (0..count).map(|_| draw(&mut random)).map(|at| least + table.partition_point(|&c| c <= at) as u64).collect()
    }

    #[test]
    fn exponents_are_recovered_within_their_errors() {
        for (exponent, least, most) in [(1.5, 1, Some(1000)), (0.8, 4, Some(300)), (2.5, 2, None)] {
            let values = law(exponent, least, most.unwrap_or(1_000_000), 20_000);
            let found = fit_power_law(&values, least, most).unwrap();
            assert!((found.exponent - exponent).abs() < 3.0 * found.standard_error, "{exponent}: {found:?}");
            assert!(found.standard_error < 0.02 && found.values == 20_000, "{found:?}");
            // 1.63 / sqrt(n) is passed by one of a hundred even without a fit.
            assert!(found.distance < 0.0115, "{found:?}");
        }
    }

    #[test]
    fn a_wrong_range_and_a_wrong_law_are_seen() {
        let values = law(1.5, 1, 1000, 20_000);
        let endless = fit_power_law(&values, 1, None).unwrap();
        assert!((endless.exponent - 1.5).abs() > 10.0 * endless.standard_error, "{endless:?}");
        let mut random = SplitMix64::new(6);
        let geometric: Vec<u64> = (0..20_000).map(|_| 1 + (random.next_f64().ln() / 0.8_f64.ln()) as u64).collect();
        assert!(fit_power_law(&geometric, 1, None).unwrap().distance > 0.1);
    }
}
