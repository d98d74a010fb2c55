//! Integration tests of the crate `limnos`, in one binary.

mod readout;
