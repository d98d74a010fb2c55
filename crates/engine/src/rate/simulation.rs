//! Rate reservoirs running on a device. Arguments are checked here, before the device sees them.

use std::sync::Arc;

use limnos_spec::rate::RateModel;

use super::backend::{Accumulate, Generate, RateBackend, Run};
use super::check::{self, Wanted};
use super::real::Numbers;
use super::{LinearReadout, Precision, RateOptions, Real, StateFeatures, StateMoments, cpu, gpu};
use crate::{Device, DeviceInfo, EngineError};

/// A run with inputs that are known; arrays are `[sample][step][...]`, one after another.
///
/// ```
/// # use limnos_engine::rate::RateRun;
/// let mut states = vec![0.0f32; 3 * 100];
/// let run = RateRun { states: Some(&mut states), ..RateRun::new(3, &[0.1, 0.2, 0.3]) };
/// ```
#[derive(Debug)]
#[must_use]
pub struct RateRun<'a, T> {
    /// Rows of every array, and the steps of a sample without a length of its own.
    pub steps: usize,
    /// `[sample][step][input]`.
    pub inputs: &'a [T],
    /// `[sample][step][feedback]`: row `k` is the past output that step `k` reads, so that a teacher is given one step late.
    pub feedback: Option<&'a [T]>,
    /// Steps of each sample, at most `steps`; after them its state stays, and its rows of the arrays below stay as they were.
    pub lengths: Option<&'a [usize]>,
    /// Takes the states after each step, `[sample][step][unit]`.
    pub states: Option<&'a mut [T]>,
    /// Takes the readout after each step, `[sample][step][output]`.
    pub outputs: Option<&'a mut [T]>,
}

impl<'a, T> RateRun<'a, T> {
    /// So many steps with these inputs and nothing read.
    pub const fn new(steps: usize, inputs: &'a [T]) -> Self {
        Self { steps, inputs, feedback: None, lengths: None, states: None, outputs: None }
    }
}

/// Some steps of a run: see [`RateSimulation::run_chunks`].
#[derive(Debug)]
pub struct RateChunk<'a, T> {
    /// The step of the run that its first row belongs to.
    pub first_step: usize,
    /// Its rows for each sample.
    pub steps: usize,
    /// `[sample][step][unit]`, states after each step.
    pub states: &'a [T],
    /// Rows of each sample that were stepped.
    pub lengths: &'a [usize],
}

/// Where a simulation is: enough to go on from there, with the same bits.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCheckpoint {
    /// Steps since the last reset.
    pub steps: u32,
    /// `[sample][unit]`.
    pub state: Vec<f64>,
    /// `[sample][input]`: the inputs of each sample's last step.
    pub last_inputs: Vec<f64>,
}

/// One rate reservoir or an ensemble of them on a device, with the states of all samples.
///
/// Arguments are checked before the device sees them; a call that fails then leaves the simulation as it was. A state that is no longer finite is an
/// error at the end of its run.
#[derive(Debug)]
pub struct RateSimulation {
    backend: Box<dyn RateBackend>,
    device: DeviceInfo,
    models: Vec<Arc<RateModel>>,
    readouts: Arc<[LinearReadout]>,
    options: RateOptions,
    step: u32,
    last_inputs: Vec<f64>,
}

impl RateSimulation {
    /// Lays a model out on a device, all states 0.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for no samples, a precision that the device does not have, or numbers beyond it; limits and device errors.
    pub fn new(device: &Device, model: &RateModel, options: RateOptions) -> Result<Self, EngineError> {
        Self::ensemble(device, std::slice::from_ref(model), options)
    }

    /// Lays several models of one shape out side by side, each with `options.samples` samples: the samples of the first model come first in every array. Noise
    /// of sample `s` of each model is that of `first_sample + s`.
    ///
    /// # Errors
    /// As [`RateSimulation::new`]; models of different inputs, feedback or units.
    pub fn ensemble(device: &Device, models: &[RateModel], options: RateOptions) -> Result<Self, EngineError> {
        check::alike(models)?;
        if options.samples == 0 {
            return Err(EngineError::invalid("samples of RateOptions", 0, "1 or more"));
        }
        models.iter().try_for_each(|model| check::representable(model, options.precision))?;
        let models: Vec<_> = models.iter().cloned().map(Arc::new).collect();
        let backend = match device {
            Device::Cpu(device) => cpu::backend(device, &models, options)?,
            Device::Gpu(device) => gpu::backend(device, &models, options)?,
        };
        let last_inputs = vec![0.0; models.len() * options.samples * models[0].inputs()];
        Ok(Self { backend, device: device.info(), models, readouts: [].into(), options, step: 0, last_inputs })
    }

    /// The models; one, unless it is an ensemble.
    #[must_use]
    pub fn models(&self) -> &[Arc<RateModel>] {
        &self.models
    }

    /// Units of a model.
    #[must_use]
    pub fn units(&self) -> usize {
        self.models[0].units()
    }

    /// Numbers that a model reads in each step.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.models[0].inputs()
    }

    /// Past outputs that a model reads in each step.
    #[must_use]
    pub fn feedback(&self) -> usize {
        self.models[0].feedback()
    }

    /// Samples of all models together.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.models.len() * self.options.samples
    }

    /// How it is laid out.
    pub const fn options(&self) -> RateOptions {
        self.options
    }

    /// Steps since the last reset.
    #[must_use]
    pub const fn steps_done(&self) -> u32 {
        self.step
    }

    /// The device that it runs on.
    #[must_use]
    pub const fn device_info(&self) -> &DeviceInfo {
        &self.device
    }

    /// All states 0, and step 0. Readouts stay.
    ///
    /// # Errors
    /// Device errors.
    pub fn reset(&mut self) -> Result<(), EngineError> {
        self.backend.set_state(&vec![0.0; self.samples() * self.units()])?;
        self.last_inputs.fill(0.0);
        self.step = 0;
        Ok(())
    }

    /// The states, `[sample][unit]`.
    ///
    /// # Errors
    /// Device errors.
    pub fn state(&mut self) -> Result<Vec<f64>, EngineError> {
        self.backend.state()
    }

    /// Sets the states, `[sample][unit]`.
    ///
    /// # Errors
    /// Another number of entries; numbers that the device cannot hold.
    pub fn set_state(&mut self, state: &[f64]) -> Result<(), EngineError> {
        self.wanted("state", ("row", 1), ("units", self.units()))
            .values(Numbers::F64(state), self.options.precision)?;
        self.backend.set_state(state)
    }

    /// Where the simulation is.
    ///
    /// # Errors
    /// Device errors.
    pub fn checkpoint(&mut self) -> Result<RateCheckpoint, EngineError> {
        Ok(RateCheckpoint { steps: self.step, state: self.state()?, last_inputs: self.last_inputs.clone() })
    }

    /// Goes back to where it was.
    ///
    /// # Errors
    /// A checkpoint of another shape; numbers that the device cannot hold.
    pub fn restore(&mut self, checkpoint: &RateCheckpoint) -> Result<(), EngineError> {
        let inputs = self.wanted("last_inputs of the checkpoint", ("row", 1), ("inputs", self.inputs()));
        inputs.values(Numbers::F64(&checkpoint.last_inputs), self.options.precision)?;
        self.set_state(&checkpoint.state)?;
        self.last_inputs.copy_from_slice(&checkpoint.last_inputs);
        self.step = checkpoint.steps;
        Ok(())
    }

    /// Puts another model of the same inputs, feedback and units in the place of all; states and readouts stay. So tuning changes gains, biases and weights.
    ///
    /// # Errors
    /// A model of another shape or with numbers that the device cannot hold; device errors.
    pub fn replace_model(&mut self, model: &RateModel) -> Result<(), EngineError> {
        self.replace(&vec![model; self.models.len()])
    }

    /// The same with one model for each of the ensemble.
    ///
    /// # Errors
    /// As [`RateSimulation::replace_model`]; another number of models.
    pub fn replace_models(&mut self, models: &[RateModel]) -> Result<(), EngineError> {
        if models.len() != self.models.len() {
            return Err(EngineError::invalid(
                "number of models",
                models.len(),
                format!("{} as before", self.models.len()),
            ));
        }
        self.replace(&models.iter().collect::<Vec<_>>())
    }

    fn replace(&mut self, models: &[&RateModel]) -> Result<(), EngineError> {
        for (new, old) in models.iter().zip(&self.models) {
            if (new.inputs(), new.feedback(), new.units()) != (old.inputs(), old.feedback(), old.units()) {
                return Err(check::differs("the new model", new, old));
            }
            check::representable(new, self.options.precision)?;
        }
        let models: Vec<_> = models.iter().map(|&model| Arc::new(model.clone())).collect();
        self.backend.replace_models(&models)?;
        self.models = models;
        Ok(())
    }

    /// Takes a readout for all models.
    ///
    /// # Errors
    /// Weights or biases of another shape than the model's, or not finite; device errors.
    pub fn set_readout(&mut self, readout: &LinearReadout) -> Result<(), EngineError> {
        self.take_readouts(vec![readout.clone()])
    }

    /// Takes one readout for each model of the ensemble; all give the same number of outputs of the same features.
    ///
    /// # Errors
    /// As [`RateSimulation::set_readout`]; another number of readouts; readouts that differ in outputs or features.
    pub fn set_readouts(&mut self, readouts: &[LinearReadout]) -> Result<(), EngineError> {
        let models = self.models.len();
        if readouts.len() != models {
            return Err(EngineError::invalid(
                "number of readouts",
                readouts.len(),
                format!("{models}, one for each model"),
            ));
        }
        let kind = |r: &LinearReadout| (r.outputs, r.inputs, r.states);
        if let Some(k) = readouts.iter().position(|r| kind(r) != kind(&readouts[0])) {
            let text = |r: &LinearReadout| format!("{} outputs of {:?} (inputs: {})", r.outputs, r.states, r.inputs);
            let argument = format!("readout {k} of an ensemble");
            return Err(EngineError::invalid(argument, text(&readouts[k]), text(&readouts[0])));
        }
        self.take_readouts(readouts.to_vec())
    }

    fn take_readouts(&mut self, readouts: Vec<LinearReadout>) -> Result<(), EngineError> {
        readouts.iter().try_for_each(|readout| readout.check(&self.models[0]))?;
        let readouts: Arc<[LinearReadout]> = readouts.into();
        self.backend.set_readouts(Arc::clone(&readouts))?;
        self.readouts = readouts;
        Ok(())
    }

    /// The readout of the last inputs and the present states, `[sample][output]`: what a closed loop feeds back next.
    ///
    /// # Errors
    /// No readout; device errors.
    pub fn output(&mut self) -> Result<Vec<f64>, EngineError> {
        self.outputs_of("output")?;
        let state = self.backend.state()?;
        let (units, inputs) = (self.units(), self.inputs());
        let mut all = Vec::new();
        for s in 0..self.samples() {
            let readout = &self.readouts[(s / self.options.samples).min(self.readouts.len() - 1)];
            all.extend(readout.evaluate(&self.last_inputs[s * inputs..][..inputs], &state[s * units..][..units]));
        }
        Ok(all)
    }

    /// Runs with known inputs `[sample][step][input]`, and past outputs `[sample][step][feedback]` where the model reads them (row `k` is read in step `k`, so
    /// a teacher is given one step late); `states` takes the states after each step, `[sample][step][unit]`.
    ///
    /// # Errors
    /// As [`RateSimulation::run_with`].
    pub fn run<T: Real>(
        &mut self,
        inputs: &[T],
        feedback: Option<&[T]>,
        steps: usize,
        states: Option<&mut [T]>,
    ) -> Result<(), EngineError> {
        self.run_with(RateRun { feedback, states, ..RateRun::new(steps, inputs) })
    }

    /// Runs with known inputs.
    ///
    /// # Errors
    /// Before anything runs: arrays of another shape, numbers that the device cannot hold, feedback missing, outputs without a readout, more than 2^32 - 1
    /// steps since the last reset. After the run: a state that is no longer finite. Device errors.
    pub fn run_with<T: Real>(&mut self, mut run: RateRun<'_, T>) -> Result<(), EngineError> {
        let end = self.check_run(&run)?;
        let (states, outputs) = (run.states.take(), run.outputs.take());
        self.backend.run(Run {
            states: states.map(T::numbers_mut),
            outputs: outputs.map(T::numbers_mut),
            ..inner(&run, self.step)
        })?;
        self.finish(&run, end);
        Ok(())
    }

    /// Runs as [`RateSimulation::run_with`] in pieces of at most `chunk` steps and shows the states of each, so that those of a long run need not be
    /// kept. Gives the bits of one run. `run.states` and `run.outputs` must be empty.
    ///
    /// # Errors
    /// As [`RateSimulation::run_with`], before anything runs; a `chunk` of 0; what `sink` returns, which ends the run after that piece.
    pub fn run_chunks<T: Real, E: From<EngineError>>(
        &mut self,
        run: &RateRun<'_, T>,
        chunk: usize,
        mut sink: impl FnMut(RateChunk<'_, T>) -> Result<(), E>,
    ) -> Result<(), E> {
        if chunk == 0 || run.states.is_some() || run.outputs.is_some() {
            let value = format!("{chunk}, with states or outputs: {}", run.states.is_some() || run.outputs.is_some());
            return Err(
                EngineError::invalid("chunk of run_chunks", value, "1 or more steps; states go to the sink").into()
            );
        }
        self.check_run(run)?;
        let (samples, units) = (self.samples(), self.units());
        let mut states = vec![T::default(); samples * units * chunk.min(run.steps)];
        for first_step in (0..run.steps).step_by(chunk) {
            let steps = chunk.min(run.steps - first_step);
            let rows = |all: &[T], columns: usize| rows(all, columns, run.steps, first_step, steps);
            let inputs = rows(run.inputs, self.inputs());
            let feedback = run.feedback.map(|all| rows(all, self.feedback()));
            let length = |s: usize| run.lengths.map_or(steps, |all| all[s].saturating_sub(first_step).min(steps));
            let lengths: Vec<usize> = (0..samples).map(length).collect();
            let states = &mut states[..samples * steps * units];
            self.run_with(RateRun {
                feedback: feedback.as_deref(),
                lengths: Some(&lengths),
                states: Some(states),
                ..RateRun::new(steps, &inputs)
            })?;
            sink(RateChunk { first_step, steps, states, lengths: &lengths })?;
        }
        Ok(())
    }

    /// Whether the device adds up moments itself: see [`RateSimulation::accumulate`].
    #[must_use]
    pub fn accumulates(&self) -> bool {
        self.backend.accumulates()
    }

    /// Runs and adds moments of features (`[inputs?, features of the state]`) and `targets` (`[sample][step][target]`) up on the device, rows from `washout` on
    /// of each sample, one [`StateMoments`] for each model. Only where [`RateSimulation::accumulates`]; else see [`RateSimulation::run_chunks`].
    ///
    /// # Errors
    /// As [`RateSimulation::run_with`]; targets or moments of another shape; a device that does not do it.
    pub fn accumulate<T: Real>(
        &mut self,
        run: &RateRun<'_, T>,
        targets: &[T],
        washout: usize,
        (inputs, states): (bool, StateFeatures),
        moments: &mut [StateMoments],
    ) -> Result<(), EngineError> {
        let end = self.check_run(run)?;
        let features = states.width(self.units()) + if inputs { self.inputs() } else { 0 };
        let width = moments.first().map_or(0, |m| m.targets);
        if moments.len() != self.models.len() || moments.iter().any(|m| (m.features, m.targets) != (features, width)) {
            let found = moments.iter().map(|m| m.features).collect();
            let needed =
                format!("{} of {features} features, one for each model, with equal targets", self.models.len());
            return Err(EngineError::Shape { argument: "moments (their features)".into(), needed, found });
        }
        let wanted = self.wanted("targets", ("steps", run.steps), ("targets", width));
        wanted.values(T::numbers(targets), self.options.precision)?;
        let inner = inner(run, self.step);
        let targets = T::numbers(targets);
        self.backend.accumulate(Accumulate { run: inner, targets, washout, inputs, states }, moments)?;
        self.finish(run, end);
        Ok(())
    }

    /// Runs with the readout fed back, from the present states.
    ///
    /// Without feedback columns the outputs are the first inputs of the next step (a forecast): row 0 is the readout of the present state, hence the forecast
    /// of what follows the last inputs; `given` (`[sample][step][inputs - outputs]`) holds the other inputs, if any.
    /// With feedback columns, as many as outputs, step `k` reads the inputs `given` (`[sample][step][input]`) and the output before it; row `k` is
    /// the readout after step `k`.
    ///
    /// # Errors
    /// As [`RateSimulation::run_with`]; no readout, or one whose outputs do not fit the inputs or the feedback.
    pub fn generate<T: Real>(
        &mut self,
        steps: usize,
        outputs: &mut [T],
        given: Option<&[T]>,
    ) -> Result<(), EngineError> {
        let end = self.end(steps)?;
        let width = self.outputs_of("generate")?;
        let columns = self.given_columns(width)?;
        let given = given.unwrap_or(&[]);
        self.wanted("outputs", ("steps", steps), ("outputs", width)).length(outputs.len())?;
        let wanted = self.wanted("given inputs", ("steps", steps), ("inputs", columns));
        wanted.values(T::numbers(given), self.options.precision)?;
        let (first_step, last_inputs) = (self.step, &mut self.last_inputs[..]);
        let (given, outputs) = (T::numbers(given), T::numbers_mut(outputs));
        self.backend.generate(Generate { steps, first_step, last_inputs, given, outputs })?;
        self.step = end;
        Ok(())
    }

    // Columns of `given`.
    fn given_columns(&self, outputs: usize) -> Result<usize, EngineError> {
        match (self.feedback(), self.inputs()) {
            (0, inputs) if inputs >= outputs => Ok(inputs - outputs),
            (feedback, inputs) if feedback == outputs => Ok(inputs),
            (feedback, inputs) => {
                let value = format!("{outputs} for a model of {inputs} inputs and {feedback} feedback");
                let allowed = "as many as feedback columns, or without these at most as many as inputs";
                Err(EngineError::invalid("outputs of the readout in a closed loop", value, allowed))
            }
        }
    }

    fn wanted<'a>(&self, argument: &'a str, rows: (&'a str, usize), columns: (&'a str, usize)) -> Wanted<'a> {
        Wanted { argument, axes: [("samples", self.samples()), rows, columns] }
    }

    /// Checks a run; the step at its end.
    fn check_run<T: Real>(&self, run: &RateRun<'_, T>) -> Result<u32, EngineError> {
        let rows = ("steps", run.steps);
        let precision = self.options.precision;
        let inputs = self.wanted("inputs", rows, ("inputs", self.inputs()));
        inputs.values(T::numbers(run.inputs), precision)?;
        let feedback = self.wanted("feedback", rows, ("feedback", self.feedback()));
        feedback.values(T::numbers(run.feedback.unwrap_or(&[])), precision)?;
        if let Some(states) = &run.states {
            self.wanted("states", rows, ("units", self.units())).length(states.len())?;
        }
        if let Some(outputs) = &run.outputs {
            self.wanted("outputs", rows, ("outputs", self.outputs_of("outputs")?)).length(outputs.len())?;
        }
        run.lengths.map_or(Ok(()), |lengths| self.check_lengths(lengths, run.steps))?;
        self.end(run.steps)
    }

    fn check_lengths(&self, lengths: &[usize], steps: usize) -> Result<(), EngineError> {
        self.wanted("lengths", ("row", 1), ("length", 1)).length(lengths.len())?;
        match lengths.iter().position(|&length| length > steps) {
            None => Ok(()),
            Some(s) => Err(EngineError::invalid(
                format!("length of sample {s}"),
                lengths[s],
                format!("at most the {steps} steps of the run"),
            )),
        }
    }

    fn end(&self, steps: usize) -> Result<u32, EngineError> {
        let end = u64::from(self.step).saturating_add(steps as u64);
        u32::try_from(end).map_err(|_| EngineError::Limit {
            what: "steps since the last reset".into(),
            needed: end,
            allowed: u64::from(u32::MAX),
            advice: "; reset between runs",
        })
    }

    fn outputs_of(&self, what: &str) -> Result<usize, EngineError> {
        match self.readouts.first() {
            Some(readout) => Ok(readout.outputs),
            None => Err(EngineError::invalid(what, "asked of a simulation without a readout", "after set_readout")),
        }
    }

    fn finish<T: Real>(&mut self, run: &RateRun<'_, T>, end: u32) {
        let (inputs, single) = (self.inputs(), self.options.precision == Precision::F32);
        for (s, last) in self.last_inputs.chunks_exact_mut(inputs.max(1)).enumerate() {
            let steps = run.lengths.map_or(run.steps, |lengths| lengths[s]);
            if steps > 0 {
                let row = &run.inputs[(s * run.steps + steps - 1) * inputs..][..inputs];
                let held = |v: f64| if single { f64::from(v as f32) } else { v };
                last.iter_mut().zip(row).for_each(|(x, v)| *x = held(v.to_f64()));
            }
        }
        self.step = end;
    }
}

fn inner<'a, T: Real>(run: &RateRun<'a, T>, first_step: u32) -> Run<'a> {
    Run {
        steps: run.steps,
        first_step,
        lengths: run.lengths,
        inputs: T::numbers(run.inputs),
        feedback: T::numbers(run.feedback.unwrap_or(&[])),
        states: None,
        outputs: None,
    }
}

/// Rows `first .. first + rows` of each sample of an array `[sample][steps][columns]`.
fn rows<T: Real>(all: &[T], columns: usize, steps: usize, first: usize, rows: usize) -> Vec<T> {
    let samples = all.chunks_exact((steps * columns).max(1));
    samples.flat_map(|sample| &sample[first * columns..(first + rows) * columns]).copied().collect()
}
