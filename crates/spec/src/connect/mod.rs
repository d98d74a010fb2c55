//! Which neurons are connected, with which weights and delays.

mod check;
mod delays;
mod distance;
mod draws;
mod generate;
mod partners;
mod rows;
mod sample;
mod segments;
mod small_world;
mod split;
mod transpose;
mod weights;
mod words;

use std::sync::Arc;

use glam::Vec3;

use crate::Distribution;

pub use check::validate;
pub use delays::longest_delay;
pub use generate::{connect, connect_whole, row_lengths};
pub use weights::{PRECISION, Quantisation, typical_weight};

/// Rule by which pairs of a source and a target are chosen. Rows belong to sources.
#[derive(Clone, Debug, PartialEq)]
pub enum Connector {
    /// Source i to target i; both sides have the same size.
    OneToOne,
    /// Every source to every target.
    AllToAll,
    /// Each pair with this probability, in [0, 1].
    FixedProbability(f64),
    /// Every target from this many sources chosen at random.
    FixedInDegree(usize),
    /// Every source to this many targets chosen at random.
    FixedOutDegree(usize),
    /// This many pairs chosen at random among all.
    FixedTotal(usize),
    /// Each pair with a probability that falls with the distance d: `c * exp(-(d / lambda)^2)`, c by the types of source and target
    /// (Maass, Natschlaeger & Markram 2002). Both sides need positions.
    DistanceDependent(DistanceDependent),
    /// Watts & Strogatz 1998, directed: each neuron to its `neighbours` nearest on a ring (an even number, half on each side), each of these
    /// edges moved to a random target with probability `rewire`. Within one population.
    SmallWorld {
        /// Neighbours of a neuron before rewiring; even.
        neighbours: usize,
        /// Probability that an edge is rewired.
        rewire: f64,
    },
    /// Each neuron to the next `neighbours` on a ring; 1 is the simple cycle reservoir (Rodan & Tino 2011). Within one population.
    Ring {
        /// How many of the following neurons.
        neighbours: usize,
    },
    /// Given in compressed sparse rows.
    FromCsr(Csr),
}

/// Parameters of [`Connector::DistanceDependent`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct DistanceDependent {
    /// Length scale, in units of the positions; more than 0.
    pub lambda: f64,
    /// c from an excitatory source to an excitatory target.
    pub exc_exc: f64,
    /// c from an excitatory source to an inhibitory target.
    pub exc_inh: f64,
    /// c from an inhibitory source to an excitatory target.
    pub inh_exc: f64,
    /// c from an inhibitory source to an inhibitory target.
    pub inh_inh: f64,
}

impl DistanceDependent {
    /// One c for every pair.
    pub const fn new(lambda: f64, c: f64) -> Self {
        Self { lambda, exc_exc: c, exc_inh: c, inh_exc: c, inh_inh: c }
    }

    /// The constants of the liquid state machine: 0.2, 0.1, 0.3, 0.05 as NALSM takes them (Ivanov & Michmizos 2021).
    pub const fn maass(lambda: f64) -> Self {
        Self { lambda, exc_exc: 0.2, exc_inh: 0.1, inh_exc: 0.3, inh_inh: 0.05 }
    }
}

impl From<DistanceDependent> for Connector {
    fn from(rule: DistanceDependent) -> Self {
        Self::DistanceDependent(rule)
    }
}

/// Connectivity given in compressed sparse rows: the targets of source i are `targets[row_start[i]..row_start[i + 1]]`.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Csr {
    /// Where each row starts; one entry more than there are sources.
    pub row_start: Arc<[usize]>,
    /// Target of each synapse.
    pub targets: Arc<[u32]>,
}

impl From<Csr> for Connector {
    fn from(csr: Csr) -> Self {
        Self::FromCsr(csr)
    }
}

/// Weights of a projection, mV. Positive excites, negative inhibits.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// Drawn (or constant, or given in row order).
    Drawn(Distribution),
    /// This magnitude with a sign of even chances for each synapse.
    Signed(f64),
    /// Dale's law: magnitudes of this distribution, positive from excitatory sources and negative from inhibitory ones
    /// (see [`crate::Population::inhibitory_fraction`]).
    Dale {
        /// Magnitudes from excitatory sources, mV.
        exc: Distribution,
        /// Magnitudes from inhibitory sources, mV.
        inh: Distribution,
    },
}

impl Weights {
    /// Magnitude `w` with a random sign.
    #[must_use]
    pub const fn signed(w: f64) -> Self {
        Self::Signed(w)
    }

    /// Magnitude `w`, signed by the type of the source.
    #[must_use]
    pub const fn dale(w: f64) -> Self {
        Self::Dale { exc: Distribution::Constant(w), inh: Distribution::Constant(w) }
    }
}

impl From<f64> for Weights {
    fn from(weight: f64) -> Self {
        Self::Drawn(Distribution::Constant(weight))
    }
}

impl From<Distribution> for Weights {
    fn from(distribution: Distribution) -> Self {
        Self::Drawn(distribution)
    }
}

/// Delays of a projection. From a population 1 to 255 steps, from an input 0 to 255.
#[derive(Clone, Debug, PartialEq)]
pub enum Delays {
    /// The same number of steps everywhere.
    Steps(u32),
    /// Milliseconds, rounded to the nearest step (but at least the smallest delay allowed).
    Milliseconds(Distribution),
    /// Distance over velocity plus an offset, rounded likewise; both sides need positions.
    Distance {
        /// Velocity in position units a ms, more than 0.
        velocity: f64,
        /// Added to every delay, ms.
        offset: f64,
    },
}

impl From<u32> for Delays {
    fn from(steps: u32) -> Self {
        Self::Steps(steps)
    }
}

impl From<Distribution> for Delays {
    fn from(milliseconds: Distribution) -> Self {
        Self::Milliseconds(milliseconds)
    }
}

/// Largest delay in steps.
pub const MAX_DELAY: u32 = 255;

/// One side of a projection, as connectors see it.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Number of neurons or channels.
    pub size: usize,
    /// Positions by neuron, where there are any.
    pub positions: Option<&'a [Vec3]>,
    /// First inhibitory neuron (`size` where there is none).
    pub first_inhibitory: usize,
}

/// All that the synapses of a projection depend on.
#[derive(Clone, Copy, Debug)]
pub struct Wiring<'a> {
    /// Name in errors.
    pub name: &'a str,
    /// The seed's key.
    pub key: [u32; 2],
    /// The projection's index: the object of its random streams.
    pub index: u32,
    /// Sources.
    pub source: Side<'a>,
    /// Targets.
    pub target: Side<'a>,
    /// Whether both sides are the same population.
    pub recurrent: bool,
    /// Smallest delay allowed: 1 from a population, 0 from an input.
    pub min_delay: u32,
    /// Time step, ms.
    pub dt: f64,
    /// The description.
    pub projection: &'a crate::Projection,
}

/// Weights as the devices hold them, in steps of the target population's binary point.
#[derive(Clone, Debug, PartialEq)]
pub enum SynapseWeights {
    /// One weight for all.
    Constant(i32),
    /// `mantissa << shift` each.
    Table {
        /// One a synapse, in row order.
        mantissas: Vec<i16>,
        /// The power of two that all share.
        shift: u32,
    },
}

/// Delays in steps.
#[derive(Clone, Debug, PartialEq)]
pub enum SynapseDelays {
    /// One delay for all.
    Constant(u8),
    /// One a synapse, in row order.
    Table(Vec<u8>),
}

/// The synapses of a projection in compressed sparse rows by source; within a row targets ascend.
#[derive(Clone, Debug, PartialEq)]
pub struct Synapses {
    /// Where each row starts; one entry more than there are sources.
    pub row_start: Vec<usize>,
    /// Target of each synapse, counted within the target population.
    pub targets: Vec<u32>,
    /// Weights.
    pub weights: SynapseWeights,
    /// Delays.
    pub delays: SynapseDelays,
}

impl Synapses {
    /// Number of synapses.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// The weight of synapse `index`, in steps of the binary point.
    #[must_use]
    pub fn weight(&self, index: usize) -> i32 {
        match &self.weights {
            SynapseWeights::Constant(w) => *w,
            SynapseWeights::Table { mantissas, shift } => i32::from(mantissas[index]) << shift,
        }
    }

    /// The delay of synapse `index`, in steps.
    #[must_use]
    pub fn delay(&self, index: usize) -> u8 {
        match &self.delays {
            SynapseDelays::Constant(d) => *d,
            SynapseDelays::Table(delays) => delays[index],
        }
    }

    /// The largest delay, in steps; 0 without synapses.
    #[must_use]
    pub fn max_delay(&self) -> u8 {
        match &self.delays {
            SynapseDelays::Constant(d) => *d,
            SynapseDelays::Table(delays) => delays.iter().copied().max().unwrap_or(0),
        }
    }
}
