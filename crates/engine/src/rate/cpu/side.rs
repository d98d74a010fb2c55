//! Up to 16 samples of a model side by side.

use super::RateCpu;
use super::arrays::{Closed, Open, Span, put};
use super::float::Float;
use super::kernel::LANES;
use super::lanes::{Block, LaneNet};
use super::readout::{Reader, Wiring};
use crate::cpu::simd::RateKernels;
use crate::rate::Real;

/// Writes a row to a lane of columns.
fn put_lane<S: Real, T: Real>(from: &[S], lane: usize, to: &mut [[T; LANES]]) {
    to.iter_mut().zip(from).for_each(|(column, v)| column[lane] = T::from_f64(v.to_f64()));
}

/// The opposite.
fn take_lane<T: Real, S: Real>(from: &[[T; LANES]], lane: usize, to: &mut [S]) {
    to.iter_mut().zip(from).for_each(|(v, column)| *v = S::from_f64(column[lane].to_f64()));
}

fn read<'r, T: Float + RateKernels>(
    block: &Block<'_, T>,
    net: &LaneNet<T>,
    lane: usize,
    reader: &'r mut Reader<'_>,
) -> &'r [f64] {
    let inputs = |out: &mut [f64]| take_lane(block.inputs(), lane, out);
    reader.read(net.inputs, net.units, inputs, |out| take_lane(block.states(), lane, out))
}

impl<T: Float + RateKernels> RateCpu<T> {
    /// Runs with known inputs. A lane past its length goes on with its last inputs and is not looked at any more.
    pub(super) fn open_lanes<S: Real>(&self, net: &LaneNet<T>, span: Span<'_>, mut samples: Vec<Open<'_, T, S>>) {
        let mut block = Block::new(net);
        let numbers: Vec<u32> = samples.iter().map(|sample| self.number(sample.index)).collect();
        let mut readers: Vec<_> =
            samples.iter().filter(|s| s.outputs.is_some()).map(|s| self.reader(s.index)).collect();
        for (lane, sample) in samples.iter().enumerate() {
            put_lane(sample.state, lane, block.states_mut());
        }
        let columns = net.inputs + net.feedback;
        for k in 0..samples.iter().map(|sample| sample.steps).max().unwrap_or(0) {
            let running = |sample: &Open<'_, T, S>| k < sample.steps;
            for (lane, sample) in samples.iter().enumerate().filter(|(_, s)| running(s)) {
                put_lane(&sample.inputs[k * net.inputs..], lane, &mut block.read_mut()[..net.inputs]);
                put_lane(&sample.feedback[k * net.feedback..], lane, &mut block.read_mut()[net.inputs..columns]);
            }
            block.step(span.first_step + k as u32, &numbers);
            for (lane, sample) in samples.iter_mut().enumerate().filter(|(_, s)| running(s)) {
                if let Some(states) = &mut sample.states {
                    take_lane(block.states(), lane, &mut states[k * net.units..][..net.units]);
                }
                if let (Some(outputs), Some(reader)) = (&mut sample.outputs, readers.get_mut(lane)) {
                    let width = reader.outputs.len();
                    put(read(&block, net, lane, reader), &mut outputs[k * width..][..width]);
                }
                if k + 1 == sample.steps {
                    take_lane(block.states(), lane, sample.state);
                }
            }
        }
    }

    /// Closed loops.
    pub(super) fn closed_lanes<S: Real>(&self, net: &LaneNet<T>, span: Span<'_>, mut samples: Vec<Closed<'_, T, S>>) {
        let mut block = Block::new(net);
        let numbers: Vec<u32> = samples.iter().map(|sample| self.number(sample.index)).collect();
        let mut readers: Vec<_> = samples.iter().map(|sample| self.reader(sample.index)).collect();
        let width = self.outputs();
        let wiring = Wiring::new(net.inputs, net.feedback, width);
        for (lane, (sample, reader)) in samples.iter().zip(&mut readers).enumerate() {
            put_lane(sample.state, lane, block.states_mut());
            put_lane(sample.last, lane, &mut block.read_mut()[..net.inputs]);
            read(&block, net, lane, reader);
        }
        for k in 0..span.steps {
            for (lane, (sample, reader)) in samples.iter_mut().zip(&readers).enumerate() {
                put_lane(&reader.outputs, lane, &mut block.read_mut()[wiring.fed.clone()]);
                let given = &sample.given[k * wiring.given.len()..];
                put_lane(given, lane, &mut block.read_mut()[wiring.given.clone()]);
                if wiring.forecast {
                    put(&reader.outputs, &mut sample.outputs[k * width..][..width]);
                }
            }
            block.step(span.first_step + k as u32, &numbers);
            for (lane, (sample, reader)) in samples.iter_mut().zip(&mut readers).enumerate() {
                read(&block, net, lane, reader);
                if !wiring.forecast {
                    put(&reader.outputs, &mut sample.outputs[k * width..][..width]);
                }
            }
        }
        for (lane, sample) in samples.iter_mut().enumerate() {
            take_lane(block.states(), lane, sample.state);
            take_lane(block.inputs(), lane, sample.last);
        }
    }
}
