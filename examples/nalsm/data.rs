//! The data sets in one form: what enters the liquid, with labels, divided into training, validation and test samples.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use limnos::Samples;
use limnos::prelude::SpikeTrain;
use limnos::presets::nalsm::{Mode, PixelCode};
use limnos::tasks::{self, About, Dataset, EventBinning, EventSet, Split, TrainTest};
use ndarray::{Array2, s};

use crate::args::Set;

/// Samples with their labels.
pub struct Part {
    input: Input,
    /// The class of each sample.
    pub labels: Vec<u32>,
}

enum Input {
    Probabilities(Array2<f32>),
    Trains(Vec<SpikeTrain>),
}

impl Part {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The first `n` samples.
    pub fn first(&self, n: usize) -> Samples<'_> {
        match &self.input {
            Input::Probabilities(p) => p.slice(s![..n, ..]).into(),
            Input::Trains(trains) => trains[..n].into(),
        }
    }

    /// One sample alone.
    pub fn one(&self, index: usize) -> Samples<'_> {
        match &self.input {
            Input::Probabilities(p) => p.slice(s![index..=index, ..]).into(),
            Input::Trains(trains) => trains[index..=index].into(),
        }
    }

    /// What sample `index` looks like: brightness of each channel.
    pub fn picture(&self, index: usize) -> Vec<f32> {
        match &self.input {
            Input::Probabilities(p) => p.row(index).to_vec(),
            Input::Trains(trains) => trains[index].channel_counts().iter().map(|&n| n as f32).collect(),
        }
    }
}

/// A data set, divided.
pub struct Data {
    /// Name, authors, licence.
    pub about: About,
    /// The first five sixths of the training file.
    pub train: Part,
    /// The rest of it.
    pub valid: Part,
    /// The test file.
    pub test: Part,
    /// Width of a picture.
    pub width: usize,
}

/// Reads a data set.
pub fn load(set: Set, folder: Option<&Path>, mode: Mode) -> Result<Data> {
    if set == Set::Digits {
        ensure!(folder.is_none(), "--data goes with --set mnist, fashion or n-mnist; the digits are embedded");
        return pictures(tasks::digits().train_test_split(0.3, 1, Split::Stratified)?, 8, mode);
    }
    let folder = find(set, folder)?;
    match set {
        Set::NMnist => events(&tasks::nmnist(folder)?),
        Set::Mnist => pictures(tasks::mnist(folder)?, 28, mode),
        _ => pictures(tasks::fashion_mnist(folder)?, 28, mode),
    }
}

/// The folder of the files: as told, or one of the set's name in it or in `LIMNOS_DATA`.
fn find(set: Set, folder: Option<&Path>) -> Result<PathBuf> {
    let root = folder.map(Path::to_path_buf).or_else(|| std::env::var_os("LIMNOS_DATA").map(PathBuf::from));
    let root = root.context("this set is read from files: say where they are with --data DIR")?;
    let names: &[&str] = match set {
        Set::Mnist => &["mnist"],
        Set::Fashion => &["fashion-mnist"],
        _ => &["n-mnist", "n-mnist-small"],
    };
    let inner = names.iter().map(|name| root.join(name)).find(|path| path.is_dir());
    Ok(inner.unwrap_or(root))
}

/// Where validation begins: at the last sixth (10 000 of 60 000).
fn cut(samples: usize) -> usize {
    samples - samples / 6
}

/// The published code scales training and validation pictures together and the test pictures for themselves; clean is the scale of
/// the training pictures for all.
fn pictures(parts: TrainTest<Dataset>, width: usize, mode: Mode) -> Result<Data> {
    let (all, test) = (&parts.train.features, &parts.test.features);
    let cut = cut(all.nrows());
    let code = match mode {
        Mode::Faithful => PixelCode::fit(all.view())?,
        Mode::Clean => PixelCode::fit(all.slice(s![..cut, ..]))?,
    };
    let test_code = match mode {
        Mode::Faithful => PixelCode::fit(test.view())?,
        Mode::Clean => code,
    };
    let part = |p: Array2<f32>, labels: &[u32]| Part { input: Input::Probabilities(p), labels: labels.to_vec() };
    Ok(Data {
        about: parts.train.about.clone(),
        train: part(code.probabilities(all.slice(s![..cut, ..]))?, &parts.train.labels[..cut]),
        valid: part(code.probabilities(all.slice(s![cut.., ..]))?, &parts.train.labels[cut..]),
        test: part(test_code.probabilities(test.view())?, &parts.test.labels),
        width,
    })
}

/// Steps of a recording; samples show the first of them, development any.
const EVENT_STEPS: u32 = 300;

fn events(parts: &TrainTest<EventSet>) -> Result<Data> {
    let binning = EventBinning { dt_us: 1000, steps: EVENT_STEPS };
    let part = |set: &EventSet, range: std::ops::Range<usize>| -> Result<Part> {
        let samples = &set.samples[range];
        let train = |sample: &tasks::EventSample| {
            let mut events = sample.events.clone();
            // Times are rounded to the nearest millisecond.
            events.iter_mut().for_each(|e| e.t_us = e.t_us.saturating_add(500));
            binning.encode(&events)
        };
        let trains = samples.iter().map(train).collect::<Result<Vec<_>, _>>()?;
        Ok(Part { input: Input::Trains(trains), labels: samples.iter().map(|s| s.label).collect() })
    };
    let all = parts.train.len();
    let cut = cut(all);
    Ok(Data {
        about: parts.train.about.clone(),
        train: part(&parts.train, 0..cut)?,
        valid: part(&parts.train, cut..all)?,
        test: part(&parts.test, 0..parts.test.len())?,
        width: 34,
    })
}
