//! Tests of the workloads, their statistics and the command.

mod cli;
mod digests;
mod dysts;
mod measures;
mod published;
mod runs;
mod w4;
mod workloads;
