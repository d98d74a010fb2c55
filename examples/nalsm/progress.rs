//! Progress with the time left, on standard error: lines that redraw themselves on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use limnos::Progress;

/// Where no terminal is, a line at most this often.
const QUIET: Duration = Duration::from_secs(30);

/// Progress of tasks side by side.
#[derive(Clone)]
pub struct Board {
    bars: Option<MultiProgress>,
}

impl Board {
    /// An empty board.
    pub fn new() -> Self {
        let bars =
            stderr().is_terminal().then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)));
        Self { bars }
    }

    /// A line for a task, whose units are called so.
    pub fn line(&self, task: &str, units: &'static str) -> Line {
        let bar = self.bars.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new(0));
            let template = format!("{{prefix:<34}} [{{bar:30}}] {{pos}} of {{len}} {units}, ETA {{eta}}");
            bar.set_style(
                ProgressStyle::with_template(&template).expect("the template of the progress line should parse"),
            );
            bar.set_prefix(task.to_owned());
            bar
        });
        Line { bar, task: task.to_owned(), units, start: Instant::now(), last: Instant::now() }
    }
}

/// Progress of one task.
pub struct Line {
    bar: Option<ProgressBar>,
    task: String,
    units: &'static str,
    start: Instant,
    last: Instant,
}

impl Line {
    /// Shows how far it has come.
    pub fn show(&mut self, p: Progress) {
        self.step(p.done, p.of);
    }

    /// The same in numbers.
    pub fn step(&mut self, done: usize, of: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(of as u64);
            bar.set_position(done as u64);
        } else if self.last.elapsed() >= QUIET {
            self.last = Instant::now();
            let left = self.start.elapsed().as_secs_f64() * (of - done) as f64 / done.max(1) as f64;
            eprintln!("{}: {done} of {of} {}, ETA {:.0} s", self.task, self.units, left.ceil());
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
