//! Variability of the intervals between a neuron's spikes.

/// Coefficient of variation of the intervals between ascending spike steps, with the number of intervals as divisor of the variance; `None` with
/// fewer than `min_intervals` of them.
#[must_use]
pub fn cv(steps: &[u32], min_intervals: usize) -> Option<f64> {
    let m = steps.len().saturating_sub(1);
    if m < min_intervals.max(1) {
        return None;
    }
    let mean = f64::from(steps[m] - steps[0]) / m as f64;
    let squares: f64 = steps.windows(2).map(|w| (f64::from(w[1] - w[0]) - mean).powi(2)).sum();
    Some((squares / m as f64).sqrt() / mean)
}
