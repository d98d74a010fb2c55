//! The data sets that can be classified, in one form.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use limnos::Samples;
use limnos::prelude::SpikeTrain;
use limnos::tasks::{self, About, Dataset, EventBinning, EventSet, Split, TrainTest};
use ndarray::{Array2, Axis};

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
    /// Steps (ms) for which a sample is shown unless told otherwise.
    pub const fn steps(self) -> u32 {
        match self {
            Self::NMnist => 340,
            _ => 250,
        }
    }

    /// Names of the classes.
    pub fn classes(self) -> Vec<String> {
        const CLOTHES: [&str; 10] =
            ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"];
        match self {
            Self::Fashion => CLOTHES.map(String::from).to_vec(),
            _ => (0..10).map(|digit| digit.to_string()).collect(),
        }
    }

    /// Folder that is looked for within the folder of the data.
    const fn folder(self) -> &'static str {
        match self {
            Self::Digits => "digits-8x8",
            Self::Mnist => "mnist",
            Self::Fashion => "fashion-mnist",
            Self::NMnist => "n-mnist",
        }
    }
}

/// What to learn from or to be tested on.
pub struct Part {
    /// Samples x features: what the same readout sees without a liquid (pixels; events of each channel).
    pub raw: Array2<f32>,
    /// For events: the spike trains that enter the liquid.
    pub trains: Option<Vec<SpikeTrain>>,
    /// The class of each sample.
    pub labels: Vec<u32>,
}

impl Part {
    /// What enters the liquid.
    pub fn samples(&self) -> Samples<'_> {
        match &self.trains {
            Some(trains) => trains.into(),
            None => (&self.raw).into(),
        }
    }

    /// One sample alone.
    pub fn sample(&self, index: usize) -> Samples<'_> {
        match &self.trains {
            Some(trains) => trains[index..=index].into(),
            None => self.raw.slice(ndarray::s![index..=index, ..]).into(),
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }
}

/// A data set, divided.
pub struct Data {
    /// Name, authors, licence.
    pub about: About,
    /// To learn from.
    pub train: Part,
    /// To be tested on.
    pub test: Part,
    /// The brightest pixel; 1 for events.
    pub full_scale: f32,
    /// Width of a picture; channels are rows one after another, of one picture or more.
    pub width: usize,
}

/// Which samples to take.
pub struct Wanted<'a> {
    /// Where the files are.
    pub folder: Option<&'a Path>,
    /// How many to learn from; `None` takes the usual number.
    pub train: Option<usize>,
    /// How many to be tested on.
    pub test: Option<usize>,
    /// Seed of a split, where the set has none of its own.
    pub seed: u64,
    /// Steps of a sample.
    pub steps: u32,
}

/// Reads a data set.
pub fn load(set: Set, wanted: &Wanted<'_>) -> Result<Data> {
    if set == Set::Digits {
        if let Some(folder) = wanted.folder {
            bail!("--data {} goes with --set fashion, mnist or n-mnist; the digits are embedded", folder.display());
        }
        let parts = tasks::digits().train_test_split(0.3, wanted.seed, Split::Stratified)?;
        return pictures(parts, wanted, 8, None);
    }
    let folder = find(set, wanted.folder)?;
    match set {
        Set::NMnist => {
            let most = |n: Option<usize>| n.unwrap_or(10_000);
            events(&tasks::nmnist_first(folder, most(wanted.train), most(wanted.test))?, wanted)
        }
        Set::Mnist => pictures(tasks::mnist(folder)?, wanted, 28, Some(10_000)),
        _ => pictures(tasks::fashion_mnist(folder)?, wanted, 28, Some(10_000)),
    }
}

/// The folder of the files: as told, or one of the set's name in it or in `LIMNOS_DATA`.
fn find(set: Set, folder: Option<&Path>) -> Result<PathBuf> {
    let root = folder.map(Path::to_path_buf).or_else(|| std::env::var_os("LIMNOS_DATA").map(PathBuf::from));
    let root = root.context("this set is read from files: say where they are with --data DIR")?;
    let names = [set.folder().to_owned(), format!("{}-small", set.folder())];
    let inner = names.iter().map(|name| root.join(name)).find(|path| path.is_dir());
    Ok(inner.unwrap_or(root))
}

fn pictures(parts: TrainTest<Dataset>, wanted: &Wanted<'_>, width: usize, usual: Option<usize>) -> Result<Data> {
    let part = |set: Dataset, asked: Option<usize>, name: &str| -> Result<Part> {
        let n = asked.or(usual.map(|n| n.min(set.len()))).unwrap_or(set.len());
        let set = set.take(n).with_context(|| format!("cannot take {n} samples for the {name}"))?;
        Ok(Part { raw: set.features, trains: None, labels: set.labels })
    };
    let (about, full_scale) = (parts.train.about.clone(), parts.train.full_scale);
    let (train, test) = (part(parts.train, wanted.train, "training")?, part(parts.test, wanted.test, "test")?);
    Ok(Data { about, train, test, full_scale, width })
}

fn events(parts: &TrainTest<EventSet>, wanted: &Wanted<'_>) -> Result<Data> {
    let binning = EventBinning { dt_us: 1000, steps: wanted.steps };
    let part = |set: &EventSet| -> Result<Part> {
        ensure!(!set.is_empty(), "there are no event files");
        let trains = set.samples.iter().map(|s| binning.encode(&s.events)).collect::<Result<Vec<_>, _>>()?;
        let counts: Vec<_> = trains.iter().map(|t| ndarray::Array1::from(t.channel_counts())).collect();
        let views: Vec<_> = counts.iter().map(|c| c.view()).collect();
        let raw = ndarray::stack(Axis(0), &views)?.mapv(|c| c as f32);
        Ok(Part { raw, trains: Some(trains), labels: set.labels() })
    };
    let (train, test) = (part(&parts.train)?, part(&parts.test)?);
    Ok(Data { about: parts.train.about.clone(), train, test, full_scale: 1.0, width: 34 })
}
