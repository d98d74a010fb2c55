// Astrocytes and rates at the end of a step. A part: beside what `parts/learner` uses, the kernel that imports it defines
//   fn hold(i: u32, value: i32)     sets word i of the learner,
//   fn spike_word(i: u32) -> u32     32 cells of this step,
//   fn channel_word(i: u32) -> u32   32 channels of this step.
// Twins: limnos_spec::twin::device::astrocyte_step and limnos_spec::twin::calcium.
import package::parts::learner;

// Every concentration is smaller than this.
const CONCENTRATION_LIMIT: i32 = 0x20000000i;
// Nodes of a table over concentrations, and bits of a concentration below those that choose a segment.
const NODES: u32 = 4097u;
const WITHIN: u32 = 17u;
// Tables of calcium dynamics, in their order.
const OPENED: u32 = 0u;
const RISE: u32 = 1u;
const CHANNEL: u32 = 2u;
const BALANCE: u32 = 3u;
const FALL: u32 = 4u;
const OUTPUT: u32 = 5u;

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

// A table of an astrocyte at a concentration: linear between two nodes.
fn at_concentration(entry: AstrocyteEntry, table: u32, concentration: i32) -> i32 {
    let k = entry.calcium + table * NODES + bitcast<u32>(concentration >> WITHIN);
    let within = (concentration & 0x1ffffi) << (31u - WITHIN);
    let node = table_int(k);
    return node + mul_q31(table_int(k + 1u) - node, within);
}

// Steps the calcium of an astrocyte; returns its output.
fn end_calcium(entry: AstrocyteEntry, watched: i32) -> i32 {
    let at = entry.at + 2u + entry.watches;
    let free = held(at);
    let calcium = held(at + 1u);
    let h = held(at + 2u);
    let ip3 = clamp(entry.rest + free, 0i, CONCENTRATION_LIMIT - 1i);
    let cubed = mul_q31(mul_q31(h, h), h);
    let open = mul_q31(at_concentration(entry, CHANNEL, calcium), at_concentration(entry, OPENED, ip3));
    let rise = at_concentration(entry, RISE, ip3);
    let fall = at_concentration(entry, FALL, calcium);
    let flow = mul_q31(open, cubed) + at_concentration(entry, BALANCE, calcium);
    let next = clamp(calcium + flow, 0i, CONCENTRATION_LIMIT - 1i);
    let sum = trunc_decay(free, entry.ip3_decay) + watched;
    hold(at, clamp(sum, -entry.rest, CONCENTRATION_LIMIT - 1i - entry.rest));
    hold(at + 1u, next);
    hold(at + 2u, h + rise - mul_q31(rise, h) - mul_q31(fall, h));
    let output = at_concentration(entry, OUTPUT, next);
    hold(entry.at, output);
    return output;
}

// Steps an astrocyte, given the sum of all parts, and decays output, bias and gains; returns its output.
fn end_astrocyte(entry: AstrocyteEntry, watched: i32) -> i32 {
    if entry.calcium != LEAKY {
        return end_calcium(entry, watched);
    }
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
