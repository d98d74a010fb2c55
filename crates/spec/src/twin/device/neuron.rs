//! What a neuron's step reads from the tables of its population, and its state: the twin of `parts/neuron.wgsl`.

use super::layout::{DRIVE_CONSTANT, DRIVE_NORMAL, DRIVE_POISSON, PopulationEntry};
use crate::model::NeuronFlags;
use crate::rng::{self, Purpose};
use crate::twin::lif::{self, LifConstants, LifInput, LifState};
use crate::twin::neuron_step::interpolate;

/// The tables of the neuron kernels, as their buffers hold them.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// Populations.
    pub populations: &'a [PopulationEntry],
    /// Population of each block of 64 cells, then constants and drives.
    pub tables: &'a [i32],
    /// Fed currents.
    pub currents: &'a [i32],
    /// The seed's key.
    pub key: [u32; 2],
}

impl Tables<'_> {
    /// The population of a cell.
    #[must_use]
    pub fn population(&self, cell: usize) -> &PopulationEntry {
        &self.populations[self.tables[cell / crate::ALIGN] as usize]
    }

    fn constant(&self, p: &PopulationEntry, k: u32, i: u32) -> i32 {
        let rank = (p.varied & ((1 << k) - 1)).count_ones();
        let at = if p.varied >> k & 1 == 1 { p.each + rank * p.size + i } else { p.same + k };
        self.tables[at as usize]
    }

    fn constants(&self, p: &PopulationEntry, i: u32) -> LifConstants {
        let c = |k| self.constant(p, k, i);
        let mut constants = LifConstants {
            decay: c(0),
            thresh: c(1),
            reset: c(2),
            offset: c(3),
            refractory: c(4),
            gain: c(5),
            ..LifConstants::default()
        };
        if flags(p).exponential {
            (constants.decay_exc, constants.decay_inh, constants.gain_exc, constants.gain_inh) =
                (c(6), c(7), c(8), c(9));
        }
        if flags(p).adaptive {
            (constants.decay_theta, constants.delta_theta) = (c(10), c(11));
            (constants.decay_w, constants.delta_w, constants.gain_w) = (c(12), c(13), c(14));
        }
        constants
    }

    /// What the drive adds to neuron `i` of a population in a step.
    #[must_use]
    pub fn drive_amount(&self, p: &PopulationEntry, i: u32, step: u32, sample: u32) -> i32 {
        let draw = || rng::word(rng::stream(Purpose::Drive, p.index, 0), i, step, sample, self.key);
        let table = |length: u32| &self.tables[p.drive as usize..(p.drive + length) as usize];
        match p.drive_kind {
            DRIVE_CONSTANT => p.drive_weight,
            DRIVE_POISSON => {
                let u = draw();
                let events = table(p.drive_length).iter().filter(|&&threshold| u >= threshold as u32).count();
                p.drive_weight.wrapping_mul((p.drive_base + events as u32) as i32)
            }
            DRIVE_NORMAL => interpolate(table(p.drive_length), draw()),
            _ => 0,
        }
    }

    fn fed_current(&self, p: &PopulationEntry, i: u32, sample: u32, now: u32) -> i32 {
        let row = if p.current_rows == 1 { 0 } else { now.wrapping_sub(p.current_start) };
        if row >= p.current_rows {
            return 0;
        }
        self.currents[(p.current + sample * p.current_stride + row * p.size + i) as usize]
    }

    /// One step of neuron `i` of a population: its new state and whether it spiked. `due` are the sums of its receptors; `lane` is the
    /// sample within the batch that starts at `first_sample`.
    #[must_use]
    pub fn step(
        &self,
        p: &PopulationEntry,
        i: u32,
        (now, first_sample, lane): (u32, u32, u32),
        state: LifState,
        due: [i32; 2],
    ) -> (LifState, bool) {
        let amount = self.drive_amount(p, i, now, first_sample.wrapping_add(lane));
        let inhibits = p.drive_kind == DRIVE_POISSON && p.drive_weight < 0 && flags(p).exponential;
        let (exc, inh) = if inhibits { (0, amount) } else { (amount, 0) };
        let input = LifInput {
            exc: due[0].wrapping_add(exc),
            inh: due[1].wrapping_add(inh),
            current: self.fed_current(p, i, lane, now),
        };
        lif_step(flags(p), state, self.constants(p, i), input)
    }
}

/// The flags whose bits an entry holds.
#[must_use]
pub const fn flags(p: &PopulationEntry) -> NeuronFlags {
    NeuronFlags {
        exponential: p.flags & 1 != 0,
        adaptive: p.flags & 2 != 0,
        subtract: p.flags & 4 != 0,
        clamp: p.flags & 8 != 0,
        saturate: p.flags & 16 != 0,
    }
}

/// [`lif::step`] with the variant chosen by flags.
#[must_use]
pub fn lif_step(f: NeuronFlags, s: LifState, c: LifConstants, input: LifInput) -> (LifState, bool) {
    let step = match (f.exponential, f.adaptive, f.saturate) {
        (false, false, false) => lif::step::<false, false, false>,
        (true, false, false) => lif::step::<true, false, false>,
        (false, true, false) => lif::step::<false, true, false>,
        (true, true, false) => lif::step::<true, true, false>,
        (false, false, true) => lif::step::<false, false, true>,
        (true, false, true) => lif::step::<true, false, true>,
        (false, true, true) => lif::step::<false, true, true>,
        (true, true, true) => lif::step::<true, true, true>,
    };
    step(s, c, f.subtract, f.clamp, input)
}

/// The state of one neuron out of `[field][pitch]` words; fields that its variant does not use are 0.
#[must_use]
pub fn load(state: &[i32], pitch: usize, at: usize, f: NeuronFlags) -> LifState {
    let field = |k: usize, used: bool| if used { state[k * pitch + at] } else { 0 };
    LifState {
        v: field(0, true),
        refractory: field(1, true),
        i_exc: field(2, f.exponential),
        i_inh: field(3, f.exponential),
        theta: field(4, f.adaptive),
        w: field(5, f.adaptive),
    }
}

/// Puts the fields that a variant uses back.
pub fn store(state: &mut [i32], pitch: usize, at: usize, f: NeuronFlags, s: LifState) {
    state[at] = s.v;
    state[pitch + at] = s.refractory;
    if f.exponential {
        state[2 * pitch + at] = s.i_exc;
        state[3 * pitch + at] = s.i_inh;
    }
    if f.adaptive {
        state[4 * pitch + at] = s.theta;
        state[5 * pitch + at] = s.w;
    }
}
