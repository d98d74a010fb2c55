//! What a limnos network is: descriptions, connectors, random numbers, fixed point, kernel twins. No GPU.

pub mod connect;
mod distribution;
mod error;
pub mod fixed;
mod model;
mod network;
mod neuron;
pub mod rng;
pub mod shared;
mod space;
pub mod twin;

pub use connect::{Connector, Csr, Delays, DistanceDependent, Weights};
pub use distribution::Distribution;
pub use error::SpecError;
pub use model::{
    ALIGN, Constants, DriveModel, FIELDS, FRACTION_BITS, InputModel, Layout, MAX_DRIVE_EVENTS, Model, NeuronFlags,
    Outline, PopulationModel, ProjectionModel, Values, event_probability, normal_table, poisson_table,
};
pub use network::{
    Drive, Endpoint, Input, InputId, Network, NetworkConfig, Population, PopulationId, Projection, ProjectionId, Source,
};
pub use neuron::{Alif, Leak, Lif, Neuron, Overflow, Parameter, Refractory, Reset, Synapse};
pub use space::{Grid3, Shape};
