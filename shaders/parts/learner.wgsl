// What a sample learns with beside its weights. A part: beside what `parts/learning` uses, the kernel that imports it defines
//   fn held(i: u32) -> i32   word i of the learner.
// Twin: limnos_spec::twin::device::learning.
import package::common::stdp;
import package::parts::learning;

// Whether a unit of the unit space has its event in this step (of a filter: whether it delivers).
fn has_event(unit: u32) -> bool {
    let word = bitcast<u32>(held(learning.events + unit / 32u));
    return ((word >> (unit & 31u)) & 1u) == 1u;
}

// A rate as changes take it.
fn rate_of(i: u32) -> i32 {
    let astrocyte = rate_entry(i).astrocyte;
    let rate = held(learning.rate_state + i);
    if astrocyte == 0u {
        return rate;
    }
    return modulated(rate, held(astrocyte_entry(astrocyte - 1u).at));
}

// Whether the gate (one more than its number; 0: none) is open for a unit of its trace.
fn is_open(gate: u32, unit: u32) -> bool {
    if gate == 0u {
        return true;
    }
    let window = gate_entry(gate - 1u);
    return opens(held(trace_entry(window.trace).at + unit), window.low, window.high);
}

// The value with which a unit of a filter delivers in this step.
fn filter_value(entry: FilterEntry, unit: u32, fired: bool) -> i32 {
    return select(held(entry.at + unit), Q31_ONE, fired);
}
