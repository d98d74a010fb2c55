//! The bits of features do not depend on how samples are batched.

use limnos::prelude::*;
use ndarray::s;

use super::{bits, config, lsm, noisy_net, pictures};

#[test]
fn batches_of_1_7_and_64_give_the_same_bits() {
    let x = pictures(65);
    let alone = lsm(3, config(1)).transform(&x).unwrap();
    assert!(alone.sum() > 0.0);
    for batch in [7, 64] {
        assert_eq!(bits(&alone), bits(&lsm(3, config(batch)).transform(&x).unwrap()), "batch {batch}");
    }
    // Controls: the comparison sees another seed, and samples draw from streams of their own.
    assert_ne!(bits(&alone), bits(&lsm(4, config(1)).transform(&x).unwrap()));
    let same = x.slice(s![..1, ..]).broadcast((2, 12)).unwrap().to_owned();
    let twice = lsm(3, config(2)).transform(&same).unwrap();
    assert_ne!(twice.row(0), twice.row(1));
}

#[test]
fn a_piece_with_its_first_stream_is_that_part_of_the_whole() {
    let x = pictures(20);
    let mut machine = lsm(3, config(6));
    let whole = machine.transform(&x).unwrap();
    let piece = machine.transform_from(13, x.slice(s![13.., ..])).unwrap();
    assert_eq!(whole.slice(s![13.., ..]), piece);
    assert_ne!(whole.slice(s![13.., ..]), machine.transform(x.slice(s![13.., ..])).unwrap());
}

#[test]
fn a_call_leaves_nothing_behind_for_the_next() {
    let x = pictures(9);
    let mut machine = lsm(3, config(4));
    let first = machine.transform(&x).unwrap();
    machine.transform(x.slice(s![2..3, ..])).unwrap();
    assert_eq!(bits(&first), bits(&machine.transform(&x).unwrap()));
}

#[test]
fn features_are_those_of_a_plain_simulation() {
    let (net, liquid, input) = noisy_net(3);
    let x = pictures(5);
    let features = lsm(3, config(64)).transform(&x).unwrap();
    let observe = Observe {
        counts: Some(Counts { windows: 2, window_steps: Some(20) }),
        traces: Some(Traces { tau: 15.0, at_steps: vec![19, 39] }),
        ..Observe::default()
    };
    let options = RunOptions { batch: 1, first_sample: 4, observe };
    let mut simulation = Simulation::new(&Device::cpu().unwrap(), &net, options).unwrap();
    let p =
        x.slice(s![4..5, ..]).mapv(|v| (f64::from(v) * 300.0 / 16.0) as f32).mapv(|hz| (f64::from(hz) / 1000.0) as f32);
    simulation.feed(input, Feed::Probabilities(p.view().insert_axis(ndarray::Axis(1)))).unwrap();
    simulation.run(40).unwrap();
    let counts = simulation.counts(liquid).unwrap().mapv(|c| c as f32);
    let traces = simulation.traces(liquid).unwrap().mapv(|t| t as f32);
    let expected: Vec<f32> = counts.into_iter().chain(traces).collect();
    assert_eq!(features.row(4).to_vec(), expected);
}

#[test]
fn a_batch_keeps_to_its_memory() {
    let roomy = lsm(3, LsmConfig { max_batch: 256, ..config(1) });
    assert_eq!(roomy.max_batch(), 256);
    let tight = lsm(3, LsmConfig { max_batch: 256, memory_budget: 200_000, ..config(1) });
    assert!((1..256).contains(&tight.max_batch()), "{}", tight.max_batch());
}
