//! The minimum of a function of one variable.

/// Where `f` is least within `low` to `high`, if it has one minimum there: golden-section search (J. Kiefer, Proc. Amer.
/// Math. Soc. 4:502, 1953), to about the root of the rounding error.
pub(crate) fn minimum(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    const SHRINK: f64 = 0.618_033_988_749_894_9;
    const ROUNDS: usize = 80;
    let (mut a, mut b) = (high - SHRINK * (high - low), low + SHRINK * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    for _ in 0..ROUNDS {
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - SHRINK * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + SHRINK * (high - low);
            at_b = f(b);
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    #[test]
    fn parabola() {
        let found = super::minimum(-5.0, 30.0, |x| (x - 1.25) * (x - 1.25));
        assert!((found - 1.25).abs() < 1e-7, "{found}");
    }
}
