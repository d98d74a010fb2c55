//! How a rate reservoir is laid out, beside its model.

/// The numbers that a device computes states with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Single precision, on every device.
    #[default]
    F32,
    /// Double precision, on the CPU device alone.
    F64,
}

/// How a rate reservoir is laid out, beside its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RateOptions {
    /// Sequences side by side, each with its own state and noise; 1 or more. In an ensemble: so many for each model.
    pub samples: usize,
    /// Number of the first sample in the random streams of noise.
    pub first_sample: u32,
    /// What states are computed in.
    pub precision: Precision,
}

impl Default for RateOptions {
    fn default() -> Self {
        Self { samples: 1, first_sample: 0, precision: Precision::F32 }
    }
}
