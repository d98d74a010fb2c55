//! The discrete Fourier transform of a power of two, with the same bits on every machine.

/// A complex number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Complex {
    pub re: f64,
    pub im: f64,
}

impl Complex {
    pub fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    /// e^(re + i im).
    pub fn exp(self) -> Self {
        let size = libm::exp(self.re);
        Self::new(size * libm::cos(self.im), size * libm::sin(self.im))
    }

    pub fn scaled(self, factor: f64) -> Self {
        Self::new(factor * self.re, factor * self.im)
    }
}

impl std::ops::Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl std::ops::Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

impl std::ops::Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }
}

impl std::ops::Div for Complex {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let product = self * Self::new(other.re, -other.im);
        product.scaled(1.0 / (other.re * other.re + other.im * other.im))
    }
}

/// The transform of one length, with its roots of unity.
#[derive(Debug, Clone)]
pub(crate) struct Fourier {
    /// e^(-2 π i k / n) for k below n / 2.
    roots: Vec<Complex>,
}

impl Fourier {
    /// For `n` values, a power of two of at least 2.
    pub fn new(n: usize) -> Self {
        let angle = -std::f64::consts::TAU / n as f64;
        Self { roots: (0..n / 2).map(|k| Complex::new(0.0, angle * k as f64).exp()).collect() }
    }

    /// X_k = Σ x_j e^(-2 π i j k / n), in place.
    ///
    /// J. W. Cooley, J. W. Tukey, Mathematics of Computation 19:297, 1965: the order of reversed bits, then
    /// butterflies.
    pub fn forward(&self, x: &mut [Complex]) {
        let n = x.len();
        debug_assert_eq!(n, 2 * self.roots.len());
        let bits = n.trailing_zeros();
        for i in 0..n {
            let j = i.reverse_bits() >> (usize::BITS - bits);
            if i < j {
                x.swap(i, j);
            }
        }
        let mut half = 1;
        while half < n {
            for block in x.chunks_exact_mut(2 * half) {
                let (even, odd) = block.split_at_mut(half);
                let roots = self.roots.iter().step_by(n / (2 * half));
                for ((a, b), &root) in even.iter_mut().zip(odd).zip(roots) {
                    let turned = root * *b;
                    (*a, *b) = (*a + turned, *a - turned);
                }
            }
            half *= 2;
        }
    }

    /// x_j = Σ X_k e^(2 π i j k / n) / n, in place.
    pub fn inverse(&self, x: &mut [Complex]) {
        self.forward(x);
        x[1..].reverse();
        let factor = 1.0 / x.len() as f64;
        x.iter_mut().for_each(|value| *value = value.scaled(factor));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    #[test]
    fn it_is_the_sum_of_its_definition_and_inverts() {
        for n in [2, 4, 32, 128] {
            let mut random = SplitMix64::new(n as u64);
            let x: Vec<Complex> = (0..n).map(|_| Complex::new(random.next_f64(), random.next_f64())).collect();
            let mut transform = x.clone();
            Fourier::new(n).forward(&mut transform);
            for (k, found) in transform.iter().enumerate() {
                let turn = |j: usize| Complex::new(0.0, -std::f64::consts::TAU * (j * k % n) as f64 / n as f64).exp();
                let sum = x.iter().enumerate().fold(Complex::default(), |sum, (j, &x)| sum + x * turn(j));
                let off = sum - *found;
                assert!(off.re.abs() + off.im.abs() < 1e-12, "{k} of {n}: {found:?} against {sum:?}");
            }
            Fourier::new(n).inverse(&mut transform);
            assert!(transform.iter().zip(&x).all(|(a, b)| (*a - *b).re.abs() + (*a - *b).im.abs() < 1e-14));
        }
    }

    #[test]
    fn quotients_undo_products() {
        let (a, b) = (Complex::new(1.0, -2.0), Complex::new(0.5, 3.0));
        let back = a * b / b;
        assert!((back.re - 1.0).abs() < 1e-15 && (back.im + 2.0).abs() < 1e-15);
    }
}
