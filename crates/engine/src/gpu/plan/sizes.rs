//! What a plan depends on: sizes and row lengths, without weights, so that memory is known before a synapse is drawn.

use limnos_spec::connect::{SynapseDelays, SynapseWeights};
use limnos_spec::{DriveModel, Layout, Model, PopulationModel, ProjectionModel, Values};

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
            projections: model.projections.iter().map(|p| projection(model, p)).collect(),
        }
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

fn projection(model: &Model, p: &ProjectionModel) -> ProjectionSizes {
    ProjectionSizes {
        name: p.name.clone(),
        from_input: p.from_input(),
        first_source: p.first_source,
        target: p.target,
        target_size: model.populations[p.target].size,
        rows: p.synapses.row_start.windows(2).map(|w| (w[1] - w[0]) as u32).collect(),
        weight_table: matches!(p.synapses.weights, SynapseWeights::Table { .. }),
        delay_table: matches!(p.synapses.delays, SynapseDelays::Table(_)),
    }
}
