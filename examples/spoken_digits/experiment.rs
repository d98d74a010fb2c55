//! Learn from some recordings, answer for the others.

use anyhow::{Result, ensure};
use limnos::esn::{Esn, Pooling};
use limnos::readout::{Alpha, Ridge, Standardizer};
use ndarray::{Array2, ArrayView2, Axis, concatenate, s};

use crate::features::Utterance;
use crate::reservoir::both_ways;

/// Parts of equal length of a recording whose mean states the readout sees.
const PARTS: usize = 2;

/// Penalties among which the leave-one-out error chooses.
const ALPHAS: [f64; 6] = [3.0, 10.0, 30.0, 100.0, 300.0, 1000.0];

/// What was answered for the recordings that were not learned from.
#[derive(Clone)]
pub struct Answers {
    /// The digits spoken.
    pub labels: Vec<u32>,
    /// The digits read from states of the reservoir.
    pub reservoir: Vec<u32>,
    /// The digits read from means of the features, without a reservoir.
    pub plain: Vec<u32>,
    /// The penalty chosen for the states.
    pub alpha: f64,
}

/// Recordings and what is to hear them.
pub struct Experiment {
    utterances: Vec<Utterance>,
    network: Esn,
}

impl Experiment {
    /// An experiment with a network that [`both_ways`] fits.
    pub const fn new(utterances: Vec<Utterance>, network: Esn) -> Self {
        Self { utterances, network }
    }

    /// Learns from the recordings that are not tested on. Nothing of the latter enters: scales of the features, too, are
    /// those of the recordings learned from.
    pub fn split(&mut self, test: impl Fn(&Utterance) -> bool) -> Result<Answers> {
        let (test, train): (Vec<usize>, Vec<usize>) =
            (0..self.utterances.len()).partition(|&i| test(&self.utterances[i]));
        ensure!(!test.is_empty() && !train.is_empty(), "one part of the recordings is empty");
        let sequences = self.standardised(&train)?;
        let heard: Vec<_> = sequences.iter().map(both_ways).collect();
        let states = self.network.pooled(&heard, Pooling::Parts(PARTS))?;
        let means = rows(sequences.iter().map(|x| part_means(x.view())))?;
        let labels = |of: &[usize]| of.iter().map(|&i| self.utterances[i].label).collect::<Vec<_>>();
        let (train_labels, test_labels) = (labels(&train), labels(&test));
        let (reservoir, alpha) = answer(&states, (&train, &train_labels), &test)?;
        let (plain, _) = answer(&means, (&train, &train_labels), &test)?;
        Ok(Answers { labels: test_labels, reservoir, plain, alpha })
    }

    /// All recordings, each feature with mean 0 and standard deviation 1 over the frames of `train`.
    fn standardised(&self, train: &[usize]) -> Result<Vec<Array2<f64>>> {
        let views: Vec<_> = train.iter().map(|&i| self.utterances[i].frames.view()).collect();
        let scale = Standardizer::fit(&concatenate(Axis(0), &views)?)?;
        self.utterances.iter().map(|u| Ok(scale.transform(&u.frames)?)).collect()
    }
}

/// The mean of each column in each of [`PARTS`] parts, as [`Pooling::Parts`] has it.
fn part_means(frames: ArrayView2<'_, f64>) -> Vec<f64> {
    let n = frames.nrows();
    let part = |k: usize| {
        let from = (k * n / PARTS).min(n - 1);
        let to = ((k + 1) * n / PARTS).max(from + 1);
        frames.slice(s![from..to, ..]).mean_axis(Axis(0)).expect("a part should have a frame").to_vec()
    };
    (0..PARTS).flat_map(part).collect()
}

/// A matrix of rows of one length.
fn rows(rows: impl Iterator<Item = Vec<f64>>) -> Result<Array2<f64>> {
    let rows: Vec<Vec<f64>> = rows.collect();
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    Ok(Array2::from_shape_vec(shape, rows.concat())?)
}

/// Learns the classes of the rows `train` and answers for the rows `test`; the penalty that was chosen.
fn answer(x: &Array2<f64>, (train, labels): (&[usize], &[u32]), test: &[usize]) -> Result<(Vec<u32>, f64)> {
    let ridge = Ridge { alpha: Alpha::LeaveOneOut(ALPHAS.to_vec()), standardize: true, ..Ridge::default() };
    let labels: Vec<usize> = labels.iter().map(|&label| label as usize).collect();
    let model = ridge.fit_labels(&x.select(Axis(0), train), &labels)?;
    let answers = model.predict_labels(&x.select(Axis(0), test))?;
    Ok((answers.into_iter().map(|label| label as u32).collect(), model.alpha()))
}
