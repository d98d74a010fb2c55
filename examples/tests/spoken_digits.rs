//! The example `spoken_digits` as a command: what it prints, writes and refuses.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(args: &[&str], out: &Path) -> Output {
    let tests = std::env::current_exe().expect("a test should know where it is");
    let built: PathBuf = tests.ancestors().nth(2).expect("tests lie in deps/").join("examples");
    let mut command = Command::new(built.join(format!("spoken_digits{}", std::env::consts::EXE_SUFFIX)));
    command.args(args).arg("--out").arg(out).env_remove("LIMNOS_DATA").env("LIMNOS_DEVICE", "cpu");
    command.output().expect("the example should have been built: cargo test builds examples")
}

/// A mono wav file of 16 bits at 8 kHz.
fn wav(samples: impl Iterator<Item = f64>) -> Vec<u8> {
    let data: Vec<u8> = samples.flat_map(|x| ((x * 32_767.0) as i16).to_le_bytes()).collect();
    let mut bytes =
        [&b"RIFF"[..], &(36 + data.len() as u32).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()].concat();
    // Whole numbers, one channel, samples a second, bytes a second, bytes a sample, bits a sample.
    for part in [&[1, 0, 1, 0][..], &8000_u32.to_le_bytes(), &16_000_u32.to_le_bytes(), &[2, 0, 16, 0]] {
        bytes.extend(part);
    }
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

/// Three "digits" of two "speakers": tones that rise, fall or stay, one voice higher than the other.
fn recordings(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (digit, slope) in [0.0, 0.4, -0.4].into_iter().enumerate() {
        for (speaker, pitch) in [("low", 700.0), ("high", 800.0)] {
            for index in 0..10 {
                let n = f64::from(1600 + 160 * index);
                let phase = |t: f64| std::f64::consts::TAU / 8000.0 * pitch * (t + slope * (t * t / n - t));
                let sound = wav((0..n as u32).map(|t| 0.5 * phase(f64::from(t)).sin()));
                std::fs::write(folder.join(format!("{digit}_{speaker}_{index}.wav")), sound).unwrap();
            }
        }
    }
}

#[test]
fn tones_are_told_apart_in_known_and_in_unheard_voices() {
    let folder = tempfile::tempdir().unwrap();
    recordings(&folder.path().join("recordings"));
    let data = folder.path().to_str().unwrap();
    for features in ["mfcc", "lyon"] {
        let out = folder.path().join(features);
        let output = run(&["--data", data, "--units", "60", "--features", features, "--json"], &out);
        let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{text}\n{errors}");
        let found: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((&found["device"], &found["features"]), (&"cpu".into(), &features.into()));
        assert_eq!(found["test_accuracy"], 1.0, "{found}");
        assert!(found["loso_accuracy"].as_f64().unwrap() > 0.6, "{found}");
        assert_eq!(found["loso_by_speaker"].as_object().unwrap().len(), 2);
        assert!(found["seconds"].as_f64().unwrap() > 0.0 && errors.contains("ETA 0 s"), "{found}\n{errors}");
        for name in ["spoken_digits.svg", "spoken_digits_unheard.svg"] {
            assert!(std::fs::read_to_string(out.join(name)).unwrap().ends_with("</svg>\n"), "{name}");
        }
    }
}

#[test]
fn without_data_it_says_where_to_name_them() {
    let out = tempfile::tempdir().unwrap();
    let output = run(&[], out.path());
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--data DIR"));
}
