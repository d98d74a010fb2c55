//! Runs sequences through the reservoirs and hands the readout's features out in pieces, so that no run is kept whole.

use std::ops::Range;
use std::time::Instant;

use limnos_engine::rate::{RateCheckpoint, RateChunk, RateOptions, RateRun, RateSimulation};
use ndarray::{Array2, ArrayView2, s};

use super::features::FeatureMap;
use super::nvar::History;
use super::{Esn, Sequences};
use crate::lsm::{Callback, Stage};
use crate::{Error, Result};

/// Numbers of states that a piece holds, in all sequences of a batch.
const PIECE: usize = 1 << 20;

/// Some rows of a sequence.
pub(super) struct Rows {
    /// Which sequence.
    pub(super) sequence: usize,
    /// Its step that the first row belongs to.
    pub(super) first_step: usize,
    /// Steps x features.
    pub(super) features: Array2<f64>,
}

impl Esn {
    /// Runs sequences from rest, several side by side, `teacher` holding the outputs that are fed back. `sink` gets the features of each sequence in order of its steps.
    /// The live state is then that at the end of the last sequence.
    pub(super) fn drive(
        &mut self,
        x: &Sequences<'_>,
        teacher: Option<&Sequences<'_>>,
        mut sink: impl FnMut(Rows) -> Result<()>,
    ) -> Result<()> {
        let (start, of) = (Instant::now(), x.steps());
        let mut done = 0;
        if x.0.len() == 1 {
            self.reset()?;
        }
        for first in (0..x.0.len()).step_by(self.config.max_batch) {
            let range = first..x.0.len().min(first + self.config.max_batch);
            self.drive_batch(range, x, teacher, &mut |rows, callback| {
                done += rows.features.nrows();
                sink(rows)?;
                callback.tell(Stage::Run, start, done, of);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn drive_batch(
        &mut self,
        range: Range<usize>,
        x: &Sequences<'_>,
        teacher: Option<&Sequences<'_>>,
        sink: &mut dyn FnMut(Rows, &mut Callback) -> Result<()>,
    ) -> Result<()> {
        let one = x.0.len() == 1;
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let batch = &x.0[range.clone()];
        let lengths: Vec<usize> = batch.iter().map(|sequence| sequence.nrows()).collect();
        let steps = lengths.iter().copied().max().unwrap_or(0);
        let inputs = padded(batch, steps, 0);
        let feedback = teacher.map(|y| padded(&y.0[range.clone()], steps, 1));
        let mut own;
        let simulation = if one {
            &mut built.live
        } else {
            let options = RateOptions {
                samples: batch.len(),
                first_sample: range.start as u32,
                precision: self.config.precision,
            };
            own = RateSimulation::new(&self.device, &built.model, options)?;
            &mut own
        };
        let mut histories = vec![built.map.nvar.map(|nvar| History::new(nvar, built.map.inputs)); batch.len()];
        let (map, callback) = (built.map, &mut self.callback);
        let chunk = (PIECE / (map.units * batch.len()).max(1)).clamp(1, 4096);
        let run = RateRun { feedback: feedback.as_deref(), lengths: Some(&lengths), ..RateRun::new(steps, &inputs) };
        simulation.run_chunks(&run, chunk, |piece: RateChunk<'_, f64>| {
            for (k, history) in histories.iter_mut().enumerate() {
                let Some(features) = features(&map, &batch[k], &piece, k, history) else { continue };
                sink(Rows { sequence: range.start + k, first_step: piece.first_step, features }, callback)?;
            }
            Ok::<(), Error>(())
        })?;
        if !one {
            let last = checkpoint_of(&simulation.checkpoint()?, batch.len() - 1, lengths[batch.len() - 1], batch);
            built.live.restore(&last)?;
        }
        built.history = histories.pop().flatten();
        Ok(())
    }
}

/// The features of a piece of sequence `k` of a batch; none where the sequence has ended.
fn features(
    map: &FeatureMap,
    sequence: &ArrayView2<'_, f64>,
    piece: &RateChunk<'_, f64>,
    k: usize,
    history: &mut Option<History>,
) -> Option<Array2<f64>> {
    let rows = piece.lengths[k];
    let mut out = Vec::with_capacity(rows * map.width());
    for (row, inputs) in
        sequence.slice(s![piece.first_step.min(sequence.nrows()).., ..]).outer_iter().take(rows).enumerate()
    {
        let inputs = inputs.to_vec();
        if let Some(history) = history {
            history.push(&inputs);
        }
        let state = &piece.states[(k * piece.steps + row) * map.units..][..map.units];
        map.write(&inputs, state, history.as_mut(), &mut out);
    }
    let features = Array2::from_shape_vec((rows, map.width()), out).expect("every row should have the map's width");
    (rows > 0).then_some(features)
}

/// `[sequence][step][channel]` with zeros after the end of each, `late` steps later.
pub(super) fn padded(sequences: &[ArrayView2<'_, f64>], steps: usize, late: usize) -> Vec<f64> {
    let channels = sequences.first().map_or(0, |sequence| sequence.ncols());
    let mut all = vec![0.0; sequences.len() * steps * channels];
    for (k, sequence) in sequences.iter().enumerate() {
        let rows = sequence.nrows().saturating_sub(late);
        let values = sequence.slice(s![..rows, ..]);
        let first = (k * steps + late) * channels;
        all[first..first + values.len()].iter_mut().zip(values).for_each(|(out, value)| *out = *value);
    }
    all
}

/// Where one sample of a batch is.
fn checkpoint_of(all: &RateCheckpoint, k: usize, steps: usize, batch: &[ArrayView2<'_, f64>]) -> RateCheckpoint {
    let units = all.state.len() / batch.len();
    let last_inputs = batch[k].rows().into_iter().next_back().map_or_else(Vec::new, |row| row.to_vec());
    RateCheckpoint { steps: steps as u32, state: all.state[k * units..][..units].to_vec(), last_inputs }
}
