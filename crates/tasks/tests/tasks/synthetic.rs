//! Synthetic series against published ones.

use limnos_tasks::{CsvOptions, MackeyGlass, Narma, Result, narma10, narma20, narma30, nrmse, read_csv};

use crate::support::data;

fn mean_and_deviation(x: &[f64]) -> (f64, f64) {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    (mean, (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt())
}

/// Correlation of a series with itself some samples later.
fn autocorrelation(x: &[f64], lag: usize) -> f64 {
    let (mean, deviation) = mean_and_deviation(x);
    let products = x.iter().zip(&x[lag..]).map(|(a, b)| (a - mean) * (b - mean));
    products.sum::<f64>() / (x.len() - lag) as f64 / deviation.powi(2)
}

#[test]
fn mackey_glass_has_the_statistics_of_the_published_series() {
    // MackeyGlass_t17.txt of the minimal echo state network (M. Lukosevicius) is tanh(x - 1).
    let Some(folder) = data("mackey-glass") else {
        return;
    };
    let published = read_csv(folder.join("MackeyGlass_t17.txt"), &CsvOptions::default()).unwrap();
    let published: Vec<f64> = published.features.iter().map(|&x| f64::from(x)).collect();
    assert_eq!(published.len(), 10_000);
    let own: Vec<f64> = MackeyGlass::seeded(1).series(10_000).unwrap().iter().map(|x| (x - 1.0).tanh()).collect();
    let ((m1, d1), (m2, d2)) = (mean_and_deviation(&own), mean_and_deviation(&published));
    assert!((m1 - m2).abs() < 0.005 && (d1 / d2 - 1.0).abs() < 0.02, "{m1} {d1} against {m2} {d2}");
    for lag in [1, 6, 17, 25, 50] {
        let (a, b) = (autocorrelation(&own, lag), autocorrelation(&published, lag));
        assert!((a - b).abs() < 0.02, "lag {lag}: {a} against {b}");
    }
    // The control: another delay is another attractor.
    let other = MackeyGlass { tau: 23.0, ..MackeyGlass::seeded(1) }.series(10_000).unwrap();
    assert!((autocorrelation(&other, 25) - autocorrelation(&published, 25)).abs() > 0.1);
}

/// A task of a length and a seed.
type Draw = fn(usize, u64) -> Result<Narma>;

/// The right side of a NARMA equation, from y(t), Σ y and the product u(t - order + 1) u(t).
type RightSide = fn(f64, f64, f64) -> f64;

#[test]
fn narma_follows_its_equation() {
    let systems: [(Draw, usize, RightSide); 3] = [
        (narma10, 10, |y, sum, product| 0.3 * y + 0.05 * y * sum + 1.5 * product + 0.1),
        (narma20, 20, |y, sum, product| (0.3 * y + 0.05 * y * sum + 1.5 * product + 0.01).tanh() + 0.2),
        (narma30, 30, |y, sum, product| 0.2 * y + 0.04 * y * sum + 1.5 * product + 0.001),
    ];
    for (narma, order, right) in systems {
        let task = narma(2000, 3).unwrap();
        let (u, y) = (&task.input, &task.target);
        assert!(u.iter().all(|u| (0.0..0.5).contains(u)));
        for t in order..2000 {
            // target[t] is y(t + 1), so y(t - i) is target[t - 1 - i].
            let sum: f64 = (0..order).map(|i| y[t - 1 - i]).sum();
            let expected = right(y[t - 1], sum, u[t + 1 - order] * u[t]);
            assert!((y[t] - expected).abs() < 1e-12);
        }
        assert_eq!(task, narma(2000, 3).unwrap());
        // Another seed is another series, once the start is over.
        assert!(nrmse(&narma(2000, 4).unwrap().target[500..], &y[500..]).unwrap() > 1.0);
    }
}
