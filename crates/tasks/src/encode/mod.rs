//! Encoders: from values, series and events to rates and spikes. Pure functions of their arguments.

pub(crate) mod binning;
pub(crate) mod delta;
pub(crate) mod latency;
pub(crate) mod rate;
pub(crate) mod spike_train;
