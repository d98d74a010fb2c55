//! Constants and drives of all populations in one table, as `parts/neuron.wgsl` reads it.

use limnos_spec::twin::device::layout::{
    DRIVE_CONSTANT, DRIVE_NONE, DRIVE_NORMAL, DRIVE_POISSON, InputEntry, PopulationEntry,
};
use limnos_spec::{ALIGN, DriveModel, Model, PopulationModel, Values};

/// The populations' entries and the table: population of each block of 64 cells, then constants and drives.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) populations: Vec<PopulationEntry>,
    pub(super) words: Vec<i32>,
}

impl Tables {
    pub(super) fn new(model: &Model) -> Self {
        let blocks = blocks(model.populations.iter().map(|p| p.size));
        let mut words: Vec<i32> = blocks.into_iter().map(|population| population as i32).collect();
        let populations =
            model.populations.iter().enumerate().map(|(index, p)| entry(index as u32, p, &mut words)).collect();
        Self { populations, words }
    }
}

/// For each block of 64 the group that it belongs to, when groups of these sizes are laid out one after another.
pub(super) fn blocks(sizes: impl Iterator<Item = usize>) -> Vec<u32> {
    sizes.enumerate().flat_map(|(index, size)| std::iter::repeat_n(index as u32, size.div_ceil(ALIGN))).collect()
}

/// The inputs' entries, all silent.
pub(super) fn inputs(model: &Model) -> Vec<InputEntry> {
    let entry = |(index, input): (usize, &limnos_spec::InputModel)| InputEntry {
        first: input.first as u32,
        size: input.size as u32,
        index: index as u32,
        ..InputEntry::default()
    };
    model.inputs.iter().enumerate().map(entry).collect()
}

fn entry(index: u32, p: &PopulationModel, words: &mut Vec<i32>) -> PopulationEntry {
    let mut entry = PopulationEntry {
        first: p.first as u32,
        size: p.size as u32,
        index,
        flags: p.flags.bits(),
        same: words.len() as u32,
        ..PopulationEntry::default()
    };
    let constants = p.constants.all();
    words.extend(constants.iter().map(|values| if let Values::Same(value) = values { *value } else { 0 }));
    entry.each = words.len() as u32;
    for (k, values) in constants.iter().enumerate() {
        if let Values::Each(values) = values {
            entry.varied |= 1 << k;
            words.extend_from_slice(values);
        }
    }
    drive(&p.drive, &mut entry, words);
    entry
}

fn drive(drive: &DriveModel, entry: &mut PopulationEntry, words: &mut Vec<i32>) {
    entry.drive = words.len() as u32;
    match drive {
        DriveModel::None => entry.drive_kind = DRIVE_NONE,
        DriveModel::Constant(amount) => {
            entry.drive_kind = DRIVE_CONSTANT;
            entry.drive_weight = *amount;
        }
        DriveModel::Poisson { weight, base, thresholds } => {
            entry.drive_kind = DRIVE_POISSON;
            (entry.drive_weight, entry.drive_base) = (*weight, *base);
            words.extend(thresholds.iter().map(|&threshold| threshold as i32));
        }
        DriveModel::Normal { quantiles } => {
            entry.drive_kind = DRIVE_NORMAL;
            words.extend_from_slice(quantiles);
        }
    }
    entry.drive_length = words.len() as u32 - entry.drive;
}
