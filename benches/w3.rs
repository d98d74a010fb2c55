//! `cargo bench --bench w3`: the CUBA network in its published size and scaled to 40 000 neurons.

use limnos_bench::workload::W3;

fn main() -> anyhow::Result<()> {
    for (n, steps) in [(4000, 10_000), (40_000, 2000)] {
        limnos_benches::report(&W3 { n, ..W3::default() }, W3::default().seed, steps)?;
    }
    Ok(())
}
