//! Connectors, weights and delays.

mod case;
mod errors;
mod rules;
mod space;
mod speed;
mod statistics;
mod values;
