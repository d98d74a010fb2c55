//! Rate models with random rows, laid out for the kernels, and random contents of their other buffers.

use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};
use limnos_spec::twin::device::rate::{
    Close, LOOP_OPEN, LOOP_TO_INPUTS, MAP_RAW, MAP_RAW_AND_SQUARED, MAP_SQUARED_ALTERNATE, RateMoment, RateRows,
    RateShape, RateSpan, Tables,
};
use limnos_spec::twin::device::rate_pack::{Packed, shape};
use limnos_spec::twin::device::{
    rate_gram as gram_twin, rate_lanes as lanes_twin, rate_readout as readout_twin, rate_resident as resident_twin,
    rate_step as step_twin,
};

use crate::kernel_cases::{Random, words};

type Groups = Box<dyn Fn(u32) -> (u32, u32, u32)>;
type Expected = Box<dyn Fn(&[Vec<u32>]) -> Vec<Word>>;

/// Buffer, word, and what should be there.
pub type Word = (usize, usize, Close);

/// Buffers of a kernel in the order of its bindings, and what its twin says of the floats that it writes.
pub struct Case {
    pub kernel: &'static str,
    pub overrides: Vec<(&'static str, f64)>,
    pub before: Vec<Vec<u32>>,
    /// Workgroups with so many invocations each.
    pub groups: Groups,
    /// From all buffers afterwards: (buffer, word, what should be there), for every word that the kernel writes.
    pub expected: Expected,
    /// Words of an input (buffer, place) of which the result depends on one at least.
    pub decisive: Vec<(usize, usize)>,
}

/// Numbers between -1 and 1 of 16 bits, so that sums and products of few are exact.
pub fn number(random: &mut Random) -> f32 {
    (f64::from(random.word() >> 16) / 32768.0 - 1.0) as f32
}

pub fn numbers(random: &mut Random, count: usize) -> Vec<f32> {
    (0..count).map(|_| number(random)).collect()
}

/// Rows of 0 to 20 entries, and one of 200 where there is room.
fn matrix(rows: usize, columns: usize, random: &mut Random) -> SparseMatrix {
    let (mut row_start, mut column, mut value) = (vec![0], Vec::new(), Vec::new());
    for i in 0..rows {
        let length = if i == rows / 3 { 200 } else { random.below(21) };
        let mut own: Vec<u32> = (0..length.min(columns)).map(|_| random.below(columns) as u32).collect();
        own.sort_unstable();
        own.dedup();
        value.extend(own.iter().map(|_| f64::from(number(random)) / 3.0));
        column.extend(own);
        row_start.push(column.len());
    }
    SparseMatrix::new(rows, columns, row_start, column, value).expect("rows ascend")
}

fn layer(units: usize, columns: usize, activation: Activation, noise: f64, random: &mut Random) -> RateLayer {
    let mut each = |low: f64, high: f64| -> Vec<f64> {
        (0..units).map(|_| f64::midpoint(low, high) + f64::from(number(random)) * (high - low) / 2.0).collect()
    };
    let (leak, gain, bias) = (each(0.1, 1.0), each(0.5, 1.5), each(-0.5, 0.5));
    RateLayer { leak, gain, bias, activation, noise, ..RateLayer::new(matrix(units, columns, random)) }
}

/// A model of `n` units: one layer, or for more than one unit three of different activations.
pub fn model(n: usize, inputs: usize, feedback: usize, seed: usize) -> RateModel {
    let random = &mut Random::new(seed);
    let sizes = if n < 4 { vec![n] } else { vec![n / 2, n / 4, n - n / 2 - n / 4] };
    let kinds = [(Activation::Tanh, 0.0), (Activation::Sigmoid, 0.125), (Activation::Relu, 0.0)];
    let mut before = inputs + feedback;
    let layers = sizes.iter().zip(kinds).map(|(&units, (activation, noise))| {
        before += units;
        layer(units, before, activation, noise, random)
    });
    RateModel::new(inputs, feedback, layers.collect(), seed as u64).expect("the model is sound")
}

const INPUTS: usize = 3;
const OUTPUTS: usize = 2;
const STEPS: usize = 3;

fn floats(words: &[u32]) -> &[f32] {
    bytemuck::cast_slice(words)
}

fn split(groups: u32) -> (u32, u32, u32) {
    // Over both dimensions, with some to spare.
    let y = if groups > 3 { 2 } else { 1 };
    (groups.div_ceil(y), y, 1)
}

/// Models and samples of a case, and what they read.
struct Scene {
    shape: RateShape,
    packed: Packed,
    drive: Vec<f32>,
    state: Vec<f32>,
    record: Vec<f32>,
}

impl Scene {
    /// Members with different seeds; sample 1 of them all ends early.
    fn new(n: usize, members: usize, per_member: usize, interleaved: bool) -> Self {
        let random = &mut Random::new(n + 7);
        let models: Vec<_> = (0..members).map(|m| model(n, INPUTS, OUTPUTS, n + 100 * m)).collect();
        let mut packed = Packed::new(&models, per_member);
        let shape = RateShape { first_sample: 11, ..shape(&models[0], members, per_member, interleaved) };
        let samples = members * per_member;
        if samples > 1 {
            packed.table[shape.lengths_at as usize + 1] = 21;
        }
        let state = numbers(random, shape.last_at as usize + samples * INPUTS);
        let drive = numbers(random, samples * (STEPS + 1) * (INPUTS + OUTPUTS));
        let record = vec![0.0; samples * (STEPS * n + (STEPS + 1) * OUTPUTS)];
        Self { shape, packed, drive, state, record }
    }

    fn span(&self) -> RateSpan {
        RateSpan {
            step: 40,
            row: 20,
            steps: STEPS as u32,
            half: 1,
            feedback_at: self.shape.samples * (STEPS as u32 + 1) * INPUTS as u32,
            outputs_at: self.shape.samples * STEPS as u32 * self.shape.units,
            closed: LOOP_OPEN,
            reads_out: 0,
        }
    }

    /// Takes a readout of random weights; they shrink with their number, as a closed loop should stay in bounds.
    fn read_out(&mut self, map: u32, with_inputs: bool) -> Vec<f32> {
        let width = if map == MAP_RAW_AND_SQUARED { 2 } else { 1 } * self.shape.units;
        let shape = &mut self.shape;
        (shape.outputs, shape.map, shape.with_inputs) = (OUTPUTS as u32, map, u32::from(with_inputs));
        shape.features = width + shape.with_inputs * shape.inputs;
        let members = (shape.samples / shape.per_member) as usize;
        let random = &mut Random::new(width as usize);
        let count = members * OUTPUTS * (shape.features as usize + 1);
        numbers(random, count).into_iter().map(|w| w / (width as f32).sqrt()).collect()
    }

    /// Buffers of the kernels that step stored states.
    fn stored(&self, span: RateSpan, moment: RateMoment) -> Vec<Vec<u32>> {
        let p = &self.packed;
        vec![
            words(&[self.shape]),
            words(&[span]),
            words(&[moment]),
            words(&p.units),
            p.columns.clone(),
            words(&p.weights),
            p.table.clone(),
            words(&self.drive),
            words(&self.state),
            words(&self.record),
        ]
    }

    /// Bounds of layer `layer`.
    fn moment(&self, layer: usize, k: u32) -> RateMoment {
        let at = self.shape.layers_at as usize + layer;
        RateMoment { k, first: self.packed.table[at], end: self.packed.table[at + 1], pad: 0 }
    }

    /// Some entries of weights in rows of that layer, as places of buffer `buffer`.
    fn decisive(&self, moment: RateMoment, buffer: usize) -> Vec<(usize, usize)> {
        let units = &self.packed.units[moment.first as usize..moment.end as usize];
        units.iter().filter(|u| u.length > 0).map(|u| (buffer, u.start as usize)).take(20).collect()
    }
}

/// States of a layer after a step, where the kernels leave them: in the other half of `state` and in `record`.
fn left(scene: &RateShape, span: &RateSpan, moment: &RateMoment, twin: Vec<Close>) -> Vec<Word> {
    let (units, samples) = (scene.units as usize, scene.samples as usize);
    let half = ((span.half + moment.k + 1) & 1) as usize;
    let at = |i: usize| (moment.first as usize + i / samples, i % samples);
    let places = twin.into_iter().enumerate().flat_map(|(i, close)| {
        let (unit, lane) = at(i);
        [
            (8, scene.place(half, units, unit, lane), close),
            (9, scene.place(moment.k as usize, units, unit, lane), close),
        ]
    });
    places.collect()
}

type Twin = fn(&Tables<'_>, &RateSpan, &RateMoment, &[f32], &[f32]) -> Vec<Close>;

fn stored(kernel: &'static str, scene: Scene, layer: usize, k: u32, parts: u32, twin: Twin) -> Case {
    let (span, moment) = (scene.span(), scene.moment(layer, k));
    let before = scene.stored(span, moment);
    let decisive = scene.decisive(moment, 5);
    let count = moment.end - moment.first;
    let samples = scene.shape.samples;
    let groups = move |workgroup: u32| match kernel {
        "kernels/rate_step" => split(count.div_ceil(workgroup / parts)),
        _ => split((count * samples).div_ceil(workgroup)),
    };
    let expected = move |after: &[Vec<u32>]| {
        let tables = scene.packed.tables(&scene.shape);
        let twin = twin(&tables, &span, &moment, &scene.drive, floats(&after[8]));
        left(&scene.shape, &span, &moment, twin)
    };
    let overrides = vec![("PARTS", f64::from(parts))];
    Case { kernel, overrides, before, groups: Box::new(groups), expected: Box::new(expected), decisive }
}

pub fn step(n: usize, parts: u32) -> Vec<Case> {
    let layers = if n < 4 { 1 } else { 3 };
    let case = |layer: usize| {
        stored("kernels/rate_step", Scene::new(n, 1, 1, true), layer, layer as u32, parts, step_twin::rate_step)
    };
    (0..layers).map(case).collect()
}

pub fn lanes(n: usize, members: usize, per_member: usize, parts: u32) -> Vec<Case> {
    let layers = if n < 4 { 1 } else { 3 };
    let case = |layer: usize| {
        let scene = Scene::new(n, members, per_member, true);
        stored("kernels/rate_lanes", scene, layer, layer as u32, parts, lanes_twin::rate_lanes)
    };
    (0..layers).map(case).collect()
}

/// Outputs before step `k`, which go to `drive` too.
pub fn readout(n: usize, per_member: usize, k: u32, closed: u32, team: u32) -> Case {
    let mut scene = Scene::new(n, 2, per_member, true);
    let map = [MAP_RAW, MAP_SQUARED_ALTERNATE, MAP_RAW_AND_SQUARED][n % 3];
    let weights = scene.read_out(map, n.is_multiple_of(2));
    let span = RateSpan { closed, reads_out: 1, ..scene.span() };
    let moment = RateMoment { k, ..RateMoment::default() };
    let before = vec![
        words(&[scene.shape]),
        words(&[span]),
        words(&[moment]),
        words(&weights),
        words(&scene.state),
        words(&scene.drive),
        words(&scene.record),
    ];
    let samples = scene.shape.samples;
    let groups = move |workgroup: u32| split((OUTPUTS as u32).div_ceil(workgroup / team) * samples);
    let expected = move |_: &[Vec<u32>]| {
        let shape = &scene.shape;
        let twin = readout_twin::rate_readout(shape, &span, &moment, &weights, &scene.state, &scene.drive);
        let places = twin.into_iter().enumerate().flat_map(|(i, close)| {
            let (lane, output) = (i / OUTPUTS, i % OUTPUTS);
            let row = |width: usize| shape.place(k as usize, width, output, lane);
            let recorded = (6, span.outputs_at as usize + row(OUTPUTS), close);
            let fed = match closed {
                LOOP_OPEN => None,
                LOOP_TO_INPUTS => Some((5, row(INPUTS), close)),
                _ => Some((5, span.feedback_at as usize + row(OUTPUTS), close)),
            };
            std::iter::once(recorded).chain(fed)
        });
        places.collect()
    };
    Case {
        kernel: "kernels/rate_readout",
        overrides: vec![("TEAM", f64::from(team))],
        before,
        groups: Box::new(groups),
        expected: Box::new(expected),
        decisive: vec![(3, 0), (3, 1), (4, 0), (4, n)],
    }
}

/// All steps, each in lock-step with what the record holds.
pub fn resident(n: usize, members: usize, per_member: usize, closed: Option<u32>, parts: u32) -> Case {
    let mut scene = Scene::new(n, members, per_member, false);
    let map = [MAP_RAW, MAP_SQUARED_ALTERNATE, MAP_RAW_AND_SQUARED][n % 3];
    let readout = closed.map_or(vec![0.0], |_| scene.read_out(map, n.is_multiple_of(2)));
    let span = RateSpan { closed: closed.unwrap_or(LOOP_OPEN), reads_out: u32::from(closed.is_some()), ..scene.span() };
    let p = &scene.packed;
    let before = vec![
        words(&[scene.shape]),
        words(&[span]),
        words(&p.units),
        p.columns.clone(),
        words(&p.weights),
        p.table.clone(),
        words(&scene.drive),
        words(&readout),
        words(&scene.state),
        words(&scene.record),
    ];
    let decisive = scene.decisive(scene.moment(0, 0), 4);
    let samples = scene.shape.samples;
    let overrides = vec![
        ("PARTS", f64::from(parts)),
        ("TEAM", 16.0),
        ("GATHER", (INPUTS + OUTPUTS + n).next_multiple_of(64) as f64),
        ("UNITS", n.next_multiple_of(64) as f64),
    ];
    let expected = move |after: &[Vec<u32>]| {
        let record = floats(&after[9]);
        let run = resident_twin::Run { drive: &scene.drive, readout: &readout, state: &scene.state, record };
        let twin = resident_twin::rate_resident(&scene.packed.tables(&scene.shape), &span, &run);
        // Where an open loop computes no outputs (before its first step) the record stays 0, which is what the twin says.
        let mut all: Vec<_> = twin.into_iter().enumerate().map(|(word, close)| (9, word, close)).collect();
        let last = (STEPS - 1) * samples as usize * n;
        all.extend((0..samples as usize * n).map(|i| (8, i, Close::exact(record[last + i]))));
        // Inputs of the last step, after the states.
        let inputs = samples as usize * INPUTS;
        all.extend((0..inputs).map(|i| {
            let (lane, c) = (i / INPUTS, i % INPUTS);
            let row = (STEPS - 1) * samples as usize + lane;
            let fed = span.closed == LOOP_TO_INPUTS && c < OUTPUTS;
            let output = record.get(span.outputs_at as usize + row * OUTPUTS + c);
            let value = if fed { *output.expect("outputs are recorded") } else { scene.drive[row * INPUTS + c] };
            (8, scene.shape.last_at as usize + i, Close::exact(value))
        }));
        all
    };
    Case {
        kernel: "kernels/rate_resident",
        overrides,
        before,
        groups: Box::new(move |_| split(samples)),
        expected: Box::new(expected),
        decisive,
    }
}

/// Products over the steps from 1 on.
pub fn gram(n: usize, members: usize, per_member: usize, interleaved: bool) -> Case {
    let mut scene = Scene::new(n, members, per_member, interleaved);
    scene.read_out([MAP_RAW, MAP_SQUARED_ALTERNATE, MAP_RAW_AND_SQUARED][n % 3], n.is_multiple_of(2));
    (scene.shape.with_bias, scene.shape.features) = (1, scene.shape.features + 1);
    let random = &mut Random::new(n);
    scene.record = numbers(random, scene.record.len());
    let targets = numbers(random, scene.shape.samples as usize * STEPS * OUTPUTS);
    let columns = scene.shape.features + OUTPUTS as u32;
    let rows =
        RateRows { first: 1, end: STEPS as u32, row: 19, targets: OUTPUTS as u32, columns, ..RateRows::default() };
    let before_gram = numbers(random, members * (columns * columns) as usize);
    let before = vec![
        words(&[scene.shape]),
        words(&[rows]),
        scene.packed.table.clone(),
        words(&scene.drive),
        words(&scene.record),
        words(&targets),
        words(&before_gram),
    ];
    let tiles = columns.div_ceil(32);
    let decisive = vec![(5, scene.shape.place(1, OUTPUTS, 0, 0)), (4, scene.shape.place(1, n, 0, 0))];
    let expected = move |_: &[Vec<u32>]| {
        let lengths = &scene.packed.table[scene.shape.lengths_at as usize..];
        let twin = gram_twin::rate_gram(&scene.shape, &rows, lengths, &scene.drive, &scene.record, &targets);
        let upper = twin.into_iter().enumerate().filter(|(i, _)| {
            let (row, column) = (*i as u32 / columns % columns, *i as u32 % columns);
            row <= column
        });
        let added = |(i, mut close): (usize, Close)| {
            close.value += f64::from(before_gram[i]);
            close.terms += f64::from(before_gram[i]).abs();
            (6, i, close)
        };
        upper.map(added).collect()
    };
    Case {
        kernel: "kernels/rate_gram",
        overrides: vec![],
        before,
        groups: Box::new(move |_| (tiles, tiles, members as u32)),
        expected: Box::new(expected),
        decisive,
    }
}
