//! Where everything that a network learns with lies: units of lines and filters, tables, the learner's words, shards of its synapses.

use limnos_spec::ALIGN;
use limnos_spec::twin::calcium::SEGMENTS;
use limnos_spec::twin::device::learning::{
    AstrocyteEntry, ChangeEntry, FilterEntry, GateEntry, Learning, LineEntry, PlasticPiece, RateEntry, RuleEntry,
    TraceEntry, WatchEntry, words_of,
};

use super::Limits;
use super::shards::{PiecePlan, too_long};
use super::sizes::{AstrocyteSizes, LearnedSizes, LearningSizes, ProjectionSizes, Sizes};
use crate::EngineError;

/// Words of the tables of an astrocyte with calcium.
const CALCIUM_WORDS: usize = 6 * (SEGMENTS + 1);

impl AstrocyteSizes {
    /// Words of its state: output, bias, gains; with calcium IP3, calcium and h.
    const fn words(&self) -> usize {
        2 + self.watches.len() + if self.calcium { 3 } else { 0 }
    }
}

/// Offsets of a network's tables and of its learner, in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearningLayout {
    /// What kernels read of it.
    pub learning: Learning,
    /// First unit of each line.
    pub line_units: Vec<u32>,
    /// First unit of each filter.
    pub filter_units: Vec<u32>,
    /// Learner: events under way on each line.
    pub ways: Vec<u32>,
    /// Learner: filters.
    pub filters: Vec<u32>,
    /// Learner: traces; they come first.
    pub traces: Vec<u32>,
    /// Learner: changes.
    pub changes: Vec<u32>,
    /// Learner: astrocytes.
    pub astrocytes: Vec<u32>,
    /// Tables: who is watched, of each watched group.
    pub members: Vec<u32>,
    /// Tables: calcium dynamics of each astrocyte that has them.
    pub calcium: Vec<u32>,
    /// Words of the tables.
    pub table_words: u32,
    /// Words of all traces.
    pub trace_words: u32,
    /// Words of the learner of a sample.
    pub learner_words: u32,
}

/// Hands out words one after another.
#[derive(Default)]
struct Words(u64);

impl Words {
    /// The first of so many words; nothing to go by where [`Words::end`] fails.
    fn take(&mut self, words: usize) -> u32 {
        let start = u32::try_from(self.0).unwrap_or(u32::MAX);
        self.0 = self.0.saturating_add(words as u64);
        start
    }

    /// All words, where 32 bits address them.
    fn end(&self, what: &str) -> Result<u32, EngineError> {
        u32::try_from(self.0).map_err(|_| EngineError::Limit {
            what: format!("{what} of a sample in number"),
            needed: self.0,
            allowed: u64::from(u32::MAX),
            advice: "; learn with fewer projections or shorter delays, use a smaller network, or the CPU device",
        })
    }

    fn each(&mut self, sizes: impl Iterator<Item = usize>) -> Vec<u32> {
        sizes.map(|size| self.take(size)).collect()
    }
}

impl LearningLayout {
    /// Lays out what a network learns with; `course` steps of astrocytes' outputs are recorded.
    ///
    /// # Errors
    /// [`EngineError::Limit`] for more units, words of a learner or words of tables than 32 bits count.
    pub fn new(sizes: &LearningSizes, course: u32) -> Result<Self, EngineError> {
        let size = |line: usize| sizes.lines[line].size;
        let mut units = Words::default();
        let line_units = units.each(sizes.lines.iter().map(|line| line.size.next_multiple_of(ALIGN)));
        let filter_units = units.each(sizes.filters.iter().map(|&line| size(line).next_multiple_of(ALIGN)));
        let all_units = units.end("units of lines and filters")?;
        let mut learner = Words::default();
        let traces = learner.each(sizes.traces.iter().map(|&line| size(line)));
        let trace_words = learner.end("words of traces")?;
        let filters = learner.each(sizes.filters.iter().map(|&line| size(line)));
        let changes = learner.each(sizes.changes.iter().map(|&line| size(line)));
        let ways = learner.each(sizes.lines.iter().map(|line| line.delay as usize * line.size.div_ceil(32)));
        let events = learner.take(all_units as usize / 32);
        let rate_state = learner.take(sizes.rates);
        let astrocytes = learner.each(sizes.astrocytes.iter().map(AstrocyteSizes::words));
        let mut tables = Words::default();
        let watches: Vec<_> = sizes.watches().collect();
        let learning = Learning {
            lines: sizes.lines.len() as u32,
            filters: sizes.filters.len() as u32,
            traces: sizes.traces.len() as u32,
            changes: sizes.changes.len() as u32,
            rates: sizes.rates as u32,
            astrocytes: sizes.astrocytes.len() as u32,
            units: all_units,
            blocks: tables.take(all_units as usize / ALIGN),
            line_table: tables.take(sizes.lines.len() * words_of::<LineEntry>()),
            filter_table: tables.take(sizes.filters.len() * words_of::<FilterEntry>()),
            trace_table: tables.take(sizes.traces.len() * words_of::<TraceEntry>()),
            change_table: tables.take(sizes.changes.len() * words_of::<ChangeEntry>()),
            rate_table: tables.take(sizes.rates * words_of::<RateEntry>()),
            gate_table: tables.take(sizes.gates * words_of::<GateEntry>()),
            rule_table: tables.take(sizes.projections * words_of::<RuleEntry>()),
            astrocyte_table: tables.take(sizes.astrocytes.len() * words_of::<AstrocyteEntry>()),
            watch_table: tables.take(watches.len() * words_of::<WatchEntry>()),
            rate_state,
            events,
            course,
        };
        let members = tables.each(watches.iter().map(|w| if w.listed { w.size.div_ceil(32) } else { 0 }));
        let calcium = tables.each(sizes.astrocytes.iter().map(|a| if a.calcium { CALCIUM_WORDS } else { 0 }));
        Ok(Self {
            learning,
            line_units,
            filter_units,
            ways,
            filters,
            traces,
            changes,
            astrocytes,
            members,
            calcium,
            table_words: tables.end("words of tables to learn with")?,
            trace_words,
            learner_words: learner.end("words to learn with")?,
        })
    }
}

/// Synapses of plastic and filtered projections in one binding, and their weights in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlasticShardPlan {
    /// Its parts.
    pub pieces: Vec<PiecePlan>,
    /// Words of the synapses: blocks, pieces, then each piece's tables.
    pub synapse_words: u64,
    /// Words of the weights.
    pub weight_words: u64,
    /// Whether anything is delivered before neurons step.
    pub early: bool,
    /// Whether anything is delivered after they have.
    pub late: bool,
    /// Whether any weight changes.
    pub learns: bool,
}

/// Words of a piece of so many rows and synapses, its description included.
fn piece_words(p: &ProjectionSizes, learned: &LearnedSizes, rows: usize, synapses: u64) -> u64 {
    let targets = if p.wide() { synapses } else { synapses.div_ceil(2) };
    let delays = if learned.delay_table { synapses.div_ceil(4) } else { 0 };
    let columns = if learned.rule { p.target_size as u64 + 1 + 2 * synapses } else { 0 };
    words_of::<PlasticPiece>() as u64 + rows as u64 + 1 + targets + delays + columns
}

impl PlasticShardPlan {
    fn new(layout: &LearningLayout) -> Self {
        let synapse_words = 2 * u64::from(layout.learning.units) / ALIGN as u64;
        Self { pieces: Vec::new(), synapse_words, weight_words: 0, early: false, late: false, learns: false }
    }

    fn bytes_with(&self, p: &ProjectionSizes, learned: &LearnedSizes, rows: usize, synapses: u64) -> u64 {
        4 * (self.synapse_words + piece_words(p, learned, rows, synapses)).max(self.weight_words + synapses)
    }

    fn push(&mut self, p: &ProjectionSizes, learned: &LearnedSizes, early: bool, piece: PiecePlan) {
        self.synapse_words += piece_words(p, learned, piece.sources.len(), piece.synapses);
        self.weight_words += piece.synapses;
        self.early |= early;
        self.late |= !early;
        self.learns |= learned.rule;
        self.pieces.push(piece);
    }
}

/// Cuts the synapses of plastic and filtered projections into shards.
pub(super) fn cut_plastic(
    sizes: &Sizes,
    learning: &LearningSizes,
    layout: &LearningLayout,
    limits: &Limits,
) -> Result<Vec<PlasticShardPlan>, EngineError> {
    let mut shards = vec![PlasticShardPlan::new(layout)];
    let learned = sizes.projections.iter().enumerate().filter_map(|(i, p)| Some((i, p, p.learned.as_ref()?)));
    for (index, p, learned) in learned {
        let mut first = 0;
        while first < p.rows.len() {
            let shard = shards.last_mut().expect("there is always an open shard");
            let (end, synapses) = longest_run(shard, p, learned, first, limits.binding_bytes);
            if end > first {
                if synapses > 0 {
                    let piece = PiecePlan { projection: index, sources: first..end, synapses };
                    shard.push(p, learned, learning.lines[learned.line].early(), piece);
                }
                first = end;
            } else if shard.pieces.is_empty() {
                let needed = shard.bytes_with(p, learned, 1, u64::from(p.rows[first]));
                return Err(too_long(needed, p, first, limits));
            }
            if first < p.rows.len() {
                shards.push(PlasticShardPlan::new(layout));
            }
        }
    }
    shards.retain(|shard| !shard.pieces.is_empty());
    Ok(shards)
}

/// All synapses of plastic and filtered projections as one shard, which may be empty.
pub(super) fn whole_plastic(
    sizes: &Sizes,
    learning: &LearningSizes,
    layout: &LearningLayout,
) -> Result<PlasticShardPlan, EngineError> {
    let limits = Limits { binding_bytes: u64::MAX, ..Limits::WEBGPU };
    let shards = cut_plastic(sizes, learning, layout, &limits)?;
    Ok(shards.into_iter().next().unwrap_or_else(|| PlasticShardPlan::new(layout)))
}

/// As many rows from `first` on as the shard can take: their end and their synapses.
fn longest_run(
    shard: &PlasticShardPlan,
    p: &ProjectionSizes,
    learned: &LearnedSizes,
    first: usize,
    allowed: u64,
) -> (usize, u64) {
    let mut synapses = 0;
    for (row, &length) in p.rows.iter().enumerate().skip(first) {
        if shard.bytes_with(p, learned, row + 1 - first, synapses + u64::from(length)) > allowed {
            return (row, synapses);
        }
        synapses += u64::from(length);
    }
    (p.rows.len(), synapses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::plan::{LineSizes, WatchSizes};

    /// Lines of 2^20 units, `count` of them, with delays of so many steps.
    fn lines(count: usize, delay: u32) -> LearningSizes {
        let line = LineSizes { size: 1 << 20, delay, from_input: false };
        LearningSizes { lines: vec![line; count], ..LearningSizes::default() }
    }

    fn refused(sizes: &LearningSizes) -> (String, u64) {
        match LearningLayout::new(sizes, 0) {
            Err(EngineError::Limit { what, needed, allowed: 0xffff_ffff, .. }) => (what, needed),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_32_bits_do_not_count_is_told() {
        // Each line has 2^15 words of events and as many of each step of its delay.
        let layout = LearningLayout::new(&lines(4095, 31), 0).unwrap();
        assert_eq!((layout.learning.units, layout.learner_words), (4095 << 20, 4095 << 20));
        let (what, needed) = refused(&lines(4096, 0));
        assert!(what.contains("units") && needed == 1 << 32, "{what}: {needed}");
        let (what, needed) = refused(&lines(2048, 63));
        assert!(what.contains("words to learn with") && needed == 1 << 32, "{what}: {needed}");
        // Traces, of which a whole turn more than 32 bits count would look like few.
        let (what, needed) = refused(&LearningSizes { traces: vec![0; 4097], ..lines(1, 0) });
        assert!(what.contains("traces") && needed == 4097 << 20, "{what}: {needed}");
        // Who is watched, 2^26 words each time.
        let watch = WatchSizes { size: 1 << 31, from_input: false, listed: true };
        let astrocyte = AstrocyteSizes { watches: vec![watch; 64], calcium: false };
        let (what, needed) = refused(&LearningSizes { astrocytes: vec![astrocyte], ..lines(1, 0) });
        assert!(what.contains("tables") && needed > 1 << 32, "{what}: {needed}");
    }
}
