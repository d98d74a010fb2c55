//! How many loop iterations a step of the resident regime, and an event of the event regime, take at most.
//!
//! Drivers bound the work of a dispatch. Hardware does by time, and steps per submission are few enough for that. Mesa's llvmpipe counts: after
//! 65 535 iterations of all loops of an invocation together every loop ends early, without an error and with wrong results. So a
//! dispatch there has only as many steps as stay below that even if every source spikes in each of them.

use limnos_spec::ALIGN;
use limnos_spec::twin::device::layout::Observation;

use super::sizes::{ProjectionSizes, Sizes};

/// Invocations that share the row of a spike: `TEAM` of `parts/resident.wgsl`.
const TEAM: u64 = 32;

/// Iterations of a draw's rounds, of a search in a table of thresholds.
const DRAW: u64 = 12;
const SEARCH: u64 = 34;

/// Iterations of a loop over `items` by steps of `stride`, its last test included.
const fn loops(items: u64, stride: u64) -> u64 {
    items.div_ceil(stride) + 1
}

/// Most iterations of one invocation in one step, with so many invocations in a workgroup.
pub(super) fn in_a_step(sizes: &Sizes, o: &Observation, noise: bool, invocations: u64) -> u64 {
    let (cells, channels) = (sizes.layout.cells as u64, sizes.layout.channels as u64);
    let teams = (invocations / TEAM).max(1);
    let emit = loops(channels, 4 * invocations) * (5 + DRAW);
    let cell = if noise { 1 + SEARCH } else { 1 };
    let run = if noise { 4 } else { 1 };
    let neurons = loops(cells, run * invocations) * (loops(run * cell, 1) + if noise { DRAW } else { 0 });
    let deliveries = delivery(sizes, true, teams) + delivery(sizes, false, teams);
    let clear = loops(cells / 32, invocations) + loops(channels / 32, invocations);
    let observed = loops(cells, invocations) * (2 + u64::from(o.samples)) + loops(u64::from(o.probes), invocations);
    2 + emit + neurons + deliveries + clear + observed + learned(sizes, invocations, teams)
}

/// What learning adds, should every unit have its event in the step.
fn learned(sizes: &Sizes, invocations: u64, teams: u64) -> u64 {
    let Some(learning) = &sizes.learning else { return 0 };
    let size = |&line: &usize| loops(learning.lines[line].size as u64, invocations);
    let words = |size: usize| size.next_multiple_of(ALIGN) as u64 / 32;
    let filters = learning.filters.iter().map(|&line| words(learning.lines[line].size));
    let units = learning.lines.iter().map(|line| words(line.size)).chain(filters).sum::<u64>();
    let plastic = || sizes.projections.iter().filter(|p| p.learned.is_some());
    let pieces = plastic().count() as u64;
    // Where rows and columns lie among the teams is not known here: all of them may be one team's.
    let row = |p: &ProjectionSizes| p.rows.iter().map(|&length| loops(u64::from(length), TEAM)).sum::<u64>();
    let rows = plastic().map(row).sum::<u64>();
    let columns = plastic().map(|p| p.synapses() / TEAM + 2 * p.target_size as u64).sum::<u64>();
    let asked = loops(units, teams) * (1 + 32 * (2 + pieces));
    let marked = 2 * loops(units, invocations) * 34;
    let swept = learning.changes.iter().chain(&learning.traces).chain(&learning.filters).map(|line| 1 + size(line));
    let watched = learning.watches().map(|w| 2 + loops(words(w.size), TEAM)).sum::<u64>();
    // What each watches, its bias and its gains: two loops, and the turns of those over astrocytes.
    let watched = watched + 5 * learning.astrocytes.len() as u64;
    marked
        + 3 * asked
        + 2 * rows
        + columns
        + swept.sum::<u64>()
        + watched
        + loops(learning.rates as u64, invocations)
        + 8
}

/// Most iterations of one invocation before and after the steps of a dispatch.
pub(super) fn around(sizes: &Sizes, invocations: u64) -> u64 {
    let layout = sizes.layout;
    let ring = (layout.ring_slots * layout.receptors * layout.cells) as u64;
    2 * loops(ring, invocations) + loops((2 * layout.cells + layout.channels) as u64 / 32, invocations)
}

/// Most iterations of one invocation for one spike or event of the event regime, which a workgroup of so many serves alone. A column is taken
/// for as long as there are sources, or as the longest row where that is longer: multiple edges onto one target may exceed it.
pub(super) fn of_an_event(sizes: &Sizes, workgroup: u64) -> u64 {
    let longest = |p: &ProjectionSizes| u64::from(p.rows.iter().copied().max().unwrap_or(0));
    let row = |p: &ProjectionSizes| 1 + loops(longest(p), workgroup);
    let column = |p: &ProjectionSizes| loops(longest(p).max(p.rows.len() as u64).min(p.synapses()), workgroup);
    let learns = |p: &ProjectionSizes| p.learned.as_ref().is_some_and(|learned| learned.rule);
    let rows = |from_input| sizes.projections.iter().filter(move |p| p.from_input == from_input).map(row).sum::<u64>();
    let columns = sizes.projections.iter().filter(|p| learns(p)).map(column).sum::<u64>();
    1 + rows(true).max(rows(false)) + columns
}

/// Most iterations of the busiest team when every source spikes.
fn delivery(sizes: &Sizes, from_input: bool, teams: u64) -> u64 {
    let space = if from_input { sizes.layout.channels } else { sizes.layout.cells };
    let of_kind =
        || sizes.projections.iter().filter(|p| p.from_input == from_input && p.synapses() > 0 && p.learned.is_none());
    let pieces = of_kind().count() as u64;
    // A word has 32 sources; each asks all pieces of its block.
    let mut words = vec![2 + 32 * (2 + pieces); space.next_multiple_of(ALIGN) / 32];
    for p in of_kind() {
        for (source, &length) in p.rows.iter().enumerate() {
            words[(p.first_source + source) / 32] += loops(u64::from(length), TEAM);
        }
    }
    let team = |team: usize| words.iter().skip(team).step_by(teams as usize).sum::<u64>();
    1 + (0..teams as usize).map(team).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::plan::{AstrocyteSizes, InputSizes, LearnedSizes, LearningSizes, PopulationSizes, WatchSizes};
    use limnos_spec::Layout;

    /// One population of 128 with one long row.
    fn sizes() -> Sizes {
        let mut rows = vec![0; 128];
        rows[40] = 320;
        let projection = ProjectionSizes {
            name: "p".into(),
            from_input: false,
            first_source: 0,
            target: 0,
            target_size: 128,
            rows,
            weight_table: false,
            delay_table: false,
            learned: None,
        };
        Sizes {
            layout: Layout { cells: 128, channels: 0, ring_slots: 1, receptors: 1, fields: 2 },
            populations: vec![PopulationSizes { size: 128, varied: 0, drive_words: 0, noise: false }],
            inputs: Vec::<InputSizes>::new(),
            projections: vec![projection],
            learning: None,
        }
    }

    #[test]
    fn the_busiest_team_counts() {
        let sizes = sizes();
        // Four words of 32 sources: 98 iterations for spikes and pieces, 32 tests of empty rows; ten rounds for the long row.
        assert_eq!(delivery(&sizes, false, 1), 1 + 4 * (98 + 32) + 10);
        assert_eq!(delivery(&sizes, false, 4), 1 + (98 + 32) + 10);
        assert_eq!(delivery(&sizes, true, 4), 1);
        let o = Observation::default();
        assert!(in_a_step(&sizes, &o, true, 64) > in_a_step(&sizes, &o, false, 64));
    }

    #[test]
    fn an_astrocyte_counts() {
        let with = |astrocytes| {
            let learning = LearningSizes { astrocytes, ..LearningSizes::default() };
            learned(&Sizes { learning: Some(learning), ..sizes() }, 64, 2)
        };
        let watch = WatchSizes { size: 2000, from_input: false, listed: false };
        let astrocyte = AstrocyteSizes { watches: vec![watch; 3], calcium: false };
        // A turn each of the loops over astrocytes; three turns over groups of 64 words, and a last test; four over bias and gains, likewise.
        assert_eq!(with(vec![astrocyte]) - with(Vec::new()), 2 + 3 * (1 + 3) + 1 + 4 + 1);
    }

    #[test]
    fn the_longest_row_of_an_event_counts() {
        let mut sizes = sizes();
        assert_eq!(of_an_event(&sizes, 64), 1 + 1 + 6);
        assert_eq!(of_an_event(&sizes, 32), 1 + 1 + 11);
        sizes.projections[0].learned = Some(LearnedSizes { line: 0, rule: true, delay_table: false });
        assert_eq!(of_an_event(&sizes, 64), 1 + 1 + 6 + 6);
    }
}
