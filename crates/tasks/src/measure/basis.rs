//! An orthonormal basis of what the states span.

use ndarray::ArrayView2;

use crate::measure::vector::{add, centre, dot};

/// Orthonormal vectors over time, whose span is that of the states less their means: modified Gram-Schmidt, each vector
/// twice (L. Giraud, J. Langou, M. Rozložník, Comput. Math. Appl. 50:1069, 2005). A state of which less than
/// `tolerance` is left is dropped.
pub(crate) fn orthonormal<T: Copy + Into<f64>>(states: ArrayView2<'_, T>, tolerance: f64) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for column in states.columns() {
        let mut vector: Vec<f64> = column.iter().map(|&x| x.into()).collect();
        let mean = centre(&mut vector);
        let size = dot(&vector, &vector).sqrt();
        for _ in 0..2 {
            for q in &basis {
                let part = dot(q, &vector);
                add(&mut vector, -part, q);
            }
            centre(&mut vector);
        }
        let left = dot(&vector, &vector).sqrt();
        // A constant less its rounded mean is not zero.
        let rounding = 16.0 * f64::EPSILON * mean.abs() * (vector.len() as f64).sqrt();
        if left > tolerance * size && left > rounding {
            vector.iter_mut().for_each(|x| *x /= left);
            basis.push(vector);
        }
    }
    basis
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn vectors_are_orthonormal_and_dependent_ones_dropped() {
        // Powers, which are nearly dependent; then a constant, a copy, and a sum.
        let states = Array2::from_shape_fn((200, 12), |(t, i)| {
            let x = t as f64 / 200.0;
            match i {
                9 => 5.1,
                10 => 1.0 + 3.0 * x,
                11 => x.powi(3) - x.powi(7),
                _ => x.powi(i as i32 + 1),
            }
        });
        let basis = orthonormal(states.view(), 1e-10);
        assert_eq!(basis.len(), 9);
        for (i, a) in basis.iter().enumerate() {
            assert!(a.iter().sum::<f64>().abs() < 1e-9);
            for (j, b) in basis.iter().enumerate() {
                assert!((dot(a, b) - f64::from(u8::from(i == j))).abs() < 1e-13, "{i} {j}");
            }
        }
    }
}
