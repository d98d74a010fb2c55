//! The changes that traces stand for in a step: the twin of `kernels/stdp_changes.wgsl` and of `parts/changes.wgsl`.

use super::learning::{AFTER_EVENT, ChangeEntry, OF_SOURCE, Tables};
use crate::twin::stdp::{ChangeFactors, change, counted};

/// Makes the changes of all units.
pub fn stdp_changes(tables: &Tables<'_>, learner: &mut [i32]) {
    for c in (0..tables.learning.changes as usize).map(|k| tables.change(k)) {
        let line = tables.line(c.line as usize);
        for unit in 0..line.size as usize {
            let fired = tables.has_event(learner, line.unit as usize + unit);
            let own = fired && c.flags & OF_SOURCE != 0;
            learner[c.at as usize + unit] = if own { 0 } else { open_change(tables, learner, &c, unit) };
        }
    }
}

/// The change of a source with its event in this step.
#[must_use]
pub fn event_change(tables: &Tables<'_>, learner: &[i32], c: &ChangeEntry, unit: usize) -> i32 {
    if c.flags & AFTER_EVENT == 0 {
        return open_change(tables, learner, c, unit);
    }
    let trace = tables.trace(c.trace as usize);
    of_trace(tables, learner, c, unit, counted(learner[trace.at as usize + unit], trace.one, trace.nearest != 0))
}

/// The change of a unit, before it is known whether it has its event.
fn open_change(tables: &Tables<'_>, learner: &[i32], c: &ChangeEntry, unit: usize) -> i32 {
    if !tables.is_open(learner, c.gate, unit) {
        return 0;
    }
    of_trace(tables, learner, c, unit, learner[tables.trace(c.trace as usize).at as usize + unit])
}

fn of_trace(tables: &Tables<'_>, learner: &[i32], c: &ChangeEntry, unit: usize, trace: i32) -> i32 {
    let (rate, shift, limit, negative) = if unit < c.split as usize {
        (c.rate, c.shift, c.limit, c.negative)
    } else {
        (c.high_rate, c.high_shift, c.high_limit, c.high_negative)
    };
    change(tables.rate_of(learner, rate), trace, ChangeFactors { shift, limit, negative: negative != 0 })
}
