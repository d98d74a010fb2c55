// One step of a (adaptive) leaky integrate-and-fire neuron.
// Twin: limnos_spec::twin::lif, the same operations in the same order.
import package::common::fixed;

// Bits of a population's flags: limnos_spec::NeuronFlags.
const FLAG_EXPONENTIAL: u32 = 1u;
const FLAG_ADAPTIVE: u32 = 2u;
const FLAG_SUBTRACT: u32 = 4u;
const FLAG_CLAMP: u32 = 8u;
const FLAG_SATURATE: u32 = 16u;

struct LifConstants {
    decay: i32,
    thresh: i32,
    reset: i32,
    offset: i32,
    refractory: i32,
    gain: i32,
    decay_exc: i32,
    decay_inh: i32,
    gain_exc: i32,
    gain_inh: i32,
    decay_theta: i32,
    delta_theta: i32,
    decay_w: i32,
    delta_w: i32,
    gain_w: i32,
}

struct LifState {
    v: i32,
    refractory: i32,
    i_exc: i32,
    i_inh: i32,
    theta: i32,
    w: i32,
}

struct LifInput {
    exc: i32,
    inh: i32,
    current: i32,
}

// a + b, saturating where the population asked for it.
fn lif_add(a: i32, b: i32, saturate: bool) -> i32 {
    if saturate {
        return sat_add(a, b);
    }
    return a + b;
}

// One step; true if the neuron spiked. Currents decay and receive; the membrane decays, then adds; the threshold is
// tested; a spike resets. While refractory no spike happens, and with `clamp` the membrane stays where it is.
fn lif_step(s: ptr<function, LifState>, c: LifConstants, flags: u32, input: LifInput) -> bool {
    let saturate = (flags & FLAG_SATURATE) != 0u;
    let adaptive = (flags & FLAG_ADAPTIVE) != 0u;
    var sum = lif_add(c.offset, mul_q31(input.current, c.gain), saturate);
    if (flags & FLAG_EXPONENTIAL) != 0u {
        (*s).i_exc = lif_add(mul_q31((*s).i_exc, c.decay_exc), input.exc, saturate);
        (*s).i_inh = lif_add(mul_q31((*s).i_inh, c.decay_inh), input.inh, saturate);
        let both = lif_add(mul_q31((*s).i_exc, c.gain_exc), mul_q31((*s).i_inh, c.gain_inh), saturate);
        sum = lif_add(sum, both, saturate);
    } else {
        sum = lif_add(sum, input.exc + input.inh, saturate);
    }
    var thresh = c.thresh;
    if adaptive {
        (*s).theta = trunc_decay((*s).theta, c.decay_theta);
        (*s).w = trunc_decay((*s).w, c.decay_w);
        sum = lif_add(sum, 0i - mul_q31((*s).w, c.gain_w), saturate);
        thresh = lif_add(thresh, (*s).theta, saturate);
    }
    let blocked = (*s).refractory > 0i;
    let integrated = lif_add(mul_q31((*s).v, c.decay), sum, saturate);
    let v = select(integrated, (*s).v, blocked && (flags & FLAG_CLAMP) != 0u);
    let fired = !blocked && v >= thresh;
    let after = select(c.reset, v - c.thresh, (flags & FLAG_SUBTRACT) != 0u);
    (*s).v = select(v, after, fired);
    (*s).refractory = select((*s).refractory - select(0i, 1i, blocked), c.refractory, fired);
    if adaptive {
        (*s).theta = lif_add((*s).theta, select(0i, c.delta_theta, fired), saturate);
        (*s).w = lif_add((*s).w, select(0i, c.delta_w, fired), saturate);
    }
    return fired;
}
