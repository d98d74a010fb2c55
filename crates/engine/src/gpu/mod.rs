//! The GPU device: adapters, kernels, plans, and simulations that run on them through wgpu.
//!
//! Three regimes with equal bits: *event* for one sample (lists of spikes, deliveries by integer atomics), *lanes* for batches (32
//! samples a word, each neuron pulls its incoming synapses), *resident* for small networks (one workgroup a sample, many steps a dispatch). Inside, read-backs are futures; `pollster` blocks on them at the surface.

mod adapter;
pub(crate) mod buffers;
mod device;
mod faults;
mod feeds;
mod incoming;
pub(crate) mod kernel;
mod learned;
mod learning;
mod load;
pub mod plan;
mod read;
mod recorder;
mod shards;
mod simulation;
mod tables;

pub use adapter::{AdapterInfo, AdapterKind, Selector};
pub use device::{Gpu, GpuOptions};
pub use plan::{GpuPlan, Regime};
pub use simulation::GpuSimulation;
