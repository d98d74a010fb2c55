// The phases of learning in a step of one sample whose workgroup simulates it alone. A part: it uses the bindings and
// variables of `kernels/resident_plastic`.
// Twin: limnos_spec::twin::device::resident_plastic.
import package::parts::astrocyte;
import package::parts::events;
import package::parts::plastic_deliver;
import package::parts::resident;
import package::parts::stdp;
import package::parts::traces;

fn held(i: u32) -> i32 {
    return state[lane * span.stride + span.learner + i];
}

fn hold(i: u32, value: i32) {
    state[lane * span.stride + span.learner + i] = value;
}

fn weight(j: u32) -> i32 {
    return plastic_weights[(lane - span.first_lane) * span.weights + j];
}

fn set_weight(j: u32, value: i32) {
    plastic_weights[(lane - span.first_lane) * span.weights + j] = value;
}

fn synapse_word(i: u32) -> u32 {
    return network[i];
}

fn receive(cell: u32, delay: u32, amount: i32) {
    let slot = (clock.step % geometry.ring_slots + delay) % geometry.ring_slots;
    let receptor = select(0u, 1u, amount < 0i && geometry.receptors == 2u);
    gather((slot * geometry.receptors + receptor) * geometry.cells + cell, amount);
}

// The line of a group, or of its filter behind the lines.
fn line_of(group: u32) -> LineEntry {
    if group < learning.lines {
        return line_entry(group);
    }
    return line_entry(filter_entry(group - learning.lines).line);
}

// Marks the units with events and the filters that are not 0: before neurons step what arrives and what inputs emit; late,
// after they have, their spikes. Then spikes of this step go on their way.
fn mark_events(late: bool, local: u32) {
    for (var word = local; word < learning.units / 32u; word += WG) {
        let group = group_of(32u * word);
        let line = line_of(group);
        let is_line = group < learning.lines;
        var first = line.unit;
        if !is_line {
            first = filter_entry(group - learning.lines).unit;
        }
        let within = word - first / 32u;
        if 32u * within >= line.size {
            continue;
        }
        if is_late(line) == late {
            var events: u32;
            if is_line {
                events = line_events(line, within, clock.step);
            } else {
                events = active_filters(filter_entry(group - learning.lines), line, within, clock.step);
            }
            hold(learning.events + word, bitcast<i32>(events));
        }
        if late && is_line {
            send(line, within, clock.step);
        }
    }
}

// Delivers what is known early or late: teams share the words of units, and the members of a team a row.
fn deliver_events(late: bool, local: u32) {
    for (var word = local / TEAM; word < learning.units / 32u; word += WG / TEAM) {
        var rest = bitcast<u32>(held(learning.events + word));
        // Late words still hold the events of the step before while early ones are delivered.
        if rest == 0u || is_late(line_of(group_of(32u * word))) != late {
            continue;
        }
        let events = countOneBits(rest);
        for (var n = 0u; n < events; n += 1u) {
            deliver_unit(32u * word + firstTrailingBit(rest), late, local % TEAM, TEAM);
            rest &= rest - 1u;
        }
    }
}

// The changes that the traces of all units stand for; what all units of a change share is read once.
fn weigh(local: u32) {
    for (var k = 0u; k < learning.changes; k += 1u) {
        let c = change_entry(k);
        let line = line_entry(c.line);
        let trace_at = trace_entry(c.trace).at;
        let rate = rate_of(c.rate);
        let high_rate = rate_of(c.high_rate);
        let of_source = (c.flags & OF_SOURCE) != 0u;
        for (var unit = local; unit < line.size; unit += WG) {
            var change = 0i;
            if !(of_source && has_event(line.unit + unit)) && is_open(c.gate, unit) {
                let trace = held(trace_at + unit);
                if unit < c.split {
                    change = change_at(rate, trace, c.shift, c.limit, c.negative != 0u);
                } else {
                    change = change_at(high_rate, trace, c.high_shift, c.high_limit, c.high_negative != 0u);
                }
            }
            hold(c.at + unit, change);
        }
    }
}

// Changes the rows of sources with their events and the columns of targets that spiked.
fn change_weights(local: u32) {
    for (var word = local / TEAM; word < learning.units / 32u; word += WG / TEAM) {
        var rest = bitcast<u32>(held(learning.events + word));
        if rest == 0u || group_of(32u * word) >= learning.lines {
            continue;
        }
        let events = countOneBits(rest);
        for (var n = 0u; n < events; n += 1u) {
            change_unit(32u * word + firstTrailingBit(rest), local % TEAM, TEAM);
            rest &= rest - 1u;
        }
    }
}

// What astrocytes watch: teams share the astrocytes, and the members of a team the words of spikes.
fn watch(local: u32) {
    for (var k = local / TEAM; k < learning.astrocytes; k += WG / TEAM) {
        let part = watched_part(astrocyte_entry(k), local % TEAM, TEAM);
        if part != 0i {
            atomicAdd(&watched[k], part);
        }
    }
}

// Ends the step: traces and filters, astrocytes, rates.
fn finish(local: u32) {
    for (var k = 0u; k < learning.traces; k += 1u) {
        let entry = trace_entry(k);
        let line = line_entry(entry.line);
        for (var unit = local; unit < line.size; unit += WG) {
            end_trace(entry, unit, has_event(line.unit + unit));
        }
    }
    for (var k = 0u; k < learning.filters; k += 1u) {
        let entry = filter_entry(k);
        let line = line_entry(entry.line);
        for (var unit = local; unit < line.size; unit += WG) {
            end_filter(entry, unit, has_event(line.unit + unit));
        }
    }
    let recorded = clock.step - clock.origin;
    for (var k = local; k < learning.astrocytes; k += WG) {
        let output = end_astrocyte(astrocyte_entry(k), atomicLoad(&watched[k]));
        atomicStore(&watched[k], 0i);
        if recorded < learning.course {
            let row = recorded * geometry.batch + lane;
            atomicStore(&record[span.course + row * learning.astrocytes + k], output);
        }
    }
    for (var k = local; k < learning.rates; k += WG) {
        end_rate(k);
    }
}
