//! NALSM: a liquid that an astrocyte tunes, and the liquids it was compared with.
//!
//! A grid of leaky integrate-and-fire neurons is driven by input neurons; every synapse onto the liquid is plastic. One astrocyte
//! integrates the difference between the spikes of the liquid and those of the input, and its output is the rate of depression: too
//! much activity weakens synapses, too little strengthens them, which sets the branching factor of the liquid: about 1.25 with the
//! weight of a spike that the paper takes, 0.015, and about 1 with 0.1 (MNIST, 1000 neurons). V. Ivanov,
//! K. Michmizos, "Increasing liquid state machine performance with edge-of-chaos dynamics organized by astrocyte-modulated
//! plasticity", NeurIPS 2021, arXiv 2111.01760, and the code published with it (combra-lab/NALSM), which says what the paper leaves open.
//!
//! | step | |
//! |---|---|
//! | [`Nalsm`] | the settings: size, rule, mode, seed |
//! | [`PixelCode`] | pictures to probabilities of an event in a step |
//! | [`NalsmLiquid::develop`] | all weights start at their bound; each training sample is shown for 20 steps |
//! | [`NalsmLiquid::transform`] | each sample starts from the developed weights and goes on learning, ever more slowly, for 250 steps; spike counts come out |
//! | [`NalsmLiquid::branching`] | the branching factor |
//! | [`normalised`], then [`Softmax`](crate::Softmax) or [`PaperReadout`] | the readout |
//!
//! ```
//! use limnos::Device;
//! use limnos::presets::nalsm::{Nalsm, PixelCode, Rule, normalised};
//! use limnos::tasks::digits;
//!
//! let data = digits().take(60)?;
//! let code = PixelCode::fit(data.features.view())?;
//! let pictures = code.probabilities(data.features.view())?;
//!
//! let preset = Nalsm { neurons: 125, steps: 50, ..Nalsm::new(64, Rule::astrocyte(0.015)) };
//! let mut liquid = preset.liquid(&Device::cpu()?)?;
//! liquid.develop(&pictures, &mut |_| ())?;
//! let response = liquid.transform(0, &pictures, &mut |_| ())?;
//! assert_eq!(normalised(&response.counts).dim(), (60, 125));
//! # Ok::<(), limnos::Error>(())
//! ```

mod development;
mod file;
mod liquid;
mod network;
mod pixels;
mod readout;
mod recording;
mod stimuli;

use limnos_engine::Device;
use limnos_spec::{AstrocyteId, InputId, Network, PopulationId, ProjectionId};

pub use development::Development;
pub use liquid::{LearnedWeights, NalsmLiquid, Response};
pub use pixels::PixelCode;
pub use readout::{PaperModel, PaperReadout, normalised};
pub use recording::{Branching, Recording};

use crate::Result;
use crate::error::argument;

/// How the weights onto the liquid change.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// Not at all: a plain liquid state machine.
    Static {
        /// Magnitude of every weight, mV.
        weight: f64,
    },
    /// STDP with equal rates of potentiation and depression.
    Stdp,
    /// STDP within windows of the target's activity, in development alone; see [`limnos_spec::CalciumGate`].
    ApStdp {
        /// Between depression and potentiation, in spikes within the last second or so. The paper takes 37 for MNIST and 10 for N-MNIST.
        threshold: f64,
        /// Width of either window, in spikes: 19 to 25 for MNIST, 2 or 3 for N-MNIST.
        width: f64,
    },
    /// STDP whose rate of depression is the output of an astrocyte.
    Astrocyte {
        /// Weight of a spike in the astrocyte.
        weight: f64,
    },
}

impl Rule {
    /// An astrocyte with this weight of a spike; the paper takes 0.015 for 1000 neurons and 0.0075 for 8000.
    #[must_use]
    pub const fn astrocyte(weight: f64) -> Self {
        Self::Astrocyte { weight }
    }

    /// Whether weights change, so that the liquid is to be developed before it is used.
    #[must_use]
    pub const fn is_plastic(self) -> bool {
        !matches!(self, Self::Static { .. })
    }

    fn check(self) -> Result<()> {
        let fields = match self {
            Self::Static { weight } => vec![("weight of Rule::Static", weight, 1000.0)],
            Self::Astrocyte { weight } => vec![("weight of Rule::Astrocyte", weight, 10.0)],
            Self::ApStdp { threshold, width } => {
                vec![("threshold of Rule::ApStdp", threshold, 300.0), ("width of Rule::ApStdp", width, 300.0)]
            }
            Self::Stdp => Vec::new(),
        };
        match fields.iter().find(|(_, value, most)| !(*value > 0.0 && value <= most)) {
            Some((name, value, most)) => Err(argument(name, value, format!("more than 0, at most {most}"))),
            None => Ok(()),
        }
    }
}

/// Whether quirks of the published code are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Traces of plasticity go on from one sample to the next of the same place in the batch (250 samples; 50 with more than 1000
    /// neurons). Two quirks are the caller's to keep: test pictures scaled by themselves ([`PixelCode::fit`] on them) and the slow
    /// readout ([`PaperReadout`]). Two are not kept: traces start anew with each call of [`NalsmLiquid::transform`], and a
    /// silent sample gives zeros ([`normalised`]) instead of no numbers.
    Faithful,
    /// What one would want: no sample depends on the one before it, so neither on their order nor on the batch.
    Clean,
}

/// Settings of a NALSM or of a liquid it was compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Nalsm {
    /// Neurons of the liquid, a cube of a whole number: 1000 and 8000 in the paper.
    pub neurons: usize,
    /// Channels of the input: 784 for MNIST, 2312 for N-MNIST.
    pub channels: usize,
    /// How weights change.
    pub rule: Rule,
    /// Whether quirks of the published code are kept.
    pub mode: Mode,
    /// Seed of the network, of the order in development, and of all spikes.
    pub seed: u64,
    /// Steps (ms) for which a sample is shown.
    pub steps: u32,
    /// Steps (ms) for which a training sample is shown in development.
    pub snippet_steps: u32,
    /// Snippets that development shows, each pass over the samples in an order of its own; `None` is one pass. The paper takes 50 000, one pass of MNIST.
    pub snippets: Option<usize>,
    /// Magnitude of every plastic weight before development, mV; at most the bound, 3. The paper takes that, and 1 with [`Rule::ApStdp`].
    pub initial_weight: f64,
    /// Most samples side by side in [`Mode::Clean`].
    pub max_batch: usize,
    /// Bytes that the simulation may take; where `max_batch` samples need more, fewer run side by side.
    pub memory_budget: u64,
}

/// Bound of the weights, mV.
pub(crate) const W_MAX: f64 = 3.0;

impl Nalsm {
    /// 1000 neurons, clean, seed 1, 250 steps a sample and 20 a snippet, weights as in the paper, at most 64 samples side by side within 4 GiB.
    pub const fn new(channels: usize, rule: Rule) -> Self {
        Self {
            neurons: 1000,
            channels,
            rule,
            mode: Mode::Clean,
            seed: 1,
            steps: 250,
            snippet_steps: 20,
            snippets: None,
            initial_weight: if matches!(rule, Rule::ApStdp { .. }) { 1.0 } else { W_MAX },
            max_batch: 64,
            memory_budget: 4 << 30,
        }
    }

    /// The description of the network for samples (in development rates do not decay, which
    /// [`Phase::Development`] says).
    ///
    /// # Errors
    /// A field outside its range.
    pub fn network(&self, phase: Phase) -> Result<NalsmNetwork> {
        self.check()?;
        Ok(network::build(self, phase))
    }

    /// Puts it on a device.
    ///
    /// # Errors
    /// A field outside its range; device errors.
    pub fn liquid(self, device: &Device) -> Result<NalsmLiquid> {
        NalsmLiquid::new(self, device)
    }

    /// Neurons along an edge of the grid, if they are a cube.
    fn edge(&self) -> Option<usize> {
        (1..=100).find(|&edge: &usize| edge.pow(3) >= self.neurons).filter(|edge| edge.pow(3) == self.neurons)
    }

    fn check(&self) -> Result<()> {
        if self.neurons < 8 || self.edge().is_none() {
            return Err(argument("neurons", self.neurons, "a cube from 8 to 1000000, such as 1000 or 8000"));
        }
        for (name, value) in [("channels", self.channels), ("max_batch", self.max_batch)] {
            if value == 0 {
                return Err(argument(name, value, "at least 1"));
            }
        }
        for (name, value) in [("steps", self.steps), ("snippet_steps", self.snippet_steps)] {
            if value == 0 {
                return Err(argument(name, value, "at least 1"));
            }
        }
        if self.snippets.is_some_and(|n| n == 0 || n > 1 << 30) {
            return Err(argument("snippets", self.snippets.unwrap_or(0), "1 to 2^30, or None for one pass"));
        }
        if !(self.initial_weight > 0.0 && self.initial_weight <= W_MAX) {
            return Err(argument("initial_weight", self.initial_weight, format!("more than 0, at most {W_MAX} mV")));
        }
        self.rule.check()
    }
}

/// What a network is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Weights are learned, at rates that stay.
    Development,
    /// Samples are shown, at rates that fall by a hundredth in each step.
    Samples,
}

/// The description of a network, with the ids of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct NalsmNetwork {
    /// The description.
    pub network: Network,
    /// Events from outside.
    pub events: InputId,
    /// Input neurons, one a channel: each event makes one spike.
    pub receptors: PopulationId,
    /// The liquid.
    pub liquid: PopulationId,
    /// Synapses from the input neurons to the liquid.
    pub input_synapses: ProjectionId,
    /// Synapses within the liquid.
    pub liquid_synapses: ProjectionId,
    /// The astrocyte of [`Rule::Astrocyte`].
    pub astrocyte: Option<AstrocyteId>,
}
