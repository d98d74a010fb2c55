// Many steps of a batch that learns in one dispatch, every sample with weights of its own. One workgroup: one sample, as in
// `kernels/resident`. Twin: limnos_spec::twin::device::resident_plastic.
import package::common::layout;
import package::parts::resident;
import package::parts::resident_learning;

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
// Words that gather what astrocytes watch.
override ASTROCYTES: u32 = 1u;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<uniform> observation: Observation;
@group(0) @binding(2) var<uniform> span: Span;
@group(0) @binding(3) var<uniform> learning: Learning;
// Plastic synapses, then as in `kernels/resident`.
@group(0) @binding(4) var<storage, read> network: array<u32>;
// What it learns with: see `common/learning`.
@group(0) @binding(5) var<storage, read> plastic_tables: array<u32>;
// Population of each block of 64 cells, constants and drives; input of each block of 64 channels; points of observation.
@group(0) @binding(6) var<storage, read> tables: array<i32>;
@group(0) @binding(7) var<storage, read> currents: array<i32>;
@group(0) @binding(8) var<storage, read> feed: array<u32>;
// State of all samples, `stride` words each: [field][cell], then the learner.
@group(0) @binding(9) var<storage, read_write> state: array<i32>;
// The ring [sample][slot][receptor][cell]; traces now and sampled [k][sample][cell], counts [window][sample][cell], spikes
// [step][sample][word], potentials [step][sample][probe], rates [step][sample][population], outputs [step][sample][astrocyte]
@group(0) @binding(10) var<storage, read_write> record: array<atomic<i32>>;
// [sample of the dispatch][synapse]
@group(0) @binding(11) var<storage, read_write> plastic_weights: array<i32>;

// [slot][receptor][cell]
var<workgroup> sums: array<atomic<i32>, SUMS>;
// Cells that spiked in an even and in an odd step, channels that did: 32 a word.
var<workgroup> bits: array<atomic<u32>, BITS>;
var<workgroup> watched: array<atomic<i32>, ASTROCYTES>;

// The present step, and the sample's place in the batch.
var<private> clock: Clock;
var<private> lane: u32;

fn network_word(at: u32) -> u32 {
    return network[at];
}

@compute @workgroup_size(WG)
fn resident_plastic(
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
        // What inputs emit and what arrives, then what neurons do: twice the same phases, which are long when compiled.
        for (var half = 0u; half < 2u; half += 1u) {
            let late = half == 1u;
            if late {
                step_cells(local);
            } else if INPUTS && span.emits == 1u {
                emit(local);
            }
            meet();
            let first = select(emitted_words(), fired_words(), late);
            let words = select(geometry.channels, geometry.cells, late) / 32u;
            deliver_words(first, words, select(span.channel_pieces, span.cell_pieces, late), local);
            mark_events(late, local);
            meet();
            deliver_events(late, local);
            if late {
                weigh(local);
                if OBSERVED {
                    observe(local);
                }
            }
            meet();
        }
        change_weights(local);
        watch(local);
        meet();
        finish(local);
        clear_words(local);
        meet();
    }
    close(local);
}
