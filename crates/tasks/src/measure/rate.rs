//! Firing rates.

use crate::Result;
use crate::error::argument;
use crate::measure::raster::Raster;

/// The mean firing rate, Hz: spikes / (neurons x time), with steps of `dt_ms` ms.
///
/// # Errors
/// If `dt_ms` is not positive and finite.
pub fn mean_rate_hz(raster: Raster<'_>, dt_ms: f64) -> Result<f64> {
    if !(dt_ms > 0.0 && dt_ms.is_finite()) {
        return Err(argument("dt_ms", dt_ms, "positive and finite"));
    }
    let seconds = f64::from(raster.steps()) * dt_ms / 1000.0;
    Ok(raster.spike_count() as f64 / (f64::from(raster.neurons()) * seconds))
}

/// How many neurons do not spike.
#[must_use]
pub fn silent_neurons(raster: Raster<'_>) -> usize {
    raster.counts().iter().filter(|&&count| count == 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_spikes_of_four_neurons_in_half_a_second() {
        let raster = Raster::new(&[(0, 1), (10, 1), (499, 2)], 500, 4).unwrap();
        assert_eq!(mean_rate_hz(raster, 1.0).unwrap(), 1.5);
        assert_eq!(mean_rate_hz(raster, 0.5).unwrap(), 3.0);
        assert_eq!(silent_neurons(raster), 2);
    }
}
