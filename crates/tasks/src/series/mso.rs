//! Multiple superimposed oscillators.

use crate::Result;
use crate::error::argument;

/// The frequencies of the sines, in radians a step.
pub const MSO_FREQUENCIES: [f64; 8] = [0.2, 0.311, 0.42, 0.51, 0.63, 0.74, 0.85, 0.97];

/// Multiple superimposed oscillators: y(t) = Σ sin(f t) over the first `sines` of [`MSO_FREQUENCIES`], t = 1 to n. A
/// forecaster has to keep each of them, and their sum repeats only after very long.
///
/// H. Jaeger, H. Haas, Science 304:78, 2004, and Jaeger's lectures for two sines; B. Roeschies, C. Igel, "Structure
/// optimization of reservoir networks", Logic Journal of the IGPL 18:635, 2010, for up to eight.
///
/// # Errors
/// If `sines` is not 1 to 8.
pub fn mso(sines: usize, n: usize) -> Result<Vec<f64>> {
    if !(1..=MSO_FREQUENCIES.len()).contains(&sines) {
        return Err(argument("sines", sines, format!("1 to {}", MSO_FREQUENCIES.len())));
    }
    let sum = |t: usize| MSO_FREQUENCIES[..sines].iter().map(|f| libm::sin(f * t as f64)).sum();
    Ok((1..=n).map(sum).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sine_is_undone_by_its_own_recurrence() {
        // y(t) - 2 cos(f) y(t - 1) + y(t - 2) is 0 for a sine of frequency f: all of the filters, and nothing is left.
        for sines in [2, 5, 8] {
            let filtered = |filters: usize| {
                MSO_FREQUENCIES[..filters].iter().fold(mso(sines, 200).unwrap(), |y, f| {
                    y.windows(3).map(|w| w[2] - 2.0 * f.cos() * w[1] + w[0]).collect()
                })
            };
            let largest = |y: Vec<f64>| y.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            assert!(largest(filtered(sines)) < 1e-9);
            assert!(largest(filtered(sines - 1)) > 1e-4);
        }
    }
}
