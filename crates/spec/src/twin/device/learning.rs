//! What a network learns with, in the GPU's layout: the twin of `common/learning.wgsl`, `parts/learning.wgsl` and `parts/learner.wgsl`.
//!
//! Units of all lines, then of all filters, share one index space, the *unit space*; each group starts at a multiple of 64. Tables are words
//! in one buffer; so is the *learner*: all that a sample learns with beside its weights.

use bytemuck::{Pod, cast_slice, pod_read_unaligned};

use crate::fixed::Q31_ONE;
use crate::shared_struct;
use crate::twin::stdp;

/// The units of a line are channels of an input.
pub const FROM_INPUT: u32 = 1;
/// A change belongs to sources: columns take it, and it is 0 for units with an event in the step.
pub const OF_SOURCE: u32 = 1;
/// An event counts in its own step.
pub const AFTER_EVENT: u32 = 2;
/// Changes are Q0.31 fractions of the distance to the bound.
pub const MULTIPLICATIVE: u32 = 1;
/// A rule has triplets.
pub const TRIPLET: u32 = 2;
/// Everyone of a group is watched.
pub const ALL_MEMBERS: u32 = u32::MAX;
/// An astrocyte without calcium dynamics.
pub const LEAKY: u32 = u32::MAX;
/// A piece without a rule.
pub const NO_RULE: u32 = u32::MAX;
/// A piece has one target a word, else two.
pub const PIECE_WIDE: u32 = 1;
/// A piece has a delay for each synapse.
pub const PIECE_DELAYS: u32 = 2;
/// A piece delivers while its filter is not 0.
pub const PIECE_FILTERED: u32 = 4;

shared_struct! {
    /// What a network learns with: numbers of entries, where each kind of entry starts in the tables, and where state starts in the learner.
    pub struct Learning {
        /// Lines.
        pub lines: u32,
        /// Filters.
        pub filters: u32,
        /// Traces.
        pub traces: u32,
        /// Changes.
        pub changes: u32,
        /// Rates.
        pub rates: u32,
        /// Astrocytes.
        pub astrocytes: u32,
        /// Units of the unit space, padding included.
        pub units: u32,
        /// Tables: the group of each block of 64 units (a line, or a filter behind the lines).
        pub blocks: u32,
        /// Tables: lines.
        pub line_table: u32,
        /// Tables: filters.
        pub filter_table: u32,
        /// Tables: traces.
        pub trace_table: u32,
        /// Tables: changes.
        pub change_table: u32,
        /// Tables: rates.
        pub rate_table: u32,
        /// Tables: gates.
        pub gate_table: u32,
        /// Tables: rules.
        pub rule_table: u32,
        /// Tables: astrocytes.
        pub astrocyte_table: u32,
        /// Tables: watched groups.
        pub watch_table: u32,
        /// Learner: rates.
        pub rate_state: u32,
        /// Learner: a bit for each unit that has its event in this step (or whose filter is not 0).
        pub events: u32,
        /// Steps of astrocytes' outputs that are recorded.
        pub course: u32,
    }
}

shared_struct! {
    /// Events of sources: the spikes of a population or input, `delay` steps late.
    pub struct LineEntry {
        /// [`FROM_INPUT`].
        pub flags: u32,
        /// First cell or channel.
        pub first: u32,
        /// Number of units.
        pub size: u32,
        /// Steps from spike to event.
        pub delay: u32,
        /// First unit in the unit space.
        pub unit: u32,
        /// Learner: events under way, `[step modulo delay][word]`.
        pub way: u32,
    }
}

shared_struct! {
    /// A filter of a line's units.
    pub struct FilterEntry {
        /// The line.
        pub line: u32,
        /// Decay a step, Q0.31.
        pub decay: i32,
        /// Values below are 0.
        pub cutoff: i32,
        /// First unit in the unit space.
        pub unit: u32,
        /// Learner: values.
        pub at: u32,
    }
}

shared_struct! {
    /// A trace of a line's units.
    pub struct TraceEntry {
        /// The line.
        pub line: u32,
        /// Decay a step, Q0.31.
        pub decay: i32,
        /// What an event adds, or sets.
        pub one: i32,
        /// 1 if only the last event counts.
        pub nearest: u32,
        /// Learner: values.
        pub at: u32,
    }
}

shared_struct! {
    /// Changes of every unit of a trace in a step: of units below `split` with the first factors, of the others with the second.
    pub struct ChangeEntry {
        /// The line of the trace.
        pub line: u32,
        /// The trace.
        pub trace: u32,
        /// [`OF_SOURCE`], [`AFTER_EVENT`].
        pub flags: u32,
        /// The first unit that takes the second factors.
        pub split: u32,
        /// Learner: values.
        pub at: u32,
        /// One more than the gate outside of which nothing changes; 0: none.
        pub gate: u32,
        /// The rate.
        pub rate: u32,
        /// Binary points of rate and trace together less that of the change.
        pub shift: u32,
        /// Largest magnitude.
        pub limit: i32,
        /// 1 if the change has the sign opposite to the rate.
        pub negative: u32,
        /// The rate of units from `split` on.
        pub high_rate: u32,
        /// Their binary points.
        pub high_shift: u32,
        /// Their largest magnitude.
        pub high_limit: i32,
        /// Their sign.
        pub high_negative: u32,
    }
}

shared_struct! {
    /// A rate.
    pub struct RateEntry {
        /// One more than the astrocyte whose output it scales; 0: none.
        pub astrocyte: u32,
        /// Factor after each step, Q0.31.
        pub decay: i32,
    }
}

shared_struct! {
    /// A window of a trace.
    pub struct GateEntry {
        /// The trace.
        pub trace: u32,
        /// It is closed up to this.
        pub low: i32,
        /// It is closed from this on.
        pub high: i32,
    }
}

shared_struct! {
    /// How the weights of a projection change. Pairs of values are for excitatory and for inhibitory sources.
    pub struct RuleEntry {
        /// [`MULTIPLICATIVE`], [`TRIPLET`].
        pub flags: u32,
        /// The first inhibitory source.
        pub split: u32,
        /// Changes of sources.
        pub post: u32,
        /// Changes of targets, from excitatory sources.
        pub pre: u32,
        /// The same, from inhibitory ones.
        pub pre_high: u32,
        /// Smallest weight of excitatory sources.
        pub low: i32,
        /// Largest weight of excitatory sources.
        pub high: i32,
        /// Smallest weight of inhibitory sources.
        pub low_high: i32,
        /// Largest weight of inhibitory sources.
        pub high_high: i32,
        /// One more than the gate of changes at the target's spike, excitatory sources; 0: none.
        pub gate: u32,
        /// The same, inhibitory sources.
        pub gate_high: u32,
        /// Triplets: changes of sources.
        pub triplet_post: u32,
        /// Triplets: changes of targets, from excitatory sources.
        pub triplet_pre: u32,
        /// Triplets: changes of targets, from inhibitory sources.
        pub triplet_pre_high: u32,
        /// Triplets: slow trace of sources.
        pub source_trace: u32,
        /// Triplets: slow trace of targets.
        pub target_trace: u32,
        /// Its fractional bits, of sources.
        pub source_bits: u32,
        /// Its fractional bits, of targets.
        pub target_bits: u32,
        /// Largest magnitude of a change with a triplet.
        pub limit: i32,
    }
}

shared_struct! {
    /// An astrocyte and whom it watches. Learner: output, bias, then gains; with calcium then IP3 less its rest, calcium and h.
    pub struct AstrocyteEntry {
        /// Learner: output, bias, gains.
        pub at: u32,
        /// dt / tau, Q0.31.
        pub rate: i32,
        /// Factor of output, bias and gains after each step, Q0.31.
        pub decay: i32,
        /// The first group that it watches.
        pub watch: u32,
        /// Number of groups.
        pub watches: u32,
        /// Calcium dynamics: first word of the tables; [`LEAKY`]: none.
        pub calcium: u32,
        /// IP3 at rest.
        pub rest: i32,
        /// Decay of IP3 a step, Q0.31.
        pub ip3_decay: i32,
    }
}

shared_struct! {
    /// A group that an astrocyte watches.
    pub struct WatchEntry {
        /// [`FROM_INPUT`].
        pub flags: u32,
        /// First word of its spikes.
        pub word: u32,
        /// Number of words.
        pub words: u32,
        /// Tables: who is watched, 32 a word; [`ALL_MEMBERS`]: everyone.
        pub members: u32,
    }
}

shared_struct! {
    /// Rows of a plastic or filtered projection in a shard: of `sources` units of its line from `source` on.
    pub struct PlasticPiece {
        /// [`PIECE_WIDE`], [`PIECE_DELAYS`], [`PIECE_FILTERED`].
        pub flags: u32,
        /// The line of its sources' events.
        pub line: u32,
        /// The group whose units deliver: the line, or the filter behind the lines.
        pub group: u32,
        /// First unit of that group in the unit space.
        pub group_unit: u32,
        /// First unit of the line in the unit space.
        pub line_unit: u32,
        /// First source, counted within the line.
        pub source: u32,
        /// Number of sources.
        pub sources: u32,
        /// First target cell.
        pub target_cell: u32,
        /// Number of target cells.
        pub target_count: u32,
        /// Synapses: row starts, counted from the piece's first synapse.
        pub rows: u32,
        /// Synapses: targets.
        pub targets: u32,
        /// Synapses: delays.
        pub delays: u32,
        /// Synapses: column starts.
        pub columns: u32,
        /// Synapses: source and synapse of each entry of a column.
        pub entries: u32,
        /// First weight.
        pub weights: u32,
        /// The rule; [`NO_RULE`]: none.
        pub rule: u32,
        /// The delay of all.
        pub delay: u32,
        /// Fractional bits of weights beyond those of the membrane.
        pub shift: u32,
        /// First unit of the target line in the unit space.
        pub target_unit: u32,
        /// Unused.
        pub pad: u32,
    }
}

/// Every shared struct of learning, to be compared with the WGSL of the same name.
pub const STRUCTS: &[crate::shared::StructLayout] = &[
    Learning::LAYOUT,
    LineEntry::LAYOUT,
    FilterEntry::LAYOUT,
    TraceEntry::LAYOUT,
    ChangeEntry::LAYOUT,
    RateEntry::LAYOUT,
    GateEntry::LAYOUT,
    RuleEntry::LAYOUT,
    AstrocyteEntry::LAYOUT,
    WatchEntry::LAYOUT,
    PlasticPiece::LAYOUT,
];

/// The words of a struct.
#[must_use]
pub const fn words_of<T>() -> usize {
    size_of::<T>() / 4
}

/// Tables and their description.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// Where they are.
    pub learning: &'a Learning,
    /// Words.
    pub words: &'a [u32],
}

impl Tables<'_> {
    fn entry<T: Pod>(&self, table: u32, index: usize) -> T {
        let words = words_of::<T>();
        pod_read_unaligned(cast_slice(&self.words[table as usize + index * words..][..words]))
    }

    /// The group of a unit: a line, or a filter behind the lines.
    #[must_use]
    pub fn group_of(&self, unit: usize) -> usize {
        self.words[self.learning.blocks as usize + unit / crate::ALIGN] as usize
    }

    /// A line.
    #[must_use]
    pub fn line(&self, index: usize) -> LineEntry {
        self.entry(self.learning.line_table, index)
    }

    /// A filter.
    #[must_use]
    pub fn filter(&self, index: usize) -> FilterEntry {
        self.entry(self.learning.filter_table, index)
    }

    /// A trace.
    #[must_use]
    pub fn trace(&self, index: usize) -> TraceEntry {
        self.entry(self.learning.trace_table, index)
    }

    /// Changes.
    #[must_use]
    pub fn change(&self, index: usize) -> ChangeEntry {
        self.entry(self.learning.change_table, index)
    }

    /// A rate.
    #[must_use]
    pub fn rate(&self, index: usize) -> RateEntry {
        self.entry(self.learning.rate_table, index)
    }

    /// A gate.
    #[must_use]
    pub fn gate(&self, index: usize) -> GateEntry {
        self.entry(self.learning.gate_table, index)
    }

    /// A rule.
    #[must_use]
    pub fn rule(&self, index: usize) -> RuleEntry {
        self.entry(self.learning.rule_table, index)
    }

    /// An astrocyte.
    #[must_use]
    pub fn astrocyte(&self, index: usize) -> AstrocyteEntry {
        self.entry(self.learning.astrocyte_table, index)
    }

    /// A watched group.
    #[must_use]
    pub fn watch(&self, index: usize) -> WatchEntry {
        self.entry(self.learning.watch_table, index)
    }

    /// A group's units: its line and the first unit in the unit space.
    #[must_use]
    pub fn units(&self, group: usize) -> (LineEntry, usize) {
        let lines = self.learning.lines as usize;
        if group < lines {
            let line = self.line(group);
            return (line, line.unit as usize);
        }
        let filter = self.filter(group - lines);
        (self.line(filter.line as usize), filter.unit as usize)
    }

    /// Whether a unit of the unit space has its event in this step (of a filter: whether it delivers).
    #[must_use]
    pub fn has_event(&self, learner: &[i32], unit: usize) -> bool {
        learner[self.learning.events as usize + unit / 32] as u32 >> (unit % 32) & 1 == 1
    }

    /// A rate as changes take it.
    #[must_use]
    pub fn rate_of(&self, learner: &[i32], index: u32) -> i32 {
        let rate = learner[(self.learning.rate_state + index) as usize];
        match self.rate(index as usize).astrocyte {
            0 => rate,
            more => stdp::modulated(rate, learner[self.astrocyte(more as usize - 1).at as usize]),
        }
    }

    /// Whether a gate (one more than its number; 0: none) is open for a unit of its trace.
    #[must_use]
    pub fn is_open(&self, learner: &[i32], gate: u32, unit: usize) -> bool {
        if gate == 0 {
            return true;
        }
        let window = self.gate(gate as usize - 1);
        stdp::open(learner[self.trace(window.trace as usize).at as usize + unit], window.low, window.high)
    }

    /// The value with which a unit of a filter delivers in this step.
    #[must_use]
    pub fn filter_value(&self, learner: &[i32], filter: &FilterEntry, unit: usize, fired: bool) -> i32 {
        if fired { Q31_ONE } else { learner[filter.at as usize + unit] }
    }
}

/// Whether the events of a line are known only once neurons have spiked.
#[must_use]
pub const fn is_late(line: &LineEntry) -> bool {
    line.delay == 0 && line.flags & FROM_INPUT == 0
}
