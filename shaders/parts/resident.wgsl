// The phases of a step of one sample whose workgroup simulates it alone. A part: it uses the bindings and variables of
// the kernels of the resident regime (see `kernels/resident`), which define
//   fn network_word(at: u32) -> u32   a word of the merged tables.
// Twin: limnos_spec::twin::device::resident.
import package::common::layout;
import package::common::rng;
import package::models::lif;
import package::parts::neuron;
import package::parts::observation;
import package::parts::source;
import package::parts::synapses;

// Invocations that share the row of a spike.
const TEAM: u32 = 32u;
// Words of the entries in `network`.
const POPULATION_WORDS: u32 = 20u;
const INPUT_WORDS: u32 = 8u;
const ROW_PIECE_WORDS: u32 = 12u;

// All invocations have done what comes before.
fn meet() {
    workgroupBarrier();
    storageBarrier();
}

fn population(index: u32) -> PopulationEntry {
    let at = span.populations + POPULATION_WORDS * index;
    var p: PopulationEntry;
    p.first = network_word(at);
    p.size = network_word(at + 1u);
    p.index = network_word(at + 2u);
    p.flags = network_word(at + 3u);
    p.varied = network_word(at + 4u);
    p.same = network_word(at + 5u);
    p.each = network_word(at + 6u);
    p.drive_kind = network_word(at + 7u);
    p.drive = network_word(at + 8u);
    p.drive_length = network_word(at + 9u);
    p.drive_base = network_word(at + 10u);
    p.drive_weight = bitcast<i32>(network_word(at + 11u));
    p.current = network_word(at + 12u);
    p.current_rows = network_word(at + 13u);
    p.current_stride = network_word(at + 14u);
    p.current_start = network_word(at + 15u);
    return p;
}

fn input_entry(index: u32) -> InputEntry {
    let at = span.inputs + INPUT_WORDS * index;
    return InputEntry(
        network_word(at),
        network_word(at + 1u),
        network_word(at + 2u),
        network_word(at + 3u),
        network_word(at + 4u),
        network_word(at + 5u),
        network_word(at + 6u),
        network_word(at + 7u),
    );
}

fn piece(index: u32) -> Piece {
    let at = span.pieces + ROW_PIECE_WORDS * index;
    return Piece(
        network_word(at),
        network_word(at + 1u),
        network_word(at + 2u),
        network_word(at + 3u),
        network_word(at + 4u),
        network_word(at + 5u),
        network_word(at + 6u),
        network_word(at + 7u),
        bitcast<i32>(network_word(at + 8u)),
        network_word(at + 9u),
        network_word(at + 10u),
        0u,
    );
}

fn row_word(at: u32) -> u32 {
    return network_word(at);
}

fn target_word(at: u32) -> u32 {
    return network_word(at);
}

fn value_word(at: u32) -> u32 {
    return network_word(at);
}

fn add_count(at: u32) {
    atomicAdd(&record[span.counts + at], 1i);
}

fn trace_at(at: u32) -> i32 {
    return atomicLoad(&record[span.traces + at]);
}

fn set_trace(at: u32, value: i32) {
    atomicStore(&record[span.traces + at], value);
}

fn point(k: u32) -> u32 {
    return bitcast<u32>(tables[span.points + k]);
}

// Words of the ring of a sample.
fn ring_words() -> u32 {
    return geometry.ring_slots * geometry.receptors * geometry.cells;
}

// The first of the words of cells' spikes of this step; steps take turns with two sets.
fn fired_words() -> u32 {
    return (clock.step & 1u) * (geometry.cells / 32u);
}

// The first of the words of channels' spikes of this step, likewise.
fn emitted_words() -> u32 {
    return 2u * (geometry.cells / 32u) + (clock.step & 1u) * (geometry.channels / 32u);
}

// 32 cells of this step.
fn spike_word(i: u32) -> u32 {
    return atomicLoad(&bits[fired_words() + i]);
}

// 32 channels of this step.
fn channel_word(i: u32) -> u32 {
    return atomicLoad(&bits[emitted_words() + i]);
}

// Adds to the ring of this sample.
fn gather(at: u32, amount: i32) {
    if SHARED {
        atomicAdd(&sums[at], amount);
    } else {
        atomicAdd(&record[lane * ring_words() + at], amount);
    }
}

// What is due at a receptor of a cell; leaves zero.
fn take(receptor: u32, cell: u32) -> i32 {
    let at = ((clock.step % geometry.ring_slots) * geometry.receptors + receptor) * geometry.cells + cell;
    if SHARED {
        let sum = atomicLoad(&sums[at]);
        atomicStore(&sums[at], 0i);
        return sum;
    }
    let own = lane * ring_words() + at;
    let sum = atomicLoad(&record[own]);
    atomicStore(&record[own], 0i);
    return sum;
}

// Before the first step of a dispatch: no spike, and the ring is taken into workgroup memory.
fn open(local: u32) {
    for (var k = local; k < (geometry.cells + geometry.channels) / 16u; k += WG) {
        atomicStore(&bits[k], 0u);
    }
    if SHARED {
        for (var k = local; k < ring_words(); k += WG) {
            atomicStore(&sums[k], atomicLoad(&record[lane * ring_words() + k]));
        }
    }
}

// After the last step: the ring is put back.
fn close(local: u32) {
    if SHARED {
        for (var k = local; k < ring_words(); k += WG) {
            atomicStore(&record[lane * ring_words() + k], atomicLoad(&sums[k]));
        }
    }
}

// Spikes of all channels, four of them an invocation.
fn emit(local: u32) {
    for (var channel = 4u * local; channel < geometry.channels; channel += 4u * WG) {
        let e = input_entry(bitcast<u32>(tables[span.blocks + channel / ALIGN]));
        if channel - e.first < e.size {
            let spikes = spikes_of(e, channel - e.first, lane);
            if spikes != 0u {
                atomicOr(&bits[emitted_words() + (channel >> 5u)], spikes << (channel & 31u));
            }
        }
    }
}

// Adds the rows of a source to the ring; `table` is where the pieces of blocks of sources are told.
fn deliver_source(source: u32, table: u32, member: u32) {
    let block = table + 2u * (source / ALIGN);
    for (var k = network_word(block); k < network_word(block + 1u); k += 1u) {
        let p = piece(k);
        let row = source - p.first_source;
        if row < p.sources {
            deliver_row(p, row, clock.step % geometry.ring_slots, member, TEAM);
        }
    }
}

// Delivers the spikes of some words of 32 sources each: teams share the words, and the members of a team a row.
fn deliver_words(first: u32, words: u32, table: u32, local: u32) {
    for (var k = local / TEAM; k < words; k += WG / TEAM) {
        var rest = atomicLoad(&bits[first + k]);
        let spikes = countOneBits(rest);
        for (var n = 0u; n < spikes; n += 1u) {
            deliver_source(32u * k + firstTrailingBit(rest), table, local % TEAM);
            rest &= rest - 1u;
        }
    }
}

// Draws for the cells from `cell`, which share one counter.
fn draw(p: PopulationEntry, cell: u32) -> vec4<u32> {
    if !NOISE || p.drive_kind < DRIVE_POISSON {
        return vec4<u32>();
    }
    let sample = clock.first_sample + lane;
    let counter = vec4<u32>((PURPOSE_DRIVE << 28u) | (p.index << 14u), (cell - p.first) >> 2u, clock.step, sample);
    return philox(counter, vec2<u32>(geometry.key_low, geometry.key_high));
}

// The step of one cell; true if it spiked. Padding stays as it is.
fn step_cell(p: PopulationEntry, cell: u32, u: u32) -> bool {
    let i = cell - p.first;
    if i >= p.size {
        return false;
    }
    var input: LifInput;
    input.exc = take(0u, cell);
    if geometry.receptors == 2u {
        input.inh = take(1u, cell);
    }
    let amount = drive_amount(p, u);
    if drive_inhibits(p) {
        input.inh += amount;
    } else {
        input.exc += amount;
    }
    input.current = fed_current(p, i, lane, clock.step);
    let at = lane * span.stride + cell;
    var s = load(at, geometry.cells, p.flags);
    let fired = lif_step(&s, constants(p, i), p.flags, input);
    store(at, geometry.cells, p.flags, s);
    return fired;
}

// One step of all cells; where drives draw, four cells an invocation, which share a draw.
fn step_cells(local: u32) {
    let run = select(1u, 4u, NOISE);
    for (var first = run * local; first < geometry.cells; first += run * WG) {
        let p = population(bitcast<u32>(tables[first / ALIGN]));
        let u = draw(p, first);
        var word = 0u;
        for (var k = 0u; k < run; k += 1u) {
            if step_cell(p, first + k, u[k]) {
                word |= 1u << ((first + k) & 31u);
            }
        }
        if word != 0u {
            atomicOr(&bits[fired_words() + (first >> 5u)], word);
        }
    }
}

// Makes room for the spikes of the next step.
fn clear_words(local: u32) {
    let cells = geometry.cells / 32u;
    let channels = geometry.channels / 32u;
    let other = 1u - (clock.step & 1u);
    for (var k = local; k < cells; k += WG) {
        atomicStore(&bits[other * cells + k], 0u);
    }
    for (var k = local; k < channels; k += WG) {
        atomicStore(&bits[2u * cells + other * channels + k], 0u);
    }
}

fn record_word(cell: u32, word: u32, recorded: u32) {
    let row = recorded * geometry.batch + lane;
    if recorded < observation.spike_steps {
        atomicStore(&record[span.recording + row * (geometry.cells / 32u) + cell / 32u], bitcast<i32>(word));
    }
    if recorded < observation.rate_steps && word != 0u {
        let population = bitcast<u32>(tables[cell / ALIGN]);
        let rates = span.recording + observation.rates + row * observation.populations;
        atomicAdd(&record[rates + population], bitcast<i32>(countOneBits(word)));
    }
}

// Counts, traces and records what the step did.
fn observe(local: u32) {
    let recorded = clock.step - clock.origin;
    let pitch = geometry.batch * geometry.cells;
    for (var cell = local; cell < geometry.cells; cell += WG) {
        let word = spike_word(cell >> 5u);
        let fired = ((word >> (cell & 31u)) & 1u) == 1u;
        if fired && observation.windows > 0u {
            count(lane * geometry.cells + cell, pitch, recorded);
        }
        if observation.traced == 1u {
            trace(lane * geometry.cells + cell, pitch, fired, recorded);
        }
        if (cell & 31u) == 0u {
            record_word(cell, word, recorded);
        }
    }
    if recorded < observation.potential_steps {
        let row = recorded * geometry.batch + lane;
        let first = span.recording + observation.potentials + row * observation.probes;
        for (var k = local; k < observation.probes; k += WG) {
            let v = state[lane * span.stride + point(observation.samples + k)];
            atomicStore(&record[first + k], v);
        }
    }
}
