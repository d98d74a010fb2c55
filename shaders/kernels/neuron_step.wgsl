// One step of all neurons: takes what is due, steps the model, writes spikes as bits and as a list.
// One invocation: one cell. Twin: limnos_spec::twin::device::neuron_step.
import package::common::layout;
import package::common::rng;
import package::models::lif;
import package::parts::neuron;

override WG: u32 = 64u;
// Whether any population has a drive that draws.
override NOISE: bool = true;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> populations: array<PopulationEntry>;
// Population of each block of 64 cells, then constants and drives.
@group(0) @binding(3) var<storage, read> tables: array<i32>;
@group(0) @binding(4) var<storage, read> currents: array<i32>;
// [field][cell]
@group(0) @binding(5) var<storage, read_write> state: array<i32>;
// [slot][receptor][cell]
@group(0) @binding(6) var<storage, read_write> ring: array<i32>;
// 32 cells a word
@group(0) @binding(7) var<storage, read_write> spikes: array<u32>;
// Number of spikes, then their cells in any order.
@group(0) @binding(8) var<storage, read_write> list: array<atomic<u32>>;

var<workgroup> fired_words: array<atomic<u32>, 8>;
// Draws of four neurons each: one counter serves four.
var<workgroup> draws: array<vec4<u32>, 64>;
var<workgroup> start: u32;

// Draws for the four cells from `cell`.
fn draw(cell: u32) -> vec4<u32> {
    let p = populations[tables[cell / ALIGN]];
    if p.drive_kind < DRIVE_POISSON {
        return vec4<u32>();
    }
    let counter =
        vec4<u32>((PURPOSE_DRIVE << 28u) | (p.index << 14u), (cell - p.first) >> 2u, clock.step, clock.first_sample);
    return philox(counter, vec2<u32>(geometry.key_low, geometry.key_high));
}

// What is due at a receptor of a cell; leaves zero.
fn take(receptor: u32, cell: u32) -> i32 {
    let at = ((clock.step % geometry.ring_slots) * geometry.receptors + receptor) * geometry.cells + cell;
    let sum = ring[at];
    if sum != 0i {
        ring[at] = 0i;
    }
    return sum;
}

// The step of one cell; true if it spiked. Padding cells stay as they are.
fn step_cell(cell: u32, u: u32) -> bool {
    let p = populations[tables[cell / ALIGN]];
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
    input.current = fed_current(p, i, 0u, clock.step);
    var s = load(cell, geometry.cells, p.flags);
    let fired = lif_step(&s, constants(p, i), p.flags, input);
    store(cell, geometry.cells, p.flags, s);
    return fired;
}

// Number of spikes of the workgroup in the words before `word`.
fn spikes_before(word: u32) -> u32 {
    var sum = 0u;
    for (var k = 0u; k < word; k += 1u) {
        sum += countOneBits(atomicLoad(&fired_words[k]));
    }
    return sum;
}

@compute @workgroup_size(WG)
fn neuron_step(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let first = group_index(group, groups) * WG;
    let cell = first + local;
    var u = 0u;
    if NOISE {
        if local < WG / 4u && first + 4u * local < geometry.cells {
            draws[local] = draw(first + 4u * local);
        }
        workgroupBarrier();
        u = draws[local >> 2u][local & 3u];
    }
    let mine = 1u << (local & 31u);
    var fired = false;
    if cell < geometry.cells {
        fired = step_cell(cell, u);
    }
    if fired {
        atomicOr(&fired_words[local >> 5u], mine);
    }
    workgroupBarrier();
    let word = atomicLoad(&fired_words[local >> 5u]);
    if mine == 1u && cell < geometry.cells {
        spikes[cell >> 5u] = word;
    }
    if local == 0u {
        let count = spikes_before(WG / 32u);
        if count > 0u {
            start = 1u + atomicAdd(&list[0], count);
        }
    }
    workgroupBarrier();
    if fired {
        atomicStore(&list[start + spikes_before(local >> 5u) + countOneBits(word & (mine - 1u))], cell);
    }
}
