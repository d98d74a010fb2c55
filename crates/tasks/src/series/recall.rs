//! Tasks of pure memory: parity and delayed recall of a stream, and the copying of a sequence.

use crate::Result;
use crate::error::argument;
use crate::random::SplitMix64;

/// Input and target of a task, of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesTask {
    /// u(t).
    pub input: Vec<f64>,
    /// What to answer once u(t) has been seen.
    pub target: Vec<f64>,
}

/// Parity: u(t) is -1 or 1 at random, and the target the product u(t - delay) u(t - delay - 1) … of `bits` of them: of
/// no fewer bits can anything be said. The bits before the start count too, so the first delay + bits - 1 targets
/// belong into the warm-up.
///
/// N. Bertschinger, T. Natschläger, "Real-time computation at the edge of chaos in recurrent neural networks", Neural
/// Computation 16:1413, 2004.
///
/// # Errors
/// If `bits` is 0, or if `delay` + `bits` exceeds a million.
pub fn parity(bits: usize, delay: usize, n: usize, seed: u64) -> Result<SeriesTask> {
    if bits == 0 {
        return Err(argument("bits", 0, "at least 1"));
    }
    let before = past(delay.saturating_add(bits - 1))?;
    let mut random = SplitMix64::new(seed);
    let draws: Vec<f64> = (0..before + n).map(|_| if random.next_u64() >> 63 == 1 { 1.0 } else { -1.0 }).collect();
    let target = draws.windows(bits).take(n).map(|bits| bits.iter().product()).collect();
    Ok(SeriesTask { input: draws[before..].to_vec(), target })
}

/// Delayed recall: u(t) is uniform in -1 to 1, and the target u(t - delay). The input before the start counts too, so
/// the first `delay` targets belong into the warm-up.
///
/// # Errors
/// If `delay` exceeds a million.
pub fn delayed_recall(delay: usize, n: usize, seed: u64) -> Result<SeriesTask> {
    let before = past(delay)?;
    let mut random = SplitMix64::new(seed);
    let draws: Vec<f64> = (0..before + n).map(|_| 2.0 * random.next_f64() - 1.0).collect();
    Ok(SeriesTask { input: draws[before..].to_vec(), target: draws[..n].to_vec() })
}

/// How many draws there are before the start.
fn past(draws: usize) -> Result<usize> {
    const MOST: usize = 1_000_000;
    if draws > MOST { Err(argument("delay", draws, format!("at most {MOST}, with the bits"))) } else { Ok(draws) }
}

/// The copy task: symbols to be remembered, a wait, a sign to begin, and the symbols again.
///
/// S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9:1735, 1997; in this form M. Arjovsky,
/// A. Shah, Y. Bengio, "Unitary evolution recurrent neural networks", ICML 2016, with 8 symbols and a length of 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct CopyTask {
    /// Different symbols, 1 to `symbols`.
    pub symbols: u32,
    /// Symbols to be remembered.
    pub length: usize,
    /// Steps between the last of them and the first answer, the sign to begin counted as the last one.
    pub delay: usize,
}

/// One sequence of the copy task: token 0 is the blank, 1 to `symbols` are symbols, `symbols` + 1 is the sign to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopySequence {
    /// A token a step: the symbols, blanks, the sign, blanks; 2 x length + delay of them.
    pub input: Vec<u32>,
    /// What to answer in each step: blanks, and in the last `length` steps the symbols.
    pub target: Vec<u32>,
}

impl Default for CopyTask {
    fn default() -> Self {
        Self { symbols: 8, length: 10, delay: 20 }
    }
}

impl CopyTask {
    /// The sequence of a seed.
    ///
    /// # Errors
    /// If `symbols` is not 1 to 2³¹, or if `length` or `delay` is not 1 to a million.
    pub fn sequence(self, seed: u64) -> Result<CopySequence> {
        const MOST: usize = 1_000_000;
        if !(1..=1 << 31).contains(&self.symbols) {
            return Err(argument("symbols", self.symbols, "1 to 2^31"));
        }
        for (name, value) in [("length", self.length), ("delay", self.delay)] {
            if !(1..=MOST).contains(&value) {
                return Err(argument(name, value, format!("1 to {MOST}")));
            }
        }
        let mut random = SplitMix64::new(seed);
        let symbols: Vec<u32> = (0..self.length).map(|_| 1 + random.below(self.symbols as usize) as u32).collect();
        let mut input = symbols.clone();
        input.resize(2 * self.length + self.delay, 0);
        input[self.length + self.delay - 1] = self.symbols + 1;
        let mut target = vec![0; self.length + self.delay];
        target.extend(symbols);
        Ok(CopySequence { input, target })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parity_is_the_product_of_its_bits_and_of_no_fewer() {
        let task = parity(3, 2, 4000, 7).unwrap();
        let u = &task.input;
        assert_eq!((u.len(), task.target.len()), (4000, 4000));
        assert!(u.iter().chain(&task.target).all(|x| x.abs() == 1.0));
        (4..4000).for_each(|t| assert_eq!(task.target[t], u[t - 2] * u[t - 3] * u[t - 4]));
        // Neither one bit nor two tell anything of it; 4 standard errors.
        let correlation = |of: &dyn Fn(usize) -> f64| (4..4000).map(|t| task.target[t] * of(t)).sum::<f64>() / 3996.0;
        let found = [correlation(&|t| u[t - 2]), correlation(&|t| u[t - 2] * u[t - 3]), correlation(&|_| 1.0)];
        assert!(found.iter().all(|c| c.abs() < 4.0 / 63.0), "{found:?}");
        assert_ne!(task, parity(3, 2, 4000, 8).unwrap());
    }

    #[test]
    fn recall_is_the_input_of_some_steps_ago() {
        let task = delayed_recall(5, 100, 1).unwrap();
        (5..100).for_each(|t| assert_eq!(task.target[t], task.input[t - 5]));
        assert!(task.input.iter().all(|u| (-1.0..1.0).contains(u)));
        // The input before the start is there too.
        assert!(task.target[..5].iter().all(|u| !task.input.contains(u) && *u != 0.0));
        let now = delayed_recall(0, 100, 1).unwrap();
        assert_eq!(now.input, now.target);
    }

    #[test]
    fn copies_come_after_the_sign() {
        let task = CopyTask { symbols: 3, length: 4, delay: 2 };
        let CopySequence { input, target } = task.sequence(5).unwrap();
        assert_eq!((input.len(), target.len()), (10, 10));
        assert_eq!(input[4..], [0, 4, 0, 0, 0, 0]);
        assert!(input[..4].iter().all(|token| (1..=3).contains(token)));
        assert_eq!((&target[..6], &target[6..]), (&[0; 6][..], &input[..4]));
        assert_ne!(task.sequence(6).unwrap(), task.sequence(5).unwrap());
    }
}
