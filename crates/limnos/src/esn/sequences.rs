//! Sequences as a user has them.

use ndarray::{Array2, ArrayBase, ArrayView2, Data, Ix2};

use crate::Result;
use crate::error::argument;

/// One or several sequences, each a matrix of steps x channels; lengths may differ. Made by `into` from references to a matrix or to a slice of them.
#[derive(Clone, Debug)]
pub struct Sequences<'a>(pub(super) Vec<ArrayView2<'a, f64>>);

impl<'a, S: Data<Elem = f64>> From<&'a ArrayBase<S, Ix2>> for Sequences<'a> {
    fn from(sequence: &'a ArrayBase<S, Ix2>) -> Self {
        Self(vec![sequence.view()])
    }
}

impl<'a> From<ArrayView2<'a, f64>> for Sequences<'a> {
    fn from(sequence: ArrayView2<'a, f64>) -> Self {
        Self(vec![sequence])
    }
}

impl<'a> From<&'a [Array2<f64>]> for Sequences<'a> {
    fn from(sequences: &'a [Array2<f64>]) -> Self {
        Self(sequences.iter().map(|sequence| sequence.view()).collect())
    }
}

impl<'a> From<&'a Vec<Array2<f64>>> for Sequences<'a> {
    fn from(sequences: &'a Vec<Array2<f64>>) -> Self {
        sequences.as_slice().into()
    }
}

impl<'a, const N: usize> From<&'a [Array2<f64>; N]> for Sequences<'a> {
    fn from(sequences: &'a [Array2<f64>; N]) -> Self {
        sequences.as_slice().into()
    }
}

impl<'a> From<Vec<ArrayView2<'a, f64>>> for Sequences<'a> {
    fn from(sequences: Vec<ArrayView2<'a, f64>>) -> Self {
        Self(sequences)
    }
}

impl Sequences<'_> {
    /// Number of channels, the same in all; refuses none, empty sequences and numbers that are not finite.
    pub(super) fn channels(&self, name: &'static str) -> Result<usize> {
        let Some(first) = self.0.first() else {
            return Err(argument(name, "empty", "at least one sequence"));
        };
        let channels = first.ncols();
        for (k, sequence) in self.0.iter().enumerate() {
            if sequence.nrows() == 0 {
                return Err(argument(name, format!("sequence {k} of no steps"), "sequences of at least one step"));
            }
            if sequence.ncols() != channels {
                let found = format!("sequence {k} of {} channels", sequence.ncols());
                return Err(argument(name, found, format!("{channels} channels, as in the first sequence")));
            }
            if let Some(((row, column), value)) = sequence.indexed_iter().find(|(_, value)| !value.is_finite()) {
                let found = format!("{value} in sequence {k}, step {row}, channel {column}");
                return Err(argument(name, found, "finite numbers"));
            }
        }
        Ok(channels)
    }

    /// Refuses sequences of other numbers of steps than those of the inputs.
    pub(super) fn check_lengths(&self, name: &'static str, inputs: &Sequences<'_>) -> Result<()> {
        if self.0.len() != inputs.0.len() {
            let found = format!("{} sequences", self.0.len());
            return Err(argument(name, found, format!("one for each of the {} of `x`", inputs.0.len())));
        }
        let mut both = self.0.iter().zip(&inputs.0).enumerate();
        match both.find(|(_, (own, x))| own.nrows() != x.nrows()) {
            Some((k, (own, x))) => {
                let found = format!("sequence {k} of {} steps", own.nrows());
                Err(argument(name, found, format!("the {} steps of its inputs", x.nrows())))
            }
            None => Ok(()),
        }
    }

    /// Steps of all sequences.
    pub(super) fn steps(&self) -> usize {
        self.0.iter().map(|sequence| sequence.nrows()).sum()
    }
}
