// The outputs before step k, for the record and, in a closed loop, as what the step reads. One workgroup: WG / TEAM outputs of one sample.
// Twin: limnos_spec::twin::device::rate_readout.
import package::common::layout;
import package::common::rate;
import package::parts::rate_features;
import package::parts::rate_outputs;

override WG: u32 = 64u;
// Invocations that share an output: a power of two up to WG.
override TEAM: u32 = 32u;

@group(0) @binding(0) var<uniform> shape: RateShape;
@group(0) @binding(1) var<uniform> span: RateSpan;
@group(0) @binding(2) var<uniform> moment: RateMoment;
// [member][output][features, then 1]
@group(0) @binding(3) var<storage, read> readout: array<f32>;
// [half][unit][sample], then inputs of the last step [input][sample].
@group(0) @binding(4) var<storage, read> state: array<f32>;
// Inputs [step][input][sample], feedback [step][output][sample]; in a closed loop with a row more than steps.
@group(0) @binding(5) var<storage, read_write> drive: array<f32>;
// States [step][unit][sample]; outputs [step][output][sample], with a row more.
@group(0) @binding(6) var<storage, read_write> record: array<f32>;

fn at(row: u32, width: u32, item: u32, lane: u32) -> u32 {
    return place(shape.interleaved, shape.samples, row, width, item, lane);
}

fn input_of(channel: u32, k: u32, lane: u32) -> f32 {
    if k == 0u {
        return state[shape.last_at + at(0u, shape.inputs, channel, lane)];
    }
    return drive[at(k - 1u, shape.inputs, channel, lane)];
}

fn state_of(index: u32, k: u32, lane: u32) -> f32 {
    return state[at((span.half + k) & 1u, shape.units, index, lane)];
}

fn put_output(output: u32, k: u32, lane: u32, value: f32) {
    record[span.outputs_at + at(k, shape.outputs, output, lane)] = value;
    if span.closed == LOOP_TO_INPUTS {
        drive[at(k, shape.inputs, output, lane)] = value;
    }
    if span.closed == LOOP_TO_FEEDBACK {
        drive[span.feedback_at + at(k, shape.feedback, output, lane)] = value;
    }
}

@compute @workgroup_size(WG)
fn rate_readout(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let across = WG / TEAM;
    let blocks = (shape.outputs + across - 1u) / across;
    let index = group_index(group, groups);
    if index >= blocks * shape.samples {
        return;
    }
    let first = index % blocks * across;
    read_out(first, min(first + across, shape.outputs), moment.k, index / blocks, local);
}
