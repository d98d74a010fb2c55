//! Pair-based plasticity with traces: the twin of `kernels/stdp.wgsl`.
//!
//! A neuron's trace gives, once a step, the change that its synapses take: `p = round(a_plus x)` for a source, `m = round(a_minus y)` for a
//! target. A synapse adds both where source and target have their events in one step, and clips once.

use crate::fixed::{mul_q31, mul_shift, round_shift};

/// Largest magnitude of an additive change: with weights below 2^30 a sum with two of them does not overflow.
pub const CHANGE_LIMIT: i32 = 1 << 29;

/// Synapses whose values are computed side by side.
const CHUNK: usize = 32;

/// Every weight and bound of an additive rule is smaller than this in magnitude.
pub const WEIGHT_LIMIT: i32 = 1 << 30;

/// Every weight and bound of a multiplicative rule is smaller than this in magnitude: two shares of the room add to it without overflow.
pub const MULTIPLICATIVE_LIMIT: i32 = 1 << 29;

/// A trace with an event of this step: the last one alone counts where only nearest neighbours pair.
#[inline(always)]
#[must_use]
pub const fn counted(trace: i32, one: i32, nearest: bool) -> i32 {
    if nearest { one } else { trace + one }
}

/// A trace (0 or more) after a step, truncated so that a silent one reaches 0.
#[inline(always)]
#[must_use]
pub const fn decayed(trace: i32, decay: i32) -> i32 {
    ((trace as u32 as u64 * decay as u32 as u64) >> 31) as i32
}

/// Binary point of a factor of an astrocyte's output.
pub const SCALE_BITS: u32 = 24;

/// A rate that an astrocyte's output scales, at the output's binary point.
#[inline]
#[must_use]
pub const fn modulated(scale: i32, output: i32) -> i32 {
    mul_shift(scale, output, SCALE_BITS, WEIGHT_LIMIT)
}

/// From a trace and a rate to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeFactors {
    /// Binary points of rate and trace together less that of the change.
    pub shift: u32,
    /// Largest magnitude.
    pub limit: i32,
    /// Whether the change has the sign opposite to the rate.
    pub negative: bool,
}

/// The change that a trace stands for at this rate.
#[inline(always)]
#[must_use]
pub const fn change(rate: i32, trace: i32, f: ChangeFactors) -> i32 {
    let change = mul_shift(rate, trace, f.shift, f.limit);
    if f.negative { -change } else { change }
}

/// The changes of many units at one rate.
#[inline(always)]
pub fn changes(changes: &mut [i32], traces: &[i32], rate: i32, factors: ChangeFactors) {
    for (out, &trace) in changes.iter_mut().zip(traces) {
        *out = change(rate, trace, factors);
    }
}

/// Changes of a pair and of a triplet together, where a slow trace of the other side, with so many fractional bits, scales the latter.
#[inline(always)]
#[must_use]
pub fn with_triplet(pair: i32, triplet: i32, slow: i32, bits: u32, limit: i32) -> i32 {
    pair.saturating_add(mul_shift(triplet, slow, bits, limit)).clamp(-limit, limit)
}

/// Whether a trace lies in the window of a gate.
#[inline(always)]
#[must_use]
pub const fn open(trace: i32, low: i32, high: i32) -> bool {
    low < trace && trace < high
}

/// Takes back the changes of units whose gates are closed.
#[inline(always)]
pub fn shut(changes: &mut [i32], traces: &[i32], low: i32, high: i32) {
    for (change, &trace) in changes.iter_mut().zip(traces) {
        *change = if open(trace, low, high) { *change } else { 0 };
    }
}

/// Many traces after a step.
#[inline(always)]
pub fn decay_traces(traces: &mut [i32], decay: i32) {
    for trace in traces {
        *trace = decayed(*trace, decay);
    }
}

/// Bounds of a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Smallest.
    pub low: i32,
    /// Largest.
    pub high: i32,
}

/// A weight after the changes `a` and `b` of one step: added, then clipped once.
#[inline(always)]
#[must_use]
pub fn additive(weight: i32, a: i32, b: i32, bounds: Bounds) -> i32 {
    // No sum wraps: see the limits above.
    clip(weight.wrapping_add(a).wrapping_add(b), bounds)
}

/// The same where changes are Q0.31 fractions of the distance to the bound that they move to.
#[inline(always)]
#[must_use]
pub fn multiplicative(weight: i32, a: i32, b: i32, bounds: Bounds) -> i32 {
    additive(weight, share(weight, a, bounds), share(weight, b, bounds), bounds)
}

#[inline(always)]
const fn share(weight: i32, change: i32, bounds: Bounds) -> i32 {
    let room = if change >= 0 { bounds.high - weight } else { weight - bounds.low };
    mul_q31(room, change)
}

// Without branches: weights often rest on a bound.
#[inline(always)]
fn clip(weight: i32, bounds: Bounds) -> i32 {
    weight.max(bounds.low).min(bounds.high)
}

/// What a weight delivers, at the membrane's binary point.
#[inline(always)]
#[must_use]
pub const fn delivered(weight: i32, shift: u32) -> i32 {
    round_shift(weight, shift)
}

/// What a weight delivers while the source's filter has the Q0.31 value `x`; that of a fresh spike leaves the weight as it is.
#[inline(always)]
#[must_use]
pub const fn graded(weight: i32, x: i32, shift: u32) -> i32 {
    round_shift(mul_q31(weight, x), shift)
}

/// A filter's value after a step; below `cutoff` it is 0.
#[inline(always)]
#[must_use]
pub const fn filtered(x: i32, decay: i32, cutoff: i32) -> i32 {
    let x = decayed(x, decay);
    if x < cutoff { 0 } else { x }
}

/// Changes the row of a source that has its event in this step: `pre` of each target, and `post` of the source where the target spiked.
/// `pre` and `fired` (0 or -1) are by target.
#[inline(always)]
pub fn change_row<const MULTIPLICATIVE: bool>(
    weights: &mut [i32],
    targets: &[u16],
    pre: &[i32],
    fired: &[i32],
    post: i32,
    bounds: Bounds,
) {
    // Gathered first, so that the arithmetic on weights side by side takes vector registers.
    let (mut a, mut b) = ([0; CHUNK], [0; CHUNK]);
    for (weights, targets) in weights.chunks_mut(CHUNK).zip(targets.chunks(CHUNK)) {
        for ((&target, a), b) in targets.iter().zip(&mut a).zip(&mut b) {
            (*a, *b) = (pre[usize::from(target)], post & fired[usize::from(target)]);
        }
        for ((weight, &a), &b) in weights.iter_mut().zip(&a).zip(&b) {
            *weight = changed::<MULTIPLICATIVE>(*weight, a, b, bounds);
        }
    }
}

/// What [`change_row_marked`] takes: twice the change of each target, and one more where it spiked (`fired` is -1).
pub fn mark_changes(marked: &mut Vec<i32>, pre: &[i32], fired: &[i32]) {
    marked.clear();
    // No change is larger than CHANGE_LIMIT, so that doubling it does not wrap.
    marked.extend(pre.iter().zip(fired).map(|(&change, &fired)| (change << 1) - fired));
}

/// [`change_row`] of an additive rule, with both of what a target has to say in one word. Every target has one.
#[inline(always)]
pub fn change_row_marked(weights: &mut [i32], targets: &[u16], marked: &[i32], post: i32, bounds: Bounds) {
    for (weight, &target) in weights.iter_mut().zip(targets) {
        // Without a way to panic, so that words of many targets are gathered at once.
        let found = marked.get(usize::from(target)).copied().unwrap_or(0);
        *weight = additive(*weight, found >> 1, post & -(found & 1), bounds);
    }
}

/// What triplets add to a row: the changes of each target, which the source's slow trace scales, and that of the source, which each target's
/// slow trace scales.
#[derive(Clone, Copy, Debug)]
pub struct TripletRow<'a> {
    /// Changes by target.
    pub pre: &'a [i32],
    /// The source's slow trace.
    pub source: i32,
    /// The source's change.
    pub post: i32,
    /// Slow traces by target.
    pub targets: &'a [i32],
    /// Fractional bits of the targets' and of the source's slow trace.
    pub bits: [u32; 2],
    /// Largest magnitude of a change.
    pub limit: i32,
}

/// [`change_row`] with triplets.
#[inline(always)]
pub fn change_row_triplet<const MULTIPLICATIVE: bool>(
    weights: &mut [i32],
    targets: &[u16],
    pre: &[i32],
    fired: &[i32],
    post: i32,
    bounds: Bounds,
    t: TripletRow<'_>,
) {
    for (weight, &target) in weights.iter_mut().zip(targets) {
        let target = usize::from(target);
        let a = with_triplet(pre[target], t.pre[target], t.source, t.bits[1], t.limit);
        let b = with_triplet(post, t.post, t.targets[target], t.bits[0], t.limit) & fired[target];
        *weight = changed::<MULTIPLICATIVE>(*weight, a, b, bounds);
    }
}

/// Changes the column of a target that spiked, with triplets: `post` of each source and `triplet` by source, scaled by the target's slow trace.
#[inline(always)]
pub fn change_column_triplet<const MULTIPLICATIVE: bool>(
    weights: &mut [i32],
    synapses: &[u32],
    sources: &[u32],
    (post, triplet): (&[i32], &[i32]),
    (slow, bits, limit): (i32, u32, i32),
    bounds: Bounds,
) {
    for (&synapse, &source) in synapses.iter().zip(sources) {
        let (weight, source) = (&mut weights[synapse as usize], source as usize);
        let change = with_triplet(post[source], triplet[source], slow, bits, limit);
        *weight = changed::<MULTIPLICATIVE>(*weight, change, 0, bounds);
    }
}

/// A weight after the changes `a` and `b` of one step. In the column of a target that spiked `a` is `post` of the source, which is 0 for one
/// that has its event in this step, since its row takes it into its sum.
#[inline(always)]
#[must_use]
pub fn changed<const MULTIPLICATIVE: bool>(weight: i32, a: i32, b: i32, bounds: Bounds) -> i32 {
    if MULTIPLICATIVE { multiplicative(weight, a, b, bounds) } else { additive(weight, a, b, bounds) }
}

/// Delivers a row: each weight to its target, negative ones to the second half of `sums` if there are two receptors.
#[inline(always)]
pub fn deliver_row(sums: &mut [i32], inhibitory: usize, targets: &[u16], weights: &[i32], shift: u32) {
    deliver(sums, inhibitory, targets, weights, |weight| delivered(weight, shift));
}

/// The same while the source's filter has the value `x`.
#[inline(always)]
pub fn deliver_graded(sums: &mut [i32], inhibitory: usize, targets: &[u16], weights: &[i32], x: i32, shift: u32) {
    deliver(sums, inhibitory, targets, weights, |weight| graded(weight, x, shift));
}

#[inline(always)]
fn deliver(sums: &mut [i32], inhibitory: usize, targets: &[u16], weights: &[i32], amount: impl Fn(i32) -> i32) {
    let synapses = targets.iter().zip(weights).map(|(&target, &weight)| (usize::from(target), amount(weight)));
    if inhibitory == 0 {
        synapses.for_each(|(target, amount)| sums[target] = sums[target].wrapping_add(amount));
    } else {
        for (target, amount) in synapses {
            let sum = &mut sums[target + if amount < 0 { inhibitory } else { 0 }];
            *sum = sum.wrapping_add(amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed::{Q31_ONE, q31, trunc_decay};

    const BOUNDS: Bounds = Bounds { low: 0, high: 100 };

    #[test]
    fn a_silent_trace_reaches_zero() {
        for tau in [1.0, 20.0, 1000.0] {
            let k = q31(libm::exp(-1.0 / tau));
            let (mut trace, mut steps) = (1 << 24, 0);
            while trace > 0 && steps < 40_000 {
                assert_eq!(decayed(trace, k), trunc_decay(trace, k), "both decays are the same");
                (trace, steps) = (decayed(trace, k), steps + 1);
            }
            assert_eq!(trace, 0, "tau {tau}");
            assert!(f64::from(steps) > 10.0 * tau, "tau {tau}: it should last, took {steps} steps");
        }
    }

    #[test]
    fn changes_add_before_they_clip() {
        assert_eq!(additive(95, 20, -10, BOUNDS), 100);
        assert_eq!(additive(95, 20, -18, BOUNDS), 97, "clipped one after the other it would be 82");
        assert_eq!(additive(5, -20, 18, BOUNDS), 3);
        let wide = Bounds { low: 1 - WEIGHT_LIMIT, high: WEIGHT_LIMIT - 1 };
        assert_eq!(additive(wide.high, CHANGE_LIMIT, CHANGE_LIMIT, wide), wide.high, "the sum must not wrap");
        assert_eq!(additive(wide.low, -CHANGE_LIMIT, -CHANGE_LIMIT, wide), wide.low);
    }

    #[test]
    fn multiplicative_changes_are_shares_of_the_room() {
        let half = q31(0.5);
        assert_eq!(multiplicative(60, half, 0, BOUNDS), 80);
        assert_eq!(multiplicative(60, -half, 0, BOUNDS), 30);
        assert_eq!(multiplicative(60, half, -half, BOUNDS), 50, "both from the weight before");
        assert_eq!(multiplicative(100, Q31_ONE, 0, BOUNDS), 100);
        let wide = Bounds { low: 1 - MULTIPLICATIVE_LIMIT, high: MULTIPLICATIVE_LIMIT - 1 };
        assert_eq!(multiplicative(wide.low, Q31_ONE, Q31_ONE, wide), wide.high, "the sum must not wrap");
        assert_eq!(multiplicative(wide.high, -Q31_ONE, -Q31_ONE, wide), wide.low);
    }

    #[test]
    fn triplets_scale_and_are_limited_with_their_pair() {
        let one = 1 << 10;
        assert_eq!(with_triplet(5, 8, one + one / 2, 10, CHANGE_LIMIT), 17);
        assert_eq!(with_triplet(-5, -8, 0, 10, CHANGE_LIMIT), -5);
        assert_eq!(with_triplet(CHANGE_LIMIT, CHANGE_LIMIT, one, 10, CHANGE_LIMIT), CHANGE_LIMIT);
        assert_eq!(with_triplet(-Q31_ONE, -Q31_ONE, 4 * one, 10, Q31_ONE), -Q31_ONE, "the sum must not wrap");
        let mut weights = [50, 50];
        let row =
            TripletRow { pre: &[-4, -8], source: one, post: 6, targets: &[2 * one, one], bits: [10; 2], limit: 40 };
        change_row_triplet::<false>(&mut weights, &[1, 0], &[-1, -2], &[-1, 0], 3, BOUNDS, row);
        assert_eq!(weights, [50 - 2 - 8, 50 - 1 - 4 + 3 + 12]);
        change_column_triplet::<false>(&mut weights, &[0], &[1], (&[0, 3], &[0, 5]), (2 * one, 10, 40), BOUNDS);
        assert_eq!(weights[0], 40 + 3 + 10);
    }

    #[test]
    fn closed_gates_take_changes_back() {
        let mut changes = [7, 7, 7, 7];
        shut(&mut changes, &[10, 11, 19, 20], 10, 20);
        assert_eq!(changes, [0, 7, 7, 0]);
    }

    #[test]
    fn a_row_takes_both_changes_and_a_column_one() {
        let mut weights = [50, 95, 5];
        change_row::<false>(&mut weights, &[2, 0, 1], &[-10, -10, -3], &[-1, 0, 0], 12, BOUNDS);
        assert_eq!(weights, [47, 97, 0]);
        assert_eq!([weights[0], weights[2]].map(|weight| changed::<false>(weight, 60, 0, BOUNDS)), [100, 60]);
    }

    #[test]
    fn a_marked_row_is_a_row() {
        let pre: Vec<i32> = (0..100).map(|i| [CHANGE_LIMIT, -CHANGE_LIMIT, 0, -3, 7][i % 5]).collect();
        let fired: Vec<i32> = (0..100).map(|i| -i32::from(i % 3 == 0)).collect();
        let targets: Vec<u16> = (0..150).map(|i| i * 37 % 100).collect();
        let bounds = Bounds { low: -50, high: 1 << 29 };
        let mut marked = vec![9];
        mark_changes(&mut marked, &pre, &fired);
        for post in [CHANGE_LIMIT, -CHANGE_LIMIT, 5, 0] {
            let mut expected: Vec<i32> = (0..150).map(|i| i * 1000).collect();
            let mut found = expected.clone();
            change_row::<false>(&mut expected, &targets, &pre, &fired, post, bounds);
            change_row_marked(&mut found, &targets, &marked, post, bounds);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_fresh_spike_delivers_the_weight_itself() {
        for weight in [0, 1, -1, 12_345_678, WEIGHT_LIMIT - 1, 1 - WEIGHT_LIMIT] {
            for shift in [0, 1, 8] {
                assert_eq!(graded(weight, Q31_ONE, shift), delivered(weight, shift));
            }
        }
        let (mut x, decay, mut sum) = (Q31_ONE, q31(libm::exp(-1.0)), 0.0);
        while x > 0 {
            sum += f64::from(graded(3 << 24, x, 8)) / 65_536.0;
            x = filtered(x, decay, 0);
        }
        assert!((sum - 3.0 / (1.0 - (-1.0f64).exp())).abs() < 1e-3, "charge of a spike: {sum}");
        assert_eq!(filtered(1000, decay, 500), 0);
    }
}
