//! Spike counts of every cell, gathered between the pieces of a run.

use limnos_engine::{EngineError, Simulation};
use limnos_spec::{Model, PopulationId};
use ndarray::Array2;

/// Spikes of each cell since the last clearing, `[sample][cell]`.
#[derive(Debug)]
pub struct CellCounts {
    cells: usize,
    counts: Vec<u32>,
}

impl CellCounts {
    /// Nothing counted yet.
    pub fn new(model: &Model, batch: usize) -> Self {
        Self { cells: model.layout.cells, counts: vec![0; model.layout.cells * batch] }
    }

    /// Back to nothing.
    pub fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// Adds recorded spikes `[step][sample][word]`.
    pub fn add_bits(&mut self, bits: &[u32]) {
        for step in bits.chunks_exact(self.counts.len() / 32) {
            for (word, cells) in step.iter().zip(self.counts.chunks_exact_mut(32)) {
                let mut rest = *word;
                while rest != 0 {
                    cells[rest.trailing_zeros() as usize] += 1;
                    rest &= rest - 1;
                }
            }
        }
    }

    /// Adds what the simulation counted itself.
    pub fn add_counted(
        &mut self,
        simulation: &mut Simulation,
        populations: &[PopulationId],
    ) -> Result<(), EngineError> {
        for &id in populations {
            let first = simulation.model().populations[id.index()].first;
            for ((sample, _, neuron), count) in simulation.counts(id)?.indexed_iter() {
                self.counts[sample * self.cells + first + neuron] += count;
            }
        }
        Ok(())
    }

    /// Spikes in all.
    pub fn spikes(&self) -> u64 {
        self.counts.iter().map(|&c| u64::from(c)).sum()
    }

    /// Synapses that these spikes went through, inputs not counted.
    pub fn deliveries(&self, model: &Model) -> u64 {
        let degrees = out_degrees(model);
        let of = |sample: &[u32]| sample.iter().zip(&degrees).map(|(&c, d)| u64::from(c) * d).sum::<u64>();
        self.counts.chunks_exact(self.cells).map(of).sum()
    }

    /// `[sample][neuron]`, populations one after another without padding.
    pub fn neurons(&self, model: &Model) -> Array2<u32> {
        let cells: Vec<_> = model.populations.iter().flat_map(|p| p.cells()).collect();
        let batch = self.counts.len() / self.cells;
        Array2::from_shape_fn((batch, cells.len()), |(sample, i)| self.counts[sample * self.cells + cells[i]])
    }
}

/// Synapses that start from each cell.
fn out_degrees(model: &Model) -> Vec<u64> {
    let mut degrees = vec![0; model.layout.cells];
    for projection in model.projections.iter().filter(|p| !p.from_input()) {
        for (source, row) in projection.synapses.row_start.windows(2).enumerate() {
            degrees[projection.first_source + source] += (row[1] - row[0]) as u64;
        }
    }
    degrees
}
