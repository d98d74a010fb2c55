//! The state of one block of one sample, and what is observed of it.

use limnos_spec::twin::neuron_step::{DriveDraw, Segment};
use limnos_spec::twin::observe;
use limnos_spec::{FIELDS, Layout};

use super::feeds::Feeds;
use super::net::{Block, Net};
use super::simd;
use super::table::Ring;
use crate::Keep;

/// State and recordings of one block of one sample.
#[derive(Debug)]
pub(super) struct BlockState {
    /// `[field][cell]`.
    pub(super) fields: Vec<Vec<i32>>,
    pub(super) ring: Ring,
    pub(super) spikes: Vec<u64>,
    /// Weights of each plastic table, in its order.
    pub(super) weights: Vec<Vec<i32>>,
    /// -1 for each cell that spiked while weights change, else 0; empty without plastic tables.
    pub(super) fired: Vec<i32>,
    traces: Vec<i32>,
    pub(super) recorded: Recorded,
}

/// What was observed since the last clearing.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// `[window][cell]`.
    pub(super) counts: Vec<u32>,
    /// `[step][word of 64 cells]`.
    pub(super) spikes: Vec<u64>,
    /// `[k][cell]`.
    pub(super) traces: Vec<i32>,
    /// `[step][probe of this block]`.
    pub(super) potentials: Vec<i32>,
    /// `[step][segment]`.
    pub(super) rates: Vec<u32>,
}

/// The moment: which sample, which step, and how many steps since the last clearing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Place of the sample in the batch.
    pub(super) lane: usize,
    /// Number of the sample in random streams.
    pub(super) sample: u32,
    pub(super) step: u32,
    pub(super) recorded: u32,
}

impl BlockState {
    pub(super) fn new(net: &Net, block: &Block) -> Self {
        let cells = block.cells.len();
        let mut state = Self {
            fields: vec![vec![0; cells]; net.model.layout.fields],
            ring: Ring::new(net.model.layout, cells),
            spikes: vec![0; cells / 64],
            weights: block.plastic.iter().map(|table| table.initial.clone()).collect(),
            fired: if block.plastic.is_empty() { Vec::new() } else { vec![0; cells] },
            traces: if net.trace.is_some() { vec![0; cells] } else { Vec::new() },
            recorded: Recorded::default(),
        };
        state.reset(net, block, Keep { weights: true, traces: false });
        state
    }

    /// Back to the state before step 0.
    pub(super) fn reset(&mut self, net: &Net, block: &Block, keep: Keep) {
        if !keep.weights {
            let initial = block.plastic.iter().map(|table| &table.initial);
            self.weights.iter_mut().zip(initial).for_each(|(weights, initial)| weights.copy_from_slice(initial));
        }
        self.fields.iter_mut().for_each(|f| f.fill(0));
        self.ring.sums.fill(0);
        self.traces.fill(0);
        for segment in &block.segments {
            let population = &net.model.populations[segment.population];
            let neurons = population.size.saturating_sub(segment.first).min(segment.cells.len());
            let v = &mut self.fields[0][segment.cells.clone()];
            (0..neurons).for_each(|i| v[i] = population.v_init.get(segment.first + i));
        }
        self.clear(net, block);
    }

    /// Forgets what was recorded.
    pub(super) fn clear(&mut self, net: &Net, block: &Block) {
        let windows = net.observe.counts.map_or(0, |c| c.windows as usize);
        self.recorded = Recorded { counts: vec![0; windows * block.cells.len()], ..Recorded::default() };
    }

    /// One step of every neuron of the block; appends the cells that spiked, ascending, to `list`.
    pub(super) fn step(&mut self, net: &Net, block: &Block, feeds: &Feeds, at: Moment, list: &mut Vec<u32>) {
        for plan in &block.segments {
            let population = &net.model.populations[plan.population];
            let cells = plan.cells.clone();
            let (exc, inh) = due(&mut self.ring, net.model.layout, at.step, &cells);
            let mut fields = self.fields.iter_mut();
            let mut segment = Segment {
                first: plan.first,
                size: population.size,
                state: std::array::from_fn::<_, { FIELDS.len() }, _>(|_| {
                    fields.next().map_or(&mut [][..], |f| &mut f[cells.clone()])
                }),
                exc,
                inh,
                currents: feeds.currents(plan.population, at, plan.first..plan.first + cells.len()),
                spikes: &mut self.spikes[cells.start / 64..cells.end / 64],
            };
            let draw = DriveDraw { population: plan.population as u32, step: at.step, sample: at.sample, key: net.key };
            simd::segment(&mut segment, population.flags, &net.constants[plan.population], &population.drive, draw);
        }
        let before = list.len();
        push_cells(&self.spikes, block.cells.start as u32, list);
        self.observe(net, block, at, &list[before..]);
    }

    /// Observes a step in which the cells in `spiked` spiked.
    fn observe(&mut self, net: &Net, block: &Block, at: Moment, spiked: &[u32]) {
        let observe = &net.observe;
        if let Some(counts) = observe.counts {
            let window = counts.window_steps.map_or(0, |w| at.recorded / w) as usize;
            let cells = block.cells.len();
            let row = &mut self.recorded.counts[window * cells..(window + 1) * cells];
            spiked.iter().for_each(|&cell| row[cell as usize - block.cells.start] += 1);
        }
        if observe.spikes.is_some() {
            self.recorded.spikes.extend_from_slice(&self.spikes);
        }
        if let (Some(factors), Some(traces)) = (net.trace, &observe.traces) {
            for (word, traces) in self.spikes.iter().zip(self.traces.chunks_exact_mut(64)) {
                observe::trace(&mut traces[..32], *word as u32, factors.decay, factors.one);
                observe::trace(&mut traces[32..], (*word >> 32) as u32, factors.decay, factors.one);
            }
            if traces.at_steps.binary_search(&at.recorded).is_ok() {
                self.recorded.traces.extend_from_slice(&self.traces);
            }
        }
        if observe.potentials.is_some() {
            self.recorded.potentials.extend(block.probes.iter().map(|&(_, cell)| self.fields[0][cell]));
        }
        if observe.rates.is_some() {
            let ones = |cells: &std::ops::Range<usize>| {
                self.spikes[cells.start / 64..cells.end / 64].iter().map(|w| w.count_ones()).sum::<u32>()
            };
            self.recorded.rates.extend(block.segments.iter().map(|s| ones(&s.cells)));
        }
    }
}

/// What is due in a step at some cells of a block: excitatory (or all) sums and inhibitory sums (empty with one receptor).
fn due<'a>(
    ring: &'a mut Ring,
    layout: Layout,
    step: u32,
    cells: &std::ops::Range<usize>,
) -> (&'a mut [i32], &'a mut [i32]) {
    let width = ring.cells;
    let (exc, inh) = ring.slot(step, 0).split_at_mut(width);
    let inh = if layout.receptors == 2 { &mut inh[cells.clone()] } else { &mut inh[..0] };
    (&mut exc[cells.clone()], inh)
}

/// Appends the set bits of `words` to `list`, as numbers from `first` on.
pub(super) fn push_cells(words: &[u64], first: u32, list: &mut Vec<u32>) {
    for (k, &word) in words.iter().enumerate() {
        let mut rest = word;
        while rest != 0 {
            list.push(first + 64 * k as u32 + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
}
