//! The plan of a simulation, made from its description alone: no device, and not a synapse drawn.

use limnos_spec::connect::Weights;
use limnos_spec::{Delays, Distribution, Endpoint, Layout, Network, Outline, PlasticProjection, Projection, Values};

use crate::cpu::table_blocks;
use crate::gpu::plan::{
    GpuPlan, InputSizes, LearnedSizes, LearningSizes, Limits, PopulationSizes, ProjectionSizes, Regime, Sizes,
};
use crate::{EngineError, Observe, RunOptions};

/// What a simulation will hold in memory, by buffer, and on a GPU what it will dispatch.
///
/// Where delays are drawn without bounds the delay ring is counted as long as it can be.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Plan {
    buffers: Vec<(String, u64)>,
    gpu: Option<GpuPlan>,
}

impl Plan {
    /// Plans for the CPU device with so many threads.
    ///
    /// # Errors
    /// [`EngineError::Spec`] where the description is wrong.
    pub fn cpu(network: &Network, options: &RunOptions, threads: usize) -> Result<Self, EngineError> {
        let sizes = sizes(network)?;
        let mut buffers = Vec::new();
        for projection in &sizes.projections {
            buffers.push((format!("synapses of {}", projection.name), table_bytes(projection, threads)));
        }
        for (projection, description) in sizes.projections.iter().zip(network.projections()) {
            if description.plasticity.is_some() {
                buffers.push((format!("columns of {}", projection.name), column_bytes(projection, threads)));
            }
        }
        let (layout, batch) = (sizes.layout, options.batch.max(1) as u64);
        for (projection, description) in sizes.projections.iter().zip(network.projections()) {
            if description.plasticity.is_some() || description.filter.is_some() {
                buffers.push((
                    format!("weights of {}", projection.name),
                    batch.saturating_add(1).saturating_mul(4 * projection.synapses()),
                ));
            }
        }
        buffers.extend(states(&layout, options, sizes.populations.len() as u64));
        Ok(Self { buffers, gpu: None })
    }

    /// Plans for a GPU with these limits and workgroups of so many invocations.
    ///
    /// # Errors
    /// [`EngineError::Spec`] where the description is wrong, [`EngineError::Limit`] where it does not fit.
    pub fn gpu(network: &Network, options: &RunOptions, limits: &Limits, workgroup: u32) -> Result<Self, EngineError> {
        Self::gpu_in_regime(None, network, options, limits, workgroup)
    }

    /// The same in a regime; `None`: in the one that suits it.
    ///
    /// # Errors
    /// As [`Plan::gpu`]; [`EngineError::Invalid`] for a regime that cannot serve the batch.
    pub fn gpu_in_regime(
        regime: Option<Regime>,
        network: &Network,
        options: &RunOptions,
        limits: &Limits,
        workgroup: u32,
    ) -> Result<Self, EngineError> {
        let plan = GpuPlan::chosen(regime, &sizes(network)?, options, limits, workgroup)?;
        Ok(Self { buffers: plan.memory(), gpu: Some(plan) })
    }

    /// Bytes of each buffer.
    #[must_use]
    pub fn memory(&self) -> &[(String, u64)] {
        &self.buffers
    }

    /// Bytes of all buffers.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        total(&self.buffers)
    }

    /// Shards and dispatches of a plan for a GPU.
    #[must_use]
    pub const fn on_gpu(&self) -> Option<&GpuPlan> {
        self.gpu.as_ref()
    }
}

/// Bytes of a projection's rows as the CPU device stores them: 16-bit targets, row starts once a block of targets.
fn table_bytes(projection: &ProjectionSizes, threads: usize) -> u64 {
    let synapse = 2 + if projection.weight_table { 2 } else { 0 } + u64::from(projection.delay_table);
    let rows = 4 * (projection.rows.len() as u64 + 1);
    synapse * projection.synapses() + rows * table_blocks(projection.target_size, threads) as u64
}

/// Bytes of the index by target that a plastic projection has beside its rows.
fn column_bytes(projection: &ProjectionSizes, threads: usize) -> u64 {
    let starts = projection.target_size + table_blocks(projection.target_size, threads);
    8 * projection.synapses() + 8 * starts as u64
}

fn total(buffers: &[(String, u64)]) -> u64 {
    buffers.iter().fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
}

/// Bytes of the states and recordings of all samples.
pub(crate) fn state_bytes(layout: &Layout, options: &RunOptions, populations: u64) -> u64 {
    total(&states(layout, options, populations))
}

fn states(layout: &Layout, options: &RunOptions, populations: u64) -> Vec<(String, u64)> {
    let (cells, batch) = (layout.cells as u64, options.batch.max(1) as u64);
    let field = batch.saturating_mul(4 * cells);
    let mut buffers = vec![
        ("state".to_owned(), field.saturating_mul(layout.fields as u64)),
        ("delay ring".to_owned(), field.saturating_mul((layout.ring_slots * layout.receptors) as u64)),
    ];
    buffers.extend(recordings(&options.observe, cells, batch, populations));
    buffers
}

fn recordings(observe: &Observe, cells: u64, batch: u64, populations: u64) -> Vec<(String, u64)> {
    let each =
        |name: &str, words: u64| (words > 0).then(|| (name.to_owned(), batch.saturating_mul(4).saturating_mul(words)));
    let steps = |room: Option<u32>| u64::from(room.unwrap_or(0));
    let traces = observe.traces.as_ref().map_or(0, |t| cells * (1 + t.at_steps.len() as u64));
    let potentials = observe.potentials.as_ref().map_or(0, |p| u64::from(p.steps) * p.neurons.len() as u64);
    [
        each("spike counts", observe.counts.map_or(0, |c| u64::from(c.windows) * cells)),
        each("recorded spikes", steps(observe.spikes) * cells / 32),
        each("traces", traces),
        each("recorded potentials", potentials),
        each("population rates", steps(observe.rates) * populations),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn sizes(network: &Network) -> Result<Sizes, EngineError> {
    let outline = Outline::new(network)?;
    let populations = outline.populations.iter().map(|p| PopulationSizes {
        size: p.size,
        varied: p.constants.all().iter().filter(|v| matches!(v, Values::Each(_))).count(),
        drive_words: p.drive.table_words(),
        noise: p.drive.draws(),
    });
    let inputs = outline.inputs.iter().map(|i| InputSizes { size: i.size, source: i.thresholds.is_some() });
    let projections = network.projections().iter().zip(&outline.rows).enumerate();
    Ok(Sizes {
        layout: outline.layout,
        populations: populations.collect(),
        inputs: inputs.collect(),
        projections: projections.map(|(i, (p, rows))| projection(network, &outline, i, p, rows)).collect(),
        learning: LearningSizes::of(&outline.plastic),
    })
}

fn projection(network: &Network, outline: &Outline, index: usize, p: &Projection, rows: &[u32]) -> ProjectionSizes {
    let target = p.target.index();
    let inhibitory = |id: limnos_spec::PopulationId| network.populations()[id.index()].inhibitory();
    let delay_table =
        !matches!(&p.delays, None | Some(Delays::Steps(_) | Delays::Milliseconds(Distribution::Constant(_))));
    let learned = |l: &PlasticProjection| LearnedSizes { line: l.line, rule: l.rule.is_some(), delay_table };
    ProjectionSizes {
        name: network.projection_name(index),
        from_input: matches!(p.source, Endpoint::Input(_)),
        first_source: match p.source {
            Endpoint::Population(id) => outline.populations[id.index()].first,
            Endpoint::Input(id) => outline.inputs[id.index()].first,
        },
        target,
        target_size: outline.populations[target].size,
        rows: rows.to_vec(),
        // Weights of a sample's own are counted apart.
        weight_table: match &p.weights {
            _ if p.plasticity.is_some() || p.filter.is_some() => false,
            Weights::Drawn(of) => of.constant().is_none(),
            Weights::Signed(_) => true,
            Weights::Dale { exc, inh } => {
                let mixed = match p.source {
                    Endpoint::Population(id) => !inhibitory(id).is_empty(),
                    Endpoint::Input(_) => false,
                };
                mixed || exc.constant().is_none() || inh.constant().is_none()
            }
        },
        delay_table,
        learned: outline.plastic.of(index).map(learned),
    }
}
