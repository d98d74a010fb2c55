//! Every kernel of rate reservoirs is as close to its twin as single precision can be: each number within a few eps of the magnitudes that meet in it, in
//! lock-step, for all sizes and workgroups; words that it should not write stay.

use limnos_engine::wgsl::{self, layout};
use limnos_spec::twin::device::rate::{LOOP_OPEN, LOOP_TO_FEEDBACK, LOOP_TO_INPUTS, STRUCTS};

use crate::Test;
use crate::harness::gpu;
use crate::rate_cases::{self, Case};

pub const TESTS: &[Test] = &[
    ("structs_are_laid_out_alike", structs_are_laid_out_alike),
    ("step", step),
    ("lanes", lanes),
    ("readout", readout),
    ("resident", resident),
    ("resident_in_a_closed_loop", resident_in_a_closed_loop),
    ("gram", gram),
];

const SIZES: [usize; 9] = [1, 31, 32, 33, 63, 64, 65, 257, 4097];
const WORKGROUPS: [u32; 3] = [32, 64, 256];

/// Eps of the magnitudes that a number may be off. Sums have up to 200 terms in up to 32 parts; most errors cancel.
const K: f64 = 8.0;

/// The first word that is not as it should be: (buffer, word, found, wanted), and the largest error in eps of the magnitudes.
fn difference(case: &Case, found: &[Vec<u32>]) -> (Option<(usize, usize, f32, f64)>, f64) {
    let (mut first, mut worst) = (None, 0.0_f64);
    let mut rest = found.to_vec();
    for (buffer, word, close) in (case.expected)(found) {
        let value = f32::from_bits(found[buffer][word]);
        if !close.holds(value, K) {
            first = first.or(Some((buffer, word, value, close.value)));
        }
        if close.terms > 0.0 {
            worst = worst.max((f64::from(value) - close.value).abs() / close.terms / f64::from(f32::EPSILON));
        }
        rest[buffer][word] = case.before[buffer][word];
    }
    for (buffer, (rest, before)) in rest.iter().zip(&case.before).enumerate() {
        let strayed = rest.iter().zip(before).position(|(a, b)| a != b);
        first = first.or(strayed.map(|word| (buffer, word, f32::from_bits(rest[word]), f64::NAN)));
    }
    (first, worst)
}

fn on_device(case: &Case, workgroup: Option<u32>, before: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut overrides = case.overrides.clone();
    overrides.extend(workgroup.map(|invocations| ("WG", f64::from(invocations))));
    gpu().run_grid(case.kernel, &overrides, before, &case.groups)
}

/// Checks a case, and that the check can fail: on one weight (or other input) that is off in a high bit.
fn check(case: &Case, workgroup: Option<u32>, what: &str) -> f64 {
    let found = on_device(case, workgroup, &case.before);
    let (first, worst) = difference(case, &found);
    assert_eq!(first, None, "(buffer, word, found, wanted): {} {what}, workgroup {workgroup:?}", case.kernel);
    let shows = |&(buffer, word): &(usize, usize)| {
        let mut before = case.before.clone();
        let Some(bits) = before[buffer].get_mut(word) else { return false };
        *bits ^= 1 << 20;
        let mut found = on_device(case, workgroup, &before);
        // The wrong word itself may still be there, and must not be what shows.
        if found[buffer][word] == before[buffer][word] {
            found[buffer][word] = case.before[buffer][word];
        }
        difference(case, &found).0.is_some()
    };
    let none = case.decisive.is_empty();
    assert!(none || case.decisive.iter().any(shows), "a wrong word should show: {} {what}", case.kernel);
    worst
}

fn report(kernel: &str, worst: f64) {
    eprintln!("{kernel}: at most {worst:.2} eps of the magnitudes");
}

fn step() {
    let mut worst = 0.0_f64;
    for n in SIZES {
        for (workgroup, parts) in [(32, 1), (64, 4), (256, 8), (32, 32)] {
            for case in rate_cases::step(n, parts) {
                worst = worst.max(check(&case, Some(workgroup), &format!("of {n} units in {parts} parts")));
            }
        }
    }
    report("rate_step", worst);
}

fn lanes() {
    let mut worst = 0.0_f64;
    for n in SIZES {
        for (k, (members, per_member)) in [(1, 2), (3, 1), (2, 17)].into_iter().enumerate() {
            for case in rate_cases::lanes(n, members, per_member, [1, 4, 2][k]) {
                let what = format!("of {n} units, {members} x {per_member} samples");
                worst = worst.max(check(&case, Some(WORKGROUPS[k]), &what));
            }
        }
    }
    report("rate_lanes", worst);
}

fn readout() {
    let mut worst = 0.0_f64;
    for n in SIZES {
        for (k, closed) in [LOOP_OPEN, LOOP_TO_INPUTS, LOOP_TO_FEEDBACK].into_iter().enumerate() {
            let case = rate_cases::readout(n, k + 1, k as u32, closed, [32, 8, 256][k]);
            worst = worst.max(check(&case, Some([32, 64, 256][k]), &format!("of {n} units, loop {closed}")));
        }
    }
    report("rate_readout", worst);
}

/// What fits in workgroup memory of plain WebGPU.
fn small() -> impl Iterator<Item = usize> {
    SIZES.into_iter().map(|n| n.min(1900))
}

fn resident() {
    let mut worst = 0.0_f64;
    for n in small() {
        for (k, (members, per_member)) in [(1, 1), (1, 5), (3, 2)].into_iter().enumerate() {
            let case = rate_cases::resident(n, members, per_member, None, [4, 1, 2][k]);
            let what = format!("of {n} units, {members} x {per_member} samples");
            worst = worst.max(check(&case, Some(WORKGROUPS[k]), &what));
        }
    }
    report("rate_resident", worst);
}

fn resident_in_a_closed_loop() {
    let mut worst = 0.0_f64;
    for n in small() {
        for (k, closed) in [LOOP_OPEN, LOOP_TO_INPUTS, LOOP_TO_FEEDBACK].into_iter().enumerate() {
            let case = rate_cases::resident(n, 1 + k % 2, 2, Some(closed), 4);
            worst = worst.max(check(&case, Some(WORKGROUPS[k]), &format!("of {n} units, loop {closed}")));
        }
    }
    report("rate_resident with its readout", worst);
}

fn gram() {
    let mut worst = 0.0_f64;
    for n in SIZES.into_iter().map(|n| n.min(600)) {
        for (members, per_member, interleaved) in [(1, 1, true), (1, 7, true), (3, 2, false)] {
            let case = rate_cases::gram(n, members, per_member, interleaved);
            worst = worst.max(check(&case, None, &format!("of {n} units, {members} x {per_member} samples")));
        }
    }
    report("rate_gram", worst);
}

/// Every shared struct of the twins is the WGSL struct of its name.
fn structs_are_laid_out_alike() {
    let source = wgsl::link("common/rate").unwrap_or_else(|error| panic!("{error}"));
    let structs = wgsl::structs(&wgsl::parse(&source).unwrap_or_else(|error| panic!("{error}")));
    assert_eq!(structs.len(), STRUCTS.len(), "every struct of the module is shared");
    for rust in STRUCTS {
        layout::compare(rust, &structs).unwrap_or_else(|error| panic!("{error}"));
    }
}
