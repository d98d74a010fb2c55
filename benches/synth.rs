//! `cargo bench --bench synth`: propagation alone, sparse and dense.

use limnos_bench::workload::Synth;

fn main() -> anyhow::Result<()> {
    for (n, p) in [(100_000, 0.00156), (20_000, 0.05)] {
        limnos_benches::report(&Synth { n, p, ..Synth::default() }, Synth::default().seed, 1000)?;
    }
    Ok(())
}
