// The changes that the traces of all units stand for in this step. One invocation: one unit of a line, all of its changes.
// Twin: limnos_spec::twin::device::stdp_changes.
import package::common::layout;
import package::parts::changes;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> learning: Learning;
@group(0) @binding(1) var<storage, read> plastic_tables: array<u32>;
@group(0) @binding(2) var<storage, read_write> learner: array<i32>;

fn held(i: u32) -> i32 {
    return learner[i];
}

@compute @workgroup_size(WG)
fn stdp_changes(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let unit = group_index(workgroup, groups) * WG + local;
    if unit >= learning.units {
        return;
    }
    let group = group_of(unit);
    if group >= learning.lines {
        return;
    }
    let line = line_entry(group);
    if unit - line.unit >= line.size {
        return;
    }
    let fired = has_event(unit);
    for (var k = 0u; k < learning.changes; k += 1u) {
        let c = change_entry(k);
        if c.line == group {
            learner[c.at + unit - line.unit] = weighed(c, unit - line.unit, fired);
        }
    }
}
