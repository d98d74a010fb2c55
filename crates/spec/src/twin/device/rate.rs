//! What the kernels of rate reservoirs share: the twin of `common/rate.wgsl` and of the parts `rate`, `rate_stored`, `rate_features` and `rate_outputs`.
//!
//! Buffers hold f32 as on the device; the twins compute in f64. They go in lock-step: a step starts from the states that the device had, and gives for
//! each number what it should be and the magnitudes that met in it, to which the device's rounding is in proportion.

use crate::rate::Activation;
use crate::rng::{self, Purpose};
use crate::shared_struct;

/// Words from an entry of a row to the next.
pub const ROW_STRIDE: usize = 32;
/// Bits of a unit's kind that hold its activation; its layer is above.
pub const ACTIVATION_BITS: u32 = 2;
/// The states themselves are features.
pub const MAP_RAW: u32 = 0;
/// Odd-indexed states are squared.
pub const MAP_SQUARED_ALTERNATE: u32 = 1;
/// The states, then their squares.
pub const MAP_RAW_AND_SQUARED: u32 = 2;
/// Outputs go nowhere.
pub const LOOP_OPEN: u32 = 0;
/// Outputs are the inputs of the next step.
pub const LOOP_TO_INPUTS: u32 = 1;
/// Outputs are the feedback of the next step.
pub const LOOP_TO_FEEDBACK: u32 = 2;

shared_struct! {
    /// The shape of the models, the samples and the readout.
    pub struct RateShape {
        /// Numbers that a model reads in each step.
        pub inputs: u32,
        /// Past outputs that it reads in each step.
        pub feedback: u32,
        /// Units of all layers.
        pub units: u32,
        /// Layers.
        pub layers: u32,
        /// Samples.
        pub samples: u32,
        /// Samples one after another that share a model.
        pub per_member: u32,
        /// 1: samples are side by side for each item, `[item][sample]`; 0: `[sample][item]`.
        pub interleaved: u32,
        /// Number of the first sample.
        pub first_sample: u32,
        /// Outputs of the readout.
        pub outputs: u32,
        /// What it reads.
        pub features: u32,
        /// 1 if the first feature is 1.
        pub with_bias: u32,
        /// 1 if the inputs are features.
        pub with_inputs: u32,
        /// How states become features.
        pub map: u32,
        /// In `table`, after the keys of the members: first units of the layers and their end.
        pub layers_at: u32,
        /// In `table`: lengths of the samples.
        pub lengths_at: u32,
        /// In `state`, after the states: the inputs of the last step.
        pub last_at: u32,
    }
}

shared_struct! {
    /// Some steps one after another.
    pub struct RateSpan {
        /// The first of them, counted from the last reset.
        pub step: u32,
        /// The first of them, counted from the start of the run.
        pub row: u32,
        /// How many.
        pub steps: u32,
        /// The half of `state` that holds the states before the first step.
        pub half: u32,
        /// First word of the feedback in `drive`.
        pub feedback_at: u32,
        /// First word of the outputs in `record`.
        pub outputs_at: u32,
        /// Where outputs go.
        pub closed: u32,
        /// 1 if outputs are computed: outputs k are those before step k, and those k + 1 after it.
        pub reads_out: u32,
    }
}

shared_struct! {
    /// One layer in one of those steps: its units.
    pub struct RateMoment {
        /// The step within the span.
        pub k: u32,
        /// The layer's first unit.
        pub first: u32,
        /// The end of its units.
        pub end: u32,
        /// Unused.
        pub pad: u32,
    }
}

shared_struct! {
    /// A unit.
    pub struct RateUnit {
        /// First entry of its row.
        pub start: u32,
        /// Entries of its row.
        pub length: u32,
        /// 1 - leak.
        pub keep: f32,
        /// The leak rate.
        pub leak: f32,
        /// Factor of the summed input.
        pub gain: f32,
        /// Added to the summed input.
        pub bias: f32,
        /// Standard deviation of its noise.
        pub noise: f32,
        /// Activation and layer.
        pub kind: u32,
    }
}

shared_struct! {
    /// Rows of a piece of a run that are added to the products of features.
    pub struct RateRows {
        /// First step of the piece that counts.
        pub first: u32,
        /// The end of those that count.
        pub end: u32,
        /// The place of the piece in the run.
        pub row: u32,
        /// Targets.
        pub targets: u32,
        /// Features and targets.
        pub columns: u32,
        /// Unused.
        pub pad_0: u32,
        /// Unused.
        pub pad_1: u32,
        /// Unused.
        pub pad_2: u32,
    }
}

/// Every shared struct, to be compared with the WGSL of the same name.
pub const STRUCTS: &[crate::shared::StructLayout] =
    &[RateShape::LAYOUT, RateSpan::LAYOUT, RateMoment::LAYOUT, RateUnit::LAYOUT, RateRows::LAYOUT];

/// A number in f64, and the magnitudes that meet in it, those within a function times its largest slope: a device that computes it in f32 is within a few
/// eps of the latter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Close {
    /// What it should be.
    pub value: f64,
    /// The sum of the magnitudes.
    pub terms: f64,
}

impl Close {
    /// A number that the device has as it is.
    #[must_use]
    pub fn exact(value: f32) -> Self {
        Self { value: f64::from(value), terms: 0.0 }
    }

    /// Adds a product of two numbers that the device has.
    pub fn add(&mut self, a: f32, b: f32) {
        let product = f64::from(a) * f64::from(b);
        self.value += product;
        self.terms += product.abs();
    }

    /// Whether a device's number is within `k` eps of the magnitudes.
    #[must_use]
    pub fn holds(&self, found: f32, k: f64) -> bool {
        // A NaN holds nowhere.
        (f64::from(found) - self.value).abs() <= k * f64::from(f32::EPSILON) * self.terms
    }
}

/// The models, as the buffers hold them.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// The shape.
    pub shape: &'a RateShape,
    /// `[member][unit]`.
    pub units: &'a [RateUnit],
    /// Columns of the entries of rows, 32 rows side by side.
    pub columns: &'a [u32],
    /// Their values.
    pub weights: &'a [f32],
    /// Keys of members, first units of layers, lengths of samples.
    pub table: &'a [u32],
}

impl RateShape {
    /// The place of an item of a sample in row `row` of rows of `width` items a sample.
    #[must_use]
    pub const fn place(&self, row: usize, width: usize, item: usize, lane: usize) -> usize {
        let samples = self.samples as usize;
        let within = if self.interleaved == 1 { item * samples + lane } else { lane * width + item };
        row * width * samples + within
    }

    /// A feature of what a sample read and the states that it then had.
    pub fn feature(&self, i: usize, input: impl Fn(usize) -> f32, state: impl Fn(usize) -> f32) -> Close {
        let (bias, inputs) = (self.with_bias as usize, (self.with_inputs * self.inputs) as usize);
        let units = self.units as usize;
        match i.checked_sub(bias) {
            None => Close::exact(1.0),
            Some(j) if j < inputs => Close::exact(input(j)),
            Some(j) => {
                let j = j - inputs;
                let odd = self.map == MAP_SQUARED_ALTERNATE && j % 2 == 1;
                let x = f64::from(state(j % units));
                if j >= units || odd { Close { value: x * x, terms: x * x } } else { Close { value: x, terms: 0.0 } }
            }
        }
    }

    /// An output of a readout `[member][output][features, then b]`.
    pub fn output(
        &self,
        readout: &[f32],
        output: usize,
        lane: usize,
        input: impl Fn(usize) -> f32,
        state: impl Fn(usize) -> f32,
    ) -> Close {
        let features = self.features as usize;
        let row = (lane / self.per_member as usize * self.outputs as usize + output) * (features + 1);
        let bias = f64::from(readout[row + features]);
        let mut sum = Close { value: bias, terms: bias.abs() };
        for i in 0..features {
            let product = self.feature(i, &input, &state).value * f64::from(readout[row + i]);
            sum.value += product;
            sum.terms += product.abs();
        }
        sum
    }
}

impl Tables<'_> {
    /// Whether a sample still runs in a step of the run.
    #[must_use]
    pub fn runs(&self, lane: usize, row: u32) -> bool {
        row < self.table[self.shape.lengths_at as usize + lane]
    }

    /// First unit and end of each layer.
    pub fn layers(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let bounds = &self.table[self.shape.layers_at as usize..][..=self.shape.layers as usize];
        bounds.windows(2).map(|layer| (layer[0] as usize, layer[1] as usize))
    }

    /// A state after a step. `index` counts within the layer that starts at unit `first`, `x` is the state before, `read` what is in a column.
    pub fn stepped(
        &self,
        (first, index): (usize, usize),
        lane: usize,
        step: u32,
        x: f32,
        read: impl Fn(usize) -> f32,
    ) -> Close {
        let member = lane / self.shape.per_member as usize;
        let unit = self.units[member * self.shape.units as usize + first + index];
        let entries = (0..unit.length as usize).map(|j| unit.start as usize + ROW_STRIDE * j);
        let mut sum = Close::default();
        entries.for_each(|at| sum.add(self.weights[at], read(self.columns[at] as usize)));
        let activation = activation(unit.kind);
        let (gain, bias) = (f64::from(unit.gain), f64::from(unit.bias));
        let inside = gain.abs() * sum.terms + bias.abs();
        let reached = activation.apply(gain * sum.value + bias);
        let mut next = Close::default();
        next.add(unit.keep, x);
        next.value += f64::from(unit.leak) * reached;
        next.terms += f64::from(unit.leak) * (reached.abs() + activation.steepest() * inside);
        if unit.noise > 0.0 {
            let xi = f64::from(unit.noise) * self.drawn(unit.kind >> ACTIVATION_BITS, index as u32, lane, step);
            next.value += xi;
            next.terms += xi.abs().max(f64::from(unit.noise));
        }
        next
    }

    /// The noise of a unit.
    fn drawn(&self, layer: u32, index: u32, lane: usize, step: u32) -> f64 {
        let per_member = self.shape.per_member as usize;
        let member = lane / per_member;
        let key = [self.table[2 * member], self.table[2 * member + 1]];
        let sample = self.shape.first_sample + (lane % per_member) as u32;
        let word = rng::word(rng::stream(Purpose::Noise, layer, 0), index, step, sample, key);
        rng::normal_quantile(rng::unit(word))
    }
}

/// The kind of a unit of a layer.
#[must_use]
pub const fn kind(activation: Activation, layer: u32) -> u32 {
    let code = match activation {
        Activation::Tanh => 0,
        Activation::Sigmoid => 1,
        Activation::Relu => 2,
        Activation::Identity => 3,
    };
    code | layer << ACTIVATION_BITS
}

const fn activation(kind: u32) -> Activation {
    match kind & ((1 << ACTIVATION_BITS) - 1) {
        0 => Activation::Tanh,
        1 => Activation::Sigmoid,
        2 => Activation::Relu,
        _ => Activation::Identity,
    }
}
