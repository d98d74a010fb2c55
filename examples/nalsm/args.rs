//! The command line, checked as a whole before anything runs.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use limnos::presets::nalsm::{Mode, Nalsm, Phase, Rule};
use limnos::spec::Model;

/// Develop, train and test a liquid that an astrocyte tunes (NALSM), or one it was compared with.
#[derive(Clone, Debug, Parser)]
#[command(max_term_width = 110)]
pub struct Args {
    /// Neurons of the liquid: a cube, such as 1000 or 8000.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub neurons: usize,
    /// How weights change.
    #[arg(long, value_enum, default_value = "astro")]
    pub rule: RuleName,
    /// With --rule astro: weight of a spike in the astrocyte, or several, separated by commas (default: 0.015; 0.0075 from 8000 neurons on).
    #[arg(long, value_name = "W", value_delimiter = ',')]
    pub w_astro: Vec<f64>,
    /// With --rule static: magnitude of all weights (mV), or several, separated by commas (default: 0.8).
    #[arg(long, value_name = "W", value_delimiter = ',')]
    pub w: Vec<f64>,
    /// With --rule ap-stdp: calcium between depression and potentiation (default: 37; 10 for n-mnist).
    #[arg(long, value_name = "C")]
    pub calcium: Option<f64>,
    /// With --rule ap-stdp: width of either window of calcium (default: 22; 2.5 for n-mnist).
    #[arg(long, value_name = "C")]
    pub calcium_width: Option<f64>,
    /// Faithful keeps quirks of the published code: traces that go on from sample to sample, test pictures scaled by themselves, the slow readout. Clean does what one would want.
    #[arg(long, value_enum, default_value = "clean")]
    pub mode: ModeName,
    /// What to classify.
    #[arg(long, value_enum, default_value = "mnist")]
    pub set: Set,
    /// Folder with the files of the set (or with a folder of its name); else LIMNOS_DATA. The digits need none.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Samples that the readout learns from, the first ones (default: all but those for validation); 0 leaves the readout out.
    #[arg(long, value_name = "N")]
    pub train: Option<usize>,
    /// Samples to be tested on, the first ones (default: all). With --train 0: validation samples for the branching factor (default: 20).
    #[arg(long, value_name = "N")]
    pub test: Option<usize>,
    /// Validation samples, the first of the last sixth of the training file (default: a fifth of --train, or all).
    #[arg(long, value_name = "N")]
    pub valid: Option<usize>,
    /// Snippets of 20 ms that development shows, of all samples but those for validation: in random order, again and again.
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    pub develop: usize,
    /// Steps (ms) for which a sample is shown.
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub steps: u32,
    /// Networks, of the seeds --seed and on; results are means with standard deviations.
    #[arg(long, value_name = "R", default_value_t = 1)]
    pub repeat: usize,
    /// Seed of the first network and all its spikes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Readouts to train (default: softmax in mode clean, paper in mode faithful).
    #[arg(long, value_enum, value_delimiter = ',')]
    pub readout: Vec<ReadoutName>,
    /// Epochs of the paper's readout.
    #[arg(long, value_name = "N", default_value_t = 5000)]
    pub epochs: usize,
    /// Penalties of the softmax readout, each times the number of training samples; the best on validation samples is taken.
    #[arg(long, value_name = "L", value_delimiter = ',', default_value = "0.001,0.01")]
    pub l2: Vec<f64>,
    /// Most samples side by side in mode clean.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub batch: usize,
    /// Networks that develop side by side (default: as many as there are processors).
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// cpu, gpu, or part of an adapter's name (default: LIMNOS_DEVICE, else the fastest).
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Write the developed network to this file (one network).
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Take a developed network from this file; it says neurons, rule, mode, seed and steps.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["neurons", "rule", "w_astro", "w", "calcium", "calcium_width", "mode", "seed", "repeat", "develop", "save", "steps"])]
    pub load: Option<PathBuf>,
    /// Folder for the pictures.
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Print the results as one line of JSON, last.
    #[arg(long)]
    pub json: bool,
}

/// A rule by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleName {
    /// Weights stay: a plain liquid state machine.
    Static,
    /// STDP with equal rates.
    Stdp,
    /// STDP within windows of the target's activity.
    ApStdp,
    /// STDP whose rate of depression an astrocyte sets.
    Astro,
}

/// A mode by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeName {
    /// Traces go on from sample to sample, test pictures are scaled by themselves.
    Faithful,
    /// Each sample for itself, one scale for all sets.
    Clean,
}

/// A readout by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReadoutName {
    /// Softmax regression on standardised features, to the minimum.
    Softmax,
    /// The authors' recipe.
    Paper,
}

/// A data set by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Set {
    /// 1797 digits of 8 x 8 pixels, part of the program.
    Digits,
    /// MNIST, from its four files.
    Mnist,
    /// Fashion-MNIST, from its four files.
    Fashion,
    /// N-MNIST, from its event files.
    NMnist,
}

impl Set {
    /// The name that --set takes.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Channels of a sample.
    pub const fn channels(self) -> usize {
        match self {
            Self::Digits => 64,
            Self::Mnist | Self::Fashion => 784,
            Self::NMnist => 2312,
        }
    }
}

impl Args {
    /// Refuses what cannot be before anything runs.
    pub fn check(&self) -> Result<()> {
        let repeat = 1..=1000;
        ensure!(repeat.contains(&self.repeat), "--repeat is {}; allowed are 1 to 1000 networks", self.repeat);
        ensure!(self.epochs >= 1, "--epochs is 0; at least 1 is needed");
        ensure!(self.jobs != Some(0), "--jobs is 0; at least 1 network develops at a time");
        ensure!((1..=1 << 30).contains(&self.develop), "--develop is {}; allowed are 1 to 2^30 snippets", self.develop);
        ensure!(self.valid != Some(0), "--valid is 0; at least 1 validation sample is needed");
        ensure!(self.test != Some(0), "--test is 0; at least 1 sample is needed");
        ensure!(
            self.steps > 58 && self.steps <= 1_000_000,
            "--steps is {}; allowed are 59 to 1000000: the branching factor leaves out 58",
            self.steps
        );
        ensure!(self.set != Set::NMnist || self.steps <= 300, "--steps is {}; N-MNIST has 300", self.steps);
        if self.rule != RuleName::Astro && !self.w_astro.is_empty() {
            bail!("--w-astro goes with --rule astro; leave it out");
        }
        if self.rule != RuleName::Static && !self.w.is_empty() {
            bail!("--w goes with --rule static; leave it out");
        }
        if self.rule != RuleName::ApStdp && (self.calcium.is_some() || self.calcium_width.is_some()) {
            bail!("--calcium and --calcium-width go with --rule ap-stdp; leave them out");
        }
        // More would leave nothing to learn, and must stay finite times the number of samples.
        if let Some(bad) = self.l2.iter().find(|l| !(0.0..=1e9).contains(*l)) {
            bail!("--l2 is {bad}; allowed are numbers from 0 to 1e9");
        }
        let networks = self.rules().len() * self.repeat;
        if self.save.is_some() && networks != 1 {
            bail!("--save takes one network and there would be {networks}; give one weight and leave --repeat out");
        }
        if self.save.is_some() && self.rule == RuleName::Static {
            bail!("--save keeps developed weights, which --rule static has none of; leave it out");
        }
        ensure!(
            self.seed.checked_add(self.repeat as u64).is_some(),
            "--seed is {}; with --repeat {} it would pass 2^64",
            self.seed,
            self.repeat
        );
        for path in self.save.iter().chain(&self.load) {
            ensure!(path.file_name().is_some(), "{} is no file name", path.display());
        }
        if self.load.is_none() {
            self.check_networks()?;
        }
        self.save.as_deref().map_or(Ok(()), check_save)
    }

    /// Compiles the network of each setting, so that one that cannot be is not found after others developed.
    fn check_networks(&self) -> Result<()> {
        for rule in self.rules() {
            let preset = self.preset(rule, self.seed);
            for phase in [Phase::Development, Phase::Samples] {
                let parts = preset.network(phase)?;
                Model::new(&parts.network)?;
            }
        }
        Ok(())
    }

    /// The rule with each of its weights.
    pub fn rules(&self) -> Vec<Rule> {
        let or = |given: &[f64], usual: f64| if given.is_empty() { vec![usual] } else { given.to_vec() };
        match self.rule {
            RuleName::Static => or(&self.w, 0.8).into_iter().map(|weight| Rule::Static { weight }).collect(),
            RuleName::Stdp => vec![Rule::Stdp],
            RuleName::ApStdp => {
                let [threshold, width] = if self.set == Set::NMnist { [10.0, 2.5] } else { [37.0, 22.0] };
                let (threshold, width) = (self.calcium.unwrap_or(threshold), self.calcium_width.unwrap_or(width));
                vec![Rule::ApStdp { threshold, width }]
            }
            RuleName::Astro => {
                let usual = if self.neurons >= 8000 { 0.0075 } else { 0.015 };
                or(&self.w_astro, usual).into_iter().map(Rule::astrocyte).collect()
            }
        }
    }

    /// The settings of a network.
    pub fn preset(&self, rule: Rule, seed: u64) -> Nalsm {
        let mode = match self.mode {
            ModeName::Faithful => Mode::Faithful,
            ModeName::Clean => Mode::Clean,
        };
        let preset = Nalsm::new(self.set.channels(), rule);
        let (snippets, max_batch) = (Some(self.develop), self.batch);
        Nalsm { neurons: self.neurons, mode, seed, steps: self.steps, snippets, max_batch, ..preset }
    }

    /// The readouts to train.
    pub fn readouts(&self, mode: Mode) -> Vec<ReadoutName> {
        match mode {
            _ if !self.readout.is_empty() => self.readout.clone(),
            Mode::Faithful => vec![ReadoutName::Paper],
            Mode::Clean => vec![ReadoutName::Softmax],
        }
    }
}

/// Refuses a file that could not be written after development.
fn check_save(path: &Path) -> Result<()> {
    let folder = path.is_dir() || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    ensure!(!folder, "--save: {} is a folder; name a file", path.display());
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    ensure!(folder.is_dir(), "--save: the folder {} is not there; make it first", folder.display());
    check_writable(folder).with_context(|| format!("--save: cannot write to the folder {}", folder.display()))
}

/// Makes a file in a folder and removes it.
pub fn check_writable(folder: &Path) -> Result<()> {
    let probe = folder.join(format!(".nalsm-{}.tmp", std::process::id()));
    File::create(&probe)?;
    Ok(std::fs::remove_file(&probe)?)
}
