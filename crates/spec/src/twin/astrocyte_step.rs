//! One step of an astrocyte: the twin of `kernels/astrocyte_step.wgsl`.

use crate::fixed::mul_q31;

/// The output after a step in which watched group k emitted `counts[k]` spikes: `a + rate (sum_k gain_k n_k + bias - a)`, with
/// `rate = dt / tau` (forward Euler) in Q0.31. The binary point of an astrocyte is chosen so that no sum overflows.
#[inline]
#[must_use]
pub fn step(output: i32, bias: i32, gains: &[i32], counts: &[u32], rate: i32) -> i32 {
    output + mul_q31(watched(bias, gains, counts) - output, rate)
}

/// `bias + sum_k gain_k n_k`.
#[inline]
#[must_use]
pub fn watched(bias: i32, gains: &[i32], counts: &[u32]) -> i32 {
    gains.iter().zip(counts).fold(bias, |sum, (&gain, &n)| sum.wrapping_add(gain.wrapping_mul(n as i32)))
}

/// Output, bias, gain or rate after the decay that ends a step; a factor of 1 leaves it as it is.
#[inline]
#[must_use]
pub const fn decayed(value: i32, decay: i32) -> i32 {
    mul_q31(value, decay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed::{Q31_ONE, from_fixed, q31};

    #[test]
    fn follows_the_equation() {
        let one = f64::from(1 << 24);
        let (bias, gain) = ((0.15 * one) as i32, (0.015 * one) as i32);
        let (mut a, mut exact) = (bias, from_fixed(bias, 24));
        for t in 0..2000u32 {
            let (liquid, input) = ((t * 37) % 60, 17);
            a = step(a, bias, &[gain, -gain], &[liquid, input], q31(0.01));
            let drive = from_fixed(gain, 24) * (f64::from(liquid) - f64::from(input)) + from_fixed(bias, 24);
            exact += (drive - exact) * 0.01;
            // A step rounds by half a unit at most, and what it leaves decays with tau = 100 steps.
            assert!((from_fixed(a, 24) - exact).abs() < 100.0 * 0.51 / one, "step {t}");
        }
    }

    #[test]
    fn the_ends_of_the_rate_are_exact() {
        assert_eq!(step(77, 5, &[3], &[4], 0), 77, "an infinite time constant holds the output");
        assert_eq!(step(77, 5, &[3], &[4], Q31_ONE), 17, "tau = dt takes the drive at once");
        assert_eq!(decayed((1 << 30) - 1, Q31_ONE), (1 << 30) - 1);
    }
}
