//! Samples: the same bits alone and in a batch, what differs between the modes.

use limnos::presets::nalsm::{Mode, Nalsm, NalsmLiquid, Rule};
use limnos::{Feed, RunOptions, Simulation};
use ndarray::{Axis, s};

use super::{bits, cpu, developed, probabilities, small};

#[test]
fn clean_counts_do_not_depend_on_batch_or_order() {
    let samples = probabilities(9);
    let mut wide = developed(small(Rule::astrocyte(0.05)));
    let mut narrow = developed(Nalsm { max_batch: 2, ..small(Rule::astrocyte(0.05)) });
    let all = wide.transform(0, &samples, &mut |_| ()).unwrap();
    assert_eq!(wide.max_batch(), 64);
    assert_eq!(bits(&all.counts), bits(&narrow.transform(0, &samples, &mut |_| ()).unwrap().counts));
    let again = wide.transform(4, samples.slice(s![4..6, ..]), &mut |_| ()).unwrap();
    assert_eq!(again.counts, all.counts.slice(s![4..6, ..]), "sample 4 is the same after others and alone");
    wide.release();
    wide.set_max_batch(3).unwrap();
    assert_eq!((wide.max_batch(), wide.preset().max_batch), (3, 3));
    assert!(wide.set_max_batch(0).is_err());
    assert_eq!(bits(&all.counts), bits(&wide.transform(0, &samples, &mut |_| ()).unwrap().counts));
    let other = wide.transform(5, samples.slice(s![4..6, ..]), &mut |_| ()).unwrap();
    assert_ne!(again.counts, other.counts, "other random streams should give other spikes");
}

#[test]
fn counts_and_rates_are_those_of_the_recorded_spikes() {
    let samples = probabilities(3);
    let mut liquid = developed(small(Rule::astrocyte(0.05)));
    let response = liquid.transform(7, &samples, &mut |_| ()).unwrap();
    let recordings = liquid.record(7, &samples).unwrap();
    for (recording, counts) in recordings.iter().zip(response.counts.outer_iter()) {
        let mut found = vec![0.0f32; 27];
        recording.liquid.iter().for_each(|s| found[s.1 as usize] += 1.0);
        assert_eq!(found, counts.to_vec());
    }
    let rate = |of: usize| of as f64 / (3.0 * 60.0);
    assert_eq!(response.liquid_rate, rate(recordings.iter().map(|r| r.liquid.len()).sum()));
    assert_eq!(response.input_rate, rate(recordings.iter().map(|r| r.input.len()).sum()));
    assert!(response.liquid_rate > 0.1 && response.input_rate > 1.0);
}

#[test]
fn faithful_traces_go_on_from_batch_to_batch() {
    // Batches of the published code have 250 samples.
    let samples = probabilities(300);
    let preset = Nalsm { neurons: 64, steps: 100, ..small(Rule::astrocyte(0.05)) };
    let mut clean = developed(preset);
    let mut faithful = developed(Nalsm { mode: Mode::Faithful, ..preset });
    assert_eq!(clean.weights(), faithful.weights(), "development is the same in both");
    let [clean, faithful] = [&mut clean, &mut faithful].map(|l| l.transform(0, &samples, &mut |_| ()).unwrap().counts);
    assert_eq!(clean.slice(s![..250, ..]), faithful.slice(s![..250, ..]), "the first batch starts without traces");
    assert_ne!(clean.slice(s![250.., ..]), faithful.slice(s![250.., ..]), "the second starts with those of the first");
}

/// Weights of the liquid before and after a sample, from the network for samples and the developed weights.
fn weights_around_a_sample(liquid: &NalsmLiquid) -> [Vec<f64>; 2] {
    let (parts, weights) = (liquid.network(), liquid.weights().unwrap());
    let mut sim = Simulation::new(&cpu(), &parts.network, RunOptions::default()).unwrap();
    sim.set_initial_weights(parts.input_synapses, &weights.input).unwrap();
    sim.set_initial_weights(parts.liquid_synapses, &weights.liquid).unwrap();
    sim.reset().unwrap();
    let before = sim.weights(parts.liquid_synapses, 0).unwrap();
    assert_eq!(before, weights.liquid);
    sim.feed(parts.events, Feed::Probabilities(probabilities(1).view().insert_axis(Axis(1)))).unwrap();
    sim.run(60).unwrap();
    [before, sim.weights(parts.liquid_synapses, 0).unwrap()]
}

#[test]
fn gated_weights_change_in_development_alone() {
    let preset = Nalsm { initial_weight: 2.5, ..small(Rule::ApStdp { threshold: 6.0, width: 5.0 }) };
    let liquid = developed(preset);
    assert_ne!(liquid.weights(), Some(&liquid.initial_weights()));
    let [before, after] = weights_around_a_sample(&liquid);
    assert_eq!(before, after);
    // Control: without the gate a sample changes weights.
    let [before, after] = weights_around_a_sample(&developed(small(Rule::Stdp)));
    assert_ne!(before, after);
}

#[test]
fn development_tells_how_it_went() {
    let mut liquid = small(Rule::astrocyte(0.05)).liquid(&cpu()).unwrap();
    let mut heard = Vec::new();
    let course = liquid.develop(&probabilities(5), &mut |p| heard.push((p.done, p.of))).unwrap();
    assert_eq!(heard, [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]);
    assert_eq!(course.steps, 100);
    assert_eq!([course.astrocyte.len(), course.liquid_rate.len(), course.input_rate.len()], [5; 3]);
    assert!(course.liquid_rate.iter().all(|r| *r > 0.0), "full weights should make the liquid spike");
}

#[test]
fn development_passes_over_the_samples_as_often_as_it_is_told() {
    let preset = Nalsm { snippets: Some(12), ..small(Rule::astrocyte(0.05)) };
    let samples = probabilities(5);
    let mut liquid = preset.liquid(&cpu()).unwrap();
    let mut heard = Vec::new();
    let course = liquid.develop(&samples, &mut |p| heard.push((p.done, p.of))).unwrap();
    assert_eq!((course.steps, heard.len(), heard[11]), (240, 12, (12, 12)));
    let mut once = Nalsm { snippets: Some(5), ..preset }.liquid(&cpu()).unwrap();
    let start = once.develop(&samples, &mut |_| ()).unwrap();
    assert_eq!(start.input_rate, course.input_rate[..5], "the first pass is the same");
    assert_ne!(once.weights(), liquid.weights(), "more passes should learn more");
}
