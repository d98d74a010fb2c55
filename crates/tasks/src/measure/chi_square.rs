//! Quantiles of the chi-square distribution.

/// q with P(χ² > q) = `tail` for `freedom` degrees of freedom, by bisection.
pub(crate) fn quantile(freedom: f64, tail: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while upper(0.5 * freedom, 0.5 * high) > tail {
        high *= 2.0;
    }
    while high - low > 1e-13 * high {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if upper(0.5 * freedom, 0.5 * middle) > tail { low = middle } else { high = middle }
    }
    high
}

/// The regularised upper incomplete gamma function Q(a, x), a > 0, x ≥ 0: the series below a + 1, the continued
/// fraction above.
///
/// Source: NIST Digital Library of Mathematical Functions, 8.7.1 and 8.9.2.
fn upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 { 1.0 - front * series(a, x) } else { front * fraction(a, x) }
}

/// Σ xⁿ / (a (a + 1) … (a + n)).
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, 0.0);
    while term > sum * f64::EPSILON {
        n += 1.0;
        term *= x / (a + n);
        sum += term;
    }
    sum
}

/// 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - …)), from the front (W. J. Lentz, Appl. Opt. 15:668, 1976).
fn fraction(a: f64, x: f64) -> f64 {
    const ROUNDS: u32 = 100_000;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / f64::MIN_POSITIVE, 1.0 / b);
    let mut value = d;
    for n in 1..ROUNDS {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        value *= c * d;
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_degrees_have_a_closed_form() {
        // Q(n, x) = e^-x Σ x^i / i!, i < n.
        for n in [1, 2, 5, 20, 100] {
            for x in [0.1, 1.0, 4.0, 30.0, 150.0] {
                let mut term = f64::exp(-x);
                let mut exact = term;
                for i in 1..n {
                    term *= x / f64::from(i);
                    exact += term;
                }
                let found = upper(f64::from(n), x);
                assert!((found - exact).abs() < 1e-12 * exact.max(1e-3), "Q({n}, {x}) = {found}, exactly {exact}");
            }
        }
        assert!((quantile(2.0, 1e-4) + 2.0 * f64::ln(1e-4)).abs() < 1e-10);
    }

    #[test]
    fn quantiles_of_scipy() {
        // scipy.stats.chi2.isf(tail, freedom), 1.17.1.
        for (freedom, tail, expected) in SCIPY {
            let found = quantile(freedom, tail);
            assert!((found - expected).abs() < 1e-9 * expected, "{freedom} {tail}: {found} against {expected}");
        }
    }

    const SCIPY: [(f64, f64, f64); 5] = [
        (1.0, 0.0001, 15.136705226623397),
        (7.0, 0.05, 14.067140449340167),
        (50.0, 0.0001, 95.96874847816342),
        (333.0, 0.0001, 437.63071511298267),
        (5000.0, 0.0001, 5380.483292690434),
    ];
}
