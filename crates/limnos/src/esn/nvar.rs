//! Nonlinear vector autoregression: products of delayed inputs as features (Gauthier, Bollt, Griffith, Barbosa, "Next generation reservoir
//! computing", Nature Communications 12:5564, 2021).

use std::collections::VecDeque;

use crate::Result;
use crate::error::argument;

/// Delayed inputs and their products, read beside the states.
///
/// With `d` inputs the linear part holds the inputs of this step and of `delays - 1` earlier ones, `stride` steps apart: `m = d * delays` numbers. To
/// these come all products of 2, of 3, … of `order` of them, each combination once (with repetition). Delayed inputs before the start of a sequence are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Nvar {
    /// Inputs of how many steps are read, this one included; 1 or more.
    pub delays: usize,
    /// Steps between them, 1 or more.
    pub stride: usize,
    /// Largest number of factors of a product: 1 is linear.
    pub order: usize,
}

impl Default for Nvar {
    /// Two delays, one step apart, with all products of two.
    fn default() -> Self {
        Self { delays: 2, stride: 1, order: 2 }
    }
}

/// More features than this are taken for a mistake.
const MOST: usize = 1 << 20;

impl Nvar {
    pub(crate) fn check(&self) -> Result<()> {
        for (name, value) in [("delays", self.delays), ("stride", self.stride), ("order", self.order)] {
            if value == 0 {
                return Err(argument(name, 0, "1 or more"));
            }
        }
        Ok(())
    }

    /// Number of features of `inputs` inputs.
    ///
    /// # Errors
    /// More than 2^20 features.
    pub fn features(&self, inputs: usize) -> Result<usize> {
        // Combinations with repetition of k out of m: C(m + k - 1, k).
        let m = inputs.saturating_mul(self.delays) as u128;
        let (mut all, mut of_order) = (0_u128, 1_u128);
        for k in 1..=self.order as u128 {
            of_order = of_order.saturating_mul(m + k - 1) / k;
            all = all.saturating_add(of_order);
            if all > MOST as u128 {
                let found = format!("{} delays and order {} of {inputs} inputs", self.delays, self.order);
                return Err(argument(
                    "nvar",
                    found,
                    format!("at most {MOST} features; take fewer delays or a lower order"),
                ));
            }
        }
        Ok(all as usize)
    }

    /// Steps whose inputs must be known.
    pub(crate) const fn memory(&self) -> usize {
        (self.delays - 1).saturating_mul(self.stride) + 1
    }
}

/// The last inputs of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct History {
    nvar: Nvar,
    inputs: usize,
    /// Newest first.
    rows: VecDeque<Vec<f64>>,
    /// The linear part, to be multiplied.
    linear: Vec<f64>,
}

impl History {
    pub(super) fn new(nvar: Nvar, inputs: usize) -> Self {
        Self { nvar, inputs, rows: VecDeque::new(), linear: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
    }

    /// Newest first.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.rows.iter().map(Vec::as_slice)
    }

    /// Takes the inputs of the next step.
    pub(super) fn push(&mut self, row: &[f64]) {
        if self.rows.len() == self.nvar.memory() {
            self.rows.pop_back();
        }
        self.rows.push_front(row.to_vec());
    }

    /// Appends the features of the present step.
    pub(super) fn write(&mut self, out: &mut Vec<f64>) {
        self.linear.clear();
        for delay in 0..self.nvar.delays {
            match self.rows.get(delay * self.nvar.stride) {
                Some(row) => self.linear.extend_from_slice(row),
                None => self.linear.extend(std::iter::repeat_n(0.0, self.inputs)),
            }
        }
        out.extend_from_slice(&self.linear);
        for order in 2..=self.nvar.order {
            products(&self.linear, order, 0, 1.0, out);
        }
    }
}

/// All products of `factors` of the numbers from `first` on, times `product`.
fn products(numbers: &[f64], factors: usize, first: usize, product: f64, out: &mut Vec<f64>) {
    if factors == 0 {
        out.push(product);
        return;
    }
    for (k, number) in numbers.iter().enumerate().skip(first) {
        products(numbers, factors - 1, k, product * number, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_of_the_lorenz_example() {
        // Gauthier et al. 2021: 3 inputs, 2 delays, quadratic: 6 linear and 21 products.
        assert_eq!(Nvar::default().features(3).unwrap(), 27);
        assert_eq!(Nvar { delays: 2, stride: 1, order: 3 }.features(1).unwrap(), 2 + 3 + 4);
        assert!(Nvar { delays: 100, stride: 1, order: 6 }.features(3).is_err());
    }

    #[test]
    fn products_come_once_each_after_the_linear_part() {
        let mut history = History::new(Nvar { delays: 2, stride: 2, order: 3 }, 1);
        let mut out = Vec::new();
        for x in [2.0, 7.0, 3.0] {
            history.push(&[x]);
            out.clear();
            history.write(&mut out);
        }
        // Now 3, two steps ago 2: 3 2 | 9 6 4 | 27 18 12 8.
        assert_eq!(out, [3.0, 2.0, 9.0, 6.0, 4.0, 27.0, 18.0, 12.0, 8.0]);
        history.clear();
        history.push(&[5.0]);
        out.clear();
        history.write(&mut out);
        assert_eq!(out[..5], [5.0, 0.0, 25.0, 0.0, 0.0]);
    }
}
