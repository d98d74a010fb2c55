//! Products of all pairs of features and targets: the twin of `kernels/rate_gram.wgsl`.

use super::rate::{Close, RateRows, RateShape};

/// The products `[member][column][column]` of the upper triangle, summed over the rows that count; 0 below the diagonal. `lengths` are those of the samples.
#[must_use]
pub fn rate_gram(
    shape: &RateShape,
    rows: &RateRows,
    lengths: &[u32],
    drive: &[f32],
    record: &[f32],
    targets: &[f32],
) -> Vec<Close> {
    let columns = rows.columns as usize;
    let members = (shape.samples / shape.per_member) as usize;
    let mut gram = vec![Close::default(); members * columns * columns];
    for k in rows.first..rows.end {
        for lane in (0..shape.samples as usize).filter(|&lane| rows.row + k < lengths[lane]) {
            let first = lane / shape.per_member as usize * columns * columns;
            let values = row(shape, rows, k as usize, lane, (drive, record, targets));
            for (i, a) in values.iter().enumerate() {
                for (j, b) in values.iter().enumerate().skip(i) {
                    gram[first + i * columns + j].value += a * b;
                    gram[first + i * columns + j].terms += (a * b).abs();
                }
            }
        }
    }
    gram
}

fn row(
    shape: &RateShape,
    rows: &RateRows,
    k: usize,
    lane: usize,
    (drive, record, targets): (&[f32], &[f32], &[f32]),
) -> Vec<f64> {
    let input = |channel| drive[shape.place(k, shape.inputs as usize, channel, lane)];
    let state = |index| record[shape.place(k, shape.units as usize, index, lane)];
    let features = (0..shape.features as usize).map(|i| shape.feature(i, input, state).value);
    let target = |t| f64::from(targets[shape.place(k, rows.targets as usize, t, lane)]);
    features.chain((0..rows.targets as usize).map(target)).collect()
}
