//! What can go wrong in a readout, said with the place, the value and the way out.

/// An error of a readout.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadoutError {
    /// An array has no rows, or no columns.
    #[error("`{argument}` is {rows} x {columns}; at least one row and one column are needed")]
    Empty {
        /// Which argument.
        argument: &'static str,
        /// Its rows.
        rows: usize,
        /// Its columns.
        columns: usize,
    },
    /// An element is NaN or infinite.
    #[error(
        "`{argument}` holds {value} at row {row}, column {column}; only finite numbers are allowed: look for a division by zero or an overflow where it was made"
    )]
    NotFinite {
        /// Which argument.
        argument: &'static str,
        /// Row of the first such element, in row-major order.
        row: usize,
        /// Its column.
        column: usize,
        /// NaN, inf or -inf, as text so that errors can be compared.
        value: String,
    },
    /// `x` and `y` (or the labels) do not have the same number of rows.
    #[error("`x` has {x} samples (rows) but `{argument}` has {other}; each sample needs its target")]
    SampleMismatch {
        /// The other argument: `y` or `labels`.
        argument: &'static str,
        /// Rows of `x`.
        x: usize,
        /// Rows of the other.
        other: usize,
    },
    /// The number of columns of `x` is not the number of features that was fitted.
    #[error(
        "`x` has {found} features (columns), the readout was made for {expected}; give it the states it was fitted on"
    )]
    FeatureMismatch {
        /// Features of the readout.
        expected: usize,
        /// Columns of `x`.
        found: usize,
    },
    /// The number of columns of `y` is not the number of outputs.
    #[error("`y` has {found} outputs (columns), the readout has {expected}")]
    OutputMismatch {
        /// Outputs of the readout.
        expected: usize,
        /// Columns of `y`.
        found: usize,
    },
    /// All labels are the same.
    #[error("all {samples} labels are class {class}; a classifier needs samples of at least two classes")]
    OneClass {
        /// The only class.
        class: usize,
        /// Number of samples.
        samples: usize,
    },
    /// A label is not below the number of classes.
    #[error("label {label} at row {row} is not one of the {classes} classes; labels run from 0 to {}", classes.saturating_sub(1))]
    LabelOutOfRange {
        /// Row of the first such label.
        row: usize,
        /// The label.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A setting is outside its range.
    #[error("`{name}` is {value}; it must be {allowed}")]
    Setting {
        /// The field, with its index where it is one of many.
        name: String,
        /// Its value, as text so that errors can be compared.
        value: String,
        /// The allowed range.
        allowed: &'static str,
    },
    /// The grid of a search for alpha is empty.
    #[error("the grid of `{criterion}` is empty; give at least one alpha, for example 1e-6 to 1e2 by powers of ten")]
    EmptyGrid {
        /// Name of the variant of `Alpha`.
        criterion: &'static str,
    },
    /// Some criteria for alpha need each sample, and an accumulator keeps only sums.
    #[error(
        "{criterion} needs every sample again and an accumulator keeps only their Gram matrix; use `Alpha::GeneralizedCv` (which needs the Gram matrix alone), `Alpha::Given`, or `Ridge::fit`"
    )]
    NeedsSamples {
        /// The criterion, in words.
        criterion: &'static str,
    },
    /// No alpha of the grid leaves an error that can be computed.
    #[error(
        "no alpha of the grid can be judged: with each of them a sample is fitted exactly whatever its target; add larger alphas (largest tried: {largest:?})"
    )]
    NoUsableAlpha {
        /// The largest alpha of the grid.
        largest: f64,
    },
    /// The sums of a piece are not those of its samples.
    #[error("`sums` says that there are {found} samples, `samples` says {samples}; the last entry is the sum of ones")]
    SumsMismatch {
        /// The argument `samples`.
        samples: usize,
        /// The last entry of `sums`, as text so that errors can be compared.
        found: String,
    },
    /// Two accumulators that are to be added are not of the same shape.
    #[error("the other accumulator has {found:?} (features, outputs), this one {expected:?}")]
    AccumulatorMismatch {
        /// Features and outputs of the one that is added to.
        expected: (usize, usize),
        /// Features and outputs of the one to be added.
        found: (usize, usize),
    },
    /// A slice has the wrong length.
    #[error("`{argument}` has {found} elements where {expected} are needed")]
    Length {
        /// Which argument.
        argument: &'static str,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
    },
    /// A readout that learns online has left the range of numbers.
    #[error(
        "{readout} diverged at sample {samples}: its weights or outputs are not finite; {advice}; `reset` starts anew"
    )]
    Diverged {
        /// Which readout.
        readout: &'static str,
        /// Samples learned when it was noticed.
        samples: u64,
        /// What to change.
        advice: &'static str,
    },
    /// The normal equations are singular.
    #[error(
        "the normal equations are singular at {pivot} with alpha = {alpha:?}: it is a combination of others up to rounding; raise alpha (1e-8 times the feature's sum of squares, {scale:e}, is a start) or remove it"
    )]
    Singular {
        /// The row of the system that has nothing of its own.
        pivot: Pivot,
        /// The alpha in use.
        alpha: f64,
        /// The diagonal entry of that row: sum of squares of that feature or sample.
        scale: f64,
    },
    /// The sums of squares are not finite.
    #[error("the sum of squares of {column} overflows f64; scale it down (largest allowed magnitude is about 1e150)")]
    Overflow {
        /// Which column, in words.
        column: String,
    },
    /// The eigenvalue iteration did not converge.
    #[error("the eigenvalues of the {size} x {size} Gram matrix did not converge; use `Alpha::Given`")]
    Eigenvalues {
        /// Size of the matrix.
        size: usize,
    },
    /// The optimiser stopped before its tolerance.
    #[error(
        "the softmax stopped after {iterations} iterations with a gradient of {gradient:e}, above the tolerance {tolerance:e}; raise `max_iterations`, `l2` or `tolerance`, or set `standardize`"
    )]
    NotConverged {
        /// Iterations done.
        iterations: usize,
        /// Largest absolute entry of the gradient of the mean objective.
        gradient: f64,
        /// What was asked for.
        tolerance: f64,
    },
    /// Weights and bias given to `from_parts` do not belong together.
    #[error("`{argument}` has {found} entries where {expected} are needed by the {features} x {outputs} weights")]
    Parts {
        /// Which argument.
        argument: &'static str,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
        /// Rows of the weights.
        features: usize,
        /// Columns of the weights.
        outputs: usize,
    },
}

/// The row of a singular system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pivot {
    /// A feature: a column of `x` (primal form).
    Feature(usize),
    /// A sample: a row of `x` (dual form, fewer samples than features).
    Sample(usize),
}

impl std::fmt::Display for Pivot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Feature(index) => write!(f, "feature {index}"),
            Self::Sample(index) => write!(f, "sample {index}"),
        }
    }
}

impl ReadoutError {
    /// A setting outside its range.
    pub(super) fn setting(name: impl Into<String>, value: impl std::fmt::Debug, allowed: &'static str) -> Self {
        Self::Setting { name: name.into(), value: format!("{value:?}"), allowed }
    }
}
