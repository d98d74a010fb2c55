//! The square root of a normal matrix, kept up to date by plane rotations: `R^T R = sum of weighted x^T x`.
//!
//! Row i of `[R | z]` holds `R_ii ..` and the targets rotated with it, so that `R w = z` gives the least-squares weights
//! (Gentleman 1973; Golub and Van Loan, Matrix Computations, section 6.5). Every step is a rotation, which cannot lose
//! symmetry or positivity, and the error grows with the condition number of the samples, not with its square.

use super::dot;

/// `[R | z]`, upper triangular, its rows one after the other.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    size: usize,
    outputs: usize,
    values: Vec<f64>,
    /// The sample that is being rotated in.
    sample: Vec<f64>,
}

impl Factor {
    /// With the square roots of the diagonal given, and nothing else.
    pub fn new(root: &[f64], outputs: usize) -> Self {
        let size = root.len();
        let mut values = vec![0.0; size * (size + 1) / 2 + size * outputs];
        let mut start = 0;
        for (i, &root) in root.iter().enumerate() {
            values[start] = root;
            start += size - i + outputs;
        }
        Self { size, outputs, values, sample: vec![0.0; size + outputs] }
    }

    /// Multiplies the weight of what is known by `decay` squared and adds a sample: `fill` writes `[x | y]`.
    pub fn add(&mut self, decay: f64, fill: impl FnOnce(&mut [f64])) {
        fill(&mut self.sample);
        let (mut rows, mut sample) = (&mut self.values[..], &mut self.sample[..]);
        for _ in 0..self.size {
            let (row, rest) = std::mem::take(&mut rows).split_at_mut(sample.len());
            rotate(row, sample, decay);
            rows = rest;
            sample = &mut sample[1..];
        }
    }

    /// Solves `R w = z` for each output, into `weights` (outputs x size). What no sample ever touched, and whose penalty
    /// is forgotten, gets weight zero.
    pub fn solve(&self, weights: &mut [f64]) {
        let mut end = self.values.len();
        for i in (0..self.size).rev() {
            let start = end - (self.size - i + self.outputs);
            let row = &self.values[start..end];
            let (right, targets) = row[1..].split_at(self.size - i - 1);
            for (weights, target) in weights.chunks_exact_mut(self.size).zip(targets) {
                let rest = target - dot(right, &weights[i + 1..]);
                weights[i] = if row[0] == 0.0 { 0.0 } else { rest / row[0] };
            }
            end = start;
        }
    }
}

/// Rotates a row and a sample so that the sample's first element becomes zero.
fn rotate(row: &mut [f64], sample: &mut [f64], decay: f64) {
    if sample[0] == 0.0 {
        if decay < 1.0 {
            row.iter_mut().for_each(|value| *value *= decay);
        }
        return;
    }
    let own = decay * row[0];
    let length = libm::hypot(own, sample[0]);
    let (cos, sin) = (own / length, sample[0] / length);
    let (cos_decay, sin_decay) = (cos * decay, sin * decay);
    row[0] = length;
    for (row, sample) in row[1..].iter_mut().zip(&mut sample[1..]) {
        let (r, s) = (*row, *sample);
        *row = cos_decay * r + sin * s;
        *sample = cos * s - sin_decay * r;
    }
}
