//! Rate reservoirs: layers of leaky units with sparse weights, as echo state networks have them. What one step computes is in
//! [`crate::twin::rate_step`].

mod activation;
mod model;
mod sparse;

pub use activation::Activation;
pub use model::{RateLayer, RateModel};
pub use sparse::SparseMatrix;
