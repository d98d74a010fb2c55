//! Developed networks in files: the same bits after loading; what is cut, changed or foreign is refused.

use std::fs;
use std::path::Path;

use limnos::Error;
use limnos::presets::nalsm::{Mode, Nalsm, NalsmLiquid, Rule};
use xxhash_rust::xxh3::xxh3_64;

use super::{bits, cpu, developed, probabilities, small};

fn saved(folder: &Path, preset: Nalsm) -> (NalsmLiquid, std::path::PathBuf) {
    let (liquid, path) = (developed(preset), folder.join("liquid.nalsm"));
    liquid.save(&path).unwrap();
    (liquid, path)
}

fn refused(path: &Path, says: &str) {
    let error = NalsmLiquid::load(path, &cpu()).unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains(says) && text.contains("liquid.nalsm"), "{text} should contain {says}");
}

#[test]
fn a_loaded_liquid_runs_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    for rule in [Rule::astrocyte(0.05), Rule::Stdp, Rule::ApStdp { threshold: 6.0, width: 5.5 }] {
        let preset = Nalsm { mode: Mode::Faithful, seed: 9, snippet_steps: 15, snippets: Some(50), ..small(rule) };
        let (mut liquid, path) = saved(folder.path(), preset);
        let mut loaded = NalsmLiquid::load(&path, &cpu()).unwrap();
        assert_eq!(loaded.preset(), liquid.preset());
        assert_eq!(loaded.weights(), liquid.weights());
        let samples = probabilities(5);
        let [a, b] = [&mut liquid, &mut loaded].map(|l| l.transform(3, &samples, &mut |_| ()).unwrap());
        assert_eq!(bits(&a.counts), bits(&b.counts));
        assert!(a.counts.sum() > 0.0);
        let state = |l: &NalsmLiquid| l.record(3, &samples).unwrap();
        assert_eq!(state(&liquid), state(&loaded));
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["liquid.nalsm"], "nothing else is left beside the file");
    }
}

#[test]
fn a_file_cut_short_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, path) = saved(folder.path(), small(Rule::Stdp));
    let bytes = fs::read(&path).unwrap();
    for length in [0, 10, 16, 19, 20, 100, 123, 124, 132, bytes.len() / 2, bytes.len() - 8, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).unwrap();
        let says = if length < 16 { "expected is a developed NALSM" } else { "cut short" };
        refused(&path, says);
    }
    fs::write(&path, [&bytes[..], &[0]].concat()).unwrap();
    refused(&path, "its header says");
    fs::write(&path, &bytes).unwrap();
    assert!(NalsmLiquid::load(&path, &cpu()).is_ok(), "the whole file is good");
}

#[test]
fn no_changed_byte_goes_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let (_, path) = saved(folder.path(), Nalsm { neurons: 8, ..small(Rule::Stdp) });
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        fs::write(&path, &changed).unwrap();
        let error = NalsmLiquid::load(&path, &cpu()).unwrap_err();
        assert!(matches!(error, Error::File { .. }), "byte {at}: {error}");
    }
}

/// The file with other bytes at a place and a digest that fits.
fn forged(path: &Path, at: usize, new: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at..at + new.len()].copy_from_slice(new);
    let body = bytes.len() - 8;
    let digest = xxh3_64(&bytes[..body]).to_le_bytes();
    bytes[body..].copy_from_slice(&digest);
    fs::write(path, bytes).unwrap();
}

#[test]
fn foreign_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("liquid.nalsm");
    fs::write(&path, b"PK\x03\x04 something else altogether, long enough").unwrap();
    refused(&path, "PK\\x03\\x04");
    saved(folder.path(), small(Rule::Stdp));
    forged(&path, 16, &7u32.to_le_bytes());
    refused(&path, "version 7");
    saved(folder.path(), small(Rule::Stdp));
    forged(&path, 44, &9u32.to_le_bytes());
    refused(&path, "rule 9");
    saved(folder.path(), small(Rule::Stdp));
    forged(&path, 64, &2u32.to_le_bytes());
    refused(&path, "mode 2");
    saved(folder.path(), small(Rule::Stdp));
    // Another seed draws another network, to which the weights do not belong.
    forged(&path, 36, &2u64.to_le_bytes());
    refused(&path, "topology");
    assert!(matches!(NalsmLiquid::load(folder.path().join("none"), &cpu()), Err(Error::Io { action: "read", .. })));
}

#[test]
fn settings_and_weights_outside_their_range_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, path) = saved(folder.path(), small(Rule::Stdp));
    forged(&path, 20, &28u64.to_le_bytes());
    let error = NalsmLiquid::load(&path, &cpu()).unwrap_err().to_string();
    assert!(error.contains("neurons") && error.contains("28"), "{error}");
    saved(folder.path(), small(Rule::Stdp));
    forged(&path, 76, &u64::MAX.to_le_bytes());
    let error = NalsmLiquid::load(&path, &cpu()).unwrap_err().to_string();
    assert!(error.contains("snippets"), "{error}");
    saved(folder.path(), small(Rule::Stdp));
    forged(&path, 116, &4.0f64.to_le_bytes());
    let error = NalsmLiquid::load(&path, &cpu()).unwrap_err().to_string();
    assert!(error.contains('4') && error.contains("synapse 0"), "{error}");
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (liquid, path) = saved(folder.path(), small(Rule::Stdp));
    let before = fs::read(&path).unwrap();
    let nowhere = folder.path().join("no/such/folder/file");
    let error = liquid.save(&nowhere).unwrap_err();
    assert!(matches!(error, Error::Io { action: "write", .. }) && std::error::Error::source(&error).is_some());
    assert!(!error.to_string().contains("os error"), "its source says why: {error}");
    // A folder cannot be replaced by a file.
    fs::create_dir(folder.path().join("taken")).unwrap();
    assert!(liquid.save(folder.path().join("taken")).is_err());
    let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["liquid.nalsm", "taken"]);
    assert_eq!(fs::read(&path).unwrap(), before);
}
