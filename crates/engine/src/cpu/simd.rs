//! Runs a function with the vector instructions that the processor has. The instruction set cannot change a bit: arithmetic is on integers, or on floating point
//! numbers in a stated order (which the compiler may neither change nor contract); only its choice of registers differs.

use limnos_spec::twin::neuron_step::{self, DriveDraw, PaddedConstants, Segment};
use limnos_spec::twin::source_step::{self, SourceDraw};
use limnos_spec::twin::stdp::{self, Bounds, ChangeFactors};
use limnos_spec::{DriveModel, NeuronFlags};

use crate::rate::{self, Rows, dot as dot_in_order};

macro_rules! dispatched {
    ($(#[$doc:meta])* $name:ident = $inner:expr, ($($arg:ident: $ty:ty),*) $(-> $ret:ty)?) => {
        $(#[$doc])*
        #[allow(unsafe_code, reason = "calling code compiled for an instruction set that was just detected")]
        pub(crate) fn $name($($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,popcnt,lzcnt")]
                fn avx512($($arg: $ty),*) $(-> $ret)? { $inner($($arg),*) }
                #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
                fn avx2($($arg: $ty),*) $(-> $ret)? { $inner($($arg),*) }
                if level() == 2 {
                    // SAFETY: `level` is 2 only where all features of `avx512` were detected.
                    return unsafe { avx512($($arg),*) };
                }
                if level() == 1 {
                    // SAFETY: `level` is 1 only where all features of `avx2` were detected.
                    return unsafe { avx2($($arg),*) };
                }
            }
            $inner($($arg),*)
        }
    };
}

/// 2 with AVX-512, 1 with AVX2, else 0.
#[cfg(target_arch = "x86_64")]
fn level() -> u8 {
    use std::arch::is_x86_feature_detected as has;
    use std::sync::OnceLock;
    static LEVEL: OnceLock<u8> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        let bits = has!("bmi1") && has!("bmi2") && has!("popcnt") && has!("lzcnt");
        let avx2 = bits && has!("avx2");
        let avx512 = has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
        if avx2 && avx512 { 2 } else { u8::from(avx2) }
    })
}

dispatched! {
    /// [`neuron_step::segment`].
    segment = neuron_step::segment,
    (s: &mut Segment<'_>, flags: NeuronFlags, constants: &PaddedConstants, drive: &DriveModel, draw: DriveDraw)
}

dispatched! {
    /// [`source_step::bernoulli`].
    bernoulli = source_step::bernoulli,
    (draw: SourceDraw, first: usize, thresholds: &[u32]) -> u64
}

dispatched! {
    /// [`stdp::changes`].
    changes = stdp::changes,
    (changes: &mut [i32], traces: &[i32], rate: i32, factors: ChangeFactors)
}

dispatched! {
    /// [`stdp::decay_traces`].
    decay_traces = stdp::decay_traces,
    (traces: &mut [i32], decay: i32)
}

dispatched! {
    /// [`stdp::deliver_row`].
    deliver_row = stdp::deliver_row,
    (sums: &mut [i32], inhibitory: usize, targets: &[u16], weights: &[i32], shift: u32)
}

dispatched! {
    /// [`stdp::deliver_graded`].
    deliver_graded = stdp::deliver_graded,
    (sums: &mut [i32], inhibitory: usize, targets: &[u16], weights: &[i32], x: i32, shift: u32)
}

dispatched! {
    /// [`stdp::change_row`] of an additive rule.
    add_to_row = stdp::change_row::<false>,
    (weights: &mut [i32], targets: &[u16], pre: &[i32], fired: &[i32], post: i32, bounds: Bounds)
}

dispatched! {
    /// [`stdp::change_row_marked`].
    add_marked_to_row = stdp::change_row_marked,
    (weights: &mut [i32], targets: &[u16], marked: &[i32], post: i32, bounds: Bounds)
}

dispatched! {
    /// [`stdp::change_row`] of a multiplicative rule.
    scale_row = stdp::change_row::<true>,
    (weights: &mut [i32], targets: &[u16], pre: &[i32], fired: &[i32], post: i32, bounds: Bounds)
}

/// Vector code of rate reservoirs in one precision.
pub(crate) trait RateKernels: rate::Float {
    /// [`rate::rows`] of narrow columns.
    fn narrow_rows(rows: Rows<'_, Self, u16>, gathered: &[Self], state: &[Self], next: &mut [Self]);
    /// [`rate::rows`] of wide columns.
    fn wide_rows(rows: Rows<'_, Self, u32>, gathered: &[Self], state: &[Self], next: &mut [Self]);
}

macro_rules! rate_kernels {
    ($t:ty, $narrow:ident, $wide:ident) => {
        dispatched! {
            /// [`rate::rows`] of narrow columns.
            $narrow = rate::rows,
            (rows: Rows<'_, $t, u16>, gathered: &[$t], state: &[$t], next: &mut [$t])
        }

        dispatched! {
            /// [`rate::rows`] of wide columns.
            $wide = rate::rows,
            (rows: Rows<'_, $t, u32>, gathered: &[$t], state: &[$t], next: &mut [$t])
        }

        impl RateKernels for $t {
            fn narrow_rows(rows: Rows<'_, Self, u16>, gathered: &[Self], state: &[Self], next: &mut [Self]) {
                $narrow(rows, gathered, state, next);
            }

            fn wide_rows(rows: Rows<'_, Self, u32>, gathered: &[Self], state: &[Self], next: &mut [Self]) {
                $wide(rows, gathered, state, next);
            }
        }
    };
}

rate_kernels!(f32, rate_narrow_single, rate_wide_single);
rate_kernels!(f64, rate_narrow_double, rate_wide_double);

dispatched! {
    /// [`dot_in_order`].
    dot = dot_in_order,
    (a: &[f64], b: &[f64]) -> f64
}

/// Asks for the cache line of `values[index]`; a hint, without effect on results.
#[inline(always)]
#[allow(unsafe_code, reason = "the intrinsic takes a pointer")]
pub(super) fn prefetch<T>(values: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch does not access memory as the language sees it and cannot fault, wherever the pointer points.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(values.as_ptr().wrapping_add(index).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (values, index);
}
