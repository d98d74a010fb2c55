// The changes that traces stand for in a step. A part: it uses what `parts/learner` uses.
// Twin: limnos_spec::twin::device::stdp_changes.
import package::parts::learner;

// The change of a unit whose trace has that value.
fn change_of_trace(c: ChangeEntry, unit: u32, trace: i32) -> i32 {
    if unit < c.split {
        return change_at(rate_of(c.rate), trace, c.shift, c.limit, c.negative != 0u);
    }
    return change_at(rate_of(c.high_rate), trace, c.high_shift, c.high_limit, c.high_negative != 0u);
}

// The change of a unit, before it is known whether it has its event.
fn open_change(c: ChangeEntry, unit: u32) -> i32 {
    if !is_open(c.gate, unit) {
        return 0i;
    }
    return change_of_trace(c, unit, held(trace_entry(c.trace).at + unit));
}

// The change of a unit as rows and columns take it: of sources with an event the row takes it itself.
fn weighed(c: ChangeEntry, unit: u32, fired: bool) -> i32 {
    if fired && (c.flags & OF_SOURCE) != 0u {
        return 0i;
    }
    return open_change(c, unit);
}

// The change of a source with its event in this step.
fn event_change(c: ChangeEntry, unit: u32) -> i32 {
    if (c.flags & AFTER_EVENT) == 0u {
        return open_change(c, unit);
    }
    let entry = trace_entry(c.trace);
    return change_of_trace(c, unit, counted(held(entry.at + unit), entry.one, entry.nearest != 0u));
}
