//! Learning piece by piece.

use super::{Lsm, Samples, as_usize, check_labels};
use crate::error::argument;
use crate::readout::{Ridge, RidgeAccumulator, Softmax};
use crate::{Error, Result};

impl Lsm<Ridge> {
    /// Runs a piece of the samples and adds it to what was learned from earlier pieces; the
    /// features themselves are not kept. `classes` is the number of all classes, the same for every piece.
    ///
    /// Random streams go on from piece to piece, so the readout is that of `fit` on all pieces together, to 1e-9 of its
    /// largest weight. Each call solves the normal equations once: pieces of thousands of samples are best.
    ///
    /// # Errors
    /// As [`Lsm::fit`]; a readout that `fit` has fitted, whose sums are gone; a label or number of classes that does not
    /// fit the earlier pieces; `Alpha::LeaveOneOut`, which
    /// needs all samples at once. What was learned is then as before.
    pub fn partial_fit<'a>(&mut self, x: impl Into<Samples<'a>>, labels: &[u32], classes: usize) -> Result<()> {
        let x = x.into();
        check_labels(x.len(), labels)?;
        if let Some((i, label)) = labels.iter().enumerate().find(|(_, l)| **l as usize >= classes) {
            return Err(argument("labels", format!("{label} at sample {i}"), format!("below `classes`, {classes}")));
        }
        if self.model.is_some() && self.sums.is_none() {
            let allowed = "a readout that learned by `partial_fit` from the start; `fit` does not keep its sums";
            return Err(argument("the readout", "fitted by `fit`", allowed));
        }
        let mut sums = match self.sums.clone() {
            Some((known, _)) if known != classes => {
                return Err(argument("classes", classes, format!("{known}, as in the earlier pieces")));
            }
            Some((_, sums)) => sums,
            None => RidgeAccumulator::new(self.readout.clone(), self.features(), classes)?,
        };
        let first = u32::try_from(sums.samples()).unwrap_or(u32::MAX);
        let features = self.transform_from(first, x)?;
        sums.partial_fit_labels(&features, &as_usize(labels))?;
        self.model = Some(sums.solve()?);
        self.sums = Some((classes, sums));
        Ok(())
    }
}

impl Lsm<Softmax> {
    /// Runs samples and moves the readout one step of gradient descent towards their classes: for going on to learn
    /// after [`Lsm::fit`]. See [`SoftmaxModel::partial_fit`](crate::readout::SoftmaxModel::partial_fit) for `rate`.
    ///
    /// # Errors
    /// [`Error::NotFitted`]; as [`Lsm::fit`]; a class that `fit` did not see; a rate that is not positive.
    pub fn partial_fit<'a>(&mut self, x: impl Into<Samples<'a>>, labels: &[u32], rate: f64) -> Result<()> {
        let x = x.into();
        check_labels(x.len(), labels)?;
        let first = self.model.as_ref().ok_or(Error::NotFitted)?.samples();
        let features = self.transform_from(u32::try_from(first).unwrap_or(u32::MAX), x)?;
        let model = self.model.as_mut().ok_or(Error::NotFitted)?;
        Ok(model.partial_fit(&features, &as_usize(labels), rate)?)
    }
}
