//! The plan of rate reservoirs on a GPU: buffers with sizes, how a step is computed, how many steps a submission has. A pure function, made without a device.

use limnos_spec::rate::RateModel;
use limnos_spec::twin::device::rate::{RateRows, RateShape, RateSpan, RateUnit};
use limnos_spec::twin::device::rate_pack::entry_words;

use crate::EngineError;
use crate::gpu::plan::{BufferPlan, Limits, Usage};

/// How a step of rate reservoirs is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateRegime {
    /// One sample: a dispatch a layer and step, invocations share rows.
    Step,
    /// Many samples: a dispatch a layer and step, an invocation for each unit of each sample.
    Lanes,
    /// Small models: a workgroup for each sample, many steps in one dispatch.
    Resident,
}

/// What a plan follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateSizes {
    /// Numbers read in each step.
    pub inputs: usize,
    /// Past outputs read in each step.
    pub feedback: usize,
    /// First unit of each layer, then the number of all units.
    pub layers: Vec<usize>,
    /// Models.
    pub members: usize,
    /// Samples of each.
    pub per_member: usize,
    /// Entries of each row, the most of all models.
    pub rows: Vec<u32>,
    /// Words of the entries of all models, as they are stored.
    pub entries: u64,
    /// Whether any unit has noise.
    pub noise: bool,
    /// Outputs of the readout and what it reads; none before there is a readout.
    pub readout: Option<(usize, usize)>,
}

/// The plan of rate reservoirs on a GPU.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct RatePlan {
    /// How a step is computed.
    pub regime: RateRegime,
    /// All buffers but those that only sums of moments need.
    pub buffers: Vec<BufferPlan>,
    /// Most steps of one submission.
    pub steps: usize,
    /// Invocations of a workgroup that steps units.
    pub workgroup: u32,
    /// Sums that a row is added in.
    pub parts: u32,
    /// Invocations that share an output.
    pub team: u32,
    /// Override constants of its kernels.
    pub overrides: Vec<(&'static str, f64)>,
}

/// Invocations of a workgroup of the resident regime, and of readouts, so that outputs are added in one order whatever the options say.
pub(super) const FULL_WORKGROUP: u32 = 256;

/// Most entries of a model that one workgroup reads in each step unasked; with more, many workgroups are faster though each step costs dispatches.
const RESIDENT_ENTRIES: u64 = 1 << 16;

/// Fewest steps of a dispatch for which the resident regime is taken unasked.
const LEAST_STEPS: usize = 32;

/// Entries of a row that one of its invocations should have, at the mean.
const PART: u64 = 8;
const MOST_PARTS: u64 = 32;

/// Workgroup memory comes in pieces of so many words, so that models of about one size share a pipeline.
const GRAIN: usize = 64;

/// Words that inputs and recorded states of one submission have together, unless one step needs more.
const PIECE_WORDS: u64 = 8 << 20;

/// Bytes from a moment to the next: what every device takes as an offset.
pub(super) const MOMENT_BYTES: u64 = 256;

/// Iterations of a draw of noise.
const DRAW: u64 = 12;

const ADVICE: &str = "; use fewer samples or a smaller model, or the CPU device";

impl RateSizes {
    /// Those of models of one shape, each with so many samples. There is one or more.
    #[must_use]
    pub fn of(models: &[impl AsRef<RateModel>], per_member: usize) -> Self {
        let first = models[0].as_ref();
        let mut rows = vec![0; first.units()];
        for model in models {
            let lengths = model.as_ref().layers().iter().flat_map(|l| (0..l.units).map(|i| l.weights.row(i).0.len()));
            rows.iter_mut().zip(lengths).for_each(|(row, length)| *row = length.max(*row as usize) as u32);
        }
        Self {
            inputs: first.inputs(),
            feedback: first.feedback(),
            layers: (0..=first.layers().len()).map(|k| first.first_unit(k)).collect(),
            members: models.len(),
            per_member,
            rows,
            entries: models.iter().map(|m| entry_words(m.as_ref())).sum(),
            noise: models.iter().any(|m| m.as_ref().is_noisy()),
            readout: None,
        }
    }

    fn units(&self) -> usize {
        self.rows.len()
    }

    fn samples(&self) -> u64 {
        self.members as u64 * self.per_member as u64
    }

    fn row_entries(&self) -> u64 {
        self.rows.iter().map(|&length| u64::from(length)).sum()
    }

    fn longest(&self) -> u64 {
        u64::from(self.rows.iter().copied().max().unwrap_or(0))
    }

    /// The mean row decides, whatever the batch and the regime, so that a sample is summed alike in all.
    fn parts(&self) -> u32 {
        (self.row_entries() / (PART * self.units() as u64)).next_power_of_two().clamp(1, MOST_PARTS) as u32
    }
}

/// Iterations of a loop over `items` by steps of `stride`, its last test included.
const fn loops(items: u64, stride: u64) -> u64 {
    items.div_ceil(stride) + 1
}

impl RatePlan {
    /// Plans with workgroups of so many invocations and at most so many steps a submission, in the regime that suits: resident for models that fit into
    /// workgroup memory and have few entries; else one sample by rows, more in lanes.
    ///
    /// # Errors
    /// [`EngineError::Limit`] with what was needed and what is allowed; [`EngineError::Invalid`] for a regime that cannot serve.
    pub fn new(
        sizes: &RateSizes,
        regime: Option<RateRegime>,
        limits: &Limits,
        workgroup: u32,
        steps: u32,
    ) -> Result<Self, EngineError> {
        let plan = match regime {
            Some(regime) => Self::in_regime(sizes, regime, limits, workgroup, steps)?,
            None => Self::chosen(sizes, limits, workgroup, steps)?,
        };
        plan.buffers.iter().try_for_each(|buffer| limits.check(buffer))?;
        Ok(plan)
    }

    fn chosen(sizes: &RateSizes, limits: &Limits, workgroup: u32, steps: u32) -> Result<Self, EngineError> {
        if sizes.row_entries() <= RESIDENT_ENTRIES
            && let Ok(plan) = Self::in_regime(sizes, RateRegime::Resident, limits, workgroup, steps)
            && plan.steps >= LEAST_STEPS.min(steps as usize)
        {
            return Ok(plan);
        }
        let regime = if sizes.samples() == 1 { RateRegime::Step } else { RateRegime::Lanes };
        Self::in_regime(sizes, regime, limits, workgroup, steps)
    }

    fn in_regime(
        sizes: &RateSizes,
        regime: RateRegime,
        limits: &Limits,
        workgroup: u32,
        most: u32,
    ) -> Result<Self, EngineError> {
        if regime == RateRegime::Step && sizes.samples() > 1 {
            let value = format!("Step (Event of GpuOptions) for {} samples", sizes.samples());
            return Err(EngineError::invalid("regime of rate reservoirs", value, "Lanes or Resident for a batch"));
        }
        let resident = regime == RateRegime::Resident;
        let workgroup = if resident { FULL_WORKGROUP } else { workgroup };
        let parts = sizes.parts();
        let outputs = sizes.readout.map_or(1, |(outputs, _)| outputs as u32);
        let team = (FULL_WORKGROUP / outputs.min(FULL_WORKGROUP).next_power_of_two()).max(32);
        if resident {
            fits(sizes, workgroup, limits)?;
        }
        let iterations = iterations(sizes, regime, u64::from(workgroup), u64::from(parts), u64::from(team));
        let bound = bounded(iterations, limits)?;
        let row = row_words(sizes);
        let steps = (most as u64).min(if resident { bound } else { u64::MAX }).min((PIECE_WORDS / row.max(1)).max(1));
        Ok(Self {
            regime,
            buffers: buffers(sizes, regime, steps),
            steps: steps as usize,
            workgroup,
            parts,
            team,
            overrides: overrides(sizes, (workgroup, parts, team)),
        })
    }

    /// Whether samples are side by side for each item.
    #[must_use]
    pub const fn interleaved(&self) -> bool {
        !matches!(self.regime, RateRegime::Resident)
    }

    /// Bytes of each buffer.
    #[must_use]
    pub fn memory(&self) -> Vec<(String, u64)> {
        self.buffers.iter().map(|buffer| (buffer.name.clone(), buffer.bytes)).collect()
    }

    /// Bytes of all buffers.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.buffers.iter().map(|buffer| buffer.bytes).sum()
    }
}

/// Whether inputs, feedback, states twice, products and outputs fit into workgroup memory.
fn fits(sizes: &RateSizes, workgroup: u32, limits: &Limits) -> Result<(), EngineError> {
    let (gather, units, outputs) = shared(sizes);
    let needed = 4 * (gather + units + outputs) as u64 + 4 * u64::from(workgroup);
    let allowed = u64::from(limits.workgroup_bytes);
    if needed <= allowed {
        return Ok(());
    }
    let what = format!("a model of {} units in bytes of workgroup memory (resident regime)", sizes.units());
    Err(EngineError::Limit { what, needed, allowed, advice: "; leave the regime to the plan, or take another" })
}

/// Words of workgroup memory: inputs, feedback and states; states after the step; outputs.
fn shared(sizes: &RateSizes) -> (usize, usize, usize) {
    let grained = |words: usize| words.next_multiple_of(GRAIN);
    let outputs = sizes.readout.map_or(0, |(outputs, _)| outputs);
    (grained(sizes.inputs + sizes.feedback + sizes.units()), grained(sizes.units()), grained(outputs.max(1)))
}

fn overrides(sizes: &RateSizes, (workgroup, parts, team): (u32, u32, u32)) -> Vec<(&'static str, f64)> {
    let (gather, units, outputs) = shared(sizes);
    vec![
        ("WG", f64::from(workgroup)),
        ("PARTS", f64::from(parts)),
        ("TEAM", f64::from(team)),
        ("NOISE", f64::from(u8::from(sizes.noise))),
        ("GATHER", gather as f64),
        ("UNITS", units as f64),
        ("OUTPUTS", outputs as f64),
    ]
}

/// Most loop iterations of one invocation: those of a step, and those around all steps of a dispatch.
fn iterations(sizes: &RateSizes, regime: RateRegime, workgroup: u64, parts: u64, team: u64) -> (u64, u64) {
    let draw = if sizes.noise { DRAW } else { 0 };
    let (outputs, features) = sizes.readout.unwrap_or((0, 0));
    let halvings = u64::from(team.ilog2()) + 1;
    let block = 1 + loops(features as u64, team) + halvings;
    match regime {
        RateRegime::Step => ((loops(sizes.longest(), parts) + parts + draw).max(1 + block), 0),
        RateRegime::Lanes => ((sizes.longest() + 3 * parts + draw).max(1 + block), 0),
        RateRegime::Resident => {
            let outside = loops(sizes.inputs as u64, workgroup) + loops(sizes.feedback as u64, workgroup);
            let readout = loops(outputs as u64, workgroup / team) * block;
            let copied = loops(sizes.units() as u64, workgroup);
            let rows = rows_of_one(sizes, workgroup, 2 * parts + loops(parts, 1) + draw + 1);
            let step = 1 + outside + sizes.layers.len() as u64 + rows + copied + readout;
            (step, 2 * (copied + outside) + readout + 1)
        }
    }
}

/// Iterations of the busiest invocation over its rows, each of which costs so many beside its entries.
fn rows_of_one(sizes: &RateSizes, workgroup: u64, each: u64) -> u64 {
    let mut all = vec![0; workgroup as usize];
    for layer in sizes.layers.windows(2) {
        for (i, &length) in sizes.rows[layer[0]..layer[1]].iter().enumerate() {
            all[i % workgroup as usize] += u64::from(length) + each;
        }
    }
    all.into_iter().max().unwrap_or(0)
}

/// How many steps an invocation may take with so many iterations in each.
fn bounded((step, around): (u64, u64), limits: &Limits) -> Result<u64, EngineError> {
    if limits.loop_iterations == u32::MAX {
        return Ok(u64::MAX);
    }
    let allowed = u64::from(limits.loop_iterations);
    if step + around > allowed {
        let what = "a step of a rate reservoir in iterations of one invocation".into();
        return Err(EngineError::Limit { what, needed: step + around, allowed, advice: ADVICE });
    }
    Ok((allowed - around) / step)
}

/// Words of inputs, feedback, recorded states and outputs of a step.
fn row_words(sizes: &RateSizes) -> u64 {
    let outputs = sizes.readout.map_or(0, |(outputs, _)| outputs);
    sizes.samples() * (sizes.inputs + sizes.feedback + sizes.units() + outputs) as u64
}

fn buffers(sizes: &RateSizes, regime: RateRegime, steps: u64) -> Vec<BufferPlan> {
    let resident = regime == RateRegime::Resident;
    let (samples, units) = (sizes.samples(), sizes.units() as u64);
    let (outputs, features) = sizes.readout.unwrap_or((0, 0));
    let (layers, members) = (sizes.layers.len() as u64 - 1, sizes.members as u64);
    let table = 2 * members + layers + 1 + samples;
    let halves = if resident { 1 } else { 2 };
    let drive = samples * (steps + 1) * (sizes.inputs + sizes.feedback) as u64;
    let record = samples * (steps * units + (steps + 1) * outputs as u64);
    let mut buffers = vec![
        uniform("shape", size_of::<RateShape>() as u64),
        uniform("span", size_of::<RateSpan>() as u64),
        BufferPlan::words("units", members * units * (size_of::<RateUnit>() / 4) as u64),
        BufferPlan::words("columns", sizes.entries),
        BufferPlan::words("weights", sizes.entries),
        BufferPlan::words("table", table),
        BufferPlan::words("drive", drive),
        BufferPlan::words("state", samples * (halves * units + sizes.inputs as u64)),
        BufferPlan::words("record", record),
        BufferPlan::words("readout", members * (outputs * (features + 1)) as u64),
    ];
    if !resident {
        buffers.push(uniform("moment", MOMENT_BYTES * (steps + 1) * layers));
    }
    buffers
}

pub(super) fn uniform(name: &str, bytes: u64) -> BufferPlan {
    BufferPlan { name: name.into(), bytes: bytes.next_multiple_of(16), usage: Usage::Uniform }
}

/// Buffers of sums of moments of so many columns: features with a one before them, and targets.
pub(super) fn moment_buffers(sizes: &RateSizes, columns: usize, targets: usize, steps: usize) -> Vec<BufferPlan> {
    let columns = columns as u64;
    vec![
        uniform("gram shape", size_of::<RateShape>() as u64),
        uniform("rows", size_of::<RateRows>() as u64),
        BufferPlan::words("targets", sizes.samples() * (steps * targets) as u64),
        BufferPlan::words("gram", (sizes.members as u64).saturating_mul(columns.saturating_mul(columns)).min(1 << 60)),
    ]
}

/// Most rows of a member that one dispatch of products may add.
pub(super) fn gram_rows(limits: &Limits) -> usize {
    // 16 rows take 8 turns to load, 16 to multiply and one of their own, with the last tests; storing takes 25.
    let blocks = (limits.loop_iterations.saturating_sub(64) / 32).max(1) as usize;
    blocks.saturating_mul(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(units: usize, entries: u32, per_member: usize) -> RateSizes {
        RateSizes {
            inputs: 1,
            feedback: 0,
            layers: vec![0, units],
            members: 1,
            per_member,
            rows: vec![entries; units],
            entries: u64::from(entries) * units.next_multiple_of(32) as u64,
            noise: false,
            readout: None,
        }
    }

    fn plan(sizes: &RateSizes, limits: &Limits) -> RatePlan {
        RatePlan::new(sizes, None, limits, 64, 200).unwrap()
    }

    fn bytes(plan: &RatePlan, name: &str) -> u64 {
        plan.memory().into_iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}")).1
    }

    #[test]
    fn memory_is_known_before() {
        let small = plan(&sizes(1000, 10, 3), &Limits::WEBGPU);
        assert_eq!((small.regime, small.steps, small.workgroup, small.parts), (RateRegime::Resident, 200, 256, 1));
        assert_eq!((bytes(&small, "columns"), bytes(&small, "state")), (4 * 10_240, 4 * 3 * 1001 + 4));
        assert_eq!(bytes(&small, "record"), 4 * 3 * 200 * 1000);
        let large = plan(&sizes(100_000, 10, 1), &Limits::WEBGPU);
        // 83 steps of states of a hundred thousand units are a piece.
        assert_eq!((large.regime, large.steps, large.workgroup), (RateRegime::Step, 83, 64));
        assert_eq!((bytes(&large, "state"), bytes(&large, "moment")), (4 * 200_001 + 12, 256 * 84));
        assert_eq!(large.total_bytes(), large.memory().iter().map(|(_, bytes)| bytes).sum::<u64>());
        assert_eq!(plan(&sizes(100_000, 10, 2), &Limits::WEBGPU).regime, RateRegime::Lanes);
    }

    #[test]
    fn rows_decide_how_they_are_shared_and_the_batch_does_not() {
        let parts = |entries, per_member| plan(&sizes(5000, entries, per_member), &Limits::WEBGPU).parts;
        assert_eq!([1, 10, 100, 1000].map(|entries| parts(entries, 1)), [1, 1, 16, 32]);
        assert_eq!([1, 10, 100, 1000].map(|entries| parts(entries, 8)), [1, 1, 16, 32]);
    }

    #[test]
    fn a_model_that_is_too_large_for_workgroup_memory_is_not_resident() {
        // Inputs and states to 1920 words, states after the step to 1920, products 256, outputs 64: 16 640 bytes.
        let allowed = |units| plan(&sizes(units, 10, 1), &Limits::WEBGPU).regime == RateRegime::Resident;
        assert!(allowed(1850) && !allowed(1900));
        let resident = Some(RateRegime::Resident);
        let error = RatePlan::new(&sizes(1900, 10, 1), resident, &Limits::WEBGPU, 64, 200).unwrap_err();
        assert!(matches!(error, EngineError::Limit { needed: 16_640, allowed: 16_384, .. }), "{error}");
        assert!(
            plan(&sizes(300, 300, 1), &Limits::WEBGPU).regime == RateRegime::Step,
            "many entries want many workgroups"
        );
        let step = RatePlan::new(&sizes(10, 1, 2), Some(RateRegime::Step), &Limits::WEBGPU, 64, 200).unwrap_err();
        assert!(matches!(step, EngineError::Invalid { .. }), "{step}");
    }

    #[test]
    fn a_driver_that_counts_iterations_gets_few_steps_at_a_time() {
        let limits = Limits { loop_iterations: 32_767, ..Limits::WEBGPU };
        let few = plan(&sizes(1000, 10, 1), &limits);
        // Four rows of 10 entries and 5 more each for the busiest; 11 for inputs, layers, copies and the step itself.
        assert!((few.regime, few.steps) == (RateRegime::Resident, 200));
        let limits = Limits { loop_iterations: 4000, ..limits };
        let fewer = plan(&sizes(1000, 10, 1), &limits).steps;
        assert!((40..70).contains(&fewer), "{fewer}");
        let limits = Limits { loop_iterations: 100, ..limits };
        assert_eq!(plan(&sizes(1000, 10, 1), &limits).regime, RateRegime::Step);
        let error = RatePlan::new(&sizes(1000, 999, 2), None, &limits, 64, 200).unwrap_err();
        assert!(matches!(error, EngineError::Limit { needed: 1095, allowed: 100, .. }), "{error}");
    }

    #[test]
    fn a_limit_tells_what_was_needed() {
        let limits = Limits { binding_bytes: 1 << 20, ..Limits::WEBGPU };
        let error = RatePlan::new(&sizes(50_000, 10, 1), None, &limits, 64, 200).unwrap_err();
        assert!(matches!(error, EngineError::Limit { allowed: 1_048_576, .. }), "{error}");
    }
}
