// Ends a step of learning: traces count their events and decay, filters decay. One invocation: one unit of a line, all of its traces; or of a
// filter. Twin: limnos_spec::twin::device::learn_finish.
import package::common::layout;
import package::parts::traces;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> learning: Learning;
@group(0) @binding(1) var<storage, read> plastic_tables: array<u32>;
@group(0) @binding(2) var<storage, read_write> learner: array<i32>;

fn held(i: u32) -> i32 {
    return learner[i];
}

fn hold(i: u32, value: i32) {
    learner[i] = value;
}

fn finish_line(group: u32, unit: u32) {
    let line = line_entry(group);
    let i = unit - line.unit;
    if i >= line.size {
        return;
    }
    let fired = has_event(unit);
    for (var k = 0u; k < learning.traces; k += 1u) {
        let entry = trace_entry(k);
        if entry.line == group {
            end_trace(entry, i, fired);
        }
    }
}

fn finish_filter(index: u32, unit: u32) {
    let entry = filter_entry(index);
    let line = line_entry(entry.line);
    let i = unit - entry.unit;
    if i < line.size {
        end_filter(entry, i, has_event(line.unit + i));
    }
}

@compute @workgroup_size(WG)
fn learn_finish(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let unit = group_index(workgroup, groups) * WG + local;
    if unit >= learning.units {
        return;
    }
    let group = group_of(unit);
    if group < learning.lines {
        finish_line(group, unit);
    } else {
        finish_filter(group - learning.lines, unit);
    }
}
