//! A reservoir by the names and numbers that the literature uses.

use std::sync::Arc;

use limnos_spec::Distribution;
use limnos_spec::rate::{Activation, SparseMatrix};

use super::InputScaling;
use crate::Result;
use crate::error::argument;

/// Who hears whom in a reservoir, before weights are scaled to the spectral radius.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Topology {
    /// Each pair of units is connected with this probability (ReservoirPy: `rc_connectivity`).
    Random {
        /// Probability, 0 to 1.
        connectivity: f64,
    },
    /// Each unit hears so many units, itself perhaps among them, or all where there are fewer: a cost that grows in proportion to the units.
    Degree(usize),
    /// Unit i hears unit i - 1, the first hears the last, all with one weight (Rodan and Tino 2011: simple cycle reservoir).
    Ring,
    /// A ring, and connections in both directions between units `jump` apart, of `jump_weight` times the ring's weight (Rodan and Tino 2012).
    CycleWithJumps {
        /// Distance of the jumps, 2 to half of the units.
        jump: usize,
        /// Weight of a jump relative to that of the ring.
        jump_weight: f64,
    },
    /// A ring lattice in which each unit hears so many neighbours, with each connection sent elsewhere with a probability (Watts and Strogatz 1998).
    SmallWorld {
        /// Neighbours that a unit hears; even.
        neighbours: usize,
        /// Probability that a connection is rewired.
        rewiring: f64,
    },
    /// An orthogonal matrix, so that a linear reservoir forgets nothing but by its spectral radius; a product of random rotations of pairs of units, as
    /// many as bring it near this density.
    Orthogonal {
        /// Part of the entries that are not 0, 0 to 1.
        density: f64,
    },
    /// Rings along which a wave travels: unit i keeps `1 - speed` of its state and takes `speed` of its neighbour's (Keller et al. 2024).
    WaveRing {
        /// Rings that the units are divided among.
        rings: usize,
        /// Units a step, above 0 and at most 1; 1 is a pure shift, a delay line.
        speed: f64,
    },
    /// These recurrent weights (units x units, row i holds what unit i hears), scaled to the spectral radius.
    Scaled(Arc<SparseMatrix>),
    /// These recurrent weights as they are; the spectral radius is not used.
    Given(Arc<SparseMatrix>),
}

/// Which units hear the inputs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InputWeights {
    /// Each unit hears each channel with this probability (ReservoirPy: `input_connectivity`), with weights of a distribution.
    Random {
        /// Probability, 0 to 1.
        connectivity: f64,
        /// Weights before scaling.
        weights: Distribution,
    },
    /// The first unit of each of so many equal groups of units hears all channels with weight 1: the start of a [`Topology::WaveRing`].
    Heads(usize),
    /// These weights (units x channels); scaling applies.
    Given(Arc<SparseMatrix>),
}

impl InputWeights {
    /// Uniform weights in -1 to 1 for this part of the places.
    pub const fn uniform(connectivity: f64) -> Self {
        Self::Random { connectivity, weights: Distribution::uniform(-1.0, 1.0) }
    }
}

/// A rate reservoir by its usual parameters. It knows neither how many inputs it will get nor where it runs: [`Reservoir::model`] makes a model of it.
///
/// | here | ReservoirPy 0.4 | default |
/// |---|---|---|
/// | `units` | `units` | 100 |
/// | `leak_rate` | `lr` | 1 |
/// | `spectral_radius` | `sr` | 0.9 |
/// | `topology`: [`Topology::Random`] | `rc_connectivity` | [`Topology::Degree`] of 10 |
/// | `input_scaling` | `input_scaling` | 1 |
/// | `input_weights` | `input_connectivity` | all, uniform |
/// | `bias` | `bias` | 0 |
/// | `noise` | `noise_rc` | 0 |
/// | `feedback_scaling`, `feedback_weights` | `fb_scaling`, `fb_connectivity` | 1, all, uniform |
///
/// ```
/// use limnos::reservoir::{Reservoir, Topology};
///
/// let reservoir = Reservoir { units: 200, leak_rate: 0.3, topology: Topology::Ring, ..Reservoir::default() };
/// let model = reservoir.model(1, 0)?;
/// assert_eq!((model.units(), model.inputs()), (200, 1));
/// # Ok::<(), limnos::Error>(())
/// ```
#[doc(alias = "sr", alias = "lr", alias = "rc_connectivity")]
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Reservoir {
    /// Number of units.
    pub units: usize,
    /// Part of the state that is replaced in a step, above 0 and at most 1.
    pub leak_rate: f64,
    /// One leak rate for each unit, in place of `leak_rate`.
    pub leak_rates: Option<Vec<f64>>,
    /// What a unit makes of its summed input.
    pub activation: Activation,
    /// Largest magnitude of an eigenvalue of the recurrent weights, 0 or more.
    pub spectral_radius: f64,
    /// Who hears whom.
    pub topology: Topology,
    /// Recurrent weights before scaling, where the topology draws them ([`Topology::Random`], [`Topology::Degree`], [`Topology::SmallWorld`]).
    pub weights: Distribution,
    /// Factor of the input weights, for all channels or for each.
    pub input_scaling: InputScaling,
    /// Which units hear the inputs.
    pub input_weights: InputWeights,
    /// What is added to each unit's summed input: a number, or a distribution over units.
    pub bias: Distribution,
    /// Factor of the feedback weights, where outputs are fed back.
    pub feedback_scaling: InputScaling,
    /// Which units hear the outputs, where these are fed back.
    pub feedback_weights: InputWeights,
    /// Standard deviation of normal noise that is added to each state in each step.
    pub noise: f64,
    /// Seed of all weights, and of the noise.
    pub seed: u64,
}

impl Default for Reservoir {
    /// 100 tanh units that hear 10 others each, spectral radius 0.9, no leak, no bias, every unit hears every input.
    fn default() -> Self {
        Self {
            units: 100,
            leak_rate: 1.0,
            leak_rates: None,
            activation: Activation::Tanh,
            spectral_radius: 0.9,
            topology: Topology::Degree(10),
            weights: Distribution::uniform(-1.0, 1.0),
            input_scaling: InputScaling::All(1.0),
            input_weights: InputWeights::uniform(1.0),
            bias: Distribution::Constant(0.0),
            feedback_scaling: InputScaling::All(1.0),
            feedback_weights: InputWeights::uniform(1.0),
            noise: 0.0,
            seed: 0,
        }
    }
}

/// Recurrent weights beyond this (more than 30 GB) are taken for a mistake.
const MOST_WEIGHTS: f64 = (1_u64 << 31) as f64;

impl Reservoir {
    /// Checks what can be checked without knowing the number of inputs.
    pub(crate) fn check(&self) -> Result<()> {
        if self.units == 0 {
            return Err(argument("units", 0, "1 or more"));
        }
        self.check_size()?;
        let leaks = self.leak_rates.as_deref().unwrap_or(std::slice::from_ref(&self.leak_rate));
        if self.leak_rates.is_some() && leaks.len() != self.units {
            let found = format!("{} numbers", leaks.len());
            return Err(argument("leak_rates", found, format!("one for each of the {} units", self.units)));
        }
        if let Some(leak) = leaks.iter().find(|&&leak| !(leak > 0.0 && leak <= 1.0)) {
            return Err(argument("leak_rate", leak, "above 0 and at most 1"));
        }
        if !(self.spectral_radius.is_finite() && self.spectral_radius >= 0.0) {
            return Err(argument("spectral_radius", self.spectral_radius, "finite and not negative"));
        }
        if !(self.noise.is_finite() && self.noise >= 0.0) {
            return Err(argument("noise", self.noise, "a finite standard deviation, 0 or more"));
        }
        self.input_scaling.check("input_scaling")?;
        self.feedback_scaling.check("feedback_scaling")?;
        self.check_topology()
    }

    /// Before anything is drawn.
    fn check_size(&self) -> Result<()> {
        let units = self.units as f64;
        let heard = match &self.topology {
            Topology::Random { connectivity } => connectivity * units,
            Topology::Degree(degree) => (*degree as f64).min(units),
            Topology::SmallWorld { neighbours, .. } => *neighbours as f64,
            Topology::Orthogonal { density } => density * units,
            Topology::CycleWithJumps { .. } => 3.0,
            Topology::Ring | Topology::WaveRing { .. } | Topology::Scaled(_) | Topology::Given(_) => 2.0,
        };
        if heard * units > MOST_WEIGHTS {
            let found = format!("{} that hear {heard:.0} units each", self.units);
            return Err(argument(
                "units",
                found,
                "at most 2^31 recurrent weights; take fewer units, or a sparser topology",
            ));
        }
        Ok(())
    }

    fn check_topology(&self) -> Result<()> {
        let given = |matrix: &SparseMatrix| {
            let found = format!("{} x {}", matrix.rows(), matrix.columns());
            let allowed = format!("{0} x {0}: units x units", self.units);
            ((matrix.rows(), matrix.columns()) == (self.units, self.units))
                .then_some(())
                .ok_or_else(|| argument("the recurrent weights", found, allowed))
        };
        match &self.topology {
            Topology::Scaled(matrix) | Topology::Given(matrix) => given(matrix),
            Topology::WaveRing { rings, .. } if *rings == 0 || !self.units.is_multiple_of(*rings) => {
                Err(argument("rings", rings, format!("a divisor of the {} units", self.units)))
            }
            Topology::WaveRing { speed, .. } if !(*speed > 0.0 && *speed <= 1.0) => {
                Err(argument("speed", speed, "above 0 and at most 1"))
            }
            _ => Ok(()),
        }
    }
}
