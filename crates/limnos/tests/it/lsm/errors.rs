//! Wrong uses: each is refused with a text that says what was wrong and what to do.

use limnos::prelude::*;
use limnos::{Error, Result};
use ndarray::{Array2, s};

use super::{config, lsm, noisy_net, pictures, rate_code};

fn text<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.expect_err("this should have been refused").to_string()
}

fn made(config: LsmConfig) -> Result<Lsm> {
    let (net, liquid, input) = noisy_net(3);
    Lsm::new(&Device::cpu().unwrap(), &net, liquid, input, config, Softmax::default())
}

fn spoiled(value: f32) -> Array2<f32> {
    let mut x = pictures(300);
    x[[290, 7]] = value;
    x
}

#[test]
fn configs() {
    let c = || config(4);
    let features = |f| LsmConfig { features: f, ..c() };
    let latency = Encoder::Latency(LatencyCode { steps: 41, ..LatencyCode::default() });
    let cases = [
        (LsmConfig { steps: 0, ..c() }, "`steps` is 0; allowed is at least 1"),
        (LsmConfig { max_batch: 0, ..c() }, "`max_batch` is 0; allowed is at least 1"),
        (
            features(Features { count_windows: 0, traces: None }),
            "`features` is empty; allowed is at least one count window or one sampled trace",
        ),
        (features(Features::counts(7)), "`count_windows` is 7; allowed is a divisor of the 40 steps of a sample"),
        (features(Features::traces(10.0, vec![3, 40])), "`at_steps` is 40; allowed is below the 40 steps of a sample"),
        (features(Features::traces(0.0, vec![3])), "tau of Observe::traces is 0; allowed: more than 0 ms"),
        (
            LsmConfig { encoder: latency, ..c() },
            "`steps of the latency code` is 41; allowed is at most the 40 steps of a sample",
        ),
    ];
    for (config, expected) in cases {
        assert_eq!(text(made(config)), expected);
    }
    let starved = text(made(LsmConfig { memory_budget: 10, ..c() }));
    assert!(starved.starts_with("`memory_budget` is 10 bytes; allowed is at least "), "{starved}");
}

#[test]
fn ids_of_another_network() {
    let (mut other, ..) = noisy_net(3);
    let (population, input) = (other.add_population("more", 3, Lif::default()), other.add_input("more", 12));
    let (net, liquid, pixels) = noisy_net(3);
    let new = |p, i| text(Lsm::new(&Device::cpu().unwrap(), &net, p, i, config(4), Softmax::default()));
    assert_eq!(new(population, pixels), "`population` is id 1; allowed is an id of this network");
    assert_eq!(new(liquid, input), "`input` is id 1; allowed is an id of this network");
}

#[test]
fn samples() {
    let mut machine = lsm(3, config(4));
    let mut refused = |x: &Array2<f32>| text(machine.transform(x));
    assert_eq!(refused(&Array2::zeros((0, 12))), "`x` is empty; allowed is at least one sample");
    assert_eq!(
        refused(&Array2::zeros((4, 11))),
        "the samples have 11 channels and input 'pixels' has 12; give the input one channel a feature, or other samples"
    );
    for (value, shown) in [(f32::NAN, "NaN"), (-1.0, "-1"), (16.5, "16.5"), (f32::INFINITY, "inf")] {
        let expected = format!("`features` is {shown} at sample 290, feature 7; allowed is 0 to 16, the full scale");
        assert_eq!(refused(&spoiled(value)), expected);
    }
    assert_eq!(machine.activity().samples, 0, "nothing ran");
}

#[test]
fn a_rate_above_one_spike_a_step() {
    let code = RateCode { rate_hz: 2000.0, ..rate_code() };
    let mut machine = lsm(3, LsmConfig { encoder: Encoder::Bernoulli(code), ..config(4) });
    let refused = text(machine.transform(&spoiled(16.0)));
    assert!(refused.contains("`rate_hz` is 2000") && refused.contains("lower the rate or the step"), "{refused}");
}

#[test]
fn values_that_a_latency_code_refuses() {
    let code = LatencyCode { steps: 40, full_scale: 16.0, ..LatencyCode::default() };
    let mut machine = lsm(3, LsmConfig { encoder: Encoder::Latency(code), ..config(4) });
    let expected = "sample 290: `features` is -2 at feature 7; allowed is 0 to 16, the full scale";
    assert_eq!(text(machine.transform(&spoiled(-2.0))), expected);
}

#[test]
fn spike_trains() {
    let train = |steps, channels| SpikeTrain::new(steps, channels, vec![(0, 0)]).unwrap();
    let mut given = lsm(3, LsmConfig { encoder: Encoder::Given, ..config(4) });
    assert_eq!(
        text(given.transform(&vec![train(40, 12), train(40, 13)])),
        "spike train 1 has 13 channels and input 'pixels' has 12; give the input one channel a feature, or other samples"
    );
    assert_eq!(
        text(given.transform(&vec![train(41, 12)])),
        "`x` is spike train 0 of 41 steps; allowed is at most the 40 steps of a sample"
    );
    assert_eq!(
        text(given.transform(&pictures(3))),
        "`x` is a matrix of 3 x 12 features; allowed is spike trains, for `Encoder::Given`; or choose another encoder"
    );
    assert_eq!(
        text(lsm(3, config(4)).transform(&vec![train(40, 12)])),
        "`x` is 1 spike trains; allowed is a matrix of features; spike trains need `Encoder::Given`"
    );
}

#[test]
fn labels_and_readouts() {
    let x = pictures(6);
    let mut machine = lsm(3, config(4));
    let unfitted = "the readout was not fitted; call `fit` or `partial_fit` first";
    assert_eq!(text(machine.predict(&x)), unfitted);
    assert_eq!(text(machine.predict_proba(&x)), unfitted);
    assert_eq!(text(machine.score(&x, &[0; 6])), unfitted);
    assert_eq!(text(machine.partial_fit(&x, &[0; 6], 0.1)), unfitted);
    let five = "`labels` is 5 labels; allowed is one for each of the 6 samples";
    assert_eq!(text(machine.fit(&x, &[0, 1, 0, 1, 0])), five);
    assert_eq!(machine.activity().samples, 0, "nothing ran");
    let alike = text(machine.fit(&x, &[2; 6]));
    assert_eq!(alike, "all 6 labels are class 2; a classifier needs samples of at least two classes");
    assert!(matches!(machine.score(&x, &[0; 6]), Err(Error::NotFitted)));
    machine.fit(&x, &[0, 1, 0, 1, 0, 1]).unwrap();
    assert_eq!(
        text(machine.score(&x, &[0, 1, 0, 1, 0, 9])),
        "label 9 at row 5 is not one of the 2 classes; labels run from 0 to 1"
    );
}

#[test]
fn pieces_that_do_not_belong_together() {
    let (net, liquid, input) = noisy_net(3);
    let new = |ridge| Lsm::new(&Device::cpu().unwrap(), &net, liquid, input, config(4), ridge).unwrap();
    let (x, labels) = (pictures(6), [0, 1, 2, 0, 1, 2]);
    let mut machine = new(Ridge::default());
    assert_eq!(text(machine.partial_fit(&x, &labels, 2)), "`labels` is 2 at sample 2; allowed is below `classes`, 2");
    machine.partial_fit(&x, &labels, 3).unwrap();
    let before = machine.model().cloned();
    assert_eq!(text(machine.partial_fit(&x, &labels, 4)), "`classes` is 4; allowed is 3, as in the earlier pieces");
    assert!(machine.partial_fit(x.slice(s![..2, ..]), &[0], 3).is_err());
    assert_eq!(before.as_ref(), machine.model(), "what was learned is as before");
    let loo = Ridge { alpha: Alpha::LeaveOneOut(vec![1.0]), ..Ridge::default() };
    assert!(text(new(loo).partial_fit(&x, &labels, 3)).starts_with("leave-one-out needs every sample again"));
    let mut fitted = new(Ridge::default());
    fitted.fit(&x, &labels).unwrap();
    assert!(text(fitted.partial_fit(&x, &labels, 3)).starts_with("`the readout` is fitted by `fit`"));
}
