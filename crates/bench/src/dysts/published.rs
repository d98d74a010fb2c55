//! The published forecasts of other models, scored by the same code.

use std::path::Path;

use limnos::tasks::{DystsSystem, read_published_forecasts};
use serde::Serialize;

use super::{Score, median};

/// The models, and the files in the folder `benchmarks` of the data that hold their forecasts.
const MODELS: [(&str, &str); 3] = [
    ("echo state network", "results_esn_multivariate.json.gz"),
    ("NVAR", "results_nvar_multivariate.json.gz"),
    ("neural ODE", "results_neural_ode_multivariate.json.gz"),
];

/// The scores of a published model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Published {
    /// The model.
    pub model: &'static str,
    /// Median sMAPE over systems, 0 to 200.
    pub median_smape: f64,
    /// Mean sMAPE.
    pub mean_smape: f64,
    /// Median valid prediction time, Lyapunov times.
    pub median_vpt: f64,
    /// Median valid prediction time, periods.
    pub median_vpt_periods: f64,
    /// Systems that were forecast.
    pub systems: usize,
}

/// The published models whose forecasts are in the folder, on these systems.
///
/// # Errors
/// Files that are malformed; forecasts of another shape than the systems have.
pub fn published(data: &Path, systems: &[DystsSystem]) -> anyhow::Result<Vec<Published>> {
    let mut all = Vec::new();
    for (model, file) in MODELS {
        let path = data.join("benchmarks").join(file);
        if path.is_file() {
            all.push(score(model, &path, systems)?);
        }
    }
    Ok(all)
}

fn score(model: &'static str, path: &Path, systems: &[DystsSystem]) -> anyhow::Result<Published> {
    let forecasts = read_published_forecasts(path)?;
    let mut scores = Vec::new();
    for system in systems {
        let Some(forecast) = forecasts.iter().find(|forecast| forecast.name == system.attractor.name) else { continue };
        let (dt, lyapunov) = (system.test.dt, system.attractor.maximum_lyapunov_estimated);
        scores.push(Score::of(forecast.predicted.view(), forecast.target.view(), dt, lyapunov)?);
    }
    Ok(Published {
        model,
        median_smape: median(scores.iter().map(|s| s.smape)),
        mean_smape: scores.iter().map(|s| s.smape).sum::<f64>() / scores.len() as f64,
        median_vpt: median(scores.iter().map(|s| s.lyapunov_times)),
        median_vpt_periods: median(scores.iter().map(|s| s.periods)),
        systems: scores.len(),
    })
}
