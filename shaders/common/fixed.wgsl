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
