//! The kernels on plain slices laid out as the GPU's buffers: each file is the twin of the WGSL file of the same stem and calls the
//! arithmetic that the CPU device uses. A workgroup's order is not part of a kernel's meaning: spike lists are compared as sets.

pub mod astrocyte_step;
pub mod deliver;
pub mod lanes_observe;
pub mod lanes_source;
pub mod lanes_step;
pub mod layout;
pub mod learn_deliver;
pub mod learn_events;
pub mod learn_finish;
pub mod learning;
pub mod neuron;
pub mod neuron_step;
pub mod observe;
pub mod plastic_shard;
pub mod prepare;
pub mod rate;
pub mod rate_gram;
pub mod rate_lanes;
pub mod rate_pack;
pub mod rate_readout;
pub mod rate_resident;
pub mod rate_step;
pub mod resident;
pub mod resident_plastic;
pub mod source_step;
pub mod stdp;
pub mod stdp_changes;
pub mod tick;
