// What a neuron's step reads from the tables of its population, and its state. A part: it uses the bindings `tables`,
// `currents` and `state` of the kernel that imports it, so it is no module of its own.
// Twin: limnos_spec::twin::device::neuron.
import package::common::layout;
import package::common::fixed;
import package::models::lif;

// Constant k of neuron i.
fn constant(p: PopulationEntry, k: u32, i: u32) -> i32 {
    let rank = countOneBits(p.varied & ((1u << k) - 1u));
    let varies = ((p.varied >> k) & 1u) == 1u;
    return tables[select(p.same + k, p.each + rank * p.size + i, varies)];
}

// The constants of neuron i that its population's variant uses; the others are 0.
fn constants(p: PopulationEntry, i: u32) -> LifConstants {
    var c: LifConstants;
    c.decay = constant(p, 0u, i);
    c.thresh = constant(p, 1u, i);
    c.reset = constant(p, 2u, i);
    c.offset = constant(p, 3u, i);
    c.refractory = constant(p, 4u, i);
    c.gain = constant(p, 5u, i);
    if (p.flags & FLAG_EXPONENTIAL) != 0u {
        c.decay_exc = constant(p, 6u, i);
        c.decay_inh = constant(p, 7u, i);
        c.gain_exc = constant(p, 8u, i);
        c.gain_inh = constant(p, 9u, i);
    }
    if (p.flags & FLAG_ADAPTIVE) != 0u {
        c.decay_theta = constant(p, 10u, i);
        c.delta_theta = constant(p, 11u, i);
        c.decay_w = constant(p, 12u, i);
        c.delta_w = constant(p, 13u, i);
        c.gain_w = constant(p, 14u, i);
    }
    return c;
}

// Number of thresholds that the draw u reaches, by bisection: they ascend.
fn reached(p: PopulationEntry, u: u32) -> u32 {
    var low = 0u;
    var high = p.drive_length;
    for (var round = 0u; round < 32u && low < high; round += 1u) {
        let middle = (low + high) / 2u;
        if u >= bitcast<u32>(tables[p.drive + middle]) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low;
}

// The normal number that the draw u stands for: linear between two of 4097 quantiles.
fn quantile(p: PopulationEntry, u: u32) -> i32 {
    let k = p.drive + (u >> 20u);
    let low = tables[k];
    return low + mul_q31(tables[k + 1u] - low, bitcast<i32>((u & 0xfffffu) << 11u));
}

// What the drive adds to a neuron whose draw of this step is u.
fn drive_amount(p: PopulationEntry, u: u32) -> i32 {
    switch p.drive_kind {
        case DRIVE_CONSTANT: { return p.drive_weight; }
        case DRIVE_POISSON: { return p.drive_weight * bitcast<i32>(p.drive_base + reached(p, u)); }
        case DRIVE_NORMAL: { return quantile(p, u); }
        default: { return 0i; }
    }
}

// Whether the drive's events go to the inhibitory current.
fn drive_inhibits(p: PopulationEntry) -> bool {
    return p.drive_kind == DRIVE_POISSON && p.drive_weight < 0i && (p.flags & FLAG_EXPONENTIAL) != 0u;
}

// The current fed to neuron i of a sample in this step.
fn fed_current(p: PopulationEntry, i: u32, sample: u32, now: u32) -> i32 {
    let row = select(now - p.current_start, 0u, p.current_rows == 1u);
    if row >= p.current_rows {
        return 0i;
    }
    return currents[p.current + sample * p.current_stride + row * p.size + i];
}

// The state of one neuron: `at` is its place among the `pitch` of a field. Fields that its variant does not use are 0.
fn load(at: u32, pitch: u32, flags: u32) -> LifState {
    var s: LifState;
    s.v = state[at];
    s.refractory = state[pitch + at];
    if (flags & FLAG_EXPONENTIAL) != 0u {
        s.i_exc = state[2u * pitch + at];
        s.i_inh = state[3u * pitch + at];
    }
    if (flags & FLAG_ADAPTIVE) != 0u {
        s.theta = state[4u * pitch + at];
        s.w = state[5u * pitch + at];
    }
    return s;
}

// Puts the fields that its variant uses back.
fn store(at: u32, pitch: u32, flags: u32, s: LifState) {
    state[at] = s.v;
    state[pitch + at] = s.refractory;
    if (flags & FLAG_EXPONENTIAL) != 0u {
        state[2u * pitch + at] = s.i_exc;
        state[3u * pitch + at] = s.i_inh;
    }
    if (flags & FLAG_ADAPTIVE) != 0u {
        state[4u * pitch + at] = s.theta;
        state[5u * pitch + at] = s.w;
    }
}
