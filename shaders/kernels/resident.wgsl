// Many steps of a batch in one dispatch. One workgroup: one sample, whose spikes (and delay ring, where it fits) are in
// workgroup memory. Twin: limnos_spec::twin::device::resident.
import package::common::layout;
import package::parts::resident;

override WG: u32 = 256u;
// Whether any population has a drive that draws.
override NOISE: bool = true;
// Whether any synapse comes from an input, and whether anything is observed.
override INPUTS: bool = true;
override OBSERVED: bool = true;
// Whether the ring of delay slots is in workgroup memory, and its words; words of spikes of two steps.
override SHARED: bool = true;
override SUMS: u32 = 1024u;
override BITS: u32 = 128u;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<uniform> observation: Observation;
@group(0) @binding(2) var<uniform> span: Span;
// Populations, inputs, pieces, then pieces of each block of 64 channels and of cells, row starts, targets, weights, delays.
@group(0) @binding(3) var<storage, read> network: array<u32>;
// Population of each block of 64 cells, constants and drives; input of each block of 64 channels; points of observation.
@group(0) @binding(4) var<storage, read> tables: array<i32>;
@group(0) @binding(5) var<storage, read> currents: array<i32>;
@group(0) @binding(6) var<storage, read> feed: array<u32>;
// State of all samples, `stride` words each: [field][cell].
@group(0) @binding(7) var<storage, read_write> state: array<i32>;
// The ring [sample][slot][receptor][cell]; traces now and sampled [k][sample][cell], counts [window][sample][cell], spikes
// [step][sample][word], potentials [step][sample][probe], rates [step][sample][population]
@group(0) @binding(8) var<storage, read_write> record: array<atomic<i32>>;

// [slot][receptor][cell]
var<workgroup> sums: array<atomic<i32>, SUMS>;
// Cells that spiked in an even and in an odd step, channels that did: 32 a word.
var<workgroup> bits: array<atomic<u32>, BITS>;

// The present step, and the sample's place in the batch.
var<private> clock: Clock;
var<private> lane: u32;

fn network_word(at: u32) -> u32 {
    return network[at];
}

@compute @workgroup_size(WG)
fn resident(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    lane = span.first_lane + group_index(group, groups);
    if span.first_lane + group_index(group, groups) >= span.end_lane {
        return;
    }
    clock = Clock(span.step, span.origin, span.first_sample, 0u);
    open(local);
    meet();
    for (var k = 0u; k < span.steps; k += 1u) {
        clock.step = span.step + k;
        if INPUTS && span.emits == 1u {
            emit(local);
            meet();
            deliver_words(emitted_words(), geometry.channels / 32u, span.channel_pieces, local);
            meet();
        }
        step_cells(local);
        meet();
        deliver_words(fired_words(), geometry.cells / 32u, span.cell_pieces, local);
        clear_words(local);
        if OBSERVED {
            observe(local);
        }
        meet();
    }
    close(local);
}
