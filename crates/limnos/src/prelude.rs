//! What most programs need: `use limnos::prelude::*;`.

pub use crate::{
    Alif, Alpha, Astrocyte, CalciumGate, Convention, Counts, Csr, Delays, Dependence, Device, DistanceDependent,
    Distribution, Drive, Encoder, Esn, EsnConfig, Features, Feed, Grid3, Inhibitory, InputId, Leak, Lif, Lsm,
    LsmConfig, Network, NetworkConfig, Neuron, Observe, Output, Overflow, Pairing, Parameter, PopulationId, Potentials,
    Rate, Refractory, Reservoir, Reset, Ridge, RunOptions, Shape, Simulation, Softmax, Source, SpikeFilter, Stdp,
    Stream, Synapse, Topology, Traces, Triplet, Weights,
};
pub use limnos_spec::Connector::{
    AllToAll, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotal, FromCsr, OneToOne, Ring, SmallWorld,
};
pub use limnos_tasks::{LatencyCode, LatencyLaw, RateCode, Scaling, SpikeTrain};
