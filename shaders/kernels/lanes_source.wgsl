// Spikes of all channels in one step of a batch, as words of 32 samples. One invocation: four channels of one sample.
// Twin: limnos_spec::twin::device::lanes_source.
import package::common::layout;
import package::parts::source;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> inputs: array<InputEntry>;
// Input of each block of 64 channels.
@group(0) @binding(3) var<storage, read> blocks: array<u32>;
@group(0) @binding(4) var<storage, read> feed: array<u32>;
// [slot][cell, then channel][word]
@group(0) @binding(5) var<storage, read_write> history: array<u32>;

// Four words for each 32 invocations, one a channel.
var<workgroup> fired_words: array<atomic<u32>, 32>;

@compute @workgroup_size(WG)
fn lanes_source(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = group_index(group, groups) * WG + local;
    let lane = index % geometry.lanes;
    let channel = 4u * (index / geometry.lanes);
    let shared_words = 4u * (local >> 5u);
    if channel < geometry.channels && lane < geometry.batch {
        let e = inputs[blocks[channel / ALIGN]];
        if channel - e.first < e.size {
            let spikes = spikes_of(e, channel - e.first, lane);
            for (var k = 0u; k < 4u; k += 1u) {
                atomicOr(&fired_words[shared_words + k], ((spikes >> k) & 1u) << (lane & 31u));
            }
        }
    }
    workgroupBarrier();
    let k = local & 31u;
    if k < 4u && channel < geometry.channels {
        let slot = clock.step % geometry.history_slots;
        let source = slot * (geometry.cells + geometry.channels) + geometry.cells + channel + k;
        history[source * (geometry.lanes / 32u) + lane / 32u] = atomicLoad(&fired_words[shared_words + k]);
    }
}
