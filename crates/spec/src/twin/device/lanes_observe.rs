//! Counting, tracing and recording of one step of a batch: the twin of `kernels/lanes_observe.wgsl`.

use super::layout::{Clock, Geometry, Observation};
use super::observe::Outputs;
use crate::twin::observe::{count, trace};

/// What the kernel reads.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// `[slot][cell, then channel][word]`
    pub history: &'a [u32],
    /// `[field][cell][lane]`
    pub state: &'a [i32],
    /// Steps at which traces are sampled, cells of probes, population of each block of 64 cells.
    pub points: &'a [u32],
}

/// Observes the step that the clock has just ended. Counts and traces are by `[cell][lane]`; the recording holds spikes
/// `[step][cell][word]`, potentials `[step][sample][probe]`, rates `[step][sample][population]`.
pub fn lanes_observe(geometry: &Geometry, o: &Observation, clock: &Clock, step: Step<'_>, out: &mut Outputs<'_>) {
    let (cells, words) = (geometry.cells as usize, (geometry.lanes / 32) as usize);
    let recorded = clock.step - 1 - clock.origin;
    let slot = ((clock.step - 1) % geometry.history_slots * (geometry.cells + geometry.channels)) as usize;
    let spikes = &step.history[slot * words..][..cells * words];
    let window = recorded.checked_div(o.window_steps).unwrap_or(0);
    for (k, &word) in spikes.iter().enumerate() {
        // The samples of this word.
        let real = (geometry.batch as usize - k % words * 32).min(32);
        if window < o.windows {
            count(&mut out.counts[(window as usize * cells * words + k) * 32..][..32], word);
        }
        if o.traced == 1 {
            trace(&mut out.traces[k * 32..][..real], word, o.trace_decay, o.trace_one);
        }
        if recorded < o.spike_steps {
            out.recording[recorded as usize * cells * words + k] = word;
        }
        if recorded < o.rate_steps {
            let population = step.points[(o.samples + o.probes) as usize + k / words / crate::ALIGN];
            for lane in (0..real).filter(|lane| word >> lane & 1 == 1) {
                let row = (recorded * geometry.batch) as usize + k % words * 32 + lane;
                out.recording[o.rates as usize + row * o.populations as usize + population as usize] += 1;
            }
        }
    }
    let field = cells * words * 32;
    for k in (0..o.samples as usize).filter(|&k| step.points[k] == recorded) {
        out.traces.copy_within(0..field, (k + 1) * field);
    }
    if recorded < o.potential_steps {
        potentials(geometry, o, recorded, step, out.recording);
    }
}

fn potentials(geometry: &Geometry, o: &Observation, recorded: u32, step: Step<'_>, recording: &mut [u32]) {
    for lane in 0..geometry.batch {
        for probe in 0..o.probes {
            let cell = step.points[(o.samples + probe) as usize];
            let row = recorded * geometry.batch + lane;
            let v = step.state[(cell * geometry.lanes + lane) as usize];
            recording[(o.potentials + row * o.probes + probe) as usize] = v as u32;
        }
    }
}
