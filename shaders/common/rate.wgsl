// The structs that the host and the kernels of rate reservoirs share, and where things lie. Twin: limnos_spec::twin::device::rate.

// Rows of the weights lie 32 side by side: entry j of a row is this many words after entry j - 1, so that neighbouring rows are
// read together.
const ROW_STRIDE: u32 = 32u;
// Stream of random numbers: limnos_spec::rng::Purpose.
const PURPOSE_NOISE: u32 = 9u;
// A unit's kind: its activation in the low bits, its layer above.
const ACTIVATION_BITS: u32 = 2u;

const MAP_RAW: u32 = 0u;
const MAP_SQUARED_ALTERNATE: u32 = 1u;
const MAP_RAW_AND_SQUARED: u32 = 2u;

const LOOP_OPEN: u32 = 0u;
const LOOP_TO_INPUTS: u32 = 1u;
const LOOP_TO_FEEDBACK: u32 = 2u;

// The shape of the models, the samples and the readout.
struct RateShape {
    inputs: u32,
    feedback: u32,
    units: u32,
    layers: u32,
    // Samples, and how many of them one after another share a model.
    samples: u32,
    per_member: u32,
    // 1: samples are side by side for each item, [item][sample]; 0: [sample][item].
    interleaved: u32,
    // Number of the first sample.
    first_sample: u32,
    // What a readout reads: [1 if with_bias][inputs if with_inputs][the map of the states]; and how much it gives.
    outputs: u32,
    features: u32,
    with_bias: u32,
    with_inputs: u32,
    map: u32,
    // In `table`, after the keys of the members: first units of the layers and their end, lengths of the samples.
    layers_at: u32,
    lengths_at: u32,
    // In `state`, after the states: the inputs of the last step.
    last_at: u32,
}

// Some steps one after another.
struct RateSpan {
    // The first of them, counted from the last reset and from the start of the run, and how many.
    step: u32,
    row: u32,
    steps: u32,
    // The half of `state` that holds the states before the first step.
    half: u32,
    // First word of the feedback in `drive`, of the outputs in `record`.
    feedback_at: u32,
    outputs_at: u32,
    // Where outputs go, and whether they are computed. Outputs k are those before step k and those k + 1 after it.
    closed: u32,
    reads_out: u32,
}

// One layer in one of those steps: its units.
struct RateMoment {
    k: u32,
    first: u32,
    end: u32,
    pad: u32,
}

struct RateUnit {
    // First entry of its row, and how many there are.
    start: u32,
    length: u32,
    // 1 - leak, leak.
    keep: f32,
    leak: f32,
    gain: f32,
    bias: f32,
    noise: f32,
    kind: u32,
}

// Rows of a piece of a run that are added to the products of features.
struct RateRows {
    // Steps of the piece that count, and the place of its first step in the run.
    first: u32,
    end: u32,
    row: u32,
    // Targets, and features and targets together.
    targets: u32,
    columns: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

// The place of an item of a sample in row `row` of rows of `width` items a sample.
fn place(interleaved: u32, samples: u32, row: u32, width: u32, item: u32, lane: u32) -> u32 {
    return row * width * samples + select(lane * width + item, item * samples + lane, interleaved == 1u);
}
