//! Synthetic series, the standard tasks of reservoir computing.

pub(crate) mod flow;
pub(crate) mod fourier;
pub(crate) mod kuramoto_sivashinsky;
pub(crate) mod lorenz;
pub(crate) mod mackey_glass;
pub(crate) mod mso;
pub(crate) mod narma;
pub(crate) mod recall;
pub(crate) mod rossler;
