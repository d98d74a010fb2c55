//! What goes into a readout: features of several number types, targets of one or more outputs, labels; and their
//! checks.

use ndarray::{Array2, ArrayBase, ArrayRef2, ArrayView1, ArrayView2, Axis, Data, Ix1, Ix2};

use super::ReadoutError;

/// A number type that features may have: spike counts need no copy as floats, traces may stay f32.
///
/// All arithmetic of the readouts is f64; each listed type converts to it exactly.
pub trait Feature: Copy + Send + Sync + 'static {
    /// The same number as f64.
    fn to_f64(self) -> f64;
}

macro_rules! features {
    ($($number:ty),*) => {$(
        impl Feature for $number {
            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
        }
    )*};
}

features!(f32, u8, u16, u32, i32);

impl Feature for f64 {
    #[inline]
    fn to_f64(self) -> f64 {
        self
    }
}

/// Targets of a regression: a vector (one output) or a matrix of samples x outputs.
pub trait Targets {
    /// As a matrix of samples x outputs.
    fn columns(&self) -> ArrayView2<'_, f64>;
}

impl<S: Data<Elem = f64>> Targets for ArrayBase<S, Ix1> {
    fn columns(&self) -> ArrayView2<'_, f64> {
        self.view().insert_axis(Axis(1))
    }
}

impl<S: Data<Elem = f64>> Targets for ArrayBase<S, Ix2> {
    fn columns(&self) -> ArrayView2<'_, f64> {
        self.view()
    }
}

impl Targets for [f64] {
    fn columns(&self) -> ArrayView2<'_, f64> {
        ArrayView1::from(self).insert_axis(Axis(1))
    }
}

impl Targets for Vec<f64> {
    fn columns(&self) -> ArrayView2<'_, f64> {
        self.as_slice().columns()
    }
}

/// Refuses an empty matrix and the first element that is not finite.
pub(super) fn check_matrix<F: Feature>(argument: &'static str, x: &ArrayRef2<F>) -> Result<(), ReadoutError> {
    let (rows, columns) = x.dim();
    if rows == 0 || columns == 0 {
        return Err(ReadoutError::Empty { argument, rows, columns });
    }
    for (row, values) in x.outer_iter().enumerate() {
        if let Some(column) = values.iter().position(|value| !value.to_f64().is_finite()) {
            let value = values[column].to_f64().to_string();
            return Err(ReadoutError::NotFinite { argument, row, column, value });
        }
    }
    Ok(())
}

/// Checks features that a readout of known size is to be used on.
pub(super) fn check_features<F: Feature>(x: &ArrayRef2<F>, expected: usize) -> Result<(), ReadoutError> {
    let found = x.ncols();
    if found != expected {
        return Err(ReadoutError::FeatureMismatch { expected, found });
    }
    check_matrix("x", x)
}

/// Checks that `x` and another argument have the same number of samples.
pub(super) fn check_samples(x: usize, argument: &'static str, other: usize) -> Result<(), ReadoutError> {
    if x == other { Ok(()) } else { Err(ReadoutError::SampleMismatch { argument, x, other }) }
}

/// Checks that labels lie below `classes`.
pub(super) fn check_labels(labels: &[usize], classes: usize) -> Result<(), ReadoutError> {
    match labels.iter().position(|&label| label >= classes) {
        Some(row) => Err(ReadoutError::LabelOutOfRange { row, label: labels[row], classes }),
        None => Ok(()),
    }
}

/// Number of classes of training labels: the largest plus one; at least two of them must occur.
pub(super) fn count_classes(labels: &[usize]) -> Result<usize, ReadoutError> {
    let (Some(&low), Some(&high)) = (labels.iter().min(), labels.iter().max()) else {
        return Err(ReadoutError::Empty { argument: "labels", rows: 0, columns: 1 });
    };
    if low == high {
        return Err(ReadoutError::OneClass { class: low, samples: labels.len() });
    }
    check_class_count(labels, high)?;
    Ok(high + 1)
}

/// A label beyond this is taken for a mistake (such as a time or an index), not for a class.
const MAX_CLASSES: usize = 1 << 20;

fn check_class_count(labels: &[usize], high: usize) -> Result<(), ReadoutError> {
    if high < MAX_CLASSES { Ok(()) } else { check_labels(labels, MAX_CLASSES) }
}

/// Targets of a classifier by regression: +1 for the sample's class, -1 for the others.
pub(super) fn one_hot(labels: &[usize], classes: usize) -> Array2<f64> {
    let mut targets = Array2::from_elem((labels.len(), classes), -1.0);
    for (mut row, &label) in targets.outer_iter_mut().zip(labels) {
        row[label] = 1.0;
    }
    targets
}

/// Index of the largest entry of each row; the first of equals.
pub(super) fn arg_max(scores: &Array2<f64>) -> Vec<usize> {
    scores.outer_iter().map(|row| (1..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best })).collect()
}
