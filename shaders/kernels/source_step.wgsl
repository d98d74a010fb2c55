// Spikes of all channels in one step, as bits and as a list. One invocation: four channels, which share one draw of four words.
// Twin: limnos_spec::twin::device::source_step.
import package::common::layout;
import package::parts::source;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> inputs: array<InputEntry>;
// Input of each block of 64 channels.
@group(0) @binding(3) var<storage, read> blocks: array<u32>;
@group(0) @binding(4) var<storage, read> feed: array<u32>;
// Number of spikes, then their channels in any order.
@group(0) @binding(5) var<storage, read_write> list: array<atomic<u32>>;
// 32 channels a word
@group(0) @binding(6) var<storage, read_write> channel_spikes: array<u32>;

var<workgroup> fired_words: array<atomic<u32>, 32>;
var<workgroup> found: atomic<u32>;
var<workgroup> start: u32;

@compute @workgroup_size(WG)
fn source_step(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let channel = 4u * (group_index(group, groups) * WG + local);
    var spikes = 0u;
    if channel < geometry.channels {
        let e = inputs[blocks[channel / ALIGN]];
        if channel - e.first < e.size {
            spikes = spikes_of(e, channel - e.first, 0u);
        }
    }
    let rank = atomicAdd(&found, countOneBits(spikes));
    if spikes != 0u {
        atomicOr(&fired_words[local >> 3u], spikes << (4u * (local & 7u)));
    }
    workgroupBarrier();
    if (local & 7u) == 0u && channel < geometry.channels {
        channel_spikes[channel >> 5u] = atomicLoad(&fired_words[local >> 3u]);
    }
    if local == 0u && atomicLoad(&found) > 0u {
        start = 1u + atomicAdd(&list[0], atomicLoad(&found));
    }
    workgroupBarrier();
    var at = start + rank;
    for (var k = 0u; k < 4u; k += 1u) {
        if ((spikes >> k) & 1u) == 1u {
            atomicStore(&list[at], channel + k);
            at += 1u;
        }
    }
}
