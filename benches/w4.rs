//! `cargo bench --bench w4`: echo state networks of 100 to 100 000 units; the fit up to 5000.

use limnos_bench::workload::W4;

fn main() -> anyhow::Result<()> {
    for n in [100, 1000, 5000] {
        limnos_benches::report_w4(&W4 { n, ..W4::default() })?;
    }
    limnos_benches::report_w4(&W4 { n: 100_000, steps: 1000, fit: false, keep_states: false, ..W4::default() })
}
