//! What a reservoir does with some inputs, in a few numbers.

use limnos_spec::rate::{RateModel, SparseMatrix};
use limnos_tasks::effective_rank;
use ndarray::{Array2, ArrayView2, Axis};

use super::host::{Host, check_inputs};
use crate::Result;
use crate::reservoir::spectral_radius;

/// Most states that the effective rank is taken of: the last ones.
const RANK_STEPS: usize = 500;

/// A reservoir under some inputs, its first tenth of steps left out.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Measures {
    /// Mean activity over units and steps.
    pub mean: f64,
    /// Standard deviation over units of their mean activities.
    pub spread: f64,
    /// Mean over units of the standard deviations of their activities over time.
    pub sd: f64,
    /// The largest spectral radius of a layer's recurrent weights, its gains included.
    pub spectral_radius: f64,
    /// Effective rank of the states about their mean: the exponential of the entropy of their singular values (Roy and Vetterli 2007).
    pub effective_rank: f64,
}

/// Runs inputs through a model from rest and measures it.
///
/// # Errors
/// Inputs of another number of channels or not finite; a model that hears outputs; states that are not finite.
pub fn measure(model: &RateModel, inputs: ArrayView2<'_, f64>) -> Result<Measures> {
    check_inputs(model, &inputs)?;
    let mut host = Host::new(model)?;
    let skipped = inputs.nrows() / 10;
    let mut states = Array2::zeros((inputs.nrows() - skipped, model.units()));
    for (t, row) in inputs.outer_iter().enumerate() {
        host.step(row.iter().copied(), |_, _, _| {});
        if t >= skipped {
            states.row_mut(t - skipped).iter_mut().zip(host.state()).for_each(|(out, x)| *out = *x);
        }
    }
    let means = states.mean_axis(Axis(0)).expect("there should be a step after the first tenth");
    let rank_from = states.nrows().saturating_sub(RANK_STEPS);
    let centred = &states.slice(ndarray::s![rank_from.., ..]) - &means;
    Ok(Measures {
        mean: means.sum() / means.len() as f64,
        spread: means.std(0.0),
        sd: states.std_axis(Axis(0), 0.0).sum() / means.len() as f64,
        spectral_radius: largest_radius(model)?,
        effective_rank: effective_rank(centred.view())?,
    })
}

fn largest_radius(model: &RateModel) -> Result<f64> {
    let mut largest = 0.0_f64;
    for (k, layer) in model.layers().iter().enumerate() {
        let first = model.first_state() + model.first_unit(k);
        let own = layer.weights.triplets().filter(|&(_, j, _)| j >= first);
        let scaled: Vec<_> = own.map(|(i, j, w)| (i, j - first, w * layer.gain_of(i))).collect();
        let weights = SparseMatrix::from_triplets(layer.units, layer.units, &scaled)?;
        largest = largest.max(spectral_radius(&weights)?.radius);
    }
    Ok(largest)
}
