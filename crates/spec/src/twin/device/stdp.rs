//! Changes of the weights of one shard in a step: the twin of `kernels/stdp.wgsl`.

use super::layout::Stage;
use super::learning::{MULTIPLICATIVE, NO_RULE, PlasticPiece, RuleEntry, TRIPLET, Tables};
use super::plastic_shard::{Shard, row_of};
use super::stdp_changes::event_change;
use crate::twin::stdp::{Bounds, additive, multiplicative, with_triplet};

/// Changes the rows of sources with their events and the columns of targets that spiked. A row takes `pre` of each target, and `post` of its
/// source where the target spiked in the same step; a column takes `post` of each source, which is 0 for sources with their event.
pub fn stdp(
    stage: &Stage,
    list: &[u32],
    (tables, shard): (&Tables<'_>, &Shard<'_>),
    learner: &[i32],
    weights: &mut [i32],
) {
    for &unit in &list[1..=stage.count as usize] {
        for p in shard.pieces_of(unit as usize).filter(|p| p.rule != NO_RULE) {
            let step = Changing { tables, shard, learner, rule: tables.rule(p.rule as usize), p };
            if let Some(row) = row_of(&p, unit as usize, p.line_unit) {
                step.row(row, weights);
            }
            let target = unit.wrapping_sub(p.target_unit);
            if target < p.target_count {
                step.column(target as usize, weights);
            }
        }
    }
}

/// A piece whose weights change.
struct Changing<'a> {
    tables: &'a Tables<'a>,
    shard: &'a Shard<'a>,
    learner: &'a [i32],
    rule: RuleEntry,
    p: PlasticPiece,
}

impl Changing<'_> {
    fn row(&self, row: usize, weights: &mut [i32]) {
        let (rule, source) = (&self.rule, self.p.source as usize + row);
        let high = source >= rule.split as usize;
        let pick = |low: u32, of_high: u32| if high { of_high } else { low };
        let post = self.own(rule.post, source);
        let pre = pick(rule.pre, rule.pre_high);
        for j in self.shard.row(&self.p, row) {
            let target = self.shard.target(&self.p, j);
            let mut a = self.made(pre, target);
            let fired = self.tables.has_event(self.learner, self.p.target_unit as usize + target)
                && self.tables.is_open(self.learner, pick(rule.gate, rule.gate_high), target);
            let mut b = if fired { post } else { 0 };
            if rule.flags & TRIPLET != 0 {
                let triplet = self.made(pick(rule.triplet_pre, rule.triplet_pre_high), target);
                a = with_triplet(a, triplet, self.slow(rule.source_trace, source), rule.source_bits, rule.limit);
                if fired {
                    let triplet = self.own(rule.triplet_post, source);
                    b = with_triplet(b, triplet, self.slow(rule.target_trace, target), rule.target_bits, rule.limit);
                }
            }
            let weight = &mut weights[self.p.weights as usize + j];
            *weight = self.changed(high, *weight, a, b);
        }
    }

    fn column(&self, target: usize, weights: &mut [i32]) {
        let rule = &self.rule;
        let open = [rule.gate, rule.gate_high].map(|gate| self.tables.is_open(self.learner, gate, target));
        for (source, synapse) in self.shard.column(&self.p, target) {
            let high = source >= rule.split as usize;
            let mut change = self.made(rule.post, source);
            if rule.flags & TRIPLET != 0 {
                let triplet = self.made(rule.triplet_post, source);
                let slow = self.slow(rule.target_trace, target);
                change = with_triplet(change, triplet, slow, rule.target_bits, rule.limit);
            }
            if open[usize::from(high)] {
                let weight = &mut weights[self.p.weights as usize + synapse];
                *weight = self.changed(high, *weight, change, 0);
            }
        }
    }

    /// A change as `stdp_changes` made it.
    fn made(&self, change: u32, unit: usize) -> i32 {
        self.learner[self.tables.change(change as usize).at as usize + unit]
    }

    /// The change of a source with its event.
    fn own(&self, change: u32, source: usize) -> i32 {
        event_change(self.tables, self.learner, &self.tables.change(change as usize), source)
    }

    fn slow(&self, trace: u32, unit: usize) -> i32 {
        self.learner[self.tables.trace(trace as usize).at as usize + unit]
    }

    fn changed(&self, high: bool, weight: i32, a: i32, b: i32) -> i32 {
        let rule = &self.rule;
        let bounds = match high {
            false => Bounds { low: rule.low, high: rule.high },
            true => Bounds { low: rule.low_high, high: rule.high_high },
        };
        let change = if rule.flags & MULTIPLICATIVE != 0 { multiplicative } else { additive };
        change(weight, a, b, bounds)
    }
}
