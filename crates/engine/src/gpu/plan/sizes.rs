//! What a plan depends on: sizes and row lengths, without weights, so that memory is known before a synapse is drawn.

use limnos_spec::connect::{SynapseDelays, SynapseWeights};
use limnos_spec::{
    AstrocyteModel, DriveModel, Endpoint, Layout, Line, Model, Plastic, PlasticProjection, PopulationModel,
    ProjectionModel, Values, WatchModel,
};

/// The sizes of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Index spaces and ring.
    pub layout: Layout,
    /// Populations.
    pub populations: Vec<PopulationSizes>,
    /// Inputs.
    pub inputs: Vec<InputSizes>,
    /// Projections.
    pub projections: Vec<ProjectionSizes>,
    /// What it learns with.
    pub learning: Option<LearningSizes>,
}

/// The sizes of what a network learns with: numbers of units and which line each part belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LearningSizes {
    /// Events.
    pub lines: Vec<LineSizes>,
    /// Line of each filter.
    pub filters: Vec<usize>,
    /// Line of each trace.
    pub traces: Vec<usize>,
    /// Line of each kind of changes.
    pub changes: Vec<usize>,
    /// Gates.
    pub gates: usize,
    /// Rates.
    pub rates: usize,
    /// Plastic and filtered projections.
    pub projections: usize,
    /// Astrocytes.
    pub astrocytes: Vec<AstrocyteSizes>,
}

/// The sizes of an astrocyte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AstrocyteSizes {
    /// The groups that it watches.
    pub watches: Vec<WatchSizes>,
    /// Whether it has calcium dynamics.
    pub calcium: bool,
}

/// The sizes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineSizes {
    /// Units.
    pub size: usize,
    /// Steps from spike to event.
    pub delay: u32,
    /// Whether units are channels.
    pub from_input: bool,
}

impl LineSizes {
    /// Whether its events are known before neurons step.
    #[must_use]
    pub const fn early(&self) -> bool {
        self.delay > 0 || self.from_input
    }
}

/// The sizes of a group that an astrocyte watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchSizes {
    /// Neurons or channels.
    pub size: usize,
    /// Whether they are channels.
    pub from_input: bool,
    /// Whether only some of them are watched.
    pub listed: bool,
}

/// The sizes of a plastic or filtered projection beside its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnedSizes {
    /// The line of its sources' events.
    pub line: usize,
    /// Whether weights change, so that there are columns.
    pub rule: bool,
    /// Whether each synapse has its own delay.
    pub delay_table: bool,
}

/// The sizes of a population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PopulationSizes {
    /// Neurons.
    pub size: usize,
    /// Constants that differ between neurons.
    pub varied: usize,
    /// Words of its drive's table.
    pub drive_words: usize,
    /// Whether its drive draws random numbers.
    pub noise: bool,
}

/// The sizes of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSizes {
    /// Channels.
    pub size: usize,
    /// Whether it emits spikes by itself.
    pub source: bool,
}

/// The sizes of a projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectionSizes {
    /// How errors name it.
    pub name: String,
    /// Whether its sources are channels.
    pub from_input: bool,
    /// First source in its index space.
    pub first_source: usize,
    /// Index of the target population.
    pub target: usize,
    /// Neurons of the target population.
    pub target_size: usize,
    /// Synapses of each source.
    pub rows: Vec<u32>,
    /// Whether each synapse has its own weight.
    pub weight_table: bool,
    /// Whether each synapse has its own delay.
    pub delay_table: bool,
    /// Where it is plastic or filtered; its weights are then words of each sample's own.
    pub learned: Option<LearnedSizes>,
}

impl ProjectionSizes {
    /// Synapses.
    #[must_use]
    pub fn synapses(&self) -> u64 {
        self.rows.iter().map(|&n| u64::from(n)).sum()
    }

    /// Whether a target needs more than 16 bits.
    #[must_use]
    pub const fn wide(&self) -> bool {
        self.target_size > 1 << 16
    }
}

impl Sizes {
    /// The sizes of a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            layout: model.layout,
            populations: model.populations.iter().map(population).collect(),
            inputs: model
                .inputs
                .iter()
                .map(|input| InputSizes { size: input.size, source: input.thresholds.is_some() })
                .collect(),
            projections: model.projections.iter().enumerate().map(|(i, p)| projection(model, i, p)).collect(),
            learning: LearningSizes::of(&model.plastic),
        }
    }

    /// Whether anything takes the spikes of inputs.
    #[must_use]
    pub fn uses_inputs(&self) -> bool {
        let learning = self.learning.as_ref();
        self.projections.iter().any(|p| p.from_input && p.synapses() > 0)
            || learning.is_some_and(|l| l.lines.iter().any(|line| line.from_input))
            || learning.is_some_and(|l| l.watches().any(|watch| watch.from_input))
    }
}

impl LearningSizes {
    /// The sizes of what a network learns with; `None` for a static one.
    #[must_use]
    pub fn of(plastic: &Plastic) -> Option<Self> {
        if plastic.is_empty() {
            return None;
        }
        let watch = |w: &WatchModel| WatchSizes {
            size: w.size,
            from_input: matches!(w.source, Endpoint::Input(_)),
            listed: w.members.is_some(),
        };
        let astrocyte = |a: &AstrocyteModel| AstrocyteSizes {
            watches: a.watches.iter().map(watch).collect(),
            calcium: a.calcium.is_some(),
        };
        let line = |l: &Line| LineSizes { size: l.size, delay: l.delay, from_input: l.from_input() };
        Some(Self {
            lines: plastic.lines.iter().map(line).collect(),
            filters: plastic.filters.iter().map(|f| f.line).collect(),
            traces: plastic.traces.iter().map(|t| t.line).collect(),
            changes: plastic.changes.iter().map(|c| plastic.traces[c.trace].line).collect(),
            gates: plastic.gates.len(),
            rates: plastic.rates.len(),
            projections: plastic.projections.len(),
            astrocytes: plastic.astrocytes.iter().map(astrocyte).collect(),
        })
    }

    /// All groups that are watched.
    pub(in crate::gpu) fn watches(&self) -> impl Iterator<Item = &WatchSizes> {
        self.astrocytes.iter().flat_map(|a| &a.watches)
    }
}

fn population(p: &PopulationModel) -> PopulationSizes {
    PopulationSizes {
        size: p.size,
        varied: p.constants.all().iter().filter(|values| matches!(values, Values::Each(_))).count(),
        drive_words: match &p.drive {
            DriveModel::None | DriveModel::Constant(_) => 0,
            DriveModel::Poisson { thresholds, .. } => thresholds.len(),
            DriveModel::Normal { quantiles } => quantiles.len(),
        },
        noise: matches!(p.drive, DriveModel::Poisson { .. } | DriveModel::Normal { .. }),
    }
}

fn projection(model: &Model, index: usize, p: &ProjectionModel) -> ProjectionSizes {
    let delay_table = matches!(p.synapses.delays, SynapseDelays::Table(_));
    let learned = |l: &PlasticProjection| LearnedSizes { line: l.line, rule: l.rule.is_some(), delay_table };
    ProjectionSizes {
        name: p.name.clone(),
        from_input: p.from_input(),
        first_source: p.first_source,
        target: p.target,
        target_size: model.populations[p.target].size,
        rows: p.synapses.row_start.windows(2).map(|w| (w[1] - w[0]) as u32).collect(),
        weight_table: matches!(p.synapses.weights, SynapseWeights::Table { .. }),
        delay_table,
        learned: model.plastic.of(index).map(learned),
    }
}
