// Which units have their events in a step, as bits and as a list; and which filters are not 0. Before neurons step: what arrives and what inputs
// emit; LATE, after they have: their spikes, and spikes of this step go on their way. One invocation: 32 units.
// Twin: limnos_spec::twin::device::learn_events.
import package::common::layout;
import package::parts::events;

override WG: u32 = 64u;
// Whether neurons have spiked.
override LATE: bool = false;

@group(0) @binding(0) var<uniform> learning: Learning;
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> plastic_tables: array<u32>;
// 32 cells a word; 32 channels a word.
@group(0) @binding(3) var<storage, read> spikes: array<u32>;
@group(0) @binding(4) var<storage, read> channel_spikes: array<u32>;
@group(0) @binding(5) var<storage, read_write> learner: array<i32>;
// Number of units, then units of the unit space in any order, early ones first.
@group(0) @binding(6) var<storage, read_write> list: array<atomic<u32>>;

fn held(i: u32) -> i32 {
    return learner[i];
}

fn hold(i: u32, value: i32) {
    learner[i] = value;
}

fn spike_word(i: u32) -> u32 {
    return spikes[i];
}

fn channel_word(i: u32) -> u32 {
    return channel_spikes[i];
}

// The events of the units from 32 * word on of a group, or which filters of it are not 0.
fn events_of(group: u32, line: LineEntry, word: u32) -> u32 {
    if group < learning.lines {
        return line_events(line, word, clock.step);
    }
    return active_filters(filter_entry(group - learning.lines), line, word, clock.step);
}

fn note(unit: u32, events: u32) {
    hold(learning.events + unit / 32u, bitcast<i32>(events));
    if events == 0u {
        return;
    }
    var at = 1u + atomicAdd(&list[0], countOneBits(events));
    for (var rest = events; rest != 0u; rest &= rest - 1u) {
        atomicStore(&list[at], unit + countTrailingZeros(rest));
        at += 1u;
    }
}

@compute @workgroup_size(WG)
fn learn_events(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let unit = 32u * (group_index(workgroup, groups) * WG + local);
    if unit >= learning.units {
        return;
    }
    let group = group_of(unit);
    let is_line = group < learning.lines;
    var line: LineEntry;
    var first: u32;
    if is_line {
        line = line_entry(group);
        first = line.unit;
    } else {
        let entry = filter_entry(group - learning.lines);
        line = line_entry(entry.line);
        first = entry.unit;
    }
    let word = (unit - first) / 32u;
    if 32u * word >= line.size {
        return;
    }
    if is_late(line) == LATE {
        note(unit, events_of(group, line, word));
    }
    if LATE && is_line {
        send(line, word, clock.step);
    }
}
