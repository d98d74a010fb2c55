//! From the parameters of a reservoir to the layer of a model.

use std::ops::Range;

use limnos_spec::Distribution;
use limnos_spec::rate::{RateLayer, RateModel, SparseMatrix};
use limnos_spec::rng::{self, Purpose};

use super::matrix::{self, Draws};
use super::spectral::{scaled_known, scaled_to};
use super::{InputScaling, InputWeights, Reservoir, Topology};
use crate::Result;
use crate::error::argument;

/// Where a reservoir stands among others.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its number.
    pub(crate) index: usize,
    /// Inputs of the model, and outputs that are fed back.
    pub(crate) inputs: usize,
    /// See `inputs`.
    pub(crate) feedback: usize,
    /// Whether it hears these.
    pub(crate) hears_inputs: bool,
    /// Units of all reservoirs before it.
    pub(crate) before: usize,
    /// Those of them that it hears.
    pub(crate) heard: Range<usize>,
}

/// Numbers of matrices in random streams, a few for each reservoir.
const RECURRENT: usize = 0;
const INPUT: usize = 1;
const FEEDBACK: usize = 2;
const EARLIER: usize = 3;
const KINDS: usize = 4;

impl Reservoir {
    /// The model of this one reservoir, reading `inputs` numbers and `feedback` past outputs in each step.
    ///
    /// # Errors
    /// A field outside its range, by name; a matrix of another size; recurrent weights whose spectral radius is 0 and cannot be scaled.
    pub fn model(&self, inputs: usize, feedback: usize) -> Result<RateModel> {
        let place = Place { index: 0, inputs, feedback, hears_inputs: true, before: 0, heard: 0..0 };
        Ok(RateModel::new(inputs, feedback, vec![self.layer(&place)?], self.seed)?)
    }

    /// The recurrent weights (units x units), scaled to the spectral radius.
    ///
    /// # Errors
    /// As [`Self::model`].
    pub fn recurrent_weights(&self) -> Result<SparseMatrix> {
        self.check()?;
        self.recurrent(0)
    }

    /// This reservoir among others.
    pub(crate) fn layer(&self, place: &Place) -> Result<RateLayer> {
        self.check()?;
        let (units, index) = (self.units, place.index);
        let wide = |kind, channels, scaling: &InputScaling, weights: &InputWeights, name| {
            let matrix = self.input_matrix(weights, channels, self.draws(index, kind), name)?;
            Ok::<_, crate::Error>(matrix.scaled_columns(&scaling.factors(name, channels)?)?)
        };
        let (inputs, feedback) = if place.hears_inputs {
            (
                wide(INPUT, place.inputs, &self.input_scaling, &self.input_weights, "input_scaling")?,
                wide(FEEDBACK, place.feedback, &self.feedback_scaling, &self.feedback_weights, "feedback_scaling")?,
            )
        } else {
            (SparseMatrix::empty(units, place.inputs)?, SparseMatrix::empty(units, place.feedback)?)
        };
        let earlier = if place.heard.is_empty() {
            SparseMatrix::empty(units, place.before)?
        } else {
            let heard = wide(EARLIER, place.heard.len(), &self.input_scaling, &self.input_weights, "input_scaling")?;
            matrix::at_columns(heard, place.heard.start, place.before)?
        };
        let weights = SparseMatrix::side_by_side(&[&inputs, &feedback, &earlier, &self.recurrent(index)?])?;
        Ok(RateLayer {
            leak: self.leak_rates.clone().unwrap_or_else(|| vec![self.leak_rate]),
            bias: self.biases(index)?,
            activation: self.activation,
            noise: self.noise,
            ..RateLayer::new(weights)
        })
    }

    fn draws(&self, index: usize, kind: usize) -> Draws {
        // The number of layers is bounded when the model is checked.
        Draws { key: rng::key(self.seed), matrix: (KINDS * index + kind) as u32 }
    }

    fn recurrent(&self, index: usize) -> Result<SparseMatrix> {
        let (n, draws) = (self.units, self.draws(index, RECURRENT));
        let radius = self.spectral_radius;
        match &self.topology {
            Topology::Random { connectivity } => {
                scaled_to(matrix::random((n, n), *connectivity, &self.weights, draws)?, radius)
            }
            Topology::Degree(degree) => scaled_to(matrix::degree((n, n), *degree, &self.weights, draws)?, radius),
            Topology::CycleWithJumps { jump, jump_weight } => {
                scaled_to(matrix::cycle_with_jumps(n, *jump, *jump_weight)?, radius)
            }
            Topology::SmallWorld { neighbours, rewiring } => {
                scaled_to(matrix::small_world(n, *neighbours, *rewiring, &self.weights, draws)?, radius)
            }
            Topology::Scaled(matrix) => scaled_to(SparseMatrix::clone(matrix), radius),
            // The eigenvalues of these lie on, or reach, the unit circle by construction.
            Topology::Ring => scaled_known(matrix::ring(n)?, radius),
            Topology::Orthogonal { density } => scaled_known(matrix::orthogonal(n, *density, draws)?, radius),
            Topology::WaveRing { rings, speed } => scaled_known(matrix::wave_ring(n, *rings, *speed)?, radius),
            Topology::Given(matrix) => Ok(SparseMatrix::clone(matrix)),
        }
    }

    fn input_matrix(
        &self,
        weights: &InputWeights,
        channels: usize,
        draws: Draws,
        name: &'static str,
    ) -> Result<SparseMatrix> {
        match weights {
            InputWeights::Random { connectivity, weights } => {
                matrix::random((self.units, channels), *connectivity, weights, draws)
            }
            InputWeights::Heads(groups) => matrix::heads(self.units, channels, *groups),
            // Feedback and earlier states may be absent though a matrix is given for them.
            InputWeights::Given(_) if channels == 0 => Ok(SparseMatrix::empty(self.units, 0)?),
            InputWeights::Given(matrix) if (matrix.rows(), matrix.columns()) == (self.units, channels) => {
                Ok(SparseMatrix::clone(matrix))
            }
            InputWeights::Given(matrix) => {
                let found = format!("weights of {} x {}", matrix.rows(), matrix.columns());
                Err(argument(name, found, format!("{} units x {channels} channels", self.units)))
            }
        }
    }

    fn biases(&self, index: usize) -> Result<Vec<f64>> {
        self.bias.validate("bias", self.units)?;
        if let Distribution::Constant(bias) = self.bias {
            return Ok(vec![bias]);
        }
        let stream = rng::stream(Purpose::Parameter, (KINDS * index) as u32, 0);
        Ok((0..self.units).map(|i| self.bias.draw(stream, 0, i as u32, i, rng::key(self.seed))).collect())
    }
}
