// Astrocytes and rates at the end of a step. A part: beside what `parts/learner` uses, the kernel that imports it defines
//   fn hold(i: u32, value: i32)     sets word i of the learner,
//   fn spike_word(i: u32) -> u32     32 cells of this step,
//   fn channel_word(i: u32) -> u32   32 channels of this step.
// Twin: limnos_spec::twin::device::astrocyte_step.
import package::parts::learner;

// The watched spikes of every `stride`th word of a group from the `local`th on.
fn watched_spikes(watch: WatchEntry, local: u32, stride: u32) -> u32 {
    var count = 0u;
    for (var k = local; k < watch.words; k += stride) {
        var word: u32;
        if (watch.flags & FROM_INPUT) != 0u {
            word = channel_word(watch.word + k);
        } else {
            word = spike_word(watch.word + k);
        }
        if watch.members != ALL_MEMBERS {
            word &= table_word(watch.members + k);
        }
        count += countOneBits(word);
    }
    return count;
}

// What a part of an astrocyte's watched spikes adds to its output at rest: sums of parts do not care about order.
fn watched_part(entry: AstrocyteEntry, local: u32, stride: u32) -> i32 {
    var sum = 0i;
    for (var k = 0u; k < entry.watches; k += 1u) {
        let count = watched_spikes(watch_entry(entry.watch + k), local, stride);
        sum += held(entry.at + 2u + k) * bitcast<i32>(count);
    }
    return sum;
}

// Steps an astrocyte, given the sum of all parts, and decays output, bias and gains; returns its output.
fn end_astrocyte(entry: AstrocyteEntry, watched: i32) -> i32 {
    let output = mul_q31(leaky_output(held(entry.at), held(entry.at + 1u) + watched, entry.rate), entry.decay);
    hold(entry.at, output);
    for (var k = 0u; k <= entry.watches; k += 1u) {
        hold(entry.at + 1u + k, mul_q31(held(entry.at + 1u + k), entry.decay));
    }
    return output;
}

// Ends the step of a rate.
fn end_rate(i: u32) {
    let at = learning.rate_state + i;
    hold(at, mul_q31(held(at), rate_entry(i).decay));
}
