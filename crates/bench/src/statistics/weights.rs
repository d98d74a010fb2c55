//! The distribution of plastic weights.

use limnos_engine::{EngineError, Simulation};
use limnos_spec::fixed::from_fixed;
use serde::{Deserialize, Serialize};

/// Percentiles that tell the shape of a distribution.
const PERCENTILES: [f64; 5] = [5.0, 25.0, 50.0, 75.0, 95.0];

/// Plastic weights at the end of a run, mV.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WeightStatistics {
    /// Mean.
    pub mean: f64,
    /// Standard deviation; divisor: their number.
    pub sd: f64,
    /// The 5th, 25th, 50th, 75th and 95th percentile, interpolated linearly between ranks.
    pub percentiles: [f64; 5],
}

impl WeightStatistics {
    /// Of some weights; `None` without any.
    #[must_use]
    pub fn new(mut weights: Vec<f64>) -> Option<Self> {
        let n = weights.len() as f64;
        let mean = weights.iter().sum::<f64>() / n;
        let sd = (weights.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt();
        weights.sort_unstable_by(f64::total_cmp);
        (n > 0.0).then(|| Self { mean, sd, percentiles: PERCENTILES.map(|p| percentile(&weights, p)) })
    }
}

/// The percentile `p` of an ascending list that is not empty.
fn percentile(ascending: &[f64], p: f64) -> f64 {
    let rank = p / 100.0 * (ascending.len() - 1) as f64;
    let (low, high) = (ascending[rank.floor() as usize], ascending[rank.ceil() as usize]);
    low + (high - low) * rank.fract()
}

/// Present weights of every plastic projection of every sample, mV; none for a static network.
///
/// # Errors
/// Device errors.
pub fn plastic_weights(simulation: &mut Simulation) -> Result<Vec<f64>, EngineError> {
    if simulation.model().plastic.is_empty() {
        return Ok(Vec::new());
    }
    let states = simulation.state()?;
    let bits = simulation.model().projections.iter().filter_map(|p| p.plastic.as_ref().map(|w| w.bits));
    let bits: Vec<u32> = bits.collect();
    let of = |(weights, &bits): (&Vec<i32>, &u32)| weights.iter().map(|&w| from_fixed(w, bits)).collect::<Vec<_>>();
    Ok(states.iter().flat_map(|s| s.plastic.weights.iter().zip(&bits).flat_map(of)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_five_weights() {
        let found = WeightStatistics::new(vec![4.0, 1.0, 2.0, 5.0, 3.0]).expect("there are weights");
        assert_eq!((found.mean, found.sd), (3.0, 2.0_f64.sqrt()));
        // numpy.percentile([1, 2, 3, 4, 5], [5, 25, 50, 75, 95])
        let expected = [1.2, 2.0, 3.0, 4.0, 4.8];
        assert!(found.percentiles.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12), "{found:?}");
        assert_eq!(WeightStatistics::new(Vec::new()), None);
    }
}
