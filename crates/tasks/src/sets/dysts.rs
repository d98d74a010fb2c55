//! dysts: trajectories of chaotic systems with what is known of each.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::Array2;
use serde::Deserialize;

use crate::Result;
use crate::error::{json, mismatch};
use crate::read::json::read_json;
use crate::sets::folder::{check_folder, find_files};
use crate::sets::row::Row;

/// The file with what is known of the systems.
const ATTRACTORS: &str = "chaotic_attractors.json";

/// What a file of trajectories should hold, for errors.
const TRAJECTORIES: &str = "an object of systems, each with `time`, `dt` and `values`";

/// A stretch of a trajectory.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// The system.
    pub name: String,
    /// Time between samples, in the system's unit.
    pub dt: f64,
    /// Steps x dimensions, finite.
    pub values: Array2<f64>,
}

/// A parameter of a system.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    /// One number.
    Number(f64),
    /// Several.
    List(Vec<f64>),
    /// A matrix.
    Table(Vec<Vec<f64>>),
}

/// What is known of a system.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Attractor {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// Dimensions of its trajectories.
    pub embedding_dimension: usize,
    /// Dominant period, in the system's unit of time.
    pub period: f64,
    /// Longest step of time with which it is integrated.
    pub dt: f64,
    /// Largest Lyapunov exponent, per unit of time, as estimated by the authors.
    pub maximum_lyapunov_estimated: f64,
    /// All exponents, descending.
    pub lyapunov_spectrum_estimated: Vec<f64>,
    /// Dimension of Kaplan and Yorke.
    pub kaplan_yorke_dimension: f64,
    /// Correlation dimension.
    pub correlation_dimension: f64,
    /// Whether its equation looks back in time.
    pub delay: bool,
    /// Whether it is driven by time itself.
    pub nonautonomous: bool,
    /// Dimensions that grow without bound, such as phases.
    pub unbounded_indices: Vec<usize>,
    /// A state on the attractor.
    pub initial_conditions: Vec<f64>,
    /// Parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Where it was published.
    pub citation: String,
}

/// Which trajectories: each covers 12 periods.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DystsSampling {
    /// All dimensions, 100 samples a period: 1200.
    #[default]
    Fine,
    /// All dimensions, 15 samples a period: 180.
    Coarse,
    /// The first dimension alone, 100 samples a period.
    UnivariateFine,
}

/// A system with its two trajectories, which start in different states.
#[derive(Debug, Clone, PartialEq)]
pub struct DystsSystem {
    /// What is known of it.
    pub attractor: Attractor,
    /// For the choice of hyperparameters.
    pub train: Trajectory,
    /// For the scores: fitted on its first part, forecast on its last.
    pub test: Trajectory,
}

/// The dysts benchmark from a folder with its files (each trajectory file `.json.gz` or `.json`), in the order of
/// names.
///
/// W. Gilpin, "Chaos as an interpretable benchmark for forecasting and data-driven modelling", NeurIPS Datasets and
/// Benchmarks 2021; Apache-2.0. Its protocol: learn on 5/6 of a trajectory, forecast the last 1/6; hyperparameters are
/// chosen on `train`, the score ([`crate::smape`]) is that of `test`. Of one system, SprottJerk, the published files
/// hold the same trajectory twice: hyperparameters chosen on its `train` have seen what they are scored on.
///
/// # Errors
/// If a file is missing (all missing ones are named) or malformed, or if the files differ in their systems or in the
/// dimensions of one.
pub fn dysts(folder: impl AsRef<Path>, sampling: DystsSampling) -> Result<Vec<DystsSystem>> {
    let folder = folder.as_ref();
    let stems = ["train", "test"].map(|part| format!("{part}_{}", sampling.stem()));
    check_folder(folder, &[ATTRACTORS, &stems[0], &stems[1]])?;
    let [train, test] = stems.map(|stem| [format!("{stem}.json.gz"), format!("{stem}.json")]);
    let paths = find_files(folder, [&[ATTRACTORS.to_owned()], &train, &test])?;
    let attractors = read_attractors(&paths[0])?;
    let train = read_trajectories(&paths[1])?;
    let test = read_trajectories(&paths[2])?;
    for (path, part) in [(&paths[1], &train), (&paths[2], &test)] {
        check_systems(path, part, &attractors, sampling)?;
    }
    let parts = attractors.into_iter().zip(train.into_iter().zip(test));
    Ok(parts.map(|(attractor, (train, test))| DystsSystem { attractor, train, test }).collect())
}

impl DystsSampling {
    /// The name of its files, without the part and the ending.
    fn stem(self) -> &'static str {
        match self {
            Self::Fine => "multivariate__pts_per_period_100__periods_12",
            Self::Coarse => "multivariate__pts_per_period_15__periods_12",
            Self::UnivariateFine => "univariate__pts_per_period_100__periods_12",
        }
    }
}

/// Each attractor should have its trajectory, of its dimension.
fn check_systems(path: &Path, part: &[Trajectory], systems: &[Attractor], sampling: DystsSampling) -> Result<()> {
    let names = |found: Vec<&String>| found.into_iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    let known: Vec<_> = systems.iter().map(|system| &system.name).collect();
    let there: Vec<_> = part.iter().map(|trajectory| &trajectory.name).collect();
    if known != there {
        let extra = names(there.iter().filter(|name| !known.contains(name)).copied().collect());
        let lacking = names(known.iter().filter(|name| !there.contains(name)).copied().collect());
        let found = format!("other systems: more ({extra}), fewer ({lacking})");
        return Err(mismatch(path, found, format!("the {} of {ATTRACTORS}", known.len())));
    }
    for (trajectory, system) in part.iter().zip(systems) {
        let dimension = if sampling == DystsSampling::UnivariateFine { 1 } else { system.embedding_dimension };
        if trajectory.values.ncols() != dimension {
            let found = format!("{} dimensions of {}", trajectory.values.ncols(), system.name);
            return Err(mismatch(path, found, format!("{dimension}, as in {ATTRACTORS}")));
        }
    }
    Ok(())
}

/// Reads a file of trajectories by system (json, plain or gzip), in the order of names.
///
/// # Errors
/// If the file cannot be read or is not of that content, or if a trajectory is empty, has rows of different length, has
/// not as many times as values, or has a `dt` that is not positive and finite. json has no numbers that are not finite.
pub fn read_trajectories(path: impl AsRef<Path>) -> Result<Vec<Trajectory>> {
    let path = path.as_ref();
    let systems: BTreeMap<String, Stored> = read_json(path, TRAJECTORIES)?;
    systems.into_iter().map(|(name, stored)| stored.checked(path, name)).collect()
}

/// Reads what is known of the systems (`chaotic_attractors.json`), in the order of names.
///
/// # Errors
/// If the file cannot be read or is not of that content.
pub fn read_attractors(path: impl AsRef<Path>) -> Result<Vec<Attractor>> {
    let content = "an object of systems, each with `period`, `parameters`, `maximum_lyapunov_estimated` and more";
    let systems: BTreeMap<String, Attractor> = read_json(path.as_ref(), content)?;
    Ok(systems.into_iter().map(|(name, attractor)| Attractor { name, ..attractor }).collect())
}

/// A trajectory as it is in the file.
#[derive(Deserialize)]
struct Stored {
    time: Vec<f64>,
    dt: f64,
    values: Vec<Row>,
}

impl Stored {
    fn checked(self, path: &Path, name: String) -> Result<Trajectory> {
        let error = |found: String, expected: &str| json(path, format!("{name} has {found}"), expected);
        if !(self.dt > 0.0 && self.dt.is_finite()) {
            return Err(error(format!("a dt of {}", self.dt), "a positive one"));
        }
        if self.time.len() != self.values.len() {
            let found = format!("{} times of {} values", self.time.len(), self.values.len());
            return Err(error(found, "one for each"));
        }
        let columns = self.values.first().map_or(0, |row| row.0.len());
        if columns == 0 {
            return Err(error("no values".into(), "at least one step and one dimension"));
        }
        if let Some(t) = self.values.iter().position(|row| row.0.len() != columns) {
            let found = format!("{} values at step {t} after {columns}", self.values[t].0.len());
            return Err(error(found, "as many in each step"));
        }
        let rows = self.values.len();
        let values = Array2::from_shape_vec((rows, columns), self.values.into_iter().flat_map(|row| row.0).collect());
        let values = values.expect("every row should have been counted");
        Ok(Trajectory { name, dt: self.dt, values })
    }
}
