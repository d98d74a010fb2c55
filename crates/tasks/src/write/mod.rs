//! Writers of single files.

pub(crate) mod npy;
pub(crate) mod whole;
