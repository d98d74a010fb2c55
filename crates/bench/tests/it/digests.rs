//! One digest for every device, thread count, cut and batch; and the digests that are committed.

use std::collections::BTreeSet;

use limnos_bench::measure::Run;
use limnos_bench::report::hex;
use limnos_bench::workload::{Noise, Synth, W1, W2, W3, W5, Workload};
use limnos_engine::digest::Digest;
use limnos_engine::{Device, Observe, RunOptions, Simulation};

use crate::runs::{cpus, digest, first, gpus, outcome};

const COMMITTED: &str = include_str!("../digests.txt");

/// The workloads in the sizes in which every device must agree.
fn cases(seed: u64) -> Vec<(Box<dyn Workload>, Run)> {
    let run = |steps| Run { steps, ..Run::default() };
    vec![
        (Box::new(W1 { seed, ..W1::default() }), run(1000)),
        (Box::new(W1 { seed, noise: Noise::Constant, ..W1::default() }), run(1000)),
        (Box::new(W1 { n: 20_000, seed, ..W1::default() }), run(1000)),
        (Box::new(w2(W1 { seed, ..W1::default() })), run(2000)),
        (Box::new(w2(W1 { seed, noise: Noise::Constant, ..W1::default() })), run(1000)),
        (Box::new(w2(W1 { n: 20_000, seed, ..W1::default() })), run(500)),
        (Box::new(W3 { seed, ..W3::default() }), run(2000)),
        (Box::new(W5 { seed, ..W5::default() }), Run { steps: 250, batch: 64, ..Run::default() }),
        (Box::new(Synth { n: 4000, p: 0.02, seed, ..Synth::default() }), run(200)),
    ]
}

fn w2(reservoir: W1) -> W2 {
    W2 { reservoir, ..W2::default() }
}

fn name(workload: &dyn Workload) -> String {
    [workload.name(), workload.drive().unwrap_or("")].join(" ").trim_end().to_owned()
}

#[test]
fn equal_on_every_device() {
    for (workload, run) in cases(1) {
        let expected = digest(&first(), &*workload, &run);
        // Learning takes a software driver long; the engine's own tests vary the workgroups of its kernels.
        let workgroups: &[u32] = if workload.name() == "w2" { &[64] } else { &[32, 64, 256] };
        for (device_name, device) in cpus().into_iter().chain(gpus(workgroups)) {
            let found = digest(&device, &*workload, &run);
            assert_eq!(hex(found), hex(expected), "{} on {device_name}", name(&*workload));
        }
    }
}

#[test]
fn another_seed_gives_another_digest() {
    for ((a, run), (b, _)) in cases(1).into_iter().zip(cases(2)) {
        assert_ne!(digest(&first(), &*a, &run), digest(&first(), &*b, &run), "{}", name(&*a));
    }
}

#[test]
fn equal_for_a_run_cut_into_pieces() {
    for (workload, run) in cases(1) {
        let expected = digest(&first(), &*workload, &run);
        let cpus = cpus().into_iter().flat_map(|device| [2, 7, 99].map(|pieces| (device.clone(), pieces)));
        let gpus = gpus(&[64]).into_iter().map(|device| (device, 3));
        for ((device_name, device), pieces) in cpus.chain(gpus) {
            let found = digest(&device, &*workload, &Run { pieces, ..run });
            assert_eq!(hex(found), hex(expected), "{} on {device_name} in {pieces} pieces", name(&*workload));
        }
    }
}

#[test]
fn one_step_more_gives_another_digest() {
    for (workload, run) in cases(1) {
        let more = Run { steps: run.steps + 1, ..run };
        assert_ne!(digest(&first(), &*workload, &run), digest(&first(), &*workload, &more), "{}", name(&*workload));
    }
}

#[test]
fn warm_up_is_a_part_of_the_digest_but_not_of_the_count() {
    let workload = W1::default();
    let run = |warmup, steps| outcome(&first(), &workload, &Run { warmup, steps, ..Run::default() });
    let (cold, warm) = (run(0, 120), run(50, 70));
    assert_eq!(cold.digest(), warm.digest());
    assert!(warm.spikes > 0 && warm.spikes < cold.spikes, "{} {}", warm.spikes, cold.spikes);
}

#[test]
fn samples_from_rest_do_not_see_the_warm_up() {
    let run = |warmup| outcome(&first(), &W5::default(), &Run { warmup, steps: 100, batch: 3, ..Run::default() });
    let (cold, warm) = (run(0), run(40));
    assert_eq!((cold.digest(), cold.spikes, cold.counts), (warm.digest(), warm.spikes, warm.counts));
}

/// Digests of the samples of a batch, each of them run alone too, and two of them in a batch that starts elsewhere.
fn samples_alone(device_name: &str, device: &Device, workload: &dyn Workload, batch: usize, alone: &[usize]) {
    let run = Run { steps: 250, batch, ..Run::default() };
    let together = outcome(device, workload, &run).digests;
    let part =
        |first: usize, batch| outcome(device, workload, &Run { batch, first_sample: first as u32, ..run }).digests;
    for &sample in alone {
        assert_eq!(part(sample, 1), [together[sample]], "{} sample {sample} on {device_name}", workload.name());
    }
    assert_eq!(part(batch - 2, 2), together[batch - 2..], "{} on {device_name}", workload.name());
    let different: BTreeSet<_> = together.iter().collect();
    assert_eq!(different.len(), batch, "samples must differ, else this test would see nothing");
}

#[test]
fn a_sample_alone_is_the_sample_in_a_batch() {
    for (device_name, device) in cpus() {
        samples_alone(&device_name, &device, &W5::default(), 8, &[0, 1, 2, 3, 4, 5, 6, 7]);
        samples_alone(&device_name, &device, &W1::default(), 3, &[0, 1, 2]);
    }
    for (device_name, device) in gpus(&[64]) {
        samples_alone(&device_name, &device, &W5::default(), 8, &[0, 6]);
        samples_alone(&device_name, &device, &W1::default(), 3, &[1]);
    }
}

#[test]
fn without_a_digest_the_same_spikes_are_counted() {
    for (workload, run) in cases(1) {
        let (with, without) =
            (outcome(&first(), &*workload, &run), outcome(&first(), &*workload, &Run { digest: false, ..run }));
        assert_eq!(without.digest(), None);
        assert!(with.spikes > 0);
        assert_eq!((with.spikes, with.events, with.counts), (without.spikes, without.events, without.counts));
    }
}

#[test]
fn one_perturbed_word_changes_the_digest() {
    let observe = Observe { spikes: Some(50), ..Observe::default() };
    let options = RunOptions { batch: 2, observe, ..RunOptions::default() };
    let mut simulation =
        Simulation::new(&first(), &W1::default().network(), options).expect("the network should compile");
    simulation.run(50).expect("the run should fit its recording");
    let bits = simulation.spike_bits_recorded().expect("spikes are recorded");
    let states = simulation.state().expect("the state should be readable");
    let hash = |bits: &[u32], states: &[_]| {
        let mut digest = Digest::new(2);
        digest.push(simulation.model(), bits);
        digest.finish(simulation.model(), states)
    };
    let expected = hash(&bits, &states);
    let mut flipped = bits.clone();
    flipped[7] ^= 1 << 3;
    let found = hash(&flipped, &states);
    assert!(found[0] != expected[0] && found[1] == expected[1], "a spike of sample 0");
    let mut moved = states.clone();
    moved[1].fields[5] += 1;
    let found = hash(&bits, &moved);
    assert!(found[0] == expected[0] && found[1] != expected[1], "a membrane of sample 1");
    moved = states.clone();
    moved[1].ring[9] ^= 1;
    assert_ne!(hash(&bits, &moved)[1], expected[1], "an input that is due");
}

/// The line of the committed table for a run.
fn line(workload: &dyn Workload, run: &Run) -> String {
    let outcome = outcome(&first(), workload, run);
    let digest = hex(outcome.digest().expect("a digest was asked for"));
    let (neurons, synapses) = (outcome.neurons, outcome.synapses);
    format!(
        "{:<11} {neurons:>7} {synapses:>8} {:>6} {:>6} {:>5} {:>7} {digest}",
        name(workload),
        run.warmup,
        run.steps,
        run.batch,
        outcome.spikes
    )
}

#[test]
fn digests_are_those_that_are_committed() {
    let found: Vec<String> = cases(1).iter().map(|(workload, run)| line(&**workload, run)).collect();
    let committed: Vec<&str> = COMMITTED.lines().filter(|l| !l.starts_with('#')).collect();
    assert!(
        found == committed,
        "bits have changed. If that is meant, say why in the commit and put these lines into tests/digests.txt:\n{}\n",
        found.join("\n")
    );
}
