//! The limnos command: devices and benchmarks.
