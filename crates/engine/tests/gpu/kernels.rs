//! Every kernel of a step equals its twin, word for word: at sizes around the words and workgroups, for several workgroup sizes.

use crate::Test;
use crate::harness::gpu;
use crate::kernel_cases::{self, Case};
use crate::learning_cases;

pub const TESTS: &[Test] = &[
    ("source_step", || every_size(kernel_cases::source_step)),
    ("prepare", || every_size(kernel_cases::prepare)),
    ("tick", || every_size(kernel_cases::tick)),
    ("deliver", || every_size(kernel_cases::deliver)),
    ("neuron_step", || every_size(kernel_cases::neuron_step)),
    ("observe", || every_size(kernel_cases::observe)),
    ("resident", || every_size(kernel_cases::resident)),
    ("lanes_source", || every_size(kernel_cases::lanes_source)),
    ("lanes_step", || every_size(kernel_cases::lanes_step)),
    ("early_events", || every_size(learning_cases::early_events)),
    ("late_events", || every_size(learning_cases::late_events)),
    ("early_deliver", || every_size(learning_cases::early_deliver)),
    ("late_deliver", || every_size(learning_cases::late_deliver)),
    ("stdp_changes", || every_size(learning_cases::stdp_changes)),
    ("stdp", || every_size(learning_cases::stdp)),
    ("learn_finish", || every_size(learning_cases::learn_finish)),
    ("resident_plastic", || every_size(learning_cases::resident_plastic)),
    ("astrocyte_step", || every_size(learning_cases::astrocyte_step)),
    ("astrocytes_over_two_dimensions", astrocytes_over_two_dimensions),
    ("lanes_observe", || every_size(kernel_cases::lanes_observe)),
];

const SIZES: [usize; 9] = [1, 31, 32, 33, 63, 64, 65, 257, 4097];
/// Kernels of which a whole workgroup does what one invocation does in others.
const BY_GROUP: [&str; 6] = [
    "kernels/deliver",
    "kernels/resident",
    "kernels/resident_plastic",
    "kernels/learn_deliver",
    "kernels/stdp",
    "kernels/astrocyte_step",
];
const WORKGROUPS: [f64; 3] = [32.0, 64.0, 256.0];

/// The first word at which device and twin differ: buffer and place. Lists are compared as sets.
fn difference(case: &Case, mut found: Vec<Vec<u32>>) -> Option<(usize, usize)> {
    let mut wanted = case.after.clone();
    if let Some(list) = case.list {
        for buffers in [&mut found, &mut wanted] {
            let count = buffers[list][0] as usize;
            buffers[list][1..=count].sort_unstable();
        }
    }
    assert_eq!(found.len(), wanted.len());
    found.iter().zip(&wanted).enumerate().find_map(|(buffer, (found, wanted))| {
        assert_eq!(found.len(), wanted.len());
        found.iter().zip(wanted).position(|(a, b)| a != b).map(|word| (buffer, word))
    })
}

fn on_device(case: &Case, workgroup: f64, before: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut overrides = case.overrides.clone();
    let by_group = BY_GROUP.contains(&case.kernel);
    if case.invocations > 1 || by_group {
        overrides.push(("WG", workgroup));
    }
    let invocations = case.invocations * if by_group { workgroup as u32 } else { 1 };
    gpu().run_all(case.kernel, &overrides, before, invocations)
}

/// Workgroups that a case is tried with: a software driver ends loops after 65 535 iterations, so few invocations must not do too much.
fn workgroups(case: &Case, size: usize) -> &'static [f64] {
    let much = case.kernel == "kernels/resident_plastic" && size > 1000;
    if much { &WORKGROUPS[2..] } else { &WORKGROUPS }
}

fn every_size(make: fn(usize) -> Case) {
    for size in SIZES {
        let case = make(size);
        assert_ne!(case.before, case.after, "the twin should do something at size {size}");
        for &workgroup in workgroups(&case, size) {
            let found = on_device(&case, workgroup, &case.before);
            assert_eq!(difference(&case, found), None, "(buffer, word) at size {size}, workgroup {workgroup}");
        }
        can_fail(&case, size);
    }
}

/// More astrocytes than workgroups along x, and more workgroups than astrocytes.
fn astrocytes_over_two_dimensions() {
    let case = learning_cases::astrocyte_step(65);
    let overrides = [("WG", 64.0)];
    for groups in [(2, 2), (1, 3), (3, 2)] {
        let found = gpu().run_over(case.kernel, &overrides, &case.before, |_| groups);
        assert_eq!(difference(&case, found), None, "(buffer, word) over {groups:?} workgroups");
    }
    let found = gpu().run_over(case.kernel, &overrides, &case.before, |_| (2, 1));
    assert!(difference(&case, found).is_some(), "an astrocyte without a workgroup should show");
}

/// The comparison can fail: on a flipped bit of the result, and on a flipped bit of the input.
fn can_fail(case: &Case, size: usize) {
    let workgroup = if workgroups(case, size).contains(&64.0) { 64.0 } else { 256.0 };
    let found = on_device(case, workgroup, &case.before);
    for (buffer, words) in found.iter().enumerate().filter(|(buffer, _)| Some(*buffer) != case.list) {
        let mut wrong = found.clone();
        wrong[buffer][words.len() / 2] ^= 1;
        assert_eq!(difference(case, wrong), Some((buffer, words.len() / 2)), "size {size}");
    }
    let shows = |&(buffer, word): &(usize, usize)| {
        let mut before = case.before.clone();
        before[buffer][word] ^= 1 << 30;
        let mut found = on_device(case, workgroup, &before);
        // The flipped word itself may still be there.
        found[buffer][word] = case.after[buffer][word];
        difference(case, found).is_some()
    };
    let none = case.decisive.is_empty();
    assert!(none || case.decisive.iter().any(shows), "a wrong input should show, size {size}");
}
