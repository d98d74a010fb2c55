// Many steps of small rate reservoirs in one dispatch. One workgroup: one sample, whose inputs, feedback and states are in workgroup memory; with
// an ensemble each member's samples have its own weights. Its readout may run too, and what it gives may be read by the next step.
// Twin: limnos_spec::twin::device::rate_resident.
import package::common::layout;
import package::common::rate;
import package::parts::rate;
import package::parts::rate_features;
import package::parts::rate_outputs;

override WG: u32 = 256u;
// Sums that a row is added in, as in `rate_step`; invocations that share an output.
override PARTS: u32 = 4u;
override TEAM: u32 = 32u;
// Whether any unit has noise.
override NOISE: bool = true;
// Words of workgroup memory for inputs, feedback and states; for states after the step; for outputs.
override GATHER: u32 = 1024u;
override UNITS: u32 = 1024u;
override OUTPUTS: u32 = 64u;

@group(0) @binding(0) var<uniform> shape: RateShape;
@group(0) @binding(1) var<uniform> span: RateSpan;
// [member][unit]
@group(0) @binding(2) var<storage, read> units: array<RateUnit>;
// Entries of rows, 32 rows side by side.
@group(0) @binding(3) var<storage, read> columns: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<f32>;
// Keys of members, first units of layers, lengths of samples.
@group(0) @binding(5) var<storage, read> table: array<u32>;
// Inputs [step][sample][input], feedback [step][sample][output]
@group(0) @binding(6) var<storage, read> drive: array<f32>;
// [member][output][features, then 1]
@group(0) @binding(7) var<storage, read> readout: array<f32>;
// [sample][unit], then inputs of the last step [sample][input].
@group(0) @binding(8) var<storage, read_write> state: array<f32>;
// States [step][sample][unit]; outputs [step][sample][output], with a row more.
@group(0) @binding(9) var<storage, read_write> record: array<f32>;

var<workgroup> gather: array<f32, GATHER>;
var<workgroup> after: array<f32, UNITS>;
var<workgroup> outputs: array<f32, OUTPUTS>;

// The first unit of the layer that steps: what is before it has stepped already.
var<private> layer_first: u32;

fn gathered(column: u32, lane: u32) -> f32 {
    let base = shape.inputs + shape.feedback;
    if column >= base && column - base < layer_first {
        return after[column - base];
    }
    return gather[column];
}

fn input_of(channel: u32, k: u32, lane: u32) -> f32 {
    return gather[channel];
}

fn state_of(index: u32, k: u32, lane: u32) -> f32 {
    return gather[shape.inputs + shape.feedback + index];
}

fn put_output(output: u32, k: u32, lane: u32, value: f32) {
    outputs[output] = value;
    record[span.outputs_at + (k * shape.samples + lane) * shape.outputs + output] = value;
}

// What step k reads from outside: from storage, or in a closed loop the outputs before it.
fn load_drive(k: u32, lane: u32, local: u32) {
    let row = k * shape.samples + lane;
    for (var c = local; c < shape.inputs; c += WG) {
        if span.closed == LOOP_TO_INPUTS && c < shape.outputs {
            gather[c] = outputs[c];
        } else {
            gather[c] = drive[row * shape.inputs + c];
        }
    }
    for (var c = local; c < shape.feedback; c += WG) {
        if span.closed == LOOP_TO_FEEDBACK {
            gather[shape.inputs + c] = outputs[c];
        } else {
            gather[shape.inputs + c] = drive[span.feedback_at + row * shape.feedback + c];
        }
    }
}

// One step of the units of a layer from `first` to before `end`.
fn step_layer(first: u32, end: u32, k: u32, lane: u32, local: u32) {
    let base = shape.inputs + shape.feedback;
    layer_first = first;
    for (var index = first + local; index < end; index += WG) {
        let x = gather[base + index];
        let unit = unit_of(index, lane);
        after[index] = stepped(unit, index - first, lane, span.step + k, x, whole_sum(unit, lane));
    }
}

@compute @workgroup_size(WG)
fn rate_resident(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = group_index(group, groups);
    if lane >= shape.samples {
        return;
    }
    let base = shape.inputs + shape.feedback;
    for (var index = local; index < shape.units; index += WG) {
        gather[base + index] = state[lane * shape.units + index];
    }
    for (var c = local; c < shape.inputs; c += WG) {
        gather[c] = state[shape.last_at + lane * shape.inputs + c];
    }
    workgroupBarrier();
    if span.closed != LOOP_OPEN {
        read_out(0u, shape.outputs, 0u, lane, local);
        workgroupBarrier();
    }
    for (var k = 0u; k < span.steps; k += 1u) {
        let running = runs(lane, span.row + k);
        load_drive(k, lane, local);
        workgroupBarrier();
        for (var layer = 0u; layer < shape.layers; layer += 1u) {
            if running {
                step_layer(table[shape.layers_at + layer], table[shape.layers_at + layer + 1u], k, lane, local);
            }
            workgroupBarrier();
        }
        for (var index = local; index < shape.units; index += WG) {
            if running {
                gather[base + index] = after[index];
            }
            record[(k * shape.samples + lane) * shape.units + index] = gather[base + index];
        }
        workgroupBarrier();
        if span.reads_out == 1u {
            read_out(0u, shape.outputs, k + 1u, lane, local);
            workgroupBarrier();
        }
    }
    for (var index = local; index < shape.units; index += WG) {
        state[lane * shape.units + index] = gather[base + index];
    }
    for (var c = local; c < shape.inputs; c += WG) {
        state[shape.last_at + lane * shape.inputs + c] = gather[c];
    }
}
