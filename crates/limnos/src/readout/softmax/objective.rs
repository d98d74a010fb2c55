//! The objective of the softmax readout and its gradient, in one pass over the samples.
//!
//! Samples are cut into at most [`BLOCKS`] blocks whose bounds depend on their number alone. Each block's gradient is
//! summed by one task, and the blocks' gradients are added in order. Samples are standardised on the fly, a few at a
//! time.

use std::ops::Range;

use ndarray::{ArrayRef2, ArrayViewMut2};
use rayon::prelude::*;

use super::super::{Feature, lbfgs::Objective, standardizer::Standardizer};
use super::kernel::{self, LANES, Lanes, ROWS};

/// Most blocks of samples.
const BLOCKS: usize = 64;
/// Fewest samples in a block.
const MIN_BLOCK: usize = 32;

/// Mean cross-entropy with penalty: `1/n sum_i -ln p_i[label_i] + l2 / (2 n) |W|^2`.
///
/// Parameters are a row-major matrix of (features + 1) x classes whose last row is the bias.
#[derive(Debug)]
pub(super) struct CrossEntropy<'a, F> {
    pub x: &'a ArrayRef2<F>,
    pub scaling: &'a Standardizer,
    /// Class of each sample.
    pub labels: &'a [usize],
    pub classes: usize,
    pub l2: f64,
}

/// What one block of samples adds.
struct Partial {
    loss: f64,
    gradient: Vec<Lanes>,
}

impl<F: Feature> Objective for CrossEntropy<'_, F> {
    fn evaluate(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let lanes = self.pack(theta);
        let mut partials = self.partials(&lanes).into_iter();
        let mut total = partials.next().expect("there should be at least one sample");
        for partial in partials {
            total.loss += partial.loss;
            add(&mut total.gradient, &partial.gradient);
        }
        self.unpack(&total.gradient, gradient);
        self.penalise(theta, gradient, total.loss)
    }
}

impl<F: Feature> CrossEntropy<'_, F> {
    /// Rows of parameters: the features and the bias.
    fn width(&self) -> usize {
        self.x.ncols() + 1
    }

    /// Columns of parameters, four at a time: all rows of the first four classes, then of the next; missing classes are
    /// zero.
    fn pack(&self, theta: &[f64]) -> Vec<Lanes> {
        let mut lanes = vec![[0.0; LANES]; self.width() * self.classes.div_ceil(LANES)];
        for (row, values) in theta.chunks_exact(self.classes).enumerate() {
            for (class, value) in values.iter().enumerate() {
                lanes[class / LANES * self.width() + row][class % LANES] = *value;
            }
        }
        lanes
    }

    /// The inverse of [`Self::pack`].
    fn unpack(&self, lanes: &[Lanes], theta: &mut [f64]) {
        for (row, values) in theta.chunks_exact_mut(self.classes).enumerate() {
            for (class, value) in values.iter_mut().enumerate() {
                *value = lanes[class / LANES * self.width() + row][class % LANES];
            }
        }
    }

    fn partials(&self, theta: &[Lanes]) -> Vec<Partial> {
        let n = self.x.nrows();
        let size = n.div_ceil(BLOCKS).max(MIN_BLOCK).next_multiple_of(ROWS);
        let blocks = (0..n.div_ceil(size)).into_par_iter();
        blocks.map(|block| self.block(block * size..n.min((block + 1) * size), theta)).collect()
    }

    fn block(&self, rows: Range<usize>, theta: &[Lanes]) -> Partial {
        let mut partial = Partial { loss: 0.0, gradient: vec![[0.0; LANES]; theta.len()] };
        let mut group = vec![0.0; ROWS * self.width()];
        let mut logits = vec![0.0; ROWS * self.classes.next_multiple_of(LANES)];
        for first in rows.clone().step_by(ROWS) {
            let rows = first..rows.end.min(first + ROWS);
            self.scale(rows.clone(), &mut group);
            self.group(&self.labels[rows], &group, theta, &mut logits, &mut partial);
        }
        partial
    }

    /// Standardised rows and a one, for the bias. Rows that are missing at the end keep what they had; their residuals
    /// are zero.
    fn scale(&self, rows: Range<usize>, group: &mut [f64]) {
        for (row, out) in rows.zip(group.chunks_exact_mut(self.width())) {
            let (one, out) = out.split_last_mut().expect("there should be a bias");
            self.scaling.row_into(self.x.row(row), out);
            *one = 1.0;
        }
    }

    /// Adds loss and gradient of a group; `logits` is room for [`ROWS`] samples of all classes, one after another.
    fn group(&self, labels: &[usize], group: &[f64], theta: &[Lanes], logits: &mut [f64], partial: &mut Partial) {
        let stride = logits.len() / ROWS;
        for (block, theta) in theta.chunks_exact(self.width()).enumerate() {
            for (row, sums) in kernel::product(group, theta).iter().enumerate() {
                logits[row * stride + block * LANES..][..LANES].copy_from_slice(sums);
            }
        }
        for (row, logits) in logits.chunks_exact_mut(stride).enumerate() {
            let (known, padding) = logits.split_at_mut(self.classes);
            padding.fill(0.0);
            match labels.get(row) {
                Some(&label) => partial.loss += to_residual(known, label),
                None => known.fill(0.0),
            }
        }
        for (block, gradient) in partial.gradient.chunks_exact_mut(self.width()).enumerate() {
            let residuals =
                std::array::from_fn(|row| std::array::from_fn(|lane| logits[row * stride + block * LANES + lane]));
            kernel::add_transposed_product(group, &residuals, gradient);
        }
    }

    /// Adds the penalty on all rows but the bias and divides by the number of samples.
    fn penalise(&self, theta: &[f64], gradient: &mut [f64], loss: f64) -> f64 {
        let n = self.x.nrows() as f64;
        let weights = &theta[..self.x.ncols() * self.classes];
        gradient.iter_mut().zip(weights).for_each(|(g, w)| *g += self.l2 * w);
        gradient.iter_mut().for_each(|g| *g /= n);
        (loss + 0.5 * self.l2 * weights.iter().map(|w| w * w).sum::<f64>()) / n
    }
}

fn add(total: &mut [Lanes], part: &[Lanes]) {
    for (total, part) in total.as_flattened_mut().iter_mut().zip(part.as_flattened()) {
        *total += part;
    }
}

/// Turns each sample's logits into `p - target` and gives the summed loss.
pub(super) fn to_residuals(logits: &mut ArrayViewMut2<'_, f64>, labels: &[usize]) -> f64 {
    let rows = logits.outer_iter_mut().zip(labels);
    rows.map(|(mut row, &label)| to_residual(row.as_slice_mut().expect("a row of logits should be contiguous"), label))
        .sum()
}

fn to_residual(logits: &mut [f64], label: usize) -> f64 {
    let own = logits[label];
    let loss = to_probabilities(logits) - own;
    logits[label] -= 1.0;
    loss
}

/// Turns logits into probabilities and gives the logarithm of the sum of their exponentials.
pub(super) fn to_probabilities(logits: &mut [f64]) -> f64 {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logits.iter_mut().for_each(|logit| *logit = libm::exp(*logit - largest));
    let sum: f64 = logits.iter().sum();
    logits.iter_mut().for_each(|p| *p /= sum);
    largest + libm::log(sum)
}
