//! Mel-frequency cepstral coefficients, by HTK's conventions.

mod cepstrum;
mod delta;
mod mel;
mod spectrum;

pub use cepstrum::Cepstrum;
pub use delta::deltas;

use crate::Result;
use crate::error::argument;

/// Mel-frequency cepstral coefficients with their derivatives in time.
///
/// S. B. Davis, P. Mermelstein, IEEE Trans. ASSP 28:357, 1980; where conventions differ, those of the HTK book (S. Young
/// and others, Cambridge 2006, chapter 5), in this order:
///
/// 1. samples on the scale of 16-bit integers, cut into frames; a last frame that is not whole is dropped;
/// 2. pre-emphasis in each frame, x(n) - k x(n-1), the first sample times 1 - k;
/// 3. a Hamming window 0.54 - 0.46 cos(2 pi n / (N - 1)), zeros up to a power of two, the magnitude of its spectrum;
/// 4. triangular filters, of equal width on the scale mel(f) = 1127 ln(1 + f / 700), of height 1, linear in mel;
/// 5. the natural logarithm, of at least 1;
/// 6. c(i) = sqrt(2 / M) sum over j = 1 to M of m(j) cos(pi i (j - 1/2) / M), from c(0) up;
/// 7. liftering, c(i) (1 + L / 2 sin(pi i / L));
/// 8. [`deltas`], as many times as asked.
///
/// Only the order of columns is not HTK's: c(0) comes first here and last there.
///
/// ```
/// use limnos_tasks::Mfcc;
///
/// let mfcc = Mfcc::default().design(8000)?;
/// let tone: Vec<f32> = (0..800).map(|t| (t as f32 * 0.7).sin()).collect();
/// assert_eq!(mfcc.coefficients(&tone)?.dim(), (8, 39)); // frames x (13 + 13 + 13)
/// # Ok::<(), limnos_tasks::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Mfcc {
    /// Length of a frame, ms.
    pub frame_ms: f64,
    /// From the start of a frame to that of the next, ms.
    pub hop_ms: f64,
    /// k of the pre-emphasis, 0 to 1; 0 is none.
    pub pre_emphasis: f64,
    /// Triangular filters, M.
    pub filters: usize,
    /// Where the first triangle starts, Hz.
    pub low_hz: f64,
    /// Where the last triangle ends, Hz; `None` is half the sample rate.
    pub high_hz: Option<f64>,
    /// Coefficients kept, with c(0); at most `filters`.
    pub coefficients: usize,
    /// L of the liftering; 0 is none.
    pub lifter: usize,
    /// How often the derivative is taken: 0, 1 (deltas) or 2 (deltas of deltas as well).
    pub delta_order: usize,
    /// Frames to either side that a derivative sees.
    pub delta_window: usize,
}

impl Default for Mfcc {
    fn default() -> Self {
        Self {
            frame_ms: 25.0,
            hop_ms: 10.0,
            pre_emphasis: 0.97,
            filters: 26,
            low_hz: 0.0,
            high_hz: None,
            coefficients: 13,
            lifter: 22,
            delta_order: 2,
            delta_window: 2,
        }
    }
}

impl Mfcc {
    /// Window, filters and transforms for sound of `sample_rate` (Hz), for any number of recordings.
    ///
    /// # Errors
    /// If a field is outside its range, which for some depends on the sample rate.
    pub fn design(&self, sample_rate: u32) -> Result<Cepstrum> {
        self.check()?;
        Cepstrum::new(*self, sample_rate)
    }

    fn check(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.pre_emphasis) {
            return Err(argument("pre_emphasis", self.pre_emphasis, "0 to 1"));
        }
        if !(1..=4096).contains(&self.filters) {
            return Err(argument("filters", self.filters, "1 to 4096"));
        }
        if !(1..=self.filters).contains(&self.coefficients) {
            let allowed = format!("1 to {}, the number of filters", self.filters);
            return Err(argument("coefficients", self.coefficients, allowed));
        }
        if self.delta_order > 2 {
            return Err(argument("delta_order", self.delta_order, "0 to 2"));
        }
        if self.delta_order > 0 && self.delta_window == 0 {
            return Err(argument("delta_window", 0, "at least 1 frame"));
        }
        Ok(())
    }
}
