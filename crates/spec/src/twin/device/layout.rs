//! The structs that the host and the kernels of a step share: the twin of `common/layout.wgsl`.

use crate::shared_struct;

/// A feed that emits nothing.
pub const FEED_SILENT: u32 = 0;
/// Bernoulli draws against thresholds.
pub const FEED_THRESHOLDS: u32 = 1;
/// Given spikes, 32 channels a word.
pub const FEED_SPIKES: u32 = 2;
/// No drive.
pub const DRIVE_NONE: u32 = 0;
/// The same amount each step.
pub const DRIVE_CONSTANT: u32 = 1;
/// A Poisson number of events.
pub const DRIVE_POISSON: u32 = 2;
/// A normal number.
pub const DRIVE_NORMAL: u32 = 3;
/// A piece has one target a word, else two.
pub const WIDE_TARGETS: u32 = 1;
/// A piece has a weight for each synapse.
pub const WEIGHT_TABLE: u32 = 2;
/// A piece has a delay for each synapse.
pub const DELAY_TABLE: u32 = 4;
/// Workgroups along x of a dispatch; more of them go along y.
pub const MAX_GROUPS: u32 = 65_535;

shared_struct! {
    /// The shape of the network and of the batch, and the seed's key.
    pub struct Geometry {
        /// Cells, padding included.
        pub cells: u32,
        /// Channels, padding included.
        pub channels: u32,
        /// Slots of the delay ring.
        pub ring_slots: u32,
        /// Input sums a cell and slot.
        pub receptors: u32,
        /// Low word of the key.
        pub key_low: u32,
        /// High word of the key.
        pub key_high: u32,
        /// Samples.
        pub batch: u32,
        /// Samples rounded up to whole words of 32.
        pub lanes: u32,
        /// Slots of the spike history (lanes only).
        pub history_slots: u32,
        /// Unused.
        pub pad_0: u32,
        /// Unused.
        pub pad_1: u32,
        /// Unused.
        pub pad_2: u32,
    }
}

shared_struct! {
    /// Where the run is.
    pub struct Clock {
        /// The step, from 0 at the last reset.
        pub step: u32,
        /// The first step after the last clearing of the recordings.
        pub origin: u32,
        /// Number of the first sample.
        pub first_sample: u32,
        /// Unused.
        pub pad: u32,
    }
}

shared_struct! {
    /// Indirect arguments of a delivery, the number of its spikes, and the step that they were emitted in.
    pub struct Stage {
        /// Workgroups along x.
        pub x: u32,
        /// Workgroups along y.
        pub y: u32,
        /// Workgroups along z.
        pub z: u32,
        /// Spikes.
        pub count: u32,
        /// The step they were emitted in.
        pub now: u32,
        /// Unused.
        pub pad_0: u32,
        /// Unused.
        pub pad_1: u32,
        /// Unused.
        pub pad_2: u32,
    }
}

shared_struct! {
    /// An input and what it emits.
    pub struct InputEntry {
        /// First cell or channel.
        pub first: u32,
        /// Neurons or channels, padding excluded.
        pub size: u32,
        /// Its index: the object of its random stream.
        pub index: u32,
        /// One of the `FEED_` kinds.
        pub kind: u32,
        /// First word of its feed.
        pub offset: u32,
        /// Rows: their number a sample in a feed, the first word of the row starts in a table.
        pub rows: u32,
        /// Words from a sample to the next; 0: all samples share the rows.
        pub stride: u32,
        /// First step fed.
        pub start: u32,
    }
}

shared_struct! {
    /// A population: where its constants, drive, fed currents and incoming synapses are.
    pub struct PopulationEntry {
        /// First cell or channel.
        pub first: u32,
        /// Neurons or channels, padding excluded.
        pub size: u32,
        /// Its index: the object of its random stream.
        pub index: u32,
        /// Flags.
        pub flags: u32,
        /// Bit k: constant k has a value for each neuron.
        pub varied: u32,
        /// Constant k that all share is at `same + k`.
        pub same: u32,
        /// First of the values that differ, `size` words a constant.
        pub each: u32,
        /// One of the `DRIVE_` kinds.
        pub drive_kind: u32,
        /// First word of the thresholds or quantiles.
        pub drive: u32,
        /// Number of thresholds.
        pub drive_length: u32,
        /// Events that are certain.
        pub drive_base: u32,
        /// Amount of an event, or the constant amount.
        pub drive_weight: i32,
        /// First word of the fed currents.
        pub current: u32,
        /// Rows of them; 0: none.
        pub current_rows: u32,
        /// Words from a sample to the next.
        pub current_stride: u32,
        /// First step fed.
        pub current_start: u32,
        /// First incoming piece (lanes only).
        pub first_piece: u32,
        /// Number of incoming pieces (lanes only).
        pub pieces: u32,
        /// Unused.
        pub pad_0: u32,
        /// Unused.
        pub pad_1: u32,
    }
}

shared_struct! {
    /// Rows of a projection in a shard: of sources `first_source ..+ sources`, by source.
    pub struct Piece {
        /// First source.
        pub first_source: u32,
        /// Number of sources.
        pub sources: u32,
        /// First cell of the target population.
        pub first_target: u32,
        /// Flags.
        pub flags: u32,
        /// Rows: their number a sample in a feed, the first word of the row starts in a table.
        pub rows: u32,
        /// First word of its targets.
        pub targets: u32,
        /// First word of its weights.
        pub weights: u32,
        /// First word of its delays.
        pub delays: u32,
        /// The weight of all.
        pub weight: i32,
        /// The shift of the mantissas.
        pub shift: u32,
        /// The delay of all.
        pub delay: u32,
        /// Unused.
        pub pad: u32,
    }
}

shared_struct! {
    /// Incoming rows of a projection, by target.
    pub struct IncomingPiece {
        /// Flags.
        pub flags: u32,
        /// Rows: their number a sample in a feed, the first word of the row starts in a table.
        pub rows: u32,
        /// First word of its weights.
        pub weights: u32,
        /// The weight of all.
        pub weight: i32,
        /// The shift of the mantissas.
        pub shift: u32,
        /// Unused.
        pub pad_0: u32,
        /// Unused.
        pub pad_1: u32,
        /// Unused.
        pub pad_2: u32,
    }
}

shared_struct! {
    /// What is observed, and where it goes. A capacity or count of 0: not observed.
    pub struct Observation {
        /// Windows of spike counts.
        pub windows: u32,
        /// Steps of a window; 0: one without end.
        pub window_steps: u32,
        /// Decay of the traces, Q0.31.
        pub trace_decay: i32,
        /// What a spike adds to a trace.
        pub trace_one: i32,
        /// 1 if traces are kept.
        pub traced: u32,
        /// Number of steps after which traces are sampled.
        pub samples: u32,
        /// Number of cells whose potential is recorded.
        pub probes: u32,
        /// Room for potentials, steps.
        pub potential_steps: u32,
        /// Room for spikes, steps.
        pub spike_steps: u32,
        /// Room for rates, steps.
        pub rate_steps: u32,
        /// Number of populations.
        pub populations: u32,
        /// First word of the potentials in the recording.
        pub potentials: u32,
        /// First word of the rates in the recording.
        pub rates: u32,
        /// Unused.
        pub pad_0: u32,
        /// Unused.
        pub pad_1: u32,
        /// Unused.
        pub pad_2: u32,
    }
}

shared_struct! {
    /// The resident regime: where the run is, for how many steps, and where the sections of merged tables start.
    pub struct Span {
        /// The step at which the dispatch starts.
        pub step: u32,
        /// The first step after the last clearing of the recordings.
        pub origin: u32,
        /// Number of the first sample.
        pub first_sample: u32,
        /// Steps of the dispatch.
        pub steps: u32,
        /// First sample of the dispatch, counted within the batch.
        pub first_lane: u32,
        /// The end of its samples.
        pub end_lane: u32,
        /// 1 if any input may emit.
        pub emits: u32,
        /// Words of the state from a sample to the next.
        pub stride: u32,
        /// Where the learner is in them.
        pub learner: u32,
        /// Plastic weights of a sample.
        pub weights: u32,
        /// First word of the populations in `network`.
        pub populations: u32,
        /// The same for inputs.
        pub inputs: u32,
        /// The same for pieces.
        pub pieces: u32,
        /// The same: for each block of 64 channels the first and the end of the pieces that may hold it.
        pub channel_pieces: u32,
        /// The same for blocks of cells.
        pub cell_pieces: u32,
        /// In `tables`: the input of each block of 64 channels.
        pub blocks: u32,
        /// In `tables`: steps at which traces are sampled, then cells of probes.
        pub points: u32,
        /// In `record`, after the ring: traces.
        pub traces: u32,
        /// In `record`: counts.
        pub counts: u32,
        /// In `record`: what is recorded by step.
        pub recording: u32,
        /// In `record`: outputs of astrocytes.
        pub course: u32,
        /// Unused.
        pub pad_0: u32,
        /// Unused.
        pub pad_1: u32,
        /// Unused.
        pub pad_2: u32,
    }
}

/// Every shared struct, to be compared with the WGSL of the same name.
pub const STRUCTS: &[crate::shared::StructLayout] = &[
    Geometry::LAYOUT,
    Clock::LAYOUT,
    Stage::LAYOUT,
    InputEntry::LAYOUT,
    PopulationEntry::LAYOUT,
    Piece::LAYOUT,
    IncomingPiece::LAYOUT,
    Observation::LAYOUT,
    Span::LAYOUT,
];
