//! Arrays of the host, `[sample][step][column]` in f32 or f64, as the device holds them by step, and back.

use limnos_spec::twin::device::rate::RateShape;

use crate::rate::Real;
use crate::rate::real::{Numbers, NumbersMut};

/// Rows of an array of the host that belong to a piece of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    /// Rows of the array for each sample.
    pub(super) all: usize,
    /// The first of the piece, and how many.
    pub(super) first: usize,
    pub(super) count: usize,
}

/// Columns of rows of the device that columns of the host go to or come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// Columns of the host.
    pub(super) count: usize,
    /// The first of them in a row of the device, and the columns of such a row.
    pub(super) first: usize,
    pub(super) width: usize,
}

impl Columns {
    /// All columns of a row.
    pub(super) const fn all(count: usize) -> Self {
        Self { count, first: 0, width: count }
    }
}

/// Writes rows as the device holds them to `words`.
pub(super) fn to_device(shape: &RateShape, from: Numbers<'_>, rows: Rows, columns: Columns, words: &mut [f32]) {
    match from {
        Numbers::F32(values) => stage(shape, values, rows, columns, words),
        Numbers::F64(values) => stage(shape, values, rows, columns, words),
    }
}

fn stage<T: Real>(shape: &RateShape, from: &[T], rows: Rows, columns: Columns, words: &mut [f32]) {
    if columns.count == 0 {
        return;
    }
    for lane in 0..shape.samples as usize {
        for k in 0..rows.count {
            let row = &from[(lane * rows.all + rows.first + k) * columns.count..][..columns.count];
            for (c, value) in row.iter().enumerate() {
                words[shape.place(k, columns.width, columns.first + c, lane)] = value.to_f64() as f32;
            }
        }
    }
}

/// Writes rows that the device made to an array of the host, those of a sample until its length in the run.
pub(super) fn from_device(
    shape: &RateShape,
    words: &[f32],
    width: usize,
    rows: Rows,
    lengths: Option<&[usize]>,
    to: &mut NumbersMut<'_>,
) {
    match to {
        NumbersMut::F32(values) => unstage(shape, words, width, rows, lengths, values),
        NumbersMut::F64(values) => unstage(shape, words, width, rows, lengths, values),
    }
}

fn unstage<T: Real>(
    shape: &RateShape,
    words: &[f32],
    width: usize,
    rows: Rows,
    lengths: Option<&[usize]>,
    to: &mut [T],
) {
    if width == 0 {
        return;
    }
    for lane in 0..shape.samples as usize {
        let end = lengths.map_or(rows.count, |lengths| lengths[lane].saturating_sub(rows.first).min(rows.count));
        for k in 0..end {
            let row = &mut to[(lane * rows.all + rows.first + k) * width..][..width];
            for (c, value) in row.iter_mut().enumerate() {
                *value = T::from_f64(f64::from(words[shape.place(k, width, c, lane)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_to_the_device_and_come_back() {
        for interleaved in [0, 1] {
            let shape = RateShape { samples: 2, interleaved, ..RateShape::default() };
            // Two samples of three rows of two columns; rows 1 and 2 are the piece, and go to columns 1 and 2 of 3.
            let host: Vec<f64> = (0..12).map(f64::from).collect();
            let rows = Rows { all: 3, first: 1, count: 2 };
            let mut device = vec![-1.0; 2 * 2 * 3];
            let columns = Columns { count: 2, first: 1, width: 3 };
            to_device(&shape, Numbers::F64(&host), rows, columns, &mut device);
            let expected: [f32; 12] = match interleaved {
                0 => [-1.0, 2.0, 3.0, -1.0, 8.0, 9.0, -1.0, 4.0, 5.0, -1.0, 10.0, 11.0],
                _ => [-1.0, -1.0, 2.0, 8.0, 3.0, 9.0, -1.0, -1.0, 4.0, 10.0, 5.0, 11.0],
            };
            assert_eq!(device, expected);
            let mut back = vec![0.0f64; 2 * 3 * 3];
            let lengths = [3, 2];
            from_device(&shape, &device, 3, rows, Some(&lengths), &mut NumbersMut::F64(&mut back));
            let first = [0.0, 0.0, 0.0, -1.0, 2.0, 3.0, -1.0, 4.0, 5.0];
            // The second sample ends before row 2.
            assert_eq!(back, [first, [0.0, 0.0, 0.0, -1.0, 8.0, 9.0, 0.0, 0.0, 0.0]].concat());
        }
    }
}
