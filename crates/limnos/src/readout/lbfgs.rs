//! Limited-memory BFGS (Nocedal 1980; Nocedal and Wright, Numerical Optimization, algorithm 7.5).
//!
//! Sequential sums over the parameters: the same bits as long as the objective has them.

use std::collections::VecDeque;

use super::{Progress, line_search};

/// Pairs of steps and gradient changes that are remembered.
const MEMORY: usize = 12;

/// A smooth function of many parameters.
pub(super) trait Objective {
    /// The value at `theta`; the gradient goes to `gradient`.
    fn evaluate(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64;
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Largest absolute entry of the gradient.
    pub tolerance: f64,
    pub max_iterations: usize,
}

/// Where the minimiser stopped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub iterations: usize,
    pub value: f64,
    /// Largest absolute entry of the gradient.
    pub gradient: f64,
}

/// A point with its value and gradient.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub theta: Vec<f64>,
    pub value: f64,
    pub gradient: Vec<f64>,
}

/// Walks `theta` downhill until the gradient is within tolerance, the iterations are used up, or no step lowers the
/// value any more (the rounding of the value is reached).
pub(super) fn minimise(
    objective: &mut impl Objective,
    theta: Vec<f64>,
    limits: Limits,
    progress: &mut dyn FnMut(Progress),
) -> (Vec<f64>, Outcome) {
    let mut gradient = vec![0.0; theta.len()];
    let value = objective.evaluate(&theta, &mut gradient);
    let mut point = Point { theta, value, gradient };
    let mut history = History::default();
    let mut iterations = 0;
    while iterations < limits.max_iterations && max_norm(&point.gradient) > limits.tolerance {
        let Some(next) = step(objective, &point, &mut history) else { break };
        history.push(&point, &next);
        point = next;
        iterations += 1;
        progress(Progress::new(iterations, limits.max_iterations, point.value, max_norm(&point.gradient)));
    }
    let outcome = Outcome { iterations, value: point.value, gradient: max_norm(&point.gradient) };
    (point.theta, outcome)
}

/// One step along the quasi-Newton direction; along the steepest descent where that one fails.
fn step(objective: &mut impl Objective, point: &Point, history: &mut History) -> Option<Point> {
    if !history.pairs.is_empty() {
        let direction = history.direction(&point.gradient);
        if let Some(next) = line_search::search(objective, point, &direction, 1.0) {
            return Some(next);
        }
        history.pairs.clear();
    }
    let direction: Vec<f64> = point.gradient.iter().map(|g| -g).collect();
    let length = dot(&direction, &direction).sqrt();
    line_search::search(objective, point, &direction, length.recip().min(1.0))
}

/// The latest steps and what they told about the curvature.
#[derive(Debug, Default)]
struct History {
    pairs: VecDeque<Pair>,
}

#[derive(Debug)]
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    /// Step times change; positive.
    curvature: f64,
}

impl History {
    fn push(&mut self, from: &Point, to: &Point) {
        let (step, change) = (difference(&to.theta, &from.theta), difference(&to.gradient, &from.gradient));
        let curvature = dot(&step, &change);
        if curvature <= f64::EPSILON * dot(&change, &change) {
            return;
        }
        if self.pairs.len() == MEMORY {
            self.pairs.pop_front();
        }
        self.pairs.push_back(Pair { step, change, curvature });
    }

    /// Minus the approximate inverse Hessian times the gradient: the two-loop recursion.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut weights = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let weight = dot(&pair.step, &q) / pair.curvature;
            add_scaled(&mut q, -weight, &pair.change);
            weights.push(weight);
        }
        if let Some(last) = self.pairs.back() {
            let scale = last.curvature / dot(&last.change, &last.change);
            q.iter_mut().for_each(|q| *q *= scale);
        }
        for (pair, weight) in self.pairs.iter().zip(weights.into_iter().rev()) {
            let correction = dot(&pair.change, &q) / pair.curvature;
            add_scaled(&mut q, weight - correction, &pair.step);
        }
        q
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add_scaled(a: &mut [f64], scale: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += scale * b);
}

fn max_norm(a: &[f64]) -> f64 {
    a.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley: minimum 0 at (1, 1).
    struct Rosenbrock;

    impl Objective for Rosenbrock {
        fn evaluate(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
            let (x, y) = (theta[0], theta[1]);
            gradient[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            gradient[1] = 200.0 * (y - x * x);
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        }
    }

    #[test]
    fn finds_the_end_of_rosenbrocks_valley() {
        let limits = Limits { tolerance: 1e-10, max_iterations: 200 };
        let (theta, outcome) = minimise(&mut Rosenbrock, vec![-1.2, 1.0], limits, &mut |_| ());
        assert!(outcome.gradient <= 1e-10, "{outcome:?}");
        assert!((theta[0] - 1.0).abs() < 1e-9 && (theta[1] - 1.0).abs() < 1e-9, "{theta:?}");
    }

    #[test]
    fn says_when_iterations_are_too_few() {
        let limits = Limits { tolerance: 1e-10, max_iterations: 5 };
        let (_, outcome) = minimise(&mut Rosenbrock, vec![-1.2, 1.0], limits, &mut |_| ());
        assert!(outcome.iterations == 5 && outcome.gradient > 1e-10, "{outcome:?}");
    }
}
