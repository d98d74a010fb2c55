// One step of all neurons of a batch: pulls the spikes of all incoming synapses, steps the model, writes spikes as words
// of 32 samples. One invocation: one cell of one sample; 32 of them share each synapse and each word.
// Twin: limnos_spec::twin::device::lanes_step.
import package::common::layout;
import package::common::rng;
import package::models::lif;
import package::parts::neuron;

override WG: u32 = 64u;
// Whether any population has a drive that draws.
override NOISE: bool = true;

// Words of an IncomingPiece.
const PIECE_WORDS: u32 = 8u;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> populations: array<PopulationEntry>;
// Population of each block of 64 cells, then constants and drives.
@group(0) @binding(3) var<storage, read> tables: array<i32>;
@group(0) @binding(4) var<storage, read> currents: array<i32>;
// [field][cell][lane]
@group(0) @binding(5) var<storage, read_write> state: array<i32>;
// [slot][cell, then channel][word]
@group(0) @binding(6) var<storage, read_write> history: array<u32>;
// Pieces, row starts by target (as places in this table), synapses: source in 24 bits, delay in 8.
@group(0) @binding(7) var<storage, read> incoming: array<u32>;
// Two mantissas of 16 bits a word.
@group(0) @binding(8) var<storage, read> weights: array<u32>;

var<workgroup> fired_words: array<atomic<u32>, 8>;

fn incoming_piece(k: u32) -> IncomingPiece {
    var p: IncomingPiece;
    p.flags = incoming[PIECE_WORDS * k];
    p.rows = incoming[PIECE_WORDS * k + 1u];
    p.weights = incoming[PIECE_WORDS * k + 2u];
    p.weight = bitcast<i32>(incoming[PIECE_WORDS * k + 3u]);
    p.shift = incoming[PIECE_WORDS * k + 4u];
    return p;
}

// 1 if the source of a synapse spiked so many steps ago as its delay is.
fn arrives(synapse: u32, now: u32, lane: u32) -> u32 {
    let delay = synapse >> 24u;
    let slot = select(now - delay, now + geometry.history_slots - delay, delay > now);
    let source = slot * (geometry.cells + geometry.channels) + (synapse & 0xffffffu);
    return (history[source * (geometry.lanes / 32u) + lane / 32u] >> (lane & 31u)) & 1u;
}

fn mantissa(p: IncomingPiece, k: u32) -> i32 {
    let pair = bitcast<i32>(weights[p.weights + (k >> 1u)]);
    return (pair << ((1u - (k & 1u)) * 16u)) >> 16u;
}

// Sums of positive (or all) and of negative weights that arrive at neuron i from one piece.
fn pull(p: IncomingPiece, i: u32, lane: u32) -> vec2<i32> {
    let now = clock.step % geometry.history_slots;
    let first = incoming[p.rows];
    let start = incoming[p.rows + i];
    let end = incoming[p.rows + i + 1u];
    var sums = vec2<i32>();
    if (p.flags & WEIGHT_TABLE) == 0u {
        var count = 0u;
        for (var j = start; j < end; j += 1u) {
            count += arrives(incoming[j], now, lane);
        }
        let sum = p.weight * bitcast<i32>(count);
        return select(vec2<i32>(sum, 0i), vec2<i32>(0i, sum), p.weight < 0i);
    }
    for (var j = start; j < end; j += 1u) {
        let weight = mantissa(p, j - first) * bitcast<i32>(arrives(incoming[j], now, lane));
        sums += select(vec2<i32>(weight, 0i), vec2<i32>(0i, weight), weight < 0i);
    }
    return sums << vec2<u32>(p.shift);
}

fn draw(p: PopulationEntry, i: u32, lane: u32) -> u32 {
    if !NOISE || p.drive_kind < DRIVE_POISSON {
        return 0u;
    }
    let sample = clock.first_sample + lane;
    let counter = vec4<u32>((PURPOSE_DRIVE << 28u) | (p.index << 14u), i >> 2u, clock.step, sample);
    return philox(counter, vec2<u32>(geometry.key_low, geometry.key_high))[i & 3u];
}

// The step of one cell in one sample; true if it spiked. Padding stays as it is.
fn step_cell(cell: u32, lane: u32) -> bool {
    let p = populations[tables[cell / ALIGN]];
    let i = cell - p.first;
    if i >= p.size || lane >= geometry.batch {
        return false;
    }
    var sums = vec2<i32>();
    for (var k = 0u; k < p.pieces; k += 1u) {
        sums += pull(incoming_piece(p.first_piece + k), i, lane);
    }
    let amount = drive_amount(p, draw(p, i, lane));
    sums += select(vec2<i32>(amount, 0i), vec2<i32>(0i, amount), drive_inhibits(p));
    let input = LifInput(sums.x, sums.y, fed_current(p, i, lane, clock.step));
    let at = cell * geometry.lanes + lane;
    let pitch = geometry.cells * geometry.lanes;
    var s = load(at, pitch, p.flags);
    let fired = lif_step(&s, constants(p, i), p.flags, input);
    store(at, pitch, p.flags, s);
    return fired;
}

@compute @workgroup_size(WG)
fn lanes_step(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = group_index(group, groups) * WG + local;
    let lane = index % geometry.lanes;
    let cell = index / geometry.lanes;
    if cell < geometry.cells {
        if step_cell(cell, lane) {
            atomicOr(&fired_words[local >> 5u], 1u << (lane & 31u));
        }
    }
    workgroupBarrier();
    if (lane & 31u) == 0u && cell < geometry.cells {
        let slot = clock.step % geometry.history_slots;
        let source = slot * (geometry.cells + geometry.channels) + cell;
        history[source * (geometry.lanes / 32u) + lane / 32u] = atomicLoad(&fired_words[local >> 5u]);
    }
}
