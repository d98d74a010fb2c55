//! Where a limnos network runs: the CPU device, the GPU device, linking of WGSL, plans.

pub mod wgsl;
