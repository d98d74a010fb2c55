//! Counting, tracing and recording of one step: the twin of `kernels/observe.wgsl`.

use super::layout::{Clock, Geometry, Observation};
use crate::twin::observe::{count, trace};

/// What the kernel reads.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// 32 cells a word.
    pub spikes: &'a [u32],
    /// `[field][cell]`
    pub state: &'a [i32],
    /// Steps at which traces are sampled, cells of probes, population of each block of 64 cells.
    pub points: &'a [u32],
}

/// What the kernel changes.
#[derive(Debug)]
pub struct Outputs<'a> {
    /// `[window][cell]`
    pub counts: &'a mut [u32],
    /// `[cell]`, then samples `[k][cell]`
    pub traces: &'a mut [i32],
    /// Spikes `[step][word]`, potentials `[step][probe]`, rates `[step][population]`
    pub recording: &'a mut [u32],
}

/// Observes the step that the clock has just ended.
pub fn observe(geometry: &Geometry, o: &Observation, clock: &Clock, step: Step<'_>, out: &mut Outputs<'_>) {
    let cells = geometry.cells as usize;
    let recorded = clock.step - 1 - clock.origin;
    let window = recorded.checked_div(o.window_steps).unwrap_or(0);
    for (k, &word) in step.spikes.iter().enumerate() {
        let at = 32 * k;
        if window < o.windows {
            count(&mut out.counts[window as usize * cells + at..][..32], word);
        }
        if o.traced == 1 {
            trace(&mut out.traces[at..at + 32], word, o.trace_decay, o.trace_one);
        }
        record_word(o, step.points, recorded, k, word, out.recording, step.spikes.len());
    }
    sample(o, cells, step.points, recorded, out.traces);
    if recorded < o.potential_steps {
        for probe in 0..o.probes {
            let v = step.state[step.points[(o.samples + probe) as usize] as usize];
            out.recording[(o.potentials + recorded * o.probes + probe) as usize] = v as u32;
        }
    }
}

fn record_word(
    o: &Observation,
    points: &[u32],
    recorded: u32,
    k: usize,
    word: u32,
    recording: &mut [u32],
    words: usize,
) {
    if recorded < o.spike_steps {
        recording[recorded as usize * words + k] = word;
    }
    if recorded < o.rate_steps {
        let population = points[(o.samples + o.probes) as usize + 32 * k / crate::ALIGN];
        recording[(o.rates + recorded * o.populations + population) as usize] += word.count_ones();
    }
}

fn sample(o: &Observation, cells: usize, points: &[u32], recorded: u32, traces: &mut [i32]) {
    for k in (0..o.samples as usize).filter(|&k| points[k] == recorded) {
        traces.copy_within(0..cells, (k + 1) * cells);
    }
}

/// Decay factor (Q0.31) and unit of traces of time constant `tau` ms under steps of `dt` ms.
#[must_use]
pub fn trace_constants(dt: f64, tau: f64) -> (i32, i32) {
    let decay = crate::twin::observe::trace_decay(tau, dt);
    (crate::fixed::q31(decay), 1 << crate::twin::observe::trace_bits(decay))
}
