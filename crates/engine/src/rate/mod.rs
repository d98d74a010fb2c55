//! Rate reservoirs running on a device: open loop, teacher forcing, closed loop, batches and ensembles.
//!
//! States and readouts are floating point: within a device the same bits for any number of threads, batch size or split of a run; between
//! devices within stated error bounds of the f64 specification, [`limnos_spec::twin::rate_step`].

mod backend;
mod check;
mod cpu;
mod gpu;
mod moments;
mod options;
mod readout;
mod real;
mod simulation;

pub use gpu::{RatePlan, RateRegime, RateSizes};
pub use moments::StateMoments;
pub use options::{Precision, RateOptions};
pub use readout::{LinearReadout, StateFeatures};
pub use real::Real;
pub use simulation::{RateCheckpoint, RateChunk, RateRun, RateSimulation};

pub(crate) use cpu::{
    Constants, Float, LANES, LaneRows, Middle, NOISE_BLOCK, Narrow, NoiseDraw, Slices, Wide, activate, lane_rows,
    noise_block, row_sums,
};
pub(crate) use readout::dot;
