//! A model as the CPU device stores it: units in slots, rows in slices.
//!
//! The gather vector is `[inputs | feedback | slots of layer 0 | slots of layer 1 | ...]`, each part a multiple of 16 long. A layer's units are cut into
//! contiguous parts, one for each member of a team. Within a part units are sorted by the length of their rows where that saves work, so slots are not
//! always in the order of units.

use std::ops::Range;

use limnos_spec::rate::{Activation, RateLayer, RateModel};

use super::float::Float;
use super::kernel::{Column, Constants, Entries, LANES, Middle, Narrow, Slices, Wide};
use crate::cpu::simd::RateKernels;

/// Units of a layer that one member steps.
#[derive(Debug)]
pub(super) struct Part<T> {
    pub(super) layer: usize,
    /// First unit, counted within the layer: a multiple of 16.
    pub(super) first: usize,
    /// Units, counted over all layers.
    pub(super) units: Range<usize>,
    /// Where their states are in the gather vector.
    pub(super) slots: Range<usize>,
    /// The unit of each slot, counted from the part's first; `None` where they are in order.
    pub(super) order: Option<Vec<u32>>,
    /// The opposite.
    slot: Option<Vec<u32>>,
    pub(super) noise: f64,
    activation: Activation,
    constants: Vec<Constants<T>>,
    weights: Weights<T>,
}

#[derive(Debug)]
enum Weights<T> {
    Narrow(Slices<T, Narrow>),
    Middle(Slices<T, Middle>),
    Wide(Slices<T, Wide>),
}

/// A model laid out for so many members of a team.
#[derive(Debug)]
pub(super) struct Net<T> {
    pub(super) inputs: usize,
    pub(super) feedback: usize,
    pub(super) units: usize,
    pub(super) seed: u64,
    /// Length of the gather vector.
    pub(super) gathered: usize,
    /// `[layer][member]`.
    pub(super) layers: Vec<Vec<Part<T>>>,
}

impl<T: Float + RateKernels> Net<T> {
    pub(super) fn new(model: &RateModel, members: usize) -> Self {
        let mut plans = Plan::all(model, members);
        let first_slot = (model.inputs() + model.feedback()).next_multiple_of(LANES);
        let mut end = first_slot;
        let mut place: Vec<u32> = (0..model.columns() as u32).collect();
        for plan in plans.iter_mut().flatten() {
            plan.slots = end..end + plan.units.len().next_multiple_of(LANES);
            end = plan.slots.end;
            for slot in 0..plan.units.len() {
                let unit = plan.units.start + plan.order.as_ref().map_or(slot, |order| order[slot] as usize);
                place[model.first_state() + unit] = (plan.slots.start + slot) as u32;
            }
        }
        let part = |plan: Plan| Part::new(plan, model, &place, end);
        Self {
            inputs: model.inputs(),
            feedback: model.feedback(),
            units: model.units(),
            seed: model.seed(),
            gathered: end.max(reach(end)),
            layers: plans.into_iter().map(|layer| layer.into_iter().map(part).collect()).collect(),
        }
    }

    /// All parts, in the order of their units.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part<T>> {
        self.layers.iter().flatten()
    }

    /// The states in a gather vector in the order of units.
    pub(super) fn unload<S: Copy>(&self, gathered: &[T], out: &mut [S], convert: impl Fn(T) -> S) {
        for part in self.parts() {
            let (slots, out) = (&gathered[part.slots.clone()], &mut out[part.units.clone()]);
            match &part.order {
                None => out.iter_mut().zip(slots).for_each(|(x, slot)| *x = convert(*slot)),
                Some(order) => order.iter().zip(slots).for_each(|(unit, slot)| out[*unit as usize] = convert(*slot)),
            }
        }
    }

    /// The opposite of [`Net::unload`].
    pub(super) fn load(&self, state: &[T], gathered: &mut [T]) {
        for part in self.parts() {
            let (slots, state) = (&mut gathered[part.slots.clone()], &state[part.units.clone()]);
            match &part.order {
                None => slots[..state.len()].copy_from_slice(state),
                Some(order) => slots.iter_mut().zip(order).for_each(|(slot, unit)| *slot = state[*unit as usize]),
            }
        }
    }
}

/// Where a part's units will be.
#[derive(Debug)]
struct Plan {
    layer: usize,
    first: usize,
    units: Range<usize>,
    slots: Range<usize>,
    order: Option<Vec<u32>>,
}

impl Plan {
    fn all(model: &RateModel, members: usize) -> Vec<Vec<Self>> {
        let layer = |(k, layer): (usize, &RateLayer)| {
            let part = |range: Range<usize>| Self {
                layer: k,
                first: range.start,
                units: model.first_unit(k) + range.start..model.first_unit(k) + range.end,
                slots: 0..0,
                order: order(layer, range),
            };
            shares(layer, members).into_iter().map(part).collect()
        };
        model.layers().iter().enumerate().map(layer).collect()
    }
}

/// Cuts a layer's units into contiguous parts of about equal work, at multiples of 16.
fn shares(layer: &RateLayer, members: usize) -> Vec<Range<usize>> {
    // An activation and what belongs to it take about as long as so many entries.
    const UNIT: usize = 4;
    let work = |i: usize| layer.weights.row_start()[i] + UNIT * i;
    let cut = |m: usize| {
        let target = work(layer.units) * m / members;
        let (mut low, mut high) = (0, layer.units);
        while low < high {
            let middle = low.midpoint(high);
            if work(middle) < target { low = middle + 1 } else { high = middle }
        }
        if m == members { layer.units } else { low.next_multiple_of(LANES).min(layer.units) }
    };
    (0..members).map(|m| cut(m)..cut(m + 1)).collect()
}

/// Units by falling length of their rows, where slices in the order of units would hold a tenth more entries.
fn order(layer: &RateLayer, units: Range<usize>) -> Option<Vec<u32>> {
    let length = |i: usize| layer.weights.row(i).0.len();
    let first = units.start;
    let mut lengths: Vec<u32> = units.map(|i| length(i) as u32).collect();
    let padded = |lengths: &[u32]| -> u64 {
        lengths.chunks(LANES).map(|l| u64::from(l.iter().copied().max().unwrap_or(0))).sum()
    };
    let mut order: Vec<u32> = (0..lengths.len() as u32).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(length(first + i as usize)));
    let before = padded(&lengths);
    lengths.sort_unstable_by_key(|&l| std::cmp::Reverse(l));
    (before * 10 > padded(&lengths) * 11).then_some(order)
}

impl<T> Part<T> {
    /// The slot of unit `unit`, both counted from the part's first.
    pub(super) fn slot_of(&self, unit: usize) -> usize {
        self.slot.as_ref().map_or(unit, |slot| slot[unit] as usize)
    }
}

impl<T: Float + RateKernels> Part<T> {
    fn new(plan: Plan, model: &RateModel, place: &[u32], gathered: usize) -> Self {
        let layer = &model.layers()[plan.layer];
        let slots = plan.slots.len();
        let unit = |slot: usize| {
            let unit = plan.order.as_ref().map_or(slot, |order| order.get(slot).map_or(usize::MAX, |&i| i as usize));
            (unit < plan.units.len()).then(|| plan.first + unit)
        };
        let constants = (0..slots / LANES).map(|s| constants(layer, |lane| unit(s * LANES + lane))).collect();
        let weights = match reach(gathered) {
            Narrow::REACH => Weights::Narrow(slices(layer, slots, unit, place)),
            Middle::REACH => Weights::Middle(slices(layer, slots, unit, place)),
            _ => Weights::Wide(slices(layer, slots, unit, place)),
        };
        Self {
            layer: plan.layer,
            first: plan.first,
            units: plan.units,
            slots: plan.slots,
            slot: plan.order.as_deref().map(opposite),
            order: plan.order,
            noise: layer.noise,
            activation: layer.activation,
            constants,
            weights,
        }
    }

    /// The states of its slots after a step, without noise.
    pub(super) fn step(&self, gathered: &[T], next: &mut [T]) {
        // So many slices at a time that their sums are still in the first cache when states are made of them.
        const SLICES: usize = 64;
        let (next, _) = next.as_chunks_mut::<LANES>();
        for (k, (next, constants)) in next.chunks_mut(SLICES).zip(self.constants.chunks(SLICES)).enumerate() {
            let first = k * SLICES;
            match &self.weights {
                Weights::Narrow(slices) => T::narrow_sums(slices, first, gathered, next),
                Weights::Middle(slices) => T::middle_sums(slices, first, gathered, next),
                Weights::Wide(slices) => T::wide_sums(slices, first, gathered, next),
            }
            let state = &gathered[self.slots.start + first * LANES..][..next.len() * LANES];
            T::activate(self.activation, constants, state, next);
        }
    }
}

/// The kind of columns for gather vectors of so many entries, by its reach.
fn reach(gathered: usize) -> usize {
    [Narrow::REACH, Middle::REACH].into_iter().find(|&reach| gathered <= reach).unwrap_or(Wide::REACH)
}

fn opposite(order: &[u32]) -> Vec<u32> {
    let mut slot = vec![0; order.len()];
    order.iter().enumerate().for_each(|(k, &unit)| slot[unit as usize] = k as u32);
    slot
}

fn constants<T: Float>(layer: &RateLayer, unit: impl Fn(usize) -> Option<usize>) -> Constants<T> {
    let each = |value: &dyn Fn(usize) -> f64| std::array::from_fn(|lane| T::from_f64(unit(lane).map_or(0.0, value)));
    Constants {
        keep: each(&|i| 1.0 - layer.leak_of(i)),
        leak: each(&|i| layer.leak_of(i)),
        gain: each(&|i| layer.gain_of(i)),
        bias: each(&|i| layer.bias_of(i)),
    }
}

fn slices<T: Float, C: Column>(
    layer: &RateLayer,
    slots: usize,
    unit: impl Fn(usize) -> Option<usize>,
    place: &[u32],
) -> Slices<T, C> {
    let mut slices = Slices { shared: Entries::new(), own: Entries::new() };
    for first in (0..slots).step_by(LANES) {
        let rows: [(&[u32], &[f64]); LANES] =
            std::array::from_fn(|lane| unit(first + lane).map_or((&[][..], &[][..]), |i| layer.weights.row(i)));
        let length = rows.iter().map(|(column, _)| column.len()).max().unwrap_or(0);
        let weight = |k: usize| std::array::from_fn(|lane| T::from_f64(rows[lane].1.get(k).copied().unwrap_or(0.0)));
        let column = |k: usize, lane: usize| rows[lane].0.get(k).map(|&j| place[j as usize] as usize);
        let shared = shared(&rows);
        for k in 0..shared {
            let any = (0..LANES).find_map(|lane| column(k, lane)).unwrap_or(0);
            slices.shared.column.push(C::new(any));
            slices.shared.weight.push(weight(k));
        }
        for k in shared..length {
            slices.own.column.push(std::array::from_fn(|lane| C::new(column(k, lane).unwrap_or(0))));
            slices.own.weight.push(weight(k));
        }
        slices.shared.start.push(slices.shared.column.len());
        slices.own.start.push(slices.own.column.len());
    }
    slices
}

/// How many entries at the start have one column in all rows; a row that has ended, having weights of 0 there, agrees with any.
fn shared(rows: &[(&[u32], &[f64]); LANES]) -> usize {
    let agree = |k: usize| {
        let mut columns = rows.iter().filter_map(|(column, _)| column.get(k));
        columns.next().is_some_and(|first| columns.all(|column| column == first))
    };
    (0..).take_while(|&k| agree(k)).count()
}
