//! What a limnos network is: descriptions, connectors, random numbers, fixed point, kernel twins. No GPU.

pub mod connect;
mod distribution;
mod error;
pub mod fixed;
mod model;
mod network;
mod neuron;
mod plasticity;
pub mod rate;
pub mod rng;
pub mod shared;
mod space;
pub mod twin;

pub use connect::{Connector, Csr, Delays, DistanceDependent, Weights};
pub use distribution::Distribution;
pub use error::SpecError;
pub use model::{
    ALIGN, AstrocyteModel, CalciumModel, ChangeModel, ChangePart, Constants, DriveModel, FIELDS, FRACTION_BITS,
    FilterModel, GateModel, InputModel, Layout, Line, MAX_DRIVE_EVENTS, Model, NeuronFlags, Outline, Plastic,
    PlasticProjection, PopulationModel, ProjectionModel, RateModel, RuleModel, TraceModel, TripletModel, Values,
    WatchModel, WholeWeights, event_probability, normal_table, poisson_table,
};
pub use network::{
    Drive, Endpoint, Input, InputId, Network, NetworkConfig, Population, PopulationId, Projection, ProjectionId, Source,
};
pub use neuron::{Alif, Leak, Lif, Neuron, Overflow, Parameter, Refractory, Reset, Synapse};
pub use plasticity::{
    Astrocyte, AstrocyteDescription, AstrocyteDynamics, AstrocyteId, CalciumAstrocyte, CalciumGate, CalciumOutput,
    Convention, Dependence, Inhibitory, Members, Pairing, Rate, SpikeFilter, Stdp, Triplet, Watch,
};
pub use space::{Grid3, Shape};
