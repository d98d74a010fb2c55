//! Where observations go: windows, traces and recordings as one uniform, and the buffers that hold them.

use limnos_spec::twin::device::layout::Observation;

use super::{BufferPlan, Usage};
use crate::Observe;

/// The uniform of `observe`, but for the constants of traces; the words of the recording. `lanes` is 1 for one sample, `spike_words`
/// are those of a step.
pub(in crate::gpu) fn observation(
    o: &Observe,
    populations: usize,
    lanes: usize,
    spike_words: usize,
) -> (Observation, u64) {
    let mut words = u64::from(o.spikes.unwrap_or(0)) * spike_words as u64;
    let mut section = |length: u64| {
        let start = words;
        words += length;
        start as u32
    };
    let (probes, potential_steps) = o.potentials.as_ref().map_or((0, 0), |p| (p.neurons.len(), p.steps));
    let lanes = lanes as u64;
    let potentials = section(u64::from(potential_steps) * probes as u64 * lanes);
    let rates = section(u64::from(o.rates.unwrap_or(0)) * populations as u64 * lanes);
    let observation = Observation {
        windows: o.counts.map_or(0, |c| c.windows),
        window_steps: o.counts.and_then(|c| c.window_steps).unwrap_or(0),
        traced: u32::from(o.traces.is_some()),
        samples: o.traces.as_ref().map_or(0, |t| t.at_steps.len() as u32),
        probes: probes as u32,
        potential_steps,
        spike_steps: o.spikes.unwrap_or(0),
        rate_steps: o.rates.unwrap_or(0),
        populations: populations as u32,
        potentials,
        rates,
        ..Observation::default()
    };
    (observation, words)
}

/// Whether anything is observed.
pub(super) const fn anything(o: &Observe) -> bool {
    o.counts.is_some() || o.spikes.is_some() || o.traces.is_some() || o.potentials.is_some() || o.rates.is_some()
}

/// The buffers of an observation over so many words a field (cells times lanes).
pub(super) fn buffers(o: &Observation, words: u64, field: u64, blocks: usize) -> Vec<BufferPlan> {
    let points = u64::from(o.samples) + u64::from(o.probes) + blocks as u64;
    vec![
        BufferPlan::of::<Observation>("observation", 1, Usage::Uniform),
        BufferPlan::words("points", points),
        BufferPlan::words("counts", u64::from(o.windows) * field),
        BufferPlan::words("traces", u64::from(o.traced) * u64::from(o.samples + 1) * field),
        BufferPlan::words("recording", words),
    ]
}
