//! Encoders: statistics against theory, known answers, and there and back.

use limnos_tasks::{
    DeltaCode, Event, EventBinning, LatencyCode, LatencyLaw, RateCode, Scaling, SpikeTrain, SplitMix64,
    bernoulli_spikes, digits,
};
use ndarray::{Array2, arr2};

#[test]
fn rates_scale_by_full_scale_maximum_or_sum() {
    let features = arr2(&[[0.0, 64.0, 128.0], [0.0, 0.0, 0.0]]);
    let rates = |rate_hz, scaling| RateCode { rate_hz, scaling }.rates_hz(features.view()).unwrap();
    assert_eq!(rates(100.0, Scaling::FullScale(256.0)), arr2(&[[0.0, 25.0, 50.0], [0.0; 3]]));
    assert_eq!(rates(100.0, Scaling::SampleMax), arr2(&[[0.0, 50.0, 100.0], [0.0; 3]]));
    assert_eq!(rates(96.0, Scaling::SampleSum), arr2(&[[0.0, 32.0, 64.0], [0.0; 3]]));
}

#[test]
fn every_digit_has_the_same_total_rate_by_sum() {
    let code = RateCode { rate_hz: 500.0, scaling: Scaling::SampleSum };
    let rates = code.rates_hz(digits().features.view()).unwrap();
    for row in rates.rows() {
        assert!((row.iter().map(|&r| f64::from(r)).sum::<f64>() - 500.0).abs() < 1e-3);
    }
}

#[test]
fn probability_is_rate_times_step() {
    let code = RateCode { rate_hz: 90.0, scaling: Scaling::FullScale(255.0) };
    let p = code.probabilities(arr2(&[[255.0, 51.0, 0.0]]).view(), 1.0).unwrap();
    assert_eq!(p, arr2(&[[0.09, 0.018, 0.0]]));
    let half = code.probabilities(arr2(&[[255.0]]).view(), 0.5).unwrap();
    assert_eq!(half[[0, 0]], 0.045);
}

#[test]
fn drawn_spikes_have_the_rate_and_the_variance_of_bernoulli() {
    let p = [0.0, 0.02, 0.3, 1.0];
    let steps = 20_000;
    let counts = bernoulli_spikes(&p, steps, 11).unwrap().channel_counts();
    for (p, count) in p.into_iter().zip(&counts) {
        let (mean, deviation) = (f64::from(p * steps as f32), f64::from(steps as f32 * p * (1.0 - p)).sqrt());
        // Four standard deviations; the half is for p as an f32.
        assert!((f64::from(*count) - mean).abs() <= 4.0 * deviation + 0.5, "p {p}: {count}");
    }
    let many: Vec<f64> = (0..400).map(|seed| bernoulli_spikes(&[0.3], 200, seed).unwrap().len() as f64).collect();
    let mean = many.iter().sum::<f64>() / 400.0;
    let variance = many.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 399.0;
    // 200 x 0.3 x 0.7 = 42; the sample variance of 400 has a relative deviation of 0.07.
    assert!((variance / 42.0 - 1.0).abs() < 0.28, "variance {variance}");
    assert_ne!(bernoulli_spikes(&[0.3], 200, 1).unwrap(), bernoulli_spikes(&[0.3], 200, 2).unwrap());
}

#[test]
fn latency_is_linear_or_logarithmic_between_full_scale_and_threshold() {
    let code = LatencyCode { steps: 101, full_scale: 16.0, threshold: 1.0, law: LatencyLaw::Linear };
    let steps_of = |code: &LatencyCode, x: &[f32]| {
        let mut spikes = code.encode(x).unwrap().into_spikes();
        spikes.sort_by_key(|s| s.1);
        spikes
    };
    // (16 - x) / 15 of 100: 0, 40, 53.3, 100 - a hair; 1 and 0 are at or below the threshold.
    let x = [16.0, 10.0, 8.0, 1.001, 1.0, 0.0];
    assert_eq!(steps_of(&code, &x), [(0, 0), (40, 1), (53, 2), (100, 3)]);
    // log2(16 / x) / 4 of 100.
    let code = LatencyCode { law: LatencyLaw::Logarithmic, ..code };
    let x = [16.0, 8.0, 4.0, 2.0, 1.001, 1.0, 0.0];
    assert_eq!(steps_of(&code, &x), [(0, 0), (25, 1), (50, 2), (75, 3), (100, 4)]);
}

#[test]
fn brighter_is_never_later() {
    for law in [LatencyLaw::Linear, LatencyLaw::Logarithmic] {
        let code = LatencyCode { steps: 50, full_scale: 16.0, threshold: 0.5, law };
        let digits = digits();
        let sample = digits.features.row(17).to_vec();
        let train = code.encode(&sample).unwrap();
        assert_eq!(train.len(), sample.iter().filter(|x| **x > 0.5).count());
        let in_time: Vec<f32> = train.spikes().iter().map(|s| sample[s.1 as usize]).collect();
        let strictly = train.spikes().windows(2).zip(in_time.windows(2)).filter(|(s, _)| s[0].0 < s[1].0);
        assert!(strictly.clone().count() > 5);
        strictly.for_each(|(_, x)| assert!(x[0] > x[1]));
    }
}

/// A smooth series of two channels, steps x channels.
fn waves(steps: usize) -> Array2<f32> {
    Array2::from_shape_fn((steps, 2), |(t, c)| ((t as f32) * 0.05 * (c as f32 + 1.0)).sin() + c as f32)
}

#[test]
fn delta_code_decodes_within_its_threshold() {
    for threshold in [0.11, 0.2, 0.5] {
        let code = DeltaCode { threshold };
        let series = waves(500);
        let spikes = code.encode(series.view()).unwrap();
        let decoded = code.decode(&spikes).unwrap();
        assert!(spikes.train.len() > 10);
        let worst = series.iter().zip(&decoded).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // The slope is at most 0.1 a step, below every threshold; the rest is rounding to f32.
        assert!(worst < threshold + 1e-5, "threshold {threshold}: {worst}");
    }
}

#[test]
fn delta_code_of_its_own_decoding_is_itself() {
    let mut random = SplitMix64::new(8);
    let code = DeltaCode { threshold: 0.25 };
    for _ in 0..20 {
        let mut x = 0.0;
        // From 0 in quarters, every reference is exact in f32.
        let walk = Array2::from_shape_fn((100, 1), |(t, _)| {
            x += if t == 0 { 0.0 } else { random.next_f64() as f32 - 0.5 };
            x
        });
        let spikes = code.encode(walk.view()).unwrap();
        let again = code.encode(code.decode(&spikes).unwrap().view()).unwrap();
        assert_eq!(again.train, spikes.train);
    }
}

#[test]
fn delta_code_catches_up_with_a_jump_by_one_threshold_a_step() {
    let code = DeltaCode { threshold: 1.0 };
    let series = arr2(&[[0.0], [3.0], [3.0], [3.0], [3.0], [1.5], [1.5]]);
    let spikes = code.encode(series.view()).unwrap();
    // ON is channel 0, OFF is channel 1.
    assert_eq!(spikes.train.spikes(), [(1, 0), (2, 0), (3, 0), (5, 1)]);
    let decoded = code.decode(&spikes).unwrap();
    assert_eq!(decoded.column(0).to_vec(), [0.0, 1.0, 2.0, 3.0, 3.0, 2.0, 2.0]);
}

#[test]
fn a_constant_is_silent() {
    let train = DeltaCode::default().encode(Array2::from_elem((50, 3), 7.0).view()).unwrap().train;
    assert!(train.is_empty());
    assert_eq!((train.steps(), train.channels()), (50, 6));
}

#[test]
fn binning_merges_within_a_step_and_cuts_at_the_window() {
    let event = |t_us, x, y, on| Event { t_us, x, y, on };
    let events = [
        event(999, 33, 33, true),
        event(0, 33, 33, true),
        event(1000, 33, 33, true),
        event(500, 2, 1, false),
        event(2999, 0, 0, true),
        event(3000, 0, 0, true),
    ];
    let binning = EventBinning { dt_us: 1000, steps: 3 };
    let train = binning.encode(&events).unwrap();
    assert_eq!(train.spikes(), [(0, 36), (0, 2311), (1, 2311), (2, 1156)]);
    assert!(!binning.covers(&events) && binning.covers(&events[..5]));
}

#[test]
fn spike_trains_know_their_steps_and_channels() {
    let train = SpikeTrain::from_unsorted(4, 3, vec![(3, 1), (0, 2), (3, 0), (3, 1)]).unwrap();
    assert_eq!(train, SpikeTrain::new(4, 3, vec![(0, 2), (3, 0), (3, 1)]).unwrap());
    assert_eq!(train.at(3), [(3, 0), (3, 1)]);
    assert!(train.at(1).is_empty());
    assert_eq!(train.channel_counts(), [1, 1, 1]);
}
