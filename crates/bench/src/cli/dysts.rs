//! `limnos bench dysts`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use limnos::tasks::{DystsSampling, DystsSystem};
use limnos_bench::dysts::{DystsProtocol, DystsReport, Family, published};

/// Which forecasters are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FamilyName {
    /// Echo state networks and next-generation reservoirs
    All,
    /// Echo state networks alone
    Echo,
    /// Next-generation reservoirs alone: delayed values and their products
    Delays,
}

/// Flags of `limnos bench dysts`.
#[derive(Debug, Args)]
pub struct Dysts {
    /// The folder of dysts, with its trajectories and chaotic_attractors.json
    #[arg(long)]
    data: PathBuf,
    /// So many systems (every n-th), or these by name, with commas between [default: all]
    #[arg(long)]
    systems: Option<String>,
    /// Forecasters to choose from
    #[arg(long, value_enum, default_value = "all")]
    family: FamilyName,
    /// Forecasters of which the median is taken
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    members: u16,
    /// Choose on the first five sixths of the training trajectories and score their last: test trajectories stay unseen
    #[arg(long)]
    rehearse: bool,
    /// Threads; 0 takes all
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=4096))]
    threads: u16,
    /// Print one JSON object as the last line of standard output
    #[arg(long)]
    json: bool,
}

impl Dysts {
    pub fn run(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        let systems = self.select(limnos::tasks::dysts(&self.data, DystsSampling::Fine)?)?;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads.into()).build().context("--threads")?;
        let family = match self.family {
            FamilyName::All => Family::All,
            FamilyName::Echo => Family::Echo,
            FamilyName::Delays => Family::Delays,
        };
        let protocol = DystsProtocol { family, members: self.members.into(), rehearse: self.rehearse };
        // Before the long run, which a bad file shall not waste.
        let published = if self.rehearse { Vec::new() } else { published(&self.data, &systems)? };
        let bar = bar(systems.len());
        let scores = pool.install(|| protocol.run(&systems, || bar.inc(1)))?;
        bar.finish_and_clear();
        let run = (pool.current_num_threads(), start.elapsed().as_secs_f64());
        let report = DystsReport::new(&protocol, scores, published, run);
        super::print(if self.json { serde_json::to_string(&report)? } else { report.table() })
    }

    /// The systems that were asked for.
    fn select(&self, all: Vec<DystsSystem>) -> anyhow::Result<Vec<DystsSystem>> {
        let Some(wanted) = &self.systems else { return Ok(all) };
        if let Ok(count) = wanted.parse::<usize>() {
            if count == 0 || count > all.len() {
                bail!("--systems is {count}; allowed: 1 to {}, or names", all.len());
            }
            let of = all.len();
            return Ok(all.into_iter().enumerate().filter(|(i, _)| i * count % of < count).map(|(_, s)| s).collect());
        }
        let names: Vec<&str> = wanted.split(',').map(str::trim).collect();
        if let Some(name) = names.iter().find(|name| all.iter().all(|system| system.attractor.name != **name)) {
            bail!(
                "--systems names {name}, which is not in {}; allowed: names in chaotic_attractors.json",
                self.data.display()
            );
        }
        Ok(all.into_iter().filter(|system| names.contains(&system.attractor.name.as_str())).collect())
    }
}

/// Progress with the time left, on standard error.
fn bar(systems: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(systems as u64), ProgressDrawTarget::stderr());
    let template = "dysts: {bar:30} {pos}/{len} systems, {elapsed}, {eta} left";
    bar.with_style(ProgressStyle::with_template(template).expect("the template of the progress line should parse"))
}
