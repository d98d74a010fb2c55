//! What is fitted.

use faer::Mat;
use limnos_spec::rate::RateLayer;
use ndarray::ArrayView2;

use super::basis::Basis;
use super::free_run::{FittedForecaster, Scaling, advance};
use super::singular::Decomposed;
use crate::Result;
use crate::error::argument;
use crate::esn::Nvar;
use crate::reservoir::Reservoir;

/// A forecaster of all channels of a series by its own past.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Forecaster {
    /// Delayed values and their products that the readout reads; one delay and order 1 are the values alone.
    pub nvar: Nvar,
    /// A reservoir whose states it reads too. It must have no noise.
    pub reservoir: Option<Reservoir>,
    /// Singular values of the features below this part of the largest count for little: the square root of a ridge penalty relative to the largest
    /// eigenvalue of the features' Gram matrix.
    pub damping: f64,
    /// First rows that nothing is learned from while the reservoir forgets its start; those that delays need are left out in any case.
    pub warmup: usize,
    /// A forecast stays within the range of each channel's past, widened by this part of the range on both sides: what runs away is held there.
    pub margin: f64,
}

impl Default for Forecaster {
    /// Two delays and products of two, no reservoir, damping 1e-7, 50 rows of warm-up, margin a quarter of the range.
    fn default() -> Self {
        Self { nvar: Nvar::default(), reservoir: None, damping: 1e-7, warmup: 50, margin: 0.25 }
    }
}

/// The least rows that are left to learn from.
const FEWEST: usize = 10;

impl Forecaster {
    /// Number of features that the readout reads of so many channels.
    ///
    /// # Errors
    /// As [`Nvar::features`].
    pub fn features(&self, channels: usize) -> Result<usize> {
        Ok(1 + self.nvar.features(channels)? + self.reservoir.as_ref().map_or(0, |r| r.units))
    }

    /// Learns from a series (rows are steps); the forecast then continues it.
    ///
    /// # Errors
    /// A setting outside its range; numbers that are not finite; fewer than ten rows after the warm-up; features that overflow.
    pub fn fit<'a>(&self, series: impl Into<ArrayView2<'a, f64>>) -> Result<FittedForecaster> {
        let mut fitted = self.fit_dampings(series, &[self.damping])?;
        Ok(fitted.remove(0))
    }

    /// [`Self::fit`] with each of several dampings in place of [`Self::damping`], for little more than the cost of one.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn fit_dampings<'a>(
        &self,
        series: impl Into<ArrayView2<'a, f64>>,
        dampings: &[f64],
    ) -> Result<Vec<FittedForecaster>> {
        let series = series.into();
        self.fit_layer(self.layer(series.ncols())?.as_ref(), &series, dampings)
    }

    /// [`Self::fit_dampings`] with [`Self::layer`], which is the same for any series of as many channels.
    pub(super) fn fit_layer(
        &self,
        layer: Option<&RateLayer>,
        series: &ArrayView2<'_, f64>,
        dampings: &[f64],
    ) -> Result<Vec<FittedForecaster>> {
        self.check(series, dampings)?;
        let channels = series.ncols();
        let scaling = Scaling::of(series, self.margin);
        if !scaling.is_finite() {
            return Err(argument(
                "series",
                "numbers whose variance overflows",
                "smaller numbers, such as 1e150 times less",
            ));
        }
        let rows = scaling.standardized(series);
        let basis = Basis::new(self.nvar, channels, layer.map_or(0, |layer| layer.units))?;
        let first = self.warmup.max(basis.memory() - 1);
        let learned = (series.nrows() - 1).saturating_sub(first);
        if learned < FEWEST {
            let needed = first.saturating_add(FEWEST + 1);
            let allowed = format!("at least {needed} rows for this warm-up and these delays");
            return Err(argument("series", format!("{} rows", series.nrows()), allowed));
        }
        let (features, state) = collect(&rows, first, &basis, layer);
        let increment = |t: usize, c: usize| rows[(first + t + 1) * channels + c] - rows[(first + t) * channels + c];
        let targets = Mat::from_fn(learned, channels, increment);
        let decomposed = Decomposed::new(features, &targets).ok_or_else(|| {
            argument("features", "a matrix whose singular values do not converge", "features of finite size")
        })?;
        let past = rows[rows.len() - basis.memory() * channels..].to_vec();
        let fitted = |&damping: &f64| FittedForecaster {
            scaling: scaling.clone(),
            basis: basis.clone(),
            layer: layer.cloned(),
            weights: decomposed.weights(damping),
            past: past.clone(),
            state: state.clone(),
        };
        Ok(dampings.iter().map(fitted).collect())
    }

    fn check(&self, series: &ArrayView2<'_, f64>, dampings: &[f64]) -> Result<()> {
        self.nvar.check()?;
        if let Some(damping) = dampings.iter().find(|d| !(d.is_finite() && **d >= 0.0)) {
            return Err(argument("damping", damping, "finite and not negative"));
        }
        if !(self.margin.is_finite() && self.margin >= 0.0) {
            return Err(argument("margin", self.margin, "finite and not negative"));
        }
        if let Some(((row, channel), value)) = series.indexed_iter().find(|(_, x)| !x.is_finite()) {
            return Err(argument("series", format!("{value} at row {row}, channel {channel}"), "finite numbers"));
        }
        if series.is_empty() {
            return Err(argument("series", "empty", "rows of at least one channel"));
        }
        Ok(())
    }

    /// The reservoir, for so many channels.
    pub(super) fn layer(&self, channels: usize) -> Result<Option<RateLayer>> {
        let Some(reservoir) = &self.reservoir else { return Ok(None) };
        if reservoir.noise != 0.0 {
            return Err(argument(
                "noise",
                reservoir.noise,
                "0: a forecaster's reservoir has no noise; raise `damping`",
            ));
        }
        Ok(reservoir.model(channels, 0)?.into_layers().into_iter().next())
    }
}

/// Features of all steps from `first` on that have a successor, and the state after the last row.
fn collect(rows: &[f64], first: usize, basis: &Basis, layer: Option<&RateLayer>) -> (Mat<f64>, Vec<f64>) {
    let channels = basis.inputs();
    let steps = rows.len() / channels;
    let mut features = Mat::zeros(steps - 1 - first, basis.width());
    let (mut state, mut scratch) = (vec![0.0; basis.units], Vec::new());
    let mut of_step = vec![0.0; basis.width()];
    for t in 0..steps {
        let until_now = &rows[..(t + 1) * channels];
        if let Some(layer) = layer {
            advance(layer, &until_now[t * channels..], &mut state, &mut scratch);
        }
        if t >= first && t + 1 < steps {
            basis.write(until_now, &state, &mut of_step);
            of_step.iter().enumerate().for_each(|(j, x)| features[(t - first, j)] = *x);
        }
    }
    (features, state)
}
