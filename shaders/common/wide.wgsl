// 64-bit products of 32-bit words in 32-bit arithmetic: WGSL has no 64-bit integer, and a word's product of two
// 16-bit halves always fits. The low word of a product is the ordinary `a * b`, which wraps.
// Twin: limnos_spec::fixed and limnos_spec::rng (there in u64 and i64).

const HALF_WORD: u32 = 0xffffu;

// The high word of the unsigned product a * b, for every pair.
fn mul_high_u32(a: u32, b: u32) -> u32 {
    let a_low = a & HALF_WORD;
    let a_high = a >> 16u;
    let b_low = b & HALF_WORD;
    let b_high = b >> 16u;
    let cross_1 = a_low * b_high;
    let cross_2 = a_high * b_low;
    // At most 3 * 65535, so it does not wrap.
    let middle = ((a_low * b_low) >> 16u) + (cross_1 & HALF_WORD) + (cross_2 & HALF_WORD);
    return a_high * b_high + (cross_1 >> 16u) + (cross_2 >> 16u) + (middle >> 16u);
}

// The high word of the signed product a * b, for every pair: reading a negative a as unsigned adds 2^32 to it,
// hence b to the high word, and likewise for b.
fn mul_high_i32(a: i32, b: i32) -> i32 {
    let high = bitcast<i32>(mul_high_u32(bitcast<u32>(a), bitcast<u32>(b)));
    return high - select(0i, b, a < 0i) - select(0i, a, b < 0i);
}
