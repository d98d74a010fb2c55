// Turns the number of spikes of a step into the indirect arguments of their delivery and empties the list, unless it is to KEEP what more will
// join; with TICK it ends the step. One invocation in all.
// Twin: limnos_spec::twin::device::prepare.
import package::common::layout;

// Whether the clock moves on: after the neurons' spikes, not after the inputs'.
override TICK: bool = false;
override KEEP: bool = false;

@group(0) @binding(0) var<storage, read_write> clock: Clock;
@group(0) @binding(1) var<storage, read_write> list: array<u32>;
@group(0) @binding(2) var<storage, read_write> stage: Stage;

@compute @workgroup_size(1)
fn prepare() {
    let count = list[0];
    if !KEEP {
        list[0] = 0u;
    }
    stage.x = min(count, MAX_GROUPS);
    stage.y = (count + MAX_GROUPS - 1u) / MAX_GROUPS;
    stage.z = 1u;
    stage.count = count;
    stage.now = clock.step;
    if TICK {
        clock.step += 1u;
    }
}
