//! `cargo bench --bench w1`: the asynchronous irregular reservoir at 20 000 and 100 000 neurons, with either drive.

use limnos_bench::workload::{Noise, W1};

fn main() -> anyhow::Result<()> {
    for n in [20_000, 100_000] {
        for noise in [Noise::Poisson, Noise::Constant] {
            limnos_benches::report(&W1 { n, noise, ..W1::default() }, W1::default().seed, 1000)?;
        }
    }
    Ok(())
}
