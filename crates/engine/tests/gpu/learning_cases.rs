//! Random contents for the buffers of the kernels of learning, and what their twins make of them: tables with every kind of entry.

use bytemuck::{cast_slice, cast_slice_mut};
use limnos_engine::gpu::plan::{AstrocyteSizes, LearningLayout, LearningSizes, LineSizes, WatchSizes};
use limnos_spec::ALIGN;
use limnos_spec::twin::calcium::SEGMENTS;
use limnos_spec::twin::device::layout::{Geometry, Stage};
use limnos_spec::twin::device::learn_events::Spikes;
use limnos_spec::twin::device::learning::{
    AFTER_EVENT, ALL_MEMBERS, AstrocyteEntry, ChangeEntry, FROM_INPUT, FilterEntry, GateEntry, LEAKY, LineEntry,
    MULTIPLICATIVE, NO_RULE, OF_SOURCE, PIECE_DELAYS, PIECE_FILTERED, PIECE_WIDE, PlasticPiece, RateEntry, RuleEntry,
    TRIPLET, Tables, TraceEntry, WatchEntry, words_of,
};
use limnos_spec::twin::device::plastic_shard::Shard;
use limnos_spec::twin::device::resident::Outputs;
use limnos_spec::twin::device::{
    astrocyte_step as astrocyte_twin, learn_deliver as deliver_twin, learn_events as events_twin,
    learn_finish as finish_twin, resident_plastic as resident_plastic_twin, stdp as stdp_twin,
    stdp_changes as changes_twin,
};

use crate::kernel_cases::{CLOCK, Case, Random, Resident, fields, geometry, padded, words};

/// Lines: two of the first population, one 3 steps late; two of an input, one 2 steps late; the second population.
const DELAYS: [u32; 5] = [0, 3, 0, 2, 0];
/// Line of each trace, filter and kind of changes.
const TRACES: [usize; 9] = [0, 1, 2, 3, 4, 0, 2, 4, 4];
const FILTERS: [usize; 2] = [0, 2];
/// Traces that changes are made of: of sources, then of targets.
const CHANGES: [usize; 9] = [0, 1, 2, 3, 2, 0, 4, 4, 7];
const ASTROCYTES: usize = 3;
const RATES: usize = 4;
/// Steps of astrocytes' outputs that are recorded.
const COURSE: u32 = 6;
/// Weights of excitatory and inhibitory sources lie in these bounds; all are in both.
const BOUNDS: [[i32; 2]; 2] = [[-(1 << 27), 1 << 28], [-(1 << 28), 1 << 27]];

/// A network that learns: two populations, an input, and every kind of entry.
struct Net {
    cells: usize,
    channels: usize,
    layout: LearningLayout,
    lines: Vec<LineSizes>,
    tables: Vec<u32>,
    learner: Vec<i32>,
    spikes: Vec<u32>,
    channel_spikes: Vec<u32>,
}

/// Sets the `index`th entry of a table.
fn put<T: bytemuck::Pod>(tables: &mut [u32], table: u32, index: usize, entry: T) {
    let at = table as usize + index * words_of::<T>();
    tables[at..at + words_of::<T>()].copy_from_slice(&words(&[entry]));
}

/// Bits of `size` units of which about every fourth is set.
fn some_bits(size: usize, random: &mut Random) -> Vec<u32> {
    let mut bits = random.sparse(size.div_ceil(32));
    if !size.is_multiple_of(32) {
        *bits.last_mut().expect("there are units") &= (1 << (size % 32)) - 1;
    }
    // One at least, so that there is something to do at any size.
    bits[0] |= 1;
    bits
}

/// A number of 0 to 2^bits - 1.
fn small(bits: u32, random: &mut Random) -> i32 {
    (random.word() >> (32 - bits)) as i32
}

impl Net {
    fn new(n: usize, random: &mut Random) -> Self {
        let (sizes, channels) = ([n, 70], n / 2 + 1);
        let size = [n, n, channels, channels, 70];
        let line = |k: usize| LineSizes { size: size[k], delay: DELAYS[k], from_input: k == 2 || k == 3 };
        let lines: Vec<_> = (0..5).map(line).collect();
        let watch = |size, from_input, listed| WatchSizes { size, from_input, listed };
        let sizes_of_learning = LearningSizes {
            lines: lines.clone(),
            filters: FILTERS.to_vec(),
            traces: TRACES.to_vec(),
            changes: CHANGES.iter().map(|&trace| TRACES[trace]).collect(),
            gates: 3,
            rates: RATES,
            projections: 4,
            astrocytes: vec![
                AstrocyteSizes { watches: vec![watch(n, false, true), watch(channels, true, false)], calcium: false },
                AstrocyteSizes::default(),
                AstrocyteSizes { watches: vec![watch(70, false, false)], calcium: true },
            ],
        };
        let layout = LearningLayout::new(&sizes_of_learning, COURSE).expect("so few units fit");
        let mut spikes = vec![0; padded(&sizes) / 32];
        for (first, size) in [(0, n), (sizes[0].next_multiple_of(ALIGN), 70)] {
            let bits = some_bits(size, random);
            spikes[first / 32..][..bits.len()].copy_from_slice(&bits);
        }
        let mut channel_spikes = some_bits(channels, random);
        channel_spikes.resize(padded(&[channels]) / 32, 0);
        let mut net = Self {
            cells: padded(&sizes),
            channels: padded(&[channels]),
            tables: vec![0; layout.table_words as usize],
            learner: vec![0; layout.learner_words as usize],
            layout,
            lines,
            spikes,
            channel_spikes,
        };
        net.fill_tables(random);
        net.fill_learner(random);
        net
    }

    fn fill_tables(&mut self, random: &mut Random) {
        let (layout, tables) = (&self.layout, &mut self.tables);
        let learning = layout.learning;
        let size = |line: usize| self.lines[line].size;
        let groups = (0..5).map(|k| (layout.line_units[k], size(k)));
        let filters = FILTERS.iter().enumerate().map(|(k, &line)| (layout.filter_units[k], size(line)));
        for (group, (unit, size)) in groups.chain(filters).enumerate() {
            tables[unit as usize / ALIGN..][..size.div_ceil(ALIGN)].fill(group as u32);
        }
        for (k, delay) in DELAYS.into_iter().enumerate() {
            let flags = if self.lines[k].from_input { FROM_INPUT } else { 0 };
            let first = if k == 4 { size(0).next_multiple_of(ALIGN) as u32 } else { 0 };
            let (unit, way) = (layout.line_units[k], layout.ways[k]);
            let entry = LineEntry { flags, first, size: size(k) as u32, delay, unit, way };
            put(tables, learning.line_table, k, entry);
        }
        for (k, &line) in FILTERS.iter().enumerate() {
            let (unit, at) = (layout.filter_units[k], layout.filters[k]);
            let entry = FilterEntry { line: line as u32, decay: 1 << 30, cutoff: 1 << 22, unit, at };
            put(tables, learning.filter_table, k, entry);
        }
        for (k, &line) in TRACES.iter().enumerate() {
            let nearest = u32::from(k % 3 == 1);
            let entry =
                TraceEntry { line: line as u32, decay: 2_000_000_000, one: 1 << 24, nearest, at: layout.traces[k] };
            put(tables, learning.trace_table, k, entry);
        }
        for k in 0..RATES {
            put(tables, learning.rate_table, k, RateEntry { astrocyte: k as u32, decay: i32::MAX - 1000 * k as i32 });
        }
        for (k, trace) in [(0, 8), (1, 8), (2, 5)] {
            put(tables, learning.gate_table, k, GateEntry { trace, low: 1 << (21 + k), high: 1 << 26 });
        }
        for k in 0..CHANGES.len() {
            put(tables, learning.change_table, k, change(layout, k, size(TRACES[CHANGES[k]]), random));
        }
        for k in 0..4 {
            put(tables, learning.rule_table, k, rule(k, size([0, 1, 2, 3][k])));
        }
        let mut next = 0;
        for k in 0..ASTROCYTES {
            let watches = [2, 0, 1][k];
            let (at, rate) = (layout.astrocytes[k], 21_474_836 << k);
            let (calcium, rest) = (if k == 2 { layout.calcium[k] } else { LEAKY }, 1 << 20);
            let decay = i32::MAX - 77;
            let entry = AstrocyteEntry { at, rate, decay, watch: next, watches, calcium, rest, ip3_decay: decay >> 1 };
            put(tables, learning.astrocyte_table, k, entry);
            next += watches;
        }
        let equations = &mut tables[layout.calcium[2] as usize..][..6 * (SEGMENTS + 1)];
        equations.iter_mut().for_each(|word| *word = small(26, random) as u32);
        let members = some_bits(size(0), random);
        let at = layout.members[0] as usize;
        tables[at..at + members.len()].copy_from_slice(&members);
        let whole = |words: usize| words.div_ceil(32) as u32;
        let watches = [
            WatchEntry { flags: 0, word: 0, words: whole(size(0)), members: at as u32 },
            WatchEntry { flags: FROM_INPUT, word: 0, words: whole(size(2)), members: ALL_MEMBERS },
            WatchEntry {
                flags: 0,
                word: size(0).next_multiple_of(ALIGN) as u32 / 32,
                words: whole(70),
                members: ALL_MEMBERS,
            },
        ];
        (0..3).for_each(|k| put(tables, learning.watch_table, k, watches[k]));
    }

    fn fill_learner(&mut self, random: &mut Random) {
        let (layout, learner) = (&self.layout, &mut self.learner);
        // Traces, and changes of which some are 0.
        learner.iter_mut().for_each(|word| *word = small(27, random));
        for (&at, &line) in layout.filters.iter().zip(&FILTERS) {
            let values = &mut learner[at as usize..][..self.lines[line].size];
            values.iter_mut().for_each(|x| *x = if random.below(3) == 0 { small(31, random) } else { 0 });
        }
        let mut events = vec![0; layout.learning.units as usize / 32];
        let lines = (0..5).map(|k| (layout.line_units[k], self.lines[k].size));
        let filters = FILTERS.iter().enumerate().map(|(k, &line)| (layout.filter_units[k], self.lines[line].size));
        for (unit, size) in lines.chain(filters) {
            let bits = some_bits(size, random);
            events[unit as usize / 32..][..bits.len()].copy_from_slice(&bits);
        }
        let at = layout.learning.events as usize;
        learner[at..at + events.len()].copy_from_slice(cast_slice(&events));
        for (k, line) in self.lines.iter().enumerate() {
            for slot in 0..line.delay as usize {
                let bits = some_bits(line.size, random);
                let at = layout.ways[k] as usize + slot * bits.len();
                learner[at..at + bits.len()].copy_from_slice(cast_slice(&bits));
            }
        }
    }

    fn tables(&self) -> Tables<'_> {
        Tables { learning: &self.layout.learning, words: &self.tables }
    }

    fn spikes(&self) -> Spikes<'_> {
        Spikes { cells: &self.spikes, channels: &self.channel_spikes }
    }

    fn geometry(&self) -> Geometry {
        geometry(self.cells, self.channels, 1)
    }

    /// The units with events, in an order of their own, and how many.
    fn list(&self) -> (Vec<u32>, Stage) {
        let tables = self.tables();
        let units =
            (0..self.layout.learning.units).rev().filter(|&unit| tables.has_event(&self.learner, unit as usize));
        let mut list: Vec<u32> = std::iter::once(0).chain(units).collect();
        let stage = Stage { count: list.len() as u32 - 1, now: 23, ..Stage::default() };
        list.resize(self.layout.learning.units as usize + 1, 0);
        (list, stage)
    }

    /// Synapses of five pieces: filtered, late, early, cut in two, wide, with delays, with and without a rule; and their weights.
    fn shard(&self, random: &mut Random) -> (Vec<u32>, Vec<i32>) {
        let pieces = [
            (0, Some(0), 0, PIECE_FILTERED | PIECE_WIDE),
            (1, None, 1, 0),
            (2, None, 2, PIECE_DELAYS),
            (3, None, 3, PIECE_WIDE),
            (2, Some(1), NO_RULE, PIECE_FILTERED),
            (1, None, 1, PIECE_DELAYS),
        ];
        let blocks = 2 * (self.layout.learning.units as usize / ALIGN);
        let mut synapses = vec![0; blocks + pieces.len() * words_of::<PlasticPiece>()];
        let mut weights = Vec::new();
        for (k, (line, filter, rule, flags)) in pieces.into_iter().enumerate() {
            let size = self.lines[line].size;
            // The second piece holds the first sources of its line, the last one the others.
            let sources = match k {
                1 => 0..size.div_ceil(2),
                5 => size.div_ceil(2)..size,
                _ => 0..size,
            };
            let mut piece = self.piece(line, filter, rule, flags);
            (piece.source, piece.sources) = (sources.start as u32, sources.len() as u32);
            let count = tables_of(&mut piece, &mut synapses, random);
            piece.weights = weights.len() as u32;
            weights.extend((0..count).map(|_| small(28, random) - (1 << 27)));
            let at = blocks + k * words_of::<PlasticPiece>();
            synapses[at..at + words_of::<PlasticPiece>()].copy_from_slice(&words(&[piece]));
            let ranges = [
                (piece.group_unit + piece.source, piece.sources),
                (piece.line_unit + piece.source, piece.sources),
                (piece.target_unit, piece.target_count),
            ];
            for (unit, units) in ranges.into_iter().filter(|(_, units)| *units > 0) {
                for block in unit as usize / ALIGN..((unit + units) as usize).div_ceil(ALIGN) {
                    if synapses[2 * block + 1] == 0 {
                        synapses[2 * block] = k as u32;
                    }
                    synapses[2 * block + 1] = k as u32 + 1;
                }
            }
        }
        synapses.push(0);
        weights.push(0);
        (synapses, weights)
    }

    fn piece(&self, line: usize, filter: Option<usize>, rule: u32, flags: u32) -> PlasticPiece {
        // Rules of even number are onto the second population.
        let onto = if rule.is_multiple_of(2) { 4 } else { 0 };
        PlasticPiece {
            flags,
            line: line as u32,
            group: filter.map_or(line, |f| 5 + f) as u32,
            group_unit: filter.map_or(self.layout.line_units[line], |f| self.layout.filter_units[f]),
            line_unit: self.layout.line_units[line],
            target_cell: if onto == 4 { self.lines[0].size.next_multiple_of(ALIGN) as u32 } else { 0 },
            target_count: self.lines[onto].size as u32,
            rule,
            delay: 2,
            shift: if rule == NO_RULE { 0 } else { 8 },
            target_unit: self.layout.line_units[onto],
            ..PlasticPiece::default()
        }
    }
}

fn change(layout: &LearningLayout, k: usize, size: usize, random: &mut Random) -> ChangeEntry {
    let of_source = k < 6;
    ChangeEntry {
        line: TRACES[CHANGES[k]] as u32,
        trace: CHANGES[k] as u32,
        flags: if of_source { OF_SOURCE } else { 0 } | if k % 2 == 1 { AFTER_EVENT } else { 0 },
        split: [size as u32 / 2, size as u32][k % 2],
        at: layout.changes[k],
        // Gates of the trace's own line.
        gate: if CHANGES[k] == 4 && k == 6 { 1 } else { 0 },
        rate: random.below(RATES) as u32,
        shift: [24, 20, 31, 40][k % 4],
        limit: 1 << 26,
        negative: u32::from(k.is_multiple_of(3)),
        high_rate: random.below(RATES) as u32,
        high_shift: 22,
        high_limit: 1 << 25,
        high_negative: u32::from(k % 3 == 1),
    }
}

/// Rules: additive with a gate, multiplicative, with triplets and a gate, plain; those of even number onto the second population.
fn rule(k: usize, sources: usize) -> RuleEntry {
    let [[low, high], [low_high, high_high]] = BOUNDS;
    RuleEntry {
        flags: [0, MULTIPLICATIVE, TRIPLET, TRIPLET | MULTIPLICATIVE][k],
        split: sources as u32 * 2 / 3,
        post: k as u32,
        pre: [6, 5, 7, 5][k],
        pre_high: [8, 5, 6, 5][k],
        low,
        high,
        low_high,
        high_high,
        gate: [1, 0, 0, 3][k],
        gate_high: [2, 0, 1, 0][k],
        triplet_post: [0, 0, 4, 3][k],
        triplet_pre: [0, 0, 8, 5][k],
        triplet_pre_high: [0, 0, 7, 5][k],
        source_trace: [0, 0, 6, 3][k],
        target_trace: [0, 0, 7, 5][k],
        source_bits: 24,
        target_bits: 26,
        limit: 1 << 27,
    }
}

/// Appends the tables of a piece; the number of its synapses.
fn tables_of(piece: &mut PlasticPiece, synapses: &mut Vec<u32>, random: &mut Random) -> usize {
    let mut starts = vec![0u32];
    (0..piece.sources).for_each(|_| starts.push(starts[starts.len() - 1] + random.below(9) as u32));
    let count = starts[starts.len() - 1] as usize;
    let targets: Vec<u32> = (0..count).map(|_| random.below(piece.target_count as usize) as u32).collect();
    piece.rows = synapses.len() as u32;
    synapses.extend(&starts);
    piece.targets = synapses.len() as u32;
    if piece.flags & PIECE_WIDE != 0 {
        synapses.extend(&targets);
    } else {
        synapses.extend(targets.chunks(2).map(|two| two[0] | two.get(1).map_or(0, |t| t << 16)));
    }
    piece.delays = synapses.len() as u32;
    if piece.flags & PIECE_DELAYS != 0 {
        synapses.extend((0..count.div_ceil(4)).map(|_| random.word() & 0x0707_0707));
    }
    let source_of = |j: usize| piece.source + starts.partition_point(|&start| start as usize <= j) as u32 - 1;
    let mut entries: Vec<(u32, u32, u32)> = (0..count).map(|j| (targets[j], source_of(j), j as u32)).collect();
    entries.sort_unstable();
    piece.columns = synapses.len() as u32;
    synapses.extend((0..=piece.target_count).map(|t| entries.partition_point(|e| e.0 < t) as u32));
    piece.entries = synapses.len() as u32;
    synapses.extend(entries.iter().flat_map(|&(_, source, synapse)| [source, synapse]));
    count
}

fn learn_events(n: usize, late: bool) -> Case {
    let random = &mut Random::new(n);
    let net = Net::new(n, random);
    let mut list = vec![0; net.layout.learning.units as usize + 1];
    // What was noted before stays.
    (list[0], list[1]) = (1, 777);
    let before = vec![
        words(&[net.layout.learning]),
        words(&[CLOCK]),
        net.tables.clone(),
        net.spikes.clone(),
        net.channel_spikes.clone(),
        words(&net.learner),
        list,
    ];
    let mut after = before.clone();
    let [.., learner, list] = after.as_mut_slice() else { unreachable!("seven buffers") };
    events_twin::learn_events(late, CLOCK.step, &net.tables(), net.spikes(), cast_slice_mut(learner), list);
    Case {
        kernel: "kernels/learn_events",
        overrides: vec![("LATE", f64::from(u8::from(late)))],
        before,
        after,
        invocations: net.layout.learning.units / 32,
        list: Some(6),
        decisive: vec![],
    }
}

pub fn early_events(n: usize) -> Case {
    learn_events(n, false)
}

pub fn late_events(n: usize) -> Case {
    learn_events(n, true)
}

fn learn_deliver(n: usize, late: bool) -> Case {
    let random = &mut Random::new(n);
    let net = Net::new(n, random);
    let (synapses, weights) = net.shard(random);
    let (list, stage) = net.list();
    let geometry = net.geometry();
    let before = vec![
        words(&[geometry]),
        words(&[net.layout.learning]),
        words(&[stage]),
        list.clone(),
        net.tables.clone(),
        synapses.clone(),
        words(&weights),
        words(&net.learner),
        random.words(7 * 2 * net.cells),
    ];
    let mut after = before.clone();
    let shard = Shard { learning: &net.layout.learning, synapses: &synapses };
    let read = (&net.tables(), &shard);
    let ring = cast_slice_mut(&mut after[8]);
    deliver_twin::learn_deliver(late, &geometry, &stage, &list, read, (&weights, &net.learner), ring);
    Case {
        kernel: "kernels/learn_deliver",
        overrides: vec![("LATE", f64::from(u8::from(late)))],
        before,
        after,
        invocations: stage.count + 1,
        list: None,
        decisive: (0..weights.len() - 1).step_by(weights.len().div_ceil(60)).map(|k| (6, k)).collect(),
    }
}

pub fn early_deliver(n: usize) -> Case {
    learn_deliver(n, false)
}

pub fn late_deliver(n: usize) -> Case {
    learn_deliver(n, true)
}

pub fn stdp_changes(n: usize) -> Case {
    let random = &mut Random::new(n);
    let net = Net::new(n, random);
    let before = vec![words(&[net.layout.learning]), net.tables.clone(), words(&net.learner)];
    let mut after = before.clone();
    changes_twin::stdp_changes(&net.tables(), cast_slice_mut(&mut after[2]));
    Case {
        kernel: "kernels/stdp_changes",
        overrides: vec![],
        before,
        after,
        invocations: net.layout.learning.units,
        list: None,
        decisive: (0..70).map(|k| (2, net.layout.traces[4] as usize + k)).collect(),
    }
}

pub fn stdp(n: usize) -> Case {
    let random = &mut Random::new(n);
    let mut net = Net::new(n, random);
    let (synapses, weights) = net.shard(random);
    // As it is when weights change: changes of sources with events are 0.
    let mut learner = net.learner.clone();
    changes_twin::stdp_changes(&net.tables(), &mut learner);
    net.learner = learner;
    let (list, stage) = net.list();
    let before = vec![
        words(&[net.layout.learning]),
        words(&[stage]),
        list.clone(),
        net.tables.clone(),
        synapses.clone(),
        words(&net.learner),
        words(&weights),
    ];
    let mut after = before.clone();
    let shard = Shard { learning: &net.layout.learning, synapses: &synapses };
    let weights = cast_slice_mut(&mut after[6]);
    stdp_twin::stdp(&stage, &list, (&net.tables(), &shard), &net.learner, weights);
    Case {
        kernel: "kernels/stdp",
        overrides: vec![],
        before,
        after,
        invocations: stage.count + 1,
        list: None,
        decisive: (0..70).map(|k| (5, net.layout.changes[7] as usize + k)).collect(),
    }
}

pub fn learn_finish(n: usize) -> Case {
    let random = &mut Random::new(n);
    let net = Net::new(n, random);
    let before = vec![words(&[net.layout.learning]), net.tables.clone(), words(&net.learner)];
    let mut after = before.clone();
    finish_twin::learn_finish(&net.tables(), cast_slice_mut(&mut after[2]));
    let event = |line: usize| (2, net.layout.learning.events as usize + net.layout.line_units[line] as usize / 32);
    Case {
        kernel: "kernels/learn_finish",
        overrides: vec![],
        before,
        after,
        invocations: net.layout.learning.units,
        list: None,
        decisive: vec![event(4)],
    }
}

pub fn astrocyte_step(n: usize) -> Case {
    let random = &mut Random::new(n);
    let mut net = Net::new(n, random);
    let state = net.layout.learning.rate_state as usize;
    net.learner[state..].iter_mut().for_each(|word| *word >>= 4);
    let before = vec![
        words(&[net.layout.learning]),
        words(&[CLOCK]),
        net.tables.clone(),
        net.spikes.clone(),
        net.channel_spikes.clone(),
        words(&net.learner),
        random.words(COURSE as usize * ASTROCYTES),
    ];
    let mut after = before.clone();
    let [.., learner, course] = after.as_mut_slice() else { unreachable!("seven buffers") };
    let (learner, course) = (cast_slice_mut(learner), cast_slice_mut(course));
    astrocyte_twin::astrocyte_step(&net.tables(), &CLOCK, net.spikes(), learner, course);
    Case {
        kernel: "kernels/astrocyte_step",
        overrides: vec![],
        before,
        after,
        invocations: ASTROCYTES as u32,
        list: None,
        decisive: vec![(3, 0), (3, n.next_multiple_of(ALIGN) / 32)],
    }
}

/// Steps of a batch that learns: static and plastic synapses, every kind of entry, everything observed.
pub fn resident_plastic(n: usize) -> Case {
    let random = &mut Random::new(n);
    let net = Net::new(n, random);
    let batch = if n > 1000 { 1 } else { 2 };
    let (synapses, weights) = net.shard(random);
    let learner = net.layout.learner_words as usize;
    let mut resident = Resident::new((&[n, 70], &[n / 2 + 1]), batch, (&synapses, learner), random);
    resident.span.weights = weights.len() as u32;
    let rates = net.layout.learning.rate_state as usize;
    let mut sample = || {
        let mut one = Net { learner: net.learner.clone(), ..Net::new(n, random) };
        one.fill_learner(random);
        one.learner[rates..].iter_mut().for_each(|word| *word >>= 4);
        [fields(net.cells, random), words(&one.learner)].concat()
    };
    let before = vec![
        words(&[resident.geometry]),
        words(&[resident.observation]),
        words(&[resident.span]),
        words(&[net.layout.learning]),
        resident.network.clone(),
        net.tables.clone(),
        words(&resident.tables),
        words(&resident.currents),
        resident.feed.clone(),
        (0..batch).flat_map(|_| sample()).collect(),
        resident.recorded(COURSE as usize * ASTROCYTES * batch, random),
        words(&weights).repeat(batch),
    ];
    let mut after = before.clone();
    let [.., state, record, weights] = after.as_mut_slice() else { unreachable!("twelve buffers") };
    let mut out = Outputs { state: cast_slice_mut(state), record: cast_slice_mut(record) };
    let learning = (&net.layout.learning, &net.tables[..]);
    resident_plastic_twin::resident_plastic(resident.inputs(), learning, cast_slice_mut(weights), &mut out);
    let mut overrides = resident.overrides();
    overrides.push(("ASTROCYTES", ASTROCYTES as f64));
    Case {
        kernel: "kernels/resident_plastic",
        overrides,
        before,
        after,
        invocations: batch as u32,
        list: None,
        decisive: resident.due(n).map(|at| (10, at)).collect(),
    }
}
