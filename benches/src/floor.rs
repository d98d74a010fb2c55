//! The least time that a workload's bytes and operations need on this processor.

use limnos_bench::measure::{Outcome, Run};
use limnos_bench::workload::Workload;
use limnos_engine::EngineError;
use limnos_spec::{DriveModel, Model};
use serde::Serialize;

use crate::machine;

/// Integer operations of a random word: ten rounds of two wide products, four xors and two additions for four words.
const WORD: f64 = 25.0;
/// Integer operations of a neuron with delta synapses: product in halves, shift, rounding, sum, comparison, reset, refractory count.
const NEURON: f64 = 12.0;
/// More with exponential synapses: two decays, two gains.
const CURRENTS: f64 = 16.0;

/// What the timed steps of a run move and compute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Bytes read and written: state and ring once a step and neuron, index and accumulator once a delivery.
    pub bytes: f64,
    /// Bytes that are touched again and again.
    pub working_set: usize,
    /// Integer operations that vector registers can do.
    pub operations: f64,
    /// Additions to an accumulator chosen by an index, and how many accumulators there are.
    pub deliveries: f64,
    /// Accumulators of a sample.
    pub accumulators: usize,
    /// Weights that spikes of sources change, and as many that spikes of targets change: the former lie side by side.
    pub changes: [f64; 2],
    /// Plastic weights of a sample.
    pub weights: usize,
}

/// Bytes that a change moves: weight to and fro with a target's index and change by row, with a synapse's and a source's index by column.
const CHANGE_BYTES: [f64; 2] = [4.0 + 4.0 + 2.0 + 4.0, 4.0 + 4.0 + 4.0 + 4.0];

/// The time for it, measured rates in hand.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Floor {
    /// Seconds to move the bytes at the bandwidth of the working set.
    pub bytes_s: f64,
    /// Seconds for the vector operations.
    pub operations_s: f64,
    /// Seconds for the deliveries.
    pub deliveries_s: f64,
    /// Seconds for changes of weights: by rows as deliveries, by columns as additions scattered over them.
    pub changes_s: f64,
    /// The larger of the bytes and of the others together.
    pub seconds: f64,
    /// Bytes a second, copying a buffer of the working set's size.
    pub bandwidth: f64,
}

impl Work {
    /// The work of a run.
    ///
    /// # Errors
    /// What the description of the network says.
    pub fn new(workload: &dyn Workload, run: &Run, outcome: &Outcome) -> Result<Self, EngineError> {
        let model = Model::new(&workload.network())?;
        let layout = model.layout;
        let updates = f64::from(run.steps) * run.batch as f64;
        let state = 4 * layout.cells * (layout.fields + layout.receptors);
        let ring = 4 * layout.cells * layout.receptors * layout.ring_slots;
        let synapses = outcome.bytes_per_synapse * outcome.synapses as f64;
        let changes = changes(&model, outcome);
        let by_change: f64 = changes.iter().zip(CHANGE_BYTES).map(|(n, bytes)| n * bytes).sum();
        let weights = model.projections.iter().filter_map(|p| p.plastic.as_ref()).map(|w| w.initial.len()).sum();
        Ok(Self {
            bytes: 2.0 * updates * state as f64 + outcome.events * (outcome.bytes_per_synapse + 8.0) + by_change,
            working_set: synapses as usize + ring + 4 * layout.cells * layout.fields,
            operations: updates * step_operations(&model),
            deliveries: outcome.events,
            accumulators: layout.cells,
            changes,
            weights,
        })
    }

    /// The time for it with so many threads. Takes about a second, to measure the machine.
    #[must_use]
    pub fn floor(&self, threads: usize) -> Floor {
        let bandwidth = machine::bandwidth(self.working_set, threads);
        let bytes_s = self.bytes / bandwidth;
        let operations_s = self.operations / machine::operations(threads);
        let deliveries_s = self.deliveries / machine::deliveries(self.accumulators, threads);
        let changes_s = self.changes_s(threads);
        Floor::new(bytes_s, operations_s, deliveries_s, changes_s, bandwidth)
    }
}

impl Floor {
    /// From its parts, to the microsecond.
    pub(crate) fn new(bytes_s: f64, operations_s: f64, deliveries_s: f64, changes_s: f64, bandwidth: f64) -> Self {
        let seconds = bytes_s.max(operations_s + deliveries_s + changes_s);
        let [bytes_s, operations_s, deliveries_s, changes_s, seconds] =
            [bytes_s, operations_s, deliveries_s, changes_s, seconds].map(|s| (1e6 * s).round() / 1e6);
        Self { bytes_s, operations_s, deliveries_s, changes_s, seconds, bandwidth: bandwidth.round() }
    }
}

impl Work {
    fn changes_s(&self, threads: usize) -> f64 {
        if self.weights == 0 {
            return 0.0;
        }
        let [rows, columns] = self.changes;
        rows / machine::deliveries(self.accumulators, threads) + columns / machine::scattered(self.weights, threads)
    }
}

/// Weights that spikes of sources and spikes of targets changed, all samples together.
fn changes(model: &Model, outcome: &Outcome) -> [f64; 2] {
    let spikes = outcome.counts.sum_axis(ndarray::Axis(0));
    let first = |population: usize| model.populations[..population].iter().map(|p| p.size).sum::<usize>();
    let of = |population: usize, unit: usize| f64::from(spikes[first(population) + unit]);
    let mut changes = [0.0; 2];
    for projection in model.projections.iter().filter(|p| p.plastic.is_some()) {
        let synapses = &projection.synapses;
        changes[1] += synapses.targets.iter().map(|&t| of(projection.target, t as usize)).sum::<f64>();
        if let limnos_spec::Endpoint::Population(source) = projection.source {
            let rows = synapses.row_start.windows(2).enumerate();
            changes[0] += rows.map(|(unit, row)| of(source.index(), unit) * (row[1] - row[0]) as f64).sum::<f64>();
        }
    }
    changes
}

/// Vector operations of one step of one sample.
fn step_operations(model: &Model) -> f64 {
    let neuron = NEURON + if model.layout.receptors == 2 { CURRENTS } else { 0.0 };
    let populations = model.populations.iter().map(|p| p.size as f64 * (neuron + drive_operations(&p.drive)));
    let channels = model.inputs.iter().map(|i| i.size as f64 * (WORD + 1.0));
    populations.chain(channels).sum()
}

fn drive_operations(drive: &DriveModel) -> f64 {
    match drive {
        DriveModel::None => 0.0,
        DriveModel::Constant(_) => 1.0,
        DriveModel::Poisson { thresholds, .. } => WORD + 2.0 * thresholds.len() as f64 + 1.0,
        DriveModel::Normal { .. } => WORD + 8.0,
    }
}
