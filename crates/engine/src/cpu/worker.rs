//! The time loop of one sample, by one thread or by a team that shares it.
//!
//! Each member owns some blocks. It steps its neurons, publishes their spikes, meets the others, and delivers all spikes to its own blocks:
//! so no two threads write to one accumulator, and the sums are those of one thread.

use std::sync::{PoisonError, RwLock};

use super::barrier::Barrier;
use super::block::{BlockState, Moment};
use super::feeds::Feeds;
use super::learner::{Learner, Phase};
use super::net::{Block, Net};

type SpikeList = RwLock<Vec<u32>>;

/// What the members of a team share.
#[derive(Debug)]
pub(super) struct Team {
    threads: usize,
    barrier: Barrier,
    sources: Vec<SpikeList>,
    /// Two of each, taken in turn: a member may write its list of the next step while another still reads this one's.
    spikes: [Vec<SpikeList>; 2],
}

impl Team {
    pub(super) fn new(threads: usize) -> Self {
        let lists = || (0..threads).map(|_| SpikeList::default()).collect();
        Self { threads, barrier: Barrier::new(threads), sources: lists(), spikes: [lists(), lists()] }
    }
}

/// A member's part of a sample: its blocks and their states.
pub(super) type Part<'a> = Vec<(&'a Block, &'a mut BlockState)>;

/// What a member works on: its part, and what the sample learns with.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) part: Part<'a>,
    pub(super) learner: Option<&'a mut Learner>,
}

/// Runs `steps` steps from `from` as member `member`.
pub(super) fn run(net: &Net, feeds: &Feeds, team: &Team, member: usize, work: &mut Work<'_>, from: Moment, steps: u32) {
    let sources = feeds.any_source();
    let (plastic, part) = (&net.model.plastic, &mut work.part);
    for k in 0..steps {
        let at = Moment { step: from.step + k, recorded: from.recorded + k, ..from };
        if let Some(learner) = &mut work.learner {
            learner.start(plastic, at.step);
            learner.deliver(plastic, part, at.step, Phase::Start);
        }
        if sources {
            publish(&team.sources[member], |list| feeds.spikes(net, at, member, team.threads, list));
            team.barrier.wait();
            deliver(&team.sources, part, at.step, true);
        }
        if let Some(learner) = &mut work.learner {
            if sources {
                each_list(&team.sources, |list| learner.take_channels(list));
            }
            learner.sort(plastic, at.step, Phase::Sources);
            learner.deliver(plastic, part, at.step, Phase::Sources);
        }
        let lists = &team.spikes[(at.step % 2) as usize];
        publish(&lists[member], |list| {
            part.iter_mut().for_each(|(block, state)| state.step(net, block, feeds, at, list));
        });
        team.barrier.wait();
        deliver(lists, part, at.step, false);
        if let Some(learner) = &mut work.learner {
            each_list(lists, |list| learner.take_cells(list));
            learner.sort(plastic, at.step, Phase::Spikes);
            learner.deliver(plastic, part, at.step, Phase::Spikes);
            learner.learn(plastic, part);
            learner.finish(net);
        }
    }
}

fn publish(list: &SpikeList, fill: impl FnOnce(&mut Vec<u32>)) {
    let mut list = list.write().unwrap_or_else(PoisonError::into_inner);
    list.clear();
    fill(&mut list);
}

fn each_list(lists: &[SpikeList], mut f: impl FnMut(&[u32])) {
    lists.iter().for_each(|list| f(&list.read().unwrap_or_else(PoisonError::into_inner)));
}

fn deliver(lists: &[SpikeList], part: &mut Part<'_>, step: u32, from_input: bool) {
    each_list(lists, |list| {
        for (block, state) in part.iter_mut() {
            block.tables.iter().for_each(|table| table.deliver(&mut state.ring, step, from_input, list));
        }
    });
}
