//! Synthetic series, the standard tasks of reservoir computing.

pub(crate) mod mackey_glass;
pub(crate) mod narma;
