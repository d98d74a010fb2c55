//! Well-formed files with one byte changed or the end cut off: refused or read, but no panic.

use std::path::Path;

use limnos_tasks::{CsvOptions, Result, SplitMix64, read_csv, read_events, read_idx_images, read_wav};

use crate::sound::wav;
use crate::support::{event, gzip, idx, write};

/// Counts how many damaged files are read all the same.
fn accepted(name: &str, good: &[u8], header: usize, read: impl Fn(&Path) -> Result<()>) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let tried = |bytes: &[u8]| usize::from(read(&write(folder.path(), name, bytes)).is_ok());
    assert_eq!(tried(good), 1, "{name} should be well formed");
    let cuts: usize = (0..good.len()).map(|n| tried(&good[..n])).sum();
    let mut random = SplitMix64::new(header as u64);
    let flips: usize = (0..header * 12)
        .map(|i| {
            let mut bytes = good.to_vec();
            bytes[i % header] ^= 1 + random.below(255) as u8;
            tried(&bytes)
        })
        .sum();
    cuts + flips
}

#[test]
fn idx_refuses_every_damaged_header() {
    let good = idx(&[2, 3, 4], &[5; 24]);
    // A header of a changed size never fits its data.
    assert_eq!(accepted("a", &good, 16, |p| read_idx_images(p).map(drop)), 0);
}

#[test]
fn gzip_survives_damage() {
    let good = gzip(&idx(&[2, 3, 4], &(0..24).collect::<Vec<u8>>()));
    // Time, system and flags of a gzip header may change without harm; its content may not.
    let read = |p: &Path| read_idx_images(p).map(|a| assert_eq!(a[[1, 11]], 23.0));
    accepted("a.gz", &good, good.len(), read);
}

#[test]
fn csv_survives_damage() {
    let good = b"1,2,3\n4,5,6\n7,8,9\n";
    accepted("a.csv", good, good.len(), |p| read_csv(p, &CsvOptions::default()).map(drop));
}

#[test]
fn events_survive_damage() {
    let good = [event(1, 2, true, 3), event(4, 5, false, 6)].concat();
    // Cut after the first event there is one good event.
    let n = accepted("a.bin", &good, good.len(), |p| read_events(p).map(drop));
    assert!(n >= 1);
}

#[test]
fn wav_survives_damage() {
    let good = wav(1, 1, 8000, 16, &[1, 2, 3, 4, 5, 6, 7, 8]);
    accepted("a.wav", &good, 44, |p| read_wav(p).map(drop));
    let float = wav(3, 1, 8000, 32, &[0; 16]);
    accepted("b.wav", &float, float.len(), |p| read_wav(p).map(drop));
}

#[test]
fn csv_takes_every_delimiter_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "a.csv", b"1,2,3\n4;5;6\n\"7\",8\n");
    for delimiter in 0..=255 {
        let options = CsvOptions { delimiter, ..CsvOptions::default() };
        assert!(read_csv(&path, &options).is_err(), "delimiter {delimiter}");
    }
}
