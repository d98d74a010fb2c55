//! Development: every training sample is shown for a moment, one after another, and the weights stay.

use std::time::{Duration, Instant};

use limnos_engine::{Keep, Observe, RunOptions, Simulation};
use limnos_tasks::SplitMix64;

use super::liquid::{DEVELOPMENT_STREAM, LearnedWeights, NalsmLiquid};
use super::stimuli::Stimuli;
use super::{NalsmNetwork, Phase};
use crate::Result;
use crate::error::argument;
use crate::lsm::{Progress, Samples, Stage};

/// How development went. Courses have one value a snippet, in the order they were shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Development {
    /// Time that it took.
    pub wall: Duration,
    /// Steps.
    pub steps: u64,
    /// Mean output of the astrocyte; empty without one.
    pub astrocyte: Vec<f32>,
    /// Mean spikes of the liquid in a step.
    pub liquid_rate: Vec<f32>,
    /// Mean spikes of the input neurons in a step.
    pub input_rate: Vec<f32>,
}

impl NalsmLiquid {
    /// Develops the weights, from their start: shows every sample for [`Nalsm::snippet_steps`](super::Nalsm::snippet_steps) steps, in
    /// random order, once or as [`Nalsm::snippets`](super::Nalsm::snippets) says. Membranes and the astrocyte start anew with each, weights and traces of plasticity go on. Of a spike train a random part is shown. A static
    /// liquid is left as it is.
    ///
    /// The weights before are kept until all is done, so a failed call changes nothing.
    ///
    /// # Errors
    /// No samples, another number of channels, values that are not probabilities, spike trains shorter than a snippet and three steps; device errors.
    pub fn develop<'a>(
        &mut self,
        samples: impl Into<Samples<'a>>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Development> {
        let stimuli = self.snippets(samples.into())?;
        if !self.preset.rule.is_plastic() {
            return Ok(Development::default());
        }
        let start = Instant::now();
        let parts = self.preset.network(Phase::Development)?;
        let mut developer = Developer::new(self, &parts)?;
        let mut random = SplitMix64::new(self.preset.seed);
        let mut order: Vec<usize> = (0..stimuli.len()).collect();
        let snippets = self.preset.snippets.unwrap_or(order.len());
        for k in 0..snippets {
            let place = k % order.len();
            if place == 0 {
                random.shuffle(&mut order);
            }
            developer.show(&stimuli, k as u32, order[place], &mut random)?;
            progress(Progress::since(Stage::Develop, start, k + 1, snippets));
        }
        let (weights, mut course) = developer.finish()?;
        self.adopt(weights);
        course.wall = start.elapsed();
        Ok(course)
    }

    fn snippets<'a>(&self, samples: Samples<'a>) -> Result<Stimuli<'a>> {
        let stimuli = Stimuli::new(samples, self.preset.channels)?;
        let least = self.preset.snippet_steps.saturating_add(3);
        let short = (0..stimuli.len()).find_map(|i| stimuli.length(i).filter(|&n| n < least).map(|n| (i, n)));
        match short {
            Some((i, n)) => Err(argument(
                "samples",
                format!("spike train {i} of {n} steps"),
                format!("at least {least}, the steps of a snippet and three"),
            )),
            None => Ok(stimuli),
        }
    }
}

/// The simulation that develops, and what is noted of it.
struct Developer<'a> {
    parts: &'a NalsmNetwork,
    simulation: Simulation,
    steps: u32,
    course: Development,
}

impl<'a> Developer<'a> {
    fn new(liquid: &NalsmLiquid, parts: &'a NalsmNetwork) -> Result<Self> {
        let steps = liquid.preset.snippet_steps;
        let astrocytes = parts.astrocyte.map(|_| steps);
        let observe = Observe { rates: Some(steps), astrocytes, ..Observe::default() };
        let options = RunOptions { batch: 1, first_sample: DEVELOPMENT_STREAM, observe };
        let simulation = Simulation::new(&liquid.device, &parts.network, options)?;
        Ok(Self { parts, simulation, steps, course: Development::default() })
    }

    /// Shows a snippet of sample `index`, the k-th.
    fn show(&mut self, stimuli: &Stimuli<'_>, k: u32, index: usize, random: &mut SplitMix64) -> Result<()> {
        let start = match stimuli.length(index) {
            None => 0,
            // The first and the last steps of a recording are left out.
            Some(length) => 1 + random.below((length - self.steps - 2) as usize) as u32,
        };
        let sim = &mut self.simulation;
        // Traces of snippets this short must go on: without them the liquid ends at another branching factor (0.87 instead of 1.0
        // with a weight of 0.1).
        sim.reset_keeping(DEVELOPMENT_STREAM.wrapping_add(k), Keep { weights: true, traces: true })?;
        stimuli.feed_snippet(sim, self.parts.events, index, start, self.steps)?;
        sim.run(self.steps)?;
        self.note()
    }

    fn note(&mut self) -> Result<()> {
        let rates = self.simulation.rates()?;
        let mean = |population: usize| {
            (0..rates.dim().1).map(|step| rates[[0, step, population]]).sum::<u32>() as f32 / self.steps as f32
        };
        self.course.liquid_rate.push(mean(self.parts.liquid.index()));
        self.course.input_rate.push(mean(self.parts.receptors.index()));
        if self.parts.astrocyte.is_some() {
            let outputs = self.simulation.modulators()?;
            self.course.astrocyte.push((outputs.sum() / f64::from(self.steps)) as f32);
        }
        self.course.steps += u64::from(self.steps);
        Ok(())
    }

    fn finish(mut self) -> Result<(LearnedWeights, Development)> {
        let input = self.simulation.weights(self.parts.input_synapses, 0)?;
        let liquid = self.simulation.weights(self.parts.liquid_synapses, 0)?;
        Ok((LearnedWeights { input, liquid }, self.course))
    }
}
