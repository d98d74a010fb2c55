//! Readers of single files.

pub(crate) mod csv;
pub(crate) mod events;
pub(crate) mod idx;
pub(crate) mod source;
pub(crate) mod wav;
