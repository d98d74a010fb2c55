//! Triangular filters on the mel scale.

/// HTK's mel scale: 1127 ln(1 + f / 700), f in Hz.
pub(super) fn mel(hz: f64) -> f64 {
    1127.0 * libm::log1p(hz / 700.0)
}

/// One triangle: weights of the bins from `first` on.
#[derive(Debug, Clone)]
struct Triangle {
    first: usize,
    weights: Vec<f64>,
}

/// Triangles of equal width in mel; each starts at the centre of the one before and ends at that of the one after.
#[derive(Debug, Clone)]
pub(super) struct FilterBank(Vec<Triangle>);

impl FilterBank {
    /// `filters` triangles from `low_hz` to `high_hz` over `bins` bins of `bin_hz` each. The index of the first triangle
    /// without a bin, if there is one.
    pub(super) fn new(filters: usize, low_hz: f64, high_hz: f64, bins: usize, bin_hz: f64) -> Result<Self, usize> {
        let (low, high) = (mel(low_hz), mel(high_hz));
        let width = (high - low) / (filters + 1) as f64;
        let at: Vec<f64> = (0..bins).map(|k| (mel(k as f64 * bin_hz) - low) / width).collect();
        let bank: Vec<Triangle> = (1..=filters).map(|j| triangle(&at, j as f64)).collect();
        match bank.iter().position(|triangle| triangle.weights.is_empty()) {
            Some(empty) => Err(empty),
            None => Ok(Self(bank)),
        }
    }

    /// The weighted sum of each triangle.
    pub(super) fn apply(&self, spectrum: &[f64]) -> impl Iterator<Item = f64> {
        self.0.iter().map(|t| t.weights.iter().zip(&spectrum[t.first..]).map(|(w, x)| w * x).sum())
    }
}

/// The triangle of height 1 at `centre`, zero a unit away from it, over bins at the places `at` (ascending).
fn triangle(at: &[f64], centre: f64) -> Triangle {
    let first = at.partition_point(|&x| x <= centre - 1.0);
    let end = at.partition_point(|&x| x < centre + 1.0);
    let weights = at[first..end.max(first)].iter().map(|x| 1.0 - (x - centre).abs()).collect();
    Triangle { first, weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_hertz_are_a_thousand_mel() {
        assert!((mel(1000.0) - 1000.0).abs() < 0.02);
    }

    #[test]
    fn triangles_share_each_bin_between_their_peaks() {
        let bank = FilterBank::new(20, 100.0, 3800.0, 129, 31.25).unwrap();
        let mut one = vec![0.0; 129];
        for bin in 10..100 {
            one[bin] = 1.0;
            assert!((bank.apply(&one).sum::<f64>() - 1.0).abs() < 1e-12, "bin {bin}");
            one[bin] = 0.0;
        }
    }
}
