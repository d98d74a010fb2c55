//! Search for hyperparameters.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use limnos::esn::EsnConfig;
use limnos::ndarray::Array2;
use limnos::reservoir::Reservoir;
use limnos::search::{Candidate, Method, Range, RollingOrigins, Search};
use limnos::tasks::MackeyGlass;
use limnos::{Device, Error, Stage};

fn bowl(candidate: &Candidate) -> f64 {
    (candidate["x"] - 0.3).powi(2) + (candidate["y"].log10() + 4.0).powi(2)
}

fn search(method: Method) -> Search {
    let space = vec![
        ("x".into(), Range::Uniform(-1.0, 1.0)),
        ("y".into(), Range::Log(1e-8, 1.0)),
        ("n".into(), Range::Whole(2, 5)),
        ("c".into(), Range::Choice(vec![0.5, 7.0])),
    ];
    Search { space, method, seed: 3, file: None }
}

#[test]
fn candidates_lie_in_their_ranges_and_the_best_is_found() {
    let found = search(Method::Random { candidates: 300 }).run(|candidate, share| {
        assert_eq!(share, 1.0);
        Ok(bowl(candidate))
    });
    let found = found.unwrap();
    let values = |name: &str| found.trials.iter().map(|t| t.candidate[name]).collect::<Vec<_>>();
    assert!(values("x").iter().all(|x| (-1.0..1.0).contains(x)) && values("y").iter().all(|y| (1e-8..1.0).contains(y)));
    let mean = values("x").iter().sum::<f64>() / 300.0;
    let log_mean = values("y").iter().map(|y| y.log10()).sum::<f64>() / 300.0;
    assert!(mean.abs() < 0.15 && (log_mean + 4.0).abs() < 0.6, "{mean} {log_mean}");
    assert!((2..=5).all(|n| values("n").contains(&f64::from(n))) && values("n").iter().all(|n| n.fract() == 0.0));
    assert!(values("c").contains(&0.5) && values("c").contains(&7.0));
    let least = found.trials.iter().map(|t| t.loss).fold(f64::INFINITY, f64::min);
    assert!(found.best().loss == least && least < 0.1);
    assert_eq!(found.best().candidate.get("z"), None);
}

#[test]
fn halving_spends_most_on_the_best() {
    let spent = Mutex::new(Vec::new());
    let method = Method::SuccessiveHalving { candidates: 27, factor: 3, rounds: 3 };
    let found = search(method).run(|candidate, share| {
        spent.lock().unwrap().push(share);
        Ok(bowl(candidate) + 0.01 * (1.0 - share))
    });
    let found = found.unwrap();
    let mut spent = spent.into_inner().unwrap();
    spent.sort_by(f64::total_cmp);
    assert_eq!(spent.len(), 27 + 9 + 3);
    assert!(spent[26] == 1.0 / 9.0 && spent[27] == 1.0 / 3.0 && spent[36] == 1.0);
    assert_eq!(found.trials.iter().filter(|t| t.round == 2).count(), 3);
    let all = search(Method::Random { candidates: 27 }).run(|candidate, _| Ok(bowl(candidate))).unwrap();
    assert_eq!(all.best().candidate, found.best().candidate);
}

#[test]
fn a_search_that_was_broken_off_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search.txt");
    let kept = Search { file: Some(path.clone()), ..search(Method::Random { candidates: 10 }) };
    let whole = kept.run(|candidate, _| Ok(bowl(candidate))).unwrap();
    // Six lines are left, and half a file is none at all.
    let text = std::fs::read_to_string(&path).unwrap();
    let left: Vec<&str> = text.lines().take(7).collect();
    std::fs::write(&path, left.join("\n") + "\n").unwrap();
    let calls = AtomicUsize::new(0);
    let again = kept.run(|candidate, _| {
        calls.fetch_add(1, Ordering::Relaxed);
        Ok(bowl(candidate))
    });
    assert_eq!((again.unwrap(), calls.into_inner()), (whole, 4));
    let other = Search { seed: 4, ..kept.clone() }.run(|_, _| Ok(0.0)).unwrap_err().to_string();
    assert!(other.contains("results of this search"), "{other}");
    std::fs::write(&path, text.replace('.', ",")).unwrap();
    assert!(kept.run(|_, _| Ok(0.0)).is_err());
}

#[test]
fn failures_count_as_infinite_unless_all_fail() {
    let fail = || Err(Error::NotFitted);
    let some = search(Method::Random { candidates: 20 }).run(|c, _| if c["x"] > 0.0 { fail() } else { Ok(f64::NAN) });
    assert_eq!(some.map(|found| found.best().loss).unwrap_err().to_string(), Error::NotFitted.to_string());
    let some = search(Method::Random { candidates: 20 }).run(|c, _| if c["x"] > 0.0 { fail() } else { Ok(bowl(c)) });
    assert!(some.unwrap().best().candidate["x"] <= 0.0);
    let none = search(Method::Random { candidates: 5 }).run(|_, _| Ok(f64::NAN)).unwrap_err().to_string();
    assert!(none.contains("`loss` is infinite or not a number for all candidates"), "{none}");
}

#[test]
fn what_failed_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Search { file: Some(folder.path().join("search.txt")), ..search(Method::Random { candidates: 4 }) };
    assert!(kept.run(|_, _| Err(Error::NotFitted)).is_err());
    assert!(kept.run(|_, _| Err(Error::NotFitted)).is_err(), "a failure should not become a result");
    assert!(kept.run(|candidate, _| Ok(bowl(candidate))).unwrap().best().loss.is_finite());
}

#[test]
fn progress_counts_every_judgement() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let method = Method::SuccessiveHalving { candidates: 8, factor: 2, rounds: 2 };
    let loss = |candidate: &Candidate, _| Ok(bowl(candidate));
    search(method).run_with(loss, move |p| heard.lock().unwrap().push((p.stage, p.done, p.of))).unwrap();
    assert_eq!(*told.lock().unwrap(), (1..=12).map(|done| (Stage::Search, done, 12)).collect::<Vec<_>>());
}

#[test]
fn wrong_searches_are_refused_by_name() {
    let refuse = |search: Search| search.run(|_, _| Ok(0.0)).unwrap_err().to_string();
    assert!(refuse(search(Method::Random { candidates: 0 })).contains("`candidates` is 0"));
    assert!(
        refuse(search(Method::SuccessiveHalving { candidates: 5, factor: 1, rounds: 2 })).contains("`factor` is 1")
    );
    assert!(
        refuse(search(Method::SuccessiveHalving { candidates: 5, factor: 2, rounds: 0 })).contains("`rounds` is 0")
    );
    for range in [Range::Uniform(1.0, 0.0), Range::Log(0.0, 1.0), Range::Whole(3, 2), Range::Choice(vec![])] {
        let space = vec![("leak".into(), range)];
        assert!(refuse(Search { space, ..Search::default() }).contains("leak: "));
    }
}

#[test]
fn a_search_finds_what_forecasts_well() {
    let series = MackeyGlass::default().series(1600).unwrap();
    let series = Array2::from_shape_fn((1600, 1), |(t, _)| series[t] - 0.95);
    let device = Device::cpu_threads(1).unwrap();
    let origins = RollingOrigins { folds: 3, horizon: 100 };
    let space = vec![("leak_rate".into(), Range::Uniform(0.05, 1.0)), ("radius".into(), Range::Uniform(0.05, 1.5))];
    let config = |candidate: &Candidate| EsnConfig {
        reservoir: Reservoir {
            units: 80,
            leak_rate: candidate["leak_rate"],
            spectral_radius: candidate["radius"],
            ..Reservoir::default()
        },
        alpha: 1e-8,
        ..EsnConfig::default()
    };
    let method = Method::SuccessiveHalving { candidates: 12, factor: 2, rounds: 2 };
    let search = Search { space, method, seed: 1, file: None };
    let loss = |c: &Candidate, share| origins.forecast_error(&device, config(c), series.view(), share);
    let found = search.run(loss).unwrap();
    let losses: Vec<f64> = found.trials.iter().map(|trial| trial.loss).collect();
    let mean = losses.iter().sum::<f64>() / losses.len() as f64;
    assert!(found.best().loss < 0.5 * mean, "{} {mean}", found.best().loss);
    assert_eq!(found, search.run(loss).unwrap(), "the same on any order of threads");
    // Outputs, too: two steps ahead.
    let (x, y) = (series.slice(limnos::ndarray::s![..-2, ..]), series.slice(limnos::ndarray::s![2.., ..]));
    let error = origins.output_error(&device, config(&found.best().candidate), x, y, 1.0).unwrap();
    assert!(error < 0.1, "{error}");
    let flat = Array2::ones((500, 1));
    let refused = origins.forecast_error(&device, EsnConfig::default(), flat.view(), 1.0).unwrap_err().to_string();
    assert!(refused.contains("constant"), "{refused}");
}
