//! Astrocytes and rates at the end of a step: the twin of `kernels/astrocyte_step.wgsl`.

use bytemuck::cast_slice;

use super::layout::Clock;
use super::learn_events::Spikes;
use super::learning::{ALL_MEMBERS, AstrocyteEntry, FROM_INPUT, LEAKY, Tables, WatchEntry};
use crate::twin::astrocyte_step::{decayed, step, watched as sum};
use crate::twin::calcium::{self, Calcium, CalciumTables};

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
        let held = &mut learner[entry.at as usize..];
        if entry.calcium == LEAKY {
            let held = &mut held[..2 + entry.watches as usize];
            held[0] = step(held[0], held[1], &held[2..], &counts, entry.rate);
            held.iter_mut().for_each(|value| *value = decayed(*value, entry.decay));
        } else {
            let (held, state) = held.split_at_mut(2 + entry.watches as usize);
            let before = Calcium { ip3: state[0], calcium: state[1], h: state[2] };
            let (after, output) = calcium::step(before, &calcium_tables(tables, &entry), sum(0, &held[2..], &counts));
            state[..3].copy_from_slice(&[after.ip3, after.calcium, after.h]);
            held[0] = output;
        }
        let held = learner[entry.at as usize];
        if recorded < learning.course {
            course[recorded as usize * learning.astrocytes as usize + k] = held;
        }
    }
}

/// The equations of an astrocyte with calcium.
fn calcium_tables(tables: &Tables<'_>, entry: &AstrocyteEntry) -> CalciumTables {
    let nodes = calcium::SEGMENTS + 1;
    let table = |k: usize| cast_slice(&tables.words[entry.calcium as usize + k * nodes..][..nodes]).to_vec();
    CalciumTables {
        decay: entry.ip3_decay,
        rest: entry.rest,
        opened: table(0),
        rise: table(1),
        channel: table(2),
        balance: table(3),
        fall: table(4),
        output: table(5),
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
