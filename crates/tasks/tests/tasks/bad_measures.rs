//! A table of wrong arguments of the measures, and the text of the refusal.

use limnos_tasks::{
    Adjacency, BranchingFactor, BranchingRatio, InformationCapacity, KernelQuality, MemoryCapacity, Norm, Raster,
    Result, Separation, TwinRuns, ValidTime, avalanches, delayed_inputs, effective_rank, fano_factors, fit_power_law,
    interval_cv, lyapunov_from_course, lyapunov_from_growth, mean_correlation, mean_rate_hz, nrmse_by,
    pair_correlations, predicted_gamma, random_pairs, rank_above, singular_values, size_by_duration_exponent, smape,
    spike_damage, spread, trajectory_distances,
};
use ndarray::{Array2, arr2};

fn text<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.expect_err("this should have been refused").to_string()
}

/// Checks pairs of the text found and the text expected.
fn check(table: &[(String, &str)]) {
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
}

const SPIKES: [(u32, u32); 2] = [(0, 1), (7, 0)];

fn raster() -> Raster<'static> {
    Raster::new(&SPIKES, 10, 2).unwrap()
}

#[test]
fn rasters() {
    check(&[
        (text(Raster::new(&[], 0, 2)), "`steps` is 0; allowed is at least 1"),
        (text(Raster::new(&[], 2, 0)), "`neurons` is 0; allowed is at least 1"),
        (
            text(Raster::new(&[(0, 0), (0, 2)], 2, 2)),
            "`spikes` is (step 0, neuron 2) at index 1; allowed is steps below 2 and neurons below 2",
        ),
        (
            text(Raster::new(&[(2, 0)], 2, 2)),
            "`spikes` is (step 2, neuron 0) at index 0; allowed is steps below 2 and neurons below 2",
        ),
        (
            text(Raster::new(&[(1, 0), (1, 0)], 2, 2)),
            "`spikes` is (1, 0) after (1, 0) at index 1; allowed is strictly ascending (step, neuron); sort and dedup \
             them",
        ),
        (text(raster().window(4..11)), "`window` is 4..11; allowed is a range that is not empty, within 0..10"),
        (text(raster().window(4..4)), "`window` is 4..4; allowed is a range that is not empty, within 0..10"),
        (text(raster().population(1..3)), "`population` is 1..3; allowed is a range that is not empty, within 0..2"),
        (text(raster().activity(0)), "`bin_steps` is 0; allowed is 1 to 10, the number of steps"),
        (text(raster().activity(11)), "`bin_steps` is 11; allowed is 1 to 10, the number of steps"),
    ]);
}

#[test]
fn spike_statistics() {
    let other = Raster::new(&SPIKES, 9, 2).unwrap();
    check(&[
        (text(mean_rate_hz(raster(), 0.0)), "`dt_ms` is 0; allowed is positive and finite"),
        (text(mean_rate_hz(raster(), f64::NAN)), "`dt_ms` is NaN; allowed is positive and finite"),
        (text(interval_cv(raster(), 0)), "`min_intervals` is 0; allowed is at least 1"),
        (
            text(fano_factors(raster(), 6)),
            "`bin_steps` is 6; allowed is at most 5, half the number of steps, for two bins",
        ),
        (text(mean_correlation(raster(), 11)), "`bin_steps` is 11; allowed is 1 to 10, the number of steps"),
        (
            text(pair_correlations(raster(), &[(0, 1), (2, 0)], 1)),
            "`pairs` is (2, 0) at index 1; allowed is neurons below 2",
        ),
        (text(random_pairs(1, 5, 0)), "`neurons` is 1; allowed is at least 2, to form a pair"),
        (text(spike_damage(raster(), other)), "`b` is 9 steps x 2 neurons; allowed is 10 steps x 2 neurons, as `a`"),
    ]);
}

#[test]
fn branching() {
    let network = Adjacency::from_csr(&[0, 1, 2], &[1, 0]).unwrap();
    let three = Adjacency::from_csr(&[0, 0, 0, 0], &[]).unwrap();
    let rule = BranchingFactor { cut_steps: 2, window_steps: 2 };
    let ratio = BranchingRatio { max_lag: 5, offset: true };
    let none: [&[f64]; 0] = [];
    check(&[
        (
            text(Adjacency::from_csr(&[], &[])),
            "`row_start` is 0 entries from None to None; allowed is one entry more than neurons, from 0 to 0, the \
             number of targets",
        ),
        (
            text(Adjacency::from_csr(&[0, 3], &[0])),
            "`row_start` is 2 entries from Some(0) to Some(3); allowed is one entry more than neurons, from 0 to 1, \
             the number of targets",
        ),
        (text(Adjacency::from_csr(&[0, 2, 1, 2], &[0, 1])), "`row_start` is 1 after 2; allowed is rising"),
        (
            text(Adjacency::from_csr(&[0, 1, 2], &[0, 2])),
            "`targets` is 2 at index 1; allowed is below 2, the number of rows",
        ),
        (text(rule.mean(raster(), &three)), "`network` is of 3 neurons; allowed is 2, as in the raster"),
        (
            text(BranchingFactor { window_steps: 0, ..rule }.mean(raster(), &network)),
            "`window_steps` is 0; allowed is at least 1",
        ),
        (
            text(BranchingFactor { cut_steps: 3, ..rule }.mean(raster(), &network)),
            "`cut_steps` is 3 and `window_steps` 2; allowed is twice their sum below 10, the number of steps",
        ),
        (
            text(BranchingFactor { cut_steps: u32::MAX, ..rule }.mean(raster(), &network)),
            "`cut_steps` is 4294967295 and `window_steps` 2; allowed is twice their sum below 10, the number of steps",
        ),
        (
            text(BranchingRatio { max_lag: 3, ..ratio }.estimate(&[&[1.0; 20][..]])),
            "`max_lag` is 3; allowed is at least 4, for a fit of three numbers",
        ),
        (text(ratio.estimate(&none)), "`trials` is empty; allowed is at least one trial"),
        (
            text(ratio.estimate(&[&[1.0; 20][..], &[1.0; 6][..]])),
            "`trials` is 6 bins in trial 1; allowed is at least 7 bins, two more than `max_lag`",
        ),
        (
            text(ratio.estimate(&[&[1.0, f64::NAN, 0.0, 2.0, 1.0, 4.0, 2.0][..]])),
            "`trials` is NaN at bin 1 of trial 0; allowed is finite numbers",
        ),
        (
            text(ratio.estimate(&[&[3_u32; 20][..]])),
            "`trials` is of constant activity; allowed is activity that varies; take longer trials or bins",
        ),
    ]);
}

#[test]
fn states() {
    let x = arr2(&[[1.0, 2.0], [3.0, f64::NAN]]);
    let good = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
    check(&[
        (
            text(singular_values(Array2::<f64>::zeros((0, 3)).view())),
            "`matrix` is (0, 3); allowed is at least one row and one column",
        ),
        (text(singular_values(x.view())), "`matrix` is NaN at row 1, column 1; allowed is finite numbers"),
        (text(effective_rank(x.view())), "`matrix` is NaN at row 1, column 1; allowed is finite numbers"),
        (text(rank_above(good.view(), 1.0)), "`relative` is 1; allowed is 0 to below 1"),
        (text(rank_above(good.view(), f64::NAN)), "`relative` is NaN; allowed is 0 to below 1"),
        (
            text(KernelQuality::of(good.view(), Array2::zeros((3, 2)).view())),
            "`noisy` is (3, 2); allowed is (2, 2), as `different`",
        ),
        (
            text(Separation::of(good.view(), &[0])),
            "`labels` is 1 labels; allowed is one label for each of the 2 samples",
        ),
        (text(Separation::of(good.view(), &[4, 4])), "`labels` is all 4; allowed is at least two classes"),
        (text(Separation::of(x.view(), &[0, 1])), "`states` is NaN at sample 1, state 1; allowed is finite numbers"),
        (
            text(Separation::of(Array2::<f64>::zeros((0, 2)).view(), &[])),
            "`states` is (0, 2); allowed is at least one sample and one state",
        ),
        (
            text(trajectory_distances(good.view(), Array2::zeros((2, 1)).view())),
            "`b` is (2, 1); allowed is (2, 2), as `a`, and not empty",
        ),
        (text(trajectory_distances(good.view(), x.view())), "`b` is NaN at step 1, state 1; allowed is finite numbers"),
    ]);
}

#[test]
fn exponents() {
    let twins = |runs: TwinRuns| text(runs.run(&[0.5], 0, |x, _| x[0] *= 2.0));
    let default = TwinRuns::default();
    check(&[
        (text(lyapunov_from_growth(&[], 1.0, 1)), "`distances` is 0 values; allowed is at least 1"),
        (text(lyapunov_from_course(&[1.0])), "`distances` is 1 values; allowed is at least 2"),
        (text(lyapunov_from_course(&[1.0, -1.0])), "`distances` is -1 at 1; allowed is not negative and finite"),
        (
            text(lyapunov_from_growth(&[f64::NAN], 1.0, 1)),
            "`distances` is NaN at 0; allowed is not negative and finite",
        ),
        (text(lyapunov_from_growth(&[1.0], 0.0, 1)), "`start` is 0; allowed is positive and finite"),
        (text(lyapunov_from_growth(&[1.0], 1.0, 0)), "`steps` is 0; allowed is at least 1"),
        (text(default.run(&[], 0, |_, _| ())), "`component` is 0; allowed is below 0, the length of the state"),
        (twins(TwinRuns { start: f64::INFINITY, ..default }), "`start` is inf; allowed is positive and finite"),
        (twins(TwinRuns { interval_steps: 0, ..default }), "`interval_steps` is 0; allowed is at least 1"),
        (twins(TwinRuns { intervals: 0, ..default }), "`intervals` is 0; allowed is at least 1"),
        (
            twins(TwinRuns { warmup_steps: 2000, ..default }),
            "`step` is a distance of NaN at step 1025; allowed is a system whose state stays finite",
        ),
        (text(fit_power_law(&[1, 2], 0, None)), "`least` is 0; allowed is 1 to below `most`, None"),
        (text(fit_power_law(&[1, 2], 5, Some(5))), "`least` is 5; allowed is 1 to below `most`, Some(5)"),
        (
            text(fit_power_law(&[1, 3, 3, 9], 3, Some(8))),
            "`values` is 2 from `least` on, none above 3; allowed is several different values in the range",
        ),
        (
            text(fit_power_law(&[8, 8], 3, Some(8))),
            "`values` is of an exponent of -5.000 or beyond; allowed is values of an exponent within -5.0..=20.0; \
             choose another range",
        ),
        (
            text(size_by_duration_exponent(&avalanches(&[0, 1, 0, 2, 0]), 1, 9)),
            "`avalanches` is 2 of 1 durations; allowed is two different durations within 1 to 9 bins, or more",
        ),
        (text(predicted_gamma(1.0, 2.0)), "`tau` is 1 with `alpha` 2; allowed is finite exponents, and `tau` not 1"),
    ]);
}

#[test]
fn forecasts() {
    let good = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
    let (nan, one) = (arr2(&[[1.0, f64::NAN], [3.0, 4.0]]), arr2(&[[1.0, 2.0]]));
    let valid = ValidTime::default();
    let time = |valid: ValidTime| text(valid.of(good.view(), good.view()));
    let empty = Array2::zeros((0, 2));
    check(&[
        (text(smape(one.view(), good.view())), "`predicted` is (1, 2); allowed is (2, 2), as `target`"),
        (text(smape(good.view(), nan.view())), "`target` is NaN at step 0, dimension 1; allowed is finite numbers"),
        (
            text(smape(empty.view(), empty.view())),
            "`predicted` is (0, 2); allowed is at least one step and one dimension",
        ),
        (text(valid.of(one.view(), good.view())), "`predicted` is (1, 2); allowed is (2, 2), as `target`"),
        (text(valid.of(good.view(), nan.view())), "`target` is NaN at step 0, dimension 1; allowed is finite numbers"),
        (text(valid.of(one.view(), one.view())), "`scale` is 0; allowed is positive and finite"),
        (
            text(valid.of(empty.view(), empty.view())),
            "`trajectory` is (0, 2); allowed is at least one step and one dimension",
        ),
        (time(ValidTime { threshold: 0.0, ..valid }), "`threshold` is 0; allowed is positive and finite"),
        (time(ValidTime { dt: f64::NAN, ..valid }), "`dt` is NaN; allowed is positive and finite"),
        (time(ValidTime { lyapunov: -1.0, ..valid }), "`lyapunov` is -1; allowed is finite and not negative"),
        (time(ValidTime { scale: Some(f64::INFINITY), ..valid }), "`scale` is inf; allowed is positive and finite"),
        (text(spread(nan.view())), "`target` is NaN at step 0, dimension 1; allowed is finite numbers"),
        (
            text(nrmse_by(&[1.0, 2.0], &[2.0, 2.0], Norm::Range)),
            "`target` is 2 everywhere; allowed is a series that varies",
        ),
    ]);
}

#[test]
fn memory() {
    let (u, p) = ([0.1, -0.2, 0.3, 0.4], arr2(&[[1.0, 2.0], [3.0, f64::NAN]]));
    let good = arr2(&[[1.0, 2.0], [3.0, 5.0]]);
    check(&[
        (
            text(MemoryCapacity::of(&u[..3], good.view())),
            "`inputs` is 3 values; allowed is at least 4, steps + delays: the inputs before the first prediction too",
        ),
        (text(MemoryCapacity::of(&u, p.view())), "`predictions` is NaN at step 1, delay 2; allowed is finite numbers"),
        (
            text(MemoryCapacity::of(&[0.5; 4], good.view())),
            "`inputs` is 0.5 everywhere; allowed is a series that varies",
        ),
        (text(MemoryCapacity::of(&[f64::NAN; 4], good.view())), "`inputs` is NaN at 0; allowed is finite numbers"),
        (
            text(MemoryCapacity::of(&u, Array2::zeros((1, 2)).view())),
            "`predictions` is 1 steps x 2 delays; allowed is at least two steps and one delay",
        ),
        (text(delayed_inputs(&u, 0)), "`delays` is 0; allowed is 1 to below 4, the number of inputs"),
        (text(delayed_inputs(&u, 4)), "`delays` is 4; allowed is 1 to below 4, the number of inputs"),
    ]);
}

#[test]
fn capacities() {
    let (u, x) = ([0.1, -0.2, 0.3, 0.4, 0.5], arr2(&[[1.0], [2.0], [f64::INFINITY]]));
    let good = arr2(&[[1.0], [2.0], [4.0]]);
    let measure = || InformationCapacity { delays: vec![2, 2], ..InformationCapacity::default() };
    let of = |measure: InformationCapacity| text(measure.of(&u, good.view()));
    check(&[
        (
            of(InformationCapacity { false_positive: 0.0, ..measure() }),
            "`false_positive` is 0; allowed is above 0 to below 1",
        ),
        (of(InformationCapacity { tolerance: 1.0, ..measure() }), "`tolerance` is 1; allowed is 0 to below 1"),
        (
            of(InformationCapacity { delays: vec![], ..measure() }),
            "`delays` is []; allowed is delays of at least one degree, and at most 10000000 targets in all",
        ),
        (
            of(InformationCapacity { delays: vec![0, 0], ..measure() }),
            "`delays` is [0, 0]; allowed is delays of at least one degree, and at most 10000000 targets in all",
        ),
        (
            of(InformationCapacity { delays: vec![1, 1 << 40], ..measure() }),
            "`delays` is [1, 1099511627776]; allowed is delays of at least one degree, and at most 10000000 targets in all",
        ),
        (
            of(InformationCapacity { delays: vec![4], ..measure() }),
            "`inputs` is 5 values; allowed is at least 6, steps and the longest delay before them",
        ),
        (
            text(measure().of(&[1.5; 5], good.view())),
            "`inputs` is 1.5 at 0; allowed is -1 to 1, uniform and independent",
        ),
        (text(measure().of(&u, x.view())), "`states` is inf at step 2, state 0; allowed is finite numbers"),
        (
            text(measure().of(&u, Array2::<f32>::zeros((3, 3)).view())),
            "`states` is 3 steps x 3 states; allowed is at least one state, and more steps than states",
        ),
    ]);
}
