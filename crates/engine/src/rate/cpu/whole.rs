//! A sample on its own, by one thread or by a team that shares it.

use std::sync::{Mutex, PoisonError};

use super::RateCpu;
use super::arrays::{Closed, Open, Span, deal, put};
use super::float::Float;
use super::net::Net;
use super::readout::{Reader, Wiring};
use super::run::{Member, Team};
use crate::cpu::simd::RateKernels;
use crate::rate::Real;

impl<T: Float + RateKernels> Member<'_, T> {
    fn read<'r>(&self, net: &Net<T>, reader: &'r mut Reader<'_>) -> &'r [f64] {
        let gathered = &self.gathered[..];
        let inputs = |out: &mut [f64]| put(&gathered[..out.len()], out);
        reader.read(net.inputs, net.units, inputs, |out| net.unload(gathered, out, |x| x.to_f64()))
    }
}

impl<T: Float + RateKernels> RateCpu<T> {
    /// A run with known inputs. Members write the rows of states and outputs in turn.
    pub(super) fn open_whole<S: Real>(&self, net: &Net<T>, span: Span<'_>, sample: Open<'_, T, S>) {
        let states = deal(sample.states, net.units, self.members);
        let outputs = deal(sample.outputs, self.outputs(), self.members);
        let work: Vec<_> = states.into_iter().zip(outputs).map(Mutex::new).collect();
        self.team(net, sample.index, sample.state, |me, member| {
            let mut work = work[me].lock().unwrap_or_else(PoisonError::into_inner);
            let (states, outputs) = &mut *work;
            let mut reader = (outputs.len() > 0).then(|| self.reader(sample.index));
            for k in 0..sample.steps {
                let (inputs, feedback) = member.gathered[..net.inputs + net.feedback].split_at_mut(net.inputs);
                put(&sample.inputs[k * net.inputs..], inputs);
                put(&sample.feedback[k * net.feedback..], feedback);
                member.step(span.first_step + k as u32);
                if k % self.members != me {
                    continue;
                }
                if let Some(row) = states.next() {
                    net.unload(&member.gathered, row, |x| S::from_f64(x.to_f64()));
                }
                if let (Some(row), Some(reader)) = (outputs.next(), &mut reader) {
                    put(member.read(net, reader), row);
                }
            }
        });
    }

    /// A closed loop. Every member evaluates the readout, rather than wait for one that does.
    pub(super) fn closed_whole<S: Real>(&self, net: &Net<T>, span: Span<'_>, sample: Closed<'_, T, S>) {
        let (width, before) = (self.outputs(), sample.last.to_vec());
        let wiring = Wiring::new(net.inputs, net.feedback, width);
        let kept = Mutex::new((sample.last, sample.outputs));
        self.team(net, sample.index, sample.state, |me, member| {
            let mut kept = (me == 0).then(|| kept.lock().unwrap_or_else(PoisonError::into_inner));
            let mut reader = self.reader(sample.index);
            put(&before, &mut member.gathered[..net.inputs]);
            member.read(net, &mut reader);
            for k in 0..span.steps {
                let fed = &mut member.gathered[wiring.fed.clone()];
                put(&reader.outputs, fed);
                if let (true, Some((_, outputs))) = (wiring.forecast, kept.as_deref_mut()) {
                    put(&reader.outputs, &mut outputs[k * width..][..width]);
                }
                put(&sample.given[k * wiring.given.len()..], &mut member.gathered[wiring.given.clone()]);
                member.step(span.first_step + k as u32);
                member.read(net, &mut reader);
                if let (false, Some((_, outputs))) = (wiring.forecast, kept.as_deref_mut()) {
                    put(&reader.outputs, &mut outputs[k * width..][..width]);
                }
            }
            if let Some((last, _)) = kept.as_deref_mut() {
                put(&member.gathered[..net.inputs], last);
            }
        });
    }

    /// Lets a team go through a sample and keeps the state of its first member.
    fn team(&self, net: &Net<T>, index: usize, state: &mut [T], work: impl Fn(usize, &mut Member<'_, T>) + Sync) {
        let team = Team::new(self.members);
        let result = Mutex::new(Vec::new());
        let before = &*state;
        let go = |me: usize| {
            let mut member = Member::new(net, &team, me, self.number(index), before, self.room(net.gathered));
            work(me, &mut member);
            if me == 0 {
                *result.lock().unwrap_or_else(PoisonError::into_inner) = member.gathered;
            } else {
                self.give_back(member.gathered);
            }
        };
        if self.members == 1 {
            go(0)
        } else {
            self.threads.team(self.members, go)
        }
        let gathered = result.into_inner().unwrap_or_else(PoisonError::into_inner);
        net.unload(&gathered, state, |x| x);
        self.give_back(gathered);
    }
}
