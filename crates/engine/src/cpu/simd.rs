//! Runs a function with the vector instructions that the processor has. The instruction set cannot change a bit: arithmetic is on integers, or on floating point
//! numbers in a stated order (which the compiler may neither change nor contract); only its choice of registers differs.

use limnos_spec::rate::Activation;
use limnos_spec::twin::neuron_step::{self, DriveDraw, PaddedConstants, Segment};
use limnos_spec::twin::source_step::{self, SourceDraw};
use limnos_spec::twin::stdp::{self, Bounds, ChangeFactors};
use limnos_spec::{DriveModel, NeuronFlags};

use crate::rate::{
    self, Constants, LANES, LaneRows, Middle, NOISE_BLOCK, Narrow, NoiseDraw, Slices, Wide, dot as dot_in_order,
};

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

/// The same without AVX-512, for functions that its gather instructions would slow down.
macro_rules! dispatched_to_avx2 {
    ($(#[$doc:meta])* $name:ident = $inner:expr, ($($arg:ident: $ty:ty),*)) => {
        $(#[$doc])*
        #[allow(unsafe_code, reason = "calling code compiled for an instruction set that was just detected")]
        fn $name($($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
                fn avx2($($arg: $ty),*) { $inner($($arg),*) }
                if level() >= 1 {
                    // SAFETY: `level` is at least 1 only where all features of `avx2` were detected.
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
    /// [`rate::row_sums`] of narrow columns.
    fn narrow_sums(slices: &Slices<Self, Narrow>, first: usize, gathered: &[Self], sums: &mut [[Self; LANES]]);
    /// [`rate::row_sums`] of middle columns.
    fn middle_sums(slices: &Slices<Self, Middle>, first: usize, gathered: &[Self], sums: &mut [[Self; LANES]]);
    /// [`rate::row_sums`] of wide columns.
    fn wide_sums(slices: &Slices<Self, Wide>, first: usize, gathered: &[Self], sums: &mut [[Self; LANES]]);
    /// [`rate::activate`].
    fn activate(f: Activation, constants: &[Constants<Self>], state: &[Self], next: &mut [[Self; LANES]]);
    /// [`rate::lane_rows`].
    fn lane_rows(rows: &LaneRows<Self>, gathered: &[[Self; LANES]], own: usize, next: &mut [[Self; LANES]]);
}

macro_rules! rate_kernels {
    ($t:ty, $narrow:ident, $middle:ident, $wide:ident, $activate:ident, $lanes:ident) => {
        dispatched_to_avx2! {
            /// [`rate::row_sums`] of narrow columns.
            $narrow = rate::row_sums,
            (slices: &Slices<$t, Narrow>, first: usize, gathered: &[$t], sums: &mut [[$t; LANES]])
        }

        dispatched_to_avx2! {
            /// [`rate::row_sums`] of middle columns.
            $middle = rate::row_sums,
            (slices: &Slices<$t, Middle>, first: usize, gathered: &[$t], sums: &mut [[$t; LANES]])
        }

        dispatched_to_avx2! {
            /// [`rate::row_sums`] of wide columns.
            $wide = rate::row_sums,
            (slices: &Slices<$t, Wide>, first: usize, gathered: &[$t], sums: &mut [[$t; LANES]])
        }

        dispatched! {
            /// [`rate::activate`].
            $activate = rate::activate,
            (f: Activation, constants: &[Constants<$t>], state: &[$t], next: &mut [[$t; LANES]])
        }

        dispatched! {
            /// [`rate::lane_rows`].
            $lanes = rate::lane_rows,
            (rows: &LaneRows<$t>, gathered: &[[$t; LANES]], own: usize, next: &mut [[$t; LANES]])
        }

        impl RateKernels for $t {
            fn narrow_sums(slices: &Slices<Self, Narrow>, first: usize, gathered: &[Self], sums: &mut [[Self; LANES]]) {
                $narrow(slices, first, gathered, sums);
            }

            fn middle_sums(slices: &Slices<Self, Middle>, first: usize, gathered: &[Self], sums: &mut [[Self; LANES]]) {
                $middle(slices, first, gathered, sums);
            }

            fn wide_sums(slices: &Slices<Self, Wide>, first: usize, gathered: &[Self], sums: &mut [[Self; LANES]]) {
                $wide(slices, first, gathered, sums);
            }

            fn activate(f: Activation, constants: &[Constants<Self>], state: &[Self], next: &mut [[Self; LANES]]) {
                $activate(f, constants, state, next);
            }

            fn lane_rows(rows: &LaneRows<Self>, gathered: &[[Self; LANES]], own: usize, next: &mut [[Self; LANES]]) {
                $lanes(rows, gathered, own, next);
            }
        }
    };
}

rate_kernels!(f32, narrow_single, middle_single, wide_single, activate_single, lanes_single);
rate_kernels!(f64, narrow_double, middle_double, wide_double, activate_double, lanes_double);

dispatched! {
    /// [`rate::noise_block`].
    noise_block = rate::noise_block,
    (draw: NoiseDraw, first: usize, out: &mut [f64; NOISE_BLOCK])
}

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
