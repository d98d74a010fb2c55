//! Large reservoir computers and liquid state machines on any GPU, bit-reproducibly.

pub mod readout;
