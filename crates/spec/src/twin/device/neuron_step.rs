//! One step of all neurons: the twin of `kernels/neuron_step.wgsl`.

use super::layout::{Clock, Geometry};
use super::neuron::{Tables, flags, load, store};

/// What the kernel changes.
#[derive(Debug)]
pub struct Outputs<'a> {
    /// `[field][cell]`
    pub state: &'a mut [i32],
    /// `[slot][receptor][cell]`; what is due is left at zero.
    pub ring: &'a mut [i32],
    /// 32 cells a word.
    pub spikes: &'a mut [u32],
    /// Number of spikes, then their cells.
    pub list: &'a mut [u32],
}

/// One step of every cell that is not padding.
pub fn neuron_step(geometry: &Geometry, clock: &Clock, tables: &Tables<'_>, out: &mut Outputs<'_>) {
    let cells = geometry.cells as usize;
    out.spikes.fill(0);
    for cell in 0..cells {
        let p = tables.population(cell);
        let i = cell as u32 - p.first;
        if i >= p.size {
            continue;
        }
        let before = load(out.state, cells, cell, flags(p));
        let due = take(geometry, clock, out.ring, cell);
        let (state, fired) = tables.step(p, i, (clock.step, clock.first_sample, 0), before, due);
        store(out.state, cells, cell, flags(p), state);
        if fired {
            out.spikes[cell / 32] |= 1 << (cell % 32);
            out.list[0] += 1;
            out.list[out.list[0] as usize] = cell as u32;
        }
    }
}

fn take(geometry: &Geometry, clock: &Clock, ring: &mut [i32], cell: usize) -> [i32; 2] {
    let (cells, receptors) = (geometry.cells as usize, geometry.receptors as usize);
    let slot = (clock.step % geometry.ring_slots) as usize;
    let mut due = [0; 2];
    for (receptor, due) in due.iter_mut().take(receptors).enumerate() {
        *due = std::mem::take(&mut ring[(slot * receptors + receptor) * cells + cell]);
    }
    due
}
