//! What all samples of a CPU simulation share: the model, its tables by block, and what is observed.

use std::ops::Range;
use std::sync::Arc;

use limnos_spec::twin::neuron_step::PaddedConstants;
use limnos_spec::twin::observe::{trace_bits, trace_decay};
use limnos_spec::{ALIGN, Model, fixed, rng};
use rayon::prelude::*;

use super::plastic_table::PlasticTable;
use super::table::{Table, alike, blocks};
use crate::{Observe, Traces};

/// The part of a population that lies in a block: whole [`ALIGN`]s of cells.
#[derive(Debug)]
pub(super) struct SegmentPlan {
    pub(super) population: usize,
    /// First neuron, counted within the population.
    pub(super) first: usize,
    /// Cells, counted within the block.
    pub(super) cells: Range<usize>,
}

/// A range of cells that one thread steps and delivers to.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) cells: Range<usize>,
    pub(super) segments: Vec<SegmentPlan>,
    pub(super) tables: Vec<Table>,
    /// Plastic and filtered projections.
    pub(super) plastic: Vec<PlasticTable>,
    /// Probes in this block: place among all probes and cell, counted within the block.
    pub(super) probes: Vec<(usize, usize)>,
}

/// The decay of traces and what a spike adds.
#[derive(Clone, Copy, Debug)]
pub(super) struct TraceFactors {
    pub(super) decay: i32,
    pub(super) one: i32,
}

impl TraceFactors {
    pub(super) fn new(traces: &Traces, dt: f64) -> Self {
        let decay = trace_decay(traces.tau, dt);
        Self { decay: fixed::q31(decay), one: 1 << trace_bits(decay) }
    }
}

/// The work of a neuron and of a plastic synapse in a step, where that of a static synapse is 1, at rates of 20 Hz or so.
const NEURON: u64 = 50;
const PLASTIC: u64 = 3;

/// Everything that does not change while a network runs.
#[derive(Debug)]
pub(super) struct Net {
    pub(super) model: Arc<Model>,
    pub(super) key: [u32; 2],
    pub(super) constants: Vec<PaddedConstants>,
    pub(super) blocks: Vec<Block>,
    pub(super) observe: Observe,
    pub(super) trace: Option<TraceFactors>,
}

impl Net {
    /// Cuts the model's cells into blocks for `threads` threads that share one sample.
    pub(super) fn new(model: Arc<Model>, observe: Observe, threads: usize) -> Self {
        let cells: Vec<_> = blocks(&work(&model), threads);
        let blocks = cells.into_par_iter().map(|cells| block(&model, &observe, cells)).collect();
        Self {
            key: rng::key(model.seed),
            constants: model.populations.iter().map(PaddedConstants::new).collect(),
            trace: observe.traces.as_ref().map(|t| TraceFactors::new(t, model.dt)),
            blocks,
            observe,
            model,
        }
    }
}

/// About how much work a step is for each [`ALIGN`] cells: its neurons, and the synapses onto them.
fn work(model: &Model) -> Vec<u64> {
    let mut work = vec![ALIGN as u64 * NEURON; model.layout.cells / ALIGN];
    for (index, projection) in model.projections.iter().enumerate() {
        let population = &model.populations[projection.target];
        let units = population.size.div_ceil(ALIGN);
        let learns = model.plastic.of(index).is_some_and(|p| p.rule.is_some());
        let synapses = projection.synapses.len().div_ceil(units) as u64 * if learns { PLASTIC } else { 1 };
        work[population.first / ALIGN..][..units].iter_mut().for_each(|unit| *unit += synapses);
    }
    work
}

fn block(model: &Model, observe: &Observe, cells: Range<usize>) -> Block {
    let segments = model.populations.iter().enumerate().filter_map(|(population, p)| {
        let end = p.first + p.size.next_multiple_of(ALIGN);
        let (from, to) = (cells.start.max(p.first), cells.end.min(end));
        (from < to).then(|| SegmentPlan {
            population,
            first: from - p.first,
            cells: from - cells.start..to - cells.start,
        })
    });
    let probes = observe.potentials.iter().flat_map(|p| p.neurons.iter().enumerate());
    let probes = probes.filter_map(|(place, &(population, neuron))| {
        let cell = model.populations[population.index()].first + neuron;
        cells.contains(&cell).then(|| (place, cell - cells.start))
    });
    let static_ones =
        model.projections.iter().enumerate().filter(|(i, _)| model.plastic.of(*i).is_none()).map(|(_, p)| p);
    let plastic = 0..model.plastic.projections.len();
    Block {
        segments: segments.collect(),
        tables: alike(static_ones).iter().filter_map(|group| Table::new(group, &cells)).collect(),
        plastic: plastic.filter_map(|index| PlasticTable::new(model, index, &cells)).collect(),
        probes: probes.collect(),
        cells,
    }
}
