//! What a forecaster's readout reads in a step: `[1, delayed inputs, their products, states]`.

use crate::Result;
use crate::esn::Nvar;

/// The products of numbers, each made of one that is already there by one multiplication.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Basis {
    pub(super) nvar: Nvar,
    inputs: usize,
    /// For each product: the place of the factor that is a product itself (or the number), and the number that it is multiplied by.
    products: Vec<(usize, usize)>,
    pub(super) units: usize,
}

impl Basis {
    pub(super) fn new(nvar: Nvar, inputs: usize, units: usize) -> Result<Self> {
        let count = nvar.features(inputs)?;
        let numbers = inputs * nvar.delays;
        let mut products = Vec::with_capacity(count - numbers);
        // Products of one order, as (place, last factor); a further factor is never before the last.
        let mut order: Vec<(usize, usize)> = (0..numbers).map(|k| (1 + k, k)).collect();
        for _ in 1..nvar.order {
            let mut next = Vec::new();
            for &(place, last) in &order {
                for k in last..numbers {
                    next.push((1 + numbers + products.len(), k));
                    products.push((place, 1 + k));
                }
            }
            order = next;
        }
        Ok(Self { nvar, inputs, products, units })
    }

    /// Number of features.
    pub(super) const fn width(&self) -> usize {
        self.first_state() + self.units
    }

    const fn first_state(&self) -> usize {
        1 + self.inputs * self.nvar.delays + self.products.len()
    }

    /// Channels of a row.
    pub(super) const fn inputs(&self) -> usize {
        self.inputs
    }

    /// Rows of the past that a step reads, itself included.
    pub(super) const fn memory(&self) -> usize {
        self.nvar.memory()
    }

    /// The features of the step whose row is the last of `rows` (row-major, at least [`Self::memory`] of them).
    pub(super) fn write(&self, rows: &[f64], state: &[f64], out: &mut [f64]) {
        out[0] = 1.0;
        let last = rows.len() - self.inputs;
        for delay in 0..self.nvar.delays {
            let from = last - delay * self.nvar.stride * self.inputs;
            out[1 + delay * self.inputs..][..self.inputs].copy_from_slice(&rows[from..from + self.inputs]);
        }
        let first = 1 + self.inputs * self.nvar.delays;
        for (k, &(a, b)) in self.products.iter().enumerate() {
            out[first + k] = out[a] * out[b];
        }
        out[self.first_state()..].copy_from_slice(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_come_once_each() {
        let basis = Basis::new(Nvar { delays: 2, stride: 2, order: 3 }, 1, 1).unwrap();
        let mut out = vec![0.0; basis.width()];
        basis.write(&[99.0, 2.0, 7.0, 3.0], &[0.5], &mut out);
        // Now 3, two steps ago 2.
        assert_eq!(out, [1.0, 3.0, 2.0, 9.0, 6.0, 4.0, 27.0, 18.0, 12.0, 8.0, 0.5]);
        assert_eq!(basis.memory(), 3);
    }

    #[test]
    fn width_is_that_of_the_lorenz_example_and_a_bias() {
        // Gauthier et al. 2021: 3 inputs, 2 delays, quadratic: 6 linear and 21 products.
        assert_eq!(Basis::new(Nvar { delays: 2, stride: 1, order: 2 }, 3, 0).unwrap().width(), 28);
    }
}
