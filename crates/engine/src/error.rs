//! What can go wrong when a network runs.

use limnos_spec::SpecError;

/// An error of the engine: what was asked, what is allowed, what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The description of the network is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// More than the device can hold or address.
    #[error("{what} needs {needed}; the device allows {allowed}{advice}")]
    Limit {
        /// What is too large.
        what: String,
        /// How much it needs, with its unit.
        needed: u64,
        /// How much is allowed, in the same unit.
        allowed: u64,
        /// What to do, starting with "; " or empty.
        advice: &'static str,
    },
    /// No device of that name.
    #[error(
        "no device matches '{wanted}'; there are: {available}; set LIMNOS_DEVICE or --device to cpu, gpu, or part of an adapter's name"
    )]
    NoDevice {
        /// What was asked for.
        wanted: String,
        /// What there is.
        available: String,
    },
    /// The device went away: driver reset, unplugged, or destroyed.
    #[error("the device '{device}' was lost: {reason}; the simulation's state is gone, build it again")]
    DeviceLost {
        /// The adapter.
        device: String,
        /// What the driver said.
        reason: String,
    },
    /// The device ran out of memory.
    #[error(
        "the device '{device}' is out of memory while allocating {bytes} bytes for {buffer}; use a smaller network or batch (see Plan::memory)"
    )]
    OutOfMemory {
        /// The adapter.
        device: String,
        /// Which buffer.
        buffer: String,
        /// Its size.
        bytes: u64,
    },
    /// The driver or wgpu refused something; a defect of limnos or of the driver.
    #[error("the device '{device}' failed: {message}")]
    Gpu {
        /// The adapter.
        device: String,
        /// What it said.
        message: String,
    },
    /// A shader is wrong.
    #[error(transparent)]
    Wgsl(#[from] crate::wgsl::WgslError),
    /// An array of the wrong shape.
    #[error("{argument} has shape {found:?}; needed: {needed}")]
    Shape {
        /// Which argument.
        argument: String,
        /// What was needed, in words.
        needed: String,
        /// The shape it had.
        found: Vec<usize>,
    },
    /// A value outside its range.
    #[error("{argument} is {value}; allowed: {allowed}")]
    Invalid {
        /// Which argument, with its place in an array.
        argument: String,
        /// What it was.
        value: String,
        /// What is allowed, and what to do.
        allowed: String,
    },
    /// A recording that has no room for the steps that were asked for. Nothing ran.
    #[error(
        "{recording} has room for {allowed} steps and would need {needed}; reserve more, read and clear it, or run fewer steps"
    )]
    RecordingFull {
        /// Which recording.
        recording: &'static str,
        /// Steps needed after the run.
        needed: u64,
        /// Steps reserved.
        allowed: u64,
    },
    /// Something was read that was not asked to be observed.
    #[error("{what} was not observed; ask for it in Observe when the simulation is made")]
    NotObserved {
        /// What was read.
        what: &'static str,
    },
    /// A per-step feed that ends before the run does. Nothing ran.
    #[error("{feed} was fed for {allowed} steps and the run needs {needed}; feed more steps or run fewer")]
    FeedTooShort {
        /// Which input or population.
        feed: String,
        /// Steps the feed must cover.
        needed: u64,
        /// Steps it covers.
        allowed: u64,
    },
}

impl EngineError {
    /// A network was asked for what it learned, and it does not learn.
    pub(crate) fn does_not_learn() -> Self {
        let allowed = "one with plastic projections, spike filters or astrocytes";
        Self::invalid("network", "one that does not learn", allowed)
    }

    pub(crate) fn invalid(
        argument: impl Into<String>,
        value: impl std::fmt::Display,
        allowed: impl Into<String>,
    ) -> Self {
        Self::Invalid { argument: argument.into(), value: value.to_string(), allowed: allowed.into() }
    }
}
