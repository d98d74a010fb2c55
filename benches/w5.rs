//! `cargo bench --bench w5`: the liquid state machine, 256 samples of 250 steps.

use limnos_bench::workload::W5;

fn main() -> anyhow::Result<()> {
    limnos_benches::report(&W5::default(), W5::default().seed, 250)
}
