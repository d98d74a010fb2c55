//! The magnitude spectrum of a real frame.

use crate::series::fourier::{Complex, Fourier};

/// A transform of one power of two.
#[derive(Debug, Clone)]
pub(super) struct Spectrum {
    fourier: Fourier,
    len: usize,
}

impl Spectrum {
    /// For at least `samples` values.
    pub(super) fn for_at_least(samples: usize) -> Self {
        let len = samples.next_power_of_two().max(2);
        Self { fourier: Fourier::new(len), len }
    }

    /// Values that are transformed.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// |X(k)| for k of 0 to n / 2 of a frame that zeros fill up.
    pub(super) fn magnitudes(&self, frame: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut x: Vec<Complex> = frame.map(|re| Complex::new(re, 0.0)).collect();
        x.resize(self.len, Complex::default());
        self.fourier.forward(&mut x);
        x[..=self.len / 2].iter().map(|z| (z.re * z.re + z.im * z.im).sqrt()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn equals_the_definition_with_zeros_at_the_end() {
        let frame: Vec<f64> = (0..13).map(|i| f64::from(i * i * 37 % 101) - 50.0).collect();
        let spectrum = Spectrum::for_at_least(frame.len());
        assert_eq!(spectrum.len(), 16);
        for (k, magnitude) in spectrum.magnitudes(frame.iter().copied()).iter().enumerate() {
            let angle = |t: usize| TAU * (k * t) as f64 / 16.0;
            let part = |f: fn(f64) -> f64| frame.iter().enumerate().map(|(t, x)| x * f(angle(t))).sum::<f64>();
            assert!((magnitude - part(libm::cos).hypot(part(libm::sin))).abs() < 1e-11, "bin {k}");
        }
    }
}
