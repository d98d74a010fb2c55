//! The magnitude spectrum of a real frame.
//!
//! A plain radix-2 transform of our own: libraries choose instructions by processor, so that their last bits, and with
//! them everything trained on, would depend on the machine.

use std::f64::consts::PI;

/// A transform of one power of two.
#[derive(Debug, Clone)]
pub(super) struct Spectrum {
    /// exp(-2 pi i k / n) for k below n / 2.
    twiddles: Vec<[f64; 2]>,
    /// Where each value goes first: its index with the bits reversed.
    order: Vec<usize>,
}

impl Spectrum {
    /// For at least `samples` values.
    pub(super) fn for_at_least(samples: usize) -> Self {
        let n = samples.next_power_of_two().max(2);
        let angle = |k: usize| -2.0 * PI * k as f64 / n as f64;
        let twiddles = (0..n / 2).map(|k| [libm::cos(angle(k)), libm::sin(angle(k))]).collect();
        let order = (0..n).map(|i| i.reverse_bits() >> (usize::BITS - n.trailing_zeros())).collect();
        Self { twiddles, order }
    }

    /// Values that are transformed.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// |X(k)| for k of 0 to n / 2 of a frame that zeros fill up.
    pub(super) fn magnitudes(&self, frame: &[f64]) -> Vec<f64> {
        let mut x: Vec<[f64; 2]> = self.order.iter().map(|&i| [frame.get(i).copied().unwrap_or(0.0), 0.0]).collect();
        let mut half = 1;
        while half < x.len() {
            self.butterflies(&mut x, half);
            half *= 2;
        }
        x[..=self.len() / 2].iter().map(|[re, im]| (re * re + im * im).sqrt()).collect()
    }

    /// Joins transforms of `half` values in pairs.
    fn butterflies(&self, x: &mut [[f64; 2]], half: usize) {
        let stride = self.twiddles.len() / half;
        for pair in x.chunks_exact_mut(2 * half) {
            let (even, odd) = pair.split_at_mut(half);
            for ((a, b), [c, s]) in even.iter_mut().zip(odd).zip(self.twiddles.iter().step_by(stride)) {
                let turned = [b[0] * c - b[1] * s, b[0] * s + b[1] * c];
                *b = [a[0] - turned[0], a[1] - turned[1]];
                *a = [a[0] + turned[0], a[1] + turned[1]];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_definition() {
        let frame: Vec<f64> = (0..13).map(|i| f64::from(i * i * 37 % 101) - 50.0).collect();
        let spectrum = Spectrum::for_at_least(frame.len());
        assert_eq!(spectrum.len(), 16);
        for (k, magnitude) in spectrum.magnitudes(&frame).iter().enumerate() {
            let angle = |t: usize| -2.0 * PI * (k * t) as f64 / 16.0;
            let part = |f: fn(f64) -> f64| frame.iter().enumerate().map(|(t, x)| x * f(angle(t))).sum::<f64>();
            assert!((magnitude - part(libm::cos).hypot(part(libm::sin))).abs() < 1e-11, "bin {k}");
        }
    }
}
