//! Centring and scaling of features.

use ndarray::{Array2, ArrayRef2, ArrayView1};

use super::{Feature, ReadoutError, columns, data};

/// Centres features on their mean and divides them by their standard deviation (with divisor n), as scikit-learn's
/// `StandardScaler`.
///
/// A feature of zero variance is centred and divided by one: it becomes zero, and a readout gives it no weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardizer {
    mean: Vec<f64>,
    sd: Vec<f64>,
    gain: Vec<f64>,
}

impl Standardizer {
    /// Measures mean and standard deviation of the columns of `x` (samples x features).
    ///
    /// # Errors
    /// An empty `x`, or one with an element that is not finite, or whose squares overflow.
    pub fn fit<F: Feature>(x: &ArrayRef2<F>) -> Result<Self, ReadoutError> {
        data::check_matrix("x", x)?;
        let n = x.nrows();
        let mean: Vec<f64> = columns::describe(x).iter().map(|column| column.mean(n)).collect();
        let sums = columns::squared_deviations(x, &mean);
        if let Some(index) = sums.iter().position(|sum| !sum.is_finite()) {
            return Err(ReadoutError::Overflow { column: format!("feature {index}") });
        }
        let sd = sums.iter().map(|sum| (sum / n as f64).sqrt()).collect();
        Ok(Self::from_moments(mean, sd))
    }

    /// The standardizer that changes nothing.
    #[must_use]
    pub fn identity(features: usize) -> Self {
        Self::from_moments(vec![0.0; features], vec![1.0; features])
    }

    /// From means and standard deviations, such as those of a saved readout.
    ///
    /// # Errors
    /// Different lengths, a value that is not finite, a negative standard deviation.
    pub fn from_parts(mean: Vec<f64>, sd: Vec<f64>) -> Result<Self, ReadoutError> {
        if mean.len() != sd.len() {
            return Err(ReadoutError::FeatureMismatch { expected: mean.len(), found: sd.len() });
        }
        check_each("mean", &mean, "finite", |value| value.is_finite())?;
        check_each("sd", &sd, "finite and not negative", |value| value.is_finite() && value >= 0.0)?;
        Ok(Self::from_moments(mean, sd))
    }

    pub(super) fn from_moments(mean: Vec<f64>, sd: Vec<f64>) -> Self {
        let gain = sd.iter().map(|&sd| if sd > 0.0 { sd.recip() } else { 1.0 }).collect();
        Self { mean, sd, gain }
    }

    /// Mean of each feature.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Standard deviation of each feature, with divisor n; zero for a constant one.
    #[must_use]
    pub fn sd(&self) -> &[f64] {
        &self.sd
    }

    /// What centred features are multiplied by: 1 / sd, or one where sd is zero.
    pub(super) fn gain(&self) -> &[f64] {
        &self.gain
    }

    /// Number of features.
    #[must_use]
    pub fn features(&self) -> usize {
        self.mean.len()
    }

    /// The standardised features.
    ///
    /// # Errors
    /// Another number of features than fitted, an empty `x`, an element that is not finite.
    pub fn transform<F: Feature>(&self, x: &ArrayRef2<F>) -> Result<Array2<f64>, ReadoutError> {
        data::check_features(x, self.features())?;
        let mut out = Array2::zeros(x.dim());
        for (row, mut out) in x.outer_iter().zip(out.outer_iter_mut()) {
            self.row_into(row, out.as_slice_mut().expect("a new array's rows should be contiguous"));
        }
        Ok(out)
    }

    /// One sample, standardised.
    #[inline]
    pub(super) fn row_into<F: Feature>(&self, row: ArrayView1<'_, F>, out: &mut [f64]) {
        match row.as_slice() {
            Some(row) => self.apply(row.iter(), out),
            None => self.apply(row.iter(), out),
        }
    }

    #[inline]
    fn apply<'a, F: Feature>(&self, row: impl Iterator<Item = &'a F>, out: &mut [f64]) {
        for (((out, value), mean), gain) in out.iter_mut().zip(row).zip(&self.mean).zip(&self.gain) {
            *out = (value.to_f64() - mean) * gain;
        }
    }
}

fn check_each(name: &str, values: &[f64], allowed: &'static str, ok: impl Fn(f64) -> bool) -> Result<(), ReadoutError> {
    match values.iter().position(|&value| !ok(value)) {
        Some(index) => Err(ReadoutError::setting(format!("{name}[{index}]"), values[index], allowed)),
        None => Ok(()),
    }
}
