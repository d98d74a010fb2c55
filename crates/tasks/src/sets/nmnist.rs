//! N-MNIST from its folders of event files.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::{self, mismatch, missing};
use crate::read::events::read_events;
use crate::read::source::read_bytes;
use crate::sets::folder::{check_folder, find_files, list};
use crate::{About, Error, Event, Labelled, Result, SampleSet, TrainTest};

/// Classes of the set.
const CLASSES: u32 = 10;

/// The lists of the small layout.
const LISTS: [&str; 2] = ["train1K.txt", "test100.txt"];

/// One recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSample {
    /// Its events, by time.
    pub events: Vec<Event>,
    /// The digit.
    pub label: u32,
}

impl Labelled for EventSample {
    fn label(&self) -> u32 {
        self.label
    }
}

/// Recordings with a class each.
pub type EventSet = SampleSet<EventSample>;

/// A file and its label.
type Entry = (PathBuf, u32);

/// N-MNIST, all samples, from either layout in which it is passed around:
///
/// - small: `train1K.txt` and `test100.txt` (lines of sample number and label) beside `{number}.bs2` or `.bin`;
/// - full: `Train/{digit}/{number}.bin` and `Test/{digit}/{number}.bin`, the samples in the order of their numbers.
///
/// G. Orchard, A. Jayawant, G. K. Cohen, N. Thakor, "Converting static image datasets to spiking neuromorphic datasets
/// using saccades", Frontiers in Neuroscience 9:437, 2015; CC BY-SA 4.0. A full set takes about 2.5 GB of memory.
///
/// # Errors
/// If folder, lists or event files are missing, if a list has a bad line or names a sample twice, if a sample is not
/// listed, or if an event file is malformed.
pub fn nmnist(folder: impl AsRef<Path>) -> Result<TrainTest<EventSet>> {
    nmnist_first(folder, usize::MAX, usize::MAX)
}

/// The first `train` and `test` samples of [`nmnist`], or all where there are fewer; no other event file is opened.
///
/// # Errors
/// As [`nmnist`]; if `train` or `test` is 0.
pub fn nmnist_first(folder: impl AsRef<Path>, train: usize, test: usize) -> Result<TrainTest<EventSet>> {
    let folder = folder.as_ref();
    for (name, value) in [("train", train), ("test", test)] {
        if value == 0 {
            return Err(error::argument(name, value, "at least 1"));
        }
    }
    check_folder(folder, &[LISTS[0], LISTS[1], "Train/", "Test/"])?;
    let full = folder.join("Train").is_dir() && folder.join("Test").is_dir();
    let entries = if full { full_entries(folder)? } else { small_entries(folder)? };
    Ok(TrainTest { train: load(entries.train, train)?, test: load(entries.test, test)? })
}

fn load(entries: Vec<Entry>, n: usize) -> Result<EventSet> {
    let sample = |(path, label): Entry| Ok(EventSample { events: read_events(path)?, label });
    let samples = entries.into_iter().take(n).map(sample).collect::<Result<_>>()?;
    Ok(SampleSet { samples, classes: CLASSES, about: about() })
}

/// Files and labels of the full layout.
fn full_entries(folder: &Path) -> Result<TrainTest<Vec<Entry>>> {
    Ok(TrainTest { train: full_part(&folder.join("Train"))?, test: full_part(&folder.join("Test"))? })
}

/// Files and labels of one part of the full layout, by number.
fn full_part(folder: &Path) -> Result<Vec<Entry>> {
    let mut by_number = BTreeMap::new();
    for label in 0..CLASSES {
        let digit = folder.join(label.to_string());
        check_folder(&digit, &["{number}.bin"])?;
        for path in list(&digit)? {
            if let Some(number) = event_number(&path) {
                by_number.insert((number, label), path);
            }
        }
    }
    if by_number.is_empty() {
        return Err(missing(folder, vec!["every event file".into()], vec!["{digit}/{number}.bin".into()]));
    }
    Ok(by_number.into_iter().map(|((_, label), path)| (path, label)).collect())
}

/// Files and labels of the small layout.
fn small_entries(folder: &Path) -> Result<TrainTest<Vec<Entry>>> {
    let names = LISTS.map(|name| [name.to_owned()]);
    let lists = find_files(folder, names.each_ref().map(|n| n.as_slice()))?;
    let files = event_files(folder)?;
    let (train, test) = (read_list(&lists[0])?, read_list(&lists[1])?);
    check_listed(folder, &files, &train, &test)?;
    Ok(TrainTest { train: with_paths(folder, &files, train)?, test: with_paths(folder, &files, test)? })
}

/// The event files of a folder by their numbers.
fn event_files(folder: &Path) -> Result<BTreeMap<u32, PathBuf>> {
    Ok(list(folder)?.into_iter().filter_map(|path| event_number(&path).map(|number| (number, path))).collect())
}

/// The number of `{number}.bs2` or `{number}.bin`; other files are none of the samples.
fn event_number(path: &Path) -> Option<u32> {
    let extension = path.extension().and_then(OsStr::to_str)?;
    if !matches!(extension, "bs2" | "bin") {
        return None;
    }
    path.file_stem().and_then(OsStr::to_str)?.parse().ok()
}

/// Every event file must have a label, or the lists belong to other files.
fn check_listed(
    folder: &Path,
    files: &BTreeMap<u32, PathBuf>,
    train: &[(u32, u32)],
    test: &[(u32, u32)],
) -> Result<()> {
    let listed: BTreeSet<u32> = train.iter().chain(test).map(|&(number, _)| number).collect();
    let unlisted: Vec<u32> = files.keys().copied().filter(|number| !listed.contains(number)).collect();
    match unlisted.first() {
        Some(first) => {
            let found = format!("{} event files without a label, the first of number {first}", unlisted.len());
            Err(mismatch(folder, found, format!("a line for each in {} or {}", LISTS[0], LISTS[1])))
        }
        None => Ok(()),
    }
}

/// The files of listed samples.
fn with_paths(folder: &Path, files: &BTreeMap<u32, PathBuf>, listed: Vec<(u32, u32)>) -> Result<Vec<Entry>> {
    let absent = listed.iter().filter(|(number, _)| !files.contains_key(number));
    let names: Vec<String> = absent.map(|(number, _)| format!("{number}.bs2 or {number}.bin")).collect();
    if !names.is_empty() {
        let searched = format!("an event file for each of the {} labels", listed.len());
        return Err(missing(folder, names, vec![searched]));
    }
    Ok(listed.into_iter().map(|(number, label)| (files[&number].clone(), label)).collect())
}

/// A list of labels: lines of number and label, `#` before a comment.
fn read_list(path: &Path) -> Result<Vec<(u32, u32)>> {
    let bytes = read_bytes(path)?;
    let mut seen = BTreeSet::new();
    let mut listed = Vec::new();
    for (i, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (number, label) = parse_line(line).ok_or_else(|| line_error(path, i + 1, line))?;
        if !seen.insert(number) {
            return Err(error::labels(path, i + 1, format!("sample {number} again"), "each sample once"));
        }
        listed.push((number, label));
    }
    if listed.is_empty() {
        return Err(error::labels(path, 1, "no labels", "lines of sample number and label"));
    }
    Ok(listed)
}

fn parse_line(line: &str) -> Option<(u32, u32)> {
    let mut words = line.split_whitespace();
    let (number, label) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (words.next().is_none() && label < CLASSES).then_some((number, label))
}

fn line_error(path: &Path, line: usize, text: &str) -> Error {
    let cut: String = text.chars().take(40).collect();
    error::labels(path, line, format!("{cut:?}"), "a sample number and a label of 0 to 9")
}

fn about() -> About {
    About::of(
        "N-MNIST",
        "G. Orchard, A. Jayawant, G. K. Cohen, N. Thakor",
        "CC BY-SA 4.0",
        "https://www.garrickorchard.com/datasets/n-mnist",
    )
}
