//! The numbers that the CPU device computes in, with activations that compile to vector code.
//!
//! Everything is plain multiplications, additions, divisions and comparisons in a stated order, never contracted, so every instruction set gives the same bits.

use std::ops::{Add, Div, Mul, Sub};

use crate::rate::Real;

/// `f32` or `f64` as the CPU device computes in it.
pub(crate) trait Float:
    Real + PartialOrd + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Hyperbolic tangent, within 3 ulp in f32 (2.3 seen), 4 in f64 (3.0 seen).
    fn tanh(self) -> Self;

    /// Logistic function, within 3 ulp in f32, 4 in f64, for arguments from -87 and -700 on; below these it stays what it is there (about 1e-38, 1e-304).
    fn sigmoid(self) -> Self;
}

/// `max(a, 0)`; a NaN stays one.
#[inline(always)]
pub(crate) fn relu<T: Float>(a: T) -> T {
    if a < T::default() { T::default() } else { a }
}

// e^y = 2^n (1 + p): n is the nearest integer to y / ln 2, p = e^r - 1 of the rest r, |r| <= ln 2 / 2, by its Taylor series, whose remainder is below a
// quarter of an ulp. ln 2 has two parts, of which the first has few enough bits for exact products with n. Adding 1.5 * 2^(bits of the fraction)
// rounds to an integer and leaves it in the lowest bits.
macro_rules! float {
    ($t:ident, $bits:ty, $fraction:expr, $bias:expr) => {
        impl Float for $t {
            // tanh x = E / (E + 2) with E = e^(2x) - 1, which needs no other formula near 0.
            #[inline(always)]
            fn tanh(self) -> Self {
                let x = self.abs();
                // A NaN fails the comparison and stays.
                let x = if x > FLAT { FLAT } else { x };
                let (power, p) = exponential(2.0 * x);
                let e = power * p + (power - 1.0);
                (e / (e + 2.0)).copysign(self)
            }

            #[inline(always)]
            fn sigmoid(self) -> Self {
                let y = if self < -EDGE { EDGE } else { -self };
                let y = if y < -EDGE { -EDGE } else { y };
                let (power, p) = exponential(y);
                1.0 / (1.0 + (power + power * p))
            }
        }

        /// `(2^n, p)`.
        #[inline(always)]
        fn exponential(y: $t) -> ($t, $t) {
            const ROUND: $t = 1.5 * (1u64 << $fraction) as $t;
            let shifted = y * std::$t::consts::LOG2_E + ROUND;
            let n = shifted - ROUND;
            let r = (y - n * LN2_HIGH) - n * LN2_LOW;
            let power = $t::from_bits((shifted.to_bits() << $fraction).wrapping_add($bias << $fraction));
            let sum = TAYLOR.iter().fold(0.0, |sum, c| sum * r + c);
            (power, r + r * r * sum)
        }
    };
}

mod single {
    use super::Float;

    /// 1/7! to 1/2!.
    const TAYLOR: [f32; 6] = [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5];
    /// The first 15 bits of ln 2, and the rest.
    const LN2_HIGH: f32 = 0.693_145_75;
    const LN2_LOW: f32 = 1.428_606_8e-6;
    /// Where the hyperbolic tangent is 1 in this precision.
    const FLAT: f32 = 9.5;
    /// Beyond it an exponential would leave the range of normal numbers.
    const EDGE: f32 = 87.0;
    float!(f32, u32, 23, 127_u32);
}

mod double {
    use super::Float;

    /// 1/13! to 1/2!.
    const TAYLOR: [f64; 12] = [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ];
    /// The first 33 bits of ln 2, and the rest.
    const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const FLAT: f64 = 20.0;
    const EDGE: f64 = 700.0;
    float!(f64, u64, 52, 1023_u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error of `f` against `exact`, in units of the last place of the exact value.
    fn worst(
        f: impl Fn(f64) -> f64,
        exact: impl Fn(f64) -> f64,
        ulp: impl Fn(f64) -> f64,
        xs: impl Iterator<Item = f64>,
    ) -> f64 {
        xs.map(|x| (f(x) - exact(x)).abs() / ulp(exact(x))).fold(0.0, f64::max)
    }

    fn ulp32(y: f64) -> f64 {
        let y = (y.abs() as f32).max(f32::MIN_POSITIVE);
        f64::from(f32::from_bits(y.to_bits() + 1)) - f64::from(y)
    }

    fn ulp64(y: f64) -> f64 {
        let y = y.abs().max(f64::MIN_POSITIVE);
        f64::from_bits(y.to_bits() + 1) - y
    }

    // Every exponent and sign, many fractions.
    fn singles(step: usize) -> impl Iterator<Item = f64> {
        (0..=u32::MAX).step_by(step).map(f32::from_bits).filter(|x| x.is_finite()).map(f64::from)
    }

    fn doubles() -> impl Iterator<Item = f64> {
        let fine = (-2_000_000..2_000_000).map(|i| f64::from(i) * 1.003e-5);
        let wide = (1..2000).map(|k| f64::from_bits((k << 52) | ((k * 0x9_E377_9B97_F4A7) & ((1 << 52) - 1))));
        fine.chain(wide.flat_map(|x| [x, -x]))
    }

    fn logistic(a: f64) -> f64 {
        1.0 / (1.0 + libm(a))
    }

    // e^-a; the platform's is within an ulp of f64, far below what is measured for f32.
    fn libm(a: f64) -> f64 {
        (-a).exp()
    }

    #[test]
    fn single_precision_is_within_three_ulp() {
        let tanh = worst(|x| f64::from((x as f32).tanh_own()), f64::tanh, ulp32, singles(1009));
        let sigmoid = |x: f64| f64::from(Float::sigmoid(x as f32));
        let sigmoid = worst(sigmoid, logistic, ulp32, singles(1009).filter(|&x| x >= -87.0));
        println!("tanh {tanh:.2} ulp, sigmoid {sigmoid:.2} ulp");
        assert!(tanh < 3.0 && sigmoid < 3.0, "tanh {tanh}, sigmoid {sigmoid}");
    }

    #[test]
    fn double_precision_is_within_four_ulp() {
        // The reference is the platform's, itself within about an ulp.
        let tanh = worst(Float::tanh, f64::tanh, ulp64, doubles());
        let sigmoid = worst(Float::sigmoid, logistic, ulp64, doubles().filter(|&x| x >= -700.0));
        println!("tanh {tanh:.2} ulp, sigmoid {sigmoid:.2} ulp");
        assert!(tanh < 4.0 && sigmoid < 4.0, "tanh {tanh}, sigmoid {sigmoid}");
    }

    #[test]
    #[ignore = "every number of single precision: a minute"]
    fn every_single_is_within_three_ulp() {
        let tanh = worst(|x| f64::from((x as f32).tanh_own()), f64::tanh, ulp32, singles(1));
        println!("tanh {tanh:.3} ulp");
        assert!(tanh < 3.0);
    }

    trait Own {
        fn tanh_own(self) -> Self;
    }

    impl Own for f32 {
        fn tanh_own(self) -> Self {
            Float::tanh(self)
        }
    }

    #[test]
    fn edges() {
        for x in [0.0, 1e-30, 9.4, 9.6, 1e30, f32::INFINITY] {
            assert_eq!(Float::tanh(-x), -Float::tanh(x));
        }
        assert_eq!((Float::tanh(100.0_f32), Float::tanh(f64::INFINITY), Float::tanh(0.0_f32)), (1.0, 1.0, 0.0));
        assert!(Float::tanh(f32::NAN).is_nan() && Float::sigmoid(f64::NAN).is_nan() && relu(f32::NAN).is_nan());
        assert_eq!((Float::sigmoid(f32::INFINITY), Float::sigmoid(0.0_f64)), (1.0, 0.5));
        assert!(Float::sigmoid(f32::NEG_INFINITY) < 2e-38);
        assert_eq!([-2.0, 3.0].map(relu), [0.0, 3.0]);
    }
}
