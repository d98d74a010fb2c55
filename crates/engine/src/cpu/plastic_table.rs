//! Synapses of a plastic or filtered projection as the CPU device stores them: rows by source cut into blocks of targets, like static ones,
//! with a column index by target. Weights are whole words of each sample's own; they lie in row order.

use std::ops::Range;

use limnos_spec::connect::SynapseDelays;
use limnos_spec::twin::stdp::{self, Bounds, TripletRow};
use limnos_spec::{Model, PlasticProjection, ProjectionModel, WholeWeights};

use super::simd;
use super::table::{Ring, gather, rows_into};

/// The changes of a rule in a step.
#[derive(Debug)]
pub(super) struct Changes<'a> {
    /// Of each source with an event, in their order.
    pub(super) post_events: &'a [i32],
    /// Of the other sources, by source; 0 for those.
    pub(super) post: &'a [i32],
    /// Of targets, for excitatory and inhibitory sources.
    pub(super) pre: [&'a [i32]; 2],
    /// Marks (0 or -1) of cells of the block that spiked while their gates were open, for excitatory and inhibitory sources.
    pub(super) fired: [&'a [i32]; 2],
    /// Those of triplets.
    pub(super) triplet: Option<TripletChanges<'a>>,
}

/// What triplets add.
#[derive(Debug)]
pub(super) struct TripletChanges<'a> {
    pub(super) post_events: &'a [i32],
    pub(super) post: &'a [i32],
    pub(super) pre: [&'a [i32]; 2],
    /// Slow traces by source and by target.
    pub(super) sources: &'a [i32],
    pub(super) targets: &'a [i32],
    pub(super) bits: [u32; 2],
    pub(super) limit: i32,
}

/// The rows of one projection into one block, and their columns.
#[derive(Debug)]
pub(super) struct PlasticTable {
    /// Index among the model's plastic projections.
    pub(super) index: usize,
    /// Weights before step 0.
    pub(super) initial: Vec<i32>,
    /// First target, counted within its population.
    pub(super) first_target: usize,
    /// Targets, counted within the block; those of synapses count from the start.
    pub(super) cells: Range<usize>,
    row_start: Vec<u32>,
    targets: Vec<u16>,
    delays: SynapseDelays,
    columns: Option<Columns>,
    weights_by_kind: ([Bounds; 2], usize),
}

/// Synapses by target.
#[derive(Debug)]
struct Columns {
    /// Of each target: its first entry, and the first of an inhibitory source. Then where the last one ends.
    start: Vec<[u32; 2]>,
    sources: Vec<u32>,
    synapses: Vec<u32>,
}

/// Rows or columns that are fetched into the cache ahead of their turn, for they lie anywhere in memory.
const AHEAD: usize = 3;
/// Synapses of them that are fetched.
const FETCHED: usize = 256;
/// Words in a cache line.
const LINE: usize = 16;

/// Weights of a table that the second level of the cache holds anyhow.
const NEAR: usize = 1 << 18;

/// What a filter makes of a spike: the source's value, in Q0.31; `None` without a filter.
pub(super) type Grade<'a> = Option<&'a [i32]>;

impl PlasticTable {
    /// The part of a projection whose targets lie in `block`; `None` if there is none.
    pub(super) fn new(model: &Model, index: usize, block: &Range<usize>) -> Option<Self> {
        let plastic = &model.plastic.projections[index];
        let projection = &model.projections[plastic.projection];
        let rows = rows_into(projection, block);
        let row_start = starts(rows.iter().map(|row| row.len() as u32));
        let total = *row_start.last()? as usize;
        if total == 0 {
            return None;
        }
        let population = &model.populations[projection.target];
        let first_target = block.start.saturating_sub(population.first);
        let from = (population.first + first_target) - block.start;
        let cells = from..from + (population.size - first_target).min(block.end - population.first - first_target);
        let local = |t: u32| (t as usize - first_target) as u16;
        let mut targets = Vec::with_capacity(total);
        rows.iter().for_each(|row| targets.extend(projection.synapses.targets[row.clone()].iter().map(|&t| local(t))));
        let delays = match &projection.synapses.delays {
            _ if plastic.arrival => SynapseDelays::Constant(0),
            SynapseDelays::Constant(d) => SynapseDelays::Constant(*d),
            SynapseDelays::Table(delays) => SynapseDelays::Table(gather(delays, &rows, total)),
        };
        let weights_by_kind = kinds(plastic, projection);
        let columns = plastic.rule.map(|_| Columns::new(&row_start, &targets, cells.len(), weights_by_kind.1));
        let initial = initial(projection, &rows, total);
        Some(Self { index, initial, first_target, cells, row_start, targets, delays, columns, weights_by_kind })
    }

    /// Bytes of the tables, weights of samples not counted.
    pub(super) fn bytes(&self) -> u64 {
        let delays = if let SynapseDelays::Table(delays) = &self.delays { delays.len() } else { 0 };
        let columns = self.columns.as_ref().map_or(0, |c| 8 * c.start.len() + 8 * c.sources.len());
        (4 * self.row_start.len() + 6 * self.targets.len() + delays + columns) as u64
    }

    /// The synapses of a source.
    pub(super) fn row(&self, source: usize) -> Range<usize> {
        self.row_start[source] as usize..self.row_start[source + 1] as usize
    }

    fn bounds(&self, source: usize) -> Bounds {
        self.weights_by_kind.0[usize::from(source >= self.weights_by_kind.1)]
    }

    /// Delivers the rows of some sources.
    pub(super) fn deliver(&self, weights: &[i32], ring: &mut Ring, step: u32, units: &[u32], shift: u32, x: Grade<'_>) {
        let inhibitory = ring.inhibitory();
        if let SynapseDelays::Constant(delay) = &self.delays {
            let sums = &mut ring.slot(step, u32::from(*delay))[self.cells.start..];
            for (i, &unit) in units.iter().enumerate() {
                self.fetch_row(weights, units, i + AHEAD);
                let row = self.row(unit as usize);
                let x = x.map(|x| x[unit as usize]);
                some_synapses(sums, inhibitory, &self.targets[row.clone()], &weights[row], shift, x);
            }
        } else if let SynapseDelays::Table(delays) = &self.delays {
            for &unit in units {
                let x = x.map(|x| x[unit as usize]);
                for k in self.row(unit as usize) {
                    let sums = &mut ring.slot(step, u32::from(delays[k]))[self.cells.start..];
                    some_synapses(sums, inhibitory, &self.targets[k..=k], &weights[k..=k], shift, x);
                }
            }
        }
    }

    /// Changes the rows of the sources that have their events in this step.
    pub(super) fn change_rows<const MULTIPLICATIVE: bool>(&self, weights: &mut [i32], units: &[u32], c: &Changes<'_>) {
        let fired = c.fired.map(|fired| &fired[self.cells.clone()]);
        let (pre, triplet) = (c.pre.map(|pre| self.of_targets(pre)), c.triplet.as_ref());
        let marked = if MULTIPLICATIVE || triplet.is_some() { None } else { self.marked(units, pre, fired) };
        for (i, (&unit, &post)) in units.iter().zip(c.post_events).enumerate() {
            self.fetch_row(weights, units, i + AHEAD);
            let (source, row) = (unit as usize, self.row(unit as usize));
            let kind = usize::from(source >= self.weights_by_kind.1);
            let (weights, targets) = (&mut weights[row.clone()], &self.targets[row]);
            let bounds = self.bounds(source);
            if let Some(t) = triplet {
                let row = TripletRow {
                    pre: self.of_targets(t.pre[kind]),
                    source: t.sources[source],
                    post: t.post_events[i],
                    targets: self.of_targets(t.targets),
                    bits: t.bits,
                    limit: t.limit,
                };
                stdp::change_row_triplet::<MULTIPLICATIVE>(weights, targets, pre[kind], fired[kind], post, bounds, row);
            } else if let Some(marked) = &marked {
                simd::add_marked_to_row(weights, targets, &marked[kind], post, bounds);
            } else {
                let change = if MULTIPLICATIVE { simd::scale_row } else { simd::add_to_row };
                change(weights, targets, pre[kind], fired[kind], post, bounds);
            }
        }
    }

    /// Changes of targets with their marks, by kind of source; where the rows of some sources are so few that this would not pay, `None`.
    fn marked(&self, units: &[u32], pre: [&[i32]; 2], fired: [&[i32]; 2]) -> Option<[Vec<i32>; 2]> {
        let row = self.targets.len() / (self.row_start.len() - 1);
        let first_inhibitory = units.partition_point(|&unit| (unit as usize) < self.weights_by_kind.1);
        (units.len() * row > self.cells.len()).then(|| {
            let mut marked = [Vec::new(), Vec::new()];
            for (kind, taken) in [first_inhibitory > 0, first_inhibitory < units.len()].into_iter().enumerate() {
                if taken {
                    stdp::mark_changes(&mut marked[kind], pre[kind], fired[kind]);
                }
            }
            marked
        })
    }

    /// Values by neuron of the target population, cut to the targets of this table.
    fn of_targets<'a>(&self, values: &'a [i32]) -> &'a [i32] {
        &values[self.first_target..][..self.cells.len()]
    }

    /// Changes the columns of the targets (counted within the block, ascending) that spiked.
    pub(super) fn change_columns<const MULTIPLICATIVE: bool>(
        &self,
        weights: &mut [i32],
        spiked: &[u32],
        c: &Changes<'_>,
    ) {
        let Some(columns) = &self.columns else { return };
        let [from, to] = [self.cells.start, self.cells.end].map(|end| spiked.partition_point(|&c| (c as usize) < end));
        let spiked = &spiked[from..to];
        let far = weights.len() > NEAR;
        let local = |i: usize| spiked.get(i).filter(|_| far).map(|&cell| cell as usize - self.cells.start);
        for (i, &cell) in spiked.iter().enumerate() {
            if let Some(further) = local(i + 2 * AHEAD) {
                simd::prefetch(&columns.start, further);
            }
            if let Some(ahead) = local(i + AHEAD) {
                columns.fetch(columns.of(ahead));
            }
            let mut next = local(i + 1).map_or(&[][..], |target| &columns.synapses[columns.of(target)]);
            let target = cell as usize - self.cells.start;
            for (kind, part) in columns.by_kind(target).into_iter().enumerate() {
                if c.fired[kind][cell as usize] == 0 {
                    continue;
                }
                let (synapses, sources) = (&columns.synapses[part.clone()], &columns.sources[part]);
                let bounds = self.weights_by_kind.0[kind];
                if let Some(t) = &c.triplet {
                    let slow = (self.of_targets(t.targets)[target], t.bits[0], t.limit);
                    let post = (c.post, t.post);
                    stdp::change_column_triplet::<MULTIPLICATIVE>(weights, synapses, sources, post, slow, bounds);
                } else {
                    next = change_column::<MULTIPLICATIVE>(weights, synapses, sources, c.post, bounds, next);
                }
            }
        }
    }

    /// Asks for the row of a later event.
    fn fetch_row(&self, weights: &[i32], units: &[u32], i: usize) {
        if weights.len() <= NEAR {
            return;
        }
        if let Some(&unit) = units.get(i + AHEAD) {
            simd::prefetch(&self.row_start, unit as usize);
        }
        if let Some(&unit) = units.get(i) {
            let row = self.row(unit as usize);
            let end = row.end.min(row.start + FETCHED);
            (row.start..end).step_by(LINE).for_each(|k| simd::prefetch(weights, k));
            (row.start..end).step_by(2 * LINE).for_each(|k| simd::prefetch(&self.targets, k));
        }
    }
}

impl Columns {
    /// The entries of a target.
    fn of(&self, target: usize) -> Range<usize> {
        self.start[target][0] as usize..self.start[target + 1][0] as usize
    }

    /// The entries of a target from excitatory and from inhibitory sources.
    fn by_kind(&self, target: usize) -> [Range<usize>; 2] {
        let ([start, split], [end, _]) = (self.start[target], self.start[target + 1]);
        [start as usize..split as usize, split as usize..end as usize]
    }

    /// Asks for a column.
    fn fetch(&self, column: Range<usize>) {
        for k in (column.start..column.end.min(column.start + FETCHED)).step_by(LINE) {
            simd::prefetch(&self.sources, k);
            simd::prefetch(&self.synapses, k);
        }
    }

    fn new(row_start: &[u32], targets: &[u16], cells: usize, first_inhibitory: usize) -> Self {
        let mut lengths = vec![0u32; cells];
        targets.iter().for_each(|&t| lengths[usize::from(t)] += 1);
        let mut next = starts(lengths.iter().copied());
        let mut start: Vec<_> = next.iter().map(|&first| [first; 2]).collect();
        let (mut sources, mut synapses) = (vec![0; targets.len()], vec![0; targets.len()]);
        for source in 0..row_start.len() - 1 {
            for k in row_start[source]..row_start[source + 1] {
                let place = &mut next[usize::from(targets[k as usize])];
                (sources[*place as usize], synapses[*place as usize]) = (source as u32, k);
                *place += 1;
                // Sources ascend within a column: excitatory ones first.
                if source < first_inhibitory {
                    start[usize::from(targets[k as usize])][1] = *place;
                }
            }
        }
        Self { start, sources, synapses }
    }
}

/// Changes a column by `post` of each source. Meanwhile asks for the weights of `next`, of as many as it has itself, and returns the others.
/// A function of its own: within another one its loop lacks registers.
#[inline(never)]
fn change_column<'a, const MULTIPLICATIVE: bool>(
    weights: &mut [i32],
    synapses: &[u32],
    sources: &[u32],
    post: &[i32],
    bounds: Bounds,
    next: &'a [u32],
) -> &'a [u32] {
    let mut next = next.iter();
    for (&synapse, &source) in synapses.iter().zip(sources) {
        if let Some(&synapse) = next.next() {
            simd::prefetch(weights, synapse as usize);
        }
        let weight = &mut weights[synapse as usize];
        *weight = stdp::changed::<MULTIPLICATIVE>(*weight, post[source as usize], 0, bounds);
    }
    next.as_slice()
}

fn some_synapses(sums: &mut [i32], inhibitory: usize, targets: &[u16], weights: &[i32], shift: u32, x: Option<i32>) {
    match x {
        None => simd::deliver_row(sums, inhibitory, targets, weights, shift),
        Some(x) => simd::deliver_graded(sums, inhibitory, targets, weights, x, shift),
    }
}

fn starts(lengths: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut end = 0;
    std::iter::once(0)
        .chain(lengths.map(|length| {
            end += length;
            end
        }))
        .collect()
}

fn initial(projection: &ProjectionModel, rows: &[Range<usize>], total: usize) -> Vec<i32> {
    match &projection.plastic {
        Some(WholeWeights { initial, .. }) => gather(initial, rows, total),
        None => rows.iter().flat_map(|row| row.clone().map(|k| projection.synapses.weight(k))).collect(),
    }
}

/// Bounds by kind of source, and the first inhibitory one.
fn kinds(plastic: &PlasticProjection, projection: &ProjectionModel) -> ([Bounds; 2], usize) {
    match &projection.plastic {
        Some(weights) if plastic.rule.is_some() => (weights.bounds, weights.first_inhibitory),
        _ => ([Bounds { low: 0, high: 0 }; 2], usize::MAX),
    }
}
