// One step of a layer of rate units, many samples. One invocation: one unit of one sample; neighbours are samples of one unit, so that they read one row
// together, and their states side by side. Twin: limnos_spec::twin::device::rate_lanes.
import package::common::layout;
import package::common::rate;
import package::parts::rate;
import package::parts::rate_stored;

override WG: u32 = 64u;
// Sums that a row is added in, as in `rate_step`.
override PARTS: u32 = 4u;
// Whether any unit has noise.
override NOISE: bool = true;

@group(0) @binding(0) var<uniform> shape: RateShape;
@group(0) @binding(1) var<uniform> span: RateSpan;
@group(0) @binding(2) var<uniform> moment: RateMoment;
// [member][unit]
@group(0) @binding(3) var<storage, read> units: array<RateUnit>;
// Entries of rows, 32 rows side by side.
@group(0) @binding(4) var<storage, read> columns: array<u32>;
@group(0) @binding(5) var<storage, read> weights: array<f32>;
// Keys of members, first units of layers, lengths of samples.
@group(0) @binding(6) var<storage, read> table: array<u32>;
// Inputs [step][input][sample], feedback [step][output][sample]
@group(0) @binding(7) var<storage, read> drive: array<f32>;
// [half][unit][sample]
@group(0) @binding(8) var<storage, read_write> state: array<f32>;
// [step][unit][sample]
@group(0) @binding(9) var<storage, read_write> record: array<f32>;

@compute @workgroup_size(WG)
fn rate_lanes(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let i = group_index(group, groups) * WG + local;
    let index = moment.first + i / shape.samples;
    let lane = i % shape.samples;
    if index >= moment.end {
        return;
    }
    let x = state[state_at(index, 0u, lane)];
    if !runs(lane, span.row + moment.k) {
        keep_state(index, lane, x);
        return;
    }
    let unit = unit_of(index, lane);
    let next = stepped(unit, index - moment.first, lane, span.step + moment.k, x, whole_sum(unit, lane));
    keep_state(index, lane, next);
}
