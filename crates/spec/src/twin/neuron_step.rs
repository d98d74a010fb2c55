//! One step of a population's neurons: the twin of `kernels/neuron_step.wgsl`, 64 cells at a time so that the compiler can use
//! vector registers.

use super::lif::{self, LifConstants, LifInput, LifState};
use crate::fixed::mul_q31;
use crate::model::{DriveModel, NeuronFlags, PopulationModel, Values};
use crate::rng::{self, BLOCK, Purpose};

/// Constants of a population, padded to whole blocks of 64 neurons.
#[derive(Clone, Debug)]
pub struct PaddedConstants {
    uniform: Option<LifConstants>,
    each: Vec<LifConstants>,
}

impl PaddedConstants {
    /// The constants of `population`; padding neurons have an unreachable threshold.
    #[must_use]
    pub fn new(population: &PopulationModel) -> Self {
        let all = population.constants.all();
        let of = |i: usize| LifConstants::from_array(all.map(|values| values.get(i)));
        if all.iter().all(|values| matches!(values, Values::Same(_))) {
            return Self { uniform: Some(of(0)), each: Vec::new() };
        }
        let padding = LifConstants { thresh: i32::MAX, ..LifConstants::default() };
        let mut each: Vec<_> = (0..population.size).map(of).collect();
        each.resize(population.size.next_multiple_of(BLOCK), padding);
        Self { uniform: None, each }
    }
}

/// What the noise of a step is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct DriveDraw {
    /// Index of the population.
    pub population: u32,
    /// Step.
    pub step: u32,
    /// Sample.
    pub sample: u32,
    /// The seed's key.
    pub key: [u32; 2],
}

/// A part of a population, a whole number of blocks of 64 cells. State slices of fields that the network does not have are empty.
#[derive(Debug)]
pub struct Segment<'a> {
    /// First neuron, counted within the population.
    pub first: usize,
    /// Neurons in the population (cells beyond are padding).
    pub size: usize,
    /// State by field; see [`crate::FIELDS`].
    pub state: [&'a mut [i32]; 6],
    /// What is due in this step, excitatory (or all); left at zero.
    pub exc: &'a mut [i32],
    /// What is due in this step, inhibitory; left at zero; empty with one receptor.
    pub inh: &'a mut [i32],
    /// Currents fed from outside, from neuron `first` on; empty without.
    pub currents: &'a [i32],
    /// Spikes out: bit i of word k is neuron `first + 64 k + i`.
    pub spikes: &'a mut [u64],
}

/// One step of a segment.
#[inline(always)]
pub fn segment(
    s: &mut Segment<'_>,
    flags: NeuronFlags,
    constants: &PaddedConstants,
    drive: &DriveModel,
    draw: DriveDraw,
) {
    match (flags.exponential, flags.adaptive, flags.saturate) {
        (false, false, false) => variant::<false, false, false>(s, flags, constants, drive, draw),
        (true, false, false) => variant::<true, false, false>(s, flags, constants, drive, draw),
        (false, true, false) => variant::<false, true, false>(s, flags, constants, drive, draw),
        (true, true, false) => variant::<true, true, false>(s, flags, constants, drive, draw),
        (false, false, true) => variant::<false, false, true>(s, flags, constants, drive, draw),
        (true, false, true) => variant::<true, false, true>(s, flags, constants, drive, draw),
        (false, true, true) => variant::<false, true, true>(s, flags, constants, drive, draw),
        (true, true, true) => variant::<true, true, true>(s, flags, constants, drive, draw),
    }
}

#[inline(always)]
fn variant<const EXPONENTIAL: bool, const ADAPTIVE: bool, const SATURATE: bool>(
    s: &mut Segment<'_>,
    flags: NeuronFlags,
    constants: &PaddedConstants,
    drive: &DriveModel,
    draw: DriveDraw,
) {
    for block in 0..s.spikes.len() {
        let at = block * BLOCK;
        let input = gather(s, at, drive_amounts(drive, draw, s.first + at), drive_inhibits(drive) && EXPONENTIAL);
        let mut fired = [0u8; BLOCK];
        let mut state = load::<EXPONENTIAL, ADAPTIVE>(s, at);
        match constants.uniform {
            Some(c) => {
                for (i, fired) in fired.iter_mut().enumerate() {
                    let (next, spike) = lif::step::<EXPONENTIAL, ADAPTIVE, SATURATE>(
                        state.get(i),
                        c,
                        flags.subtract,
                        flags.clamp,
                        input.get(i),
                    );
                    state.set(i, next);
                    *fired = u8::from(spike);
                }
            }
            None => {
                let each = &constants.each[s.first + at..][..BLOCK];
                for i in 0..BLOCK {
                    let (next, spike) = lif::step::<EXPONENTIAL, ADAPTIVE, SATURATE>(
                        state.get(i),
                        each[i],
                        flags.subtract,
                        flags.clamp,
                        input.get(i),
                    );
                    state.set(i, next);
                    fired[i] = u8::from(spike);
                }
            }
        }
        store::<EXPONENTIAL, ADAPTIVE>(s, at, &state);
        s.spikes[block] = mask(&fired) & real_cells(s.size - s.first - at);
    }
}

/// State of 64 cells by field.
#[repr(align(64))]
struct Block {
    fields: [[i32; BLOCK]; 6],
}

impl Block {
    #[inline(always)]
    const fn get(&self, i: usize) -> LifState {
        let f = &self.fields;
        LifState { v: f[0][i], refractory: f[1][i], i_exc: f[2][i], i_inh: f[3][i], theta: f[4][i], w: f[5][i] }
    }

    #[inline(always)]
    const fn set(&mut self, i: usize, s: LifState) {
        let f = &mut self.fields;
        f[0][i] = s.v;
        f[1][i] = s.refractory;
        f[2][i] = s.i_exc;
        f[3][i] = s.i_inh;
        f[4][i] = s.theta;
        f[5][i] = s.w;
    }
}

const fn used<const EXPONENTIAL: bool, const ADAPTIVE: bool>(field: usize) -> bool {
    field < 2 || (field < 4 && EXPONENTIAL) || (field >= 4 && ADAPTIVE)
}

#[inline(always)]
fn load<const EXPONENTIAL: bool, const ADAPTIVE: bool>(s: &Segment<'_>, at: usize) -> Block {
    let mut block = Block { fields: [[0; BLOCK]; 6] };
    for field in (0..6).filter(|&f| used::<EXPONENTIAL, ADAPTIVE>(f)) {
        block.fields[field].copy_from_slice(&s.state[field][at..at + BLOCK]);
    }
    block
}

#[inline(always)]
fn store<const EXPONENTIAL: bool, const ADAPTIVE: bool>(s: &mut Segment<'_>, at: usize, block: &Block) {
    for field in (0..6).filter(|&f| used::<EXPONENTIAL, ADAPTIVE>(f)) {
        s.state[field][at..at + BLOCK].copy_from_slice(&block.fields[field]);
    }
}

/// What reaches 64 cells in one step, by kind: each kind fills vector registers. Aligned, for what crosses a cache line is slow.
#[repr(align(64))]
struct Inputs {
    exc: [i32; BLOCK],
    inh: [i32; BLOCK],
    current: [i32; BLOCK],
}

impl Inputs {
    #[inline(always)]
    const fn get(&self, i: usize) -> LifInput {
        LifInput { exc: self.exc[i], inh: self.inh[i], current: self.current[i] }
    }
}

/// Takes what is due at 64 cells, adds the drive, and leaves the accumulators at zero.
#[inline(always)]
fn gather(s: &mut Segment<'_>, at: usize, drive: [i32; BLOCK], drive_inhibits: bool) -> Inputs {
    let mut input = Inputs { exc: [0; BLOCK], inh: [0; BLOCK], current: [0; BLOCK] };
    take(&mut s.exc[at..at + BLOCK], &mut input.exc);
    if !s.inh.is_empty() {
        take(&mut s.inh[at..at + BLOCK], &mut input.inh);
    }
    let driven = if drive_inhibits { &mut input.inh } else { &mut input.exc };
    for i in 0..BLOCK {
        driven[i] = driven[i].wrapping_add(drive[i]);
    }
    if let Some(currents) = s.currents.get(at..) {
        let count = currents.len().min(BLOCK);
        input.current[..count].copy_from_slice(&currents[..count]);
    }
    input
}

#[inline(always)]
fn take(due: &mut [i32], input: &mut [i32; BLOCK]) {
    input.copy_from_slice(due);
    due.fill(0);
}

/// Whether a drive's events have inhibitory weight, and so go to the inhibitory current.
#[must_use]
pub const fn drive_inhibits(drive: &DriveModel) -> bool {
    matches!(drive, DriveModel::Poisson { weight, .. } if *weight < 0)
}

/// The drive of 64 neurons from neuron `first` (a multiple of 64) of its population.
#[inline(always)]
#[must_use]
pub fn drive_amounts(drive: &DriveModel, draw: DriveDraw, first: usize) -> [i32; BLOCK] {
    let mut amounts = [0; BLOCK];
    match drive {
        DriveModel::None => {}
        DriveModel::Constant(amount) => amounts = [*amount; BLOCK],
        DriveModel::Poisson { weight, base, thresholds } => {
            let words = drive_words(draw, first);
            let mut events = [*base; BLOCK];
            for &threshold in thresholds {
                for i in 0..BLOCK {
                    events[i] += u32::from(words[i] >= threshold);
                }
            }
            for i in 0..BLOCK {
                amounts[i] = weight.wrapping_mul(events[i] as i32);
            }
        }
        DriveModel::Normal { quantiles } => {
            let words = drive_words(draw, first);
            for i in 0..BLOCK {
                amounts[i] = interpolate(quantiles, words[i]);
            }
        }
    }
    amounts
}

#[inline(always)]
fn drive_words(draw: DriveDraw, first: usize) -> [u32; BLOCK] {
    let mut words = [0; BLOCK];
    let stream = rng::stream(Purpose::Drive, draw.population, 0);
    rng::fill_words(&mut words, stream, first as u32, draw.step, draw.sample, draw.key);
    words
}

/// The normal number that the uniform word `u` stands for (see [`DriveModel::Normal`]).
#[inline(always)]
#[must_use]
pub fn interpolate(quantiles: &[i32], u: u32) -> i32 {
    let k = (u >> 20) as usize;
    let fraction = ((u & 0xF_FFFF) << 11) as i32;
    quantiles[k] + mul_q31(quantiles[k + 1] - quantiles[k], fraction)
}

/// Packs 64 bytes of 0 or 1 into a word, byte i into bit i: eight bytes at a time by a multiplication that moves each to the top.
#[inline(always)]
#[must_use]
pub fn mask(bytes: &[u8; BLOCK]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    let mut word = 0;
    for (k, &eight) in eights.iter().enumerate() {
        word |= (u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * k);
    }
    word
}

/// The mask of the cells that are not padding when `left` neurons are left.
#[inline(always)]
const fn real_cells(left: usize) -> u64 {
    if left >= BLOCK { u64::MAX } else { (1 << left) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mask_packs_every_byte_into_its_bit() {
        for bit in 0..64 {
            let mut bytes = [0; BLOCK];
            bytes[bit] = 1;
            assert_eq!(mask(&bytes), 1 << bit);
        }
        assert_eq!(mask(&[1; BLOCK]), u64::MAX);
    }
}
