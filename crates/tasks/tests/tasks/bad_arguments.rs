//! A table of wrong arguments, and the text of the refusal.

use limnos_tasks::{
    About, CopyTask, CsvTable, Dataset, DeltaCode, DeltaSpikes, Error, Event, EventBinning, KuramotoSivashinsky,
    LatencyCode, LatencyLaw, Lorenz, MackeyGlass, RateCode, Result, Rossler, Scaling, SpikeTrain, Split, accuracy,
    bernoulli_spikes, confusion_matrix, delayed_recall, mso, nrmse, parity, split_indices,
};
use ndarray::{Array2, arr2};

fn text<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.expect_err("this should have been refused").to_string()
}

fn set(features: Array2<f32>, labels: Vec<u32>, classes: u32, full_scale: f32) -> Result<Dataset> {
    Dataset::new(features, labels, classes, full_scale, About::default())
}

/// Checks pairs of the text found and the text expected.
fn check(table: &[(String, &str)]) {
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
}

#[test]
fn datasets() {
    let x = || arr2(&[[1.0, 2.0], [3.0, 4.0]]);
    let good = set(x(), vec![0, 1], 2, 4.0).unwrap();
    let unlabelled = CsvTable { features: x(), labels: None, header: None };
    check(&[
        (
            text(set(Array2::zeros((0, 2)), vec![], 2, 1.0)),
            "`features` is (0, 2); allowed is at least one sample and one feature",
        ),
        (text(set(x(), vec![0], 2, 1.0)), "`labels` is 1 labels; allowed is one label for each of the 2 samples"),
        (text(set(x(), vec![0, 2], 2, 1.0)), "`labels` is 2 at sample 1; allowed is below the number of classes, 2"),
        (text(set(x(), vec![0, 1], 0, 1.0)), "`classes` is 0; allowed is 1 to 65536"),
        (text(set(x(), vec![0, 1], u32::MAX, 1.0)), "`classes` is 4294967295; allowed is 1 to 65536"),
        (
            text(set(arr2(&[[1.0, f32::NAN]]), vec![0], 2, 1.0)),
            "`features` is NaN at sample 0, feature 1; allowed is finite numbers",
        ),
        (text(set(x(), vec![0, 1], 2, 0.0)), "`full_scale` is 0; allowed is positive and finite"),
        (text(good.take(0)), "`n` is 0; allowed is 1 to 2, the number of samples"),
        (text(good.take(3)), "`n` is 3; allowed is 1 to 2, the number of samples"),
        (text(good.subset(&[0, 2])), "`indices` is 2 at position 1; allowed is below 2"),
        (text(good.subset(&[])), "`indices` is empty; allowed is at least one index"),
        (
            text(unlabelled.into_dataset(2, 1.0, About::default())),
            "`labels` is LabelColumn::None; allowed is First, Last or Index(i)",
        ),
    ]);
}

#[test]
fn splits() {
    let of = |fraction, n: usize| text(split_indices(&vec![0; n], fraction, 1, Split::Plain));
    check(&[
        (of(0.0, 9), "`test_fraction` is 0; allowed is above 0 and below 1"),
        (of(1.0, 9), "`test_fraction` is 1; allowed is above 0 and below 1"),
        (of(f64::NAN, 9), "`test_fraction` is NaN; allowed is above 0 and below 1"),
        (
            of(0.01, 9),
            "`test_fraction` is 0.01, which gives 0 of 9 samples to the test; allowed is a share that leaves at least \
             one sample on either side",
        ),
        (
            of(0.99, 9),
            "`test_fraction` is 0.99, which gives 9 of 9 samples to the test; allowed is a share that leaves at least \
             one sample on either side",
        ),
        (
            of(0.5, 0),
            "`test_fraction` is 0.5, which gives 0 of 0 samples to the test; allowed is a share that leaves at least \
             one sample on either side",
        ),
    ]);
}

#[test]
fn spike_trains() {
    check(&[
        (text(SpikeTrain::new(0, 1, vec![])), "`steps` is 0; allowed is at least 1"),
        (text(SpikeTrain::new(1, 0, vec![])), "`channels` is 0; allowed is at least 1"),
        (
            text(SpikeTrain::new(2, 3, vec![(0, 0), (2, 0)])),
            "`spikes` is (step 2, channel 0) at index 1; allowed is steps below 2 and channels below 3",
        ),
        (
            text(SpikeTrain::from_unsorted(2, 3, vec![(0, 3)])),
            "`spikes` is (step 0, channel 3) at index 0; allowed is steps below 2 and channels below 3",
        ),
        (
            text(SpikeTrain::new(2, 3, vec![(0, 2), (0, 1)])),
            "`spikes` is (0, 1) after (0, 2) at index 1; allowed is strictly rising (step, channel); \
             SpikeTrain::from_unsorted sorts",
        ),
        (
            text(SpikeTrain::new(2, 3, vec![(1, 1), (1, 1)])),
            "`spikes` is (1, 1) after (1, 1) at index 1; allowed is strictly rising (step, channel); \
             SpikeTrain::from_unsorted sorts",
        ),
    ]);
}

#[test]
fn rate_codes() {
    let x = arr2(&[[0.0, 300.0]]);
    let rate = |rate_hz, scaling| text(RateCode { rate_hz, scaling }.rates_hz(x.view()));
    let fast = RateCode { rate_hz: 2000.0, scaling: Scaling::SampleMax };
    let negative = RateCode { scaling: Scaling::SampleSum, ..RateCode::default() };
    check(&[
        (rate(-1.0, Scaling::SampleMax), "`rate_hz` is -1; allowed is positive and finite"),
        (rate(f32::INFINITY, Scaling::SampleMax), "`rate_hz` is inf; allowed is positive and finite"),
        (rate(90.0, Scaling::FullScale(0.0)), "`FullScale` is 0; allowed is positive and finite"),
        (
            rate(90.0, Scaling::FullScale(255.0)),
            "`features` is 300 at sample 0, feature 1; allowed is 0 to 255, the full scale",
        ),
        (
            text(negative.rates_hz(arr2(&[[-1.0]]).view())),
            "`features` is -1 at sample 0, feature 0; allowed is finite and not negative",
        ),
        (
            text(negative.rates_hz(arr2(&[[f32::INFINITY]]).view())),
            "`features` is inf at sample 0, feature 0; allowed is finite and not negative",
        ),
        (
            text(fast.probabilities(x.view(), 1.0)),
            "`rate_hz` is 2000, a probability of 2 at sample 0, channel 1; allowed is at most 1 a step of 1 ms; lower \
             the rate or the step",
        ),
        (text(fast.probabilities(x.view(), 0.0)), "`dt_ms` is 0; allowed is positive and finite"),
        (text(bernoulli_spikes(&[0.5, 1.5], 10, 1)), "`probabilities` is 1.5 at channel 1; allowed is 0 to 1"),
        (text(bernoulli_spikes(&[f32::NAN], 10, 1)), "`probabilities` is NaN at channel 0; allowed is 0 to 1"),
        (text(bernoulli_spikes(&[], 10, 1)), "`channels` is 0; allowed is at least 1"),
        (text(bernoulli_spikes(&[0.5], 0, 1)), "`steps` is 0; allowed is at least 1"),
    ]);
}

#[test]
fn latency_delta_and_binning() {
    let latency = LatencyCode { full_scale: 16.0, ..LatencyCode::default() };
    let logarithmic = LatencyCode { law: LatencyLaw::Logarithmic, ..latency };
    let train = SpikeTrain::new(5, 4, vec![]).unwrap();
    let foreign = DeltaSpikes { train, start: vec![0.0] };
    let off = Event { t_us: 0, x: 34, y: 3, on: true };
    check(&[
        (text(latency.encode(&[17.0])), "`features` is 17 at feature 0; allowed is 0 to 16, the full scale"),
        (text(latency.encode(&[f32::NAN])), "`features` is NaN at feature 0; allowed is 0 to 16, the full scale"),
        (text(latency.encode(&[])), "`channels` is 0; allowed is at least 1"),
        (text(LatencyCode { steps: 0, ..latency }.encode(&[1.0])), "`steps` is 0; allowed is at least 1"),
        (
            text(LatencyCode { threshold: 16.0, ..latency }.encode(&[1.0])),
            "`threshold` is 16; allowed is 0 to below 16",
        ),
        (text(logarithmic.encode(&[1.0])), "`threshold` is 0; allowed is above 0 to below 16"),
        (
            text(LatencyCode { full_scale: -1.0, ..latency }.encode(&[1.0])),
            "`full_scale` is -1; allowed is positive and finite",
        ),
        (
            text(DeltaCode { threshold: 0.0 }.encode(arr2(&[[1.0]]).view())),
            "`threshold` is 0; allowed is positive and finite",
        ),
        (
            text(DeltaCode::default().encode(arr2(&[[1.0], [f32::NAN]]).view())),
            "`series` is NaN at step 1, channel 0; allowed is finite numbers",
        ),
        (
            text(DeltaCode::default().encode(Array2::zeros((0, 2)).view())),
            "`series` is 0 steps x 2 channels; allowed is 1 to 2^32 - 1 x 1 to 2^31 - 1",
        ),
        (
            text(DeltaCode::default().decode(&foreign)),
            "`start` is 1 values; allowed is half the 4 channels of the spikes",
        ),
        (text(EventBinning { dt_us: 0, steps: 1 }.encode(&[])), "`dt_us` is 0; allowed is at least 1"),
        (text(EventBinning { dt_us: 1, steps: 0 }.encode(&[])), "`steps` is 0; allowed is at least 1"),
        (
            text(EventBinning::default().encode(&[off])),
            "`events` is x = 34, y = 3 at index 0; allowed is x and y below 34",
        ),
    ]);
}

#[test]
fn series_and_measures() {
    let glass = MackeyGlass::default();
    check(&[
        (text(MackeyGlass { tau: 0.0, ..glass }.series(5)), "`tau` is 0; allowed is positive and finite"),
        (
            text(MackeyGlass { tau: 17.03, ..glass }.series(5)),
            "`tau` is 17.03 or 170.3 substeps; allowed is a whole number of substeps (dt / substeps), 2 to 10000000",
        ),
        (
            text(MackeyGlass { tau: 1e300, ..glass }.series(5)),
            &format!(
                "`tau` is {} or {} substeps; allowed is a whole number of substeps (dt / substeps), 2 to 10000000",
                1e300, 1e301
            ),
        ),
        (text(MackeyGlass { gamma: f64::NAN, ..glass }.series(5)), "`gamma` is NaN; allowed is positive and finite"),
        (text(MackeyGlass { history: -1.0, ..glass }.series(5)), "`history` is -1; allowed is finite and not negative"),
        (text(MackeyGlass { exponent: 0, ..glass }.series(5)), "`exponent` is 0; allowed is 1 to 1000"),
        (text(MackeyGlass { substeps: 0, ..glass }.series(5)), "`substeps` is 0; allowed is at least 1"),
        (
            text(MackeyGlass { gamma: 20.0, ..glass }.series(5)),
            "`dt` is 1 with gamma 20 and 10 substeps; allowed is at most substeps / gamma, or the integration is unstable",
        ),
        (
            text(accuracy(&[1], &[1, 2])),
            "`predicted` is 1 values; allowed is as many as there are true ones, 2, and at least one",
        ),
        (
            text(accuracy(&[], &[])),
            "`predicted` is 0 values; allowed is as many as there are true ones, 0, and at least one",
        ),
        (text(confusion_matrix(&[1], &[2], 2)), "`actual` is 2 at sample 0; allowed is below the number of classes, 2"),
        (
            text(confusion_matrix(&[2], &[1], 2)),
            "`predicted` is 2 at sample 0; allowed is below the number of classes, 2",
        ),
        (text(confusion_matrix(&[0], &[0], u32::MAX)), "`classes` is 4294967295; allowed is 1 to 4096"),
        (text(nrmse(&[1.0, f64::NAN], &[1.0, 2.0])), "`predicted` is NaN at 1; allowed is finite numbers"),
        (text(nrmse(&[1.0, 1.5], &[2.0, 2.0])), "`target` is 2 everywhere; allowed is a series that varies"),
    ]);
    let ran_away = Error::Diverged { series: "NARMA-10", step: 7, seed: 1 };
    assert_eq!(
        ran_away.to_string(),
        "NARMA-10 left its bounds at step 7 with seed 1; take another seed or a shorter series"
    );
}

#[test]
fn chaotic_series_and_tasks() {
    let (lorenz, rossler, field) = (Lorenz::default(), Rossler::default(), KuramotoSivashinsky::default());
    let glass = MackeyGlass::default();
    let run_away = text(Lorenz { start: [1e200, 1.0, 1.0], ..lorenz }.series(5));
    assert!(run_away.starts_with("`start` is [1e200, 1.0, 1.0], which runs away at sample 0;"), "{run_away}");
    let run_away = text(KuramotoSivashinsky { dt: 20.0, length: 200.0, ..field }.series(50));
    assert!(run_away.starts_with("`dt` is 20 in 1 substeps, and runs away at sample "), "{run_away}");
    check(&[
        (text(Lorenz { sigma: f64::NAN, ..lorenz }.series(5)), "`sigma` is NaN; allowed is finite"),
        (text(Lorenz { dt: 0.0, ..lorenz }.series(5)), "`dt` is 0; allowed is positive and finite"),
        (text(Lorenz { substeps: 0, ..lorenz }.series(5)), "`substeps` is 0; allowed is at least 1"),
        (text(Rossler { c: f64::INFINITY, ..rossler }.series(5)), "`c` is inf; allowed is finite"),
        (
            text(Rossler { start: [0.0, f64::NAN, 0.0], ..rossler }.series(5)),
            "`start` is [0.0, NaN, 0.0]; allowed is finite numbers",
        ),
        (
            text(KuramotoSivashinsky { points: 100, ..field }.series(5)),
            "`points` is 100; allowed is a power of two, 8 to 65536",
        ),
        (text(KuramotoSivashinsky { length: 0.0, ..field }.series(5)), "`length` is 0; allowed is positive and finite"),
        (text(KuramotoSivashinsky { substeps: 0, ..field }.series(5)), "`substeps` is 0; allowed is at least 1"),
        (text(glass.continued(&[1.0; 171], 5)), "`history` is 171 values; allowed is at least 172"),
        (text(glass.continued(&[-1.0; 172], 5)), "`history` is -1 at 0; allowed is finite and not negative"),
        (text(mso(0, 5)), "`sines` is 0; allowed is 1 to 8"),
        (text(mso(9, 5)), "`sines` is 9; allowed is 1 to 8"),
        (text(parity(0, 0, 5, 1)), "`bits` is 0; allowed is at least 1"),
        (text(parity(2, 1_000_000, 5, 1)), "`delay` is 1000001; allowed is at most 1000000, with the bits"),
        (
            text(delayed_recall(usize::MAX, 5, 1)),
            "`delay` is 18446744073709551615; allowed is at most 1000000, with the bits",
        ),
        (text(CopyTask { symbols: 0, ..CopyTask::default() }.sequence(1)), "`symbols` is 0; allowed is 1 to 2^31"),
        (text(CopyTask { length: 0, ..CopyTask::default() }.sequence(1)), "`length` is 0; allowed is 1 to 1000000"),
        (text(CopyTask { delay: 0, ..CopyTask::default() }.sequence(1)), "`delay` is 0; allowed is 1 to 1000000"),
    ]);
}
