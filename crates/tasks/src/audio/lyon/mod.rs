//! Lyon's passive ear: sound to the firing probabilities along a cochlea.

mod biquad;
mod design;
mod ear;
mod gain;

pub use ear::Cochlea;

use crate::Result;
use crate::error::argument;

/// More channels than any cochlea model has use for; beyond it a step factor is a slip.
const MOST_CHANNELS: usize = 10_000;

/// The passive long-wave model of the cochlea by R. F. Lyon.
///
/// A cascade of second-order filters, from high frequencies to low, of which each output is a place on the basilar
/// membrane; half-wave rectification as of hair cells; four stages of automatic gain control whose states spread to the
/// neighbouring places; the positive difference of neighbouring places; a smoothing filter, and one frame out of
/// `decimation` samples.
///
/// R. F. Lyon, "A computational model of filtering, detection, and compression in the cochlea", ICASSP 1982; in the form
/// of M. Slaney, "Lyon's cochlear model", Apple Technical Report 13, 1988, whose constants (break frequency 1000 Hz, zero
/// offset 1.5 steps, sharpness 5, pre-emphasis corner 300 Hz; gain control of 0.64, 0.16, 0.04, 0.01 s with targets 0.0032,
/// 0.0016, 0.0008, 0.0004) are kept. The default is that of the Python package `lyon`, with which the values agree to 1e-10.
///
/// ```
/// use limnos_tasks::LyonEar;
///
/// let ear = LyonEar { decimation: 64, ..LyonEar::default() }.design(8000)?;
/// assert_eq!(ear.channels(), 64);
/// let tone: Vec<f32> = (0..800).map(|t| (t as f32 * 0.7).sin()).collect();
/// assert_eq!(ear.cochleagram(&tone)?.dim(), (12, 64)); // frames x channels
/// # Ok::<(), limnos_tasks::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct LyonEar {
    /// Samples in a frame; 1 gives a frame a sample, without smoothing.
    pub decimation: usize,
    /// Quality factor of the filters at high frequencies: centre over bandwidth. Above 0.5.
    pub ear_q: f64,
    /// Distance of neighbouring filters in bandwidths; 0.25 is Slaney's `ear_q / 32` for his `ear_q` of 8.
    pub step_factor: f64,
    /// Whether the gain is controlled.
    pub gain_control: bool,
    /// Whether a channel is the positive part of its difference to the next lower one, which sharpens the place.
    pub difference: bool,
    /// Time constant of the smoothing, in frames.
    pub tau_frames: f64,
}

impl Default for LyonEar {
    fn default() -> Self {
        Self { decimation: 1, ear_q: 8.0, step_factor: 0.25, gain_control: true, difference: true, tau_frames: 3.0 }
    }
}

impl LyonEar {
    /// The filters for sound of `sample_rate` (Hz), for any number of recordings.
    ///
    /// # Errors
    /// If a field is outside its range, or if the sample rate leaves no room for a filter.
    pub fn design(&self, sample_rate: u32) -> Result<Cochlea> {
        self.check()?;
        Cochlea::new(*self, sample_rate)
    }

    fn check(&self) -> Result<()> {
        if self.decimation == 0 {
            return Err(argument("decimation", 0, "at least 1 sample a frame"));
        }
        if !(self.ear_q > 0.5 && self.ear_q <= 1000.0) {
            return Err(argument("ear_q", self.ear_q, "above 0.5 and at most 1000"));
        }
        if !(self.step_factor > 0.0 && self.step_factor.is_finite()) {
            return Err(argument("step_factor", self.step_factor, "positive and finite"));
        }
        if !(self.tau_frames > 0.0 && self.tau_frames.is_finite()) {
            return Err(argument("tau_frames", self.tau_frames, "positive and finite"));
        }
        Ok(())
    }
}
