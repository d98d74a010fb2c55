//! Live streams: one step in, one output out.

use limnos_engine::{Device, Feed, Observe, RunOptions, Simulation, Traces};
use limnos_spec::{InputId, Network, PopulationId};
use ndarray::{Array1, Array2, ArrayView3, Axis};

use crate::Result;
use crate::error::argument;
use crate::readout::{RidgeModel, SoftmaxModel};

/// What a [`Stream`] gives after each step.
#[derive(Clone, Debug)]
pub enum Output {
    /// The population's exponential traces of this time constant, ms: one number a neuron.
    Traces {
        /// Time constant, ms.
        tau: f64,
    },
    /// 1 for each neuron of the population that spiked in the step, else 0.
    Spikes,
    /// The outputs of a ridge readout of the traces.
    Ridge {
        /// Time constant of the traces, ms.
        tau: f64,
        /// The readout, with one feature a neuron.
        model: RidgeModel,
    },
    /// The class probabilities of a softmax readout of the traces.
    Softmax {
        /// Time constant of the traces, ms.
        tau: f64,
        /// The readout, with one feature a neuron.
        model: SoftmaxModel,
    },
}

impl Output {
    const fn tau(&self) -> Option<f64> {
        match self {
            Self::Spikes => None,
            Self::Traces { tau } | Self::Ridge { tau, .. } | Self::Softmax { tau, .. } => Some(*tau),
        }
    }

    /// Features that the readout wants.
    fn features(&self) -> Option<usize> {
        match self {
            Self::Spikes | Self::Traces { .. } => None,
            Self::Ridge { model, .. } => Some(model.weights().nrows()),
            Self::Softmax { model, .. } => Some(model.weights().nrows()),
        }
    }
}

/// A network that is fed one step at a time.
///
/// It draws from random stream 0 and gives the same bits as sample 0 of a batch that is fed the same.
///
/// ```
/// use limnos::prelude::*;
///
/// let mut net = Network::new(NetworkConfig::default());
/// let sensor = net.add_input("sensor", 2);
/// let liquid = net.add_population("liquid", 50, Lif::default());
/// net.connect(sensor, liquid, FixedProbability(0.5), 8.0);
///
/// let mut stream = Stream::new(&Device::cpu()?, &net, liquid, sensor, Output::Traces { tau: 20.0 })?;
/// for t in 0..100 {
///     let signal = 0.5 + 0.5 * (t as f32 / 10.0).sin();
///     let traces = stream.push(&[signal, 1.0 - signal])?;
///     assert_eq!(traces.len(), 50);
/// }
/// # Ok::<(), limnos::Error>(())
/// ```
#[derive(Debug)]
pub struct Stream {
    simulation: Simulation,
    population: PopulationId,
    input: InputId,
    output: Output,
}

impl Stream {
    /// Puts a network on a device, before its first step: fed at `input`, read from `population`.
    ///
    /// # Errors
    /// A wrong network or id; a time constant that is not positive; a readout that was made for another number of
    /// neurons; device errors.
    pub fn new(
        device: &Device,
        network: &Network,
        population: PopulationId,
        input: InputId,
        output: Output,
    ) -> Result<Self> {
        check(network, population, input, &output)?;
        let traces = output.tau().map(|tau| Traces { tau, at_steps: vec![0] });
        let spikes = traces.is_none().then_some(1);
        let observe = Observe { traces, spikes, ..Observe::default() };
        let simulation = Simulation::new(device, network, RunOptions { batch: 1, first_sample: 0, observe })?;
        Ok(Self { simulation, population, input, output })
    }

    /// Runs one step in which each channel of the input spikes with its probability.
    ///
    /// # Errors
    /// Another number of probabilities than channels; NaN, or outside 0 to 1; device errors.
    pub fn push(&mut self, probabilities: &[f32]) -> Result<Array1<f64>> {
        let row = ArrayView3::from_shape((1, 1, probabilities.len()), probabilities)
            .expect("a slice should be a row of its own length");
        self.simulation.feed(self.input, Feed::Probabilities(row))?;
        self.step()
    }

    /// Runs one step in which exactly these channels of the input spike.
    ///
    /// # Errors
    /// A channel that the input does not have; device errors.
    pub fn push_spikes(&mut self, channels: &[u32]) -> Result<Array1<f64>> {
        let spikes = [channels.iter().map(|&channel| (0, channel)).collect()];
        self.simulation.feed(self.input, Feed::Spikes { steps: 1, spikes: &spikes })?;
        self.step()
    }

    /// Steps since the start or the last reset.
    #[must_use]
    pub const fn steps_done(&self) -> u32 {
        self.simulation.steps_done()
    }

    /// Back to the state before step 0.
    ///
    /// # Errors
    /// Device errors.
    pub fn reset(&mut self) -> Result<()> {
        Ok(self.simulation.reset()?)
    }

    fn step(&mut self) -> Result<Array1<f64>> {
        self.simulation.clear_recordings()?;
        self.simulation.step()?;
        match &self.output {
            Output::Spikes => {
                let spikes = self.simulation.last_spikes(self.population)?;
                Ok(spikes.row(0).mapv(|spiked| f64::from(u8::from(spiked))))
            }
            _ => self.read_traces(),
        }
    }

    fn read_traces(&mut self) -> Result<Array1<f64>> {
        // In f32, as the features of a batch, so that a readout sees the same numbers here and there.
        let traces = self.simulation.traces(self.population)?.index_axis_move(Axis(1), 0).mapv(|x| x as f32);
        let first = |x: Array2<f64>| x.index_axis_move(Axis(0), 0);
        match &self.output {
            Output::Ridge { model, .. } => Ok(first(model.predict(&traces)?)),
            Output::Softmax { model, .. } => Ok(first(model.predict_proba(&traces)?)),
            Output::Traces { .. } | Output::Spikes => Ok(first(traces.mapv(f64::from))),
        }
    }
}

fn check(network: &Network, population: PopulationId, input: InputId, output: &Output) -> Result<()> {
    let Some(read) = network.populations().get(population.index()) else {
        return Err(argument("population", format!("id {}", population.index()), "an id of this network"));
    };
    if input.index() >= network.inputs().len() {
        return Err(argument("input", format!("id {}", input.index()), "an id of this network"));
    }
    match output.features().filter(|&features| features != read.size()) {
        Some(features) => {
            let allowed = format!("one made for the traces of the {} neurons of '{}'", read.size(), read.name);
            Err(argument("model", format!("a readout of {features} features"), allowed))
        }
        None => Ok(()),
    }
}
