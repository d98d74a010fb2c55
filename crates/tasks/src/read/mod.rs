//! Readers of single files.

pub(crate) mod csv;
pub(crate) mod events;
pub(crate) mod idx;
pub(crate) mod json;
pub(crate) mod npy;
pub(crate) mod npy_header;
pub(crate) mod npz;
pub(crate) mod source;
pub(crate) mod wav;
