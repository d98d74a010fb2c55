//! A plain simulator of one sample, built from the twins' inner functions: what both regimes must equal.

use std::sync::Arc;

use limnos_engine::{CurrentFeed, SampleState, SourceFeed};
use limnos_spec::Model;
use limnos_spec::connect::SynapseWeights;
use limnos_spec::rng;
use limnos_spec::twin::deliver::{each_weight, same_weight, slot};
use limnos_spec::twin::neuron_step::{DriveDraw, PaddedConstants, Segment, segment};
use limnos_spec::twin::source_step::{SourceDraw, bernoulli};

/// One sample of a model.
pub struct Reference {
    model: Arc<Model>,
    sample: u32,
    /// The sample's place in feeds.
    lane: usize,
    step: u32,
    fields: Vec<i32>,
    ring: Vec<i32>,
    sources: Vec<(SourceFeed, u32)>,
    currents: Vec<Option<(CurrentFeed, u32)>>,
}

impl Reference {
    pub fn new(model: &Arc<Model>, first_sample: u32, lane: usize) -> Self {
        let layout = model.layout;
        let mut fields = vec![0; layout.fields * layout.cells];
        for p in &model.populations {
            (0..p.size).for_each(|i| fields[p.first + i] = p.v_init.get(i));
        }
        let source = |input: &limnos_spec::InputModel| {
            let feed = input.thresholds.as_ref().map_or(SourceFeed::Silent, |t| {
                let values = (0..=lane).flat_map(|_| t.iter().copied()).collect();
                SourceFeed::Thresholds { rows: 1, values }
            });
            (feed, 0)
        };
        Self {
            model: Arc::clone(model),
            sample: first_sample + lane as u32,
            lane,
            step: 0,
            fields,
            ring: vec![0; layout.ring_slots * layout.receptors * layout.cells],
            sources: model.inputs.iter().map(source).collect(),
            currents: vec![None; model.populations.len()],
        }
    }

    pub fn feed_source(&mut self, input: usize, feed: SourceFeed) {
        self.sources[input] = (feed, self.step);
    }

    pub fn feed_current(&mut self, population: usize, feed: Option<CurrentFeed>) {
        self.currents[population] = feed.map(|feed| (feed, self.step));
    }

    /// One step; its spikes, 32 cells a word.
    pub fn step(&mut self) -> Vec<u32> {
        for input in 0..self.model.inputs.len() {
            for channel in self.channels(input) {
                self.deliver(true, (self.model.inputs[input].first + channel) as u32);
            }
        }
        let words = self.neurons();
        for cell in (0..words.len() * 32).filter(|cell| words[cell / 32] >> (cell % 32) & 1 == 1) {
            self.deliver(false, cell as u32);
        }
        self.step += 1;
        words
    }

    fn channels(&self, input: usize) -> Vec<usize> {
        let (feed, start) = &self.sources[input];
        let (size, row) = (self.model.inputs[input].size, (self.step - start) as usize);
        let fires = |channel: usize| match feed {
            SourceFeed::Silent => false,
            SourceFeed::Thresholds { rows, values } => {
                let row = if *rows == 1 { 0 } else { row };
                let thresholds = &values[(self.lane * *rows as usize + row) * size..][..size];
                let first = channel / 64 * 64;
                bernoulli(self.source_draw(input), first, &thresholds[first..size.min(first + 64)]) >> (channel % 64)
                    & 1
                    == 1
            }
            SourceFeed::Spikes { rows, bits } => {
                let words = size.div_ceil(32);
                bits[(self.lane * *rows as usize + row) * words + channel / 32] >> (channel % 32) & 1 == 1
            }
        };
        (0..size).filter(|&channel| fires(channel)).collect()
    }

    fn source_draw(&self, input: usize) -> SourceDraw {
        SourceDraw { input: input as u32, step: self.step, sample: self.sample, key: rng::key(self.model.seed) }
    }

    fn deliver(&mut self, from_input: bool, source: u32) {
        let layout = self.model.layout;
        let inhibitory = if layout.receptors == 2 { layout.cells } else { 0 };
        for p in self.model.projections.iter().filter(|p| p.from_input() == from_input) {
            let row = (source as usize).wrapping_sub(p.first_source);
            if row >= p.synapses.row_start.len() - 1 {
                continue;
            }
            for j in p.synapses.row_start[row]..p.synapses.row_start[row + 1] {
                let slot = slot(self.step, u32::from(p.synapses.delay(j)), layout.ring_slots as u32) as usize;
                let at = slot * layout.receptors * layout.cells + p.first_target + p.synapses.targets[j] as usize;
                match &p.synapses.weights {
                    SynapseWeights::Constant(w) => {
                        same_weight(&mut self.ring[at + if *w < 0 { inhibitory } else { 0 }..], &[0], *w);
                    }
                    SynapseWeights::Table { mantissas, shift } => {
                        each_weight(&mut self.ring[at..], inhibitory, &[0], &mantissas[j..=j], *shift);
                    }
                }
            }
        }
    }

    fn neurons(&mut self) -> Vec<u32> {
        let layout = self.model.layout;
        let due = (self.step as usize % layout.ring_slots) * layout.receptors * layout.cells;
        let mut words = vec![0; layout.cells / 32];
        for (index, p) in self.model.populations.iter().enumerate() {
            let cells = p.first..(p.first + p.size).next_multiple_of(64);
            let mut all = self.fields.chunks_mut(layout.cells);
            let mut state: [&mut [i32]; 6] = std::array::from_fn(|_| match all.next() {
                Some(field) => &mut field[cells.clone()],
                None => &mut [],
            });
            // Padding neurons have the constants of real ones; what they do must not show.
            let before: Vec<Vec<i32>> = state.iter().map(|field| field.to_vec()).collect();
            let (exc, inh) = self.ring[due..].split_at_mut(layout.cells);
            let inh = if layout.receptors == 2 { &mut inh[cells.clone()] } else { &mut [] };
            let currents = self.currents[index].as_ref().map_or(&[][..], |(feed, start)| {
                let row = if feed.rows == 1 { 0 } else { (self.step - start) as usize };
                &feed.values[(self.lane * feed.rows as usize + row) * p.size..][..p.size]
            });
            let mut spikes = vec![0; cells.len() / 64];
            let draw = DriveDraw {
                population: index as u32,
                step: self.step,
                sample: self.sample,
                key: rng::key(self.model.seed),
            };
            let mut part = Segment {
                first: 0,
                size: p.size,
                state: state.each_mut().map(|field| &mut **field),
                exc: &mut exc[cells.clone()],
                inh,
                currents,
                spikes: &mut spikes,
            };
            segment(&mut part, p.flags, &PaddedConstants::new(p), &p.drive, draw);
            for (field, before) in state.iter_mut().zip(&before).filter(|(_, before)| !before.is_empty()) {
                field[p.size..].copy_from_slice(&before[p.size..]);
            }
            for (k, word) in spikes.iter().enumerate() {
                words[p.first / 32 + 2 * k] = *word as u32;
                words[p.first / 32 + 2 * k + 1] = (*word >> 32) as u32;
            }
        }
        words
    }

    /// The state, as [`limnos_engine::Backend::state`] gives it.
    pub fn state(&self) -> SampleState {
        let layout = self.model.layout;
        let mut ring = self.ring.clone();
        ring.rotate_left(self.step as usize % layout.ring_slots * layout.receptors * layout.cells);
        SampleState { fields: self.fields.clone(), ring, ..SampleState::default() }
    }
}
