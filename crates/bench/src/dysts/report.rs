//! The scores of a run of dysts as one JSON object, or as a table.

use serde::Serialize;

use super::{DystsProtocol, Family, Published, SystemScore, median};
use crate::report::COMMIT;

/// A run, as reported.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DystsReport {
    /// "dysts".
    pub workload: &'static str,
    /// "all", "echo" or "delays": which forecasters were tried.
    pub family: &'static str,
    /// Whether the last sixth of the training trajectories was scored, in place of that of the test trajectories.
    pub rehearsal: bool,
    /// Systems that were forecast.
    pub systems: usize,
    /// Median sMAPE over systems, 0 to 200.
    pub median_smape: f64,
    /// Mean sMAPE.
    pub mean_smape: f64,
    /// Median valid prediction time (error up to 0.4 of the target's spread), Lyapunov times.
    pub median_vpt: f64,
    /// Mean of the same.
    pub mean_vpt: f64,
    /// Median valid prediction time, periods, of which two are forecast.
    pub median_vpt_periods: f64,
    /// Part of the systems whose whole forecast was valid.
    pub whole: f64,
    /// Threads.
    pub threads: usize,
    /// Seconds of the whole run.
    pub wall_s: f64,
    /// CPU seconds of all threads.
    pub cpu_s: Option<f64>,
    /// Commit of the build; "+" at its end where files differed from it.
    pub commit: &'static str,
    /// Published models on the same systems, scored by the same code.
    pub published: Vec<Published>,
    /// System by system.
    pub scores: Vec<SystemScore>,
}

impl DystsReport {
    /// A report of a run.
    #[must_use]
    pub fn new(
        protocol: &DystsProtocol,
        scores: Vec<SystemScore>,
        published: Vec<Published>,
        run: (usize, f64),
    ) -> Self {
        let family = match protocol.family {
            Family::All => "all",
            Family::Echo => "echo",
            Family::Delays => "delays",
        };
        let mean = |of: fn(&SystemScore) -> f64| scores.iter().map(of).sum::<f64>() / scores.len() as f64;
        Self {
            workload: "dysts",
            family,
            rehearsal: protocol.rehearse,
            systems: scores.len(),
            median_smape: median(scores.iter().map(|s| s.smape)),
            mean_smape: mean(|s| s.smape),
            median_vpt: median(scores.iter().map(|s| s.vpt)),
            mean_vpt: mean(|s| s.vpt),
            median_vpt_periods: median(scores.iter().map(|s| s.vpt_periods)),
            whole: mean(|s| f64::from(u8::from(s.whole))),
            threads: run.0,
            wall_s: run.1,
            cpu_s: crate::process::cpu_seconds(),
            commit: COMMIT,
            published,
            scores,
        }
    }

    /// The same for people: a line for each system, then the summary beside the published models.
    #[must_use]
    pub fn table(&self) -> String {
        let mut lines =
            vec![format!("{:<26}{:>4}{:>8}{:>13}  best forecaster", "system", "dim", "sMAPE", "valid, lyap.")];
        for score in &self.scores {
            let more = if score.whole { "+" } else { " " };
            let chosen = score.chosen.first().map_or("", String::as_str);
            let (name, dimensions) = (&score.name, score.dimensions);
            lines.push(format!("{name:<26}{dimensions:>4}{:>8.2}{:>12.2}{more} {chosen}", score.smape, score.vpt));
        }
        let scored = if self.rehearsal { "limnos, rehearsal" } else { "limnos" };
        lines.push(format!(
            "\n{:<20}{:>14}{:>12}{:>20}{:>9}",
            "", "median sMAPE", "mean sMAPE", "median valid, lyap.", "systems"
        ));
        let mut row = |model: &str, [median, mean, vpt]: [f64; 3], systems: usize| {
            lines.push(format!("{model:<20}{median:>14.2}{mean:>12.2}{vpt:>20.2}{systems:>9}"));
        };
        row(scored, [self.median_smape, self.mean_smape, self.median_vpt], self.systems);
        self.published.iter().for_each(|p| row(p.model, [p.median_smape, p.mean_smape, p.median_vpt], p.systems));
        lines.push(format!("{:.0} s on {} threads", self.wall_s, self.threads));
        lines.join("\n")
    }
}
