//! What a device does for a rate reservoir: the seam between [`super::RateSimulation`] and the CPU and GPU devices.
//!
//! Arguments were checked before they come here: lengths, finite numbers, a readout of the models' width.

use std::fmt::Debug;
use std::sync::Arc;

use limnos_spec::rate::RateModel;

use super::real::{Numbers, NumbersMut};
use super::{LinearReadout, StateFeatures, StateMoments};
use crate::EngineError;

/// A run with inputs that are known: sample `s` takes `lengths[s]` steps, or all.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    /// Rows of every array, and the steps of a sample without a length of its own.
    pub(crate) steps: usize,
    /// Steps since the last reset before this run: noise of row `k` is that of step `first_step + k`.
    pub(crate) first_step: u32,
    /// Steps of each sample, at most `steps`; its state then stays, and its rows in `states` and `outputs` stay as they were.
    pub(crate) lengths: Option<&'a [usize]>,
    /// `[sample][step][input]`.
    pub(crate) inputs: Numbers<'a>,
    /// `[sample][step][feedback]`, row `k` is read in step `k`; empty where the models have no feedback.
    pub(crate) feedback: Numbers<'a>,
    /// `[sample][step][unit]`, states after each step.
    pub(crate) states: Option<NumbersMut<'a>>,
    /// `[sample][step][output]` of the readout, after each step.
    pub(crate) outputs: Option<NumbersMut<'a>>,
}

/// A run in which the readout is fed back. In each step, from `y`, the readout of the last inputs and the present state:
/// without feedback columns the inputs are `[y | given]` and the row of `outputs` is that `y`;
/// with them (as many as outputs) `y` is the feedback, the inputs are given, and the row is the readout after the step.
#[derive(Debug)]
pub(crate) struct Generate<'a> {
    pub(crate) steps: usize,
    /// As in [`Run`].
    pub(crate) first_step: u32,
    /// `[sample][input]`: the inputs of the last step of each sample, as the device holds them; afterwards those of its last step here.
    pub(crate) last_inputs: &'a mut [f64],
    /// `[sample][step][given]`: inputs that the readout does not give; may have no columns.
    pub(crate) given: Numbers<'a>,
    /// `[sample][step][output]`.
    pub(crate) outputs: NumbersMut<'a>,
}

/// What [`RateBackend::accumulate`] adds up over a run: rows from `washout` on of each sample.
#[derive(Debug)]
pub(crate) struct Accumulate<'a> {
    pub(crate) run: Run<'a>,
    /// `[sample][step][target]`.
    pub(crate) targets: Numbers<'a>,
    pub(crate) washout: usize,
    /// Features: inputs first where `inputs`, then those of the state.
    pub(crate) inputs: bool,
    pub(crate) states: StateFeatures,
}

/// A device with the states of all samples: `samples` of each model in the order of the models.
pub(crate) trait RateBackend: Debug + Send {
    /// Runs with known inputs. An error where a state is no longer finite at the end.
    fn run(&mut self, run: Run<'_>) -> Result<(), EngineError>;

    /// Runs with the readout fed back. An error where a state is no longer finite at the end.
    fn generate(&mut self, generate: Generate<'_>) -> Result<(), EngineError>;

    /// Takes readouts: one for all models, or one for each.
    fn set_readouts(&mut self, readouts: Arc<[LinearReadout]>) -> Result<(), EngineError>;

    /// Takes models of the same number and the same inputs, feedback and units; keeps states and readouts.
    fn replace_models(&mut self, models: &[Arc<RateModel>]) -> Result<(), EngineError>;

    /// `[sample][unit]`.
    fn state(&mut self) -> Result<Vec<f64>, EngineError>;

    /// `[sample][unit]`.
    fn set_state(&mut self, state: &[f64]) -> Result<(), EngineError>;

    /// Whether [`RateBackend::accumulate`] is done on the device; else states come to the host in chunks and are added up there.
    fn accumulates(&self) -> bool {
        false
    }

    /// Runs and adds moments of features and targets up, one for each model, without bringing states to the host.
    fn accumulate(&mut self, _run: Accumulate<'_>, _moments: &mut [StateMoments]) -> Result<(), EngineError> {
        Err(EngineError::invalid("accumulate", "this device", "a device that adds up moments itself"))
    }
}

/// The error of a state that is not finite at the end of a run.
pub(super) fn not_finite(unit: usize, sample: usize, end: u32, value: f64) -> EngineError {
    let argument = format!("state of unit {unit} of sample {sample} after step {end}");
    let allowed = "finite numbers; lower the weights or gains, or take a bounded activation, then reset";
    EngineError::invalid(argument, value, allowed)
}
