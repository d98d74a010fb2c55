//! Which units have their events in a step: the twin of `kernels/learn_events.wgsl`.

use super::learning::{FROM_INPUT, FilterEntry, LineEntry, Tables, is_late};

/// Spikes of a step.
#[derive(Clone, Copy, Debug)]
pub struct Spikes<'a> {
    /// 32 cells a word.
    pub cells: &'a [u32],
    /// 32 channels a word.
    pub channels: &'a [u32],
}

impl Spikes<'_> {
    /// The spikes of a line's units from 32 * `word` on.
    fn of_line(&self, line: &LineEntry, word: usize) -> u32 {
        let words = if line.flags & FROM_INPUT != 0 { self.channels } else { self.cells };
        words[line.first as usize / 32 + word]
    }
}

/// Marks the units with events, and filters that are not 0, and appends them to `list`, whose first word is their number: before neurons step
/// what arrives and what inputs emit; `late`, after they have, their spikes. Then spikes of this step go on their way.
pub fn learn_events(
    late: bool,
    now: u32,
    tables: &Tables<'_>,
    spikes: Spikes<'_>,
    learner: &mut [i32],
    list: &mut [u32],
) {
    for unit in (0..tables.learning.units as usize).step_by(32) {
        let group = tables.group_of(unit);
        let (line, first) = tables.units(group);
        let word = (unit - first) / 32;
        if 32 * word >= line.size as usize {
            continue;
        }
        let lines = tables.learning.lines as usize;
        if is_late(&line) == late {
            let mut events = line_events(&line, word, now, spikes, learner);
            if group >= lines {
                events |= lasting(&tables.filter(group - lines), &line, word, learner);
            }
            learner[tables.learning.events as usize + unit / 32] = events as i32;
            while events != 0 {
                list[0] += 1;
                list[list[0] as usize] = unit as u32 + events.trailing_zeros();
                events &= events - 1;
            }
        }
        if late && group < lines && line.delay > 0 {
            learner[way(&line, word, now)] = spikes.of_line(&line, word) as i32;
        }
    }
}

/// Where the learner holds a word of the events that are due, and those that will be `delay` steps after this one.
const fn way(line: &LineEntry, word: usize, now: u32) -> usize {
    (line.way + now % line.delay * line.size.div_ceil(32)) as usize + word
}

fn line_events(line: &LineEntry, word: usize, now: u32, spikes: Spikes<'_>, learner: &[i32]) -> u32 {
    if line.delay > 0 { learner[way(line, word, now)] as u32 } else { spikes.of_line(line, word) }
}

/// Which filters of the units from 32 * `word` on are not 0.
fn lasting(filter: &FilterEntry, line: &LineEntry, word: usize, learner: &[i32]) -> u32 {
    let values = &learner[filter.at as usize..][..line.size as usize][32 * word..];
    values.iter().take(32).enumerate().fold(0, |bits, (k, &x)| bits | u32::from(x != 0) << k)
}
