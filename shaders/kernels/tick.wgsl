// Ends a step of a batch. One invocation in all.
// Twin: limnos_spec::twin::device::tick.
import package::common::layout;

@group(0) @binding(0) var<storage, read_write> clock: Clock;

@compute @workgroup_size(1)
fn tick() {
    clock.step += 1u;
}
