//! `cargo bench --bench w2`: the learning reservoir at 20 000 and 100 000 neurons, with either drive.

use limnos_bench::workload::{Noise, W1, W2};

fn main() -> anyhow::Result<()> {
    for n in [20_000, 100_000] {
        for noise in [Noise::Poisson, Noise::Constant] {
            let reservoir = W1 { n, noise, ..W1::default() };
            limnos_benches::report(&W2 { reservoir, ..W2::default() }, reservoir.seed, 1000)?;
        }
    }
    Ok(())
}
