//! What a simulation learns: reading and setting plastic weights and the outputs of astrocytes.

use limnos_spec::fixed::{from_fixed, to_fixed};
use limnos_spec::twin::stdp::WEIGHT_LIMIT;
use limnos_spec::{AstrocyteId, AstrocyteModel, ProjectionId, WholeWeights};
use ndarray::Array3;

use super::Simulation;
use crate::{EngineError, backend};

impl Simulation {
    /// Present weights of a projection in a sample, mV, in row order: by source, then by target. Static weights as they are held.
    ///
    /// # Errors
    /// An id of another network, a sample outside the batch; device errors.
    pub fn weights(&mut self, projection: ProjectionId, sample: usize) -> Result<Vec<f64>, EngineError> {
        let index = self.projection(projection)?;
        self.check_sample(sample)?;
        let description = &self.model.projections[index];
        match &description.plastic {
            Some(WholeWeights { bits, .. }) => {
                let bits = *bits;
                Ok(self.backend.weights(index, sample)?.into_iter().map(|w| from_fixed(w, bits)).collect())
            }
            None => {
                let bits = self.model.populations[description.target].fraction_bits;
                let synapses = &description.synapses;
                Ok((0..synapses.len()).map(|k| from_fixed(synapses.weight(k), bits)).collect())
            }
        }
    }

    /// Sets the weights of a plastic projection in one sample, mV, in row order, until a reset that does not keep them.
    ///
    /// # Errors
    /// A static projection; the wrong number of weights, or one outside the bounds of its rule, with its place. Nothing is set then.
    pub fn set_weights(&mut self, projection: ProjectionId, sample: usize, weights: &[f64]) -> Result<(), EngineError> {
        self.check_sample(sample)?;
        let (index, words) = self.words(projection, weights)?;
        self.backend.set_weights(index, Some(sample), &words)
    }

    /// Sets the weights of a plastic projection in all samples, mV, in row order: now, and whenever a reset does not keep them. What
    /// [`Simulation::weights`] returned is set bit for bit.
    ///
    /// # Errors
    /// As [`Simulation::set_weights`].
    pub fn set_initial_weights(&mut self, projection: ProjectionId, weights: &[f64]) -> Result<(), EngineError> {
        let (index, words) = self.words(projection, weights)?;
        self.backend.set_weights(index, None, &words)
    }

    /// Present output of an astrocyte in each sample.
    ///
    /// # Errors
    /// An id of another network; device errors.
    pub fn modulator(&mut self, astrocyte: AstrocyteId) -> Result<Vec<f64>, EngineError> {
        let bits = self.astrocyte(astrocyte)?.bits;
        Ok(self.backend.outputs(astrocyte.index())?.into_iter().map(|a| from_fixed(a, bits)).collect())
    }

    /// Sets the output of an astrocyte from the next step on: one value for all samples, or one each. With an infinite time constant it
    /// stays, else it goes on from there.
    ///
    /// # Errors
    /// An astrocyte with calcium dynamics; the wrong number of values, or one outside the range of its format, with its place. Nothing is set then.
    pub fn set_modulator(&mut self, astrocyte: AstrocyteId, outputs: &[f64]) -> Result<(), EngineError> {
        let model = self.astrocyte(astrocyte)?;
        if model.calcium.is_some() {
            let argument = format!("astrocyte '{}'", model.name);
            let allowed = "a leaky one or a modulator; its calcium alone sets its output in every step";
            return Err(EngineError::invalid(argument, "one with calcium dynamics", allowed));
        }
        let (name, bits) = (format!("output of astrocyte '{}'", model.name), model.bits);
        if outputs.len() != 1 && outputs.len() != self.batch() {
            return Err(EngineError::Shape {
                argument: name,
                needed: format!("1 value, or one for each of {} samples", self.batch()),
                found: vec![outputs.len()],
            });
        }
        let words = (0..self.batch()).map(|sample| {
            let value = outputs[sample % outputs.len()];
            to_fixed(value, bits).filter(|w| w.abs() < WEIGHT_LIMIT).ok_or_else(|| {
                let limit = from_fixed(WEIGHT_LIMIT, bits);
                EngineError::invalid(format!("{name}, sample {sample}"), value, format!("a magnitude below {limit}"))
            })
        });
        let words: Vec<i32> = words.collect::<Result<_, _>>()?;
        self.backend.set_outputs(astrocyte.index(), &words)
    }

    /// Outputs of the astrocytes after each step since the last clearing, `[sample][step][astrocyte]`.
    ///
    /// # Errors
    /// [`EngineError::NotObserved`]; device errors.
    pub fn modulators(&mut self) -> Result<Array3<f64>, EngineError> {
        self.options.observe.astrocytes.ok_or(EngineError::NotObserved { what: "astrocytes" })?;
        let bits: Vec<u32> = self.model.plastic.astrocytes.iter().map(|a| a.bits).collect();
        let (batch, width) = (self.batch(), bits.len());
        let all = if width == 0 { Vec::new() } else { self.backend.astrocytes()? };
        Ok(Array3::from_shape_fn((batch, self.recorded as usize, width), |(s, t, a)| {
            from_fixed(all[(t * batch + s) * width + a], bits[a])
        }))
    }

    fn check_sample(&self, sample: usize) -> Result<(), EngineError> {
        if sample < self.batch() {
            return Ok(());
        }
        Err(EngineError::invalid("sample", sample, format!("0 to {}", self.batch() - 1)))
    }

    fn projection(&self, projection: ProjectionId) -> Result<usize, EngineError> {
        let index = projection.index();
        let known = index < self.model.projections.len();
        known
            .then_some(index)
            .ok_or_else(|| EngineError::invalid("projection", format!("id {index}"), "an id of this network"))
    }

    fn astrocyte(&self, astrocyte: AstrocyteId) -> Result<&AstrocyteModel, EngineError> {
        backend::astrocyte(&self.model, astrocyte.index())
    }

    /// The index of a plastic projection, and weights as its words.
    fn words(&self, projection: ProjectionId, weights: &[f64]) -> Result<(usize, Vec<i32>), EngineError> {
        let index = self.projection(projection)?;
        let model = &self.model.projections[index];
        let argument = format!("weights of {}", model.name);
        let held = backend::plastic(&self.model, index)?;
        let synapses = &model.synapses;
        if weights.len() != synapses.len() {
            let needed = format!("{} weights, one a synapse in row order", synapses.len());
            return Err(EngineError::Shape { argument, needed, found: vec![weights.len()] });
        }
        let mut words = Vec::with_capacity(weights.len());
        for (source, row) in synapses.row_start.windows(2).enumerate() {
            let bounds = held.bounds_of(source);
            for (k, &weight) in (row[0]..row[1]).zip(&weights[row[0]..row[1]]) {
                let word = to_fixed(weight, held.bits).filter(|w| (bounds.low..=bounds.high).contains(w));
                words.push(word.ok_or_else(|| {
                    let [low, high] = [bounds.low, bounds.high].map(|b| from_fixed(b, held.bits));
                    EngineError::invalid(format!("{argument}, synapse {k}"), weight, format!("{low} to {high} mV"))
                })?);
            }
        }
        Ok((index, words))
    }
}
