// Fixed-point arithmetic on i32. A factor k is Q0.31: it stands for k / 2^31, so it lies in [-1, 1).
// Twin: limnos_spec::fixed. Every function equals its twin for every pair of arguments.
import package::common::wide;

const HALF_Q31: u32 = 0x40000000u;

// v * k / 2^31, rounded to the nearest, halves up: floor((v * k + 2^30) / 2^31).
// The one result that does not fit, i32::MIN * i32::MIN, wraps to i32::MIN.
fn mul_q31(v: i32, k: i32) -> i32 {
    let low = bitcast<u32>(v) * bitcast<u32>(k);
    let rounded = low + HALF_Q31;
    let high = bitcast<u32>(mul_high_i32(v, k)) + select(0u, 1u, rounded < low);
    return bitcast<i32>((high << 1u) | (rounded >> 31u));
}

// v * k / 2^31, rounded toward zero, so that a decaying trace (k >= 0) reaches 0 from either side.
// Exact for a negative k too; i32::MIN * i32::MIN wraps to i32::MIN.
fn trunc_decay(v: i32, k: i32) -> i32 {
    let v_size = abs_u32(v);
    let k_size = abs_u32(k);
    let size = bitcast<i32>((mul_high_u32(v_size, k_size) << 1u) | ((v_size * k_size) >> 31u));
    return select(size, -size, (v ^ k) < 0i);
}

// |v| as an unsigned word, right for i32::MIN too.
fn abs_u32(v: i32) -> u32 {
    let bits = bitcast<u32>(v);
    return select(bits, 0u - bits, v < 0i);
}

// a + b, held within i32.
fn sat_add(a: i32, b: i32) -> i32 {
    let sum = a + b;
    // It overflowed where the sum's sign differs from the sign of both terms. (a >> 31) is 0 or -1.
    let limit = (a >> 31u) ^ 0x7fffffffi;
    return select(sum, limit, ((a ^ sum) & (b ^ sum)) < 0i);
}

// v * k / 2^shift, rounded half up and held within -limit to limit (0 or more), for a shift of 1 to 62.
fn mul_shift(v: i32, k: i32, shift: u32, limit: i32) -> i32 {
    let low = bitcast<u32>(v) * bitcast<u32>(k);
    let half = shift - 1u;
    let rounded = low + select(0u, 1u << (half & 31u), half < 32u);
    let carry = select(0i, 1i, rounded < low);
    let high = mul_high_i32(v, k) + select(0i, 1i << (half & 31u), half >= 32u) + carry;
    var top = high >> 31u;
    var bottom = high >> (shift & 31u);
    if shift < 32u {
        top = bottom;
        bottom = bitcast<i32>((rounded >> shift) | (bitcast<u32>(high) << (32u - shift)));
    }
    let far = select(limit, -limit, top < 0i);
    // It fits a word if the word above repeats its sign.
    return select(far, clamp(bottom, -limit, limit), top == (bottom >> 31u));
}

// v / 2^shift, rounded half up, for a shift of 0 to 31.
fn round_shift(v: i32, shift: u32) -> i32 {
    let half = select(0i, (v >> ((shift - 1u) & 31u)) & 1i, shift > 0u);
    return (v >> shift) + half;
}
