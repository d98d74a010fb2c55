// Traces and filters at the end of a step. A part: beside what `parts/learner` uses, the kernel that imports it defines
//   fn hold(i: u32, value: i32)   sets word i of the learner.
// Twin: limnos_spec::twin::device::learn_finish.
import package::parts::learner;

// Ends the step of a unit of a trace: its event counts, then it decays.
fn end_trace(entry: TraceEntry, unit: u32, fired: bool) {
    let at = entry.at + unit;
    var trace = held(at);
    if fired {
        trace = counted(trace, entry.one, entry.nearest != 0u);
    }
    hold(at, decayed(trace, entry.decay));
}

// Ends the step of a unit of a filter.
fn end_filter(entry: FilterEntry, unit: u32, fired: bool) {
    hold(entry.at + unit, filtered(filter_value(entry, unit, fired), entry.decay, entry.cutoff));
}
