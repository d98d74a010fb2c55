//! What the columns of a feature matrix are, for each encoder.

use limnos::prelude::*;
use ndarray::{Axis, s};

use super::{config, lsm, pictures};

fn transformed(encoder: Encoder, features: Features) -> ndarray::Array2<f32> {
    lsm(3, LsmConfig { encoder, features, ..config(8) }).transform(&pictures(10)).unwrap()
}

#[test]
fn windows_add_up_to_the_whole() {
    let encoder = config(1).encoder;
    let whole = transformed(encoder, Features::counts(1));
    let quarters = transformed(encoder, Features::counts(4)).into_shape_with_order((10, 4, 70)).unwrap();
    assert_eq!(whole, quarters.sum_axis(Axis(1)));
    assert!(quarters.sum_axis(Axis(2)).iter().all(|&n| n > 0.0), "every window has spikes");
}

#[test]
fn counts_come_before_traces() {
    let encoder = config(1).encoder;
    let both = lsm(3, config(8)).transform(&pictures(10)).unwrap();
    assert_eq!(both.ncols(), 280);
    assert_eq!(both.slice(s![.., ..140]), transformed(encoder, Features::counts(2)));
    assert_eq!(both.slice(s![.., 140..]), transformed(encoder, Features::traces(15.0, vec![19, 39])));
}

#[test]
fn poisson_rates_spike_a_little_less_than_bernoulli() {
    let code = RateCode { rate_hz: 900.0, scaling: Scaling::FullScale(16.0) };
    let config = |encoder| LsmConfig { encoder, steps: 400, features: Features::counts(1), ..LsmConfig::default() };
    let mut relay = Network::new(NetworkConfig { dt: 1.0, seed: 2 });
    let (input, out) = (relay.add_input("in", 12), relay.add_population("out", 12, Lif::default()));
    relay.connect(input, out, OneToOne, 30.0);
    let mean = |encoder| {
        let device = Device::cpu().unwrap();
        let mut machine = Lsm::new(&device, &relay, out, input, config(encoder), Softmax::default()).unwrap();
        let x = ndarray::Array2::from_elem((20, 12), 8.0);
        f64::from(machine.transform(&x).unwrap().mean().unwrap()) / 400.0
    };
    // 450 Hz in steps of 1 ms: p = 0.45, or 1 - exp(-0.45) = 0.3624; the standard error of 96 000 draws is 0.0016.
    assert!((mean(Encoder::Bernoulli(code)) - 0.45).abs() < 0.007);
    assert!((mean(Encoder::Poisson(code)) - 0.3624).abs() < 0.007);
}

#[test]
fn latency_code_is_the_same_as_its_spike_trains_given() {
    let code = LatencyCode { steps: 30, full_scale: 16.0, ..LatencyCode::default() };
    let x = pictures(10);
    let trains: Vec<_> = x.outer_iter().map(|row| code.encode(&row.to_vec()).unwrap()).collect();
    let given = LsmConfig { encoder: Encoder::Given, ..config(4) };
    let from_trains = lsm(3, given).transform(&trains).unwrap();
    let encoded = lsm(3, LsmConfig { encoder: Encoder::Latency(code), ..config(4) }).transform(&x).unwrap();
    assert_eq!(from_trains, encoded);
    let shifted = LatencyCode { steps: 31, ..code };
    assert_ne!(encoded, lsm(3, LsmConfig { encoder: Encoder::Latency(shifted), ..config(4) }).transform(&x).unwrap());
}

#[test]
fn recorded_spikes_are_those_that_are_counted() {
    let mut machine = lsm(3, LsmConfig { features: Features::counts(1), ..config(8) });
    let x = pictures(10);
    let counts = machine.transform(&x).unwrap();
    let spikes = machine.spikes(6, x.slice(s![6..8, ..])).unwrap();
    for (sample, spikes) in [6, 7].into_iter().zip(&spikes) {
        let mut counted = vec![0.0; 70];
        spikes.iter().for_each(|&(_, neuron)| counted[neuron as usize] += 1.0);
        assert_eq!(counts.row(sample).to_vec(), counted);
    }
    assert_ne!(spikes[0], machine.spikes(5, x.slice(s![6..7, ..])).unwrap()[0], "another stream, other spikes");
}

#[test]
fn activity_counts_samples_and_spikes() {
    let mut machine = lsm(3, LsmConfig { features: Features::counts(1), ..config(4) });
    let features = machine.transform(&pictures(10)).unwrap();
    let activity = machine.activity();
    assert_eq!(activity.samples, 10);
    assert_eq!(activity.spikes as f32, features.sum());
    let rate = activity.spikes as f64 / (70.0 * 10.0 * 0.040);
    assert!((activity.rate_hz - rate).abs() < 1e-9 && rate > 1.0);
    machine.transform(&pictures(10)).unwrap();
    assert_eq!((machine.activity().samples, machine.activity().spikes), (20, 2 * activity.spikes));
}
