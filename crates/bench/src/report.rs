//! One JSON object per run: the keys that scripts of other simulators print too, and ours.

mod w4;

use limnos_engine::DeviceInfo;
use serde::Serialize;

use crate::measure::{Outcome, Run};
use crate::process;
use crate::workload::Workload;

pub use w4::W4Report;

/// Commit that this was built from; a "+" at its end says that files differed from it.
pub const COMMIT: &str = env!("LIMNOS_COMMIT");

/// A run, as reported. `None` is what the system or the run did not give.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the keys, explained in the table of `Report::KEYS`")]
pub struct Report {
    pub peer: &'static str,
    pub version: &'static str,
    pub workload: &'static str,
    pub variant: &'static str,
    pub threads: usize,
    pub drive: Option<&'static str>,
    pub neurons: usize,
    pub synapses: usize,
    pub steps: u32,
    pub copies: usize,
    pub sim_wall_s: f64,
    pub sim_cpu_s: Option<f64>,
    pub build_s: f64,
    pub spikes: u64,
    pub rate_hz: f64,
    pub syn_events_per_s: u64,
    pub neuron_updates_per_s: u64,
    pub peak_rss_mb: Option<f64>,
    pub loadavg1: Option<f64>,
    pub python: Option<&'static str>,
    pub device: &'static str,
    pub adapter: String,
    pub driver: String,
    pub digest: Option<String>,
    pub bytes_per_synapse: f64,
    pub commit: &'static str,
    pub seed: u64,
    pub first_sample: u32,
    pub pieces: u32,
    pub warmup: u32,
    pub readout_accuracy: Option<f64>,
    pub w_mean: Option<f64>,
    pub w_sd: Option<f64>,
}

impl Report {
    /// What each key means.
    pub const KEYS: [(&'static str, &'static str); 33] = [
        ("peer", "\"limnos\""),
        ("version", "version of this package"),
        ("workload", "w1, w2, w3, w5 or synth"),
        ("variant", "\"scaled\" for a w3 of another size than the published one"),
        ("threads", "threads of the CPU device; 0 on a GPU"),
        ("drive", "poisson or dc (w1, w2)"),
        ("neurons", "neurons of one sample"),
        ("synapses", "synapses, those of inputs included"),
        ("steps", "timed steps of each sample"),
        ("copies", "samples side by side"),
        ("sim_wall_s", "seconds of the timed steps: stepping alone"),
        ("sim_cpu_s", "CPU seconds of all threads over the same span"),
        ("build_s", "seconds from the description of the network to the first step"),
        ("spikes", "spikes in the timed steps, all samples together"),
        ("rate_hz", "mean rate of a neuron over them"),
        ("syn_events_per_s", "deliveries a second: those between neurons counted, those of inputs expected"),
        ("neuron_updates_per_s", "neurons x steps x copies a second"),
        ("peak_rss_mb", "peak memory of the process up to the end of the timed steps"),
        ("loadavg1", "load average at the end"),
        ("python", "null"),
        ("device", "cpu or gpu"),
        ("adapter", "which"),
        ("driver", "its driver with version"),
        ("digest", "xxh3 of all spikes from step 0, warm-up included, and of the state at the end"),
        ("bytes_per_synapse", "bytes of synapse tables over synapses"),
        ("commit", "commit of the build; \"+\" at its end where files differed from it"),
        ("seed", "seed of the network"),
        ("first_sample", "number of the first sample"),
        ("pieces", "pieces that the timed steps were cut into"),
        ("warmup", "untimed steps before them"),
        ("readout_accuracy", "w5: ridge on half the samples, accuracy on the others"),
        ("w_mean", "w2: mean of the plastic weights at the end, mV"),
        ("w_sd", "w2: their standard deviation, mV"),
    ];

    /// A report of a run.
    #[must_use]
    pub fn new(
        workload: &dyn Workload,
        seed: u64,
        threads: usize,
        device: DeviceInfo,
        run: &Run,
        outcome: &Outcome,
    ) -> Self {
        let copies = run.batch.max(1);
        let updates = outcome.neurons as f64 * f64::from(run.steps) * copies as f64;
        let seconds = updates * outcome.dt_ms / 1000.0;
        let wall = outcome.wall_s.max(1e-9);
        Self {
            peer: "limnos",
            version: env!("CARGO_PKG_VERSION"),
            workload: workload.name(),
            variant: workload.variant(),
            threads,
            drive: workload.drive(),
            neurons: outcome.neurons,
            synapses: outcome.synapses,
            steps: run.steps,
            copies,
            sim_wall_s: rounded(outcome.wall_s, 6),
            sim_cpu_s: outcome.cpu_s.map(|s| rounded(s, 6)),
            build_s: rounded(outcome.build_s, 3),
            spikes: outcome.spikes,
            rate_hz: rounded(outcome.spikes as f64 / seconds.max(1e-9), 3),
            syn_events_per_s: (outcome.events / wall).round() as u64,
            neuron_updates_per_s: (updates / wall).round() as u64,
            peak_rss_mb: outcome.peak_rss_mb.map(|mb| rounded(mb, 1)),
            loadavg1: process::load_average(),
            python: None,
            device: device.device,
            adapter: device.adapter,
            driver: device.driver,
            digest: outcome.digest().map(hex),
            bytes_per_synapse: rounded(outcome.bytes_per_synapse, 3),
            commit: COMMIT,
            seed,
            first_sample: run.first_sample,
            pieces: run.pieces,
            warmup: run.warmup,
            readout_accuracy: workload.accuracy(&outcome.counts, run.first_sample).map(|a| rounded(a, 3)),
            w_mean: outcome.weights.map(|w| rounded(w.mean, 5)),
            w_sd: outcome.weights.map(|w| rounded(w.sd, 5)),
        }
    }

    /// The same as a table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let per_step = self.sim_wall_s / f64::from(self.steps.max(1)) * 1e6;
        let mut rows = vec![
            ("workload", format!("{} {}{}", self.workload, self.variant, self.drive.unwrap_or(""))),
            ("device", format!("{}, {} {}", self.device, self.adapter, self.driver)),
            (
                "network",
                format!("{} neurons, {} synapses of {} bytes", self.neurons, self.synapses, self.bytes_per_synapse),
            ),
            (
                "run",
                format!(
                    "{} steps of {} samples after {} of warm-up, seed {}",
                    self.steps, self.copies, self.warmup, self.seed
                ),
            ),
            ("build", format!("{} s", self.build_s)),
            ("stepping", format!("{} s, {per_step:.1} us a step{}", self.sim_wall_s, self.cpu())),
            ("spikes", format!("{}, {} Hz a neuron", self.spikes, self.rate_hz)),
            (
                "speed",
                format!(
                    "{:.3e} synaptic events/s, {:.3e} neuron updates/s",
                    self.syn_events_per_s as f64, self.neuron_updates_per_s as f64
                ),
            ),
            ("digest", self.digest.clone().unwrap_or_else(|| "not asked for".into())),
        ];
        rows.extend(self.readout_accuracy.map(|a| ("readout", format!("accuracy {a} on the second half"))));
        let weights = self.w_mean.zip(self.w_sd);
        rows.extend(weights.map(|(mean, sd)| ("weights", format!("{mean} mV in the mean at the end, sd {sd} mV"))));
        rows.extend(self.peak_rss_mb.map(|mb| ("memory", format!("{mb} MB at most"))));
        rows.into_iter().map(|(name, value)| format!("{name:<10}{}\n", value.trim_end())).collect()
    }

    fn cpu(&self) -> String {
        self.sim_cpu_s.map_or_else(String::new, |s| format!(", {s} CPU seconds"))
    }
}

/// A digest as text.
#[must_use]
pub fn hex(digest: u64) -> String {
    format!("{digest:016x}")
}

fn rounded(x: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (x * scale).round() / scale
}
