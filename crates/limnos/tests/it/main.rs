//! Integration tests of the crate `limnos`, in one binary.

mod lsm;
mod readout;
mod stream;
