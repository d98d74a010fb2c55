//! Splits a total over rows: how many of `total` pairs chosen at random among all fall into each row. The rows are halved
//! again and again; the left half's share is hypergeometric (distinct pairs) or binomial (independent ones).

use super::words::Words;

/// How pairs are split over rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    /// Pairs that each row has to choose from.
    pub(super) row_size: u32,
    /// Whether a pair may be chosen more than once.
    pub(super) repeated: bool,
    /// Stream of the draws; a split's counter is the first row of its right half.
    pub(super) stream: u32,
    /// The seed's key.
    pub(super) key: [u32; 2],
}

const PARALLEL_ROWS: usize = 1 << 12;

impl Split {
    /// How many pairs each of `rows` rows gets.
    pub(super) fn lengths(&self, rows: usize, total: u64) -> Vec<u32> {
        let mut lengths = vec![0; rows];
        self.fill(0, &mut lengths, total);
        lengths
    }

    fn fill(&self, first: usize, lengths: &mut [u32], total: u64) {
        match lengths {
            [] => {}
            [length] => *length = total as u32,
            _ => self.halve(first, lengths, total),
        }
    }

    fn halve(&self, first: usize, lengths: &mut [u32], total: u64) {
        let rows = lengths.len();
        let (left, right) = lengths.split_at_mut(rows / 2);
        let middle = first + left.len();
        let share = self.share(middle, left.len() as u64, right.len() as u64, total);
        if rows < PARALLEL_ROWS {
            self.fill(first, left, share);
            self.fill(middle, right, total - share);
        } else {
            rayon::join(|| self.fill(first, left, share), || self.fill(middle, right, total - share));
        }
    }

    fn share(&self, middle: usize, left: u64, right: u64, total: u64) -> u64 {
        let u = Words::new(self.stream, middle as u32, self.key).fine_unit();
        if self.repeated {
            binomial(u, total, left as f64 / (left + right) as f64)
        } else {
            hypergeometric(u, left * u64::from(self.row_size), right * u64::from(self.row_size), total)
        }
    }
}

/// The binomial number of successes in `n` trials of probability `p` in (0, 1) that belongs to `u`.
pub(super) fn binomial(u: f64, n: u64, p: f64) -> u64 {
    let mode = ((n + 1) as f64 * p).min(n as f64) as u64;
    let odds = p / (1.0 - p);
    let ratio = |x: u64| (n - x) as f64 / (x + 1) as f64 * odds;
    outward(u, (0, mode, n), binomial_mass(mode as f64, n as f64, p), ratio)
}

/// The hypergeometric number of white balls among `n` drawn from `white` and `black` ones that belongs to `u`.
pub(super) fn hypergeometric(u: f64, white: u64, black: u64, n: u64) -> u64 {
    let (low, high) = (n.saturating_sub(black), n.min(white));
    if low == high {
        return low;
    }
    let mode = (u128::from(n + 1) * u128::from(white + 1) / u128::from(white + black + 2)) as u64;
    let mode = mode.clamp(low, high);
    let ratio = |x: u64| {
        (white - x) as f64 * (n - x) as f64 / ((x + 1) as f64 * (black as i128 - n as i128 + x as i128 + 1) as f64)
    };
    outward(u, (low, mode, high), hypergeometric_mass(mode, white, black, n), ratio)
}

// Inversion that visits the values outward from the mode, about as many as the standard deviation. `ratio(x)` is the mass
// of x + 1 over that of x.
fn outward(u: f64, (low, mode, high): (u64, u64, u64), mass: f64, ratio: impl Fn(u64) -> f64) -> u64 {
    let mut left = u - mass;
    let (mut below, mut above) = ((mode, mass), (mode, mass));
    while left > 0.0 && (below.0 > low || above.0 < high) {
        if above.0 < high {
            above = (above.0 + 1, above.1 * ratio(above.0));
            left -= above.1;
            if left <= 0.0 {
                return above.0;
            }
        }
        if below.0 > low {
            below = (below.0 - 1, below.1 / ratio(below.0 - 1));
            left -= below.1;
            if left <= 0.0 {
                return below.0;
            }
        }
        // Rounding can leave a rest that no tail uses up.
        if below.1 + above.1 < f64::MIN_POSITIVE {
            break;
        }
    }
    mode
}

fn hypergeometric_mass(x: u64, white: u64, black: u64, n: u64) -> f64 {
    let p = n as f64 / (white + black) as f64;
    binomial_mass(x as f64, white as f64, p) * binomial_mass((n - x) as f64, black as f64, p)
        / binomial_mass(n as f64, (white + black) as f64, p)
}

// Loader, "Fast and accurate computation of binomial probabilities" (2000): no difference of large logarithms.
fn binomial_mass(x: f64, n: f64, p: f64) -> f64 {
    let (rest, q) = (n - x, 1.0 - p);
    if x == 0.0 {
        return libm::exp(n * libm::log1p(-p));
    }
    if rest == 0.0 {
        return libm::exp(n * libm::log(p));
    }
    let exponent =
        stirling_error(n) - stirling_error(x) - stirling_error(rest) - deviance(x, n * p) - deviance(rest, n * q);
    libm::exp(exponent) * libm::sqrt(n / (std::f64::consts::TAU * x * rest))
}

// ln(n!) less Stirling's approximation.
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        let half_log_tau = 0.5 * libm::log(std::f64::consts::TAU);
        return libm::lgamma(n + 1.0) - (n + 0.5) * libm::log(n) + n - half_log_tau;
    }
    let r = 1.0 / (n * n);
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - r / 1188.0) * r) * r) * r) / n
}

// x ln(x / m) + m - x, by its series where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    let v = (x - m) / (x + m);
    if v.abs() >= 0.1 {
        return x * libm::log(x / m) + m - x;
    }
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for j in 1..100 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(n: u64, k: u64) -> f64 {
        (0..k).map(|i| (n - i) as f64 / (k - i) as f64).product()
    }

    // How often each value belongs to one of many evenly spaced u.
    fn frequencies(high: u64, draw: impl Fn(f64) -> u64) -> Vec<f64> {
        let n = 400_000;
        let mut counts = vec![0.0; high as usize + 1];
        (0..n).for_each(|i| counts[draw((f64::from(i) + 0.5) / f64::from(n)) as usize] += 1.0 / f64::from(n));
        counts
    }

    #[test]
    fn binomial_frequencies_are_the_probabilities() {
        for (n, p) in [(1, 0.5), (7, 0.5), (12, 0.1), (40, 0.93)] {
            for (x, frequency) in (0..).zip(frequencies(n, |u| binomial(u, n, p))) {
                let exact = choose(n, x) * p.powi(x as i32) * (1.0 - p).powi((n - x) as i32);
                assert!((frequency - exact).abs() < 1e-5, "n {n}, p {p}, x {x}: {frequency} for {exact}");
            }
        }
    }

    #[test]
    fn hypergeometric_frequencies_are_the_probabilities() {
        for (white, black, n) in [(2, 2, 2), (5, 9, 6), (30, 4, 20), (3, 40, 41), (25, 25, 1), (1, 1, 1)] {
            let frequencies = frequencies(n, |u| hypergeometric(u, white, black, n));
            for (x, frequency) in (0..).zip(frequencies) {
                let possible = x <= white && n - x <= black;
                let ways = if possible { choose(white, x) * choose(black, n - x) } else { 0.0 };
                let exact = ways / choose(white + black, n);
                assert!((frequency - exact).abs() < 1e-5, "{white} {black} {n}, x {x}: {frequency} for {exact}");
            }
        }
    }

    #[test]
    fn masses_of_large_numbers_add_to_one() {
        let (white, black, n) = (500_000_000_000, 499_999_000_000, 100_000_000);
        let sum: f64 = (49_950_000..50_050_200).map(|x| hypergeometric_mass(x, white, black, n)).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let sum: f64 = (249_000..251_000).map(|x| binomial_mass(f64::from(x), 1e6, 0.25)).sum();
        let (exact, tail) = (1.0, 0.021);
        assert!(sum < exact && sum > exact - tail, "within 2.3 standard deviations: {sum}");
    }

    #[test]
    fn ends_of_the_range_are_reached() {
        assert_eq!(hypergeometric(0.5, 10, 10, 0), 0);
        assert_eq!(hypergeometric(0.5, 10, 10, 20), 10);
        assert_eq!((binomial(0.999, 0, 0.5), binomial(0.5, 5, 1e-300)), (0, 0));
        assert!(binomial(1.0 - 1e-16, 1000, 0.5) <= 1000);
    }

    #[test]
    fn shares_add_up_to_the_total() {
        for repeated in [false, true] {
            let split = Split { row_size: 9, repeated, stream: 1, key: [2, 3] };
            for total in [0, 1, 777, 9 * 999, 9 * 1000] {
                let lengths = split.lengths(1000, total);
                assert_eq!(lengths.iter().map(|&length| u64::from(length)).sum::<u64>(), total);
                assert!(repeated || lengths.iter().all(|&length| length <= 9));
            }
        }
    }
}
