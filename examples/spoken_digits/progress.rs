//! Progress with the time left, on standard error: a line that redraws itself on a terminal, one now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use limnos::Progress;

/// Where no terminal is, a line at most this often.
const QUIET: Duration = Duration::from_secs(10);

/// Progress of several runs of one length, one after another.
pub struct Line {
    task: &'static str,
    runs: usize,
    /// Runs that have ended.
    ended: usize,
    done: usize,
    terminal: bool,
    start: Instant,
    last: Option<Instant>,
}

impl Line {
    /// A task of so many runs.
    pub fn new(task: &'static str, runs: usize) -> Self {
        Self { task, runs, ended: 0, done: 0, terminal: stderr().is_terminal(), start: Instant::now(), last: None }
    }

    /// Shows how far the present run has come.
    pub fn show(&mut self, p: Progress) {
        self.done = self.ended * p.of + p.done;
        let (ended, of) = (p.done == p.of, self.runs * p.of);
        self.ended += usize::from(ended);
        let pause = if self.terminal { Duration::from_millis(50) } else { QUIET };
        let finished = self.done >= of;
        if !finished && self.last.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        self.last = Some(Instant::now());
        let text = self.text(of);
        if self.terminal {
            eprint!("\r\x1b[2K{text}{}", if finished { "\n" } else { "" });
        } else {
            eprintln!("{text}");
        }
    }

    fn text(&self, of: usize) -> String {
        let elapsed = self.start.elapsed().as_secs_f64();
        let left = elapsed * of.saturating_sub(self.done) as f64 / self.done.max(1) as f64;
        let filled = (30 * self.done / of.max(1)).min(30);
        let bar = format!("{}{}", "=".repeat(filled), " ".repeat(30 - filled));
        format!("{} [{bar}] {:>6} of {:<6} {elapsed:.1} s, ETA {:.0} s", self.task, self.done, of, left.ceil())
    }
}
