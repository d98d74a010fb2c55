//! One step of a (adaptive) leaky integrate-and-fire neuron: the twin of `models/lif.wgsl`.

use crate::fixed::{mul_q31, trunc_decay};

/// The constants of one neuron; see [`crate::Constants`] for their meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Constants, documented there")]
pub struct LifConstants {
    pub decay: i32,
    pub thresh: i32,
    pub reset: i32,
    pub offset: i32,
    pub refractory: i32,
    pub gain: i32,
    pub decay_exc: i32,
    pub decay_inh: i32,
    pub gain_exc: i32,
    pub gain_inh: i32,
    pub decay_theta: i32,
    pub delta_theta: i32,
    pub decay_w: i32,
    pub delta_w: i32,
    pub gain_w: i32,
}

impl LifConstants {
    /// From values in the order of [`crate::Constants::all`].
    #[must_use]
    pub const fn from_array(values: [i32; 15]) -> Self {
        let [
            decay,
            thresh,
            reset,
            offset,
            refractory,
            gain,
            decay_exc,
            decay_inh,
            gain_exc,
            gain_inh,
            decay_theta,
            delta_theta,
            decay_w,
            delta_w,
            gain_w,
        ] = values;
        Self {
            decay,
            thresh,
            reset,
            offset,
            refractory,
            gain,
            decay_exc,
            decay_inh,
            gain_exc,
            gain_inh,
            decay_theta,
            delta_theta,
            decay_w,
            delta_w,
            gain_w,
        }
    }
}

/// The state of one neuron; see [`crate::FIELDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of FIELDS, documented there")]
pub struct LifState {
    pub v: i32,
    pub refractory: i32,
    pub i_exc: i32,
    pub i_inh: i32,
    pub theta: i32,
    pub w: i32,
}

/// What reaches a neuron in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LifInput {
    /// Sum of excitatory weights due (of all weights where the network has one receptor).
    pub exc: i32,
    /// Sum of inhibitory weights due.
    pub inh: i32,
    /// Current fed from outside.
    pub current: i32,
}

/// `a + b`, saturating where the population asked for it.
#[inline(always)]
const fn add<const SATURATE: bool>(a: i32, b: i32) -> i32 {
    if SATURATE { a.saturating_add(b) } else { a.wrapping_add(b) }
}

/// One step. Returns the state after it and whether the neuron spiked.
///
/// Adaptation decays toward zero without rounding, so that it ends. Currents decay and receive; the membrane decays, then adds; the threshold is tested; a spike resets. In the refractory
/// period no spike happens, and with `clamp` the membrane stays where it is.
#[inline(always)]
#[must_use]
pub fn step<const EXPONENTIAL: bool, const ADAPTIVE: bool, const SATURATE: bool>(
    mut s: LifState,
    c: LifConstants,
    subtract: bool,
    clamp: bool,
    input: LifInput,
) -> (LifState, bool) {
    let mut sum = add::<SATURATE>(c.offset, mul_q31(input.current, c.gain));
    if EXPONENTIAL {
        s.i_exc = add::<SATURATE>(mul_q31(s.i_exc, c.decay_exc), input.exc);
        s.i_inh = add::<SATURATE>(mul_q31(s.i_inh, c.decay_inh), input.inh);
        sum = add::<SATURATE>(sum, add::<SATURATE>(mul_q31(s.i_exc, c.gain_exc), mul_q31(s.i_inh, c.gain_inh)));
    } else {
        sum = add::<SATURATE>(sum, input.exc.wrapping_add(input.inh));
    }
    if ADAPTIVE {
        s.theta = trunc_decay(s.theta, c.decay_theta);
        s.w = trunc_decay(s.w, c.decay_w);
        sum = add::<SATURATE>(sum, mul_q31(s.w, c.gain_w).wrapping_neg());
    }
    let blocked = s.refractory > 0;
    let integrated = add::<SATURATE>(mul_q31(s.v, c.decay), sum);
    let v = if blocked && clamp { s.v } else { integrated };
    let thresh = if ADAPTIVE { add::<SATURATE>(c.thresh, s.theta) } else { c.thresh };
    let fired = !blocked && v >= thresh;
    let after = if subtract { v.wrapping_sub(c.thresh) } else { c.reset };
    s.v = if fired { after } else { v };
    s.refractory = if fired { c.refractory } else { s.refractory - i32::from(blocked) };
    if ADAPTIVE {
        s.theta = add::<SATURATE>(s.theta, if fired { c.delta_theta } else { 0 });
        s.w = add::<SATURATE>(s.w, if fired { c.delta_w } else { 0 });
    }
    (s, fired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed::q31;

    fn constants() -> LifConstants {
        LifConstants { decay: q31(0.5), thresh: 100, reset: 0, refractory: 2, ..LifConstants::default() }
    }

    fn run(clamp: bool, subtract: bool, inputs: &[i32]) -> (Vec<i32>, Vec<bool>) {
        let mut s = LifState::default();
        inputs
            .iter()
            .map(|&exc| {
                let (next, fired) = step::<false, false, false>(
                    s,
                    constants(),
                    subtract,
                    clamp,
                    LifInput { exc, ..LifInput::default() },
                );
                s = next;
                (s.v, fired)
            })
            .unzip()
    }

    #[test]
    fn refractory_steps_are_counted_from_the_next() {
        let (_, fired) = run(true, false, &[100; 8]);
        assert_eq!(fired, [true, false, false, true, false, false, true, false], "r = 2: next spike at t + 3");
    }

    #[test]
    fn clamping_discards_and_blocking_integrates() {
        assert_eq!(run(true, false, &[100, 60, 60, 10]).0, [0, 0, 0, 10]);
        assert_eq!(run(false, false, &[100, 60, 60, 10]).0, [0, 60, 90, 55]);
    }

    #[test]
    fn reset_by_subtraction_keeps_the_excess() {
        assert_eq!(run(true, true, &[130]), (vec![30], vec![true]));
    }

    #[test]
    fn saturation_holds_the_membrane() {
        let start = LifState { v: i32::MAX, ..LifState::default() };
        let c = LifConstants { decay: i32::MAX, thresh: i32::MAX, refractory: 0, ..LifConstants::default() };
        let input = LifInput { exc: i32::MIN, inh: 0, current: 0 };
        let low = LifState { v: i32::MIN + 5, refractory: 1, ..start };
        assert_eq!(step::<false, false, true>(low, c, false, false, input).0.v, i32::MIN);
        assert_ne!(step::<false, false, false>(low, c, false, false, input).0.v, i32::MIN);
    }

    #[test]
    fn silent_adaptation_reaches_zero() {
        let c =
            LifConstants { decay_theta: q31(0.999), decay_w: q31(0.999), thresh: i32::MAX, ..LifConstants::default() };
        let mut s = LifState { theta: 1 << 16, w: -(1 << 16), ..LifState::default() };
        for _ in 0..20_000 {
            s = step::<false, true, false>(s, c, false, true, LifInput::default()).0;
        }
        assert_eq!((s.theta, s.w), (0, 0));
    }

    #[test]
    fn adaptation_raises_the_threshold_after_the_test() {
        let c = LifConstants {
            decay_theta: q31(0.5),
            delta_theta: 64,
            refractory: 0,
            decay_w: q31(0.5),
            delta_w: 10,
            gain_w: q31(0.5),
            ..constants()
        };
        let input = LifInput { exc: 120, ..LifInput::default() };
        let (first, fired) = step::<false, true, false>(LifState::default(), c, false, true, input);
        assert!(fired && first.theta == 64 && first.w == 10);
        let (second, fired) = step::<false, true, false>(first, c, false, true, input);
        assert!(!fired && second.theta == 32 && second.w == 5 && second.v == 117, "{second:?}: 120 - round(2.5) < 132");
    }
}
