//! Rate reservoirs on the CPU device.

mod case;
mod closed;
mod errors;
mod invariance;
mod lockstep;
mod noise;
