//! Information processing capacity: which functions of the past input the states hold.

use ndarray::ArrayView2;

use crate::Result;
use crate::error::argument;
use crate::measure::basis::orthonormal;
use crate::measure::chi_square::quantile;
use crate::measure::vector::{centre, dot};

/// The targets that are tried, and when one counts.
///
/// Targets are products of normalised Legendre polynomials of past inputs, which are orthonormal for independent inputs
/// uniform in -1 to 1: for each degree d all products of that total degree over the newest `delays[d - 1]` inputs.
///
/// Source: J. Dambre, D. Verstraeten, B. Schrauwen, S. Massar, "Information processing capacity of dynamical systems",
/// Scientific Reports 2:514, 2012.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct InformationCapacity {
    /// For each degree from 1 on, over how many inputs its products range, the newest one counted; 0 leaves the degree
    /// out.
    pub delays: Vec<usize>,
    /// Probability that a target of which the states know nothing counts, above 0 to below 1.
    pub false_positive: f64,
    /// The share of a state that must not be in the states before it, or it is dropped; 0 to below 1. States in f32 are
    /// rounded to 6e-8 of themselves: take 1e-6 for them.
    pub tolerance: f64,
}

impl Default for InformationCapacity {
    fn default() -> Self {
        Self { delays: vec![100, 30, 12], false_positive: 1e-4, tolerance: 1e-10 }
    }
}

/// A target that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct CapacityTerm {
    /// Delay and degree of each polynomial in the product, in ascending delay; delay 0 is the newest input.
    pub factors: Vec<(usize, usize)>,
    /// The share of the target's variance that a linear readout of the states explains, 0 to 1.
    pub capacity: f64,
}

/// The capacities of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacities {
    /// The targets that count.
    pub terms: Vec<CapacityTerm>,
    /// The sum over the targets of each degree; degree 1 first.
    pub by_degree: Vec<f64>,
    /// Directions that the states span, the upper bound of the total.
    pub rank: usize,
    /// Capacities below this count as 0.
    pub threshold: f64,
}

impl Capacities {
    /// The sum over all degrees.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.by_degree.iter().sum()
    }
}

/// The most targets that are tried.
const MAX_TARGETS: usize = 10_000_000;

/// Targets worked on together, and steps of them: what stays in the cache.
const BLOCK: usize = 16;
const STRETCH: usize = 1024;

impl InformationCapacity {
    /// Of the states of a system, steps x states, driven by `inputs`, of which the last one belongs to the last row.
    /// C = zᵀ X (XᵀX)⁻¹ Xᵀ z / zᵀ z with the means taken out of X and z: what a readout with a bias reaches on the data it
    /// is fitted to. Below ε = 2 q / steps with P(χ² of rank degrees > q) = `false_positive` it counts as 0.
    ///
    /// A capacity is too high by up to rank / steps: take many times more steps than states. The work is steps x rank x
    /// targets.
    ///
    /// # Errors
    /// If a field is not in the range given at it, if there is no target or more than 10 million, if there is no state or
    /// not more steps than states, if the longest delay does not fit before the first state, if an input is not in
    /// -1 to 1, or if a state is not finite.
    pub fn of<T: Copy + Into<f64>>(&self, inputs: &[f64], states: ArrayView2<'_, T>) -> Result<Capacities> {
        self.check(inputs, states)?;
        let steps = states.nrows();
        let basis = orthonormal(states, self.tolerance);
        let threshold = match basis.len() {
            0 => f64::INFINITY,
            rank => 2.0 * quantile(rank as f64, self.false_positive) / steps as f64,
        };
        let legendre = Legendre::of(inputs, steps, self.delays.len());
        let mut found = Capacities { terms: Vec::new(), by_degree: Vec::new(), rank: basis.len(), threshold };
        for (degree, &delays) in (1..).zip(&self.delays) {
            let first = found.terms.len();
            let mut targets = Products::new(degree, delays);
            loop {
                let block: Vec<Vec<(usize, usize)>> = targets.by_ref().take(BLOCK).collect();
                if block.is_empty() {
                    break;
                }
                let capacities = capacities(&basis, block.iter().map(|factors| legendre.target(factors)).collect());
                let terms = block.into_iter().zip(capacities);
                let terms = terms.map(|(factors, capacity)| CapacityTerm { factors, capacity });
                found.terms.extend(terms.filter(|term| term.capacity >= threshold));
            }
            found.by_degree.push(found.terms[first..].iter().map(|term| term.capacity).sum());
        }
        Ok(found)
    }

    fn check<T: Copy + Into<f64>>(&self, inputs: &[f64], states: ArrayView2<'_, T>) -> Result<()> {
        if !(self.false_positive > 0.0 && self.false_positive < 1.0) {
            return Err(argument("false_positive", self.false_positive, "above 0 to below 1"));
        }
        if !(0.0..1.0).contains(&self.tolerance) {
            return Err(argument("tolerance", self.tolerance, "0 to below 1"));
        }
        let targets = (1..).zip(&self.delays).try_fold(0_usize, |sum, (d, &k)| sum.checked_add(count(d, k)?));
        if !targets.is_some_and(|targets| (1..=MAX_TARGETS).contains(&targets)) {
            let allowed = format!("delays of at least one degree, and at most {MAX_TARGETS} targets in all");
            return Err(argument("delays", format!("{:?}", self.delays), allowed));
        }
        let (steps, units) = states.dim();
        if units == 0 || steps <= units {
            let allowed = "at least one state, and more steps than states";
            return Err(argument("states", format!("{steps} steps x {units} states"), allowed));
        }
        let longest = self.delays.iter().copied().max().unwrap_or(1).max(1);
        if inputs.len() < steps + longest - 1 {
            let allowed = format!("at least {}, steps and the longest delay before them", steps + longest - 1);
            return Err(argument("inputs", format!("{} values", inputs.len()), allowed));
        }
        if let Some(i) = inputs.iter().position(|u| !(-1.0..=1.0).contains(u)) {
            return Err(argument("inputs", format!("{} at {i}", inputs[i]), "-1 to 1, uniform and independent"));
        }
        match states.indexed_iter().find(|(_, x)| !(**x).into().is_finite()) {
            Some(((t, i), &x)) => {
                Err(argument("states", format!("{} at step {t}, state {i}", x.into()), "finite numbers"))
            }
            None => Ok(()),
        }
    }
}

/// How many products of total degree `degree` there are over `delays` inputs: (delays + degree - 1 choose degree).
fn count(degree: usize, delays: usize) -> Option<usize> {
    if delays == 0 {
        return Some(0);
    }
    (1..=degree).try_fold(1_usize, |product, i| Some(product.checked_mul(delays + i - 1)? / i))
}

/// The normalised Legendre polynomials sqrt(2 d + 1) P_d of each input.
struct Legendre {
    /// By degree, 0 first.
    values: Vec<Vec<f64>>,
    steps: usize,
}

impl Legendre {
    /// By the recurrence of Bonnet: n P_n = (2 n - 1) x P_(n-1) - (n - 1) P_(n-2).
    fn of(inputs: &[f64], steps: usize, degrees: usize) -> Self {
        let mut plain = vec![vec![1.0; inputs.len()], inputs.to_vec()];
        for d in 2..=degrees {
            let n = d as f64;
            let next = |(x, (p, q)): (&f64, (&f64, &f64))| ((2.0 * n - 1.0) * x * p - (n - 1.0) * q) / n;
            plain.push(inputs.iter().zip(plain[d - 1].iter().zip(&plain[d - 2])).map(next).collect());
        }
        for (d, values) in plain.iter_mut().enumerate() {
            let norm = (2.0 * d as f64 + 1.0).sqrt();
            values.iter_mut().for_each(|p| *p *= norm);
        }
        Self { values: plain, steps }
    }

    /// A product over time, less its mean.
    fn target(&self, factors: &[(usize, usize)]) -> Vec<f64> {
        let mut target = vec![1.0; self.steps];
        for &(delay, degree) in factors {
            let values = &self.values[degree];
            let last = values.len() - delay;
            target.iter_mut().zip(&values[last - self.steps..last]).for_each(|(z, p)| *z *= p);
        }
        centre(&mut target);
        target
    }
}

/// |Qᵀ z|² / |z|² of each target.
fn capacities(basis: &[Vec<f64>], targets: Vec<Vec<f64>>) -> Vec<f64> {
    let steps = targets[0].len();
    let mut parts = vec![0.0; basis.len() * targets.len()];
    for start in (0..steps).step_by(STRETCH) {
        let stretch = start..steps.min(start + STRETCH);
        for (q, parts) in basis.iter().zip(parts.chunks_exact_mut(targets.len())) {
            for (part, z) in parts.iter_mut().zip(&targets) {
                *part += dot(&q[stretch.clone()], &z[stretch.clone()]);
            }
        }
    }
    let explained = |i: usize| parts.iter().skip(i).step_by(targets.len()).map(|p| p * p).sum::<f64>();
    targets.iter().enumerate().map(|(i, z)| explained(i) / dot(z, z)).collect()
}

/// The products of one total degree: delays that do not fall, one for each degree.
struct Products {
    /// The next one; `None` at the end.
    next: Option<Vec<usize>>,
    delays: usize,
}

impl Products {
    fn new(degree: usize, delays: usize) -> Self {
        Self { next: (delays > 0).then(|| vec![0; degree]), delays }
    }
}

impl Iterator for Products {
    type Item = Vec<(usize, usize)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut delays = self.next.take()?;
        let factors = delays.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
        if let Some(i) = delays.iter().rposition(|&delay| delay + 1 < self.delays) {
            let next = delays[i] + 1;
            delays[i..].fill(next);
            self.next = Some(delays);
        }
        Some(factors)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::random::SplitMix64;

    fn inputs(n: usize, seed: u64) -> Vec<f64> {
        let mut random = SplitMix64::new(seed);
        (0..n).map(|_| 2.0 * random.next_f64() - 1.0).collect()
    }

    fn measure() -> InformationCapacity {
        InformationCapacity { delays: vec![10, 6, 4], ..InformationCapacity::default() }
    }

    /// States from functions of the past, `past[k]` = u(t - k).
    fn states(u: &[f64], of: &[fn(&[f64]) -> f64]) -> Array2<f64> {
        Array2::from_shape_fn((u.len() - 20, of.len()), |(t, i)| {
            let past: Vec<f64> = (0..20).map(|k| u[t + 20 - k]).collect();
            of[i](&past)
        })
    }

    #[test]
    fn products_are_all_there_once() {
        assert_eq!(Products::new(1, 2).collect::<Vec<_>>(), [vec![(0, 1)], vec![(1, 1)]]);
        let two: Vec<_> = Products::new(2, 2).collect();
        assert_eq!(two, [vec![(0, 2)], vec![(0, 1), (1, 1)], vec![(1, 2)]]);
        for (degree, delays) in [(1, 7), (2, 7), (3, 5), (4, 4), (5, 1), (2, 0)] {
            let mut all: Vec<_> = Products::new(degree, delays).collect();
            let total = all.len();
            all.sort();
            all.dedup();
            assert_eq!((all.len(), Some(total)), (total, count(degree, delays)));
            assert!(all.iter().all(|factors| factors.iter().map(|f| f.1).sum::<usize>() == degree));
        }
    }

    #[test]
    fn a_line_of_known_functions_has_exactly_these() {
        let u = inputs(4000, 1);
        // Three delays, a product, and a square, mixed by an invertible map; one state too many.
        let x = states(
            &u,
            &[
                |u| u[0] + u[3] * u[3],
                |u| u[1] - 2.0 * u[0],
                |u| u[5],
                |u| u[0] * u[2] + 0.1 * u[5],
                |u| u[3] * u[3] + 7.0,
                |u| u[5] + u[1] - 2.0 * u[0],
            ],
        );
        let found = measure().of(&u, x.view()).unwrap();
        assert_eq!(found.rank, 5);
        let factors: Vec<_> = found.terms.iter().map(|term| term.factors.clone()).collect();
        assert_eq!(factors, [vec![(0, 1)], vec![(1, 1)], vec![(5, 1)], vec![(0, 1), (2, 1)], vec![(3, 2)]]);
        assert!(found.terms.iter().all(|term| (term.capacity - 1.0).abs() < 1e-10), "{found:?}");
        assert!((found.by_degree[0] - 3.0).abs() < 1e-9 && (found.by_degree[1] - 2.0).abs() < 1e-9);
        assert_eq!((found.by_degree[2], found.by_degree.len()), (0.0, 3));
        assert!((found.total() - 5.0).abs() < 1e-9);
    }

    #[test]
    fn other_inputs_have_none() {
        let u = inputs(4000, 1);
        let x = states(&u, &[|u| u[0], |u| u[1], |u| u[0] * u[2]]);
        let found = measure().of(&inputs(4000, 2), x.view()).unwrap();
        assert_eq!((found.rank, found.total(), found.terms.len()), (3, 0.0, 0));
        let constant = Array2::from_elem((3000, 2), 0.1_f32);
        let found = measure().of(&u, constant.view()).unwrap();
        assert_eq!((found.rank, found.total()), (0, 0.0));
    }

    #[test]
    fn a_cube_is_of_degree_one_and_three() {
        // u³ = (3 P_1 + 2 P_3) / 5: of its mean square 1 / 7, 9 / 75 are of degree one, which is 0.84 of it, and 0.16
        // of degree three.
        let u = inputs(100_000, 3);
        let x = states(&u, &[|u| u[1].powi(3)]).mapv(|x| x as f32);
        let found =
            InformationCapacity { delays: vec![3, 3, 3], tolerance: 1e-6, ..measure() }.of(&u, x.view()).unwrap();
        assert_eq!(found.terms.iter().map(|t| t.factors.clone()).collect::<Vec<_>>(), [vec![(1, 1)], vec![(1, 3)]]);
        assert!((found.by_degree[0] - 0.84).abs() < 0.005, "{found:?}");
        assert!((found.by_degree[2] - 0.16).abs() < 0.005 && found.by_degree[1] == 0.0, "{found:?}");
    }

    #[test]
    fn chance_is_kept_out_as_often_as_promised() {
        // 20 states of noise and 1000 targets: at 1e-2 about 10 should count if the threshold were q / T; 2 q / T keeps
        // all out.
        let (u, other) = (inputs(2100, 4), inputs(40_000, 5));
        let x = Array2::from_shape_fn((2000, 20), |(t, i)| other[t * 20 + i]);
        let measure = InformationCapacity { delays: vec![100, 42], false_positive: 1e-2, ..measure() };
        let found = measure.of(&u, x.view()).unwrap();
        assert_eq!(found.terms.len(), 0);
        // The mean of all is rank / steps = 0.01, by the chi-square law.
        let low = InformationCapacity { false_positive: 1.0 - 1e-12, ..measure }.of(&u, x.view()).unwrap();
        let mean = low.total() / low.terms.len() as f64;
        assert!((mean - 0.01).abs() < 5e-4, "{mean} over {}", low.terms.len());
    }
}
