// The arithmetic of plasticity: traces, changes, bounds, what a weight delivers; and of astrocytes.
// Twins: limnos_spec::twin::stdp and limnos_spec::twin::astrocyte_step. Every function equals its twin.
import package::common::fixed;
import package::common::wide;

// Binary point of a factor of an astrocyte's output.
const SCALE_BITS: u32 = 24u;
// Every weight and bound of an additive rule, and every rate, is smaller than this in magnitude.
const WEIGHT_LIMIT: i32 = 0x40000000i;
// A fresh filter: one, as Q0.31 holds it.
const Q31_ONE: i32 = 0x7fffffffi;

// A trace with an event of this step: the last one alone counts where only nearest neighbours pair.
fn counted(trace: i32, one: i32, nearest: bool) -> i32 {
    return select(trace + one, one, nearest);
}

// A trace (0 or more) after a step, truncated so that a silent one reaches 0.
fn decayed(trace: i32, decay: i32) -> i32 {
    let t = bitcast<u32>(trace);
    let k = bitcast<u32>(decay);
    return bitcast<i32>((mul_high_u32(t, k) << 1u) | ((t * k) >> 31u));
}

// A rate that an astrocyte's output scales.
fn modulated(scale: i32, output: i32) -> i32 {
    return mul_shift(scale, output, SCALE_BITS, WEIGHT_LIMIT);
}

// The change that a trace stands for at a rate.
fn change_at(rate: i32, trace: i32, shift: u32, limit: i32, negative: bool) -> i32 {
    let change = mul_shift(rate, trace, shift, limit);
    return select(change, -change, negative);
}

// Changes of a pair and of a triplet together, where a slow trace of the other side, with so many fractional bits, scales the latter.
fn with_triplet(pair: i32, triplet: i32, slow: i32, bits: u32, limit: i32) -> i32 {
    return clamp(sat_add(pair, mul_shift(triplet, slow, bits, limit)), -limit, limit);
}

// Whether a trace lies in the window of a gate.
fn opens(trace: i32, low: i32, high: i32) -> bool {
    return low < trace && trace < high;
}

// A weight after the changes a and b of one step: added, then clipped once.
fn additive(weight: i32, a: i32, b: i32, low: i32, high: i32) -> i32 {
    return min(max(weight + a + b, low), high);
}

// The part of the room to the bound that it moves to.
fn share(weight: i32, change: i32, low: i32, high: i32) -> i32 {
    return mul_q31(select(weight - low, high - weight, change >= 0i), change);
}

// `additive` where changes are Q0.31 fractions of the distance to the bound that they move to.
fn multiplicative(weight: i32, a: i32, b: i32, low: i32, high: i32) -> i32 {
    return additive(weight, share(weight, a, low, high), share(weight, b, low, high), low, high);
}

// What a weight delivers, at the membrane's binary point.
fn delivered(weight: i32, shift: u32) -> i32 {
    return round_shift(weight, shift);
}

// What a weight delivers while its source's filter has the value x.
fn graded(weight: i32, x: i32, shift: u32) -> i32 {
    return round_shift(mul_q31(weight, x), shift);
}

// A filter's value after a step; below `cutoff` it is 0.
fn filtered(x: i32, decay: i32, cutoff: i32) -> i32 {
    let next = decayed(x, decay);
    return select(next, 0i, next < cutoff);
}

// An astrocyte's output after a step in which it saw `watched`: the bias and the weighted spikes of what it watches.
fn leaky_output(output: i32, watched: i32, rate: i32) -> i32 {
    return output + mul_q31(watched - output, rate);
}
