// Spikes of four channels in one step of one sample. A part: it uses the bindings `geometry`, `clock` and `feed` of the
// kernel that imports it. Twin: limnos_spec::twin::device::source_step::spikes.
import package::common::layout;
import package::common::rng;

// Which of the four channels from `channel` (counted within the input) spike in a sample: bit k is channel + k.
// A lane is a sample's place in the batch.
fn spikes_of(e: InputEntry, channel: u32, lane: u32) -> u32 {
    let held = e.kind == FEED_THRESHOLDS && e.rows == 1u;
    let row = select(clock.step - e.start, 0u, held);
    if e.kind == FEED_SILENT || row >= e.rows {
        return 0u;
    }
    let real = min(4u, e.size - channel);
    let fed = e.offset + lane * e.stride;
    if e.kind == FEED_SPIKES {
        let words = (e.size + 31u) / 32u;
        // Bits of a fed word beyond the input's last channel are no spikes.
        return (feed[fed + row * words + (channel >> 5u)] >> (channel & 31u)) & ((1u << real) - 1u);
    }
    let sample = clock.first_sample + lane;
    let counter = vec4<u32>((PURPOSE_SOURCE << 28u) | (e.index << 14u), channel >> 2u, clock.step, sample);
    let draws = philox(counter, vec2<u32>(geometry.key_low, geometry.key_high));
    var spikes = 0u;
    for (var k = 0u; k < real; k += 1u) {
        let threshold = feed[fed + row * e.size + channel + k];
        // The largest threshold means certainty.
        if draws[k] < threshold || threshold == 0xffffffffu {
            spikes |= 1u << k;
        }
    }
    return spikes;
}
