//! A simulation on a GPU.

use std::collections::VecDeque;
use std::sync::Arc;

use bytemuck::cast_slice;
use limnos_spec::Model;
use limnos_spec::twin::device::layout::{
    Clock, FEED_SILENT, FEED_SPIKES, FEED_THRESHOLDS, InputEntry, PopulationEntry, Span,
};

use super::buffers::Buffers;
use super::device::{Gpu, GpuOptions};
use super::feeds::Feeds;
use super::plan::{GpuPlan, Phase, Regime, Sizes};
use super::recorder::Recorder;
use super::{learned, load, read};
use crate::{Backend, CurrentFeed, EngineError, Keep, RunOptions, SampleState, SourceFeed, backend};

/// Submissions that may wait on the device at a time: enough to keep it busy, few enough to bound memory.
const IN_FLIGHT: usize = 3;

/// A simulation on a GPU, in the regime of its plan.
#[derive(Debug)]
pub struct GpuSimulation {
    pub(super) gpu: Gpu,
    pub(super) model: Arc<Model>,
    pub(super) options: RunOptions,
    pub(super) plan: GpuPlan,
    pub(super) buffers: Buffers,
    pub(super) populations: Vec<PopulationEntry>,
    pub(super) clock: Clock,
    /// Where the sections of the resident regime's tables start.
    pub(super) span: Span,
    /// Weights before step 0 that were set, by projection.
    pub(super) initial_weights: Vec<Option<Arc<[i32]>>>,
    recorder: Recorder,
    stale: bool,
    inputs: Vec<InputEntry>,
    sources: Feeds<u32>,
    currents: Feeds<i32>,
    submitted: VecDeque<wgpu::SubmissionIndex>,
}

impl GpuSimulation {
    /// Makes a simulation: plans it, allocates, uploads, and stands before step 0.
    ///
    /// # Errors
    /// [`EngineError::Limit`] before anything is allocated; [`EngineError::Invalid`] for a regime that cannot serve;
    /// [`EngineError::OutOfMemory`] and other device errors.
    pub fn new(gpu: &Gpu, model: Arc<Model>, options: RunOptions) -> Result<Self, EngineError> {
        let options = RunOptions { batch: options.batch.max(1), ..options };
        let GpuOptions { regime, workgroup, .. } = gpu.options();
        let plan = GpuPlan::chosen(regime, &Sizes::of(&model), &options, &gpu.limits(), workgroup)?;
        let buffers = Buffers::allocate(gpu, &plan.buffers)?;
        let tables = load::network(&buffers, &model, &plan, &options)?;
        let recorder = Recorder::new(gpu, &plan.dispatches, &buffers)?;
        let first_sample = options.first_sample;
        let mut simulation = Self {
            gpu: gpu.clone(),
            recorder,
            stale: false,
            span: load::span(&model, &plan, &options),
            inputs: super::tables::inputs(&model),
            populations: tables.populations,
            sources: Feeds::new("feed", model.inputs.len()),
            currents: Feeds::new("currents", model.populations.len()),
            clock: Clock::default(),
            submitted: VecDeque::new(),
            initial_weights: vec![None; model.projections.len()],
            model,
            options,
            plan,
            buffers,
        };
        simulation.feed_defaults()?;
        simulation.reset(first_sample)?;
        Ok(simulation)
    }

    /// The plan.
    pub const fn plan(&self) -> &GpuPlan {
        &self.plan
    }

    /// Sources emit by themselves until they are fed.
    fn feed_defaults(&mut self) -> Result<(), EngineError> {
        for index in 0..self.inputs.len() {
            if let Some(thresholds) = self.model.inputs[index].thresholds.clone() {
                self.set_source(index, FEED_THRESHOLDS, 1, 0, Some(thresholds.into()))?;
            }
        }
        self.write_entries()
    }

    /// Whether the network has synapses from inputs at all.
    fn has_inputs(&self) -> bool {
        self.plan.inputs
    }

    fn set_source(
        &mut self,
        input: usize,
        kind: u32,
        rows: u32,
        stride: u32,
        words: Option<Arc<[u32]>>,
    ) -> Result<(), EngineError> {
        if !self.has_inputs() {
            return Ok(());
        }
        self.stale |= self.sources.set(&mut self.buffers, &self.gpu.limits(), input, words)?;
        let entry = &mut self.inputs[input];
        (entry.kind, entry.rows, entry.stride, entry.start) = (kind, rows, stride, self.clock.step);
        Ok(())
    }

    /// Writes the entries of inputs and populations, whose feeds may have moved.
    fn write_entries(&mut self) -> Result<(), EngineError> {
        for (index, entry) in self.inputs.iter_mut().enumerate() {
            entry.offset = self.sources.offset(index) as u32;
        }
        for (index, entry) in self.populations.iter_mut().enumerate() {
            entry.current = self.currents.offset(index) as u32;
        }
        if self.plan.regime == Regime::Resident {
            let populations = self.span.populations as usize;
            self.buffers.write("network", populations, cast_slice::<_, u32>(&self.populations))?;
            return self.buffers.write("network", self.span.inputs as usize, cast_slice::<_, u32>(&self.inputs));
        }
        if self.has_inputs() {
            self.buffers.write("inputs", 0, &self.inputs)?;
        }
        self.buffers.write("populations", 0, &self.populations)
    }

    fn write_clock(&self) -> Result<(), EngineError> {
        match self.plan.regime {
            // Each dispatch is told its steps.
            Regime::Resident => Ok(()),
            Regime::Event | Regime::Lanes => self.buffers.write("clock", 0, &[self.clock]),
        }
    }

    /// Tells the next dispatches of the resident regime their steps and samples.
    fn write_span(&self, steps: u32) -> Result<(), EngineError> {
        let emits = self.has_inputs() && self.inputs.iter().any(|entry| entry.kind != FEED_SILENT);
        let Clock { step, origin, first_sample, .. } = self.clock;
        let span = Span { step, origin, first_sample, steps, emits: u32::from(emits), ..self.span };
        self.plan.chunks.iter().enumerate().try_for_each(|(k, samples)| {
            let (first_lane, end_lane) = (samples.start as u32, samples.end as u32);
            self.buffers.write(&format!("span {k}"), 0, &[Span { first_lane, end_lane, ..span }])
        })
    }

    /// In the event regime the ring holds what inputs have emitted, so that silent inputs need no dispatch; in lanes the history must be written,
    /// and for learning the bits of this step.
    fn skips_inputs(&self) -> bool {
        self.plan.regime == Regime::Event
            && self.plan.learning.is_none()
            && self.inputs.iter().all(|entry| entry.kind == FEED_SILENT)
    }

    fn submit(&mut self, steps: u32) -> Result<(), EngineError> {
        let skips_inputs = self.skips_inputs();
        let recorded = match self.plan.regime {
            Regime::Resident => {
                self.write_span(steps)?;
                1
            }
            Regime::Event | Regime::Lanes => steps,
        };
        let mut encoder = self.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.recorder.record(&mut encoder, recorded, |phase| phase == Phase::Input && skips_inputs);
        self.submitted.push_back(self.gpu.queue().submit([encoder.finish()]));
        if self.submitted.len() < IN_FLIGHT {
            return self.gpu.check();
        }
        let wait = wgpu::PollType::Wait { submission_index: self.submitted.pop_front(), timeout: None };
        let polled = self.gpu.device().poll(wait);
        self.gpu.check()?;
        polled.map(drop).map_err(|error| self.gpu.failure(error))
    }
}

impl Backend for GpuSimulation {
    fn feed_source(&mut self, input: usize, feed: SourceFeed) -> Result<(), EngineError> {
        let size = self.inputs[input].size;
        match feed {
            SourceFeed::Silent => self.set_source(input, FEED_SILENT, 0, 0, None)?,
            SourceFeed::Thresholds { rows, values } => {
                self.set_source(input, FEED_THRESHOLDS, rows, rows * size, Some(values))?;
            }
            SourceFeed::Spikes { rows, bits } => {
                self.set_source(input, FEED_SPIKES, rows, rows * size.div_ceil(32), Some(bits))?;
            }
        }
        self.write_entries()
    }

    fn feed_current(&mut self, population: usize, feed: Option<CurrentFeed>) -> Result<(), EngineError> {
        let rows = feed.as_ref().map_or(0, |feed| feed.rows);
        let words = feed.map(|feed| feed.values);
        self.stale |= self.currents.set(&mut self.buffers, &self.gpu.limits(), population, words)?;
        let entry = &mut self.populations[population];
        (entry.current_rows, entry.current_stride, entry.current_start) = (rows, rows * entry.size, self.clock.step);
        self.write_entries()
    }

    fn run(&mut self, steps: u32) -> Result<(), EngineError> {
        self.gpu.check()?;
        if self.stale {
            self.recorder = Recorder::new(&self.gpu, &self.plan.dispatches, &self.buffers)?;
            self.stale = false;
        }
        let mut left = steps;
        while left > 0 {
            let chunk = left.min(self.gpu.options().steps_per_submit).min(self.plan.steps);
            self.submit(chunk)?;
            left -= chunk;
            self.clock.step += chunk;
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<(), EngineError> {
        self.submitted.clear();
        let polled = self.gpu.device().poll(wgpu::PollType::wait_indefinitely());
        self.gpu.check()?;
        polled.map(drop).map_err(|error| self.gpu.failure(error))
    }

    fn reset(&mut self, first_sample: u32) -> Result<(), EngineError> {
        self.reset_keeping(first_sample, Keep::default())
    }

    fn reset_keeping(&mut self, first_sample: u32, keep: Keep) -> Result<(), EngineError> {
        self.clock = Clock { first_sample, ..Clock::default() };
        self.inputs.iter_mut().for_each(|entry| entry.start = 0);
        self.populations.iter_mut().for_each(|entry| entry.current_start = 0);
        self.write_entries()?;
        load::initial_state(self)?;
        match self.plan.regime {
            Regime::Event | Regime::Lanes => learned::reset(self, keep)?,
            Regime::Resident => load::initial_by_sample(self, keep)?,
        }
        self.clear_recordings()
    }

    fn clear_recordings(&mut self) -> Result<(), EngineError> {
        self.clock.origin = self.clock.step;
        self.write_clock()?;
        read::clear(self)
    }

    fn counts(&mut self) -> Result<Vec<u32>, EngineError> {
        read::counts(self)
    }

    fn spikes(&mut self) -> Result<Vec<u32>, EngineError> {
        read::spikes(self)
    }

    fn traces(&mut self) -> Result<Vec<i32>, EngineError> {
        read::traces(self)
    }

    fn potentials(&mut self) -> Result<Vec<i32>, EngineError> {
        read::potentials(self)
    }

    fn rates(&mut self) -> Result<Vec<u32>, EngineError> {
        read::rates(self)
    }

    fn state(&mut self) -> Result<Vec<SampleState>, EngineError> {
        read::state(self)
    }

    fn weights(&mut self, projection: usize, sample: usize) -> Result<Vec<i32>, EngineError> {
        backend::plastic(&self.model, projection)?;
        learned::weights(self, projection, sample)
    }

    fn set_weights(&mut self, projection: usize, sample: Option<usize>, weights: &[i32]) -> Result<(), EngineError> {
        backend::plastic(&self.model, projection)?;
        debug_assert!(backend::within_bounds(&self.model, projection, weights));
        let samples = sample.map_or(0..self.options.batch, |sample| sample..sample + 1);
        samples.into_iter().try_for_each(|sample| learned::write_weights(self, projection, sample, weights))?;
        if sample.is_none() {
            learned::write_initial_weights(self, projection, weights)?;
        }
        Ok(())
    }

    fn outputs(&mut self, astrocyte: usize) -> Result<Vec<i32>, EngineError> {
        backend::astrocyte(&self.model, astrocyte)?;
        learned::outputs(self, astrocyte)
    }

    fn set_outputs(&mut self, astrocyte: usize, outputs: &[i32]) -> Result<(), EngineError> {
        backend::astrocyte(&self.model, astrocyte)?;
        learned::set_outputs(self, astrocyte, outputs)
    }

    fn astrocytes(&mut self) -> Result<Vec<i32>, EngineError> {
        learned::course(self)
    }

    fn model(&self) -> &Arc<Model> {
        &self.model
    }
}
