//! Centring and scaling of features by what has been seen of them so far.

use ndarray::{Array1, Array2, ArrayRef2};

use super::super::{Feature, ReadoutError, Standardizer, data, linear::Linear};
use super::{OnlineReadout, check_sample};

/// Mean and standard deviation of each feature, a sample at a time (Welford 1962): what
/// [`Standardizer::fit`](crate::readout::Standardizer::fit) finds in all of them at once, up to rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct OnlineStandardizer {
    samples: u64,
    mean: Vec<f64>,
    /// Sum of squared deviations from the mean.
    squares: Vec<f64>,
    scale: bool,
}

impl OnlineStandardizer {
    /// Of no samples: changes nothing. `scale`: whether features are divided by their standard deviation, or only centred.
    ///
    /// # Errors
    /// No features.
    pub fn new(features: usize, scale: bool) -> Result<Self, ReadoutError> {
        if features == 0 {
            return Err(ReadoutError::Empty { argument: "x", rows: 0, columns: 0 });
        }
        Ok(Self { samples: 0, mean: vec![0.0; features], squares: vec![0.0; features], scale })
    }

    /// Number of features.
    #[must_use]
    pub fn features(&self) -> usize {
        self.mean.len()
    }

    /// Samples seen.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Takes one sample into account.
    ///
    /// # Errors
    /// Another number of features, an element that is not finite.
    pub fn update(&mut self, x: &[f64]) -> Result<(), ReadoutError> {
        check_sample("x", x, self.features())?;
        self.push(x);
        Ok(())
    }

    /// Takes the rows of `x` (samples x features) into account.
    ///
    /// # Errors
    /// As [`Self::update`], and an empty `x`; nothing is taken into account then.
    pub fn partial_fit<F: Feature>(&mut self, x: &ArrayRef2<F>) -> Result<(), ReadoutError> {
        data::check_features(x, self.features())?;
        x.outer_iter().for_each(|row| self.push(&row.map(|value| value.to_f64()).to_vec()));
        Ok(())
    }

    fn push(&mut self, x: &[f64]) {
        self.samples += 1;
        let n = self.samples as f64;
        for ((x, mean), squares) in x.iter().zip(&mut self.mean).zip(&mut self.squares) {
            let before = x - *mean;
            *mean += before / n;
            *squares += before * (x - *mean);
        }
    }

    /// As it is now, to be kept; a feature that never changed is divided by one.
    #[must_use]
    pub fn standardizer(&self) -> Standardizer {
        let sd = |squares: &f64| if self.scale && self.samples > 0 { self.sd(*squares) } else { 1.0 };
        Standardizer::from_moments(self.mean.clone(), self.squares.iter().map(sd).collect())
    }

    fn sd(&self, squares: f64) -> f64 {
        (squares / self.samples as f64).sqrt()
    }

    /// One sample, standardised by what is known now.
    ///
    /// # Errors
    /// Slices of other lengths than features, an element that is not finite.
    pub fn transform_into(&self, x: &[f64], out: &mut [f64]) -> Result<(), ReadoutError> {
        check_sample("x", x, self.features())?;
        super::check_length(out, self.features())?;
        for (((out, x), mean), squares) in out.iter_mut().zip(x).zip(&self.mean).zip(&self.squares) {
            let sd = self.sd(*squares);
            *out = if self.scale && sd > 0.0 { (x - mean) / sd } else { x - mean };
        }
        Ok(())
    }
}

/// An online readout of features that are centred (and scaled) as they come.
///
/// Each sample learned is first taken into the mean and standard deviation, then standardised by them. While these move,
/// so does the meaning of the weights; they settle as one over the number of samples, and [`Self::freeze`] stops them (after
/// a warm-up of [`Self::measure`], say). [`OnlineReadout::weights`] and [`OnlineReadout::bias`] are always for raw features.
#[derive(Clone, Debug)]
pub struct Standardized<R> {
    readout: R,
    statistics: OnlineStandardizer,
    frozen: bool,
    buffer: Vec<f64>,
}

impl<R: OnlineReadout> Standardized<R> {
    /// `scale`: whether features are divided by their standard deviation, or only centred. The readout should have a bias.
    ///
    /// # Errors
    /// None for a readout that has features.
    pub fn new(readout: R, scale: bool) -> Result<Self, ReadoutError> {
        let statistics = OnlineStandardizer::new(readout.features(), scale)?;
        Ok(Self { buffer: vec![0.0; readout.features()], readout, statistics, frozen: false })
    }

    /// Takes a sample into the mean and standard deviation without learning from it.
    ///
    /// # Errors
    /// Another number of features, an element that is not finite.
    pub fn measure(&mut self, x: &[f64]) -> Result<(), ReadoutError> {
        self.statistics.update(x)
    }

    /// From here on mean and standard deviation stay as they are.
    pub fn freeze(&mut self) {
        self.frozen = true;
    }

    /// Mean and standard deviation so far.
    #[must_use]
    pub fn statistics(&self) -> &OnlineStandardizer {
        &self.statistics
    }

    /// The readout of standardised features.
    #[must_use]
    pub fn readout(&self) -> &R {
        &self.readout
    }

    fn linear(&self) -> Linear {
        Linear::from_standardized(self.readout.weights(), self.readout.bias(), &self.statistics.standardizer())
    }

    fn learn(&mut self, x: &[f64], y: &[f64]) -> Result<(), ReadoutError> {
        if !self.frozen {
            self.statistics.push(x);
        }
        self.statistics.transform_into(x, &mut self.buffer)?;
        self.readout.update(&self.buffer, y)
    }
}

impl<R: OnlineReadout> OnlineReadout for Standardized<R> {
    fn features(&self) -> usize {
        self.readout.features()
    }

    fn outputs(&self) -> usize {
        self.readout.outputs()
    }

    fn samples(&self) -> u64 {
        self.readout.samples()
    }

    fn weights(&self) -> Array2<f64> {
        self.linear().weights
    }

    fn bias(&self) -> Array1<f64> {
        self.linear().bias
    }

    fn predict_into(&self, x: &[f64], out: &mut [f64]) -> Result<(), ReadoutError> {
        let mut scaled = vec![0.0; self.features()];
        self.statistics.transform_into(x, &mut scaled)?;
        self.readout.predict_into(&scaled, out)
    }

    fn update(&mut self, x: &[f64], y: &[f64]) -> Result<(), ReadoutError> {
        check_sample("x", x, self.features())?;
        check_sample("y", y, self.outputs())?;
        self.learn(x, y)
    }

    fn update_all(&mut self, x: &ArrayRef2<f64>, y: &ArrayRef2<f64>) -> Result<(), ReadoutError> {
        for (x, y) in x.outer_iter().zip(y.outer_iter()) {
            self.learn(&x.to_vec(), &y.to_vec())?;
        }
        Ok(())
    }

    /// Forgets all samples, the mean and the standard deviation too.
    fn reset(&mut self) {
        self.readout.reset();
        self.statistics.samples = 0;
        self.statistics.mean.fill(0.0);
        self.statistics.squares.fill(0.0);
        self.frozen = false;
    }
}
