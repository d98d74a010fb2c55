//! Where a limnos network runs: the CPU device, the GPU device, linking of WGSL, plans.

mod backend;
mod cpu;
mod device;
pub mod digest;
mod error;
pub mod gpu;
mod plan;
pub mod rate;
mod simulation;
pub mod wgsl;

pub use backend::{
    Backend, Counts, CurrentFeed, Keep, Observe, PlasticState, Potentials, RunOptions, SampleState, SourceFeed, Traces,
};
pub use cpu::{CpuSimulation, CpuThreads};
pub use device::{CpuDevice, DEVICE_VARIABLE, Device, DeviceInfo};
pub use error::EngineError;
pub use plan::Plan;
pub use simulation::{Feed, Simulation};
