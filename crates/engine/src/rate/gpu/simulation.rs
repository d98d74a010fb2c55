//! Rate reservoirs running on a GPU.

use std::collections::VecDeque;
use std::sync::Arc;

use limnos_spec::rate::RateModel;
use limnos_spec::twin::device::rate::{
    LOOP_OPEN, LOOP_TO_FEEDBACK, LOOP_TO_INPUTS, MAP_RAW, MAP_RAW_AND_SQUARED, MAP_SQUARED_ALTERNATE, RateMoment,
    RateShape, RateSpan,
};
use limnos_spec::twin::device::rate_pack::{self, Packed};

use super::arrays::{Columns, Rows, from_device, to_device};
use super::dispatch::Dispatches;
use super::moments;
use super::plan::{MOMENT_BYTES, RatePlan, RateRegime, RateSizes};
use crate::EngineError;
use crate::gpu::buffers::Buffers;
use crate::gpu::plan::BufferPlan;
use crate::gpu::{Gpu, Regime};
use crate::rate::backend::{Accumulate, Generate, RateBackend, Run, not_finite};
use crate::rate::real::{Numbers, NumbersMut};
use crate::rate::{LinearReadout, RateOptions, StateFeatures, StateMoments};

/// Submissions that may wait on the device at a time.
const IN_FLIGHT: usize = 3;

/// Models and states on a GPU.
#[derive(Debug)]
pub(super) struct RateGpu {
    pub(super) gpu: Gpu,
    models: Vec<Arc<RateModel>>,
    pub(super) sizes: RateSizes,
    pub(super) plan: RatePlan,
    pub(super) shape: RateShape,
    pub(super) buffers: Buffers,
    dispatches: Dispatches,
    /// The half of `state` that holds the present states.
    half: u32,
    /// Whether the lengths on the device are those of some run.
    ragged: bool,
    submitted: VecDeque<wgpu::SubmissionIndex>,
}

/// Which steps a submission has, and what becomes of its outputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Its first step since the last reset.
    pub(super) step: u32,
    pub(super) rows: Rows,
    pub(super) closed: u32,
    pub(super) outputs: bool,
}

impl RateGpu {
    pub(super) fn new(gpu: &Gpu, models: &[Arc<RateModel>], options: RateOptions) -> Result<Self, EngineError> {
        let sizes = RateSizes::of(models, options.samples);
        let plan = planned(gpu, &sizes, forced(gpu))?;
        Self::laid_out(gpu, models, options.first_sample, sizes, plan)
    }

    fn laid_out(
        gpu: &Gpu,
        models: &[Arc<RateModel>],
        first_sample: u32,
        sizes: RateSizes,
        plan: RatePlan,
    ) -> Result<Self, EngineError> {
        let shape = rate_pack::shape(&models[0], models.len(), sizes.per_member, plan.interleaved());
        let shape = RateShape { first_sample, ..shape };
        let buffers = Buffers::allocate(gpu, &plan.buffers)?;
        let dispatches = Dispatches::new(gpu, &plan, &shape, &sizes.layers, &buffers)?;
        let simulation = Self {
            gpu: gpu.clone(),
            models: models.to_vec(),
            sizes,
            plan,
            shape,
            buffers,
            dispatches,
            half: 0,
            ragged: false,
            submitted: VecDeque::new(),
        };
        simulation.upload()?;
        Ok(simulation)
    }

    fn upload(&self) -> Result<(), EngineError> {
        let packed = Packed::new(&self.models, self.sizes.per_member);
        self.buffers.write("units", 0, &packed.units)?;
        self.buffers.write("columns", 0, &packed.columns)?;
        self.buffers.write("weights", 0, &packed.weights)?;
        self.buffers.write("table", 0, &packed.table)?;
        self.describe()
    }

    /// Writes the shape and the moments of a submission.
    fn describe(&self) -> Result<(), EngineError> {
        self.buffers.write("shape", 0, &[self.shape])?;
        if self.plan.regime == RateRegime::Resident {
            return Ok(());
        }
        let words = (MOMENT_BYTES / 4) as usize;
        let mut moments = Vec::with_capacity((self.plan.steps + 1) * (self.sizes.layers.len() - 1) * words);
        for k in 0..=self.plan.steps as u32 {
            for layer in self.sizes.layers.windows(2) {
                let moment = RateMoment { k, first: layer[0] as u32, end: layer[1] as u32, pad: 0 };
                moments.extend_from_slice(bytemuck::cast_slice::<_, u32>(&[moment]));
                moments.resize(moments.len().next_multiple_of(words), 0);
            }
        }
        self.buffers.write("moment", 0, &moments)
    }

    /// Takes another plan in the same regime: buffers that it sizes otherwise are allocated anew; none of them holds states.
    fn replan(&mut self, plan: RatePlan, sizes: RateSizes) -> Result<(), EngineError> {
        let grown: Vec<_> = plan.buffers.iter().filter(|buffer| !self.plan.buffers.contains(buffer)).cloned().collect();
        grown.iter().try_for_each(|buffer: &BufferPlan| self.buffers.add(buffer))?;
        (self.plan, self.sizes) = (plan, sizes);
        Ok(())
    }

    /// Takes a plan for these sizes; where the regime does not serve them, and nobody asked for it, states move to another.
    fn resize(&mut self, sizes: RateSizes) -> Result<(), EngineError> {
        match planned(&self.gpu, &sizes, Some(self.plan.regime)) {
            Err(EngineError::Limit { .. }) if forced(&self.gpu).is_none() => {
                let plan = planned(&self.gpu, &sizes, None)?;
                let state = self.state()?;
                *self = Self::laid_out(&self.gpu, &self.models, self.shape.first_sample, sizes, plan)?;
                self.set_state(&state)
            }
            plan => self.replan(plan?, sizes),
        }
    }

    fn bind(&mut self) -> Result<(), EngineError> {
        self.dispatches = Dispatches::new(&self.gpu, &self.plan, &self.shape, &self.sizes.layers, &self.buffers)?;
        self.describe()
    }

    pub(super) fn lengths(&mut self, lengths: Option<&[usize]>) -> Result<(), EngineError> {
        if lengths.is_none() && !self.ragged {
            return Ok(());
        }
        let words: Vec<u32> = match lengths {
            Some(lengths) => lengths.iter().map(|&length| length as u32).collect(),
            None => vec![u32::MAX; self.shape.samples as usize],
        };
        self.ragged = lengths.is_some();
        self.buffers.write("table", self.shape.lengths_at as usize, &words)
    }

    fn feedback_at(&self) -> usize {
        self.shape.samples as usize * (self.plan.steps + 1) * self.sizes.inputs
    }

    fn outputs_at(&self) -> usize {
        self.shape.samples as usize * self.plan.steps * self.shape.units as usize
    }

    /// Uploads what the steps of a piece read: `inputs` to those columns, and feedback.
    pub(super) fn drive(
        &self,
        rows: Rows,
        (inputs, columns): (Numbers<'_>, Columns),
        feedback: Numbers<'_>,
    ) -> Result<(), EngineError> {
        let samples = self.shape.samples as usize;
        let mut words = vec![0.0; samples * rows.count * self.sizes.inputs];
        to_device(&self.shape, inputs, rows, columns, &mut words);
        self.buffers.write("drive", 0, &words)?;
        if self.sizes.feedback > 0 && feedback.len() > 0 {
            let mut words = vec![0.0; samples * rows.count * self.sizes.feedback];
            to_device(&self.shape, feedback, rows, Columns::all(self.sizes.feedback), &mut words);
            self.buffers.write("drive", self.feedback_at(), &words)?;
        }
        Ok(())
    }

    /// Submits the steps of a piece.
    pub(super) fn submit(&mut self, piece: Piece) -> Result<(), EngineError> {
        let steps = piece.rows.count;
        let closed = piece.closed != LOOP_OPEN;
        let span = RateSpan {
            step: piece.step,
            row: piece.rows.first as u32,
            steps: steps as u32,
            half: self.half,
            feedback_at: self.feedback_at() as u32,
            outputs_at: self.outputs_at() as u32,
            closed: piece.closed,
            reads_out: u32::from(piece.outputs),
        };
        self.buffers.write("span", 0, &[span])?;
        let mut encoder = self.encoder();
        self.dispatches.record(&mut encoder, steps, closed, piece.outputs);
        if closed && self.plan.interleaved() {
            let words = u64::from(self.shape.samples * self.shape.inputs);
            let last = (steps as u64 - 1) * words;
            if words > 0 {
                self.buffers.copy(&mut encoder, ("drive", last), ("state", u64::from(self.shape.last_at)), words);
            }
        }
        if self.plan.interleaved() {
            self.half ^= steps as u32 & 1;
        }
        self.send(encoder)
    }

    pub(super) fn encoder(&self) -> wgpu::CommandEncoder {
        self.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    pub(super) fn send(&mut self, encoder: wgpu::CommandEncoder) -> Result<(), EngineError> {
        self.submitted.push_back(self.gpu.queue().submit([encoder.finish()]));
        if self.submitted.len() < IN_FLIGHT {
            return self.gpu.check();
        }
        let wait = wgpu::PollType::Wait { submission_index: self.submitted.pop_front(), timeout: None };
        let polled = self.gpu.device().poll(wait);
        self.gpu.check()?;
        polled.map(drop).map_err(|error| self.gpu.failure(error))
    }

    /// Brings what a piece recorded to the host: states, and outputs from row `from` on.
    fn fetch(
        &self,
        rows: Rows,
        lengths: Option<&[usize]>,
        states: Option<&mut NumbersMut<'_>>,
        outputs: Option<(&mut NumbersMut<'_>, usize)>,
    ) -> Result<(), EngineError> {
        let (samples, units) = (self.shape.samples as usize, self.sizes.rows.len());
        if let Some(states) = states {
            let words: Vec<f32> = self.buffers.read("record", 0, samples * rows.count * units)?;
            from_device(&self.shape, &words, units, rows, lengths, states);
        }
        if let Some((outputs, from)) = outputs {
            let width = self.shape.outputs as usize;
            let first = self.outputs_at() + from * samples * width;
            let words: Vec<f32> = self.buffers.read("record", first, samples * rows.count * width)?;
            from_device(&self.shape, &words, width, rows, lengths, outputs);
        }
        Ok(())
    }

    /// The pieces of a run, each no longer than `most` steps.
    pub(super) fn pieces(&self, steps: usize, most: usize) -> impl Iterator<Item = Rows> + use<> {
        let most = self.plan.steps.min(most).max(1);
        (0..steps).step_by(most).map(move |first| Rows { all: steps, first, count: most.min(steps - first) })
    }

    fn states(&self) -> Result<Vec<f32>, EngineError> {
        let (samples, units) = (self.shape.samples as usize, self.sizes.rows.len());
        let words: Vec<f32> = self.buffers.read("state", self.half as usize * samples * units, samples * units)?;
        let mut states = vec![0.0; words.len()];
        let rows = Rows { all: 1, first: 0, count: 1 };
        from_device(&self.shape, &words, units, rows, None, &mut NumbersMut::F32(&mut states));
        Ok(states)
    }

    pub(super) fn check_finite(&self, end: u32) -> Result<(), EngineError> {
        let states = self.states()?;
        let units = self.sizes.rows.len();
        match Numbers::F32(&states).not_finite() {
            None => Ok(()),
            Some(place) => Err(not_finite(place % units, place / units, end, f64::from(states[place]))),
        }
    }

    /// Inputs of the last step `[sample][input]`, as the device holds them.
    fn write_last_inputs(&self, inputs: &[f64]) -> Result<(), EngineError> {
        let mut words = vec![0.0; inputs.len()];
        let rows = Rows { all: 1, first: 0, count: 1 };
        to_device(&self.shape, Numbers::F64(inputs), rows, Columns::all(self.sizes.inputs), &mut words);
        self.buffers.write("state", self.shape.last_at as usize, &words)
    }

    fn read_last_inputs(&self, inputs: &mut [f64]) -> Result<(), EngineError> {
        let words: Vec<f32> = self.buffers.read("state", self.shape.last_at as usize, inputs.len())?;
        let rows = Rows { all: 1, first: 0, count: 1 };
        from_device(&self.shape, &words, self.sizes.inputs, rows, None, &mut NumbersMut::F64(inputs));
        Ok(())
    }
}

impl RateBackend for RateGpu {
    fn run(&mut self, mut run: Run<'_>) -> Result<(), EngineError> {
        self.lengths(run.lengths)?;
        let wants = run.outputs.is_some();
        for rows in self.pieces(run.steps, usize::MAX) {
            self.drive(rows, (run.inputs, Columns::all(self.sizes.inputs)), run.feedback)?;
            let step = run.first_step + rows.first as u32;
            self.submit(Piece { step, rows, closed: LOOP_OPEN, outputs: wants })?;
            self.fetch(rows, run.lengths, run.states.as_mut(), run.outputs.as_mut().map(|outputs| (outputs, 1)))?;
        }
        self.check_finite(run.first_step + run.steps as u32)
    }

    fn generate(&mut self, mut generate: Generate<'_>) -> Result<(), EngineError> {
        self.lengths(None)?;
        self.write_last_inputs(generate.last_inputs)?;
        let (inputs, outputs) = (self.sizes.inputs, self.shape.outputs as usize);
        let to_inputs = self.sizes.feedback == 0;
        let (closed, first, from) = if to_inputs { (LOOP_TO_INPUTS, outputs, 0) } else { (LOOP_TO_FEEDBACK, 0, 1) };
        let columns = Columns { count: inputs - first, first, width: inputs };
        for rows in self.pieces(generate.steps, usize::MAX) {
            self.drive(rows, (generate.given, columns), Numbers::F32(&[]))?;
            let step = generate.first_step + rows.first as u32;
            self.submit(Piece { step, rows, closed, outputs: true })?;
            self.fetch(rows, None, None, Some((&mut generate.outputs, from)))?;
        }
        self.read_last_inputs(generate.last_inputs)?;
        self.check_finite(generate.first_step + generate.steps as u32)
    }

    fn set_readouts(&mut self, readouts: Arc<[LinearReadout]>) -> Result<(), EngineError> {
        let first = &readouts[0];
        let width = if first.inputs { self.sizes.inputs } else { 0 } + first.states.width(self.sizes.rows.len());
        self.resize(RateSizes { readout: Some((first.outputs, width)), ..self.sizes.clone() })?;
        self.shape.outputs = first.outputs as u32;
        self.shape.features = width as u32;
        self.shape.with_inputs = u32::from(first.inputs);
        self.shape.map = map(first.states);
        self.bind()?;
        let words = |readout: &LinearReadout| -> Vec<f32> {
            let rows = readout.weights.chunks(width.max(1)).zip(&readout.bias);
            rows.flat_map(|(row, bias)| row.iter().chain([bias])).map(|&w| w as f32).collect()
        };
        let all: Vec<f32> = (0..self.sizes.members).flat_map(|m| words(&readouts[m.min(readouts.len() - 1)])).collect();
        self.buffers.write("readout", 0, &all)
    }

    fn replace_models(&mut self, models: &[Arc<RateModel>]) -> Result<(), EngineError> {
        super::alike(models)?;
        let sizes = RateSizes { readout: self.sizes.readout, ..RateSizes::of(models, self.sizes.per_member) };
        self.replan(planned(&self.gpu, &sizes, Some(self.plan.regime))?, sizes)?;
        self.models = models.to_vec();
        let shape = rate_pack::shape(&models[0], models.len(), self.sizes.per_member, self.plan.interleaved());
        let RateShape { layers, layers_at, lengths_at, .. } = shape;
        self.shape = RateShape { layers, layers_at, lengths_at, ..self.shape };
        self.ragged = false;
        self.bind()?;
        self.upload()
    }

    fn state(&mut self) -> Result<Vec<f64>, EngineError> {
        Ok(self.states()?.into_iter().map(f64::from).collect())
    }

    fn set_state(&mut self, state: &[f64]) -> Result<(), EngineError> {
        let mut words = vec![0.0; state.len()];
        let rows = Rows { all: 1, first: 0, count: 1 };
        let units = self.sizes.rows.len();
        to_device(&self.shape, Numbers::F64(state), rows, Columns::all(units), &mut words);
        self.buffers.write("state", self.half as usize * words.len(), &words)
    }

    fn accumulates(&self) -> bool {
        moments::fits(self)
    }

    fn accumulate(&mut self, accumulate: Accumulate<'_>, sums: &mut [StateMoments]) -> Result<(), EngineError> {
        moments::accumulate(self, &accumulate, sums)
    }
}

fn planned(gpu: &Gpu, sizes: &RateSizes, regime: Option<RateRegime>) -> Result<RatePlan, EngineError> {
    let options = gpu.options();
    RatePlan::new(sizes, regime, &gpu.limits(), options.workgroup, options.steps_per_submit)
}

/// The regime that was asked for, named as for spiking networks.
fn forced(gpu: &Gpu) -> Option<RateRegime> {
    gpu.options().regime.map(|regime| match regime {
        Regime::Event => RateRegime::Step,
        Regime::Lanes => RateRegime::Lanes,
        Regime::Resident => RateRegime::Resident,
    })
}

/// The code of a map of states.
pub(super) const fn map(states: StateFeatures) -> u32 {
    match states {
        StateFeatures::Raw => MAP_RAW,
        StateFeatures::SquaredAlternate => MAP_SQUARED_ALTERNATE,
        StateFeatures::RawAndSquared => MAP_RAW_AND_SQUARED,
    }
}
