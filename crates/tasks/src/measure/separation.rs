//! How far the states of different classes lie apart.

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::Result;
use crate::error::argument;

/// The separation of a liquid over labelled states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Separation {
    /// C_d, the mean distance of the centres of two classes, each class with itself counted too (as 0).
    pub between: f64,
    /// C_v, the mean over classes of the mean distance of a state from the centre of its class.
    pub within: f64,
}

impl Separation {
    /// C_d = Σ_l Σ_m |μ_l - μ_m| / n² and C_v = (1 / n) Σ_m mean |μ_m - o| over the n classes that occur, of `states` with one
    /// row a sample.
    ///
    /// Source: D. Norton, D. Ventura, "Improving liquid state machines through iterative refinement of the reservoir",
    /// Neurocomputing 73:2893, 2010.
    ///
    /// # Errors
    /// If there is not one label for each state, if there are no states, if a value is not finite, or if only one class occurs.
    pub fn of<T: Copy + Into<f64>>(states: ArrayView2<'_, T>, labels: &[u32]) -> Result<Self> {
        let states = checked(states, labels)?;
        let mut classes = labels.to_vec();
        classes.sort_unstable();
        classes.dedup();
        if classes.len() < 2 {
            return Err(argument("labels", format!("all {}", classes[0]), "at least two classes"));
        }
        let members =
            |class: u32| states.rows().into_iter().zip(labels).filter(move |(_, l)| **l == class).map(|(row, _)| row);
        let centre = |class: u32| {
            let (mut sum, mut count) = (ndarray::Array1::zeros(states.ncols()), 0.0);
            for row in members(class) {
                sum += &row;
                count += 1.0;
            }
            sum / count
        };
        let centres: Vec<_> = classes.iter().map(|&class| centre(class)).collect();
        let pairs = centres.iter().flat_map(|a| centres.iter().map(move |b| distance(a.view(), b.view())));
        let spread = |(&class, centre): (&u32, &ndarray::Array1<f64>)| {
            let (sum, count) =
                members(class).fold((0.0, 0.0), |s, row| (s.0 + distance(row, centre.view()), s.1 + 1.0));
            sum / count
        };
        let n = classes.len() as f64;
        Ok(Self {
            between: pairs.sum::<f64>() / (n * n),
            within: classes.iter().zip(&centres).map(spread).sum::<f64>() / n,
        })
    }

    /// C_d / (C_v + 1). It depends on the scale of the states: compare states of one kind.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.between / (self.within + 1.0)
    }
}

fn checked<T: Copy + Into<f64>>(states: ArrayView2<'_, T>, labels: &[u32]) -> Result<Array2<f64>> {
    if states.is_empty() {
        return Err(argument("states", format!("{:?}", states.dim()), "at least one sample and one state"));
    }
    if labels.len() != states.nrows() {
        let allowed = format!("one label for each of the {} samples", states.nrows());
        return Err(argument("labels", format!("{} labels", labels.len()), allowed));
    }
    let states = states.mapv(Into::into);
    match states.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((i, j), value)) => Err(argument("states", format!("{value} at sample {i}, state {j}"), "finite numbers")),
        None => Ok(states),
    }
}

fn distance(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;

    #[test]
    fn two_classes_counted_by_hand() {
        // Centres (0, 1) and (3, 5), 5 apart: C_d = 2 x 5 / 4. Distances from them 1, 1 and 0: C_v = (1 + 0) / 2.
        let states = arr2(&[[0_u32, 0], [3, 5], [0, 2]]);
        let found = Separation::of(states.view(), &[7, 2, 7]).unwrap();
        assert_eq!(found, Separation { between: 2.5, within: 0.5 });
        assert_eq!(found.value(), 2.5 / 1.5);
    }

    #[test]
    fn labels_that_mean_nothing_separate_less() {
        let states =
            Array2::from_shape_fn((40, 3), |(i, j)| ((i * 7 + j * 3) % 5) as f64 + if i < 20 { 0.0 } else { 9.0 });
        let by = |label: &dyn Fn(u32) -> u32| {
            Separation::of(states.view(), &(0..40).map(label).collect::<Vec<_>>()).unwrap()
        };
        let (right, wrong) = (by(&|i| i / 20), by(&|i| i % 2));
        assert!(right.value() > 2.0 && wrong.value() < 0.2, "{right:?}, {wrong:?}");
    }
}
