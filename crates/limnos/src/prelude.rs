//! What most programs need: `use limnos::prelude::*;`.

pub use crate::{
    Alif, Alpha, Counts, Csr, Delays, Device, DistanceDependent, Distribution, Drive, Encoder, Features, Feed, Grid3,
    InputId, Leak, Lif, Lsm, LsmConfig, Network, NetworkConfig, Neuron, Observe, Output, Overflow, Parameter,
    PopulationId, Potentials, Refractory, Reset, Ridge, RunOptions, Shape, Simulation, Softmax, Source, Stream,
    Synapse, Traces, Weights,
};
pub use limnos_spec::Connector::{
    AllToAll, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotal, FromCsr, OneToOne, Ring, SmallWorld,
};
pub use limnos_tasks::{LatencyCode, LatencyLaw, RateCode, Scaling, SpikeTrain};
