//! Correlation of the spike counts of neurons in bins.

/// Pearson correlation of the spike counts of two neurons (ascending steps from the start of the window) over `bins` bins of `bin_steps`; exact in
/// integers up to the last division. `None` where a count does not vary.
#[must_use]
pub fn of_pair(a: &[u32], b: &[u32], bin_steps: u32, bins: u32) -> Option<f64> {
    let (x, y) = (counts(a, bin_steps, bins), counts(b, bin_steps, bins));
    let (sum_x, sum_y) = (total(&x), total(&y));
    let scaled = |products: u64, p: u64, q: u64| i64::from(bins) * products as i64 - (p * q) as i64;
    let covariance = scaled(products(&x, &y), sum_x, sum_y);
    let (var_x, var_y) = (scaled(products(&x, &x), sum_x, sum_x), scaled(products(&y, &y), sum_y, sum_y));
    (var_x > 0 && var_y > 0).then(|| covariance as f64 / (var_x as f64 * var_y as f64).sqrt())
}

/// Mean Pearson correlation over all pairs of neurons whose counts vary, m of them: with z the standardised counts it is
/// `(mean over bins of (sum of z)^2 - m) / (m (m - 1))`. `None` where m < 2.
#[must_use]
pub fn all_pairs(rows: &[Vec<u32>], bin_steps: u32, bins: u32) -> Option<f64> {
    let (mut sums, mut m) = (vec![0.0; bins as usize], 0.0);
    for counts in rows.iter().map(|row| counts(row, bin_steps, bins)) {
        let mean = total(&counts) as f64 / f64::from(bins);
        let variance = products(&counts, &counts) as f64 / f64::from(bins) - mean * mean;
        if counts.iter().any(|&c| c != counts[0]) {
            let inverse = 1.0 / variance.sqrt();
            sums.iter_mut().zip(&counts).for_each(|(sum, &c)| *sum += (f64::from(c) - mean) * inverse);
            m += 1.0;
        }
    }
    let square = sums.iter().map(|s| s * s).sum::<f64>() / f64::from(bins);
    (m > 1.0).then(|| (square - m) / (m * (m - 1.0)))
}

/// Spikes in each whole bin.
fn counts(steps: &[u32], bin_steps: u32, bins: u32) -> Vec<u32> {
    let mut counts = vec![0; bins as usize];
    for step in steps.iter().take_while(|&&s| s < bins * bin_steps) {
        counts[(step / bin_steps) as usize] += 1;
    }
    counts
}

fn total(counts: &[u32]) -> u64 {
    counts.iter().map(|&c| u64::from(c)).sum()
}

fn products(x: &[u32], y: &[u32]) -> u64 {
    x.iter().zip(y).map(|(&x, &y)| u64::from(x) * u64::from(y)).sum()
}
