//! The example `nalsm` as a command: what it prints, writes and refuses.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The command, which is built beside the tests.
fn command(args: &[&str], out: &Path) -> Command {
    let tests = std::env::current_exe().expect("a test should know where it is");
    let built: PathBuf = tests.ancestors().nth(2).expect("tests lie in deps/").join("examples");
    let name = format!("nalsm{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(built.join(name));
    command.args(args).arg("--out").arg(out).env_remove("LIMNOS_DATA").env("LIMNOS_DEVICE", "cpu");
    command
}

fn run(args: &[&str], out: &Path) -> Output {
    command(args, out).output().expect("the example should have been built: cargo test builds examples")
}

const SMALL: [&str; 8] = ["--set", "digits", "--neurons", "27", "--develop", "100", "--steps", "100"];

fn json(output: &Output) -> serde_json::Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn one_network_is_developed_trained_tested_and_drawn() {
    let out = tempfile::tempdir().unwrap();
    let args =
        [&SMALL[..], &["--train", "200", "--test", "100", "--readout", "softmax,paper", "--epochs", "20", "--json"]];
    let found = json(&run(&args.concat(), out.path()));
    for key in ["branching_factor", "test_accuracy", "valid_accuracy", "develop_s", "samples_per_s"] {
        assert!(found[key].as_f64().is_some_and(|v| v > 0.0), "{key}: {found}");
    }
    assert_eq!(found["device"], "cpu");
    assert!(found["test_accuracy"].as_f64().unwrap() > 0.3, "{found}");
    assert_eq!(found["settings"][0]["networks"][0]["readouts"].as_array().unwrap().len(), 2);
    assert_eq!(found["set"], "digits");
    for (key, value) in [
        ("steps", 100),
        ("develop", 100),
        ("train", 200),
        ("valid", 40),
        ("test", 100),
        ("epochs", 20),
        ("neurons", 27),
    ] {
        assert_eq!(found[key], value, "{key}: {found}");
    }
    for name in ["weights.svg", "astrocyte.svg", "raster.svg"] {
        let picture = std::fs::read_to_string(out.path().join(name)).unwrap();
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n") && !picture.contains("NaN"), "{name}");
    }
}

#[test]
fn several_weights_and_networks_are_listed_and_drawn() {
    let out = tempfile::tempdir().unwrap();
    let args = [&SMALL[..], &["--train", "0", "--test", "5", "--w-astro", "0.01,0.1", "--repeat", "2", "--json"]];
    let found = json(&run(&args.concat(), out.path()));
    let factors = found["branching_factor"].as_array().unwrap();
    assert_eq!(factors.len(), 2);
    // This small a liquid is quieter than its input, which a stronger astrocyte makes up for.
    let rates = &found["liquid_spikes_per_ms"];
    assert!(rates[0].as_f64() < rates[1].as_f64(), "{found}");
    assert_eq!(found["settings"][1]["networks"][1]["seed"], 2);
    assert!(found["test_accuracy"][0].is_null());
    assert!(out.path().join("branching.svg").is_file());
}

#[test]
fn a_saved_network_gives_the_same_results() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("liquid.nalsm");
    let file = file.to_str().unwrap();
    let rest = ["--train", "150", "--test", "50", "--json"];
    let first = json(&run(&[&SMALL[..], &rest, &["--rule", "stdp", "--save", file]].concat(), out.path()));
    let second = json(&run(&[&["--set", "digits", "--batch", "7", "--load", file], &rest[..]].concat(), out.path()));
    for key in ["branching_factor", "test_accuracy", "valid_accuracy", "liquid_spikes_per_ms"] {
        assert_eq!(first[key], second[key], "{key}");
    }
    assert_eq!((&second["develop_s"], &second["develop"]), (&0.0.into(), &100.into()));
    let other = run(&["--set", "n-mnist", "--load", file], out.path());
    let text = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(!other.status.success() && text.contains("64 channels and --set n-mnist has 2312"), "{text}");
    std::fs::write(file, b"not a network").unwrap();
    let broken = run(&["--set", "digits", "--load", file], out.path());
    let text = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert!(!broken.status.success() && text.contains("not a network"), "{text}");
}

#[test]
fn every_rule_runs() {
    let out = tempfile::tempdir().unwrap();
    for rule in [&["--rule", "static", "--w", "1.5"][..], &["--rule", "ap-stdp"], &["--mode", "faithful"]] {
        let found = json(&run(&[&SMALL[..], rule, &["--train", "0", "--test", "3", "--json"]].concat(), out.path()));
        assert!(found["branching_factor"].as_f64() > Some(0.0), "{rule:?}: {found}");
        let calcium = &found["settings"][0]["calcium"];
        assert_eq!(calcium.as_f64(), rule.contains(&"ap-stdp").then_some(37.0), "{found}");
    }
}

#[test]
fn what_cannot_be_is_refused_before_any_work() {
    let cases: [(&[&str], &str); 23] = [
        (&["--neurons", "999"], "neurons"),
        (&["--rule", "stdp", "--w-astro", "0.1"], "--w-astro goes with"),
        (&["--w", "0.1"], "--w goes with"),
        (&["--calcium", "30"], "--calcium"),
        (&["--w-astro", "-1"], "-1"),
        (&["--w-astro", "nan"], "NaN"),
        (&["--repeat", "0"], "--repeat is 0"),
        (&["--repeat", "18446744073709551615"], "1 to 1000"),
        // Too little for the numbers of the astrocyte, after two that are well.
        (&["--w-astro", "0.015,0.1,1e-300"], "weight of astrocyte"),
        (&["--steps", "58"], "--steps is 58"),
        (&["--epochs", "0"], "--epochs is 0"),
        (&["--test", "0"], "--test is 0"),
        (&["--develop", "0"], "--develop is 0"),
        (&["--batch", "0"], "max_batch"),
        (&["--l2=-1"], "--l2 is -1"),
        (&["--l2", "1e308"], "0 to 1e9"),
        (&["--l2", "nan"], "--l2 is NaN"),
        (&["--repeat", "2", "--save", "x"], "--save takes one network"),
        (&["--save", "no/such/folder/x"], "no/such/folder"),
        (&["--save", "tests"], "--save: tests is a folder"),
        (&["--save", "new/"], "--save: new/ is a folder"),
        (&["--save", "/proc/x"], "the folder /proc"),
        (&["--load", "x", "--neurons", "27"], "cannot be used with"),
    ];
    let out = tempfile::tempdir().unwrap();
    for (args, says) in cases {
        let output = run(&[&["--set", "digits"], args].concat(), &out.path().join("pictures"));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(says), "{args:?}: {text}");
        assert!(output.stdout.is_empty() && !out.path().join("pictures").exists(), "{args:?} did something");
    }
}

#[test]
fn quiet_liquids_have_no_branching_factor_to_draw() {
    let out = tempfile::tempdir().unwrap();
    let args = ["--set", "digits", "--neurons", "125", "--steps", "100", "--rule", "static", "--w", "0.001,0.002"];
    let found = json(&run(&[&args[..], &["--train", "0", "--test", "3", "--json"]].concat(), out.path()));
    assert_eq!(found["branching_factor"], serde_json::json!([null, null]));
    assert!(out.path().join("raster.svg").is_file() && !out.path().join("branching.svg").exists());
}

#[test]
fn results_come_out_where_a_picture_cannot_be_drawn() {
    let out = tempfile::tempdir().unwrap();
    std::fs::create_dir(out.path().join("raster.svg")).unwrap();
    let output = run(&[&SMALL[..], &["--train", "0", "--test", "3", "--json"]].concat(), out.path());
    let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && errors.contains("raster.svg"), "{errors}");
    let found: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(found["branching_factor"].as_f64() > Some(0.0) && text.contains("astrocyte.svg"), "{text}");
}

#[test]
fn results_come_out_where_the_network_cannot_be_saved() {
    let out = tempfile::tempdir().unwrap();
    // Long enough that the file written first, whose name is longer, cannot be.
    let file = out.path().join("x".repeat(252));
    let args = [&SMALL[..], &["--train", "0", "--test", "3", "--json", "--save", file.to_str().unwrap()]];
    let output = run(&args.concat(), out.path());
    let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && errors.contains("going on: the developed network was not saved"), "{errors}");
    assert_eq!(errors.matches("cannot write").count(), 2, "at once and last: {errors}");
    let found: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(found["branching_factor"].as_f64() > Some(0.0) && text.contains("raster.svg"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_refused() {
    let output = run(&["--set", "digits"], Path::new("/proc"));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("cannot write to the folder /proc"), "{text}");
    assert!(output.stdout.is_empty());
}

#[test]
fn amounts_beyond_the_data_and_missing_data_are_refused() {
    let out = tempfile::tempdir().unwrap();
    for (args, says) in [
        (&["--set", "digits", "--develop", "10", "--train", "5000"][..], "--train is 5000; there are 1049"),
        (&["--set", "digits", "--train", "1"], "all of one class"),
        (&["--set", "digits", "--train", "4", "--test", "200"], "class 9 of the validation or test samples"),
        (&["--set", "digits", "--train", "0", "--test", "210"], "--test is 210; there are 209"),
        (&["--set", "digits", "--data", "."], "--data goes with"),
        (&["--set", "mnist"], "--data DIR"),
        (&["--set", "n-mnist", "--data", "/nowhere"], "/nowhere"),
        (&["--set", "digits", "--device", "no such adapter"], "no such adapter"),
    ] {
        let output = run(args, out.path());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(says), "{args:?}: {text}");
    }
}

#[test]
fn a_reader_that_goes_is_no_panic() {
    let out = tempfile::tempdir().unwrap();
    let args = [&SMALL[..], &["--train", "0", "--test", "3", "--json"]].concat();
    let mut child = command(&args, out.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("error: ") && !text.contains("panicked"), "{text}");
}
