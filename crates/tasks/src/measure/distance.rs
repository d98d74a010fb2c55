//! How far two runs are apart, step by step.

use ndarray::ArrayView2;

use crate::Result;
use crate::error::argument;
use crate::measure::raster::Raster;

/// The Euclidean distance of two trajectories in each step, both steps x state.
///
/// Twins that start a little apart give the course of a perturbation ([`crate::lyapunov_from_course`]); runs with different
/// inputs give the separation in time of W. Maass, T. Natschläger, H. Markram, Neural Computation 14:2531, 2002.
///
/// # Errors
/// If the two differ in shape or are empty, or if a value is not finite.
pub fn trajectory_distances<T: Copy + Into<f64>>(a: ArrayView2<'_, T>, b: ArrayView2<'_, T>) -> Result<Vec<f64>> {
    if a.dim() != b.dim() || a.is_empty() {
        let allowed = format!("{:?}, as `a`, and not empty", a.dim());
        return Err(argument("b", format!("{:?}", b.dim()), allowed));
    }
    for (name, matrix) in [("a", &a), ("b", &b)] {
        if let Some(((t, i), value)) = matrix.indexed_iter().find(|(_, value)| !(**value).into().is_finite()) {
            let value: f64 = (*value).into();
            return Err(argument(name, format!("{value} at step {t}, state {i}"), "finite numbers"));
        }
    }
    let square = |(x, y): (&T, &T)| ((*x).into() - (*y).into()).powi(2);
    let distance =
        |(x, y): (ndarray::ArrayView1<'_, T>, ndarray::ArrayView1<'_, T>)| x.iter().zip(&y).map(square).sum();
    Ok(a.rows().into_iter().zip(b.rows()).map(distance).map(f64::sqrt).collect())
}

/// In each step, how many neurons spike in one of two runs and not in the other: the spreading of damage.
///
/// Source: B. Derrida, Y. Pomeau, Europhys. Lett. 1:45, 1986 (the Hamming distance of two configurations).
///
/// # Errors
/// If the two differ in steps or neurons.
pub fn spike_damage(a: Raster<'_>, b: Raster<'_>) -> Result<Vec<u32>> {
    let size = |raster: Raster<'_>| format!("{} steps x {} neurons", raster.steps(), raster.neurons());
    if (a.steps(), a.neurons()) != (b.steps(), b.neurons()) {
        return Err(argument("b", size(b), format!("{}, as `a`", size(a))));
    }
    let mut damage = vec![0; a.steps() as usize];
    a.iter().chain(b.iter()).for_each(|(step, _)| damage[step as usize] += 1);
    let mut others = b.iter().peekable();
    for spike in a.iter() {
        while others.next_if(|other| *other < spike).is_some() {}
        if others.peek() == Some(&spike) {
            damage[spike.0 as usize] -= 2;
        }
    }
    Ok(damage)
}

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;

    #[test]
    fn three_four_five() {
        let (a, b) = (arr2(&[[0.0_f32, 0.0], [1.0, 1.0]]), arr2(&[[3.0, 4.0], [1.0, 1.0]]));
        assert_eq!(trajectory_distances(a.view(), b.view()).unwrap(), [5.0, 0.0]);
    }

    #[test]
    fn spikes_of_one_run_alone_are_damage() {
        let a = [(0, 0), (0, 2), (1, 1), (3, 0)];
        let b = [(0, 2), (1, 0), (1, 2), (3, 0)];
        let (a, b) = (Raster::new(&a, 4, 3).unwrap(), Raster::new(&b, 4, 3).unwrap());
        assert_eq!(spike_damage(a, b).unwrap(), [1, 3, 0, 0]);
        assert_eq!(spike_damage(a, a).unwrap(), [0; 4]);
    }
}
