// One step of a layer of rate units, one sample. Invocations of a workgroup: WG / PARTS rows side by side, PARTS of them share each row, so that neither
// short nor long rows leave a device idle. Twin: limnos_spec::twin::device::rate_step.
import package::common::layout;
import package::common::rate;
import package::parts::rate;
import package::parts::rate_stored;

override WG: u32 = 64u;
// Invocations that share a row: a power of two up to 32.
override PARTS: u32 = 4u;
// Whether any unit has noise.
override NOISE: bool = true;

@group(0) @binding(0) var<uniform> shape: RateShape;
@group(0) @binding(1) var<uniform> span: RateSpan;
@group(0) @binding(2) var<uniform> moment: RateMoment;
// [unit]
@group(0) @binding(3) var<storage, read> units: array<RateUnit>;
// Entries of rows, 32 rows side by side.
@group(0) @binding(4) var<storage, read> columns: array<u32>;
@group(0) @binding(5) var<storage, read> weights: array<f32>;
// Key, first units of layers, length of the sample.
@group(0) @binding(6) var<storage, read> table: array<u32>;
// Inputs [step][input], feedback [step][output]
@group(0) @binding(7) var<storage, read> drive: array<f32>;
// [half][unit]
@group(0) @binding(8) var<storage, read_write> state: array<f32>;
// [step][unit]
@group(0) @binding(9) var<storage, read_write> record: array<f32>;

var<workgroup> sums: array<f32, WG>;

@compute @workgroup_size(WG)
fn rate_step(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let across = WG / PARTS;
    let part = local / across;
    let index = moment.first + group_index(group, groups) * across + local % across;
    let present = index < moment.end;
    if present {
        sums[local] = part_of_sum(unit_of(index, 0u), part, 0u);
    }
    workgroupBarrier();
    if !present || part > 0u {
        return;
    }
    var sum = sums[local];
    for (var other = 1u; other < PARTS; other += 1u) {
        sum += sums[local + other * across];
    }
    let x = state[state_at(index, 0u, 0u)];
    var next = x;
    if runs(0u, span.row + moment.k) {
        next = stepped(unit_of(index, 0u), index - moment.first, 0u, span.step + moment.k, x, sum);
    }
    keep_state(index, 0u, next);
}
