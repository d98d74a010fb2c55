//! Derivatives in time, by regression.

use ndarray::Array2;

use crate::Result;
use crate::error::argument;

/// The slope of each column over `window` frames to either side: sum over k = 1 to window of k (c(t+k) - c(t-k)), over
/// 2 sum of k^2. Beyond either end the frame of that end stands in, as in HTK. Frames x columns, as `features`.
///
/// # Errors
/// If there are no frames or columns, or if `window` is 0.
pub fn deltas(features: &Array2<f64>, window: usize) -> Result<Array2<f64>> {
    if features.is_empty() {
        return Err(argument("features", format!("{:?}", features.dim()), "at least one frame and one column"));
    }
    if window == 0 {
        return Err(argument("window", 0, "at least 1 frame"));
    }
    let last = features.nrows() - 1;
    let norm = 2.0 * (1..=window).map(|k| (k as f64) * (k as f64)).sum::<f64>();
    Ok(Array2::from_shape_fn(features.dim(), |(t, column)| {
        let rise =
            |k: usize| features[[t.saturating_add(k).min(last), column]] - features[[t.saturating_sub(k), column]];
        (1..=window).map(|k| k as f64 * rise(k)).sum::<f64>() / norm
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_slope_away_from_the_ends() {
        let line = Array2::from_shape_fn((9, 2), |(t, column)| (column as f64 + 1.0) * t as f64);
        let slope = deltas(&line, 2).unwrap();
        assert_eq!(slope.row(4).to_vec(), [1.0, 2.0]);
        // At the start: 1 (1 - 0) + 2 (2 - 0) over 10.
        assert_eq!(slope.row(0).to_vec(), [0.5, 1.0]);
    }
}
