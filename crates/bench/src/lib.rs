//! The harness behind `cargo bench` and the `limnos` command: workloads that simulators are compared on, how they are
//! timed, and what is reported.

mod counts;
pub mod device;
pub mod dysts;
mod footprint;
pub mod measure;
pub mod process;
pub mod report;
pub mod statistics;
pub mod workload;
