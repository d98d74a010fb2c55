//! The forecasts that the authors of dysts published.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::Array2;
use serde::Deserialize;

use crate::Result;
use crate::error::json;
use crate::read::json::read_json;
use crate::sets::row::Row;

/// A published forecast of the last sixth of a test trajectory.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PublishedForecast {
    /// The system.
    pub name: String,
    /// The score that is stored with it.
    pub smape: f64,
    /// What was forecast, steps x dimensions.
    pub predicted: Array2<f64>,
    /// What came.
    pub target: Array2<f64>,
}

/// Reads a file of published forecasts (`results_*.json`, plain or gzip), in the order of names.
///
/// # Errors
/// If the file cannot be read or is not of that content, or if a forecast has rows of different length or another shape than its target.
pub fn read_published_forecasts(path: impl AsRef<Path>) -> Result<Vec<PublishedForecast>> {
    let (path, content) = (path.as_ref(), "an object of systems, each with `smape`, `traj_pred` and `traj_true`");
    let systems: BTreeMap<String, Stored> = read_json(path, content)?;
    systems.into_iter().map(|(name, stored)| stored.checked(path, name)).collect()
}

#[derive(Deserialize)]
struct Stored {
    smape: f64,
    traj_pred: Vec<Row>,
    traj_true: Vec<Row>,
}

impl Stored {
    fn checked(self, path: &Path, name: String) -> Result<PublishedForecast> {
        let table = |rows: Vec<Row>| {
            let (steps, columns) = (rows.len(), rows.first().map_or(0, |row| row.0.len()));
            let values = rows.into_iter().flat_map(|row| row.0).collect();
            Array2::from_shape_vec((steps, columns), values).ok()
        };
        let shapes = |found: &str| json(path, format!("{name} has {found}"), "as many dimensions in each step of both");
        let predicted = table(self.traj_pred).ok_or_else(|| shapes("forecast rows of different length"))?;
        let target = table(self.traj_true).ok_or_else(|| shapes("true rows of different length"))?;
        if predicted.dim() != target.dim() {
            return Err(shapes("a forecast of another shape than the truth"));
        }
        Ok(PublishedForecast { name, smape: self.smape, predicted, target })
    }
}
