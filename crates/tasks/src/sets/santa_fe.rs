//! The laser series of the Santa Fe competition.

use std::path::Path;

use crate::Result;
use crate::error::npy;
use crate::read::npy::read_npy;
use crate::sets::folder::{check_folder, find_files};

/// The name of the file.
const NAME: &str = "santafe_laser.npy";

/// The intensity of a far-infrared laser in a chaotic state, whole numbers of 0 to 255: set A of the Santa Fe
/// competition, 1000 values, and what followed, 9093; from a folder with `santafe_laser.npy`.
///
/// U. Huebner, N. B. Abraham, C. O. Weiss, Phys. Rev. A 40:6354, 1989; A. S. Weigend, N. A. Gershenfeld (editors),
/// "Time Series Prediction", Addison-Wesley 1994.
///
/// # Errors
/// If the file is missing or malformed, or if it is not a column of whole numbers of 0 to 255.
pub fn santa_fe_laser(folder: impl AsRef<Path>) -> Result<Vec<f64>> {
    let folder = folder.as_ref();
    check_folder(folder, &[NAME])?;
    let [path] = find_files(folder, [&[NAME.to_owned()]])?;
    let series = read_npy(&path)?.to_matrix()?;
    if series.ncols() != 1 || series.is_empty() {
        return Err(npy(&path, format!("{} x {} values", series.nrows(), series.ncols()), "one column of values"));
    }
    let fits = |x: &f64| (0.0..=255.0).contains(x) && x.fract() == 0.0;
    match series.iter().position(|x| !fits(x)) {
        Some(i) => Err(npy(&path, format!("{} at step {i}", series[[i, 0]]), "whole numbers of 0 to 255")),
        None => Ok(series.into_iter().collect()),
    }
}
