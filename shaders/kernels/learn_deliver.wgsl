// Delivers plastic and filtered projections of one shard: the present weights of sources with their events, graded ones of all filters that are
// not 0. One workgroup: one unit of the list; its invocations share the synapses of a row.
// Twin: limnos_spec::twin::device::learn_deliver.
import package::common::layout;
import package::parts::plastic_deliver;

override WG: u32 = 64u;
// Whether to deliver what is known only once neurons have spiked, else what was known before.
override LATE: bool = false;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<uniform> learning: Learning;
@group(0) @binding(2) var<storage, read> stage: Stage;
// Number of units (emptied perhaps: the stage has it), then units of the unit space.
@group(0) @binding(3) var<storage, read> list: array<u32>;
@group(0) @binding(4) var<storage, read> plastic_tables: array<u32>;
@group(0) @binding(5) var<storage, read> plastic_synapses: array<u32>;
@group(0) @binding(6) var<storage, read> plastic_weights: array<i32>;
@group(0) @binding(7) var<storage, read> learner: array<i32>;
@group(0) @binding(8) var<storage, read_write> ring: array<atomic<i32>>;

fn held(i: u32) -> i32 {
    return learner[i];
}

fn synapse_word(i: u32) -> u32 {
    return plastic_synapses[i];
}

fn weight(j: u32) -> i32 {
    return plastic_weights[j];
}

fn receive(cell: u32, delay: u32, amount: i32) {
    let slot = (stage.now % geometry.ring_slots + delay) % geometry.ring_slots;
    let receptor = select(0u, 1u, amount < 0i && geometry.receptors == 2u);
    atomicAdd(&ring[(slot * geometry.receptors + receptor) * geometry.cells + cell], amount);
}

@compute @workgroup_size(WG)
fn learn_deliver(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let item = group.y * MAX_GROUPS + group.x;
    if item < stage.count {
        deliver_unit(list[1u + item], LATE, local, WG);
    }
}
