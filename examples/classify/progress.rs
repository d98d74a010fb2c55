//! Progress on standard error: a bar that redraws itself on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use limnos::{Progress, Stage};

/// Where no terminal is, a line at most this often.
const QUIET: Duration = Duration::from_secs(10);

/// Draws progress.
pub struct Bar {
    task: &'static str,
    terminal: bool,
    last: Instant,
}

impl Bar {
    /// A bar for a task.
    pub fn new(task: &'static str) -> Self {
        Self { task, terminal: stderr().is_terminal(), last: Instant::now() }
    }

    /// Shows how far it has come.
    pub fn show(&mut self, p: Progress) {
        let pause = if self.terminal { Duration::from_millis(50) } else { QUIET };
        let finished = p.done == p.of && p.stage == Stage::Simulate;
        if !finished && self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        let text = self.text(p);
        if self.terminal {
            eprint!("\r\x1b[2K{text}{}", if finished { "\n" } else { "" });
        } else {
            eprintln!("{text}");
        }
    }

    fn text(&self, p: Progress) -> String {
        let filled = 30 * p.done / p.of.max(1);
        let bar = format!("{}{}", "=".repeat(filled), " ".repeat(30 - filled));
        let task = if p.stage == Stage::Fit { "fitting the readout" } else { self.task };
        let time = if p.stage == Stage::Fit || p.done == p.of {
            format!("{:.1} s", p.elapsed.as_secs_f64())
        } else {
            format!("ETA {:.0} s", p.eta.as_secs_f64().ceil())
        };
        format!("{task:<20} [{bar}] {:>6} of {:<6} {time}", p.done, p.of)
    }
}
