//! A live stream: a liquid hears a chirp step by step, and a readout of its traces says what it heard 30 ms ago.

use limnos::prelude::*;
use ndarray::{Array2, Axis};

const DELAY: usize = 30;
const TRAIN: usize = 8000;
const TEST: usize = 2000;

/// The signal at a step, 0 to 1: a sine whose period swings slowly between 50 and 150 ms.
fn signal(step: usize) -> f64 {
    let t = step as f64;
    0.5 + 0.5 * (t / 16.0 + 40.0 * (t / 900.0).sin() / 3.0).sin()
}

/// Probabilities of the four channels: two spike when the signal is high, two when it is low.
fn channels(step: usize) -> [f32; 4] {
    let x = signal(step) as f32;
    [0.8 * x, 0.8 * x, 0.8 - 0.8 * x, 0.8 - 0.8 * x]
}

fn liquid() -> (Network, PopulationId, InputId) {
    let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 3 });
    let ear = net.add_input("ear", 4);
    let liquid = net.add_population("liquid", Grid3::new(10, 10, 10), Lif { tau_refrac: 2.0, ..Lif::default() });
    net.inhibitory(liquid, 0.2);
    net.vary(liquid, Parameter::IOffset, Distribution::Uniform { low: 10.0, high: 20.0 });
    let weights = Distribution::Normal { mean: 0.5, sd: 1.5 };
    net.connect(ear, liquid, FixedProbability(0.5), weights).delays(Distribution::Uniform { low: 0.0, high: 40.0 });
    net.connect(liquid, liquid, DistanceDependent::maass(2.0), Weights::dale(0.5)).delays(5);
    (net, liquid, ear)
}

fn main() -> anyhow::Result<()> {
    let device = Device::auto()?;
    let (net, liquid, ear) = liquid();
    let open = |output| Stream::new(&device, &net, liquid, ear, output);

    // Listen first, and fit what was to be said.
    let mut listening = open(Output::Traces { tau: 30.0 })?;
    let traces = (0..TRAIN).map(|t| listening.push(&channels(t))).collect::<Result<Vec<_>, _>>()?;
    let x = Array2::from_shape_fn((TRAIN - 200, traces[0].len()), |(t, i)| traces[t + 200][i]);
    let y: Vec<f64> = (200..TRAIN).map(|t| signal(t - DELAY)).collect();
    let ridge = Ridge { alpha: Alpha::GeneralizedCv(vec![1.0, 10.0, 100.0, 1000.0]), ..Ridge::default() };
    let model = ridge.fit(&x, &y)?;

    // Then live: one step in, one output out.
    let mut live = open(Output::Ridge { tau: 30.0, model })?;
    let (mut error, mut variance) = (0.0, 0.0);
    for t in 0..TRAIN + TEST {
        let heard = live.push(&channels(t))?;
        if t >= TRAIN {
            let said = signal(t - DELAY);
            error += (heard[0] - said).powi(2);
            variance += (said - 0.5).powi(2);
            if t % 20 == 0 && t < TRAIN + 400 {
                println!("{:>6} ms  {}", t, bar(heard[0], said));
            }
        }
    }
    println!(
        "\n# the readout, | the signal of {DELAY} ms before; over {TEST} ms the error is {:.1} % of the variance",
        100.0 * error / variance
    );
    anyhow::ensure!(traces[TRAIN - 1].len_of(Axis(0)) == 1000, "the liquid should have a trace a neuron");
    Ok(())
}

/// A line with the readout as # and the signal as |.
fn bar(heard: f64, said: f64) -> String {
    let place = |x: f64| (60.0 * x.clamp(-0.1, 1.1) + 6.0) as usize;
    let mut line = vec![b' '; 73];
    line[place(said)] = b'|';
    line[place(heard)] = b'#';
    String::from_utf8(line).expect("a line of ASCII should be text")
}
