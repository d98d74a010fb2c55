//! Samples as they enter: probabilities or spike trains, checked once, fed piece by piece.

use std::ops::Range;

use limnos_engine::{Feed, Simulation};
use limnos_spec::InputId;
use limnos_tasks::SpikeTrain;
use ndarray::{Array3, ArrayView2, Axis, s};

use crate::error::argument;
use crate::{Error, Result, Samples};

/// Checked samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stimuli<'a>(Samples<'a>);

impl<'a> Stimuli<'a> {
    /// Checks every sample: rows of probabilities, or trains; of so many channels.
    pub(super) fn new(samples: Samples<'a>, channels: usize) -> Result<Self> {
        if samples.is_empty() {
            return Err(argument("samples", "empty", "at least one sample"));
        }
        match samples {
            Samples::Values(p) => check_probabilities(p, channels)?,
            Samples::Spikes(trains) => {
                let wrong = trains.iter().enumerate().find(|(_, t)| t.channels() as usize != channels);
                if let Some((i, train)) = wrong {
                    return Err(mismatch(format!("spike train {i} has"), channels, train.channels() as usize));
                }
            }
        }
        Ok(Self(samples))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Steps of sample `index`; `None`: as many as one likes.
    pub(super) fn length(&self, index: usize) -> Option<u32> {
        match self.0 {
            Samples::Values(_) => None,
            Samples::Spikes(trains) => Some(trains[index].steps()),
        }
    }

    /// Feeds samples `range` for so many steps, one a lane; lanes beyond them are silent.
    pub(super) fn feed(&self, sim: &mut Simulation, input: InputId, range: Range<usize>, steps: u32) -> Result<()> {
        let lanes = sim.batch();
        match self.0 {
            Samples::Values(p) if range.len() == lanes => {
                sim.feed(input, Feed::Probabilities(p.slice(s![range, ..]).insert_axis(Axis(1))))?;
            }
            Samples::Values(p) => {
                let mut padded = Array3::zeros((lanes, 1, p.ncols()));
                padded.slice_mut(s![..range.len(), 0, ..]).assign(&p.slice(s![range, ..]));
                sim.feed(input, Feed::Probabilities(padded.view()))?;
            }
            Samples::Spikes(trains) => {
                let mut spikes: Vec<_> = trains[range].iter().map(|t| part(t, 0..steps)).collect();
                spikes.resize(lanes, Vec::new());
                sim.feed(input, Feed::Spikes { steps, spikes: &spikes })?;
            }
        }
        Ok(())
    }

    /// Feeds the only lane with `steps` steps of sample `index` from `start` on.
    pub(super) fn feed_snippet(
        &self,
        sim: &mut Simulation,
        input: InputId,
        index: usize,
        start: u32,
        steps: u32,
    ) -> Result<()> {
        match self.0 {
            Samples::Values(_) => self.feed(sim, input, index..index + 1, steps),
            Samples::Spikes(trains) => {
                let spikes = [part(&trains[index], start..start + steps)];
                Ok(sim.feed(input, Feed::Spikes { steps, spikes: &spikes })?)
            }
        }
    }
}

/// The spikes of some steps, counted from the first of them.
fn part(train: &SpikeTrain, steps: Range<u32>) -> Vec<(u32, u32)> {
    let spikes = train.spikes();
    let place = |step: u32| spikes.partition_point(|s| s.0 < step);
    spikes[place(steps.start)..place(steps.end)].iter().map(|&(t, c)| (t - steps.start, c)).collect()
}

fn check_probabilities(p: ArrayView2<'_, f32>, channels: usize) -> Result<()> {
    if p.ncols() != channels {
        return Err(mismatch("the samples have".into(), channels, p.ncols()));
    }
    match p.indexed_iter().find(|(_, p)| !(0.0..=1.0).contains(*p)) {
        Some(((sample, channel), p)) => {
            let found = format!("{p} at sample {sample}, channel {channel}");
            Err(argument("samples", found, "probabilities from 0 to 1; PixelCode makes them of pixels"))
        }
        None => Ok(()),
    }
}

fn mismatch(what: String, expected: usize, found: usize) -> Error {
    Error::Channels { what, input: "events".into(), expected, found }
}
