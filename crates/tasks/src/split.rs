//! Dividing samples into those to learn from and those to be tested on.

use crate::error::argument;
use crate::random::SplitMix64;
use crate::{Error, Result};

/// Two parts of one data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainTest<T> {
    /// To learn from.
    pub train: T,
    /// To be tested on.
    pub test: T,
}

/// How the test samples are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Split {
    /// From all samples alike.
    Plain,
    /// From every class by the same share, up to one sample a class.
    #[default]
    Stratified,
}

/// Indices of the training and of the test samples, each once, in shuffled order.
///
/// The test part has `test_fraction` of the samples, rounded to the nearest. One permutation (Fisher and Yates with
/// [`SplitMix64`] of `seed`) is walked from its start; a sample is tested on while the quota of its class is not full.
/// Quotas are by largest remainder; [`Split::Plain`] has one quota for all.
///
/// # Errors
/// If `test_fraction` is not above 0 and below 1, or if it leaves either part empty.
pub fn split_indices(labels: &[u32], test_fraction: f64, seed: u64, split: Split) -> Result<TrainTest<Vec<usize>>> {
    let test_size = test_size(labels.len(), test_fraction)?;
    let groups = match split {
        Split::Plain => vec![0; labels.len()],
        Split::Stratified => ranks(labels),
    };
    let mut quotas = quotas(&groups, test_size);
    let mut order: Vec<usize> = (0..labels.len()).collect();
    SplitMix64::new(seed).shuffle(&mut order);
    let (test, train) = order.into_iter().partition(|&sample| take_one(&mut quotas[groups[sample]]));
    Ok(TrainTest { train, test })
}

/// The number of test samples.
fn test_size(samples: usize, test_fraction: f64) -> Result<usize> {
    if !(test_fraction > 0.0 && test_fraction < 1.0) {
        return Err(argument("test_fraction", test_fraction, "above 0 and below 1"));
    }
    let size = (samples as f64 * test_fraction).round() as usize;
    if size == 0 || size >= samples {
        return Err(empty_part(samples, test_fraction, size));
    }
    Ok(size)
}

/// The error of a split that leaves a part empty.
fn empty_part(samples: usize, test_fraction: f64, size: usize) -> Error {
    let found = format!("{test_fraction}, which gives {size} of {samples} samples to the test");
    argument("test_fraction", found, "a share that leaves at least one sample on either side")
}

/// Takes one from a quota, if it can.
fn take_one(quota: &mut usize) -> bool {
    let can = *quota > 0;
    *quota -= usize::from(can);
    can
}

/// Labels replaced by their rank among the labels that occur, so that a group count never follows a label's size.
fn ranks(labels: &[u32]) -> Vec<usize> {
    let mut distinct = labels.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    labels.iter().map(|label| distinct.partition_point(|d| d < label)).collect()
}

/// `total` divided over groups in proportion to their sizes, by largest remainder (ties to the lower group).
fn quotas(groups: &[usize], total: usize) -> Vec<usize> {
    let mut sizes = vec![0_usize; groups.iter().max().map_or(0, |&g| g + 1)];
    groups.iter().for_each(|&g| sizes[g] += 1);
    let share = |size: usize| (size as u128 * total as u128, groups.len() as u128);
    let mut quotas: Vec<usize> = sizes.iter().map(|&s| (share(s).0 / share(s).1) as usize).collect();
    let mut by_remainder: Vec<usize> = (0..sizes.len()).collect();
    by_remainder.sort_by_key(|&g| std::cmp::Reverse(share(sizes[g]).0 % share(sizes[g]).1));
    let left = total - quotas.iter().sum::<usize>();
    by_remainder.iter().take(left).for_each(|&g| quotas[g] += 1);
    quotas
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 60, 30 and 10 samples of the labels 7, 0 and 4 000 000 000.
    fn labels() -> Vec<u32> {
        (0..100)
            .map(|i| {
                if i % 10 == 0 {
                    4_000_000_000
                } else if i % 10 < 4 {
                    0
                } else {
                    7
                }
            })
            .collect()
    }

    fn count(labels: &[u32], part: &[usize], label: u32) -> usize {
        part.iter().filter(|&&i| labels[i] == label).count()
    }

    #[test]
    fn every_sample_is_in_one_part() {
        for split in [Split::Plain, Split::Stratified] {
            let parts = split_indices(&labels(), 0.25, 3, split).unwrap();
            assert_eq!(parts.test.len(), 25);
            let mut all = [parts.train, parts.test].concat();
            all.sort_unstable();
            assert_eq!(all, (0..100).collect::<Vec<_>>());
        }
    }

    #[test]
    fn stratified_keeps_the_shares_and_plain_does_not() {
        let labels = labels();
        let mut plain_differs = false;
        for seed in 0..20 {
            let parts = split_indices(&labels, 0.3, seed, Split::Stratified).unwrap();
            let counts = [7, 0, 4_000_000_000].map(|label| count(&labels, &parts.test, label));
            assert_eq!(counts, [18, 9, 3], "seed {seed}");
            let plain = split_indices(&labels, 0.3, seed, Split::Plain).unwrap();
            plain_differs |= count(&labels, &plain.test, 7) != 18;
        }
        assert!(plain_differs);
    }

    #[test]
    fn one_seed_gives_one_split_and_another_seed_another() {
        let of = |seed| split_indices(&labels(), 0.3, seed, Split::Stratified).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn quotas_go_by_largest_remainder() {
        assert_eq!(quotas(&[0, 0, 0, 1, 1, 2], 3), [2, 1, 0]);
    }
}
