//! Astrocytes and rates at the end of a step: the twin of `kernels/astrocyte_step.wgsl`.

use super::layout::Clock;
use super::learn_events::Spikes;
use super::learning::{ALL_MEMBERS, FROM_INPUT, Tables, WatchEntry};
use crate::twin::astrocyte_step::{decayed, step};

/// Steps astrocytes on what they watched in the step that the clock has just ended, records their outputs `[step][astrocyte]`, decays rates.
pub fn astrocyte_step(tables: &Tables<'_>, clock: &Clock, spikes: Spikes<'_>, learner: &mut [i32], course: &mut [i32]) {
    let learning = tables.learning;
    for rate in 0..learning.rates as usize {
        let value = &mut learner[learning.rate_state as usize + rate];
        *value = decayed(*value, tables.rate(rate).decay);
    }
    let recorded = clock.step - 1 - clock.origin;
    for k in 0..learning.astrocytes as usize {
        let entry = tables.astrocyte(k);
        let watches = (0..entry.watches).map(|w| tables.watch((entry.watch + w) as usize));
        let counts: Vec<u32> = watches.map(|w| watched(tables, &w, spikes)).collect();
        let held = &mut learner[entry.at as usize..][..2 + entry.watches as usize];
        held[0] = step(held[0], held[1], &held[2..], &counts, entry.rate);
        held.iter_mut().for_each(|value| *value = decayed(*value, entry.decay));
        if recorded < learning.course {
            course[recorded as usize * learning.astrocytes as usize + k] = held[0];
        }
    }
}

/// The watched spikes of a group.
fn watched(tables: &Tables<'_>, watch: &WatchEntry, spikes: Spikes<'_>) -> u32 {
    let all = if watch.flags & FROM_INPUT != 0 { spikes.channels } else { spikes.cells };
    let words = &all[watch.word as usize..][..watch.words as usize];
    let members = |k: usize| match watch.members {
        ALL_MEMBERS => u32::MAX,
        at => tables.words[at as usize + k],
    };
    words.iter().enumerate().map(|(k, word)| (word & members(k)).count_ones()).sum()
}
