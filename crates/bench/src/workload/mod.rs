//! The workloads: networks that simulators of the field are compared on, each a config struct with the definition in its doc.

mod lsm;
mod synth;
mod vogels_abbott;
mod w1;
mod w2;
mod w4;

pub use lsm::W5;
pub use synth::Synth;
pub use vogels_abbott::W3;
pub use w1::{Noise, W1};
pub use w2::W2;
pub use w4::{W4, W4Outcome};

use limnos_engine::{EngineError, Simulation};
use limnos_spec::Network;

/// A network with what it is fed.
pub trait Workload {
    /// Its name on the command line and in reports.
    fn name(&self) -> &'static str;

    /// The network.
    fn network(&self) -> Network;

    /// Feeds a simulation of `network` (what [`Workload::network`] gave) whose first sample has the number `first_sample`.
    ///
    /// # Errors
    /// As [`Simulation::feed`].
    fn feed(&self, network: &Network, simulation: &mut Simulation, first_sample: u32) -> Result<(), EngineError> {
        let _ = (network, simulation, first_sample);
        Ok(())
    }

    /// Steps of a run unless told otherwise.
    fn default_steps(&self) -> u32 {
        1000
    }

    /// Samples side by side unless told otherwise.
    fn default_batch(&self) -> usize {
        1
    }

    /// What `drive` says in reports: "poisson", "dc" or nothing.
    fn drive(&self) -> Option<&'static str> {
        None
    }

    /// What `variant` says in reports.
    fn variant(&self) -> &'static str {
        ""
    }

    /// Whether samples are short runs from rest, so that a warm-up must not be a part of them, and their result is the
    /// spike count of every neuron.
    fn samples_from_rest(&self) -> bool {
        false
    }

    /// Expected deliveries from inputs in so many steps of samples `first_sample ..`; those between neurons are counted.
    fn input_events(&self, first_sample: u32, batch: usize, steps: u32) -> f64 {
        let _ = (first_sample, batch, steps);
        0.0
    }

    /// What a readout makes of the spike counts `[sample][neuron]` of samples `first_sample ..`: accuracy, where the workload has labels.
    fn accuracy(&self, counts: &ndarray::Array2<u32>, first_sample: u32) -> Option<f64> {
        let _ = (counts, first_sample);
        None
    }
}

/// The excitatory and the inhibitory part of `total`: 80 % and the rest.
fn split(total: usize) -> (usize, usize) {
    let excitatory = (total as f64 * 0.8).round_ties_even() as usize;
    (excitatory, total - excitatory)
}
