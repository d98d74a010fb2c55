//! The protocol of dysts on some of its systems.

use std::path::{Path, PathBuf};
use std::process::Command;

use limnos::tasks::{DystsSampling, DystsSystem, dysts};
use limnos_bench::dysts::{DystsProtocol, DystsReport, Family, published};
use ndarray::s;
use serde_json::Value;

/// The folder of the data. Without it a test fails, unless LIMNOS_NO_DATA=1 says that this is known.
fn data() -> Option<PathBuf> {
    let root = std::env::var_os("LIMNOS_DATA").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let folder = root.join("dysts");
    if folder.is_dir() {
        return Some(folder);
    }
    let text = format!("no real data at {}: set LIMNOS_DATA to the folder that has dysts/", folder.display());
    assert_eq!(std::env::var("LIMNOS_NO_DATA").as_deref(), Ok("1"), "{text}, or LIMNOS_NO_DATA=1 to do without");
    println!("NOT TESTED: {text}");
    None
}

fn systems(folder: &Path, names: &[&str]) -> Vec<DystsSystem> {
    let all = dysts(folder, DystsSampling::Fine).expect("the files should be whole");
    all.into_iter().filter(|system| names.contains(&system.attractor.name.as_str())).collect()
}

#[test]
fn chaotic_flows_are_followed_where_the_published_models_lose_them() {
    let Some(folder) = data() else { return };
    let systems = systems(&folder, &["Halvorsen", "Lorenz", "Rossler"]);
    let protocol = DystsProtocol::default();
    let in_pool = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads should start");
        let scores = pool.install(|| protocol.run(&systems, || ())).expect("every system should be scored");
        DystsReport::new(
            &protocol,
            scores,
            published(&folder, &systems).expect("the files should be whole"),
            (threads, 0.0),
        )
    };
    let (one, three) = (in_pool(1), in_pool(3));
    println!("{}", one.table());
    assert_eq!(one.systems, 3);
    assert!(one.median_smape < 5.0 && one.mean_smape < 10.0, "{} {}", one.median_smape, one.mean_smape);
    // The control: by the same code, none of the published models comes near on these.
    assert_eq!(one.published.len(), 3);
    assert!(one.published.iter().all(|p| p.systems == 3 && p.median_smape > 20.0), "{:?}", one.published);
    for (a, b) in one.scores.iter().zip(&three.scores) {
        assert_eq!((a.smape.to_bits(), a.vpt, &a.chosen), (b.smape.to_bits(), b.vpt, &b.chosen), "{}", a.name);
    }
}

/// The choice is blind to the rows that are scored, also for the system whose two trajectories are one.
#[test]
fn what_is_scored_plays_no_part_in_the_choice() {
    let Some(folder) = data() else { return };
    let protocol = DystsProtocol { family: Family::Delays, ..DystsProtocol::default() };
    for (name, rehearse) in [("SprottJerk", false), ("Rossler", false), ("Rossler", true)] {
        let protocol = DystsProtocol { rehearse, ..protocol };
        let mut system = systems(&folder, &[name]).remove(0);
        let honest = protocol.score(&system).expect("the system should be scored");
        let both = system.train.values == system.test.values;
        let alter = |values: &mut ndarray::Array2<f64>| values.slice_mut(s![1000.., ..]).mapv_inplace(|x| 3.0 - x);
        if both || rehearse {
            alter(&mut system.train.values);
        }
        if both || !rehearse {
            alter(&mut system.test.values);
        }
        let altered = protocol.score(&system).expect("the system should be scored");
        assert_eq!((&honest.chosen, honest.validation), (&altered.chosen, altered.validation), "{name}");
        assert!(altered.smape > honest.smape + 20.0, "{name}: {} {}", honest.smape, altered.smape);
    }
}

#[test]
fn the_command_prints_its_scores_and_says_what_is_wrong() {
    let Some(folder) = data() else { return };
    let run = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limnos"));
        command.args(["bench", "dysts", "--data"]).arg(&folder).args(arguments.split_whitespace());
        command.output().expect("the command should start")
    };
    let output = run("--systems Rossler,SprottE --family delays --members 1 --json");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    let report: Value = serde_json::from_str(stdout.lines().last().expect("a line")).expect("JSON");
    assert_eq!(report["systems"], 2);
    for key in ["median_smape", "mean_smape", "median_vpt"] {
        assert!(report[key].as_f64().is_some_and(f64::is_finite), "{key}");
    }
    for (arguments, text) in [("--systems Nobody", "Nobody"), ("--systems 132", "1 to 131"), ("--members 0", "members")]
    {
        let output = run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(text), "{arguments}: {error}");
    }
}
