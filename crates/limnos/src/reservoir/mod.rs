//! Rate reservoirs by their usual parameters, and the spectral radius of their weights.
//!
//! [`Reservoir`] describes one; [`Esn`](crate::esn::Esn) runs it and learns a readout; [`Reservoir::model`] is the way to everything below.

mod build;
mod config;
mod matrix;
mod scaling;
mod spectral;

pub(crate) use build::Place;
pub use config::{InputWeights, Reservoir, Topology};
pub use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};
pub use scaling::InputScaling;
pub use spectral::{Spectral, SpectralMethod, spectral_radius};
