//! Closed loop: the network's outputs become its inputs, or its feedback.

use limnos_engine::rate::RateCheckpoint;
use ndarray::{Array2, ArrayView2};

use super::drive::padded;
use super::features::FeatureMap;
use super::nvar::History;
use super::{Built, Esn};
use crate::error::argument;
use crate::readout::RidgeModel;
use crate::{Error, Result};

impl Esn {
    /// Goes on alone for so many steps from where the network is: steps x outputs. After [`Self::fit_forecast`] or [`Self::prime`] row 0 is the forecast of the row that
    /// follows the series; each row then is the next input. With `feedback` and no inputs, each row is the output that the next step hears.
    ///
    /// On the device, for any number of steps; with [`Nvar`](super::Nvar) products the host takes part in each step.
    ///
    /// # Errors
    /// [`Error::NotFitted`]; outputs that are not as many as the inputs (use [`Self::generate_with`]); a state that is no longer finite; device errors.
    pub fn generate(&mut self, steps: usize) -> Result<Array2<f64>> {
        self.generate_with(Array2::zeros((steps, 0)).view())
    }

    /// [`Self::generate`] with the inputs that the network does not make itself, a row for each step: those after the outputs, or with `feedback` all of them.
    ///
    /// # Errors
    /// As [`Self::generate`]; another number of channels.
    pub fn generate_with<'a>(&mut self, given: impl Into<ArrayView2<'a, f64>>) -> Result<Array2<f64>> {
        let given = given.into();
        let outputs = self.fitted()?.bias().len();
        self.check_given(&given, outputs)?;
        if self.config.nvar.is_some() {
            return self.generate_on_host(&given);
        }
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let inputs: Vec<f64> = given.iter().copied().collect();
        let mut out = vec![0.0; given.nrows() * outputs];
        built.live.generate(given.nrows(), &mut out, Some(&inputs))?;
        Ok(Array2::from_shape_vec((given.nrows(), outputs), out)
            .expect("there should be a row of outputs for each step"))
    }

    /// From rest through a series: the network is then at its end, and [`Self::generate`] continues it. A few hundred steps suffice for the reservoir to forget that it
    /// came from rest.
    ///
    /// # Errors
    /// Before a fit; other channels than fitted; numbers that are not finite; device errors.
    pub fn prime<'a>(&mut self, series: impl Into<ArrayView2<'a, f64>>) -> Result<()> {
        let series = series.into();
        self.check_inputs(&series)?;
        self.reset()?;
        self.advance_silently(&series)
    }

    /// From rest through inputs and the outputs that a teacher gives, which are fed back: then [`Self::generate_with`] goes on.
    ///
    /// # Errors
    /// As [`Self::prime`]; a network that does not feed outputs back; a teacher of another size.
    pub fn prime_with<'a, 'b>(
        &mut self,
        x: impl Into<ArrayView2<'a, f64>>,
        teacher: impl Into<ArrayView2<'b, f64>>,
    ) -> Result<()> {
        let (x, teacher) = (x.into(), teacher.into());
        self.check_inputs(&x)?;
        let feedback = self.built.as_ref().ok_or(Error::NotFitted)?.model.feedback();
        if feedback == 0 || teacher.dim() != (x.nrows(), feedback) {
            let found = format!(
                "{} x {} for {} steps and {feedback} outputs fed back",
                teacher.nrows(),
                teacher.ncols(),
                x.nrows()
            );
            return Err(argument("teacher", found, "a row of the outputs that are fed back for each step"));
        }
        self.reset()?;
        self.drive(&x.into(), Some(&teacher.into()), |_| Ok(()))
    }

    /// [`Self::prime`] and [`Self::generate`]: `steps` steps after the end of a series.
    ///
    /// # Errors
    /// As these.
    pub fn forecast<'a>(&mut self, series: impl Into<ArrayView2<'a, f64>>, steps: usize) -> Result<Array2<f64>> {
        self.fitted()?;
        self.prime(series)?;
        self.generate(steps)
    }

    fn check_given(&self, given: &ArrayView2<'_, f64>, outputs: usize) -> Result<()> {
        let built = self.built.as_ref().ok_or(Error::NotFitted)?;
        let (inputs, feedback) = (built.model.inputs(), built.model.feedback());
        let needed = if feedback > 0 { Some(inputs) } else { inputs.checked_sub(outputs) };
        if needed == Some(given.ncols()) {
            return Ok(());
        }
        let found = format!("{} channels given to a network of {inputs} inputs and {outputs} outputs", given.ncols());
        let allowed = match needed {
            Some(needed) => format!("{needed} channels; use `generate_with` where it is not 0"),
            None => "a network with at least as many inputs as outputs, or with `feedback`".into(),
        };
        Err(argument("inputs of a closed loop", found, allowed))
    }

    /// Runs on without reading outputs.
    pub(super) fn advance_silently(&mut self, x: &ArrayView2<'_, f64>) -> Result<()> {
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let inputs = padded(&[x.view()], x.nrows(), 0);
        built.live.run::<f64>(&inputs, None, x.nrows(), None)?;
        built.remember(x);
        Ok(())
    }

    /// Outputs of further steps where the readout reads products.
    pub(super) fn advance_on_host(&mut self, x: &ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let model = self.fitted()?.clone();
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let inputs = padded(&[x.view()], x.nrows(), 0);
        let mut states = vec![0.0; x.nrows() * built.map.units];
        built.live.run(&inputs, None, x.nrows(), Some(&mut states[..]))?;
        let mut rows = Vec::new();
        for (t, inputs) in x.outer_iter().enumerate() {
            let inputs = inputs.to_vec();
            if let Some(history) = &mut built.history {
                history.push(&inputs);
            }
            built.map.write(
                &inputs,
                &states[t * built.map.units..][..built.map.units],
                built.history.as_mut(),
                &mut rows,
            );
        }
        let features = Array2::from_shape_vec((x.nrows(), built.map.width()), rows);
        Ok(model.predict(&features.expect("every row should have the map's width"))?)
    }

    fn generate_on_host(&mut self, given: &ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let model = self.fitted()?.clone();
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let RateCheckpoint { mut state, last_inputs: mut inputs, .. } = built.live.checkpoint()?;
        let map = built.map;
        let feeds_back = built.model.feedback() > 0;
        let mut now = output(&map, &model, &inputs, &state, built.history.as_mut())?;
        let mut all = Array2::zeros((given.nrows(), model.bias().len()));
        for (mut row, given) in all.outer_iter_mut().zip(given.outer_iter()) {
            let out = now.row(0).to_vec();
            let feedback = feeds_back.then_some(&out[..]);
            inputs = if feeds_back { given.to_vec() } else { [&out[..], &given.to_vec()].concat() };
            built.live.run(&inputs, feedback, 1, Some(&mut state[..]))?;
            if let Some(history) = &mut built.history {
                history.push(&inputs);
            }
            let next = output(&map, &model, &inputs, &state, built.history.as_mut())?;
            row.assign(&if feeds_back { next.row(0) } else { now.row(0) });
            now = next;
        }
        Ok(all)
    }
}

impl Built {
    /// Keeps the last inputs for products.
    pub(super) fn remember(&mut self, x: &ArrayView2<'_, f64>) {
        if let Some(history) = &mut self.history {
            x.outer_iter().for_each(|row| history.push(&row.to_vec()));
        }
    }
}

/// The readout of one step.
fn output(
    map: &FeatureMap,
    model: &RidgeModel,
    inputs: &[f64],
    state: &[f64],
    history: Option<&mut History>,
) -> Result<Array2<f64>> {
    let mut row = Vec::with_capacity(map.width());
    map.write(inputs, state, history, &mut row);
    let row = Array2::from_shape_vec((1, map.width()), row).expect("a row should have the map's width");
    Ok(model.predict(&row)?)
}
