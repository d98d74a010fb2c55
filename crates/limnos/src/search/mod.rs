//! Search for hyperparameters: candidates with named values, judged by cross-validation on rolling origins, many at a time.
//!
//! ```
//! use limnos::esn::EsnConfig;
//! use limnos::reservoir::Reservoir;
//! use limnos::search::{Method, Range, RollingOrigins, Search};
//! use limnos::{Device, ndarray::Array2, tasks::MackeyGlass};
//!
//! let series = MackeyGlass::default().series(700)?;
//! let series = Array2::from_shape_fn((700, 1), |(t, _)| series[t] - 0.95);
//! let search = Search {
//!     space: vec![("leak_rate".into(), Range::Uniform(0.2, 1.0)), ("alpha".into(), Range::Log(1e-9, 1e-3))],
//!     method: Method::Random { candidates: 6 },
//!     ..Search::default()
//! };
//! let folds = RollingOrigins { folds: 2, horizon: 40 };
//! let device = Device::cpu()?;
//! let found = search.run(|candidate, share| {
//!     let reservoir = Reservoir { units: 50, leak_rate: candidate["leak_rate"], ..Reservoir::default() };
//!     folds.forecast_error(&device, EsnConfig { reservoir, alpha: candidate["alpha"], ..EsnConfig::default() }, series.view(), share)
//! })?;
//! assert!(found.best().loss <= found.trials[0].loss);
//! # Ok::<(), limnos::Error>(())
//! ```

mod candidate;
mod file;
mod origins;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use rayon::prelude::*;

pub use candidate::{Candidate, Range};
pub use origins::RollingOrigins;

use crate::error::argument;
use crate::lsm::{Callback, Progress, Stage};
use crate::{Error, Result};

/// How many candidates are tried, and with how much of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// So many candidates, each with all data (Bergstra and Bengio 2012).
    Random {
        /// Number of candidates.
        candidates: usize,
    },
    /// Rounds: all candidates with a small share of the data, then the better ones with more, until some have all of it (Jamieson and Talwalkar 2016).
    SuccessiveHalving {
        /// Candidates of the first round.
        candidates: usize,
        /// One of so many goes on to the next round, whose share of the data is so many times as large; 2 or more.
        factor: usize,
        /// Number of rounds; the last has all data.
        rounds: usize,
    },
}

/// One candidate that was judged.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trial {
    /// Its values.
    pub candidate: Candidate,
    /// The round in which it was judged last; 0 is the first.
    pub round: usize,
    /// Share of the data that it was judged with, above 0 and at most 1.
    pub share: f64,
    /// What it was judged to be; infinite where it failed.
    pub loss: f64,
}

/// A search.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Search {
    /// Names of the hyperparameters, and where their values lie.
    pub space: Vec<(String, Range)>,
    /// How many are tried, and how.
    pub method: Method,
    /// Seed of the candidates: candidate k has the same values in any search of this space and seed.
    pub seed: u64,
    /// Where results are kept as they come, so that a search that was broken off goes on from there.
    pub file: Option<PathBuf>,
}

impl Default for Search {
    /// An empty space; 50 random candidates, seed 0, no file.
    fn default() -> Self {
        Self { space: Vec::new(), method: Method::Random { candidates: 50 }, seed: 0, file: None }
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// All candidates, each as it was judged last, in the order in which they were drawn.
    pub trials: Vec<Trial>,
    best: usize,
}

impl Found {
    /// The candidate of the least loss among those of the last round.
    #[must_use]
    pub fn best(&self) -> &Trial {
        &self.trials[self.best]
    }
}

impl Search {
    /// Judges candidates by `loss`, which gets a candidate and the share of the data to use, and gives a number that shall be small. Candidates of a round run in parallel: let
    /// `loss` use a device of one thread. A loss that fails or is not a number counts as infinite.
    ///
    /// # Errors
    /// A space or method outside its range; a file of another search, or that cannot be read or written; an error of `loss` where all candidates fail, or none has a finite loss.
    pub fn run(&self, loss: impl Fn(&Candidate, f64) -> Result<f64> + Sync) -> Result<Found> {
        self.run_with(loss, |_| {})
    }

    /// [`Self::run`], telling `progress` after each candidate of each round.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_with(
        &self,
        loss: impl Fn(&Candidate, f64) -> Result<f64> + Sync,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Found> {
        let sizes = self.rounds()?;
        self.space.iter().try_for_each(|(name, range)| range.check(name))?;
        let mut trials: Vec<Trial> = (0..sizes[0].0).map(|k| self.trial(k)).collect();
        let known = self.file.as_ref().map_or_else(|| Ok(Vec::new()), |path| file::read(path, &self.digest()))?;
        let shared = Mutex::new(Shared { known, failure: None, callback: Callback(Some(Box::new(progress))), done: 0 });
        let (start, of) = (Instant::now(), sizes.iter().map(|(count, _)| count).sum());
        let mut going: Vec<usize> = (0..trials.len()).collect();
        for (round, &(count, share)) in sizes.iter().enumerate() {
            // Equal losses go by number, so that the order of threads does not matter.
            going.sort_by(|&a, &b| trials[a].loss.total_cmp(&trials[b].loss).then(a.cmp(&b)));
            going.truncate(count);
            let judge = |&k: &usize| self.judge(&trials[k].candidate, (k, round, share), &loss, &shared, (start, of));
            let losses: Vec<f64> = going.par_iter().map(judge).collect::<Result<_>>()?;
            for (&k, loss) in going.iter().zip(losses) {
                trials[k] = Trial { round, share, loss, candidate: trials[k].candidate.clone() };
            }
        }
        let best = going.into_iter().min_by(|&a, &b| trials[a].loss.total_cmp(&trials[b].loss).then(a.cmp(&b)));
        let best = best.expect("a round should have at least one candidate");
        let failure = shared.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).failure;
        match failure {
            Some(error) if trials[best].loss.is_infinite() => Err(error),
            None if trials[best].loss.is_infinite() => {
                Err(argument("loss", "infinite or not a number for all candidates", "a finite loss for at least one"))
            }
            _ => Ok(Found { trials, best }),
        }
    }

    /// Candidates and share of the data of each round.
    fn rounds(&self) -> Result<Vec<(usize, f64)>> {
        match self.method {
            Method::Random { candidates: 0 } | Method::SuccessiveHalving { candidates: 0, .. } => {
                Err(argument("candidates", 0, "1 or more"))
            }
            Method::Random { candidates } => Ok(vec![(candidates, 1.0)]),
            Method::SuccessiveHalving { factor, .. } if !(2..=1000).contains(&factor) => {
                Err(argument("factor", factor, "2 to 1000"))
            }
            Method::SuccessiveHalving { rounds, .. } if !(1..=30).contains(&rounds) => {
                Err(argument("rounds", rounds, "1 to 30"))
            }
            Method::SuccessiveHalving { candidates, factor, rounds } => {
                let left = |round: usize| (0..round).fold(candidates, |left, _| left.div_ceil(factor));
                let share = |round: usize| (0..rounds - 1 - round).fold(1.0, |share, _| share / factor as f64);
                Ok((0..rounds).map(|round| (left(round), share(round))).collect())
            }
        }
    }

    fn trial(&self, number: usize) -> Trial {
        Trial { candidate: Candidate::draw(&self.space, self.seed, number), round: 0, share: 0.0, loss: 0.0 }
    }

    /// What makes the results of a file those of this search.
    fn digest(&self) -> String {
        format!("{:?} {}", self.space, self.seed)
    }

    /// The loss of candidate `number`: from the file, or computed and kept.
    fn judge(
        &self,
        candidate: &Candidate,
        (number, round, share): (usize, usize, f64),
        loss: &(impl Fn(&Candidate, f64) -> Result<f64> + Sync),
        shared: &Mutex<Shared>,
        (start, of): (Instant, usize),
    ) -> Result<f64> {
        // A panic elsewhere ends the search; the data here are whole in any case.
        let lock = || shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known =
            lock().known.iter().find(|entry| (entry.number, entry.share) == (number, share)).map(|entry| entry.loss);
        let (value, failure) = match known {
            Some(value) => (value, None),
            None => match loss(candidate, share) {
                Ok(value) if !value.is_nan() => (value, None),
                Ok(_) => (f64::INFINITY, None),
                Err(error) => (f64::INFINITY, Some(error)),
            },
        };
        let mut shared = lock();
        shared.done += 1;
        // What failed is tried again by a search that goes on from the file.
        if known.is_none() && failure.is_none() {
            shared.known.push(file::Entry { number, round, share, loss: value });
            if let Some(path) = &self.file {
                file::write(path, &self.digest(), &shared.known)?;
            }
        }
        if shared.failure.is_none() {
            shared.failure = failure;
        }
        let done = shared.done;
        shared.callback.tell(Stage::Search, start, done, of);
        Ok(value)
    }
}

/// What candidates that run in parallel share.
#[derive(Debug)]
struct Shared {
    known: Vec<file::Entry>,
    failure: Option<Error>,
    callback: Callback,
    done: usize,
}
