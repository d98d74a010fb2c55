//! The time loop of one sample, by one thread or by a team that shares it.
//!
//! Each member steps its part of a layer, publishes the new states, meets the others, and copies theirs into a gather vector of its own: so no thread
//! writes what another may read.

use std::sync::{PoisonError, RwLock};

use limnos_spec::rng::{self, Purpose};

use super::float::Float;
use super::net::{Net, Part};
use super::noise::{BLOCK, NoiseDraw};
use crate::cpu::barrier::Barrier;
use crate::cpu::simd::{self, RateKernels};

/// What the members of a team share.
#[derive(Debug)]
pub(super) struct Team<T> {
    barrier: Barrier,
    /// New states of each member's part, two of each, taken in turn: a member may write its next while another still reads this one.
    states: [Vec<RwLock<Vec<T>>>; 2],
}

impl<T: Float> Team<T> {
    pub(super) fn new(members: usize) -> Self {
        let lists = || (0..members).map(|_| RwLock::default()).collect();
        Self { barrier: Barrier::new(members), states: [lists(), lists()] }
    }
}

/// What a member works with.
#[derive(Debug)]
pub(super) struct Member<'a, T> {
    net: &'a Net<T>,
    team: &'a Team<T>,
    member: usize,
    sample: u32,
    /// `[inputs | feedback | slots]`, see [`super::net`].
    pub(super) gathered: Vec<T>,
    next: Vec<T>,
    turn: usize,
}

impl<'a, T: Float + RateKernels> Member<'a, T> {
    /// `state` in the order of units; `gathered` has the length that the net needs, whatever it holds.
    pub(super) fn new(
        net: &'a Net<T>,
        team: &'a Team<T>,
        member: usize,
        sample: u32,
        state: &[T],
        mut gathered: Vec<T>,
    ) -> Self {
        net.load(state, &mut gathered);
        let longest = net.layers.iter().map(|layer| layer[member].slots.len()).max().unwrap_or(0);
        Self { net, team, member, sample, gathered, next: vec![T::default(); longest], turn: 0 }
    }

    /// One step from what is in the gather vector.
    pub(super) fn step(&mut self, step: u32) {
        for layer in &self.net.layers {
            let part = &layer[self.member];
            let next = &mut self.next[..part.slots.len()];
            part.step(&self.gathered, next);
            if part.noise > 0.0 {
                let stream = rng::stream(Purpose::Noise, part.layer as u32, 0);
                let draw = NoiseDraw { stream, step, sample: self.sample, key: rng::key(self.net.seed) };
                add_noise(part, draw, next);
            }
            if layer.len() > 1 {
                self.exchange(layer);
            }
            self.gathered[part.slots.clone()].copy_from_slice(&self.next[..part.slots.len()]);
        }
    }

    fn exchange(&mut self, layer: &[Part<T>]) {
        let lists = &self.team.states[self.turn];
        self.turn = 1 - self.turn;
        {
            let mut own = lists[self.member].write().unwrap_or_else(PoisonError::into_inner);
            own.clear();
            own.extend_from_slice(&self.next[..layer[self.member].slots.len()]);
        }
        self.team.barrier.wait();
        for (_, (part, list)) in layer.iter().zip(lists).enumerate().filter(|(member, _)| *member != self.member) {
            let list = list.read().unwrap_or_else(PoisonError::into_inner);
            self.gathered[part.slots.clone()].copy_from_slice(&list);
        }
    }
}

fn add_noise<T: Float>(part: &Part<T>, draw: NoiseDraw, next: &mut [T]) {
    let noise = T::from_f64(part.noise);
    let mut normals = [0.0; BLOCK];
    for first in (0..part.units.len()).step_by(BLOCK) {
        simd::noise_block(draw, part.first + first, &mut normals);
        for (unit, xi) in (first..part.units.len()).zip(&normals) {
            let slot = part.slot_of(unit);
            next[slot] = next[slot] + noise * T::from_f64(*xi);
        }
    }
}
