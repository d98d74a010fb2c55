//! What can be wrong with a description.

/// An error in a network's description: which argument, what it was, what is allowed, what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// A value outside its range.
    #[error("{argument} is {value}; allowed: {allowed}")]
    Invalid {
        /// Which argument, with the name of the object that it belongs to.
        argument: String,
        /// What it was.
        value: String,
        /// What is allowed, and what to do.
        allowed: String,
    },
    /// A list of the wrong length.
    #[error("{argument} has {found} entries; needed: {needed}")]
    Length {
        /// Which argument.
        argument: String,
        /// How many entries are needed.
        needed: usize,
        /// How many there were.
        found: usize,
    },
    /// More than the engine can index.
    #[error("{what}: {needed} needed, {allowed} allowed")]
    TooMany {
        /// What there is too much of.
        what: String,
        /// How many were asked for.
        needed: u64,
        /// How many can be held.
        allowed: u64,
    },
    /// The largest possible input of a neuron could overflow its fixed-point range.
    #[error(
        "population '{population}', neuron {neuron}: its {quantity} could reach {bound:.1} mV, beyond the limit of {limit:.1} mV \
         of {fraction_bits} fractional bits; lower its incoming weights or give the population fewer fraction_bits \
         (a membrane or current may also saturate: Overflow::Saturate)"
    )]
    Overflow {
        /// The population.
        population: String,
        /// The neuron with the largest bound.
        neuron: usize,
        /// What could overflow: "input of one step" or "membrane potential" or "synaptic current".
        quantity: &'static str,
        /// The bound in mV.
        bound: f64,
        /// The largest value that the format holds, in mV.
        limit: f64,
        /// The population's binary point.
        fraction_bits: u32,
    },
    /// Weights that the fixed-point format cannot hold well enough.
    #[error(
        "{projection}: weights of {typical:.3e} mV (root mean square) would be held in steps of {step:.3e} mV, a relative error of \
         {error:.1e}; allowed: {allowed:.1e}; give the target population more fraction_bits or rescale its units"
    )]
    Precision {
        /// The projection.
        projection: String,
        /// Root mean square of the weights in mV.
        typical: f64,
        /// The step of the format in mV.
        step: f64,
        /// Root mean square error relative to `typical`.
        error: f64,
        /// The tolerance.
        allowed: f64,
    },
}

impl SpecError {
    /// An [`SpecError::Invalid`] from its parts.
    pub(crate) fn invalid(
        argument: impl Into<String>,
        value: impl std::fmt::Display,
        allowed: impl Into<String>,
    ) -> Self {
        Self::Invalid { argument: argument.into(), value: value.to_string(), allowed: allowed.into() }
    }
}
