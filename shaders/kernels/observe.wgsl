// Counts, traces and records what the step just ended did. One invocation: one cell (and one probe).
// Twin: limnos_spec::twin::device::observe.
import package::common::layout;
import package::parts::observation;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<uniform> observation: Observation;
// Already moved on: the step observed is the one before.
@group(0) @binding(2) var<storage, read> clock: Clock;
@group(0) @binding(3) var<storage, read> spikes: array<u32>;
@group(0) @binding(4) var<storage, read> state: array<i32>;
// Steps at which traces are sampled, cells of probes, population of each block of 64 cells.
@group(0) @binding(5) var<storage, read> points: array<u32>;
// [window][cell]
@group(0) @binding(6) var<storage, read_write> counts: array<u32>;
// [cell], then samples [k][cell]
@group(0) @binding(7) var<storage, read_write> traces: array<i32>;
// Spikes [step][word], potentials [step][probe], rates [step][population]
@group(0) @binding(8) var<storage, read_write> recording: array<atomic<u32>>;

fn add_count(at: u32) {
    counts[at] += 1u;
}

fn trace_at(at: u32) -> i32 {
    return traces[at];
}

fn set_trace(at: u32, value: i32) {
    traces[at] = value;
}

fn point(k: u32) -> u32 {
    return points[k];
}

fn record_word(cell: u32, word: u32, recorded: u32) {
    if recorded < observation.spike_steps {
        atomicStore(&recording[recorded * (geometry.cells / 32u) + cell / 32u], word);
    }
    if recorded < observation.rate_steps && word != 0u {
        let population = points[observation.samples + observation.probes + cell / ALIGN];
        let at = observation.rates + recorded * observation.populations + population;
        atomicAdd(&recording[at], countOneBits(word));
    }
}

@compute @workgroup_size(WG)
fn observe(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let cell = group_index(group, groups) * WG + local;
    let recorded = clock.step - 1u - clock.origin;
    if cell < observation.probes && recorded < observation.potential_steps {
        let v = state[points[observation.samples + cell]];
        atomicStore(&recording[observation.potentials + recorded * observation.probes + cell], bitcast<u32>(v));
    }
    if cell >= geometry.cells {
        return;
    }
    let word = spikes[cell / 32u];
    let fired = ((word >> (cell & 31u)) & 1u) == 1u;
    if fired && observation.windows > 0u {
        count(cell, geometry.cells, recorded);
    }
    if observation.traced == 1u {
        trace(cell, geometry.cells, fired, recorded);
    }
    if (cell & 31u) == 0u {
        record_word(cell, word, recorded);
    }
}
