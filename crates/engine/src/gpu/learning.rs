//! What a network learns with, as the kernels' tables and shards hold it.

use limnos_spec::connect::SynapseDelays;
use limnos_spec::twin::calcium::Calcium;
use limnos_spec::twin::device::learning::{
    AFTER_EVENT, ALL_MEMBERS, AstrocyteEntry, ChangeEntry, FROM_INPUT, FilterEntry, GateEntry, LEAKY, LineEntry,
    MULTIPLICATIVE, NO_RULE, OF_SOURCE, PIECE_DELAYS, PIECE_FILTERED, PIECE_WIDE, PlasticPiece, RateEntry, RuleEntry,
    TRIPLET, TraceEntry, WatchEntry, words_of,
};
use limnos_spec::{ALIGN, CalciumModel, Model, PlasticProjection, ProjectionModel, TripletModel};

use super::plan::{LearningLayout, PiecePlan, PlasticShardPlan};
use super::shards::pack;

/// The tables of a network, as `parts/learning.wgsl` reads them.
pub(super) fn tables(model: &Model, layout: &LearningLayout) -> Vec<u32> {
    let (plastic, learning) = (&model.plastic, &layout.learning);
    let mut words = vec![0; layout.table_words as usize];
    blocks(model, layout, &mut words);
    for (k, line) in plastic.lines.iter().enumerate() {
        let entry = LineEntry {
            flags: if line.from_input() { FROM_INPUT } else { 0 },
            first: line.first as u32,
            size: line.size as u32,
            delay: line.delay,
            unit: layout.line_units[k],
            way: layout.ways[k],
        };
        put(&mut words, learning.line_table, k, entry);
    }
    for (k, f) in plastic.filters.iter().enumerate() {
        let (unit, at) = (layout.filter_units[k], layout.filters[k]);
        let entry = FilterEntry { line: f.line as u32, decay: f.decay, cutoff: f.cutoff, unit, at };
        put(&mut words, learning.filter_table, k, entry);
    }
    for (k, t) in plastic.traces.iter().enumerate() {
        let (line, nearest, at) = (t.line as u32, u32::from(t.nearest), layout.traces[k]);
        put(&mut words, learning.trace_table, k, TraceEntry { line, decay: t.decay, one: t.one, nearest, at });
    }
    for (k, rate) in plastic.rates.iter().enumerate() {
        let astrocyte = rate.astrocyte.map_or(0, |a| a as u32 + 1);
        put(&mut words, learning.rate_table, k, RateEntry { astrocyte, decay: rate.decay });
    }
    for (k, gate) in plastic.gates.iter().enumerate() {
        let entry = GateEntry { trace: gate.trace as u32, low: gate.low, high: gate.high };
        put(&mut words, learning.gate_table, k, entry);
    }
    for k in 0..plastic.changes.len() {
        put(&mut words, learning.change_table, k, change(model, layout, k));
    }
    for (k, p) in plastic.projections.iter().enumerate().filter(|(_, p)| p.rule.is_some()) {
        put(&mut words, learning.rule_table, k, rule(model, p));
    }
    astrocytes(model, layout, &mut words);
    words
}

/// Puts an entry into its table.
fn put<T: bytemuck::Pod>(words: &mut [u32], table: u32, index: usize, entry: T) {
    let at = table as usize + index * words_of::<T>();
    words[at..at + words_of::<T>()].copy_from_slice(bytemuck::cast_slice(&[entry]));
}

/// The group of each block of 64 units.
fn blocks(model: &Model, layout: &LearningLayout, words: &mut [u32]) {
    let lines = &model.plastic.lines;
    let sizes = lines.iter().map(|l| l.size).chain(model.plastic.filters.iter().map(|f| lines[f.line].size));
    let units = layout.line_units.iter().chain(&layout.filter_units);
    for (group, (&unit, size)) in units.zip(sizes).enumerate() {
        words[unit as usize / ALIGN..][..size.div_ceil(ALIGN)].fill(group as u32);
    }
}

fn change(model: &Model, layout: &LearningLayout, k: usize) -> ChangeEntry {
    let c = &model.plastic.changes[k];
    let [low, high] = c.parts;
    ChangeEntry {
        line: model.plastic.traces[c.trace].line as u32,
        trace: c.trace as u32,
        flags: if c.of_source { OF_SOURCE } else { 0 } | if c.after_event { AFTER_EVENT } else { 0 },
        split: c.split as u32,
        at: layout.changes[k],
        gate: c.gate.map_or(0, |gate| gate as u32 + 1),
        rate: low.rate as u32,
        shift: low.factors.shift,
        limit: low.factors.limit,
        negative: u32::from(low.factors.negative),
        high_rate: high.rate as u32,
        high_shift: high.factors.shift,
        high_limit: high.factors.limit,
        high_negative: u32::from(high.factors.negative),
    }
}

/// The line of a projection's targets.
fn target_line(model: &Model, p: &PlasticProjection) -> Option<usize> {
    let plastic = &model.plastic;
    p.rule.map(|rule| plastic.traces[plastic.changes[rule.pre[0]].trace].line)
}

fn rule(model: &Model, p: &PlasticProjection) -> RuleEntry {
    let (Some(rule), Some(weights)) = (&p.rule, &model.projections[p.projection].plastic) else {
        return RuleEntry::default();
    };
    let [low, high] = weights.bounds;
    let [gate, gate_high] = rule.gates.map_or([0; 2], |gates| gates.map(|gate| gate as u32 + 1));
    let entry = RuleEntry {
        flags: if rule.multiplicative { MULTIPLICATIVE } else { 0 },
        split: weights.first_inhibitory.min(u32::MAX as usize) as u32,
        post: rule.post as u32,
        pre: rule.pre[0] as u32,
        pre_high: rule.pre[1] as u32,
        low: low.low,
        high: low.high,
        low_high: high.low,
        high_high: high.high,
        gate,
        gate_high,
        ..RuleEntry::default()
    };
    rule.triplet.map_or(entry, |triplet| with_triplet(entry, &triplet))
}

fn with_triplet(pair: RuleEntry, t: &TripletModel) -> RuleEntry {
    RuleEntry {
        flags: pair.flags | TRIPLET,
        triplet_post: t.post.0 as u32,
        triplet_pre: t.pre.0[0] as u32,
        triplet_pre_high: t.pre.0[1] as u32,
        source_trace: t.pre.1 as u32,
        target_trace: t.post.1 as u32,
        source_bits: t.bits[1],
        target_bits: t.bits[0],
        limit: t.limit,
        ..pair
    }
}

fn astrocytes(model: &Model, layout: &LearningLayout, words: &mut [u32]) {
    let learning = &layout.learning;
    let mut next = 0;
    for (k, a) in model.plastic.astrocytes.iter().enumerate() {
        let entry = AstrocyteEntry {
            at: layout.astrocytes[k],
            rate: a.rate,
            decay: a.decay,
            watch: next as u32,
            watches: a.watches.len() as u32,
            calcium: if a.calcium.is_some() { layout.calcium[k] } else { LEAKY },
            rest: a.calcium.as_ref().map_or(0, |c| c.tables.rest),
            ip3_decay: a.calcium.as_ref().map_or(0, |c| c.tables.decay),
        };
        if let Some(CalciumModel { tables: t, .. }) = &a.calcium {
            let all = [&t.opened, &t.rise, &t.channel, &t.balance, &t.fall, &t.output];
            let all = all.into_iter().flatten().map(|&word| word as u32);
            words[entry.calcium as usize..].iter_mut().zip(all).for_each(|(word, value)| *word = value);
        }
        put(words, learning.astrocyte_table, k, entry);
        for w in &a.watches {
            let at = layout.members[next];
            let entry = WatchEntry {
                flags: if matches!(w.source, limnos_spec::Endpoint::Input(_)) { FROM_INPUT } else { 0 },
                word: w.first as u32 / 32,
                words: w.size.div_ceil(32) as u32,
                members: if w.members.is_some() { at } else { ALL_MEMBERS },
            };
            put(words, learning.watch_table, next, entry);
            if let Some(members) = &w.members {
                words[at as usize..][..members.len()].copy_from_slice(members);
            }
            next += 1;
        }
    }
}

/// The learner's words behind the traces before step 0: rates and astrocytes; all else is 0.
pub(super) fn initial(model: &Model, layout: &LearningLayout) -> Vec<i32> {
    let from = layout.learning.rate_state as usize;
    let mut words: Vec<i32> = model.plastic.rates.iter().map(|rate| rate.initial).collect();
    for a in &model.plastic.astrocytes {
        words.extend([a.initial, a.bias]);
        words.extend(a.watches.iter().map(|w| w.gain));
        if let Some(CalciumModel { initial: Calcium { ip3, calcium, h }, .. }) = a.calcium {
            words.extend([ip3, calcium, h]);
        }
    }
    debug_assert_eq!(words.len() + from, layout.learner_words as usize, "rates and astrocytes should come last");
    words
}

/// The synapses of a shard, as `parts/plastic_rows.wgsl` reads them.
pub(super) fn synapses(model: &Model, layout: &LearningLayout, shard: &PlasticShardPlan) -> Vec<u32> {
    let pieces = shard.pieces.len() * words_of::<PlasticPiece>();
    let mut words = vec![0; 2 * (layout.learning.units as usize / ALIGN) + pieces];
    words.reserve_exact(shard.synapse_words as usize - words.len());
    let first = words.len() - pieces;
    let mut weights = 0;
    for (k, plan) in shard.pieces.iter().enumerate() {
        let piece = piece(model, layout, plan, weights, &mut words);
        weights += plan.synapses as u32;
        put(&mut words, first as u32, k, piece);
        note(&mut words, k as u32, piece.group_unit + piece.source, piece.sources);
        if piece.rule != NO_RULE {
            note(&mut words, k as u32, piece.line_unit + piece.source, piece.sources);
            note(&mut words, k as u32, piece.target_unit, piece.target_count);
        }
    }
    words
}

/// Tells the blocks of some units that they may be in piece `k`.
fn note(words: &mut [u32], k: u32, unit: u32, units: u32) {
    for block in unit as usize / ALIGN..(unit + units).div_ceil(ALIGN as u32) as usize {
        if words[2 * block + 1] == 0 {
            words[2 * block] = k;
        }
        words[2 * block + 1] = k + 1;
    }
}

/// Appends the tables of a piece, and describes it.
fn piece(model: &Model, layout: &LearningLayout, plan: &PiecePlan, weights: u32, words: &mut Vec<u32>) -> PlasticPiece {
    let index = model.plastic.projections.iter().position(|p| p.projection == plan.projection);
    let index = index.expect("a shard should hold plastic and filtered projections");
    let (p, projection) = (&model.plastic.projections[index], &model.projections[plan.projection]);
    let target_count = model.populations[projection.target].size;
    let mut piece = PlasticPiece {
        line: p.line as u32,
        group: p.filter.map_or(p.line, |f| model.plastic.lines.len() + f) as u32,
        group_unit: p.filter.map_or(layout.line_units[p.line], |f| layout.filter_units[f]),
        line_unit: layout.line_units[p.line],
        source: plan.sources.start as u32,
        sources: plan.sources.len() as u32,
        target_cell: projection.first_target as u32,
        target_count: target_count as u32,
        weights,
        rule: if p.rule.is_some() { index as u32 } else { NO_RULE },
        shift: p.shift,
        target_unit: target_line(model, p).map_or(0, |line| layout.line_units[line]),
        ..PlasticPiece::default()
    };
    if p.filter.is_some() {
        piece.flags |= PIECE_FILTERED;
    }
    rows(projection, plan, target_count, p.arrival, &mut piece, words);
    if p.rule.is_some() {
        columns(projection, plan, target_count, &mut piece, words);
    }
    piece
}

fn rows(
    p: &ProjectionModel,
    plan: &PiecePlan,
    targets: usize,
    arrival: bool,
    piece: &mut PlasticPiece,
    words: &mut Vec<u32>,
) {
    let starts = &p.synapses.row_start[plan.sources.start..=plan.sources.end];
    let (first, end) = (starts[0], starts[starts.len() - 1]);
    piece.rows = words.len() as u32;
    words.extend(starts.iter().map(|&start| (start - first) as u32));
    piece.targets = words.len() as u32;
    if targets > 1 << 16 {
        piece.flags |= PIECE_WIDE;
        words.extend_from_slice(&p.synapses.targets[first..end]);
    } else {
        words.extend(p.synapses.targets[first..end].chunks(2).map(|few| pack::<2, _>(few, |target| target)));
    }
    match &p.synapses.delays {
        _ if arrival => piece.delay = 0,
        SynapseDelays::Constant(delay) => piece.delay = u32::from(*delay),
        SynapseDelays::Table(delays) => {
            piece.flags |= PIECE_DELAYS;
            piece.delays = words.len() as u32;
            words.extend(delays[first..end].chunks(4).map(|few| pack::<4, _>(few, u32::from)));
        }
    }
}

/// Synapses by target: column starts, then source and synapse of each entry; sources ascend within a column.
fn columns(p: &ProjectionModel, plan: &PiecePlan, targets: usize, piece: &mut PlasticPiece, words: &mut Vec<u32>) {
    let starts = &p.synapses.row_start;
    let first = starts[plan.sources.start];
    piece.columns = words.len() as u32;
    let mut next = vec![0u32; targets + 1];
    p.synapses.targets[first..starts[plan.sources.end]].iter().for_each(|&t| next[t as usize + 1] += 1);
    (0..targets).for_each(|t| next[t + 1] += next[t]);
    words.extend_from_slice(&next);
    piece.entries = words.len() as u32;
    words.resize(words.len() + 2 * plan.synapses as usize, 0);
    let entries = &mut words[piece.entries as usize..];
    for source in plan.sources.clone() {
        for j in starts[source]..starts[source + 1] {
            let place = &mut next[p.synapses.targets[j] as usize];
            entries[2 * *place as usize] = source as u32;
            entries[2 * *place as usize + 1] = (j - first) as u32;
            *place += 1;
        }
    }
}

/// Weights before step 0 of a plastic or filtered projection.
pub(super) fn initial_weights(p: &ProjectionModel) -> Vec<i32> {
    match &p.plastic {
        Some(weights) => weights.initial.clone(),
        None => (0..p.synapses.len()).map(|k| p.synapses.weight(k)).collect(),
    }
}
