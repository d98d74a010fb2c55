//! Pictures to probabilities.

use ndarray::{Array2, ArrayView2};

use crate::Result;
use crate::error::argument;

/// From pixels to the probability of an event in a step: each picture is divided by the sum of its pixels, so that all pictures have
/// the same number of events, then by the largest value in the set the code was fitted to.
///
/// The published code fits one code to training and validation pictures and another to the test pictures, which makes the test
/// input of MNIST a tenth stronger. A code of the training pictures alone for all is the clean way.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct PixelCode {
    largest: f64,
}

impl PixelCode {
    /// Takes the scale of these pictures (samples x pixels, not negative).
    ///
    /// # Errors
    /// A pixel that is negative or not finite; pictures that are all blank.
    pub fn fit(pictures: ArrayView2<'_, f32>) -> Result<Self> {
        check(pictures)?;
        let of_row = |row: ndarray::ArrayView1<'_, f32>| {
            let sum: f64 = row.iter().map(|&x| f64::from(x)).sum();
            row.iter().map(|&x| f64::from(x)).fold(0.0, f64::max) / sum
        };
        // A blank picture gives NaN, which `max` passes over.
        let largest = pictures.outer_iter().map(of_row).fold(0.0, f64::max);
        if largest > 0.0 {
            return Ok(Self { largest });
        }
        Err(argument("pictures", format!("{} blank ones", pictures.nrows()), "at least one with a pixel above 0"))
    }

    /// Probabilities, samples x pixels. A blank picture has none, and a pixel brighter than all that the code was fitted to has 1.
    ///
    /// # Errors
    /// A pixel that is negative or not finite.
    pub fn probabilities(&self, pictures: ArrayView2<'_, f32>) -> Result<Array2<f32>> {
        check(pictures)?;
        let mut out = pictures.to_owned();
        for mut row in out.outer_iter_mut() {
            let sum: f64 = row.iter().map(|&x| f64::from(x)).sum();
            let gain = if sum > 0.0 { 1.0 / (sum * self.largest) } else { 0.0 };
            row.mapv_inplace(|x| (f64::from(x) * gain).min(1.0) as f32);
        }
        Ok(out)
    }

    /// Mean number of events of a picture in a step: 19.95 for the training pictures of MNIST.
    #[must_use]
    pub fn events_per_step(&self) -> f64 {
        1.0 / self.largest
    }
}

fn check(pictures: ArrayView2<'_, f32>) -> Result<()> {
    match pictures.indexed_iter().find(|(_, x)| !(0.0..=f32::MAX).contains(*x)) {
        Some(((sample, pixel), x)) => {
            Err(argument("pictures", format!("{x} at sample {sample}, pixel {pixel}"), "finite and not negative"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn pictures_have_equal_sums_and_the_largest_is_one() {
        let pictures = array![[1.0, 3.0], [5.0, 5.0], [0.0, 0.0]];
        let code = PixelCode::fit(pictures.view()).unwrap();
        let p = code.probabilities(pictures.view()).unwrap();
        assert_eq!(p, array![[1.0 / 3.0, 1.0], [2.0 / 3.0, 2.0 / 3.0], [0.0, 0.0]]);
        assert!((code.events_per_step() - 4.0 / 3.0).abs() < 1e-12);
        let brighter = code.probabilities(array![[0.0, 9.0]].view()).unwrap();
        assert_eq!(brighter, array![[0.0, 1.0]], "beyond the fitted scale a pixel is certain");
    }

    #[test]
    fn bad_pictures_are_refused() {
        for (pictures, says) in
            [(array![[0.0f32, -1.0]], "-1"), (array![[f32::NAN, 1.0]], "NaN"), (array![[0.0, 0.0]], "blank")]
        {
            let error = PixelCode::fit(pictures.view()).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
