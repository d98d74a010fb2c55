//! How far a run or a fit has come.

use std::fmt;
use std::time::{Duration, Instant};

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// A liquid develops; counted in snippets, each a part of a sample.
    Develop,
    /// Samples run through the liquid; counted in samples.
    Simulate,
    /// Sequences run through a rate reservoir; counted in steps.
    Run,
    /// Candidates of a search are judged; counted in candidates, again in each round.
    Search,
    /// The readout learns; counted in iterations, of which it may need fewer.
    Fit,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How many are done.
    pub done: usize,
    /// Of how many.
    pub of: usize,
    /// Time since the stage began.
    pub elapsed: Duration,
    /// Time that is left at the mean speed so far; for [`Stage::Fit`] the most that can be left.
    pub eta: Duration,
}

impl Progress {
    /// How far a stage that began at `start` has come.
    pub(crate) fn since(stage: Stage, start: Instant, done: usize, of: usize) -> Self {
        let elapsed = start.elapsed();
        let eta = elapsed.mul_f64((of - done) as f64 / done.max(1) as f64);
        Self { stage, done, of, elapsed, eta }
    }
}

/// The callback, where there is one.
#[derive(Default)]
pub(crate) struct Callback(pub(crate) Option<Box<dyn FnMut(Progress) + Send>>);

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Callback" } else { "no callback" })
    }
}

impl Callback {
    /// Tells how far a stage that began at `start` has come.
    pub(crate) fn tell(&mut self, stage: Stage, start: Instant, done: usize, of: usize) {
        if let Some(callback) = &mut self.0 {
            callback(Progress::since(stage, start, done, of));
        }
    }
}
