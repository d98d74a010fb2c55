//! Fixed-point arithmetic: the twin of `common/fixed.wgsl`.
//!
//! Potentials and currents are `i32` with a binary point (16 fractional bits unless a population chose another);
//! decay and gain factors are Q0.31. Every function here is exact, so that devices cannot differ.

/// Fractional bits of potentials and currents unless a population needs another binary point.
pub const DEFAULT_FRACTION_BITS: u32 = 16;

/// One, as a Q0.31 factor can hold it: 1 - 2^-31.
pub const Q31_ONE: i32 = i32::MAX;

/// `round_half_up(v * k / 2^31)`, exact for every pair; the one result that does not fit
/// (`i32::MIN * i32::MIN`) wraps, as in WGSL.
#[inline(always)]
#[must_use]
pub const fn mul_q31(v: i32, k: i32) -> i32 {
    ((v as i64 * k as i64 + (1 << 30)) >> 31) as i32
}

/// `v * k / 2^31` truncated toward zero, for `k >= 0`: a decay under which every value reaches zero.
#[inline(always)]
#[must_use]
pub const fn trunc_decay(v: i32, k: i32) -> i32 {
    ((v as i64 * k as i64) / (1 << 31)) as i32
}

/// `round_half_up(a * b / 2^shift)`, held within `-limit` to `limit`; `shift` is 1 to 62.
#[inline(always)]
#[must_use]
pub const fn mul_shift(a: i32, b: i32, shift: u32, limit: i32) -> i32 {
    let rounded = (a as i64 * b as i64 + (1 << (shift - 1))) >> shift;
    let limit = limit as i64;
    (if rounded > limit {
        limit
    } else if rounded < -limit {
        -limit
    } else {
        rounded
    }) as i32
}

/// `round_half_up(v / 2^shift)`; `shift` is 0 to 31.
#[inline(always)]
#[must_use]
pub const fn round_shift(v: i32, shift: u32) -> i32 {
    ((v as i64 + ((1i64 << shift) >> 1)) >> shift) as i32
}

/// `a + b`, held at the ends of `i32` instead of wrapping.
#[inline(always)]
#[must_use]
pub const fn sat_add(a: i32, b: i32) -> i32 {
    a.saturating_add(b)
}

/// The Q0.31 factor nearest to `x`; `x` is clamped to [-1, 1 - 2^-31].
#[must_use]
pub fn q31(x: f64) -> i32 {
    let scaled = libm::round(x * 2_147_483_648.0);
    scaled.clamp(-2_147_483_648.0, 2_147_483_647.0) as i32
}

/// `x` in steps of 2^-`fraction_bits`, rounded to nearest (ties away from zero), or `None` where it does not fit an `i32`.
#[must_use]
pub fn to_fixed(x: f64, fraction_bits: u32) -> Option<i32> {
    let scaled = libm::round(x * (1u64 << fraction_bits) as f64);
    (scaled.abs() <= f64::from(i32::MAX)).then_some(scaled as i32)
}

/// The value that `x` steps of 2^-`fraction_bits` stand for.
#[must_use]
pub fn from_fixed(x: i32, fraction_bits: u32) -> f64 {
    f64::from(x) / (1u64 << fraction_bits) as f64
}

/// A probability as the threshold of a `u32` draw: a draw `u` succeeds if [`below`]`(u, threshold)`.
/// The step is 2^-32; exactly 1 always succeeds, exactly 0 never.
#[must_use]
pub fn probability_threshold(p: f64) -> u32 {
    libm::round(p * 4_294_967_296.0).clamp(0.0, 4_294_967_295.0) as u32
}

/// Whether the draw `u` falls below a [`probability_threshold`]; the largest threshold means certainty.
#[inline(always)]
#[must_use]
pub const fn below(u: u32, threshold: u32) -> bool {
    u < threshold || threshold == u32::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mul_q31_rounds_half_up() {
        assert_eq!(mul_q31(1, 1 << 30), 1);
        assert_eq!(mul_q31(-1, 1 << 30), 0);
        assert_eq!(mul_q31(3, 1 << 30), 2);
        assert_eq!(mul_q31(i32::MIN, i32::MIN), i32::MIN);
        assert_eq!(mul_q31(i32::MAX, i32::MAX), i32::MAX - 1);
        assert_eq!(mul_q31(1_000_000, Q31_ONE), 1_000_000);
    }

    #[test]
    fn products_and_shifts_round_half_up_and_hold() {
        assert_eq!(mul_shift(3, 1, 1, 100), 2);
        assert_eq!(mul_shift(-3, 1, 1, 100), -1);
        assert_eq!(mul_shift(1 << 30, 1 << 30, 30, 1 << 29), 1 << 29);
        assert_eq!(mul_shift(-(1 << 30), 1 << 30, 30, 1 << 29), -(1 << 29));
        assert_eq!(mul_shift(i32::MIN, i32::MIN, 62, 100), 1);
        assert_eq!([round_shift(6, 2), round_shift(5, 2), round_shift(-6, 2), round_shift(-7, 2)], [2, 1, -1, -2]);
        assert_eq!([round_shift(-7, 0), round_shift(i32::MAX, 31), round_shift(i32::MAX, 1)], [-7, 1, 1 << 30]);
    }

    #[test]
    fn trunc_decay_reaches_zero_from_both_sides() {
        let k = q31(0.9);
        for start in [1 << 24, -(1 << 24)] {
            let mut v = start;
            for _ in 0..400 {
                v = trunc_decay(v, k);
            }
            assert_eq!(v, 0);
        }
        let mut rounded = 1 << 24;
        for _ in 0..400 {
            rounded = mul_q31(rounded, k);
        }
        assert_ne!(rounded, 0, "rounding sticks, which is why traces truncate");
    }

    #[test]
    fn fixed_round_trip_and_range() {
        assert_eq!(to_fixed(0.5, 16), Some(32_768));
        assert_eq!(to_fixed(-2.5, 16), Some(-163_840));
        assert_eq!(to_fixed(40_000.0, 16), None);
        assert_eq!(to_fixed(f64::NAN, 16), None);
        assert!((from_fixed(32_768, 16) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn certainty_and_impossibility_are_exact() {
        assert!(below(u32::MAX, probability_threshold(1.0)));
        assert!(!below(0, probability_threshold(0.0)));
        assert!(below(0, probability_threshold(0.5)) && !below(1 << 31, probability_threshold(0.5)));
    }
}
