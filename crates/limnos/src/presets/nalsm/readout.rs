//! The readout as the authors train it: softmax regression by Adadelta on soft targets, without standardisation.
//!
//! It is here to repeat published figures. [`Softmax`](crate::Softmax) on standardised features reaches the minimum in a fraction of the time, and reads better.
//! The products run four samples and four classes at a time, in one order of plain additions and multiplications, so a fit has the same bits for any number
//! of threads and on every machine.

use std::ops::Range;
use std::time::Instant;

use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

use crate::Result;
use crate::error::argument;
use crate::lsm::{Progress, Stage};

/// Counts (samples x neurons) divided by their sum, sample by sample; a silent sample stays 0.
///
/// (The published code divides by 0 there, and the NaN that comes of it ends its training.)
#[must_use]
pub fn normalised(counts: &Array2<f32>) -> Array2<f32> {
    let mut out = counts.clone();
    for mut row in out.outer_iter_mut() {
        let sum: f64 = row.iter().map(|&x| f64::from(x)).sum();
        if sum > 0.0 {
            row.mapv_inplace(|x| (f64::from(x) / sum) as f32);
        }
    }
    out
}

/// The published training of the readout.
///
/// Features are normalised counts, divided by the largest value of their batch. The loss is the mean cross-entropy against the softmax of targets
/// of +1 (the class) and -1, plus `l2 / 2 |W|^2`. Batches come in fixed order; Adadelta (Zeiler 2012; decay 0.95, epsilon 1e-8) starts from
/// zero. The model is that of the epoch with the best accuracy on validation samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct PaperReadout {
    /// Passes over the training samples; 5000 in the paper.
    pub epochs: usize,
    /// Samples of a batch: 250 in the paper, 50 for 8000 neurons.
    pub batch: usize,
    /// Factor of Adadelta's steps; 0.1.
    pub rate: f64,
    /// Penalty; 5e-10.
    pub l2: f64,
}

impl Default for PaperReadout {
    fn default() -> Self {
        Self { epochs: 5000, batch: 250, rate: 0.1, l2: 5e-10 }
    }
}

/// A readout trained so.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct PaperModel {
    /// Features x classes.
    pub weights: Array2<f32>,
    /// One a class.
    pub bias: Array1<f32>,
    /// The epoch it is of, from 1.
    pub epoch: usize,
    /// Its accuracy on validation samples.
    pub valid_accuracy: f64,
    /// Samples that are divided by their largest value together.
    batch: usize,
}

const ROWS: usize = 4;
const LANES: usize = 4;
const DECAY: f32 = 0.95;
const EPSILON: f32 = 1e-8;
/// Samples of a batch that one task takes.
const PIECE: usize = 64;

/// Four classes.
type Lanes = [f32; LANES];

impl PaperReadout {
    /// Trains on normalised counts (see [`normalised`]) and chooses the epoch by validation samples. Calls `progress` after each epoch.
    ///
    /// # Errors
    /// Empty or mismatched arrays, values that are not finite, fewer than two classes, settings outside their range.
    pub fn fit(
        &self,
        (x, labels): (&Array2<f32>, &[u32]),
        (valid, valid_labels): (&Array2<f32>, &[u32]),
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PaperModel> {
        self.check()?;
        let classes = classes(labels)?;
        check("x", x.view(), labels.len(), x.ncols())?;
        check("valid", valid.view(), valid_labels.len(), x.ncols())?;
        let scaled = Scaled::new(x.view(), self.batch);
        let valid = Scaled::new(valid.view(), self.batch);
        let mut state = State::new(x.ncols(), classes);
        let (mut best, mut best_accuracy, start) = (None, -1.0, Instant::now());
        for epoch in 1..=self.epochs {
            for batch in scaled.batches() {
                let gradient = state.gradient(&scaled, labels, batch, self.l2 as f32);
                state.step(&gradient, self.rate as f32);
            }
            let accuracy = state.accuracy(&valid, valid_labels);
            if accuracy > best_accuracy {
                (best, best_accuracy) = (Some((epoch, state.theta.clone())), accuracy);
            }
            progress(Progress::since(Stage::Fit, start, epoch, self.epochs));
        }
        let (epoch, theta) = best.expect("there should have been an epoch");
        state.theta = theta;
        Ok(state.model(epoch, best_accuracy, self.batch))
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [("epochs", self.epochs), ("batch", self.batch)] {
            if value == 0 {
                return Err(argument(name, value, "at least 1"));
            }
        }
        if !(self.rate > 0.0 && self.rate.is_finite()) {
            return Err(argument("rate", self.rate, "positive and finite"));
        }
        if !(self.l2 >= 0.0 && self.l2.is_finite()) {
            return Err(argument("l2", self.l2, "finite and not negative"));
        }
        Ok(())
    }
}

impl PaperModel {
    /// The likeliest class of each sample (normalised counts).
    ///
    /// # Errors
    /// An empty array, another number of features, values that are not finite.
    pub fn predict(&self, x: &Array2<f32>) -> Result<Vec<u32>> {
        check("x", x.view(), x.nrows(), self.weights.nrows())?;
        let state = State::of(self);
        Ok(state.predict(&Scaled::new(x.view(), self.batch)))
    }

    /// Fraction of samples whose class is predicted.
    ///
    /// # Errors
    /// As [`Self::predict`]; labels of another number.
    pub fn score(&self, x: &Array2<f32>, labels: &[u32]) -> Result<f64> {
        check("x", x.view(), labels.len(), self.weights.nrows())?;
        Ok(hits(&self.predict(x)?, labels))
    }
}

fn hits(predicted: &[u32], labels: &[u32]) -> f64 {
    predicted.iter().zip(labels).filter(|(a, b)| a == b).count() as f64 / labels.len() as f64
}

fn classes(labels: &[u32]) -> Result<usize> {
    let classes = labels.iter().max().map_or(0, |&most| most as usize + 1);
    if (2..=65_536).contains(&classes) {
        return Ok(classes);
    }
    Err(argument("labels", format!("of {classes} classes"), "2 to 65536 classes"))
}

fn check(name: &'static str, x: ArrayView2<'_, f32>, labels: usize, features: usize) -> Result<()> {
    if x.is_empty() || x.nrows() != labels || x.ncols() != features {
        let found = format!("{} x {}", x.nrows(), x.ncols());
        return Err(argument(
            name,
            found,
            format!("{labels} samples (one a label, at least one) x {features} features"),
        ));
    }
    match x.indexed_iter().find(|(_, x)| !x.is_finite()) {
        Some(((sample, feature), x)) => {
            Err(argument(name, format!("{x} at sample {sample}, feature {feature}"), "finite numbers"))
        }
        None => Ok(()),
    }
}

/// Samples divided by the largest value of their batch, with a one for the bias, in rows of `width`.
struct Scaled {
    values: Vec<f32>,
    width: usize,
    samples: usize,
    batch: usize,
}

impl Scaled {
    fn new(x: ArrayView2<'_, f32>, batch: usize) -> Self {
        let (samples, width) = (x.nrows(), x.ncols() + 1);
        let mut values = Vec::with_capacity((samples + ROWS) * width);
        for rows in x.axis_chunks_iter(ndarray::Axis(0), batch) {
            let largest = rows.iter().copied().fold(0.0, f32::max);
            let gain = if largest > 0.0 { 1.0 / largest } else { 1.0 };
            for row in rows.outer_iter() {
                values.extend(row.iter().map(|x| x * gain));
                values.push(1.0);
            }
        }
        // Room to read the last group of rows; what is read there counts for nothing.
        values.resize((samples + ROWS) * width, 0.0);
        Self { values, width, samples, batch }
    }

    fn batches(&self) -> impl Iterator<Item = Range<usize>> {
        let (samples, batch) = (self.samples, self.batch);
        (0..samples).step_by(batch).map(move |first| first..samples.min(first + batch))
    }

    /// Four samples from `first` on.
    fn group(&self, first: usize) -> [&[f32]; ROWS] {
        std::array::from_fn(|row| &self.values[(first + row) * self.width..(first + row + 1) * self.width])
    }
}

/// Parameters with Adadelta's averages: for each four classes one row a feature, and one for the bias.
struct State {
    theta: Vec<Lanes>,
    squares: Vec<Lanes>,
    steps: Vec<Lanes>,
    width: usize,
    classes: usize,
}

impl State {
    fn new(features: usize, classes: usize) -> Self {
        let zeros = vec![[0.0; LANES]; (features + 1) * classes.div_ceil(LANES)];
        Self { theta: zeros.clone(), squares: zeros.clone(), steps: zeros, width: features + 1, classes }
    }

    fn of(model: &PaperModel) -> Self {
        let mut state = Self::new(model.weights.nrows(), model.bias.len());
        let width = state.width;
        for ((feature, class), &w) in model.weights.indexed_iter() {
            state.theta[class / LANES * width + feature][class % LANES] = w;
        }
        for (class, &b) in model.bias.iter().enumerate() {
            state.theta[class / LANES * width + width - 1][class % LANES] = b;
        }
        state
    }

    fn model(&self, epoch: usize, valid_accuracy: f64, batch: usize) -> PaperModel {
        let at = |feature: usize, class: usize| self.theta[class / LANES * self.width + feature][class % LANES];
        let weights = Array2::from_shape_fn((self.width - 1, self.classes), |(f, c)| at(f, c));
        let bias = Array1::from_shape_fn(self.classes, |c| at(self.width - 1, c));
        PaperModel { weights, bias, epoch, valid_accuracy, batch }
    }

    /// Logits of four samples, classes in a row of lanes.
    fn logits(&self, group: [&[f32]; ROWS], out: &mut [[f32; ROWS]]) {
        for (block, theta) in self.theta.chunks_exact(self.width).enumerate() {
            let sums = product(group, theta);
            for (lane, out) in out[block * LANES..].iter_mut().take(LANES).enumerate() {
                *out = std::array::from_fn(|row| sums[row][lane]);
            }
        }
    }

    /// The gradient of the loss of a batch: the mean over its samples, and the penalty.
    fn gradient(&self, x: &Scaled, labels: &[u32], batch: Range<usize>, l2: f32) -> Vec<Lanes> {
        let size = batch.len() as f32;
        let pieces: Vec<usize> = batch.clone().step_by(PIECE).collect();
        let of_piece = |&first: &usize| self.piece(x, labels, first..batch.end.min(first + PIECE));
        let parts: Vec<Vec<Lanes>> = pieces.par_iter().map(of_piece).collect();
        let mut parts = parts.into_iter();
        let mut total = parts.next().expect("a batch should have samples");
        for part in parts {
            total.as_flattened_mut().iter_mut().zip(part.as_flattened()).for_each(|(sum, g)| *sum += g);
        }
        total.as_flattened_mut().iter_mut().for_each(|g| *g /= size);
        let rows = total.chunks_exact_mut(self.width).zip(self.theta.chunks_exact(self.width));
        for (gradient, theta) in rows {
            let weights = gradient.iter_mut().zip(theta).take(self.width - 1);
            weights.for_each(|(g, w)| add_scaled(g, l2, w));
        }
        total
    }

    fn piece(&self, x: &Scaled, labels: &[u32], rows: Range<usize>) -> Vec<Lanes> {
        let mut gradient = vec![[0.0; LANES]; self.theta.len()];
        let mut logits = vec![[0.0; ROWS]; self.classes.next_multiple_of(LANES)];
        let (high, low) = soft_targets(self.classes);
        for first in rows.clone().step_by(ROWS) {
            let group = x.group(first);
            self.logits(group, &mut logits);
            for row in 0..ROWS {
                if first + row < rows.end {
                    residual(&mut logits, self.classes, row, labels[first + row] as usize, high, low);
                } else {
                    logits.iter_mut().for_each(|l| l[row] = 0.0);
                }
            }
            for (block, gradient) in gradient.chunks_exact_mut(self.width).enumerate() {
                let residuals =
                    std::array::from_fn(|row| std::array::from_fn(|lane| logits[block * LANES + lane][row]));
                add_transposed(group, &residuals, gradient);
            }
        }
        gradient
    }

    /// A step of Adadelta.
    fn step(&mut self, gradient: &[Lanes], rate: f32) {
        let theta = self.theta.as_flattened_mut().iter_mut().zip(gradient.as_flattened());
        let averages = self.squares.as_flattened_mut().iter_mut().zip(self.steps.as_flattened_mut());
        for ((theta, &g), (square, step)) in theta.zip(averages) {
            *square = DECAY * *square + (1.0 - DECAY) * g * g;
            let update = (*step + EPSILON).sqrt() / (*square + EPSILON).sqrt() * g;
            *step = DECAY * *step + (1.0 - DECAY) * update * update;
            *theta -= rate * update;
        }
    }

    fn predict(&self, x: &Scaled) -> Vec<u32> {
        let groups: Vec<usize> = (0..x.samples).step_by(ROWS).collect();
        let of_group = |&first: &usize| {
            let mut logits = vec![[0.0; ROWS]; self.classes.next_multiple_of(LANES)];
            self.logits(x.group(first), &mut logits);
            let best = |row: usize| {
                let better = |best: usize, c: usize| if logits[c][row] > logits[best][row] { c } else { best };
                (1..self.classes).fold(0, better) as u32
            };
            std::array::from_fn::<u32, ROWS, _>(best)
        };
        let mut predicted: Vec<u32> = groups.par_iter().flat_map_iter(of_group).collect();
        predicted.truncate(x.samples);
        predicted
    }

    fn accuracy(&self, x: &Scaled, labels: &[u32]) -> f64 {
        hits(&self.predict(x), labels)
    }
}

/// The targets +1 and -1 after a softmax over the classes.
fn soft_targets(classes: usize) -> (f64, f64) {
    let (high, low) = (libm::exp(1.0), libm::exp(-1.0));
    let sum = high + (classes - 1) as f64 * low;
    (high / sum, low / sum)
}

/// Turns the logits of a sample into probabilities less targets.
fn residual(logits: &mut [[f32; ROWS]], classes: usize, row: usize, label: usize, high: f64, low: f64) {
    let logits = &mut logits[..classes];
    let largest = logits.iter().map(|l| l[row]).fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f64> = logits.iter().map(|l| libm::exp(f64::from(l[row] - largest))).collect();
    let sum: f64 = exps.iter().sum();
    for (class, (logit, e)) in logits.iter_mut().zip(&exps).enumerate() {
        logit[row] = (e / sum - if class == label { high } else { low }) as f32;
    }
}

#[inline(always)]
fn add_scaled(sum: &mut Lanes, scale: f32, values: &Lanes) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += scale * value;
    }
}

/// `group * theta`: for each sample, over all features in order.
fn product([a, b, c, d]: [&[f32]; ROWS], theta: &[Lanes]) -> [Lanes; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    for ((((theta, a), b), c), d) in theta.iter().zip(a).zip(b).zip(c).zip(d) {
        add_scaled(&mut sums[0], *a, theta);
        add_scaled(&mut sums[1], *b, theta);
        add_scaled(&mut sums[2], *c, theta);
        add_scaled(&mut sums[3], *d, theta);
    }
    sums
}

/// `gradient += group^T * residuals`: for each feature, over the samples in order.
fn add_transposed([a, b, c, d]: [&[f32]; ROWS], residuals: &[Lanes; ROWS], gradient: &mut [Lanes]) {
    for ((((gradient, a), b), c), d) in gradient.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        let mut sum = *gradient;
        add_scaled(&mut sum, *a, &residuals[0]);
        add_scaled(&mut sum, *b, &residuals[1]);
        add_scaled(&mut sum, *c, &residuals[2]);
        add_scaled(&mut sum, *d, &residuals[3]);
        *gradient = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use limnos_tasks::SplitMix64;

    /// The recipe written down plainly in f64: one class, one feature, one sample after another.
    fn plain(x: &Array2<f32>, labels: &[u32], classes: usize, readout: PaperReadout, targets: [f64; 2]) -> Vec<f64> {
        let features = x.ncols();
        let parameters = (features + 1) * classes;
        let (mut theta, mut squares, mut steps) = (vec![0.0; parameters], vec![0.0; parameters], vec![0.0; parameters]);
        for _ in 0..readout.epochs {
            for first in (0..x.nrows()).step_by(readout.batch) {
                let rows = first..x.nrows().min(first + readout.batch);
                let largest = x.slice(ndarray::s![rows.clone(), ..]).iter().fold(0.0f32, |a, &b| a.max(b));
                let value = |i: usize, f: usize| if f == features { 1.0 } else { f64::from(x[[i, f]] / largest) };
                let mut gradient = vec![0.0; parameters];
                for i in rows.clone() {
                    let logit = |c: usize| (0..=features).map(|f| value(i, f) * theta[f * classes + c]).sum::<f64>();
                    let exps: Vec<f64> = (0..classes).map(|c| logit(c).exp()).collect();
                    let sum: f64 = exps.iter().sum();
                    for c in 0..classes {
                        let target = targets[usize::from(c != labels[i] as usize)];
                        for f in 0..=features {
                            gradient[f * classes + c] += (exps[c] / sum - target) * value(i, f) / rows.len() as f64;
                        }
                    }
                }
                for k in 0..parameters {
                    let penalty = if k < features * classes { readout.l2 * theta[k] } else { 0.0 };
                    let g = gradient[k] + penalty;
                    squares[k] = 0.95 * squares[k] + 0.05 * g * g;
                    let update = ((steps[k] + 1e-8) / (squares[k] + 1e-8f64)).sqrt() * g;
                    steps[k] = 0.95 * steps[k] + 0.05 * update * update;
                    theta[k] -= readout.rate * update;
                }
            }
        }
        theta
    }

    fn samples() -> (Array2<f32>, Vec<u32>) {
        let mut random = SplitMix64::new(8);
        let labels: Vec<u32> = (0..150).map(|i| i % 5).collect();
        let x = Array2::from_shape_fn((150, 7), |(i, f)| {
            (random.next_f64() * 0.2 + if f == labels[i] as usize { 0.1 } else { 0.0 }) as f32
        });
        (x, labels)
    }

    fn difference(model: &PaperModel, theta: &[f64]) -> f64 {
        let of = model.weights.iter().chain(&model.bias).zip(theta);
        of.map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn a_fit_is_that_of_the_recipe_written_plainly() {
        let (x, labels) = samples();
        // One epoch at a time, since the best epoch is what a fit gives. 70 samples a batch: neither fours nor pieces come out even.
        let readout = PaperReadout { epochs: 1, batch: 70, l2: 0.1, rate: 20.0 };
        let model = readout.fit((&x, &labels), (&x, &labels), &mut |_| ()).unwrap();
        let exact = [1f64.exp(), (-1f64).exp()].map(|e| e / (1f64.exp() + 4.0 * (-1f64).exp()));
        let theta = plain(&x, &labels, 5, readout, exact);
        assert!(theta.iter().any(|t| t.abs() > 0.01));
        assert!(difference(&model, &theta) < 1e-4, "{}", difference(&model, &theta));
        // Control: hard targets, or no penalty, are something else.
        assert!(difference(&model, &plain(&x, &labels, 5, readout, [1.0, 0.0])) > 1e-3);
        let free = PaperReadout { l2: 0.0, ..readout };
        assert!(difference(&model, &plain(&x, &labels, 5, free, exact)) > 1e-4);
    }

    #[test]
    fn soft_targets_of_ten_classes_are_the_published_ones() {
        let (high, low) = soft_targets(10);
        assert!((high - 0.4509).abs() < 5e-5 && (low - 0.0610).abs() < 5e-5, "{high} {low}");
    }

    #[test]
    fn the_best_epoch_is_kept_and_the_bits_do_not_depend_on_threads() {
        let (x, labels) = samples();
        let readout = PaperReadout { epochs: 60, batch: 50, ..PaperReadout::default() };
        let fit = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| readout.fit((&x, &labels), (&x, &labels), &mut |_| ()).unwrap())
        };
        let model = fit(1);
        assert_eq!(model, fit(3));
        assert_eq!(model.score(&x, &labels).unwrap(), model.valid_accuracy, "kept weights should score as their epoch");
        assert!(model.valid_accuracy > 0.4 && (1..=60).contains(&model.epoch), "{model:?}");
    }

    #[test]
    fn a_silent_sample_stays_silent() {
        let counts = ndarray::array![[1.0f32, 3.0], [0.0, 0.0]];
        assert_eq!(normalised(&counts), ndarray::array![[0.25, 0.75], [0.0, 0.0]]);
    }
}
