// The functions of rate units, in f32. WGSL leaves the error of its own tanh and exp to the driver (one is off by 2.5e-3 of the
// value near 0, another overflows), so these are made of additions, multiplications and one division, and their error is stated:
//   tanh_f32      relative error below 4 eps everywhere, also near 0 and in the tails; odd; 1 from 9.02 on
//   sigmoid_f32   absolute error below 2 eps; relative error below 4 eps for a >= -1, growing to |a| eps below
// with eps = 2^-23. A NaN stays one, and nothing overflows. No expression relies on the order in which a driver adds.
// Twin: limnos_spec::rate::Activation, in f64.

const ACTIVATION_TANH: u32 = 0u;
const ACTIVATION_SIGMOID: u32 = 1u;
const ACTIVATION_RELU: u32 = 2u;

const LOG2_E: f32 = 1.4426950f;
const LN_2: f32 = 0.69314718f;
// tanh is 1 to within half of a rounding from here on.
const TANH_ONE: f32 = 9.02f;
// exp(-87) is the last that is no denormal.
const EXP_END: f32 = 87f;

// (exp(r) - 1 - r) / r^2 on |r| <= ln(2) / 2: a Chebyshev fit, off by 6.5e-8.
const EXP_2: f32 = 0.5f;
const EXP_3: f32 = 0.16666577f;
const EXP_4: f32 = 0.041666554f;
const EXP_5: f32 = 0.0083632030f;
const EXP_6: f32 = 0.0013926213f;

// exp(-a) for 0 <= a <= 87 as a power of two and what exp of the rest is beyond 1: exp(-a) = x (1 + y).
fn split_exp(a: f32) -> vec2<f32> {
    let n = floor(fma(a, -LOG2_E, 0.5f));
    let r = fma(n, -LN_2, -a);
    let series = fma(fma(fma(fma(EXP_6, r, EXP_5), r, EXP_4), r, EXP_3), r, EXP_2);
    return vec2<f32>(bitcast<f32>((i32(n) + 127i) << 23u), fma(r * r, series, r));
}

// (1 - exp(-2|x|)) / (1 + exp(-2|x|)). Near 0, where 1 - exp cancels, the rest alone is taken.
fn tanh_f32(x: f32) -> f32 {
    let size = abs(x);
    let e = split_exp(2f * select(size, TANH_ONE, size > TANH_ONE));
    let below_one = select(1f - fma(e.x, e.y, e.x), -e.y, e.x == 1f);
    let value = below_one / (2f - below_one);
    return bitcast<f32>((bitcast<u32>(value) & 0x7fffffffu) | (bitcast<u32>(x) & 0x80000000u));
}

// 1 / (1 + exp(-a)).
fn sigmoid_f32(a: f32) -> f32 {
    let size = abs(a);
    let e = split_exp(select(size, EXP_END, size > EXP_END));
    let falling = fma(e.x, e.y, e.x);
    return select(falling, 1f, a >= 0f) / (1f + falling);
}

fn relu_f32(a: f32) -> f32 {
    return select(a, 0f, a < 0f);
}

fn activated(activation: u32, a: f32) -> f32 {
    switch activation {
        case ACTIVATION_TANH: {
            return tanh_f32(a);
        }
        case ACTIVATION_SIGMOID: {
            return sigmoid_f32(a);
        }
        case ACTIVATION_RELU: {
            return relu_f32(a);
        }
        default: {
            return a;
        }
    }
}
