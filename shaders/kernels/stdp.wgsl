// Spike-timing-dependent plasticity of one shard: changes the rows of sources with their events and the columns of targets that spiked. One
// workgroup: one unit of the list; its invocations share the synapses of a row or column.
// Morrison, Diesmann, Gerstner: "Phenomenological models of synaptic plasticity based on spike timing" (2008).
// Twin: limnos_spec::twin::device::stdp.
import package::common::layout;
import package::parts::stdp;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> learning: Learning;
@group(0) @binding(1) var<storage, read> stage: Stage;
// Number of units (emptied already: the stage has it), then units of the unit space.
@group(0) @binding(2) var<storage, read> list: array<u32>;
@group(0) @binding(3) var<storage, read> plastic_tables: array<u32>;
@group(0) @binding(4) var<storage, read> plastic_synapses: array<u32>;
@group(0) @binding(5) var<storage, read> learner: array<i32>;
@group(0) @binding(6) var<storage, read_write> plastic_weights: array<i32>;

fn held(i: u32) -> i32 {
    return learner[i];
}

fn synapse_word(i: u32) -> u32 {
    return plastic_synapses[i];
}

fn weight(j: u32) -> i32 {
    return plastic_weights[j];
}

fn set_weight(j: u32, value: i32) {
    plastic_weights[j] = value;
}

@compute @workgroup_size(WG)
fn stdp(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let item = group.y * MAX_GROUPS + group.x;
    if item < stage.count {
        change_unit(list[1u + item], local, WG);
    }
}
