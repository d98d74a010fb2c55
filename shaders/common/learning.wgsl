// The tables of what a network learns with, and where they are. Twin: limnos_spec::twin::device::learning.
//
// Units of all lines, then of all filters, share one index space, the unit space; each group starts at a multiple of 64, so that a word of
// 32 units is of one group. Tables are words, so that one buffer holds them all; `parts/learning.wgsl` reads entries from them.

// What a network learns with: numbers of entries, where each kind of entry starts in the tables, and where state starts in the learner.
struct Learning {
    lines: u32,
    filters: u32,
    traces: u32,
    changes: u32,
    rates: u32,
    astrocytes: u32,
    // Units of the unit space, padding included.
    units: u32,
    // Tables: the group of each block of 64 units (a line, or a filter behind the lines), then entries.
    blocks: u32,
    line_table: u32,
    filter_table: u32,
    trace_table: u32,
    change_table: u32,
    rate_table: u32,
    gate_table: u32,
    rule_table: u32,
    astrocyte_table: u32,
    watch_table: u32,
    // Learner: rates, and a bit for each unit that has its event in this step (or whose filter is not 0).
    rate_state: u32,
    events: u32,
    // Steps of astrocytes' outputs that are recorded.
    course: u32,
}

const FROM_INPUT: u32 = 1u;

// Events of sources: the spikes of a population or input, `delay` steps late.
struct LineEntry {
    flags: u32,
    // First cell or channel, and how many.
    first: u32,
    size: u32,
    delay: u32,
    // First unit in the unit space.
    unit: u32,
    // Learner: events under way, [step modulo delay][word].
    way: u32,
}

const LINE_WORDS: u32 = 6u;

// A filter of a line's units.
struct FilterEntry {
    line: u32,
    decay: i32,
    cutoff: i32,
    unit: u32,
    // Learner: values.
    at: u32,
}

const FILTER_WORDS: u32 = 5u;

// A trace of a line's units.
struct TraceEntry {
    line: u32,
    decay: i32,
    one: i32,
    nearest: u32,
    at: u32,
}

const TRACE_WORDS: u32 = 5u;

const OF_SOURCE: u32 = 1u;
const AFTER_EVENT: u32 = 2u;

// Changes of every unit of a trace in a step: of units below `split` with the first factors, of the others with the second.
struct ChangeEntry {
    line: u32,
    trace: u32,
    flags: u32,
    split: u32,
    // Learner: values.
    at: u32,
    // One more than the gate outside of which nothing changes; 0: none.
    gate: u32,
    rate: u32,
    shift: u32,
    limit: i32,
    negative: u32,
    high_rate: u32,
    high_shift: u32,
    high_limit: i32,
    high_negative: u32,
}

const CHANGE_WORDS: u32 = 14u;

// A rate: one more than the astrocyte whose output it scales (0: none), and its decay.
struct RateEntry {
    astrocyte: u32,
    decay: i32,
}

const RATE_WORDS: u32 = 2u;

// A window of a trace.
struct GateEntry {
    trace: u32,
    low: i32,
    high: i32,
}

const GATE_WORDS: u32 = 3u;

const MULTIPLICATIVE: u32 = 1u;
const TRIPLET: u32 = 2u;

// How the weights of a projection change. Pairs of values are for excitatory and for inhibitory sources.
struct RuleEntry {
    flags: u32,
    // The first inhibitory source.
    split: u32,
    // Changes: of sources, of targets.
    post: u32,
    pre: u32,
    pre_high: u32,
    low: i32,
    high: i32,
    low_high: i32,
    high_high: i32,
    // One more than the gates of potentiation; 0: none.
    gate: u32,
    gate_high: u32,
    // What triplets add: changes of sources and targets, slow traces of both and their fractional bits, the largest change.
    triplet_post: u32,
    triplet_pre: u32,
    triplet_pre_high: u32,
    source_trace: u32,
    target_trace: u32,
    source_bits: u32,
    target_bits: u32,
    limit: i32,
}

const RULE_WORDS: u32 = 19u;

const LEAKY: u32 = 0xffffffffu;

// An astrocyte and whom it watches. Learner: output, bias, then gains; with calcium then IP3 less its rest, calcium and h.
struct AstrocyteEntry {
    at: u32,
    rate: i32,
    decay: i32,
    watch: u32,
    watches: u32,
    // Calcium dynamics: first word of the tables (LEAKY: none), IP3 at rest and its decay.
    calcium: u32,
    rest: i32,
    ip3_decay: i32,
}

const ASTROCYTE_WORDS: u32 = 8u;

const ALL_MEMBERS: u32 = 0xffffffffu;

// A group that an astrocyte watches: its words of spikes, and in the tables who of them is watched (ALL_MEMBERS: everyone).
struct WatchEntry {
    flags: u32,
    word: u32,
    words: u32,
    members: u32,
}

const WATCH_WORDS: u32 = 4u;

const NO_RULE: u32 = 0xffffffffu;
const PIECE_WIDE: u32 = 1u;
const PIECE_DELAYS: u32 = 2u;
const PIECE_FILTERED: u32 = 4u;

// Rows of a plastic or filtered projection in a shard: of `sources` units of its line from `source` on.
struct PlasticPiece {
    flags: u32,
    line: u32,
    // The group whose units deliver: the line, or the filter behind the lines; and its first unit in the unit space.
    group: u32,
    group_unit: u32,
    line_unit: u32,
    source: u32,
    sources: u32,
    // First target cell, and how many there are.
    target_cell: u32,
    target_count: u32,
    // Words of the shard's synapses: row starts (counted from the piece's first synapse), targets, delays, column starts, then for each
    // entry of a column its source and its synapse.
    rows: u32,
    targets: u32,
    delays: u32,
    columns: u32,
    entries: u32,
    // First weight of the piece.
    weights: u32,
    // The rule; NO_RULE: none.
    rule: u32,
    delay: u32,
    // Fractional bits of weights beyond those of the membrane.
    shift: u32,
    // First unit of the target line in the unit space.
    target_unit: u32,
    pad: u32,
}

const PIECE_WORDS: u32 = 20u;
