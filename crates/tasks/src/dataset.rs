//! Labelled samples: rows of numbers, or anything else that carries a label.

use ndarray::{Array2, Axis};

use crate::Result;
use crate::error::argument;
use crate::split::{Split, TrainTest, split_indices};

/// Where data come from and who is to be named when they are passed on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Name of the data set.
    pub name: String,
    /// Who made it.
    pub authors: String,
    /// Under which licence.
    pub licence: String,
    /// Where it is published.
    pub source: String,
}

impl About {
    /// From four texts.
    pub(crate) fn of(name: &str, authors: &str, licence: &str, source: &str) -> Self {
        Self { name: name.into(), authors: authors.into(), licence: licence.into(), source: source.into() }
    }
}

/// Samples of one length with a class each.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Samples x features, in the scale of the source: nothing is normalised.
    pub features: Array2<f32>,
    /// The class of each sample, below `classes`.
    pub labels: Vec<u32>,
    /// Number of classes.
    pub classes: u32,
    /// The largest value the source's scale allows (255 for bytes); values start at 0.
    pub full_scale: f32,
    /// Name, authors, licence.
    pub about: About,
}

impl Dataset {
    /// A data set of `features` (samples x features) with one label a row.
    ///
    /// # Errors
    /// If there are no samples or no features, if their number is not that of the labels, if a label is not below
    /// `classes`, if `classes` is not 1 to 65 536, if a feature is not finite, or if `full_scale` is not positive and finite.
    pub fn new(features: Array2<f32>, labels: Vec<u32>, classes: u32, full_scale: f32, about: About) -> Result<Self> {
        if features.is_empty() {
            return Err(argument("features", format!("{:?}", features.dim()), "at least one sample and one feature"));
        }
        if labels.len() != features.nrows() {
            let allowed = format!("one label for each of the {} samples", features.nrows());
            return Err(argument("labels", format!("{} labels", labels.len()), allowed));
        }
        check_labels(&labels, classes)?;
        check_finite(&features)?;
        if !(full_scale > 0.0 && full_scale.is_finite()) {
            return Err(argument("full_scale", full_scale, "positive and finite"));
        }
        Ok(Self { features, labels, classes, full_scale, about })
    }

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// How many samples each class has.
    #[must_use]
    pub fn class_counts(&self) -> Vec<usize> {
        class_counts(self.labels.iter().copied(), self.classes)
    }

    /// The first `n` samples.
    ///
    /// # Errors
    /// If there are fewer, or if `n` is 0.
    pub fn take(&self, n: usize) -> Result<Self> {
        check_take(n, self.len())?;
        Ok(Self {
            features: self.features.slice(ndarray::s![..n, ..]).to_owned(),
            labels: self.labels[..n].to_vec(),
            classes: self.classes,
            full_scale: self.full_scale,
            about: self.about.clone(),
        })
    }

    /// The samples at `indices`, in that order; an index may come more than once.
    ///
    /// # Errors
    /// If an index is beyond the samples, or if there is none.
    pub fn subset(&self, indices: &[usize]) -> Result<Self> {
        check_indices(indices, self.len())?;
        Ok(Self {
            features: self.features.select(Axis(0), indices),
            labels: indices.iter().map(|&i| self.labels[i]).collect(),
            classes: self.classes,
            full_scale: self.full_scale,
            about: self.about.clone(),
        })
    }

    /// Two parts by [`split_indices`].
    ///
    /// # Errors
    /// As [`split_indices`].
    pub fn train_test_split(&self, test_fraction: f64, seed: u64, split: Split) -> Result<TrainTest<Self>> {
        let parts = split_indices(&self.labels, test_fraction, seed, split)?;
        Ok(TrainTest { train: self.subset(&parts.train)?, test: self.subset(&parts.test)? })
    }
}

/// A sample that knows its class.
pub trait Labelled {
    /// The class.
    fn label(&self) -> u32;
}

/// Samples of differing length (events, sound) with a class each.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSet<T> {
    /// The samples.
    pub samples: Vec<T>,
    /// Number of classes.
    pub classes: u32,
    /// Name, authors, licence.
    pub about: About,
}

impl<T: Labelled + Clone> SampleSet<T> {
    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The class of each sample.
    #[must_use]
    pub fn labels(&self) -> Vec<u32> {
        self.samples.iter().map(Labelled::label).collect()
    }

    /// How many samples each class has.
    #[must_use]
    pub fn class_counts(&self) -> Vec<usize> {
        class_counts(self.samples.iter().map(Labelled::label), self.classes)
    }

    /// The first `n` samples.
    ///
    /// # Errors
    /// If there are fewer, or if `n` is 0.
    pub fn take(&self, n: usize) -> Result<Self> {
        check_take(n, self.len())?;
        Ok(self.with(self.samples[..n].to_vec()))
    }

    /// The samples at `indices`, in that order; an index may come more than once.
    ///
    /// # Errors
    /// If an index is beyond the samples, or if there is none.
    pub fn subset(&self, indices: &[usize]) -> Result<Self> {
        check_indices(indices, self.len())?;
        Ok(self.with(indices.iter().map(|&i| self.samples[i].clone()).collect()))
    }

    /// Two parts by [`split_indices`].
    ///
    /// # Errors
    /// As [`split_indices`].
    pub fn train_test_split(&self, test_fraction: f64, seed: u64, split: Split) -> Result<TrainTest<Self>> {
        let parts = split_indices(&self.labels(), test_fraction, seed, split)?;
        Ok(TrainTest { train: self.subset(&parts.train)?, test: self.subset(&parts.test)? })
    }

    /// The same set with other samples.
    fn with(&self, samples: Vec<T>) -> Self {
        Self { samples, classes: self.classes, about: self.about.clone() }
    }
}

/// Histogram of labels; a label of no class is not counted.
fn class_counts(labels: impl Iterator<Item = u32>, classes: u32) -> Vec<usize> {
    let mut counts = vec![0; classes as usize];
    labels.for_each(|label| counts.get_mut(label as usize).into_iter().for_each(|c| *c += 1));
    counts
}

/// More classes than this are labels that mean something else.
const MAX_CLASSES: u32 = 65_536;

fn check_labels(labels: &[u32], classes: u32) -> Result<()> {
    if classes == 0 || classes > MAX_CLASSES {
        return Err(argument("classes", classes, format!("1 to {MAX_CLASSES}")));
    }
    match labels.iter().position(|&label| label >= classes) {
        Some(i) => {
            let allowed = format!("below the number of classes, {classes}");
            Err(argument("labels", format!("{} at sample {i}", labels[i]), allowed))
        }
        None => Ok(()),
    }
}

/// Refuses NaN and infinity in samples x features.
pub(crate) fn check_finite(features: &Array2<f32>) -> Result<()> {
    match features.indexed_iter().find(|(_, x)| !x.is_finite()) {
        Some(((sample, feature), x)) => {
            Err(argument("features", format!("{x} at sample {sample}, feature {feature}"), "finite numbers"))
        }
        None => Ok(()),
    }
}

fn check_take(n: usize, len: usize) -> Result<()> {
    if n == 0 || n > len {
        return Err(argument("n", n, format!("1 to {len}, the number of samples")));
    }
    Ok(())
}

fn check_indices(indices: &[usize], len: usize) -> Result<()> {
    if indices.is_empty() {
        return Err(argument("indices", "empty", "at least one index"));
    }
    match indices.iter().position(|&i| i >= len) {
        Some(at) => Err(argument("indices", format!("{} at position {at}", indices[at]), format!("below {len}"))),
        None => Ok(()),
    }
}
