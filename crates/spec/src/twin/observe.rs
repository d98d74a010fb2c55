//! Counting, tracing and recording of spikes: the twin of `kernels/observe.wgsl`.

use crate::fixed::trunc_decay;

/// Adds the spikes of 32 cells to their counts.
#[inline(always)]
pub fn count(counts: &mut [u32], word: u32) {
    let mut rest = word;
    while rest != 0 {
        counts[rest.trailing_zeros() as usize] += 1;
        rest &= rest - 1;
    }
}

/// Decays the traces of 32 cells (truncating, so that a silent one reaches zero) and adds `one` at a spike.
#[inline(always)]
pub fn trace(traces: &mut [i32], word: u32, decay: i32, one: i32) {
    for (i, trace) in traces.iter_mut().enumerate() {
        *trace = trunc_decay(*trace, decay) + if word >> i & 1 == 1 { one } else { 0 };
    }
}

/// What a trace of time constant `tau` keeps in a step of `dt` (ms).
#[must_use]
pub fn trace_decay(tau: f64, dt: f64) -> f64 {
    libm::exp(-dt / tau)
}

/// Fractional bits of a trace with this decay factor: 24, or fewer where the largest trace `1 / (1 - decay)` needs the room.
#[must_use]
pub fn trace_bits(decay: f64) -> u32 {
    let largest = 1.0 / (1.0 - decay) + 1.0;
    let integer_bits = libm::ceil(libm::log2(largest)).max(7.0) as u32;
    31u32.saturating_sub(integer_bits).min(24)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed::q31;

    #[test]
    fn a_trace_that_always_fires_fits_its_format() {
        for tau in [1.0, 20.0, 500.0, 1e4] {
            let decay = libm::exp(-1.0 / tau);
            let bits = trace_bits(decay);
            let mut t = [0];
            let mut last = 0;
            for _ in 0..(20.0 * tau) as usize {
                trace(&mut t, 1, q31(decay), 1 << bits);
                assert!(t[0] >= last, "the sum must not wrap");
                last = t[0];
            }
        }
    }
}
