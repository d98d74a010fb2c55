//! Samples as a user has them, checked, encoded, and fed batch by batch.

use std::borrow::Cow;
use std::ops::Range;

use limnos_engine::{Feed, Simulation};
use limnos_spec::InputId;
use limnos_tasks::SpikeTrain;
use ndarray::{Array2, Array3, ArrayBase, ArrayView1, ArrayView2, Data, Ix2, s};

use super::Encoder;
use crate::error::argument;
use crate::{Error, Result};

/// Samples: rows of features, or spike trains. Made by `into` from references to either.
#[derive(Clone, Copy, Debug)]
pub enum Samples<'a> {
    /// Samples x features.
    Values(ArrayView2<'a, f32>),
    /// One spike train a sample, for [`Encoder::Given`].
    Spikes(&'a [SpikeTrain]),
}

impl<'a, S: Data<Elem = f32>> From<&'a ArrayBase<S, Ix2>> for Samples<'a> {
    fn from(values: &'a ArrayBase<S, Ix2>) -> Self {
        Self::Values(values.view())
    }
}

impl<'a> From<ArrayView2<'a, f32>> for Samples<'a> {
    fn from(values: ArrayView2<'a, f32>) -> Self {
        Self::Values(values)
    }
}

impl<'a> From<&'a [SpikeTrain]> for Samples<'a> {
    fn from(spikes: &'a [SpikeTrain]) -> Self {
        Self::Spikes(spikes)
    }
}

impl<'a> From<&'a Vec<SpikeTrain>> for Samples<'a> {
    fn from(spikes: &'a Vec<SpikeTrain>) -> Self {
        Self::Spikes(spikes)
    }
}

impl Samples<'_> {
    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Values(x) => x.nrows(),
            Self::Spikes(trains) => trains.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The input that samples go to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    pub(super) channels: usize,
    /// Step, ms.
    pub(super) dt: f64,
    /// Steps of a sample.
    pub(super) steps: u32,
}

/// A list of (step, channel).
type Train<'a> = Cow<'a, [(u32, u32)]>;

/// Samples ready to be fed. All are encoded before a run, so that no error comes in the middle of it.
#[derive(Debug)]
pub(super) enum Encoded<'a> {
    /// Probabilities of a spike in a step, samples x channels.
    Probabilities(Array2<f32>),
    /// Rates in Hz, samples x channels.
    Rates(Array2<f32>),
    /// Given spikes within so many steps.
    Spikes { steps: u32, trains: Vec<Train<'a>> },
}

impl<'a> Encoded<'a> {
    /// Checks and encodes every sample.
    pub(super) fn new(samples: Samples<'a>, encoder: Encoder, target: Target<'_>) -> Result<Self> {
        if samples.is_empty() {
            return Err(argument("x", "empty", "at least one sample"));
        }
        match samples {
            Samples::Values(x) => {
                target.check_channels(|| "the samples have".into(), x.ncols())?;
                values(x, encoder, target)
            }
            Samples::Spikes(trains) if encoder == Encoder::Given => {
                trains.iter().enumerate().try_for_each(|(i, train)| target.check_train(i, train))?;
                let lists = trains.iter().map(|t| Cow::Borrowed(t.spikes())).collect();
                Ok(Self::Spikes { steps: target.steps, trains: lists })
            }
            Samples::Spikes(trains) => {
                let found = format!("{} spike trains", trains.len());
                Err(argument("x", found, "a matrix of features; spike trains need `Encoder::Given`"))
            }
        }
    }

    /// Number of samples.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Probabilities(x) | Self::Rates(x) => x.nrows(),
            Self::Spikes { trains, .. } => trains.len(),
        }
    }

    /// Feeds samples `range` to an input; lanes beyond them are silent.
    pub(super) fn feed(&self, simulation: &mut Simulation, input: InputId, range: Range<usize>) -> Result<()> {
        let lanes = simulation.batch();
        match self {
            Self::Probabilities(p) => simulation.feed(input, Feed::Probabilities(padded(p, range, lanes).view())),
            Self::Rates(rates) => simulation.feed(input, Feed::Rates(padded(rates, range, lanes).view())),
            Self::Spikes { steps, trains } => {
                let mut spikes: Vec<_> = trains[range].iter().map(|t| t.to_vec()).collect();
                spikes.resize(lanes, Vec::new());
                simulation.feed(input, Feed::Spikes { steps: *steps, spikes: &spikes })
            }
        }
        .map_err(Error::from)
    }
}

impl Target<'_> {
    fn check_channels(&self, what: impl FnOnce() -> String, found: usize) -> Result<()> {
        if found == self.channels {
            return Ok(());
        }
        Err(Error::Channels { what: what(), input: self.name.into(), expected: self.channels, found })
    }

    fn check_train(&self, sample: usize, train: &SpikeTrain) -> Result<()> {
        self.check_channels(|| format!("spike train {sample} has"), train.channels() as usize)?;
        if train.steps() > self.steps {
            let found = format!("spike train {sample} of {} steps", train.steps());
            return Err(argument("x", found, format!("at most the {} steps of a sample", self.steps)));
        }
        Ok(())
    }
}

/// Rows of features, encoded.
fn values<'a>(x: ArrayView2<'_, f32>, encoder: Encoder, target: Target<'_>) -> Result<Encoded<'a>> {
    match encoder {
        Encoder::Bernoulli(code) => Ok(Encoded::Probabilities(code.probabilities(x, target.dt as f32)?)),
        Encoder::Poisson(code) => Ok(Encoded::Rates(code.rates_hz(x)?)),
        Encoder::Latency(code) => {
            let encode = |(sample, row): (usize, ArrayView1<'_, f32>)| match code.encode(&row.to_vec()) {
                Ok(train) => Ok(Cow::Owned(train.into_spikes())),
                Err(source) => Err(Error::Sample { sample, source }),
            };
            let trains = x.outer_iter().enumerate().map(encode).collect::<Result<_>>()?;
            Ok(Encoded::Spikes { steps: target.steps, trains })
        }
        Encoder::Given => {
            let found = format!("a matrix of {} x {} features", x.nrows(), x.ncols());
            Err(argument("x", found, "spike trains, for `Encoder::Given`; or choose another encoder"))
        }
    }
}

/// Rows `range` as `[lane][1][channel]`; zeros after them.
fn padded(x: &Array2<f32>, range: Range<usize>, lanes: usize) -> Array3<f32> {
    let mut out = Array3::zeros((lanes, 1, x.ncols()));
    out.slice_mut(s![..range.len(), 0, ..]).assign(&x.slice(s![range, ..]));
    out
}
