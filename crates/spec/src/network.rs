//! The description of a network: populations, inputs and the projections between them.

use std::ops::Range;

use crate::connect::{Connector, Delays, Weights};
use crate::plasticity::{
    Astrocyte, AstrocyteDescription, AstrocyteDynamics, AstrocyteId, Members, SpikeFilter, Stdp, Watch,
};
use crate::{Distribution, Neuron, Parameter, Shape};

/// Time step and seed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct NetworkConfig {
    /// Time step, ms.
    pub dt: f64,
    /// Seed of every random number of the network.
    pub seed: u64,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { dt: 1.0, seed: 1 }
    }
}

/// A population of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PopulationId(pub(crate) usize);

/// An input of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InputId(pub(crate) usize);

/// A projection of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectionId(pub(crate) usize);

impl PopulationId {
    /// Its place in [`Network::populations`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

impl InputId {
    /// Its place in [`Network::inputs`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

impl ProjectionId {
    /// Its place in [`Network::projections`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// Where spikes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A population.
    Population(PopulationId),
    /// An input.
    Input(InputId),
}

impl From<PopulationId> for Endpoint {
    fn from(id: PopulationId) -> Self {
        Self::Population(id)
    }
}

impl From<InputId> for Endpoint {
    fn from(id: InputId) -> Self {
        Self::Input(id)
    }
}

/// Noise that every neuron of a population receives for itself, drawn anew in each step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drive {
    /// A Poisson number of events a step, each adding `weight` (mV) as a synapse of that sign would.
    Poisson {
        /// Mean number of events in a step, in (0, 1000].
        events_per_step: f64,
        /// Weight of an event, mV.
        weight: f64,
    },
    /// A normal number a step, mV: added to the membrane (delta synapses) or to the excitatory current (exponential synapses).
    Normal {
        /// Mean, mV a step.
        mean: f64,
        /// Standard deviation, mV a step.
        sd: f64,
    },
    /// The same amount each step, mV, added like the others.
    Constant {
        /// Amount, mV a step.
        amount: f64,
    },
}

/// What an input emits in a step where the simulation was not fed anything else for it.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Nothing: the simulation feeds it.
    Fed,
    /// Each channel spikes with this probability in each step.
    Bernoulli(Distribution),
    /// Each channel spikes if its Poisson process of this rate (Hz) has an event in the step: with probability
    /// `1 - exp(-rate * dt)`. At most one spike a channel and step; for several events a step see [`Drive::Poisson`].
    Poisson(Distribution),
}

/// A group of neurons of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Name in errors and reports.
    pub name: String,
    /// Size and positions.
    pub shape: Shape,
    /// Model.
    pub neuron: Neuron,
    /// Parameters that differ between neurons.
    pub varied: Vec<(Parameter, Distribution)>,
    /// Private noise.
    pub drive: Option<Drive>,
    /// Fraction of inhibitory neurons: the last ones of the population (rounded). With a fraction above 0 the
    /// positions of a grid are dealt to neurons by one random permutation.
    pub inhibitory_fraction: f64,
    /// Fractional bits of potentials and currents; `None` takes 16, or more where incoming weights need it.
    pub fraction_bits: Option<u32>,
}

impl Population {
    /// Number of neurons.
    #[must_use]
    pub fn size(&self) -> usize {
        self.shape.size()
    }

    /// The inhibitory neurons.
    #[must_use]
    pub fn inhibitory(&self) -> Range<usize> {
        let size = self.size();
        let count = libm::round(self.inhibitory_fraction.clamp(0.0, 1.0) * size as f64) as usize;
        size - count..size
    }
}

/// Channels of spikes from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Name in errors and reports.
    pub name: String,
    /// Number of channels, with positions where distances matter.
    pub shape: Shape,
    /// What it emits unless fed.
    pub source: Source,
}

/// Synapses from one population or input to a population.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// Where spikes come from.
    pub source: Endpoint,
    /// Where they go.
    pub target: PopulationId,
    /// Which pairs are connected.
    pub connector: Connector,
    /// Weights, mV.
    pub weights: Weights,
    /// Delays; `None` is one step from a population, none from an input.
    pub delays: Option<Delays>,
    /// Whether a neuron may connect to itself (matters within one population only).
    pub self_connections: bool,
    /// Whether a pair may be connected more than once.
    pub multiple_edges: bool,
    /// How weights change; `None` for static ones.
    pub plasticity: Option<Stdp>,
    /// How long a spike goes on delivering; `None` for one step.
    pub filter: Option<SpikeFilter>,
}

impl Projection {
    /// Sets the delays.
    pub fn delays(&mut self, delays: impl Into<Delays>) -> &mut Self {
        self.delays = Some(delays.into());
        self
    }

    /// Allows or forbids connections of a neuron to itself.
    pub fn self_connections(&mut self, allowed: bool) -> &mut Self {
        self.self_connections = allowed;
        self
    }

    /// Allows or forbids several synapses between a pair.
    pub fn multiple_edges(&mut self, allowed: bool) -> &mut Self {
        self.multiple_edges = allowed;
        self
    }

    /// Makes the weights plastic.
    pub fn plastic(&mut self, stdp: Stdp) -> &mut Self {
        self.plasticity = Some(stdp);
        self
    }

    /// Lets a spike go on delivering, ever less.
    pub fn filter(&mut self, filter: SpikeFilter) -> &mut Self {
        self.filter = Some(filter);
        self
    }
}

/// The description of a network.
///
/// Adding never fails; everything is checked at once when the network is compiled ([`crate::Model::new`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Time step and seed.
    pub config: NetworkConfig,
    populations: Vec<Population>,
    inputs: Vec<Input>,
    projections: Vec<Projection>,
    astrocytes: Vec<AstrocyteDescription>,
}

impl Network {
    /// An empty network.
    #[must_use]
    pub fn new(config: NetworkConfig) -> Self {
        Self { config, populations: Vec::new(), inputs: Vec::new(), projections: Vec::new(), astrocytes: Vec::new() }
    }

    /// Adds a population of `shape` neurons (a number, a [`crate::Grid3`] or positions).
    pub fn add_population(&mut self, name: &str, shape: impl Into<Shape>, neuron: impl Into<Neuron>) -> PopulationId {
        self.populations.push(Population {
            name: name.into(),
            shape: shape.into(),
            neuron: neuron.into(),
            varied: Vec::new(),
            drive: None,
            inhibitory_fraction: 0.0,
            fraction_bits: None,
        });
        PopulationId(self.populations.len() - 1)
    }

    /// Adds an input of so many channels, fed by the simulation.
    pub fn add_input(&mut self, name: &str, channels: impl Into<Shape>) -> InputId {
        self.add_source(name, channels, Source::Fed)
    }

    /// Adds an input that emits spikes by itself unless it is fed.
    pub fn add_source(&mut self, name: &str, channels: impl Into<Shape>, source: Source) -> InputId {
        self.inputs.push(Input { name: name.into(), shape: channels.into(), source });
        InputId(self.inputs.len() - 1)
    }

    /// Gives every neuron of a population its own value of a parameter (the last call for a parameter holds).
    ///
    /// # Panics
    /// If the id belongs to another network.
    pub fn vary(
        &mut self,
        population: PopulationId,
        parameter: Parameter,
        values: impl Into<Distribution>,
    ) -> &mut Self {
        let varied = &mut self.populations[population.0].varied;
        varied.retain(|(p, _)| *p != parameter);
        varied.push((parameter, values.into()));
        self
    }

    /// Gives a population private noise.
    ///
    /// # Panics
    /// If the id belongs to another network.
    pub fn drive(&mut self, population: PopulationId, drive: Drive) -> &mut Self {
        self.populations[population.0].drive = Some(drive);
        self
    }

    /// Makes the last `fraction` of a population's neurons inhibitory.
    ///
    /// # Panics
    /// If the id belongs to another network.
    pub fn inhibitory(&mut self, population: PopulationId, fraction: f64) -> &mut Self {
        self.populations[population.0].inhibitory_fraction = fraction;
        self
    }

    /// Connects a population or an input to a population.
    pub fn connect(
        &mut self,
        source: impl Into<Endpoint>,
        target: PopulationId,
        connector: impl Into<Connector>,
        weights: impl Into<Weights>,
    ) -> &mut Projection {
        let projection = Projection {
            source: source.into(),
            target,
            connector: connector.into(),
            weights: weights.into(),
            delays: None,
            self_connections: false,
            multiple_edges: false,
            plasticity: None,
            filter: None,
        };
        self.projections.push(projection);
        self.projections.last_mut().expect("a projection was just pushed")
    }

    /// Adds an astrocyte, which watches nothing yet (see [`Network::watch`]).
    pub fn add_astrocyte(&mut self, name: &str, dynamics: impl Into<AstrocyteDynamics>) -> AstrocyteId {
        self.astrocytes.push(AstrocyteDescription {
            name: name.into(),
            dynamics: dynamics.into(),
            watches: Vec::new(),
        });
        AstrocyteId(self.astrocytes.len() - 1)
    }

    /// Adds a third factor that keeps its value until the simulation sets another: reward, error, attention.
    pub fn add_modulator(&mut self, name: &str, initial: f64) -> AstrocyteId {
        let held = Astrocyte { tau: f64::INFINITY, weight: 0.0, bias: 0.0, initial: Some(initial), decay: 1.0 };
        self.add_astrocyte(name, held)
    }

    /// Lets an astrocyte watch a population or an input: all of it, unless told otherwise.
    ///
    /// # Panics
    /// If the id belongs to another network.
    pub fn watch(&mut self, astrocyte: AstrocyteId, source: impl Into<Endpoint>, weight: f64) -> &mut Watch {
        let watches = &mut self.astrocytes[astrocyte.0].watches;
        watches.push(Watch { source: source.into(), weight, members: Members::All });
        watches.last_mut().expect("a watch was just pushed")
    }

    /// The id of the projection added last.
    #[must_use]
    pub fn last_projection(&self) -> Option<ProjectionId> {
        self.projections.len().checked_sub(1).map(ProjectionId)
    }

    /// The populations, in the order of their ids.
    #[must_use]
    pub fn populations(&self) -> &[Population] {
        &self.populations
    }

    /// A population, to change it.
    ///
    /// # Panics
    /// If the id belongs to another network.
    pub fn population_mut(&mut self, id: PopulationId) -> &mut Population {
        &mut self.populations[id.0]
    }

    /// The inputs, in the order of their ids.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The projections, in the order of their ids.
    #[must_use]
    pub fn projections(&self) -> &[Projection] {
        &self.projections
    }

    /// A projection, to change it.
    ///
    /// # Panics
    /// If the id belongs to another network.
    pub fn projection_mut(&mut self, id: ProjectionId) -> &mut Projection {
        &mut self.projections[id.0]
    }

    /// The astrocytes, in the order of their ids.
    #[must_use]
    pub fn astrocytes(&self) -> &[AstrocyteDescription] {
        &self.astrocytes
    }

    /// An astrocyte, to change it.
    ///
    /// # Panics
    /// If the id belongs to another network.
    pub fn astrocyte_mut(&mut self, id: AstrocyteId) -> &mut AstrocyteDynamics {
        &mut self.astrocytes[id.0].dynamics
    }

    /// The astrocyte called `name`.
    #[must_use]
    pub fn astrocyte(&self, name: &str) -> Option<AstrocyteId> {
        self.astrocytes.iter().position(|a| a.name == name).map(AstrocyteId)
    }

    /// The population called `name`.
    #[must_use]
    pub fn population(&self, name: &str) -> Option<PopulationId> {
        self.populations.iter().position(|p| p.name == name).map(PopulationId)
    }

    /// The input called `name`.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<InputId> {
        self.inputs.iter().position(|i| i.name == name).map(InputId)
    }

    /// The name of an endpoint.
    pub(crate) fn endpoint_name(&self, endpoint: Endpoint) -> &str {
        match endpoint {
            Endpoint::Population(p) => self.populations.get(p.0).map_or("?", |p| &p.name),
            Endpoint::Input(i) => self.inputs.get(i.0).map_or("?", |i| &i.name),
        }
    }

    /// How errors name a projection.
    #[must_use]
    pub fn projection_name(&self, index: usize) -> String {
        let p = &self.projections[index];
        let target = self.populations.get(p.target.0).map_or("?", |p| &p.name);
        format!("projection {index} ('{}' to '{target}')", self.endpoint_name(p.source))
    }
}
