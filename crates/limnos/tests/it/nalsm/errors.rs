//! What is refused, and in which words.

use limnos::Error;
use limnos::presets::nalsm::{Nalsm, PaperReadout, Rule};
use ndarray::{Array2, array};

use super::{cpu, developed, probabilities, small, trains};

fn refused(preset: Nalsm, says: &[&str]) {
    let error = preset.liquid(&cpu()).unwrap_err().to_string();
    says.iter().for_each(|part| assert!(error.contains(part), "{error} should contain {part}"));
}

#[test]
fn settings_outside_their_range_are_refused() {
    let good = small(Rule::Stdp);
    refused(Nalsm { neurons: 999, ..good }, &["neurons", "999", "cube"]);
    refused(Nalsm { neurons: 1, ..good }, &["neurons", "1"]);
    refused(Nalsm { channels: 0, ..good }, &["channels", "0"]);
    refused(Nalsm { steps: 0, ..good }, &["steps", "0"]);
    refused(Nalsm { snippet_steps: 0, ..good }, &["snippet_steps", "0"]);
    refused(Nalsm { snippets: Some(0), ..good }, &["snippets", "0"]);
    refused(Nalsm { max_batch: 0, ..good }, &["max_batch", "0"]);
    refused(Nalsm { memory_budget: 1000, ..good }, &["memory_budget", "1000 bytes", "at least"]);
    for initial_weight in [0.0, 3.1, f64::NAN] {
        refused(Nalsm { initial_weight, ..good }, &["initial_weight", &initial_weight.to_string()]);
    }
    for weight in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        refused(Nalsm { rule: Rule::astrocyte(weight), ..good }, &["Rule::Astrocyte", &weight.to_string()]);
        refused(Nalsm { rule: Rule::Static { weight }, ..good }, &["Rule::Static", &weight.to_string()]);
    }
    refused(Nalsm { rule: Rule::ApStdp { threshold: 37.0, width: 0.0 }, ..good }, &["width", "ApStdp"]);
}

#[test]
fn a_plastic_liquid_must_be_developed() {
    let mut liquid = small(Rule::Stdp).liquid(&cpu()).unwrap();
    let samples = probabilities(2);
    assert!(matches!(liquid.transform(0, &samples, &mut |_| ()), Err(Error::NotDeveloped)));
    assert!(matches!(liquid.branching(0, &samples), Err(Error::NotDeveloped)));
    assert!(matches!(liquid.save("never"), Err(Error::NotDeveloped)));
    let mut still = small(Rule::Static { weight: 1.0 }).liquid(&cpu()).unwrap();
    assert!(still.transform(0, &samples, &mut |_| ()).is_ok());
}

#[test]
fn bad_samples_are_refused_and_change_nothing() {
    let mut liquid = developed(small(Rule::Stdp));
    let before = liquid.weights().cloned();
    let mut wrong = probabilities(3);
    wrong[[1, 4]] = 1.5;
    let says = |error: Error, parts: &[&str]| {
        let text = error.to_string();
        parts.iter().for_each(|part| assert!(text.contains(part), "{text} should contain {part}"));
    };
    says(liquid.develop(&wrong, &mut |_| ()).unwrap_err(), &["1.5", "sample 1, channel 4", "PixelCode"]);
    wrong[[1, 4]] = f32::NAN;
    says(liquid.transform(0, &wrong, &mut |_| ()).unwrap_err(), &["NaN", "sample 1"]);
    let narrow: Array2<f32> = Array2::zeros((2, 11));
    says(liquid.transform(0, &narrow, &mut |_| ()).unwrap_err(), &["11", "12"]);
    let none: Array2<f32> = Array2::zeros((0, 12));
    says(liquid.develop(&none, &mut |_| ()).unwrap_err(), &["empty"]);
    says(liquid.develop(&trains(1, 22), &mut |_| ()).unwrap_err(), &["22 steps", "23"]);
    says(liquid.transform(0, &trains(1, 59), &mut |_| ()).unwrap_err(), &["59 steps", "60"]);
    says(liquid.transform(1 << 31, &probabilities(1), &mut |_| ()).unwrap_err(), &["first", "2147483648"]);
    let short = developed(Nalsm { steps: 58, ..small(Rule::Stdp) });
    says(short.branching(0, &probabilities(1)).unwrap_err(), &["58"]);
    assert_eq!(liquid.weights().cloned(), before);
}

#[test]
fn the_readout_refuses_what_it_cannot_learn() {
    let x = array![[0.5f32, 0.5], [0.2, 0.8]];
    let fit = |readout: PaperReadout, x: &Array2<f32>, labels: &[u32]| {
        readout.fit((x, labels), (x, labels), &mut |_| ()).unwrap_err().to_string()
    };
    let good = PaperReadout { epochs: 2, ..PaperReadout::default() };
    assert!(fit(PaperReadout { epochs: 0, ..good }, &x, &[0, 1]).contains("epochs"));
    assert!(fit(PaperReadout { batch: 0, ..good }, &x, &[0, 1]).contains("batch"));
    assert!(fit(PaperReadout { rate: -1.0, ..good }, &x, &[0, 1]).contains("-1"));
    assert!(fit(PaperReadout { l2: f64::NAN, ..good }, &x, &[0, 1]).contains("NaN"));
    assert!(fit(good, &x, &[0, 1, 1]).contains("3 samples"));
    assert!(fit(good, &x, &[0, 0]).contains("classes"));
    assert!(fit(good, &array![[0.5, f32::NAN], [0.0, 0.0]], &[0, 1]).contains("NaN at sample 0, feature 1"));
    let model = good.fit((&x, &[0, 1]), (&x, &[0, 1]), &mut |_| ()).unwrap();
    assert!(model.predict(&Array2::zeros((1, 3))).unwrap_err().to_string().contains("3"));
    assert!(model.score(&x, &[0]).is_err());
}
