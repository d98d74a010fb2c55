//! Progress with the time left, on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use limnos_bench::measure::Stage;

/// A line that follows a run; hidden where standard error is no terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line for the workload of this name.
    pub fn new(name: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_prefix(name.to_owned());
        Self { bar }
    }

    /// Shows a stage.
    pub fn show(&self, stage: Stage) {
        match stage {
            Stage::Building => {
                self.bar.set_style(style("{prefix}: building {spinner} {elapsed}"));
                self.bar.enable_steady_tick(std::time::Duration::from_millis(200));
            }
            Stage::Running { done, of } => {
                if self.bar.length().is_none() {
                    self.bar.disable_steady_tick();
                    self.bar.set_style(style("{prefix}: {bar:30} {pos}/{len} steps, {per_sec}, {eta} left"));
                    self.bar.set_length(u64::from(of));
                    self.bar.reset_eta();
                }
                self.bar.set_position(u64::from(done));
            }
            _ => self.bar.finish_and_clear(),
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template of the progress line should parse")
}
