//! The cochlea against Slaney's program, cepstra against the formulas of the HTK book, and what both refuse.

use std::path::Path;

use limnos_tasks::{Error, LyonEar, Mfcc, Result, deltas, read_npy, read_npz, read_wav};
use ndarray::{Array2, array};

use crate::support::data;

const EAR: LyonEar =
    LyonEar { decimation: 64, ear_q: 8.0, step_factor: 0.25, gain_control: true, difference: true, tau_frames: 3.0 };

/// The sound of `tests/data/sound.py`.
fn sound() -> Vec<f32> {
    let value = |n: i64| ((n * n * 7 + n * 31) % 2001 - 1000) as f32 / 1024.0;
    (0..2000).map(|n| if (700..1000).contains(&n) { 0.0 } else { value(n) }).collect()
}

/// What `tests/data/sound.py` wrote.
fn stored(name: &str) -> Array2<f64> {
    let archive = read_npz(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sound.npz")).unwrap();
    archive.get(name).unwrap().to_matrix().unwrap()
}

/// The largest difference relative to the value expected; values below 1e-9 of the largest count as that.
fn difference(found: &Array2<f64>, expected: &Array2<f64>) -> f64 {
    assert_eq!(found.dim(), expected.dim());
    let floor = 1e-9 * expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let relative = |(a, b): (&f64, &f64)| (a - b).abs() / b.abs().max(floor);
    found.iter().zip(expected).map(relative).fold(0.0, |most, x| if x.is_nan() { x } else { most.max(x) })
}

fn heard(ear: LyonEar, rate: u32, sound: &[f32]) -> Array2<f64> {
    ear.design(rate).unwrap().cochleagram(sound).unwrap()
}

#[test]
fn spoken_digits_are_heard_as_by_slaneys_program() {
    let (Some(digits), Some(reference)) = (data("fsdd"), data("lyon-reference")) else { return };
    for name in ["0_jackson_0", "3_george_5", "7_theo_12"] {
        let wav = read_wav(digits.join(format!("recordings/{name}.wav"))).unwrap();
        let expected = read_npy(reference.join(format!("{name}.lyon_dec64.npy"))).unwrap().to_matrix().unwrap();
        let off = difference(&heard(EAR, wav.sample_rate, &wav.samples), &expected);
        assert!(off < 1e-10, "{name}: {off:e}");
        let dull = LyonEar { ear_q: 8.0 + 1e-6, step_factor: 0.25, ..EAR };
        let off = difference(&heard(dull, wav.sample_rate, &wav.samples), &expected);
        assert!(off > 1e-8, "{name}: an ear of another quality should not agree ({off:e})");
    }
}

#[test]
fn every_option_is_that_of_slaneys_program() {
    let sound = sound();
    let loud: Vec<f32> = sound.iter().map(|x| x * 1e4).collect();
    let every_sample = LyonEar { decimation: 1, ..EAR };
    let other = LyonEar { decimation: 50, ear_q: 6.0, step_factor: 0.3, difference: false, tau_frames: 2.0, ..EAR };
    let free = LyonEar { gain_control: false, ..EAR };
    for (name, found) in [
        ("cochlea", heard(EAR, 8000, &sound)),
        ("every_sample", heard(every_sample, 8000, &sound[..120])),
        ("loud", heard(EAR, 8000, &loud)),
        ("other", heard(other, 16_000, &sound)),
        ("free", heard(free, 8000, &sound)),
    ] {
        let off = difference(&found, &stored(name));
        assert!(off < 1e-6, "{name}: {off:e}");
    }
    assert!(difference(&heard(free, 8000, &sound), &stored("cochlea")) > 0.1);
}

#[test]
fn a_tone_is_loudest_at_its_place() {
    let cochlea = EAR.design(8000).unwrap();
    for hz in [200.0_f32, 700.0, 2500.0] {
        let tone: Vec<f32> = (0..4000).map(|t| 0.1 * (t as f32 * hz * std::f32::consts::TAU / 8000.0).sin()).collect();
        let last = cochlea.cochleagram(&tone).unwrap().row(61).to_vec();
        let loudest = (0..64).max_by(|&a, &b| last[a].total_cmp(&last[b])).unwrap();
        let centre = cochlea.centre_frequencies_hz()[loudest] as f32;
        // Low places are as broad as their frequency, and loud ones are damped.
        assert!((0.8..1.25).contains(&(centre / hz)), "{hz} Hz at the place of {centre} Hz");
    }
}

#[test]
fn cepstra_follow_the_htk_book() {
    let sound = sound();
    let default = Mfcc::default().design(8000).unwrap();
    assert_eq!((default.columns(), default.frame_samples()), (39, 200));
    let off = difference(&default.coefficients(&sound).unwrap(), &stored("cepstra"));
    assert!(off < 1e-7, "{off:e}");
    let narrow = Mfcc {
        frame_ms: 20.0,
        pre_emphasis: 0.0,
        filters: 20,
        low_hz: 120.0,
        high_hz: Some(5000.0),
        coefficients: 20,
        lifter: 0,
        delta_order: 0,
        ..Mfcc::default()
    };
    let off = difference(&narrow.design(11_025).unwrap().coefficients(&sound).unwrap(), &stored("narrow"));
    assert!(off < 1e-7, "{off:e}");
    let unlike = Mfcc { pre_emphasis: 0.96, ..Mfcc::default() }.design(8000).unwrap();
    assert!(difference(&unlike.coefficients(&sound).unwrap(), &stored("cepstra")) > 1e-3);
}

#[test]
fn silence_has_the_cepstrum_of_the_floor() {
    let cepstrum = Mfcc::default().design(8000).unwrap();
    assert!(cepstrum.coefficients(&[0.0; 500]).unwrap().iter().all(|&c| c == 0.0));
    assert!(EAR.design(8000).unwrap().cochleagram(&[0.0; 500]).unwrap().iter().all(|&y| y == 0.0));
}

fn text<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.expect_err("this should have been refused");
    assert!(matches!(error, Error::Argument { .. }));
    error.to_string()
}

#[test]
fn ears_that_cannot_be() {
    let of = |ear: LyonEar, rate| text(ear.design(rate));
    let cochlea = EAR.design(8000).unwrap();
    let table = [
        (of(LyonEar { decimation: 0, ..EAR }, 8000), "`decimation` is 0; allowed is at least 1 sample a frame"),
        (of(LyonEar { ear_q: 0.5, ..EAR }, 8000), "`ear_q` is 0.5; allowed is above 0.5 and at most 1000"),
        (of(LyonEar { ear_q: f64::NAN, ..EAR }, 8000), "`ear_q` is NaN; allowed is above 0.5 and at most 1000"),
        (of(LyonEar { step_factor: 0.0, ..EAR }, 8000), "`step_factor` is 0; allowed is positive and finite"),
        (
            of(LyonEar { step_factor: 1e-4, ..EAR }, 8000),
            "`step_factor` is 0.0001, which gives 162569 channels; allowed is large enough for at most 10000 channels",
        ),
        (of(LyonEar { tau_frames: -1.0, ..EAR }, 8000), "`tau_frames` is -1; allowed is positive and finite"),
        (of(EAR, 100), "`sample_rate` is 100 Hz; allowed is high enough for one filter between 63 Hz and half of it"),
        (of(EAR, 0), "`sample_rate` is 0 Hz; allowed is high enough for one filter between 63 Hz and half of it"),
        (text(cochlea.cochleagram(&[0.0; 63])), "`samples` is 63 samples; allowed is at least one frame of 64 samples"),
        (text(cochlea.cochleagram(&[f32::NAN; 64])), "`samples` is NaN at sample 0; allowed is finite numbers"),
    ];
    table.iter().for_each(|(found, expected)| assert_eq!(found, expected));
}

#[test]
fn cepstra_that_cannot_be() {
    let good = Mfcc::default();
    let of = |mfcc: Mfcc| text(mfcc.design(8000));
    let cepstrum = good.design(8000).unwrap();
    let table = [
        (
            of(Mfcc { frame_ms: 0.1, ..good }),
            "`frame_ms` is 0.1 ms; allowed is a time of 2 to 1048576 samples at 8000 Hz",
        ),
        (of(Mfcc { hop_ms: 0.0, ..good }), "`hop_ms` is 0 ms; allowed is a time of 1 to 1048576 samples at 8000 Hz"),
        (of(Mfcc { pre_emphasis: 1.5, ..good }), "`pre_emphasis` is 1.5; allowed is 0 to 1"),
        (of(Mfcc { filters: 0, ..good }), "`filters` is 0; allowed is 1 to 4096"),
        (
            of(Mfcc { filters: 200, ..good }),
            "`filters` is 200, so many that filter 0 lies between two frequencies of the spectrum; allowed is fewer, or longer frames",
        ),
        (of(Mfcc { coefficients: 27, ..good }), "`coefficients` is 27; allowed is 1 to 26, the number of filters"),
        (of(Mfcc { delta_order: 3, ..good }), "`delta_order` is 3; allowed is 0 to 2"),
        (of(Mfcc { delta_window: 0, ..good }), "`delta_window` is 0; allowed is at least 1 frame"),
        (
            of(Mfcc { high_hz: Some(4001.0), ..good }),
            "`high_hz` is 4001; allowed is above 0 and at most 4000, half the sample rate",
        ),
        (of(Mfcc { low_hz: 4000.0, ..good }), "`low_hz` is 4000; allowed is at least 0 and below 4000, the upper end"),
        (
            text(cepstrum.coefficients(&[0.0; 199])),
            "`samples` is 199 samples; allowed is at least one frame of 200 samples",
        ),
        (text(cepstrum.coefficients(&[f32::INFINITY; 200])), "`samples` is inf at sample 0; allowed is finite numbers"),
        (text(deltas(&array![[1.0]], 0)), "`window` is 0; allowed is at least 1 frame"),
        (text(deltas(&Array2::zeros((0, 3)), 1)), "`features` is (0, 3); allowed is at least one frame and one column"),
    ];
    table.iter().for_each(|(found, expected)| assert_eq!(found, expected));
}
