// Counts and traces of one cell of one sample. A part: it uses the binding `observation` of the kernel that imports it,
// and of that kernel the functions `add_count(at)`, `trace_at(at)`, `set_trace(at, value)` and `point(k)`; `at` is the
// cell's place among the `pitch` of a window or trace.
// Twin: limnos_spec::twin::observe.
import package::common::layout;
import package::common::fixed;

// Counts a spike in the window of the step.
fn count(at: u32, pitch: u32, recorded: u32) {
    var window = 0u;
    if observation.window_steps > 0u {
        window = recorded / observation.window_steps;
    }
    if window < observation.windows {
        add_count(window * pitch + at);
    }
}

// Decays a trace, adds a spike, and keeps a sample where one is due.
fn trace(at: u32, pitch: u32, fired: bool, recorded: u32) {
    let value = trunc_decay(trace_at(at), observation.trace_decay) + select(0i, observation.trace_one, fired);
    set_trace(at, value);
    for (var k = 0u; k < observation.samples; k += 1u) {
        if point(k) == recorded {
            set_trace((k + 1u) * pitch + at, value);
        }
    }
}
