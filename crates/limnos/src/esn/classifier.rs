//! Classification of whole sequences by what their states were.

use std::ops::Range;

use limnos_engine::Device;
use ndarray::{Array1, Array2, Axis, s};

use super::{Esn, EsnConfig, Sequences};
use crate::error::argument;
use crate::readout::{Classifier, Readout, Ridge};
use crate::{Error, Result};

/// Most parts of [`Pooling::Parts`].
const MAX_PARTS: usize = 4096;

/// How the features of all steps of a sequence become those of the sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pooling {
    /// Those of the last step.
    Last,
    /// The mean over the steps after the warm-up.
    #[default]
    Mean,
    /// Both, the last first.
    LastAndMean,
    /// The mean over each of so many equal parts of the steps after the warm-up, in order: what came when, coarsely. Where there are fewer steps
    /// than parts, neighbouring parts share one.
    Parts(usize),
}

impl Pooling {
    /// Parts over each of which a mean is taken.
    const fn parts(self) -> usize {
        if let Self::Parts(parts) = self { parts } else { 1 }
    }
}

/// The steps of part `k` of `parts` of `steps`; at least one.
fn part(k: usize, parts: usize, steps: usize) -> Range<usize> {
    let from = (k * steps / parts).min(steps - 1);
    from..((k + 1) * steps / parts).max(from + 1)
}

impl Esn {
    /// Features of whole sequences, each from rest: sequences x features. Where a sequence is not longer than the warm-up, only its last step counts.
    ///
    /// # Errors
    /// No sequences, channels that differ, numbers that are not finite; a network that feeds outputs back; no parts, or more than 4096; device errors.
    pub fn pooled<'a>(&mut self, x: impl Into<Sequences<'a>>, pooling: Pooling) -> Result<Array2<f64>> {
        let x = x.into();
        let channels = x.channels("x")?;
        if self.config.feedback {
            return Err(argument("feedback", true, "false: there is no teacher to feed back"));
        }
        let parts = pooling.parts();
        if !(1..=MAX_PARTS).contains(&parts) {
            return Err(argument("Parts", parts, format!("1 to {MAX_PARTS}")));
        }
        self.build(channels, 0)?;
        let (warmup, width) = (self.config.warmup, self.map()?.width());
        let mut last = Array2::zeros((x.0.len(), width));
        let mut mean = Array2::zeros((x.0.len(), parts * width));
        let lengths: Vec<usize> = x.0.iter().map(|x| x.nrows()).collect();
        self.drive(&x, None, |rows| {
            let (k, steps) = (rows.sequence, lengths[rows.sequence]);
            let warmup = warmup.min(steps - 1);
            let at = |step: usize| (warmup + step).saturating_sub(rows.first_step).min(rows.features.nrows());
            for p in 0..parts {
                let part = part(p, parts, steps - warmup);
                let sum: Array1<f64> = rows.features.slice(s![at(part.start)..at(part.end), ..]).sum_axis(Axis(0));
                mean.slice_mut(s![k, p * width..(p + 1) * width]).scaled_add(1.0 / part.len() as f64, &sum);
            }
            last.row_mut(k).assign(&rows.features.row(rows.features.nrows() - 1));
            Ok(())
        })?;
        Ok(match pooling {
            Pooling::Last => last,
            Pooling::Mean | Pooling::Parts(_) => mean,
            Pooling::LastAndMean => {
                ndarray::concatenate![Axis(1), last, mean]
            }
        })
    }
}

/// An echo state network that classifies whole sequences: their states, pooled over time, are the features of a readout.
///
/// ```
/// use limnos::Device;
/// use limnos::esn::{EsnClassifier, EsnConfig, Pooling, StateFeatures};
/// use limnos::ndarray::Array2;
/// use limnos::readout::{Alpha, Ridge};
///
/// // Two kinds of waves of unequal lengths.
/// let wave = |k: usize| Array2::from_shape_fn((60 + k, 1), |(t, _)| (t as f64 * if k % 2 == 0 { 0.3 } else { 0.5 } + k as f64).sin());
/// let x: Vec<_> = (0..40).map(wave).collect();
/// let labels: Vec<u32> = (0..40).map(|k| k % 2).collect();
///
/// // Waves have the mean 0 and so have tanh units without bias; their squares tell.
/// let config = EsnConfig { warmup: 20, states: StateFeatures::RawAndSquared, ..EsnConfig::default() };
/// let ridge = Ridge { alpha: Alpha::Given(1e-3), ..Ridge::default() };
/// let mut classifier = EsnClassifier::new(&Device::cpu()?, config, Pooling::Mean, ridge)?;
/// classifier.fit(&x[..30], &labels[..30])?;
/// assert_eq!(classifier.score(&x[30..], &labels[30..])?, 1.0);
/// # Ok::<(), limnos::Error>(())
/// ```
#[derive(Debug)]
pub struct EsnClassifier<R: Readout = Ridge> {
    esn: Esn,
    pooling: Pooling,
    readout: R,
    model: Option<R::Model>,
}

impl<R: Readout> EsnClassifier<R> {
    /// A classifier of the reservoirs in `config`, whose `alpha` and `fit_bias` are not used: the readout has its own.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn new(device: &Device, config: EsnConfig, pooling: Pooling, readout: R) -> Result<Self> {
        Ok(Self::with(Esn::new(device, config)?, pooling, readout))
    }

    /// A classifier of reservoirs that exist, such as tuned ones.
    #[must_use]
    pub const fn with(esn: Esn, pooling: Pooling, readout: R) -> Self {
        Self { esn, pooling, readout, model: None }
    }

    /// Learns the classes of sequences.
    ///
    /// # Errors
    /// As [`Esn::pooled`]; labels of another number or of one class; what the readout refuses.
    pub fn fit<'a>(&mut self, x: impl Into<Sequences<'a>>, labels: &[u32]) -> Result<()> {
        let x = x.into();
        check_labels(x.0.len(), labels)?;
        let features = self.esn.pooled(x, self.pooling)?;
        self.model = Some(self.readout.fit_labels_with(&features, &as_usize(labels), &mut |_| {})?);
        Ok(())
    }

    /// The likeliest class of each sequence.
    ///
    /// # Errors
    /// [`Error::NotFitted`]; as [`Esn::pooled`].
    pub fn predict<'a>(&mut self, x: impl Into<Sequences<'a>>) -> Result<Vec<u32>> {
        let features = self.features(x.into())?;
        let classes = self.model.as_ref().ok_or(Error::NotFitted)?.predict_labels(&features)?;
        Ok(classes.into_iter().map(|class| class as u32).collect())
    }

    /// Fraction of sequences whose class is predicted.
    ///
    /// # Errors
    /// As [`Self::predict`]; labels of another number or of a class that was not learned.
    pub fn score<'a>(&mut self, x: impl Into<Sequences<'a>>, labels: &[u32]) -> Result<f64> {
        let x = x.into();
        check_labels(x.0.len(), labels)?;
        let features = self.features(x)?;
        Ok(self.model.as_ref().ok_or(Error::NotFitted)?.score_labels(&features, &as_usize(labels))?)
    }

    /// The network.
    #[must_use]
    pub const fn esn(&mut self) -> &mut Esn {
        &mut self.esn
    }

    /// What the readout has learned.
    #[must_use]
    pub const fn model(&self) -> Option<&R::Model> {
        self.model.as_ref()
    }

    fn features(&mut self, x: Sequences<'_>) -> Result<Array2<f64>> {
        if self.model.is_none() {
            return Err(Error::NotFitted);
        }
        let channels = x.channels("x")?;
        self.esn.check_channels(channels)?;
        self.esn.pooled(x, self.pooling)
    }
}

fn check_labels(sequences: usize, labels: &[u32]) -> Result<()> {
    if sequences == labels.len() {
        return Ok(());
    }
    Err(argument("labels", format!("{} labels", labels.len()), format!("one for each of the {sequences} sequences")))
}

fn as_usize(labels: &[u32]) -> Vec<usize> {
    labels.iter().map(|&label| label as usize).collect()
}
