//! What an [`Esn`](super::Esn) is made of.

use limnos_engine::rate::{Precision, StateFeatures};
use limnos_spec::rate::RateModel;

use super::Nvar;
use crate::Result;
use crate::error::argument;
use crate::reservoir::{Place, Reservoir};

/// What a further reservoir of an [`Esn`](super::Esn) hears, besides itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reads {
    /// The states of the reservoir before it, of the same step: a deep (series) reservoir (Gallicchio, Micheli, Pedrelli 2017).
    #[default]
    Previous,
    /// The inputs alone: grouped (parallel) reservoirs.
    Inputs,
    /// Both.
    InputsAndPrevious,
}

/// A further reservoir.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Layer {
    /// The reservoir; its `input_scaling` and `input_weights` apply to all that it hears.
    pub reservoir: Reservoir,
    /// What it hears.
    pub reads: Reads,
}

/// How an [`Esn`](super::Esn) is built and learns.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct EsnConfig {
    /// The reservoir, the first of them.
    pub reservoir: Reservoir,
    /// Further reservoirs; the readout reads all of them.
    pub layers: Vec<Layer>,
    /// Whether outputs are fed back into the reservoirs that hear the inputs: a teacher while fitting, the readout afterwards.
    pub feedback: bool,
    /// What the readout reads of the states.
    pub states: StateFeatures,
    /// Whether the readout reads the inputs of the step beside the states.
    pub read_inputs: bool,
    /// Products of delayed inputs that the readout reads too.
    pub nvar: Option<Nvar>,
    /// Penalty of the readout's weights (ReservoirPy: `ridge`), as in [`Ridge`](crate::Ridge).
    #[doc(alias = "ridge")]
    pub alpha: f64,
    /// Whether the readout has a bias.
    pub fit_bias: bool,
    /// Steps at the start of each sequence that the readout does not learn from, while the reservoir forgets its start.
    #[doc(alias = "washout")]
    pub warmup: usize,
    /// What states are computed in; f64 on the CPU device alone.
    pub precision: Precision,
    /// Most sequences side by side.
    pub max_batch: usize,
}

impl Default for EsnConfig {
    /// One reservoir of 100 units, states and inputs read as they are, `alpha` 1e-6, warm-up of 100 steps, f32.
    fn default() -> Self {
        Self {
            reservoir: Reservoir::default(),
            layers: Vec::new(),
            feedback: false,
            states: StateFeatures::Raw,
            read_inputs: true,
            nvar: None,
            alpha: 1e-6,
            fit_bias: true,
            warmup: 100,
            precision: Precision::F32,
            max_batch: 64,
        }
    }
}

impl EsnConfig {
    pub(super) fn check(&self) -> Result<()> {
        if !(self.alpha.is_finite() && self.alpha >= 0.0) {
            return Err(argument("alpha", self.alpha, "finite and not negative"));
        }
        if self.max_batch == 0 {
            return Err(argument("max_batch", 0, "at least 1"));
        }
        self.nvar.as_ref().map_or(Ok(()), Nvar::check)?;
        self.reservoir.check()?;
        self.layers.iter().try_for_each(|layer| layer.reservoir.check())
    }

    /// The model for so many inputs and outputs.
    pub(super) fn model(&self, inputs: usize, outputs: usize) -> Result<RateModel> {
        let feedback = if self.feedback { outputs } else { 0 };
        let place = |index, hears_inputs, before, heard| Place { index, inputs, feedback, hears_inputs, before, heard };
        let mut layers = vec![self.reservoir.layer(&place(0, true, 0, 0..0))?];
        let mut previous = 0..self.reservoir.units;
        for (k, Layer { reservoir, reads }) in self.layers.iter().enumerate() {
            let before = previous.end;
            let heard = if *reads == Reads::Inputs { 0..0 } else { previous };
            layers.push(reservoir.layer(&place(k + 1, *reads != Reads::Previous, before, heard))?);
            previous = before..before + reservoir.units;
        }
        Ok(RateModel::new(inputs, feedback, layers, self.reservoir.seed)?)
    }
}
