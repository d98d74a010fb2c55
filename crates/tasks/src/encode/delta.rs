//! Delta code: a spike for each change of one threshold, up or down.

use ndarray::{Array2, ArrayView2};

use crate::encode::rate::check_positive;
use crate::error::argument;
use crate::{Result, SpikeTrain};

/// Send-on-delta code of a series in the step-forward form: each channel keeps a reference, which starts at its first
/// value; when the value is a threshold or more above (below) it, the ON (OFF) channel spikes and the reference moves up
/// (down) by one threshold.
///
/// One spike a step at most, so a change of several thresholds within a step is caught up with in the steps after it.
/// While no step changes a value by more than one threshold, the decoded series is within one threshold of it.
///
/// M. Miskowicz, "Send-on-delta concept: an event-based data reporting strategy", Sensors 6:49, 2006; N. Kasabov and
/// others, "Evolving spatio-temporal data machines based on the NeuCube neuromorphic framework", Neural Networks 78:1, 2016.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct DeltaCode {
    /// The change that is worth a spike, in units of the series; positive.
    pub threshold: f32,
}

impl Default for DeltaCode {
    fn default() -> Self {
        Self { threshold: 0.1 }
    }
}

/// What [`DeltaCode`] makes of a series, and all that is needed to undo it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeltaSpikes {
    /// The spikes: channel c is ON of the series' channel c, channel (number of channels + c) its OFF.
    pub train: SpikeTrain,
    /// The first value of each channel of the series.
    pub start: Vec<f32>,
}

impl DeltaCode {
    /// The spikes of a series, steps x channels.
    ///
    /// # Errors
    /// If the threshold is not positive and finite, if the series is empty or beyond 2³¹ channels or 2³² steps, or if a
    /// value is not finite.
    pub fn encode(&self, series: ArrayView2<'_, f32>) -> Result<DeltaSpikes> {
        let (steps, channels) = self.check(series)?;
        let mut spikes = Vec::new();
        for (channel, column) in (0..channels).zip(series.columns()) {
            let mut level = 0_i64;
            for (step, &x) in (0..steps).zip(column) {
                let change = self.change(column[0], level, x);
                if change != 0 {
                    spikes.push((step, if change > 0 { channel } else { channels + channel }));
                    level += change;
                }
            }
        }
        let train = SpikeTrain::from_unsorted(steps, 2 * channels, spikes)?;
        Ok(DeltaSpikes { train, start: series.row(0).to_vec() })
    }

    /// The series, steps x channels, that the spikes tell of.
    ///
    /// # Errors
    /// If the threshold is not positive and finite, or if there are not two channels of spikes for each start value.
    pub fn decode(&self, spikes: &DeltaSpikes) -> Result<Array2<f32>> {
        check_positive("threshold", self.threshold)?;
        let (channels, needed) = (spikes.start.len(), spikes.train.channels() as usize);
        if needed != 2 * channels {
            let allowed = format!("half the {needed} channels of the spikes");
            return Err(argument("start", format!("{channels} values"), allowed));
        }
        let mut levels = vec![0_i64; channels];
        let mut series = Array2::zeros((spikes.train.steps() as usize, channels));
        for (step, mut row) in (0..).zip(series.rows_mut()) {
            for &(_, c) in spikes.train.at(step) {
                let c = c as usize;
                levels[c % channels] += if c < channels { 1 } else { -1 };
            }
            for (c, x) in row.iter_mut().enumerate() {
                *x = self.reference(spikes.start[c], levels[c]) as f32;
            }
        }
        Ok(series)
    }

    /// Checks all and gives steps and channels.
    fn check(&self, series: ArrayView2<'_, f32>) -> Result<(u32, u32)> {
        check_positive("threshold", self.threshold)?;
        if let Some(((step, channel), x)) = series.indexed_iter().find(|(_, x)| !x.is_finite()) {
            return Err(argument("series", format!("{x} at step {step}, channel {channel}"), "finite numbers"));
        }
        let (steps, channels) = series.dim();
        match (u32::try_from(steps), u32::try_from(channels)) {
            (Ok(s @ 1..), Ok(c @ 1..)) if c <= u32::MAX / 2 => Ok((s, c)),
            _ => {
                Err(argument("series", format!("{steps} steps x {channels} channels"), "1 to 2^32 - 1 x 1 to 2^31 - 1"))
            }
        }
    }

    /// The reference at a level: a product and not a sum, so that it does not drift.
    fn reference(&self, start: f32, level: i64) -> f64 {
        f64::from(start) + level as f64 * f64::from(self.threshold)
    }

    /// The direction in which a value leaves the reference: 1, 0 or -1.
    fn change(&self, start: f32, level: i64, x: f32) -> i64 {
        let difference = f64::from(x) - self.reference(start, level);
        let threshold = f64::from(self.threshold);
        i64::from(difference >= threshold) - i64::from(difference <= -threshold)
    }
}
