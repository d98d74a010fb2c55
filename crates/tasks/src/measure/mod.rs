//! Measures: how good a prediction is, and what the dynamics of a reservoir are like.
//!
//! Spikes come as a [`raster::Raster`], a checked view of ascending (step, neuron) pairs, one sample at a time; states and
//! counts as matrices. A quantity that a neuron or pair does not have (the interval of a silent neuron) is `None`, never 0.

pub mod adjacency;
pub mod avalanche;
pub mod basis;
pub mod bins;
pub mod branching_factor;
pub mod branching_ratio;
pub mod capacity;
pub mod chi_square;
pub mod correlation;
pub mod distance;
pub mod fano;
pub mod forecast;
pub mod golden;
pub mod interval;
pub mod line;
pub mod lyapunov;
pub mod memory;
pub mod power_law;
pub mod prediction;
pub mod rank;
pub mod raster;
pub mod rate;
pub mod separation;
pub mod smape;
pub mod summary;
pub mod svd;
pub mod valid_time;
pub mod vector;
