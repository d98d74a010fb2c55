//! What is done with each system.

use std::time::Instant;

use limnos::forecast::{ForecastSearch, Forecaster, Ranked, delay_candidates, echo_candidates, median_forecast};
use limnos::tasks::{DystsSystem, smape};
use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;
use serde::Serialize;

use super::Score;

/// Which forecasters are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Family {
    /// All.
    #[default]
    All,
    /// Echo state networks alone.
    Echo,
    /// Next-generation reservoirs alone: delayed values and their products.
    Delays,
}

/// How a system is forecast and scored.
///
/// On the training trajectory each candidate, with each of seven dampings, learns the rows before an origin and forecasts the sixth of a trajectory
/// after it, from three origins: the last sixth, the one before, and half-way. The `members` of least mean sMAPE then learn the first five
/// sixths of the test trajectory; the median of their forecasts is scored on its last sixth. Where both trajectories are the same (one published system), the origins are those of
/// [`DystsProtocol::rehearse`], so that the rows that are scored play no part in the choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct DystsProtocol {
    /// Which forecasters are tried.
    pub family: Family,
    /// Forecasters whose median is taken.
    pub members: usize,
    /// Leaves the test trajectories alone: the choice is made in the first five sixths of the training trajectory, its last sixth is forecast and scored.
    pub rehearse: bool,
}

impl Default for DystsProtocol {
    /// All forecasters, the median of five.
    fn default() -> Self {
        Self { family: Family::All, members: 5, rehearse: false }
    }
}

/// How a system was forecast.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SystemScore {
    /// The system.
    pub name: String,
    /// Its dimensions.
    pub dimensions: usize,
    /// sMAPE of the forecast, 0 to 200.
    pub smape: f64,
    /// Valid prediction time, Lyapunov times.
    pub vpt: f64,
    /// The same in periods, of which two are forecast.
    pub vpt_periods: f64,
    /// Whether the whole forecast was valid.
    pub whole: bool,
    /// Mean sMAPE of the best forecaster on the training trajectory.
    pub validation: f64,
    /// The forecasters that were taken, the best first.
    pub chosen: Vec<String>,
    /// Seconds.
    pub seconds: f64,
}

impl DystsProtocol {
    /// The scores of all systems, in their order, on the threads of the current pool; `done` is called after each.
    ///
    /// # Errors
    /// The first that a system has, by its name.
    pub fn run(&self, systems: &[DystsSystem], done: impl Fn() + Sync) -> anyhow::Result<Vec<SystemScore>> {
        let score = |system: &DystsSystem| {
            let score = self.score(system);
            done();
            score.map_err(|error| anyhow::Error::from(error).context(system.attractor.name.clone()))
        };
        // One by one, since they differ in cost.
        systems.par_iter().with_max_len(1).map(score).collect()
    }

    /// The score of a system.
    ///
    /// # Errors
    /// As [`ForecastSearch::rank`].
    pub fn score(&self, system: &DystsSystem) -> limnos::Result<SystemScore> {
        let start = Instant::now();
        let ranking = self.choose(system)?;
        let chosen = &ranking[..self.members.clamp(1, ranking.len())];
        let (trajectory, learned) = self.scored(system);
        let (past, target) = trajectory.split_at(ndarray::Axis(0), learned);
        let forecast = |ranked: &Ranked| Ok(ranked.forecaster.fit(past)?.forecast(target.nrows()));
        let forecasts = chosen.iter().map(forecast).collect::<limnos::Result<Vec<Array2<f64>>>>()?;
        let forecast = median_forecast(&forecasts)?;
        let attractor = &system.attractor;
        let score = Score::of(forecast.view(), target, system.test.dt, attractor.maximum_lyapunov_estimated)?;
        Ok(SystemScore {
            name: attractor.name.clone(),
            dimensions: trajectory.ncols(),
            smape: score.smape,
            vpt: score.lyapunov_times,
            vpt_periods: score.periods,
            whole: score.whole,
            validation: ranking[0].mean,
            chosen: chosen.iter().map(|ranked| describe(&ranked.forecaster)).collect(),
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// The trajectory whose last part is scored, and the rows before that part.
    fn scored<'a>(&self, system: &'a DystsSystem) -> (ArrayView2<'a, f64>, usize) {
        let trajectory = if self.rehearse { &system.train } else { &system.test };
        (trajectory.values.view(), learned_rows(trajectory.values.nrows()))
    }

    /// All forecasters, ranked on the training trajectory.
    fn choose(&self, system: &DystsSystem) -> limnos::Result<Vec<Ranked>> {
        let train = system.train.values.view();
        let learned = learned_rows(train.nrows());
        let horizon = train.nrows() - learned;
        let last = if self.rehearse || system.train.values == system.test.values { learned - horizon } else { learned };
        let search = ForecastSearch {
            candidates: self.candidates(train.ncols()),
            origins: vec![last - horizon, last - horizon / 2, last],
            horizon,
            ..ForecastSearch::default()
        };
        // Nothing beyond the last horizon is handed over.
        search.rank(train.slice(s![..last + horizon, ..]), |forecast, target| Ok(smape(forecast, target)?))
    }

    fn candidates(&self, dimensions: usize) -> Vec<Forecaster> {
        match self.family {
            Family::All => [echo_candidates(), delay_candidates(dimensions)].concat(),
            Family::Echo => echo_candidates(),
            Family::Delays => delay_candidates(dimensions),
        }
    }
}

/// Five sixths.
const fn learned_rows(rows: usize) -> usize {
    rows * 5 / 6
}

fn describe(forecaster: &Forecaster) -> String {
    let nvar = forecaster.nvar;
    let read = match &forecaster.reservoir {
        Some(r) => {
            let scaling = match r.input_scaling {
                limnos::reservoir::InputScaling::All(scaling) => scaling,
                _ => f64::NAN,
            };
            format!("echo: leak {}, radius {}, inputs {scaling}", r.leak_rate, r.spectral_radius)
        }
        None => format!("delays: {} by {}, order {}", nvar.delays, nvar.stride, nvar.order),
    };
    format!("{read}; damping {:e}", forecaster.damping)
}
