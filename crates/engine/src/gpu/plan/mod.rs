//! The plan of a simulation on a GPU: buffers with sizes, shards of synapses, dispatches of a step. A pure function, made without a
//! device, so that memory is known before a byte is allocated.

mod event;
mod lanes;
mod learning;
mod limits;
mod loops;
mod observation;
pub(super) mod resident;
mod shards;
mod sizes;

pub use learning::{LearningLayout, PlasticShardPlan};
pub use limits::Limits;
pub use shards::{PiecePlan, ShardPlan};
pub use sizes::{
    AstrocyteSizes, InputSizes, LearnedSizes, LearningSizes, LineSizes, PopulationSizes, ProjectionSizes, Sizes,
    WatchSizes,
};

pub(super) use observation::observation;

use learning::whole_plastic;

use std::ops::Range;

use crate::{EngineError, RunOptions};

/// How a step is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// One sample: spike lists and deliveries by atomics.
    Event,
    /// A batch: 32 samples a word, pull over incoming synapses.
    Lanes,
    /// Small networks, one sample or a batch: one workgroup simulates a sample for many steps in one dispatch.
    Resident,
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

/// What a simulation learns with.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningPlan {
    /// Where it lies.
    pub layout: LearningLayout,
    /// The synapses of plastic and filtered projections.
    pub shards: Vec<PlasticShardPlan>,
}

impl LearningPlan {
    /// All synapses in one shard, for the regime that keeps them in one binding.
    fn whole(sizes: &Sizes, learning: &LearningSizes, options: &RunOptions) -> Result<Self, EngineError> {
        let layout = LearningLayout::new(learning, options.observe.astrocytes.unwrap_or(0))?;
        let shards = vec![whole_plastic(sizes, learning, &layout)?];
        Ok(Self { layout, shards })
    }
}

/// The plan of a simulation on a GPU.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct GpuPlan {
    /// How a step is computed.
    pub regime: Regime,
    /// All buffers.
    pub buffers: Vec<BufferPlan>,
    /// The synapses (event and resident regimes).
    pub shards: Vec<ShardPlan>,
    /// Where it learns.
    pub learning: Option<LearningPlan>,
    /// The dispatches of one step, in order; of many steps in the resident regime.
    pub dispatches: Vec<Dispatch>,
    /// Whether anything takes the spikes of inputs.
    pub inputs: bool,
    /// The samples of each dispatch (resident regime).
    pub chunks: Vec<Range<usize>>,
    /// Most steps of one submission (of one dispatch in the resident regime) that the driver is sure to finish.
    pub steps: u32,
}

impl GpuPlan {
    /// Plans a simulation with workgroups of so many invocations, in the regime that suits it: resident for small networks and for every batch
    /// that learns, whatever its size; else event for one sample and lanes for a batch.
    ///
    /// # Errors
    /// [`EngineError::Limit`] with what was needed and what is allowed.
    pub fn new(sizes: &Sizes, options: &RunOptions, limits: &Limits, workgroup: u32) -> Result<Self, EngineError> {
        let batch_learns = options.batch > 1 && sizes.learning.is_some();
        if batch_learns {
            return Self::in_regime(Regime::Resident, sizes, options, limits, workgroup);
        }
        if resident::wins(sizes, options, limits)
            && let Ok(plan) = Self::in_regime(Regime::Resident, sizes, options, limits, workgroup)
            && (options.batch > 1 || sizes.learning.is_some() || plan.steps >= resident::LEAST_STEPS)
        {
            return Ok(plan);
        }
        let regime = if options.batch <= 1 { Regime::Event } else { Regime::Lanes };
        Self::in_regime(regime, sizes, options, limits, workgroup)
    }

    /// Plans a simulation in a regime.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for a batch in the event regime, which runs one sample, and for a network that learns in lanes, where synapses
    /// are shared by all samples; as [`GpuPlan::new`].
    pub fn in_regime(
        regime: Regime,
        sizes: &Sizes,
        options: &RunOptions,
        limits: &Limits,
        workgroup: u32,
    ) -> Result<Self, EngineError> {
        let plan = match regime {
            Regime::Event if options.batch > 1 => {
                let value = format!("Event for a batch of {} samples", options.batch);
                let allowed = "Lanes or Resident for a batch; or run its samples one by one";
                return Err(EngineError::invalid("regime of GpuOptions", value, allowed));
            }
            Regime::Lanes if sizes.learning.is_some() => {
                let allowed = "Event or Resident for one sample, Resident for a batch";
                return Err(EngineError::invalid("regime of GpuOptions", "Lanes for a network that learns", allowed));
            }
            Regime::Event => event::plan(sizes, options, limits, workgroup)?,
            Regime::Lanes => lanes::plan(sizes, options, limits, workgroup)?,
            Regime::Resident => resident::plan(sizes, options, limits, workgroup)?,
        };
        plan.buffers.iter().try_for_each(|buffer| limits.check(buffer))?;
        Ok(plan)
    }

    /// As [`GpuPlan::in_regime`] where a regime is given, else as [`GpuPlan::new`].
    pub(crate) fn chosen(
        regime: Option<Regime>,
        sizes: &Sizes,
        options: &RunOptions,
        limits: &Limits,
        workgroup: u32,
    ) -> Result<Self, EngineError> {
        match regime {
            Some(regime) => Self::in_regime(regime, sizes, options, limits, workgroup),
            None => Self::new(sizes, options, limits, workgroup),
        }
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
    pub(crate) fn words(name: impl Into<String>, words: u64) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Counts, Observe};
    use limnos_spec::Layout;

    /// W1 with 4000 neurons and 100 synapses each in one population, fed by 64 channels.
    fn sizes() -> Sizes {
        let projection = |from_input, sources: usize| ProjectionSizes {
            name: "p".into(),
            from_input,
            first_source: 0,
            target: 0,
            target_size: 4000,
            rows: vec![100; sources],
            weight_table: from_input,
            delay_table: false,
            learned: None,
        };
        Sizes {
            layout: Layout { cells: 4032, channels: 64, ring_slots: 1, receptors: 1, fields: 2 },
            populations: vec![PopulationSizes { size: 4000, varied: 0, drive_words: 20, noise: true }],
            inputs: vec![InputSizes { size: 64, source: true }],
            projections: vec![projection(true, 64), projection(false, 4000)],
            learning: None,
        }
    }

    fn kernels(plan: &GpuPlan) -> Vec<&str> {
        plan.dispatches.iter().map(|dispatch| dispatch.kernel.trim_start_matches("kernels/")).collect()
    }

    fn bytes(plan: &GpuPlan, name: &str) -> u64 {
        plan.memory().into_iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}")).1
    }

    #[test]
    fn one_sample_is_planned_by_events() {
        let plan = GpuPlan::in_regime(Regime::Event, &sizes(), &RunOptions::default(), &Limits::WEBGPU, 64).unwrap();
        let wanted = ["source_step", "prepare", "deliver", "neuron_step", "prepare", "deliver"];
        assert_eq!((plan.regime, kernels(&plan)), (Regime::Event, wanted.to_vec()));
        assert_eq!(plan.dispatches[3].groups, Groups::Direct(63, 1));
        assert_eq!(plan.dispatches[5].groups, Groups::Indirect("cell stage".into()));
        // Two targets a word; no weights where all are the same.
        assert_eq!((bytes(&plan, "targets 1"), bytes(&plan, "values 1")), (4 * 400_000 / 2, 128));
        assert_eq!((bytes(&plan, "targets 0"), bytes(&plan, "values 0")), (4 * 6400 / 2, 4 * 6400 / 2));
        assert_eq!((bytes(&plan, "state"), bytes(&plan, "cell list")), (2 * 4 * 4032, 4 * 4036));
        assert_eq!(plan.total_bytes(), plan.memory().iter().map(|(_, bytes)| bytes).sum::<u64>());
    }

    #[test]
    fn a_batch_is_planned_in_lanes_and_nothing_is_observed_unasked() {
        let observe = Observe { counts: Some(Counts { windows: 2, window_steps: Some(5) }), ..Observe::default() };
        let options = RunOptions { batch: 33, observe, ..RunOptions::default() };
        let plan = GpuPlan::in_regime(Regime::Lanes, &sizes(), &options, &Limits::WEBGPU, 256).unwrap();
        let wanted = ["lanes_source", "lanes_step", "tick", "lanes_observe"];
        assert_eq!((plan.regime, kernels(&plan)), (Regime::Lanes, wanted.to_vec()));
        assert_eq!(bytes(&plan, "state"), 2 * 4 * 4032 * 64);
        assert_eq!(bytes(&plan, "history"), 2 * (4032 + 64) * 2 * 4);
        assert_eq!(bytes(&plan, "counts"), 2 * 4 * 4032 * 64);
        let unobserved = RunOptions { batch: 33, ..RunOptions::default() };
        assert!(!GpuPlan::in_regime(Regime::Lanes, &sizes(), &unobserved, &Limits::WEBGPU, 64).unwrap().has("counts"));
    }

    #[test]
    fn a_small_network_is_planned_in_one_dispatch() {
        let chosen = |sizes: &Sizes, batch, limits: &Limits| {
            let options = RunOptions { batch, ..RunOptions::default() };
            GpuPlan::new(sizes, &options, limits, 64).unwrap()
        };
        let plan = chosen(&sizes(), 1, &Limits::WEBGPU);
        assert_eq!((plan.regime, kernels(&plan), plan.steps), (Regime::Resident, vec!["resident"], u32::MAX));
        assert_eq!(plan.dispatches[0].groups, Groups::Direct(1, 1));
        // A ring of 4032 words does not fit beside the spikes of 8064 cells and 64 channels in 16 KiB, but it fits in 32.
        let value = |plan: &GpuPlan, name: &str| {
            plan.dispatches[0].overrides.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).unwrap()
        };
        assert_eq!((value(&plan, "SHARED"), value(&plan, "BITS"), value(&plan, "WG")), (0.0, 256.0, 256.0));
        let roomy = Limits { workgroup_bytes: 32 << 10, ..Limits::WEBGPU };
        let batch = chosen(&sizes(), 70, &roomy);
        assert_eq!((value(&batch, "SHARED"), value(&batch, "SUMS")), (1.0, 4096.0));
        assert_eq!(batch.dispatches[0].groups, Groups::Direct(70, 1));
        assert_eq!((bytes(&batch, "state"), bytes(&batch, "record")), (2 * 4 * 4032 * 70, 4 * 4032 * 70));
        // Larger than workgroup memory has accumulators for, or too large for a binding.
        let mut large = sizes();
        large.layout.cells = 4160;
        assert_eq!(chosen(&large, 1, &roomy).regime, Regime::Event);
        assert_eq!(chosen(&large, 2, &roomy).regime, Regime::Resident);
        assert_eq!(chosen(&large, 2, &Limits::WEBGPU).regime, Regime::Lanes);
        let narrow = Limits { binding_bytes: 800_000, ..Limits::WEBGPU };
        assert_eq!(chosen(&sizes(), 1, &narrow).regime, Regime::Event);
    }

    #[test]
    fn a_driver_that_counts_iterations_gets_few_steps_at_a_time() {
        let plan = |loop_iterations| {
            let limits = Limits { loop_iterations, ..Limits::WEBGPU };
            GpuPlan::in_regime(Regime::Resident, &sizes(), &RunOptions::default(), &limits, 64)
        };
        let steps = plan(65_535).unwrap().steps;
        assert!((2..resident::LEAST_STEPS).contains(&steps), "{steps}");
        let limits = Limits { loop_iterations: 65_535, ..Limits::WEBGPU };
        let chosen = |batch| {
            let options = RunOptions { batch, ..RunOptions::default() };
            GpuPlan::new(&sizes(), &options, &limits, 64).unwrap().regime
        };
        assert_eq!((chosen(1), chosen(2)), (Regime::Event, Regime::Resident));
        assert!(matches!(plan(1000), Err(EngineError::Limit { allowed: 1000, .. })));
        let event = |loop_iterations| {
            let limits = Limits { loop_iterations, ..Limits::WEBGPU };
            GpuPlan::in_regime(Regime::Event, &sizes(), &RunOptions::default(), &limits, 64)
        };
        // Rows of 100 synapses: two turns of 64 and a last test, in one piece.
        assert_eq!(event(5).unwrap().steps, u32::MAX);
        assert!(matches!(event(4), Err(EngineError::Limit { needed: 5, allowed: 4, .. })));
    }

    #[test]
    fn dispatches_are_split_over_two_dimensions() {
        let limits = Limits { groups: 10, ..Limits::WEBGPU };
        assert_eq!(groups(640, 64, &limits), Groups::Direct(10, 1));
        assert_eq!(groups(641, 64, &limits), Groups::Direct(6, 2));
        assert_eq!(groups(6401, 64, &limits), Groups::Direct(10, 11));
        assert_eq!(groups(0, 64, &limits), Groups::Direct(1, 1));
    }

    #[test]
    fn a_limit_names_the_buffer() {
        let limits = Limits { binding_bytes: 30_000, ..Limits::WEBGPU };
        let error = GpuPlan::in_regime(Regime::Event, &sizes(), &RunOptions::default(), &limits, 64).unwrap_err();
        let EngineError::Limit { what, needed, allowed, .. } = &error else { panic!("{error}") };
        assert!(what.contains("'state'"), "{error}");
        assert_eq!((*needed, *allowed), (32_256, 30_000));
    }
}
