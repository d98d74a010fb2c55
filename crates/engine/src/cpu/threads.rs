//! The threads of a CPU device.

use std::sync::{Mutex, PoisonError};

use crate::EngineError;

/// The threads that simulations of one CPU device share.
#[derive(Debug)]
pub struct CpuThreads {
    pool: rayon::ThreadPool,
    /// Held by the team that runs: two teams on one pool could each wait for a thread that the other has.
    team: Mutex<()>,
}

impl CpuThreads {
    /// Starts `count` threads; 0 takes as many as the processor has.
    ///
    /// # Errors
    /// More than 4096, or more than the system can start.
    pub fn new(count: usize) -> Result<Self, EngineError> {
        if count > 4096 {
            return Err(EngineError::invalid("threads", count, "0 (all) to 4096"));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).thread_name(|i| format!("limnos-{i}")).build();
        let pool =
            pool.map_err(|e| EngineError::invalid("threads", count, format!("what the system can start: {e}")))?;
        Ok(Self { pool, team: Mutex::new(()) })
    }

    /// How many threads.
    #[must_use]
    pub fn count(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Runs `work` with parallel iterators on these threads.
    pub(crate) fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    /// Runs `work(member)` for every member of a team at the same time, so that members may wait for each other. The calling thread is member 0: if it
    /// slept instead, the system would often wake the others on one processor.
    pub(crate) fn team(&self, members: usize, work: impl Fn(usize) + Sync) {
        let _alone = self.team.lock().unwrap_or_else(PoisonError::into_inner);
        let work = &work;
        self.pool.in_place_scope(|scope| {
            (1..members).for_each(|member| scope.spawn(move |_| work(member)));
            work(0);
        });
    }
}
