// The structs that the host and the kernels of a step share. Twin: limnos_spec::twin::device::layout.

// Cells of a population and channels of an input start at a multiple of this.
const ALIGN: u32 = 64u;
// Workgroups along x of a dispatch; more of them go along y.
const MAX_GROUPS: u32 = 65535u;
// Streams of random numbers: limnos_spec::rng::Purpose.
const PURPOSE_SOURCE: u32 = 1u;
const PURPOSE_DRIVE: u32 = 2u;

// The shape of the network and of the batch, and the seed's key.
struct Geometry {
    cells: u32,
    channels: u32,
    ring_slots: u32,
    receptors: u32,
    key_low: u32,
    key_high: u32,
    // Samples, and samples rounded up to whole words of 32.
    batch: u32,
    lanes: u32,
    // Slots of the spike history (lanes only).
    history_slots: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

// Where the run is.
struct Clock {
    // The step, from 0 at the last reset.
    step: u32,
    // The first step after the last clearing of the recordings.
    origin: u32,
    // Number of the first sample.
    first_sample: u32,
    pad: u32,
}

// Indirect arguments of a delivery, the number of its spikes, and the step that they were emitted in.
struct Stage {
    x: u32,
    y: u32,
    z: u32,
    count: u32,
    now: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

const FEED_SILENT: u32 = 0u;
const FEED_THRESHOLDS: u32 = 1u;
const FEED_SPIKES: u32 = 2u;

// An input and what it emits.
struct InputEntry {
    first: u32,
    size: u32,
    index: u32,
    kind: u32,
    // First word of its feed, rows a sample, words from a sample to the next (0: all samples share the rows), first step fed.
    offset: u32,
    rows: u32,
    stride: u32,
    start: u32,
}

const DRIVE_NONE: u32 = 0u;
const DRIVE_CONSTANT: u32 = 1u;
const DRIVE_POISSON: u32 = 2u;
const DRIVE_NORMAL: u32 = 3u;

// A population: where its constants, drive, fed currents and incoming synapses are.
struct PopulationEntry {
    first: u32,
    size: u32,
    index: u32,
    flags: u32,
    // Bit k: constant k has a value for each neuron, in the table from `each` on; the others are at `same + k`.
    varied: u32,
    same: u32,
    each: u32,
    drive_kind: u32,
    // Table of thresholds or quantiles, its length, certain events, amount of an event (or the constant amount).
    drive: u32,
    drive_length: u32,
    drive_base: u32,
    drive_weight: i32,
    // Fed currents: first word, rows (0: none), words from a sample to the next, first step fed.
    current: u32,
    current_rows: u32,
    current_stride: u32,
    current_start: u32,
    // Incoming pieces (lanes only).
    first_piece: u32,
    pieces: u32,
    pad_0: u32,
    pad_1: u32,
}

const WIDE_TARGETS: u32 = 1u;
const WEIGHT_TABLE: u32 = 2u;
const DELAY_TABLE: u32 = 4u;

// Rows of a projection in a shard: of sources `first_source ..+ sources`, by source.
struct Piece {
    first_source: u32,
    sources: u32,
    first_target: u32,
    flags: u32,
    // First word of its row starts, targets, weights and delays in the shard's tables.
    rows: u32,
    targets: u32,
    weights: u32,
    delays: u32,
    // The weight of all, or the shift of the mantissas; the delay of all.
    weight: i32,
    shift: u32,
    delay: u32,
    pad: u32,
}

// Incoming rows of a projection, by target (lanes).
struct IncomingPiece {
    flags: u32,
    // First word of its row starts and of its weights.
    rows: u32,
    weights: u32,
    // The weight of all, or the shift of the mantissas.
    weight: i32,
    shift: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

// What is observed, and where it goes. A capacity or count of 0: not observed.
struct Observation {
    windows: u32,
    // Steps of a window; 0: one without end.
    window_steps: u32,
    trace_decay: i32,
    trace_one: i32,
    // Steps after which traces are sampled: `points[0 ..+ samples]`; traces are kept if `traced` is 1.
    traced: u32,
    samples: u32,
    // Cells whose potential is recorded: `points[samples ..+ probes]`.
    probes: u32,
    potential_steps: u32,
    spike_steps: u32,
    rate_steps: u32,
    populations: u32,
    // First words of potentials and rates in the recording; spikes are at 0.
    potentials: u32,
    rates: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

// The resident regime: where the run is, for how many steps, and where the sections of merged tables start.
struct Span {
    // The clock at the first step, and the steps of the dispatch.
    step: u32,
    origin: u32,
    first_sample: u32,
    steps: u32,
    // Samples of the dispatch.
    first_lane: u32,
    end_lane: u32,
    // 1 if any input may emit.
    emits: u32,
    // Words of the state from a sample to the next, and where in them the learner is.
    stride: u32,
    learner: u32,
    // Weights of a sample.
    weights: u32,
    // In `network`: populations, inputs, pieces, and for each block of 64 channels or cells the first and the end of the
    // pieces that may hold it.
    populations: u32,
    inputs: u32,
    pieces: u32,
    channel_pieces: u32,
    cell_pieces: u32,
    // In `tables`: the input of each block of 64 channels; steps at which traces are sampled and cells of probes.
    blocks: u32,
    points: u32,
    // In `record`, after the ring: traces, counts, what is recorded by step, outputs of astrocytes.
    traces: u32,
    counts: u32,
    recording: u32,
    course: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

// The number of a workgroup in a dispatch that is split over x and y.
fn group_index(group: vec3<u32>, groups: vec3<u32>) -> u32 {
    return group.y * groups.x + group.x;
}
