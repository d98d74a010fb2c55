//! What a CPU simulation is fed: spikes of inputs and currents into populations, by sample and step.

use std::ops::Range;

use limnos_spec::ALIGN;
use limnos_spec::twin::source_step::SourceDraw;

use super::block::{Moment, push_cells};
use super::net::Net;
use super::simd;
use crate::{CurrentFeed, SourceFeed};

/// A feed and the step it started in.
#[derive(Clone, Debug)]
struct Since<T> {
    start: u32,
    feed: T,
}

/// All feeds of a simulation.
#[derive(Debug)]
pub(super) struct Feeds {
    sources: Vec<Since<SourceFeed>>,
    currents: Vec<Option<Since<CurrentFeed>>>,
    sizes: Vec<usize>,
}

impl Feeds {
    /// Every input as its description says; no currents.
    pub(super) fn new(net: &Net, batch: usize) -> Self {
        let model = &net.model;
        let sources = model.inputs.iter().map(|input| Since {
            start: 0,
            feed: match &input.thresholds {
                None => SourceFeed::Silent,
                Some(t) => SourceFeed::Thresholds { rows: 1, values: t.repeat(batch).into() },
            },
        });
        Self {
            sources: sources.collect(),
            currents: vec![None; model.populations.len()],
            sizes: model.populations.iter().map(|p| p.size).collect(),
        }
    }

    pub(super) fn set_source(&mut self, input: usize, start: u32, feed: SourceFeed) {
        self.sources[input] = Since { start, feed };
    }

    pub(super) fn set_current(&mut self, population: usize, start: u32, feed: Option<CurrentFeed>) {
        self.currents[population] = feed.map(|feed| Since { start, feed });
    }

    /// Starts every feed anew at step 0.
    pub(super) fn rewind(&mut self) {
        self.sources.iter_mut().for_each(|s| s.start = 0);
        self.currents.iter_mut().flatten().for_each(|c| c.start = 0);
    }

    /// Whether any input can spike.
    pub(super) fn any_source(&self) -> bool {
        self.sources.iter().any(|s| s.feed != SourceFeed::Silent)
    }

    /// Currents of some neurons of a population in a step; empty without.
    pub(super) fn currents(&self, population: usize, at: Moment, neurons: Range<usize>) -> &[i32] {
        let Some(Since { start, feed }) = &self.currents[population] else { return &[] };
        let size = self.sizes[population];
        let row = at.lane * feed.rows as usize + row(feed.rows, *start, at.step);
        &feed.values[row * size + neurons.start..row * size + neurons.end.min(size)]
    }

    /// Appends the channels that spike in a step, ascending, to `list`: the part of thread `member` of `threads`.
    pub(super) fn spikes(&self, net: &Net, at: Moment, member: usize, threads: usize, list: &mut Vec<u32>) {
        let units = net.model.layout.channels / ALIGN;
        let share = units * member / threads * ALIGN..units * (member + 1) / threads * ALIGN;
        for (index, (input, source)) in net.model.inputs.iter().zip(&self.sources).enumerate() {
            let end = input.first + input.size.next_multiple_of(ALIGN);
            let (from, to) = (share.start.max(input.first), share.end.min(end));
            for first in (from..to).step_by(ALIGN) {
                let word = channels(source, input.size, index, first - input.first, at, net.key);
                push_cells(&[word], first as u32, list);
            }
        }
    }
}

/// The row of a feed for a step; a single row holds for ever.
const fn row(rows: u32, start: u32, step: u32) -> usize {
    if rows == 1 { 0 } else { (step - start) as usize }
}

/// Which of 64 channels from `first` (counted within the input) spike.
fn channels(source: &Since<SourceFeed>, size: usize, input: usize, first: usize, at: Moment, key: [u32; 2]) -> u64 {
    match &source.feed {
        SourceFeed::Silent => 0,
        SourceFeed::Thresholds { rows, values } => {
            let row = at.lane * *rows as usize + row(*rows, source.start, at.step);
            let values = &values[row * size + first..row * size + size.min(first + ALIGN)];
            simd::bernoulli(SourceDraw { input: input as u32, step: at.step, sample: at.sample, key }, first, values)
        }
        SourceFeed::Spikes { rows, bits } => {
            let words = size.div_ceil(32);
            let row = at.lane * *rows as usize + (at.step - source.start) as usize;
            let word = |k: usize| if k < words { u64::from(bits[row * words + k]) } else { 0 };
            word(first / 32) | word(first / 32 + 1) << 32
        }
    }
}
