//! What goes into a readout: features of several number types, targets of one or more outputs, labels; and their
//! checks.

use ndarray::{Array2, ArrayBase, ArrayRef2, ArrayView1, ArrayView2, Axis, CowArray, Data, Ix1, Ix2};

use super::ReadoutError;

/// A number type that features may have: spike counts need no copy as floats, traces may stay f32.
///
/// All arithmetic of the readouts is f64; each listed type converts to it exactly.
pub trait Feature: Copy + Send + Sync + 'static {
    /// The same number as f64.
    fn to_f64(self) -> f64;

    /// A matrix of such numbers as f64, without a copy where it is f64 already.
    fn to_f64s(values: ArrayView2<'_, Self>) -> CowArray<'_, f64, Ix2> {
        values.map(|value| value.to_f64()).into()
    }
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

    fn to_f64s(values: ArrayView2<'_, Self>) -> CowArray<'_, f64, Ix2> {
        values.into()
    }
}

/// Targets of a regression, of any [`Feature`] type: a vector (one output) or a matrix of samples x outputs.
pub trait Targets {
    /// As a matrix of samples x outputs; a view where they are f64 already.
    fn columns(&self) -> CowArray<'_, f64, Ix2>;
}

impl<F: Feature, S: Data<Elem = F>> Targets for ArrayBase<S, Ix1> {
    fn columns(&self) -> CowArray<'_, f64, Ix2> {
        F::to_f64s(self.view().insert_axis(Axis(1)))
    }
}

impl<F: Feature, S: Data<Elem = F>> Targets for ArrayBase<S, Ix2> {
    fn columns(&self) -> CowArray<'_, f64, Ix2> {
        F::to_f64s(self.view())
    }
}

impl<F: Feature> Targets for [F] {
    fn columns(&self) -> CowArray<'_, f64, Ix2> {
        F::to_f64s(ArrayView1::from(self).insert_axis(Axis(1)))
    }
}

impl<F: Feature> Targets for Vec<F> {
    fn columns(&self) -> CowArray<'_, f64, Ix2> {
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
        // Zero times a number is zero only where that is finite; the sum needs no branch an element.
        if values.iter().fold(true, |finite, value| finite & (value.to_f64() * 0.0 == 0.0)) {
            continue;
        }
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

/// Checks samples with their targets for a readout of known size.
pub(super) fn check_pair<F: Feature>(
    x: &ArrayRef2<F>,
    y: &ArrayRef2<f64>,
    features: usize,
    outputs: usize,
) -> Result<(), ReadoutError> {
    check_features(x, features)?;
    check_samples(x.nrows(), "y", y.nrows())?;
    if y.ncols() != outputs {
        return Err(ReadoutError::OutputMismatch { expected: outputs, found: y.ncols() });
    }
    check_matrix("y", y)
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
