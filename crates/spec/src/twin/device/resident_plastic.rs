//! Many steps of a batch that learns, each sample alone: the twin of `kernels/resident_plastic.wgsl` and of `parts/resident_learning.wgsl`.

use super::astrocyte_step::astrocyte_step;
use super::layout::{Clock, Stage};
use super::learn_deliver::learn_deliver;
use super::learn_events::{Spikes, learn_events};
use super::learn_finish::learn_finish;
use super::learning::{Learning, Tables};
use super::plastic_shard::Shard;
use super::resident::{Inputs, Lane, Outputs, clocks};
use super::stdp::stdp;
use super::stdp_changes::stdp_changes;

/// All steps of the samples of the dispatch; `weights` are theirs, `[sample][synapse]`.
pub fn resident_plastic(
    inputs: Inputs<'_>,
    (learning, words): (&Learning, &[u32]),
    weights: &mut [i32],
    out: &mut Outputs<'_>,
) {
    let span = inputs.span;
    for (lane, weights) in (span.first_lane..span.end_lane).zip(weights.chunks_mut(span.weights.max(1) as usize)) {
        let learning = Tables { learning, words };
        let mut learner = Learner { lane: Lane::new(inputs, lane), tables: learning, weights, list: Vec::new() };
        clocks(span).for_each(|clock| learner.step(&clock, out));
    }
}

/// One sample with what it learns.
struct Learner<'a> {
    lane: Lane<'a>,
    tables: Tables<'a>,
    weights: &'a mut [i32],
    /// Number of units with events, then units.
    list: Vec<u32>,
}

impl Learner<'_> {
    fn step(&mut self, clock: &Clock, out: &mut Outputs<'_>) {
        let span = self.lane.inputs.span;
        self.list = vec![0; self.tables.learning.units as usize + 1];
        let channels = self.lane.emit(clock);
        self.lane.deliver(clock, &channels, span.channel_pieces, out.record);
        let silent = vec![0; self.lane.inputs.geometry.cells as usize / 32];
        self.events(false, clock, Spikes { cells: &silent, channels: &channels }, out);
        let cells = self.lane.cells(clock, out);
        self.lane.deliver(clock, &cells, span.cell_pieces, out.record);
        let spikes = Spikes { cells: &cells, channels: &channels };
        self.events(true, clock, spikes, out);
        self.lane.observe(clock, &cells, out);
        self.learn(clock, spikes, out);
    }

    fn state(&self) -> std::ops::Range<usize> {
        let span = self.lane.inputs.span;
        let first = self.lane.lane as usize * span.stride as usize;
        first + span.learner as usize..first + span.stride as usize
    }

    fn shard(&self) -> Shard<'_> {
        Shard { learning: self.tables.learning, synapses: self.lane.inputs.network }
    }

    fn stage(&self, clock: &Clock) -> Stage {
        Stage { count: self.list[0], now: clock.step, ..Stage::default() }
    }

    /// Notes the events that are known before or after neurons have spiked, and delivers them.
    fn events(&mut self, late: bool, clock: &Clock, spikes: Spikes<'_>, out: &mut Outputs<'_>) {
        let learner = &mut out.state[self.state()];
        learn_events(late, clock.step, &self.tables, spikes, learner, &mut self.list);
        let (stage, shard) = (self.stage(clock), self.shard());
        let geometry = self.lane.inputs.geometry;
        let ring = &mut out.record[self.lane.ring()];
        learn_deliver(late, geometry, &stage, &self.list, (&self.tables, &shard), (&*self.weights, &*learner), ring);
    }

    /// Changes weights, and ends the step of all else.
    fn learn(&mut self, clock: &Clock, spikes: Spikes<'_>, out: &mut Outputs<'_>) {
        let learner = &mut out.state[self.state()];
        stdp_changes(&self.tables, learner);
        let (stage, learning) = (self.stage(clock), self.tables.learning);
        let shard = Shard { learning, synapses: self.lane.inputs.network };
        stdp(&stage, &self.list, (&self.tables, &shard), learner, self.weights);
        learn_finish(&self.tables, learner);
        let ended = Clock { step: clock.step + 1, ..*clock };
        let (width, recorded) = (learning.astrocytes as usize, (clock.step - clock.origin) as usize);
        let mut course = vec![0; learning.course as usize * width];
        astrocyte_step(&self.tables, &ended, spikes, learner, &mut course);
        if let Some(outputs) = course.get(recorded * width..(recorded + 1) * width) {
            let inputs = self.lane.inputs;
            let row = recorded * inputs.geometry.batch as usize + self.lane.lane as usize;
            out.record[inputs.span.course as usize + row * width..][..width].copy_from_slice(outputs);
        }
    }
}
