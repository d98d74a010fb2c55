//! The numbers of other simulators, and whether ours lie among them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The committed numbers: `benches/reference/reference.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    /// One entry a simulator, workload and size.
    pub references: Vec<Entry>,
}

/// The numbers of one simulator for one network.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// Workload: w1, w2 or w3.
    pub workload: String,
    /// Simulator.
    pub simulator: String,
    /// Its version.
    pub version: String,
    /// "matched" where its step order is ours.
    pub variant: String,
    /// Neurons.
    pub n: usize,
    /// Seconds measured.
    pub seconds: f64,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Each measure over the seeds.
    pub summary: BTreeMap<String, Band>,
}

/// A measure over seeds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Band {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// From the lower of the smallest value and 1 % below the mean to the higher of the largest and 1 % above.
    pub band: [f64; 2],
}

/// One measure of ours beside a simulator's.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Measure.
    pub measure: String,
    /// Simulator with its version.
    pub simulator: String,
    /// Ours: the mean over our seeds.
    pub ours: f64,
    /// Theirs.
    pub theirs: Band,
}

impl Verdict {
    /// Whether ours lies in their band.
    #[must_use]
    pub fn holds(&self) -> bool {
        (self.theirs.band[0]..=self.theirs.band[1]).contains(&self.ours)
    }

    /// A line of a table.
    #[must_use]
    pub fn line(&self) -> String {
        let [low, high] = self.theirs.band;
        let sign = if self.holds() { "" } else { "   OUTSIDE" };
        format!(
            "{:<22} {:>12.5}   {:<14} {:>12.5} +- {:<10.5} [{low:.5}, {high:.5}]{sign}",
            self.measure, self.ours, self.simulator, self.theirs.mean, self.theirs.sd
        )
    }
}

impl Reference {
    /// From the text of the file.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Sets the means of ours beside every simulator that has the workload in this size and our step order.
    #[must_use]
    pub fn compare(&self, workload: &str, n: usize, ours: &[(&str, f64)]) -> Vec<Verdict> {
        let same = |e: &&Entry| e.workload == workload && e.n == n && e.variant == "matched";
        let verdicts = self.references.iter().filter(same).flat_map(|entry| {
            ours.iter().filter_map(|&(measure, value)| {
                let theirs = *entry.summary.get(measure)?;
                let simulator = format!("{} {}", entry.simulator, entry.version);
                Some(Verdict { measure: measure.into(), simulator, ours: value, theirs })
            })
        });
        verdicts.collect()
    }
}
