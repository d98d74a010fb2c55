// Counts, traces and records what the step just ended did in every sample of a batch. One invocation: one cell (and one
// probe) of one sample. Twin: limnos_spec::twin::device::lanes_observe.
import package::common::layout;
import package::parts::observation;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<uniform> observation: Observation;
// Already moved on: the step observed is the one before.
@group(0) @binding(2) var<storage, read> clock: Clock;
// [slot][cell, then channel][word]
@group(0) @binding(3) var<storage, read> history: array<u32>;
// [field][cell][lane]
@group(0) @binding(4) var<storage, read> state: array<i32>;
// Steps at which traces are sampled, cells of probes, population of each block of 64 cells.
@group(0) @binding(5) var<storage, read> points: array<u32>;
// [window][cell][lane]
@group(0) @binding(6) var<storage, read_write> counts: array<u32>;
// [cell][lane], then samples [k][cell][lane]
@group(0) @binding(7) var<storage, read_write> traces: array<i32>;
// Spikes [step][cell][word], potentials [step][sample][probe], rates [step][sample][population]
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

fn record_potential(probe: u32, lane: u32, recorded: u32) {
    let v = state[points[observation.samples + probe] * geometry.lanes + lane];
    let row = recorded * geometry.batch + lane;
    atomicStore(&recording[observation.potentials + row * observation.probes + probe], bitcast<u32>(v));
}

fn add_rate(cell: u32, lane: u32, recorded: u32) {
    let population = points[observation.samples + observation.probes + cell / ALIGN];
    let row = recorded * geometry.batch + lane;
    atomicAdd(&recording[observation.rates + row * observation.populations + population], 1u);
}

@compute @workgroup_size(WG)
fn lanes_observe(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = group_index(group, groups) * WG + local;
    let lane = index % geometry.lanes;
    let cell = index / geometry.lanes;
    let recorded = clock.step - 1u - clock.origin;
    // The first lane of a word is always within the batch.
    if lane >= geometry.batch {
        return;
    }
    if cell < observation.probes && recorded < observation.potential_steps {
        record_potential(cell, lane, recorded);
    }
    if cell >= geometry.cells {
        return;
    }
    let slot = (clock.step - 1u) % geometry.history_slots;
    let words = geometry.lanes / 32u;
    let word = history[(slot * (geometry.cells + geometry.channels) + cell) * words + lane / 32u];
    let pitch = geometry.cells * geometry.lanes;
    let fired = ((word >> (lane & 31u)) & 1u) == 1u;
    if fired && observation.windows > 0u {
        count(index, pitch, recorded);
    }
    if observation.traced == 1u {
        trace(index, pitch, fired, recorded);
    }
    if (lane & 31u) == 0u && recorded < observation.spike_steps {
        atomicStore(&recording[(recorded * geometry.cells + cell) * words + lane / 32u], word);
    }
    if fired && recorded < observation.rate_steps {
        add_rate(cell, lane, recorded);
    }
}
