//! The kernels said in Rust: each file is the twin of the WGSL file of the same stem, its specification, its test and
//! what the CPU device runs in its own layout; `device` holds the same kernels on slices in the GPU's layout.

pub mod astrocyte_step;
pub mod calcium;
pub mod deliver;
pub mod device;
pub mod lif;
pub mod neuron_step;
pub mod observe;
pub mod rate_step;
pub mod source_step;
pub mod stdp;
