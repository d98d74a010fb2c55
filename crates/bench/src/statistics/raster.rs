//! All spikes of a run, by neuron.

use limnos_engine::{Device, EngineError, Observe, RunOptions, Simulation};
use limnos_spec::Model;

use super::plastic_weights;
use crate::workload::Workload;

/// Steps that are recorded before they are read.
const CHUNK: u32 = 1000;

/// The steps at which each neuron spikes, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raster {
    rows: Vec<Vec<u32>>,
}

impl Raster {
    /// From the ascending spike steps of each neuron.
    #[must_use]
    pub const fn new(rows: Vec<Vec<u32>>) -> Self {
        Self { rows }
    }

    /// The spike steps of each neuron.
    #[must_use]
    pub fn rows(&self) -> &[Vec<u32>] {
        &self.rows
    }

    /// The spikes of `steps` steps from `first` on, counted from `first`.
    #[must_use]
    pub fn window(&self, first: u32, steps: u32) -> Self {
        let inside = |row: &Vec<u32>| {
            let from = row.partition_point(|&s| s < first);
            let to = row.partition_point(|&s| s < first + steps);
            row[from..to].iter().map(|s| s - first).collect()
        };
        Self { rows: self.rows.iter().map(inside).collect() }
    }

    /// Appends recorded spikes `[step][word]` of one sample, the first of which is of step `first`.
    fn push(&mut self, model: &Model, bits: &[u32], first: u32) {
        for (step, row) in (first..).zip(bits.chunks_exact(model.layout.cells / 32)) {
            let mut base = 0;
            for population in &model.populations {
                for (k, &word) in row[population.first / 32..][..population.size.div_ceil(32)].iter().enumerate() {
                    for bit in (0..32).filter(|b| word >> b & 1 == 1) {
                        self.rows[base + 32 * k + bit].push(step);
                    }
                }
                base += population.size;
            }
        }
    }
}

/// What a run gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simulated {
    /// All spikes, populations one after another.
    pub raster: Raster,
    /// Plastic weights at the end, mV.
    pub weights: Vec<f64>,
}

/// Runs `steps` steps of one sample of a workload.
///
/// # Errors
/// What the network's description, the device or the run say.
pub fn simulate(
    device: &Device,
    workload: &dyn Workload,
    steps: u32,
    tell: &mut dyn FnMut(u32),
) -> Result<Simulated, EngineError> {
    let network = workload.network();
    let options =
        RunOptions { batch: 1, first_sample: 0, observe: Observe { spikes: Some(CHUNK), ..Observe::default() } };
    let mut simulation = Simulation::new(device, &network, options)?;
    workload.feed(&network, &mut simulation, 0)?;
    let mut raster = Raster::new(vec![Vec::new(); simulation.model().neurons()]);
    for first in (0..steps).step_by(CHUNK as usize) {
        simulation.run(CHUNK.min(steps - first))?;
        let bits = simulation.spike_bits_recorded()?;
        raster.push(simulation.model(), &bits, first);
        simulation.clear_recordings()?;
        tell(steps.min(first.saturating_add(CHUNK)));
    }
    Ok(Simulated { raster, weights: plastic_weights(&mut simulation)? })
}
