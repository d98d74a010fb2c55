//! Tests of the engine that need no GPU, in one binary.

mod calcium;
mod cpu;
mod errors;
mod oracle;
mod plan;
mod plastic;
mod plastic_oracle;
mod rate;
mod wgsl_check;
mod wgsl_kernels;
mod wgsl_layout;
mod wgsl_link;
mod wgsl_reflect;
