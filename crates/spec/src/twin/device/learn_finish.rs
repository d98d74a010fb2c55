//! The end of a step of learning: the twin of `kernels/learn_finish.wgsl` and of `parts/traces.wgsl`.

use super::learning::Tables;
use crate::twin::stdp::{counted, decayed, filtered};

/// Traces count their events and decay, filters decay.
pub fn learn_finish(tables: &Tables<'_>, learner: &mut [i32]) {
    for trace in (0..tables.learning.traces as usize).map(|k| tables.trace(k)) {
        let line = tables.line(trace.line as usize);
        for unit in 0..line.size as usize {
            let fired = tables.has_event(learner, line.unit as usize + unit);
            let value = &mut learner[trace.at as usize + unit];
            if fired {
                *value = counted(*value, trace.one, trace.nearest != 0);
            }
            *value = decayed(*value, trace.decay);
        }
    }
    for filter in (0..tables.learning.filters as usize).map(|k| tables.filter(k)) {
        let line = tables.line(filter.line as usize);
        for unit in 0..line.size as usize {
            let fired = tables.has_event(learner, line.unit as usize + unit);
            let x = tables.filter_value(learner, &filter, unit, fired);
            learner[filter.at as usize + unit] = filtered(x, filter.decay, filter.cutoff);
        }
    }
}
