// The step of one rate unit. A part: it uses the bindings `shape`, `units`, `columns`, `weights`, `table` and the overrides PARTS and NOISE of the
// kernel that imports it, which defines
//   fn gathered(column: u32, lane: u32) -> f32   what the unit reads: [inputs | feedback | states of all units].
// Every kernel adds a row in one order (PARTS sums of every PARTS-th entry, then these one after another), so that a sample has the
// same bits alone and in a batch. Twin: limnos_spec::twin::device::rate.
import package::common::activation;
import package::common::normal;
import package::common::rate;
import package::common::rng;

fn unit_of(index: u32, lane: u32) -> RateUnit {
    return units[(lane / shape.per_member) * shape.units + index];
}

fn part_of_sum(unit: RateUnit, part: u32, lane: u32) -> f32 {
    var sum = 0f;
    for (var j = part; j < unit.length; j += PARTS) {
        let at = unit.start + ROW_STRIDE * j;
        sum = fma(weights[at], gathered(columns[at], lane), sum);
    }
    return sum;
}

fn whole_sum(unit: RateUnit, lane: u32) -> f32 {
    var sum = part_of_sum(unit, 0u, lane);
    for (var part = 1u; part < PARTS; part += 1u) {
        sum += part_of_sum(unit, part, lane);
    }
    return sum;
}

// The state of unit `index` of its layer after the step: (1 - leak) x + leak f(gain sum + bias) + noise xi.
fn stepped(unit: RateUnit, index: u32, lane: u32, step: u32, x: f32, sum: f32) -> f32 {
    let activation = unit.kind & ((1u << ACTIVATION_BITS) - 1u);
    let reached = activated(activation, fma(unit.gain, sum, unit.bias));
    var next = fma(unit.leak, reached, unit.keep * x);
    if NOISE && unit.noise > 0f {
        next = fma(unit.noise, drawn(unit.kind >> ACTIVATION_BITS, index, lane, step), next);
    }
    return next;
}

// The noise of a unit: word `index` % 4 of the counter [stream of its layer, index / 4, step, sample].
fn drawn(layer: u32, index: u32, lane: u32, step: u32) -> f32 {
    let member = lane / shape.per_member;
    let sample = shape.first_sample + lane % shape.per_member;
    let key = vec2<u32>(table[2u * member], table[2u * member + 1u]);
    let words = philox(vec4<u32>((PURPOSE_NOISE << 28u) | (layer << 14u), index / 4u, step, sample), key);
    return normal_f32(words[index % 4u]);
}

// Whether a sample still runs in a step of the run: past its length it keeps its state.
fn runs(lane: u32, row: u32) -> bool {
    return row < table[shape.lengths_at + lane];
}
