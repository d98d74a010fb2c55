//! Second-order filters: coefficients from centre frequency and quality, and the two ways they are run.

use std::f64::consts::PI;

/// (b0 + b1/z + b2/z^2) / (1 + a1/z + a2/z^2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Biquad {
    pub(super) b: [f64; 3],
    pub(super) a: [f64; 2],
}

/// 1 + c1/z + c2/z^2 with zeros at `frequency` of quality `q`, both as cycles a sample: c1 = -2 r cos t, c2 = r^2 with
/// r = exp(-pi f / q) and t = 2 pi f sqrt(1 - 1 / (4 q^2)).
pub(super) fn resonance(frequency: f64, q: f64) -> [f64; 3] {
    let radius = libm::exp(-PI * frequency / q);
    // At a quality of 1/2 rounding may leave less than nothing under the root.
    let angle = 2.0 * PI * frequency * (1.0 - 1.0 / (4.0 * q * q)).max(0.0).sqrt();
    [1.0, -2.0 * radius * libm::cos(angle), radius * radius]
}

impl Biquad {
    /// The filter with the magnitude `gain` at `frequency` (cycles a sample).
    pub(super) fn with_gain(b: [f64; 3], a: [f64; 3], gain: f64, frequency: f64) -> Self {
        let factor = gain * magnitude(a, frequency) / magnitude(b, frequency);
        Self { b: b.map(|c| c * factor), a: [a[1], a[2]] }
    }

    /// One sample through the filter in transposed direct form II.
    #[inline]
    pub(super) fn step(&self, x: f64, state: &mut [f64; 2]) -> f64 {
        let y = self.b[0] * x + state[0];
        state[0] = self.b[1] * x - self.a[0] * y + state[1];
        state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// |c0 + c1/z + c2/z^2| at z = exp(2 pi i f).
fn magnitude(c: [f64; 3], frequency: f64) -> f64 {
    let w = 2.0 * PI * frequency;
    let real = c[0] + c[1] * libm::cos(w) + c[2] * libm::cos(2.0 * w);
    let imaginary = c[1] * libm::sin(w) + c[2] * libm::sin(2.0 * w);
    libm::hypot(real, imaginary)
}

/// One sample through filters one after another; `places` gets the output of each.
#[inline]
pub(super) fn cascade(filters: &[Biquad], x: f64, states: &mut [[f64; 2]], places: &mut [f64]) {
    let mut x = x;
    for ((filter, state), place) in filters.iter().zip(states).zip(places) {
        x = filter.step(x, state);
        *place = x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gain_is_as_asked_at_its_frequency() {
        let filter = Biquad::with_gain([1.0, 0.0, -1.0], resonance(0.2, 3.0), 2.5, 0.25);
        let mut state = [0.0; 2];
        // A cosine of a quarter cycle a sample, long after the start.
        let wave = (0..4000).map(|t| filter.step([1.0, 0.0, -1.0, 0.0][t % 4], &mut state));
        let peak = wave.collect::<Vec<_>>()[3900..].chunks(4).map(|q| libm::hypot(q[0], q[1])).fold(0.0, f64::max);
        assert!((peak - 2.5).abs() < 1e-9, "{peak}");
    }
}
