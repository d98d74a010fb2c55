//! Integration tests of the description crate, in one binary.

mod connect;
