//! Streams: the bits of a batch, one step at a time.

use limnos::prelude::*;
use ndarray::{Array2, Array3, Axis, s};

use crate::lsm::noisy_net;

const STEPS: usize = 60;

/// Probabilities `[step][channel]` that move.
fn signal() -> Array2<f32> {
    Array2::from_shape_fn((STEPS, 12), |(t, c)| 0.3 + 0.3 * ((t as f32) * 0.2 + c as f32).sin())
}

fn stream(seed: u64, output: Output) -> Stream {
    let (net, liquid, input) = noisy_net(seed);
    Stream::new(&Device::cpu().unwrap(), &net, liquid, input, output).unwrap()
}

/// What a stream gives, `[step][output]`.
fn pushed(stream: &mut Stream) -> Array2<f64> {
    let rows: Vec<_> = signal().outer_iter().map(|p| stream.push(&p.to_vec()).unwrap()).collect();
    ndarray::stack(Axis(0), &rows.iter().map(|r| r.view()).collect::<Vec<_>>()).unwrap()
}

/// Traces and spikes of a batch of three that is fed the signal at once, of its first sample, `[step][neuron]`.
fn at_once() -> (Array2<f64>, Array2<f64>) {
    let (net, liquid, input) = noisy_net(3);
    let observe = Observe {
        traces: Some(Traces { tau: 25.0, at_steps: (0..STEPS as u32).collect() }),
        spikes: Some(STEPS as u32),
        ..Observe::default()
    };
    let options = RunOptions { batch: 3, first_sample: 0, observe };
    let mut simulation = Simulation::new(&Device::cpu().unwrap(), &net, options).unwrap();
    let fed: Array3<f32> = signal().insert_axis(Axis(0)).broadcast((3, STEPS, 12)).unwrap().to_owned();
    simulation.feed(input, Feed::Probabilities(fed.view())).unwrap();
    simulation.run(STEPS as u32).unwrap();
    let traces = simulation.traces(liquid).unwrap().slice(s![0, .., ..]).mapv(|x| f64::from(x as f32));
    let mut spikes = Array2::zeros((STEPS, 70));
    simulation.spikes(liquid, 0).unwrap().iter().for_each(|&(t, i)| spikes[[t as usize, i as usize]] = 1.0);
    (traces, spikes)
}

#[test]
fn traces_have_the_bits_of_a_batch() {
    let (traces, _) = at_once();
    let mut live = stream(3, Output::Traces { tau: 25.0 });
    let streamed = pushed(&mut live);
    assert!(traces.sum() > 0.0);
    assert_eq!(traces, streamed);
    assert_eq!(live.steps_done(), STEPS as u32);
    live.reset().unwrap();
    assert_eq!(traces, pushed(&mut live));
    // Control: another seed is another liquid.
    assert_ne!(traces, pushed(&mut stream(4, Output::Traces { tau: 25.0 })));
}

#[test]
fn spikes_are_those_of_a_batch() {
    let (_, spikes) = at_once();
    assert!(spikes.sum() > 0.0);
    assert_eq!(spikes, pushed(&mut stream(3, Output::Spikes)));
}

#[test]
fn a_readout_sees_the_traces() {
    let (traces, _) = at_once();
    let target = signal().mapv(f64::from);
    let model = Ridge::default().fit(&traces, &target).unwrap();
    let outputs = pushed(&mut stream(3, Output::Ridge { tau: 25.0, model: model.clone() }));
    assert_eq!(outputs, model.predict(&traces).unwrap());
    let labels: Vec<usize> = (0..STEPS).map(|t| t / 30).collect();
    let model = Softmax::default().fit(&traces, &labels).unwrap();
    let outputs = pushed(&mut stream(3, Output::Softmax { tau: 25.0, model: model.clone() }));
    assert_eq!(outputs, model.predict_proba(&traces).unwrap());
}

#[test]
fn given_spikes_are_pushed_as_they_are() {
    let mut relay = Network::new(NetworkConfig::default());
    let (input, out) = (relay.add_input("in", 3), relay.add_population("out", 3, Lif::default()));
    relay.connect(input, out, OneToOne, 30.0);
    let mut live = Stream::new(&Device::cpu().unwrap(), &relay, out, input, Output::Spikes).unwrap();
    for (pushed, expected) in [(&[0, 2][..], [1.0, 0.0, 1.0]), (&[], [0.0; 3]), (&[1], [0.0, 1.0, 0.0])] {
        assert_eq!(live.push_spikes(pushed).unwrap().to_vec(), expected);
    }
}

#[test]
fn wrong_uses() {
    let mut live = stream(3, Output::Spikes);
    let text = |e: limnos::Error| e.to_string();
    assert!(text(live.push(&[0.5; 11]).unwrap_err()).contains("12 channels"));
    let nan = text(live.push(&[f32::NAN; 12]).unwrap_err());
    assert_eq!(nan, "feed of input 'pixels', sample 0, row 0, column 0 is NaN; allowed: 0 to 1");
    assert!(text(live.push_spikes(&[12]).unwrap_err()).contains("channels below 12"));
    assert_eq!(live.steps_done(), 0, "nothing ran");
    let (net, liquid, input) = noisy_net(3);
    let new = |output| text(Stream::new(&Device::cpu().unwrap(), &net, liquid, input, output).unwrap_err());
    assert!(new(Output::Traces { tau: -1.0 }).contains("more than 0 ms"));
    let model = Ridge::default().fit(&Array2::<f64>::eye(5), &Array2::<f64>::eye(5)).unwrap();
    assert_eq!(
        new(Output::Ridge { tau: 20.0, model }),
        "`model` is a readout of 5 features; allowed is one made for the traces of the 70 neurons of 'liquid'"
    );
}
