//! The line of least squares.

/// The slope of the line of least squares through points (x, y, weight).
pub(crate) fn slope(points: &[(f64, f64, f64)]) -> f64 {
    let weight: f64 = points.iter().map(|p| p.2).sum();
    let x = points.iter().map(|p| p.2 * p.0).sum::<f64>() / weight;
    let y = points.iter().map(|p| p.2 * p.1).sum::<f64>() / weight;
    let product: f64 = points.iter().map(|p| p.2 * (p.0 - x) * (p.1 - y)).sum();
    product / points.iter().map(|p| p.2 * (p.0 - x).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn weights_count_as_repeats() {
        assert_eq!(slope(&[(0.0, 1.0, 1.0), (2.0, 5.0, 3.0)]), 2.0);
        let repeated = slope(&[(0.0, 0.0, 1.0), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), (2.0, 0.0, 1.0)]);
        assert!((slope(&[(0.0, 0.0, 1.0), (1.0, 1.0, 2.0), (2.0, 0.0, 1.0)]) - repeated).abs() < 1e-15);
        assert_ne!(slope(&[(0.0, 0.0, 1.0), (1.0, 1.0, 2.0), (2.0, 0.0, 3.0)]), repeated);
    }
}
