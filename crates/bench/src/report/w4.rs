//! The report of an echo state network: what has no meaning for rates is null.

use limnos_engine::DeviceInfo;
use limnos_engine::rate::Precision;
use serde::Serialize;

use super::{COMMIT, rounded};
use crate::process;
use crate::workload::{W4, W4Outcome};

/// A run of [`W4`], as reported.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the keys, explained in the table of `W4Report::KEYS`")]
pub struct W4Report {
    pub peer: &'static str,
    pub version: &'static str,
    pub workload: &'static str,
    pub variant: &'static str,
    pub threads: usize,
    pub drive: Option<&'static str>,
    pub neurons: usize,
    pub synapses: usize,
    pub steps: usize,
    pub copies: usize,
    pub sim_wall_s: f64,
    pub sim_cpu_s: Option<f64>,
    pub build_s: f64,
    pub spikes: Option<u64>,
    pub rate_hz: Option<f64>,
    pub syn_events_per_s: u64,
    pub neuron_updates_per_s: u64,
    pub peak_rss_mb: Option<f64>,
    pub loadavg1: Option<f64>,
    pub python: Option<&'static str>,
    pub fit_s: Option<f64>,
    pub steps_per_s: u64,
    pub nrmse: Option<f64>,
    pub dtype: &'static str,
    pub device: &'static str,
    pub adapter: String,
    pub driver: String,
    pub commit: &'static str,
    pub seed: u64,
    pub warmup: usize,
    pub alpha: f64,
    pub states_kept: bool,
}

impl W4Report {
    /// What each key means.
    pub const KEYS: [(&'static str, &'static str); 32] = [
        ("peer", "\"limnos\""),
        ("version", "version of this package"),
        ("workload", "\"w4\""),
        ("variant", "empty"),
        ("threads", "threads of the CPU device; 0 on a GPU"),
        ("drive", "null"),
        ("neurons", "units"),
        ("synapses", "entries of the recurrent weights"),
        ("steps", "timed steps"),
        ("copies", "1"),
        ("sim_wall_s", "seconds of the timed steps, states kept where the run keeps them"),
        ("sim_cpu_s", "CPU seconds of all threads over the same span"),
        ("build_s", "seconds from the description, or the opened file of weights, to the first step"),
        ("spikes", "null"),
        ("rate_hz", "null"),
        ("syn_events_per_s", "synapses x steps a second"),
        ("neuron_updates_per_s", "units x steps a second"),
        ("peak_rss_mb", "peak memory of the process, the fit included"),
        ("loadavg1", "load average at the end"),
        ("python", "null"),
        ("fit_s", "seconds of the ridge regression, from kept states to weights"),
        ("steps_per_s", "timed steps a second"),
        ("nrmse", "error of the forecast over the fitted steps, over the standard deviation of the series"),
        ("dtype", "what states are computed and kept in; the fit is in float64"),
        ("device", "cpu or gpu"),
        ("adapter", "which"),
        ("driver", "its driver with version"),
        ("commit", "commit of the build; \"+\" at its end where files differed from it"),
        ("seed", "seed of weights and series"),
        ("warmup", "steps left out of the fit"),
        ("alpha", "penalty of the ridge regression"),
        ("states_kept", "whether the states of all steps were kept"),
    ];

    /// A report of a run.
    #[must_use]
    pub fn new(workload: &W4, threads: usize, device: DeviceInfo, outcome: &W4Outcome) -> Self {
        let a_second = |count: usize| (count as f64 / outcome.wall_s.max(1e-9)).round() as u64;
        Self {
            peer: "limnos",
            version: env!("CARGO_PKG_VERSION"),
            workload: "w4",
            variant: "",
            threads,
            drive: None,
            neurons: workload.n,
            synapses: outcome.recurrent,
            steps: workload.steps,
            copies: 1,
            sim_wall_s: rounded(outcome.wall_s, 6),
            sim_cpu_s: outcome.cpu_s.map(|s| rounded(s, 6)),
            build_s: rounded(outcome.build_s, 3),
            spikes: None,
            rate_hz: None,
            syn_events_per_s: a_second(outcome.recurrent * workload.steps),
            neuron_updates_per_s: a_second(workload.n * workload.steps),
            peak_rss_mb: outcome.peak_rss_mb.map(|mb| rounded(mb, 1)),
            loadavg1: process::load_average(),
            python: None,
            fit_s: outcome.fit_s.map(|s| rounded(s, 4)),
            steps_per_s: a_second(workload.steps),
            nrmse: outcome.nrmse,
            dtype: match workload.precision {
                Precision::F32 => "float32",
                Precision::F64 => "float64",
            },
            device: device.device,
            adapter: device.adapter,
            driver: device.driver,
            commit: COMMIT,
            seed: workload.seed,
            warmup: workload.warmup,
            alpha: workload.alpha,
            states_kept: workload.keep_states,
        }
    }

    /// The same as a table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let per_step = self.sim_wall_s / self.steps.max(1) as f64 * 1e6;
        let cpu = self.sim_cpu_s.map_or_else(String::new, |s| format!(", {s} CPU seconds"));
        let kept = if self.states_kept { "kept" } else { "not kept" };
        let mut rows = vec![
            ("workload", format!("w4, seed {}", self.seed)),
            ("device", format!("{}, {} {}", self.device, self.adapter, self.driver)),
            ("reservoir", format!("{} units, {} connections, {}", self.neurons, self.synapses, self.dtype)),
            ("build", format!("{} s", self.build_s)),
            (
                "run",
                format!("{} steps, {} s, {per_step:.1} us a step{cpu}; states {kept}", self.steps, self.sim_wall_s),
            ),
        ];
        let fit = self.fit_s.zip(self.nrmse);
        rows.extend(fit.map(|(s, nrmse)| ("fit", format!("{s} s, NRMSE {nrmse:.3e}"))));
        rows.extend(self.peak_rss_mb.map(|mb| ("memory", format!("{mb} MB at most"))));
        rows.into_iter().map(|(name, value)| format!("{name:<10}{}\n", value.trim_end())).collect()
    }
}
