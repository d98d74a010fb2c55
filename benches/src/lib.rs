//! Benchmarks of limnos.
