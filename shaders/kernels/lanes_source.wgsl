// Spikes of all channels in one step of a batch, as words of 32 samples. One invocation: four channels of one sample.
// Twin: limnos_spec::twin::device::lanes_source.
import package::common::layout;
import package::common::rng;

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

// Which of the four channels from `channel` (counted within the input) spike in a sample: bit k is channel + k.
fn spikes_of(e: InputEntry, channel: u32, lane: u32) -> u32 {
    let held = e.kind == FEED_THRESHOLDS && e.rows == 1u;
    let row = select(clock.step - e.start, 0u, held);
    if e.kind == FEED_SILENT || row >= e.rows {
        return 0u;
    }
    let fed = e.offset + lane * e.stride;
    if e.kind == FEED_SPIKES {
        let words = (e.size + 31u) / 32u;
        return (feed[fed + row * words + (channel >> 5u)] >> (channel & 31u)) & 15u;
    }
    let sample = clock.first_sample + lane;
    let counter = vec4<u32>((PURPOSE_SOURCE << 28u) | (e.index << 14u), channel >> 2u, clock.step, sample);
    let draws = philox(counter, vec2<u32>(geometry.key_low, geometry.key_high));
    var spikes = 0u;
    for (var k = 0u; k < min(4u, e.size - channel); k += 1u) {
        let threshold = feed[fed + row * e.size + channel + k];
        // The largest threshold means certainty.
        if draws[k] < threshold || threshold == 0xffffffffu {
            spikes |= 1u << k;
        }
    }
    return spikes;
}

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
            // Bits of a fed word beyond the input's last channel are no spikes.
            let real = (1u << min(4u, e.size - (channel - e.first))) - 1u;
            let spikes = spikes_of(e, channel - e.first, lane) & real;
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
