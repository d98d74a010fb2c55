//! The series that W4 hears.

use anyhow::bail;
use limnos::tasks::{MackeyGlass, MackeyGlassRule, Npz};

/// The first `n` values of the file's series, where it has one; else Mackey-Glass from `seed`, with its mean taken off.
pub(super) fn of(file: Option<&Npz>, n: usize, seed: u64) -> anyhow::Result<Vec<f64>> {
    if let Some(file) = file.filter(|file| file.names().any(|name| name == "series")) {
        let mut series = file.get("series")?.to_f64()?;
        if series.len() < n {
            bail!("series of the file has {} values; allowed: {n} or more, one more than steps", series.len());
        }
        series.truncate(n);
        return Ok(series);
    }
    let mut series = MackeyGlass { rule: MackeyGlassRule::Euler, ..MackeyGlass::seeded(seed) }.series(n)?;
    let mean = series.iter().sum::<f64>() / n as f64;
    series.iter_mut().for_each(|x| *x -= mean);
    Ok(series)
}
