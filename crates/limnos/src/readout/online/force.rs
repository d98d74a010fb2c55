//! FORCE: a readout whose output is fed back while it learns.

use super::super::ReadoutError;
use super::{OnlineReadout, RlsModel, check_sample};

/// First-order reduced and controlled error learning (Sussillo and Abbott 2009): the output computed with the weights
/// before a sample is what goes back into the reservoir, and every `every` steps the weights then learn that sample, so
/// that the error stays small from the start. The reservoir's loop is the caller's.
///
/// With [`RlsModel`] this is FORCE as published (its `P(0) = I / alpha`); any [`OnlineReadout`] will do. Their networks
/// have no bias: [`Rls::fit_bias`](super::Rls::fit_bias) off gives exactly theirs.
///
/// ```
/// use limnos::readout::{Force, Rls, RlsModel};
///
/// let readout = RlsModel::new(Rls { fit_bias: false, ..Rls::default() }, 2, 1)?;
/// let mut force = Force::new(readout, 2)?;
/// let mut feedback = 0.0;
/// for t in 0..100 {
///     let states = [(0.1 * f64::from(t)).sin(), 0.1 * feedback]; // a reservoir's, driven by `feedback`
///     feedback = force.step(&states, Some(&[states[0]]))?[0];
/// }
/// let free = force.step(&[1.0, 0.1 * feedback], None)?; // learning is over
/// assert_eq!(free.len(), 1);
/// # Ok::<(), limnos::readout::ReadoutError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Force<R = RlsModel> {
    readout: R,
    every: u64,
    steps: u64,
    output: Vec<f64>,
}

impl<R: OnlineReadout> Force<R> {
    /// Learns at the first of each `every` steps that have a target.
    ///
    /// # Errors
    /// An `every` of zero.
    pub fn new(readout: R, every: u32) -> Result<Self, ReadoutError> {
        if every == 0 {
            return Err(ReadoutError::setting("every", every, "at least one step"));
        }
        let output = vec![0.0; readout.outputs()];
        Ok(Self { readout, every: u64::from(every), steps: 0, output })
    }

    /// One step: the output for the states `x`, to be fed back; then, with a `target`, it learns when its turn has come.
    /// Without one it runs free.
    ///
    /// # Errors
    /// As [`OnlineReadout::predict_into`] and [`OnlineReadout::update`].
    pub fn step(&mut self, x: &[f64], target: Option<&[f64]>) -> Result<&[f64], ReadoutError> {
        if let Some(target) = target {
            check_sample("y", target, self.readout.outputs())?;
        }
        self.readout.predict_into(x, &mut self.output)?;
        if let Some(target) = target {
            if self.steps.is_multiple_of(self.every) {
                self.readout.update(x, target)?;
            }
            self.steps += 1;
        }
        Ok(&self.output)
    }

    /// The last output, which is fed back; zero at first.
    #[must_use]
    pub fn output(&self) -> &[f64] {
        &self.output
    }

    /// The readout.
    #[must_use]
    pub fn readout(&self) -> &R {
        &self.readout
    }

    /// The readout, learning over.
    #[must_use]
    pub fn into_readout(self) -> R {
        self.readout
    }

    /// Forgets all samples and the last output.
    pub fn reset(&mut self) {
        self.readout.reset();
        self.output.fill(0.0);
        self.steps = 0;
    }
}
