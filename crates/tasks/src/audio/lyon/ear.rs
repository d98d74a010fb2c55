//! A designed cochlea, and its run over a recording.

use ndarray::Array2;

use super::LyonEar;
use super::biquad::{Biquad, cascade};
use super::design::{FRONT, centres_hz, filters};
use super::gain::{GainControl, share_of};
use crate::Result;
use crate::error::argument;

/// A [`LyonEar`] with its filters for one sample rate. It has no state: each recording starts in silence.
#[derive(Debug, Clone)]
pub struct Cochlea {
    ear: LyonEar,
    sample_rate: f64,
    centres_hz: Vec<f64>,
    filters: Vec<Biquad>,
    smoothing: Biquad,
}

impl Cochlea {
    pub(super) fn new(ear: LyonEar, sample_rate: u32) -> Result<Self> {
        let centres_hz = centres_hz(&ear, sample_rate)?;
        let filters = filters(&ear, sample_rate, &centres_hz);
        let fs = f64::from(sample_rate);
        let smoothing = smoothing(&ear, fs);
        Ok(Self { ear, sample_rate: fs, centres_hz, filters, smoothing })
    }

    /// Number of places along the cochlea, the columns of a cochleagram.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.centres_hz.len()
    }

    /// The centre frequency of each channel, Hz, from high to low.
    #[must_use]
    pub fn centre_frequencies_hz(&self) -> &[f64] {
        &self.centres_hz
    }

    /// Frames x channels: the activity of each place, from high frequencies to low, at the end of each `decimation`
    /// samples; what is left at the end of the recording is dropped. Without unit: with gain control a channel rests
    /// below about 4e-4 however loud the sound (in -1 to 1) is, up to the limit of the control.
    ///
    /// # Errors
    /// If there are fewer samples than make a frame, or if one of them is not finite.
    pub fn cochleagram(&self, samples: &[f32]) -> Result<Array2<f64>> {
        let decimation = self.ear.decimation;
        if samples.len() < decimation {
            let allowed = format!("at least one frame of {decimation} samples");
            return Err(argument("samples", format!("{} samples", samples.len()), allowed));
        }
        if let Some(at) = samples.iter().position(|x| !x.is_finite()) {
            return Err(argument("samples", format!("{} at sample {at}", samples[at]), "finite numbers"));
        }
        let mut run = Run::new(self);
        let mut out = Array2::zeros((samples.len() / decimation, self.channels()));
        for (block, mut frame) in samples.chunks_exact(decimation).zip(out.rows_mut()) {
            let places = run.frame(block);
            frame.iter_mut().zip(&places[FRONT..]).for_each(|(to, from)| *to = *from);
        }
        Ok(out)
    }
}

/// Two equal poles of `tau_frames`, of gain 1 at rest, two samples late.
fn smoothing(ear: &LyonEar, sample_rate: f64) -> Biquad {
    let tau = ear.decimation as f64 / sample_rate * ear.tau_frames;
    let keep = 1.0 - share_of(tau, sample_rate);
    Biquad::with_gain([0.0, 0.0, 1.0], [1.0, -2.0 * keep, keep * keep], 1.0, 0.0)
}

/// The states of one recording. The filters of the front are places too, until the frame is given out.
#[derive(Debug)]
struct Run<'a> {
    cochlea: &'a Cochlea,
    membrane: Vec<[f64; 2]>,
    gain: GainControl,
    smooth: Vec<[f64; 2]>,
    places: Vec<f64>,
}

impl<'a> Run<'a> {
    fn new(cochlea: &'a Cochlea) -> Self {
        let places = cochlea.filters.len();
        Self {
            cochlea,
            membrane: vec![[0.0; 2]; places],
            gain: GainControl::new(cochlea.sample_rate, places),
            smooth: vec![[0.0; 2]; places],
            places: vec![0.0; places],
        }
    }

    /// The places after the samples of one frame.
    fn frame(&mut self, block: &[f32]) -> &[f64] {
        for (at, &x) in block.iter().enumerate() {
            self.sample(f64::from(x), at == 0);
        }
        &self.places
    }

    /// One sample. Slaney's program silences the front for the first sample of each block alone, and what is compared
    /// with it must do the same.
    fn sample(&mut self, x: f64, first_of_block: bool) {
        cascade(&self.cochlea.filters, x, &mut self.membrane, &mut self.places);
        self.places.iter_mut().for_each(|place| *place = place.max(0.0));
        if first_of_block {
            self.places[..FRONT].fill(0.0);
        }
        if self.cochlea.ear.gain_control {
            self.gain.step(&mut self.places);
        }
        if self.cochlea.ear.difference {
            sharpen(&mut self.places);
        }
        if self.cochlea.ear.decimation > 1 {
            let smoothing = &self.cochlea.smoothing;
            self.places
                .iter_mut()
                .zip(&mut self.smooth)
                .for_each(|(place, state)| *place = smoothing.step(*place, state));
        }
    }
}

/// Each place but the first becomes the positive part of the place above it less itself.
fn sharpen(places: &mut [f64]) {
    for i in (1..places.len()).rev() {
        places[i] = (places[i - 1] - places[i]).max(0.0);
    }
}
