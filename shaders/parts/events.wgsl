// Events of units in a step, 32 a word. A part: beside what `parts/learner` uses, the kernel that imports it defines
//   fn hold(i: u32, value: i32)     sets word i of the learner,
//   fn spike_word(i: u32) -> u32     32 cells of this step,
//   fn channel_word(i: u32) -> u32   32 channels of this step.
// Twin: limnos_spec::twin::device::learn_events.
import package::parts::learner;

// The spikes of the units from 32 * word on, in this step.
fn line_spikes(line: LineEntry, word: u32) -> u32 {
    let at = line.first / 32u + word;
    if (line.flags & FROM_INPUT) != 0u {
        return channel_word(at);
    }
    return spike_word(at);
}

// Where the learner holds a word of the events that are due, and those that will be `delay` steps after this one.
fn way_word(line: LineEntry, word: u32, now: u32) -> u32 {
    return line.way + (now % line.delay) * ((line.size + 31u) / 32u) + word;
}

// The events of the units from 32 * word on.
fn line_events(line: LineEntry, word: u32, now: u32) -> u32 {
    if line.delay > 0u {
        return bitcast<u32>(held(way_word(line, word, now)));
    }
    return line_spikes(line, word);
}

// Sends the spikes of this step on their way, once the events that were due are read.
fn send(line: LineEntry, word: u32, now: u32) {
    if line.delay > 0u {
        hold(way_word(line, word, now), bitcast<i32>(line_spikes(line, word)));
    }
}

// Which filters of the units from 32 * word on are not 0, those of this step's events included.
fn active_filters(entry: FilterEntry, line: LineEntry, word: u32, now: u32) -> u32 {
    var live = line_events(line, word, now);
    let count = min(32u, line.size - 32u * word);
    for (var k = 0u; k < count; k += 1u) {
        live |= select(0u, 1u << k, held(entry.at + 32u * word + k) != 0i);
    }
    return live;
}
