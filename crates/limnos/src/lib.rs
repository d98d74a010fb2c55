//! Large reservoir computers and liquid state machines on any GPU, bit-reproducibly.

mod error;
mod lsm;
pub mod prelude;
pub mod presets;
pub mod readout;
mod stream;

pub use limnos_engine as engine;
pub use limnos_spec as spec;
pub use limnos_tasks as tasks;

pub use error::{Error, Result};
pub use limnos_engine::{
    Counts, Device, DeviceInfo, EngineError, Feed, Observe, Potentials, RunOptions, Simulation, Traces,
};
pub use limnos_spec::{
    Alif, Connector, Csr, Delays, DistanceDependent, Distribution, Drive, Grid3, InputId, Leak, Lif, Network,
    NetworkConfig, Neuron, Overflow, Parameter, Population, PopulationId, Projection, ProjectionId, Refractory, Reset,
    Shape, Source, SpecError, Synapse, Weights,
};
pub use lsm::{Activity, Encoder, Features, Fit, Lsm, LsmConfig, Progress, Samples, Stage};
pub use readout::{
    Alpha, Classifier, Readout, ReadoutError, Ridge, RidgeAccumulator, RidgeModel, Softmax, SoftmaxModel,
};
pub use stream::{Output, Stream};
