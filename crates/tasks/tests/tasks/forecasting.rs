//! Systems to be forecast: the published files, the published scores, and references by other integrators.

use std::f64::consts::TAU;
use std::path::Path;

use limnos_tasks::{
    CsvOptions, DystsSampling, DystsSystem, KuramotoSivashinsky, MackeyGlass, MackeyGlassRule, Parameter, ValidTime,
    dysts, read_attractors, read_csv, read_published_forecasts, read_trajectories, santa_fe_laser, smape,
};
use ndarray::{Array2, s};
use serde_json::Value;

use crate::support::{data, error_text, gzip, write};

/// A file of `tests/data`, or of the real data, as json.
fn json(path: impl AsRef<Path>) -> Value {
    let file = std::fs::File::open(path).unwrap();
    serde_json::from_reader(std::io::BufReader::new(file)).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<_> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

/// The polynomial through the 12 samples around a time, there.
fn between(series: &[f64], time: f64) -> f64 {
    let first = time.floor() as usize - 5;
    let weight = |i: usize| {
        let others = (first..first + 12).filter(|&j| j != i);
        others.map(|j| (time - j as f64) / (i as f64 - j as f64)).product::<f64>()
    };
    (first..first + 12).map(|i| weight(i) * series[i]).sum()
}

#[test]
fn mackey_glass_goes_on_as_the_published_file() {
    let Some(folder) = data("mackey-glass") else { return };
    let published = read_csv(folder.join("MackeyGlass_t17.txt"), &CsvOptions::default()).unwrap();
    // The file is tanh(x - 1).
    let x: Vec<f64> = published.features.iter().map(|&y| f64::from(y).atanh() + 1.0).collect();
    // The largest difference to the file within `n` samples, from 40 places in it.
    let off = |model: MackeyGlass, n: usize| {
        let from = |start: usize| {
            let history: Vec<f64> = (0..=180).map(|i| between(&x, start as f64 - 0.1 * f64::from(180 - i))).collect();
            let own = model.continued(&history, n).unwrap();
            own.iter().zip(&x[start + 1..]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        (1..=40).map(|i| from(200 * i)).fold(0.0, f64::max)
    };
    // The file was made by the rule of Euler in steps of 0.1; it has 7 digits in f32, and its history is interpolated.
    let euler = MackeyGlass { rule: MackeyGlassRule::Euler, ..MackeyGlass::default() };
    assert!(off(euler, 17) < 2e-5, "{}", off(euler, 17));
    assert!(off(euler, 84) < 1e-4, "{}", off(euler, 84));
    // The solution of the equation is off by the error of that rule, and no further.
    let solution = MackeyGlass::default();
    assert!((1e-3..1e-2).contains(&off(solution, 17)), "{}", off(solution, 17));
    assert!((3e-3..5e-2).contains(&off(solution, 84)), "{}", off(solution, 84));
    // The control: a delay of 16.8 is another system.
    assert!(off(MackeyGlass { tau: 16.8, ..euler }, 17) > 1e-2);
}

#[test]
fn kuramoto_sivashinsky_is_what_an_implicit_solver_says() {
    // By benches/reference/kuramoto_sivashinsky.py: Radau IIA on differentiation matrices, at rtol 1e-11.
    let reference = json(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kuramoto_sivashinsky.json"));
    for name in ["l22", "kassam_trefethen"] {
        let case = &reference["short"][name];
        let (length, points) = (case["length"].as_f64().unwrap(), case["points"].as_u64().unwrap() as usize);
        let mut field: Vec<f64> =
            (0..points).map(|i| TAU * i as f64 / points as f64).map(|x| x.cos() * (1.0 + x.sin())).collect();
        let equation = KuramotoSivashinsky { length, points, dt: 5.0, substeps: 200, washout: 0, seed: 0 };
        let mut solver = equation.solver().unwrap();
        let (mut time, states) = (0.0, matrix(&case["states"]));
        for (&until, expected) in numbers(&case["times"]).iter().zip(states.rows()) {
            while time < until {
                solver.step(&mut field);
                time += 5.0;
            }
            let off = field.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(off < 1e-6, "{name} at {time}: off by {off}");
        }
        // The control: a length 1 % greater.
        let mut other: Vec<f64> =
            (0..points).map(|i| TAU * i as f64 / points as f64).map(|x| x.cos() * (1.0 + x.sin())).collect();
        KuramotoSivashinsky { length: 1.01 * length, ..equation }.solver().unwrap().step(&mut other);
        assert!(other.iter().zip(states.row(0)).any(|(a, b)| (a - b).abs() > 1e-3));
    }
}

#[test]
fn kuramoto_sivashinsky_has_the_spectrum_of_the_implicit_solver() {
    let reference = &json(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kuramoto_sivashinsky.json"))["long"];
    let series = KuramotoSivashinsky { dt: 1.0, substeps: 4, ..KuramotoSivashinsky::default() }.series(20_000).unwrap();
    let mean_square = series.iter().map(|u| u * u).sum::<f64>() / series.len() as f64;
    let expected = reference["mean_square"].as_f64().unwrap();
    // The four runs of the reference, of a quarter of the time each, differ by 2 %.
    assert!((mean_square / expected - 1.0).abs() < 0.02, "{mean_square} against {expected}");
    let turn = |j: usize, i: usize| (TAU * (j * i % 64) as f64 / 64.0).sin_cos();
    for (j, expected) in numbers(&reference["power"]).into_iter().enumerate().skip(1) {
        let power = |field: ndarray::ArrayView1<'_, f64>| {
            let (mut re, mut im) = (0.0, 0.0);
            for (i, u) in field.iter().enumerate() {
                let (sine, cosine) = turn(j, i);
                (re, im) = (re + u * cosine, im + u * sine);
            }
            (re * re + im * im) / 4096.0
        };
        let found = series.rows().into_iter().map(power).sum::<f64>() / 20_000.0;
        assert!((found / expected - 1.0).abs() < 0.06, "wave {j}: {found} against {expected}");
    }
}

#[test]
fn the_laser_is_whole() {
    let Some(folder) = data("santa-fe-laser") else { return };
    let laser = santa_fe_laser(&folder).unwrap();
    assert_eq!(laser.len(), 10_093);
    // The first values of A.dat of the competition.
    assert_eq!(laser[..10], [86.0, 141.0, 95.0, 41.0, 22.0, 21.0, 32.0, 72.0, 138.0, 111.0]);
    assert!(laser.iter().all(|x| (0.0..=255.0).contains(x)));
}

#[test]
fn dysts_is_whole() {
    let Some(folder) = data("dysts") else { return };
    let fine = dysts(&folder, DystsSampling::Fine).unwrap();
    assert_eq!(fine.len(), 131);
    assert!(fine.iter().all(|system| system.train.values.nrows() == 1200 && system.test.values.nrows() == 1200));
    let same = |part: &&DystsSystem| part.train.values == part.test.values;
    let same: Vec<_> = fine.iter().filter(same).map(|system| system.attractor.name.as_str()).collect();
    assert_eq!(same, ["SprottJerk"]);
    let lorenz = fine.iter().find(|system| system.attractor.name == "Lorenz").unwrap();
    assert_eq!(lorenz.train.name, "Lorenz");
    assert_eq!(lorenz.attractor.parameters["rho"], Parameter::Number(28.0));
    assert_eq!(lorenz.attractor.maximum_lyapunov_estimated, 1.091_093_184_772_646_6);
    assert_eq!(lorenz.train.values[[0, 2]], 23.087_114_866_216_172);
    assert!((lorenz.test.dt * 100.0 / lorenz.attractor.period - 1.0).abs() < 0.01);
    let coarse = dysts(&folder, DystsSampling::Coarse).unwrap();
    assert!(coarse.iter().all(|system| system.test.values.nrows() == 180));
    let univariate = dysts(&folder, DystsSampling::UnivariateFine).unwrap();
    assert!(univariate.iter().all(|system| system.test.values.dim() == (1200, 1)));
    let tables = fine.iter().flat_map(|system| system.attractor.parameters.values());
    assert_eq!(tables.filter(|parameter| matches!(parameter, Parameter::Table(_))).count(), 4);
}

#[test]
fn scores_are_the_published_ones() {
    let Some(folder) = data("dysts") else { return };
    let fine = dysts(&folder, DystsSampling::Fine).unwrap();
    for model in ["esn", "nvar"] {
        let path = folder.join(format!("benchmarks/results_{model}_multivariate.json.gz"));
        let bytes = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
        let results: Value = serde_json::from_reader(std::io::BufReader::new(bytes)).unwrap();
        let mut valid_times = Vec::new();
        for system in &fine {
            let result = &results[&system.attractor.name];
            let (predicted, published) = (matrix(&result["traj_pred"]), result["smape"].as_f64().unwrap());
            let target = system.test.values.slice(s![1000.., ..]);
            assert_eq!(target, matrix(&result["traj_true"]), "{}", system.attractor.name);
            let found = smape(predicted.view(), target).unwrap();
            assert!((found - published).abs() < 1e-10, "{}: {found} against {published}", system.attractor.name);
            let lyapunov = system.attractor.maximum_lyapunov_estimated;
            let measure = ValidTime { dt: system.test.dt, lyapunov, ..ValidTime::default() };
            valid_times.push(measure.of(predicted.view(), target).unwrap().lyapunov_times);
        }
        // The medians of the stored forecasts by numpy.
        valid_times.sort_by(f64::total_cmp);
        let expected = if model == "esn" { 0.244_285_98 } else { 0.204_592_42 };
        assert!((valid_times[65] - expected).abs() < 1e-8, "{model}: {}", valid_times[65]);
    }
}

#[test]
fn malformed_trajectories() {
    let folder = tempfile::tempdir().unwrap();
    let text = |json: &str| error_text(read_trajectories(write(folder.path(), "a", json.as_bytes())), folder.path());
    let content = "expected an object of systems, each with `time`, `dt` and `values`";
    for (json, expected) in [
        ("", format!("@/a: EOF while parsing a value at line 1 column 0; {content}")),
        ("[1]", format!("@/a: invalid type: sequence, expected a map at line 1 column 0; {content}")),
        (
            r#"{"A": {"time": [0.0], "values": [1.0]}}"#,
            format!("@/a: missing field `dt` at line 1 column 38; {content}"),
        ),
        (
            r#"{"A": {"time": [0.0], "dt": 1, "values": [[NaN]]}}"#,
            format!("@/a: expected value at line 1 column 44; {content}"),
        ),
        (
            r#"{"A": {"time": [0.0], "dt": 1, "values": ["x"]}}"#,
            format!(
                "@/a: invalid type: string \"x\", expected a number or a list of numbers at line 1 column 45; {content}"
            ),
        ),
        (r#"{"A": {"time": [0], "dt": 0, "values": [1]}}"#, "@/a: A has a dt of 0; expected a positive one".into()),
        (
            r#"{"A": {"time": [0], "dt": 1, "values": []}}"#,
            "@/a: A has 1 times of 0 values; expected one for each".into(),
        ),
        (
            r#"{"A": {"time": [], "dt": 1, "values": []}}"#,
            "@/a: A has no values; expected at least one step and one dimension".into(),
        ),
        (
            r#"{"A": {"time": [0, 1], "dt": 1, "values": [[1, 2], 3]}}"#,
            "@/a: A has 1 values at step 1 after 2; expected as many in each step".into(),
        ),
    ] {
        assert_eq!(text(json), expected);
    }
    let good =
        r#"{"B": {"time": [0, 1], "dt": 0.5, "values": [1, -2]}, "A": {"time": [0], "dt": 1, "values": [[1, 2.5]]}}"#;
    let read = read_trajectories(write(folder.path(), "a.gz", &gzip(good.as_bytes()))).unwrap();
    assert_eq!((read[0].name.as_str(), read[1].name.as_str()), ("A", "B"));
    assert_eq!(read[1].values, ndarray::arr2(&[[1.0], [-2.0]]));
    for n in 0..good.len() {
        assert!(read_trajectories(write(folder.path(), "a", &good.as_bytes()[..n])).is_err(), "{n} bytes");
    }
}

#[test]
fn published_forecasts_are_read_whole_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let read = |predicted: &str, target: &str| {
        let text =
            format!(r#"{{"A": {{"smape": 7.5, "tau_val": 0, "traj_pred": [{predicted}], "traj_true": [{target}]}}}}"#);
        read_published_forecasts(write(folder.path(), "results.json.gz", &gzip(text.as_bytes())))
    };
    let forecasts = read("[1, 2], [3, 4]", "[5, 6], [7, 8]").unwrap();
    assert_eq!((forecasts.len(), forecasts[0].name.as_str(), forecasts[0].smape), (1, "A", 7.5));
    assert_eq!((forecasts[0].predicted[[1, 0]], forecasts[0].target[[0, 1]]), (3.0, 6.0));
    for (predicted, target, wrong) in [
        ("[1, 2], [3]", "[5, 6], [7, 8]", "forecast rows of different length"),
        ("[1, 2], [3, 4]", "[5, 6], [7]", "true rows of different length"),
        ("[1, 2]", "[5, 6], [7, 8]", "another shape"),
    ] {
        let found = error_text(read(predicted, target), folder.path());
        assert!(found.contains(wrong) && found.contains("A has"), "{found}");
    }
}

#[test]
fn dysts_names_what_is_missing_or_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let text = || error_text(dysts(folder.path(), DystsSampling::Coarse), folder.path());
    let name = |part: &str| format!("{part}_multivariate__pts_per_period_15__periods_12.json");
    let found = text();
    assert!(found.starts_with("@: missing chaotic_attractors.json, train_multivariate__"), "{found}");
    let attractor = |name: &str| {
        format!(
            r#"{{"{name}": {{"embedding_dimension": 2, "period": 1, "dt": 1, "maximum_lyapunov_estimated": 1, "lyapunov_spectrum_estimated": [],
            "kaplan_yorke_dimension": 1, "correlation_dimension": 1, "delay": false, "nonautonomous": false, "unbounded_indices": [],
            "initial_conditions": [0, 0], "parameters": {{"a": 1, "b": [1, 2], "c": [[1]]}}, "citation": "", "period_of_more": null}}}}"#
        )
    };
    let trajectory = |values: &str| format!(r#"{{"A": {{"time": [0], "dt": 1, "values": [{values}]}}}}"#);
    write(folder.path(), "chaotic_attractors.json", attractor("B").as_bytes());
    write(folder.path(), &name("train"), trajectory("[1, 2]").as_bytes());
    write(folder.path(), &name("test"), trajectory("[1, 2, 3]").as_bytes());
    assert_eq!(
        text(),
        "@/train_multivariate__pts_per_period_15__periods_12.json: other systems: more (A), fewer (B); expected the 1 of \
         chaotic_attractors.json"
    );
    let path = write(folder.path(), "chaotic_attractors.json", attractor("A").as_bytes());
    assert_eq!(
        text(),
        "@/test_multivariate__pts_per_period_15__periods_12.json: 3 dimensions of A; expected 2, as in \
         chaotic_attractors.json"
    );
    write(folder.path(), &name("test"), trajectory("[3, 4]").as_bytes());
    assert_eq!(dysts(folder.path(), DystsSampling::Coarse).unwrap().len(), 1);
    let parameters = &read_attractors(path).unwrap()[0].parameters;
    assert_eq!(parameters["b"], Parameter::List(vec![1.0, 2.0]));
    assert_eq!(parameters["c"], Parameter::Table(vec![vec![1.0]]));
}

#[test]
fn a_laser_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let text = || error_text(santa_fe_laser(folder.path()), folder.path());
    assert_eq!(text(), "@: missing santafe_laser.npy; searched for santafe_laser.npy");
    let path = folder.path().join("santafe_laser.npy");
    limnos_tasks::write_npy(&path, ndarray::arr1(&[3_i16, 256]).view()).unwrap();
    assert_eq!(text(), "@/santafe_laser.npy: 256 at step 1; expected whole numbers of 0 to 255");
    limnos_tasks::write_npy(&path, ndarray::arr2(&[[3_i16, 2]]).view()).unwrap();
    assert_eq!(text(), "@/santafe_laser.npy: 1 x 2 values; expected one column of values");
}
