//! The plan of a simulation on a GPU: buffers with sizes, shards of synapses, dispatches of a step. A pure function, made without a
//! device, so that memory is known before a byte is allocated.

mod event;
mod lanes;
mod limits;
mod observation;
mod shards;
mod sizes;

pub use limits::Limits;
pub use shards::{PiecePlan, ShardPlan};
pub use sizes::{InputSizes, PopulationSizes, ProjectionSizes, Sizes};

pub(super) use observation::observation;

use crate::{EngineError, RunOptions};

/// How a step is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// One sample: spike lists and deliveries by atomics.
    Event,
    /// A batch: 32 samples a word, pull over incoming synapses.
    Lanes,
}

/// What a buffer is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Constants of a dispatch.
    Uniform,
    /// Anything else.
    Storage,
    /// Storage that also holds the arguments of a dispatch.
    Indirect,
}

/// A buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BufferPlan {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its use.
    pub usage: Usage,
}

/// The part of a step that a dispatch belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Spikes of inputs: nothing to do while no input emits any.
    Input,
    /// Neurons and their spikes.
    Neurons,
    /// Observation.
    Observe,
}

/// How many workgroups a dispatch has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Groups {
    /// Along x and y.
    Direct(u32, u32),
    /// From the buffer of that name.
    Indirect(String),
}

/// One dispatch of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatch {
    /// The kernel.
    pub kernel: &'static str,
    /// Values of its override constants.
    pub overrides: Vec<(&'static str, f64)>,
    /// Variables of the kernel that are bound to a buffer of another name.
    pub renamed: Vec<(&'static str, String)>,
    /// Workgroups.
    pub groups: Groups,
    /// When it has something to do.
    pub phase: Phase,
}

/// The plan of a simulation on a GPU.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct GpuPlan {
    /// How a step is computed.
    pub regime: Regime,
    /// All buffers.
    pub buffers: Vec<BufferPlan>,
    /// The synapses (event regime).
    pub shards: Vec<ShardPlan>,
    /// The dispatches of one step, in order.
    pub dispatches: Vec<Dispatch>,
}

impl GpuPlan {
    /// Plans a simulation with workgroups of so many invocations.
    ///
    /// # Errors
    /// [`EngineError::Limit`] with what was needed and what is allowed.
    pub fn new(sizes: &Sizes, options: &RunOptions, limits: &Limits, workgroup: u32) -> Result<Self, EngineError> {
        let plan = if options.batch <= 1 {
            event::plan(sizes, options, limits, workgroup)?
        } else {
            lanes::plan(sizes, options, limits, workgroup)?
        };
        plan.buffers.iter().try_for_each(|buffer| limits.check(buffer))?;
        Ok(plan)
    }

    /// Bytes of each buffer. Feeds are counted as the network has them before anything is fed.
    #[must_use]
    pub fn memory(&self) -> Vec<(String, u64)> {
        self.buffers.iter().map(|buffer| (buffer.name.clone(), buffer.bytes)).collect()
    }

    /// Bytes of all buffers.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.buffers.iter().map(|buffer| buffer.bytes).sum()
    }

    /// Whether there is a buffer of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.buffers.iter().any(|buffer| buffer.name == name)
    }
}

impl BufferPlan {
    /// A storage buffer of so many words.
    pub(super) fn words(name: impl Into<String>, words: u64) -> Self {
        Self { name: name.into(), bytes: padded(4 * words), usage: Usage::Storage }
    }

    /// A buffer that holds so many `T`.
    fn of<T>(name: &str, count: usize, usage: Usage) -> Self {
        Self { name: name.to_owned(), bytes: padded((count * size_of::<T>()) as u64), usage }
    }
}

/// No buffer is smaller than the largest struct that a kernel may bind.
fn padded(bytes: u64) -> u64 {
    bytes.next_multiple_of(16).max(128)
}

/// Workgroups for so many invocations, split over x and y.
fn groups(invocations: u64, workgroup: u32, limits: &Limits) -> Groups {
    let wanted = invocations.div_ceil(u64::from(workgroup)).max(1);
    let y = wanted.div_ceil(u64::from(limits.groups));
    Groups::Direct(wanted.div_ceil(y) as u32, y as u32)
}

/// A renaming of the variable `variable` to `buffer`.
fn to(variable: &'static str, buffer: impl Into<String>) -> (&'static str, String) {
    (variable, buffer.into())
}
