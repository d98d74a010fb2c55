//! Networks that hear themselves.

use limnos::Device;
use limnos::esn::{Esn, EsnConfig, Nvar};
use limnos::ndarray::{Array2, s};
use limnos::reservoir::Reservoir;

use super::{column, esn, noise, reservoir};

fn sines(steps: usize) -> Array2<f64> {
    Array2::from_shape_fn((steps, 2), |(t, c)| if c == 0 { (0.2 * t as f64).sin() } else { (0.31 * t as f64).cos() })
}

#[test]
fn a_forecast_goes_on_where_the_series_ends_and_equals_feeding_by_hand() {
    let series = sines(800);
    let config = EsnConfig { reservoir: reservoir(100, 1), alpha: 1e-8, ..EsnConfig::default() };
    let mut esn = esn(config);
    esn.fit_forecast(series.slice(s![..700, ..])).unwrap();
    let forecast = esn.generate(100).unwrap();
    let error = (&forecast - &series.slice(s![700.., ..])).mapv(f64::abs);
    assert!(error.iter().all(|e| *e < 0.02), "{}", error.iter().fold(0.0_f64, |a, b| a.max(*b)));
    // By hand: the output is the next input.
    let last = esn.predict(series.slice(s![..700, ..])).unwrap();
    let mut row = last.slice(s![-1.., ..]).to_owned();
    for t in 0..20 {
        assert!((&row.row(0) - &forecast.row(t)).iter().all(|e| e.abs() < 1e-5), "step {t}");
        row = esn.advance(&row).unwrap();
    }
    // In two parts.
    let both = esn.forecast(series.slice(s![..700, ..]), 40).unwrap();
    let rest = esn.generate(60).unwrap();
    assert_eq!(both, forecast.slice(s![..40, ..]));
    assert_eq!(rest, forecast.slice(s![40.., ..]));
}

#[test]
fn inputs_that_are_known_come_beside_the_forecast() {
    // The second channel drives and is given; the first is forecast from both.
    let driven = |n: usize| {
        let drive = noise(n, 1, 4);
        let mut x = 0.0;
        Array2::from_shape_fn((n, 2), |(t, c)| {
            if c == 1 {
                return drive[(t, 0)];
            }
            let now = x;
            x = 0.8 * x + 0.3 * drive[(t, 0)];
            now
        })
    };
    let series = driven(1000);
    let mut esn = esn(EsnConfig { reservoir: reservoir(80, 1), alpha: 1e-8, ..EsnConfig::default() });
    esn.fit(series.slice(s![..899, ..]), series.slice(s![1..900, ..1])).unwrap();
    esn.prime(series.slice(s![..900, ..])).unwrap();
    let forecast = esn.generate_with(series.slice(s![900.., 1..])).unwrap();
    let error = (&forecast - &series.slice(s![900.., ..1])).iter().fold(0.0_f64, |a, e| a.max(e.abs()));
    assert!(error < 0.01, "{error}");
    let refused = esn.generate(5).unwrap_err().to_string();
    assert!(refused.contains("1 channels; use `generate_with`"), "{refused}");
}

#[test]
fn a_generator_without_inputs_learns_from_a_teacher() {
    // Jaeger 2001, section 4: a sine generator by teacher forcing.
    let wave = column(&(0..1500).map(|t| 0.5 * (t as f64 / 4.0).sin()).collect::<Vec<_>>());
    let none = Array2::zeros((1500, 0));
    let reservoir = Reservoir { units: 60, spectral_radius: 0.8, noise: 1e-5, seed: 3, ..Reservoir::default() };
    let config = EsnConfig { reservoir, feedback: true, alpha: 1e-7, ..EsnConfig::default() };
    let mut esn = esn(config);
    esn.fit(none.slice(s![..1000, ..]), wave.slice(s![..1000, ..])).unwrap();
    let own = esn.generate(500).unwrap();
    let error = (&own - &wave.slice(s![1000.., ..])).iter().fold(0.0_f64, |a, e| a.max(e.abs()));
    assert!(error < 0.1, "after the teacher has gone: {error}");
    // The same after priming with less of it.
    esn.prime_with(none.slice(s![..300, ..]), wave.slice(s![..300, ..])).unwrap();
    let own = esn.generate(100).unwrap();
    let error = (&own - &wave.slice(s![300..400, ..])).iter().fold(0.0_f64, |a, e| a.max(e.abs()));
    assert!(error < 0.05, "{error}");
}

#[test]
fn outputs_that_are_fed_back_matter() {
    // y depends on its own past, which the inputs do not tell for long: a running parity-like sum.
    let x = noise(1500, 1, 8);
    let mut level = 0.0_f64;
    let y = x.mapv(|u| {
        level = (0.97 * level + 0.2 * u).clamp(-1.0, 1.0);
        level
    });
    let score = |feedback| {
        let reservoir = Reservoir { spectral_radius: 0.4, feedback_scaling: 0.5.into(), ..reservoir(50, 2) };
        let mut esn = esn(EsnConfig { reservoir, feedback, alpha: 1e-6, ..EsnConfig::default() });
        esn.fit(x.slice(s![..1000, ..]), y.slice(s![..1000, ..])).unwrap();
        let predicted = esn.predict(x.slice(s![1000.., ..])).unwrap();
        let error = (&predicted - &y.slice(s![1000.., ..])).slice(s![100.., ..]).mapv(|e| e * e).mean().unwrap();
        error.sqrt()
    };
    let (with, without) = (score(true), score(false));
    assert!(with < 0.5 * without, "{with} {without}");
}

#[test]
fn the_henon_map_is_learned_exactly_from_its_products() {
    // x(t + 1) = 1 - 1.4 x(t)^2 + 0.3 x(t - 1); Lyapunov exponent 0.42 a step.
    let mut series = vec![0.1, 0.2];
    for t in 1..699 {
        series.push(1.0 - 1.4 * series[t] * series[t] + 0.3 * series[t - 1]);
    }
    let series = column(&series);
    let config = EsnConfig {
        reservoir: Reservoir { input_scaling: 0.1.into(), ..reservoir(3, 1) },
        nvar: Some(Nvar { delays: 2, stride: 1, order: 2 }),
        alpha: 1e-10,
        precision: limnos::esn::Precision::F64,
        ..EsnConfig::default()
    };
    let mut esn = esn(config);
    esn.fit_forecast(series.slice(s![..650, ..])).unwrap();
    let forecast = esn.generate(20).unwrap();
    let error = (&forecast - &series.slice(s![650..670, ..])).iter().fold(0.0_f64, |a, e| a.max(e.abs()));
    assert!(error < 1e-3, "{error}");
}

#[test]
fn closed_loops_are_the_same_on_any_number_of_threads() {
    let series = sines(400);
    let forecast = |threads: usize| {
        let device = Device::cpu_threads(threads).unwrap();
        let config = EsnConfig { reservoir: reservoir(100, 1), ..EsnConfig::default() };
        let mut esn = Esn::new(&device, config).unwrap();
        esn.fit_forecast(&series).unwrap();
        esn.generate(300).unwrap()
    };
    assert_eq!(forecast(1), forecast(2));
}
