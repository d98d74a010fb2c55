// Standard normal numbers in f32 from uniform words, by inversion: a word w stands for the probability (w + 1/2) / 2^32.
// Wichura, algorithm AS 241, PPND7 (Applied Statistics 37, 1988), with a logarithm of its own: a driver's may be off by a tenth of the
// value near 1. Absolute error below 4 eps times the larger of the number and 1. Twin: limnos_spec::rng::normal_quantile, in f64.

const TO_UNIT: f32 = 2.3283064e-10f; // 2^-32
const SQRT_HALF_BITS: u32 = 0x3f3504f3u;
const LOG_OF_2: f32 = 0.69314718f;

// -ln(p) for a normal number p of (0, 1): exponent and mantissa apart; the mantissa's logarithm is 2 artanh(s), a Chebyshev fit in s^2 that
// is off by 1.4e-9.
fn minus_log(p: f32) -> f32 {
    let above = bitcast<u32>(p) - SQRT_HALF_BITS;
    let exponent = bitcast<i32>(above) >> 23u;
    let mantissa = bitcast<f32>(bitcast<u32>(p) - (bitcast<u32>(exponent) << 23u));
    let s = (mantissa - 1f) / (mantissa + 1f);
    let z = s * s;
    let series = fma(fma(fma(0.29925789f, z, 0.39974799f), z, 0.66666816f), z, 2f);
    return fma(f32(-exponent), LOG_OF_2, -s * series);
}

fn normal_f32(word: u32) -> f32 {
    let q = (f32(bitcast<i32>(word ^ 0x80000000u)) + 0.5f) * TO_UNIT;
    if abs(q) <= 0.425f {
        let r = fma(-q, q, 0.180625f);
        let above = fma(fma(fma(59.109374720f, r, 159.29113202f), r, 50.434271938f), r, 3.3871327179f);
        let below = fma(fma(fma(67.187563600f, r, 78.757757664f), r, 17.895169469f), r, 1f);
        return q * above / below;
    }
    // The distance to the nearer end is at least 2^-33, so the far tail of the algorithm is never reached.
    let tail = (f32(min(word, ~word)) + 0.5f) * TO_UNIT;
    let r = sqrt(minus_log(tail)) - 1.6f;
    let above = fma(fma(fma(0.17023821103f, r, 1.3067284816f), r, 2.7568153900f), r, 1.4234372777f);
    let below = fma(fma(0.12021132975f, r, 0.73700164250f), r, 1f);
    return select(1f, -1f, q < 0f) * above / below;
}
