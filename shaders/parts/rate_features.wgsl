// What a readout reads of a step: [1][inputs][map of the states]. A part: it uses the binding `shape` of the kernel that imports it, which defines
//   fn input_of(channel: u32, k: u32, lane: u32) -> f32
//   fn state_of(index: u32, k: u32, lane: u32) -> f32   for whatever the kernel counts by k.
// Twin: limnos_spec::twin::device::rate.
import package::common::rate;

fn feature(i: u32, k: u32, lane: u32) -> f32 {
    var j = i;
    if j < shape.with_bias {
        return 1f;
    }
    j -= shape.with_bias;
    let inputs = shape.with_inputs * shape.inputs;
    if j < inputs {
        return input_of(j, k, lane);
    }
    j -= inputs;
    let second = j >= shape.units;
    let x = state_of(select(j, j - shape.units, second), k, lane);
    let odd = shape.map == MAP_SQUARED_ALTERNATE && (j & 1u) == 1u;
    return select(x, x * x, second || odd);
}
