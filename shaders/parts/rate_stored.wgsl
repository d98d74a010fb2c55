// What a rate unit reads where states lie in storage, in two halves that take turns. A part: it uses the bindings `shape`, `span`, `moment`, `drive` and
// `state` of the kernel that imports it. Twin: limnos_spec::twin::device::rate.
import package::common::rate;

// A state before the step, or after it for units before `first`: those of earlier layers.
fn state_at(index: u32, first: u32, lane: u32) -> u32 {
    let half = (span.half + moment.k + select(0u, 1u, index < first)) & 1u;
    return place(shape.interleaved, shape.samples, half, shape.units, index, lane);
}

fn drive_at(first: u32, width: u32, item: u32, lane: u32) -> u32 {
    return first + place(shape.interleaved, shape.samples, moment.k, width, item, lane);
}

fn gathered(column: u32, lane: u32) -> f32 {
    if column < shape.inputs {
        return drive[drive_at(0u, shape.inputs, column, lane)];
    }
    if column < shape.inputs + shape.feedback {
        return drive[drive_at(span.feedback_at, shape.feedback, column - shape.inputs, lane)];
    }
    return state[state_at(column - shape.inputs - shape.feedback, moment.first, lane)];
}

// Writes the state of a unit after the step, for the next one and for the record.
fn keep_state(index: u32, lane: u32, value: f32) {
    state[state_at(index, index + 1u, lane)] = value;
    record[place(shape.interleaved, shape.samples, moment.k, shape.units, index, lane)] = value;
}
