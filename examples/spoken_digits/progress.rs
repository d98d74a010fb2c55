//! Progress with the time left, on standard error: a line that redraws itself on a terminal, one now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

/// Where no terminal is, a line at most this often.
const QUIET: Duration = Duration::from_secs(10);

/// Progress of one task.
pub struct Line {
    task: &'static str,
    done: usize,
    of: usize,
    terminal: bool,
    start: Instant,
    last: Option<Instant>,
}

impl Line {
    /// A task of so many steps.
    pub fn new(task: &'static str, of: usize) -> Self {
        Self { task, done: 0, of, terminal: stderr().is_terminal(), start: Instant::now(), last: None }
    }

    /// So many more are done.
    pub fn advance(&mut self, steps: usize) {
        self.done += steps;
        let pause = if self.terminal { Duration::from_millis(50) } else { QUIET };
        let finished = self.done >= self.of;
        if !finished && self.last.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        self.last = Some(Instant::now());
        let text = self.text();
        if self.terminal {
            eprint!("\r\x1b[2K{text}{}", if finished { "\n" } else { "" });
        } else {
            eprintln!("{text}");
        }
    }

    fn text(&self) -> String {
        let elapsed = self.start.elapsed().as_secs_f64();
        let left = elapsed * self.of.saturating_sub(self.done) as f64 / self.done.max(1) as f64;
        let filled = (30 * self.done / self.of.max(1)).min(30);
        let bar = format!("{}{}", "=".repeat(filled), " ".repeat(30 - filled));
        format!("{} [{bar}] {:>6} of {:<6} {elapsed:.1} s, ETA {:.0} s", self.task, self.done, self.of, left.ceil())
    }
}
