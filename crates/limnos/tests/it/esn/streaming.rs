//! Networks that learn while they run.

use limnos::esn::{EsnConfig, Nvar, Precision};
use limnos::ndarray::s;
use limnos::readout::{Lms, LmsModel, OnlineReadout, Rls};
use limnos::reservoir::Reservoir;
use limnos::tasks::MackeyGlass;

use super::{column, esn, noise, reservoir};

fn config() -> EsnConfig {
    EsnConfig { reservoir: reservoir(60, 1), alpha: 1e-3, warmup: 20, ..EsnConfig::default() }
}

#[test]
fn a_stream_without_forgetting_learns_what_a_fit_learns() {
    let (x, y) = (noise(400, 2, 1), noise(400, 1, 2));
    for nvar in [None, Some(Nvar::default())] {
        let config = EsnConfig { nvar, precision: Precision::F64, ..config() };
        let mut stream = esn(config.clone()).stream(2, 1, Rls { alpha: 1e-3, ..Rls::default() }).unwrap();
        for (inputs, target) in x.outer_iter().zip(y.outer_iter()) {
            stream.step(&inputs.to_vec()).unwrap();
            stream.learn(&target.to_vec()).unwrap();
        }
        let mut fitted = esn(config);
        fitted.fit(&x, &y).unwrap();
        let expected = fitted.readout().unwrap().weights();
        let scale = expected.iter().fold(0.0_f64, |a, w| a.max(w.abs()));
        let learned = stream.readout().weights();
        assert!(learned.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-8 * scale), "{nvar:?}");
        assert_eq!(stream.latency().steps, 400);
        assert!(stream.latency().longest >= stream.latency().mean);
        // The network goes on from where the stream is.
        let mut taken = stream.into_esn().unwrap();
        let next = noise(5, 2, 9);
        let expected = fitted.advance(&next).unwrap();
        assert!(taken.advance(&next).unwrap().iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-7));
    }
}

#[test]
fn forecasts_get_better_as_samples_come_and_follow_a_change() {
    let before = MackeyGlass::default().series(1500).unwrap();
    let after = MackeyGlass { tau: 20.0, ..MackeyGlass::default() }.series(1500).unwrap();
    let series: Vec<f64> = before.iter().chain(&after).map(|x| x - 0.95).collect();
    let mut stream = esn(config()).stream(1, 1, Rls { alpha: 1e-6, forgetting: 0.998, ..Rls::default() }).unwrap();
    let mut forecast = 0.0;
    let errors: Vec<f64> = series
        .iter()
        .map(|&sample| {
            let error = (sample - forecast).abs();
            forecast = stream.push(&[sample]).unwrap()[0];
            error
        })
        .collect();
    let mean = |range: std::ops::Range<usize>| errors[range.clone()].iter().sum::<f64>() / range.len() as f64;
    let (early, late, changed, again) = (mean(10..40), mean(1300..1500), mean(1501..1560), mean(2800..3000));
    assert!(late < 0.01 * early && again < 0.2 * changed && again < 3e-3, "{early} {late} {changed} {again}");
}

#[test]
fn force_learning_tames_a_network_that_hears_itself() {
    let wave = column(&(0..3000).map(|t| 0.6 * (t as f64 / 8.0).sin()).collect::<Vec<_>>());
    let reservoir = Reservoir { units: 100, spectral_radius: 1.2, leak_rate: 0.5, seed: 2, ..Reservoir::default() };
    let config = EsnConfig { reservoir, feedback: true, warmup: 0, ..EsnConfig::default() };
    let mut stream = esn(config).stream(0, 1, Rls { alpha: 1e-2, ..Rls::default() }).unwrap();
    for target in wave.slice(s![..2500, ..]).outer_iter() {
        stream.step(&[]).unwrap();
        stream.learn(&target.to_vec()).unwrap();
    }
    let own = stream.into_esn().unwrap().generate(300).unwrap();
    let error = (&own - &wave.slice(s![2500..2800, ..])).iter().fold(0.0_f64, |a, e| a.max(e.abs()));
    assert!(error < 0.1, "{error}");
}

#[test]
fn any_online_readout_may_learn() {
    let x = noise(4000, 1, 1);
    let lms = Lms { rate: 0.5, normalized: true, ..Lms::default() };
    let mut stream = esn(config()).stream_with(1, 1, |features| LmsModel::new(lms, features, 1)).unwrap();
    let mut last = 0.0;
    let mut error = 0.0;
    for (t, u) in x.iter().enumerate() {
        let said = stream.step(&[*u]).unwrap()[0];
        stream.learn(&[last]).unwrap();
        if t > 3500 {
            error += (said - last).powi(2) / 500.0;
        }
        last = *u;
    }
    assert!(error < 0.05, "{error}");
    let wrong = esn(config()).stream_with(1, 1, |_| LmsModel::new(lms, 3, 1)).map(|_| ()).unwrap_err().to_string();
    assert!(wrong.contains("3 features and 1 outputs"), "{wrong}");
}

#[test]
fn what_a_stream_refuses_changes_nothing() {
    let run = |disturbed: bool| {
        let mut stream = esn(config()).stream(1, 1, Rls::default()).unwrap();
        if disturbed {
            assert!(stream.learn(&[0.0]).unwrap_err().to_string().contains("before the first step"));
        }
        let mut all: Vec<f64> = Vec::new();
        for t in 0..60 {
            if disturbed {
                assert!(stream.step(&[f64::NAN]).unwrap_err().to_string().contains("NaN"));
                assert!(stream.step(&[0.0, 1.0]).is_err());
            }
            all.extend(stream.step(&[(t as f64).sin()]).unwrap());
            if disturbed {
                assert!(stream.learn(&[f64::INFINITY]).is_err() && stream.learn(&[]).is_err());
            }
            stream.learn(&[(t as f64).cos()]).unwrap();
        }
        stream.reset().unwrap();
        all.extend(stream.step(&[0.5]).unwrap());
        all
    };
    assert_eq!(run(true), run(false));
    let none = esn(config()).stream(0, 1, Rls::default()).map(|_| ()).unwrap_err().to_string();
    assert!(none.contains("`inputs` is 0"), "{none}");
    assert!(esn(config()).stream(1, 0, Rls::default()).is_err());
}
