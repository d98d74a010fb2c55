//! The two matrix products of the softmax objective, four samples and four classes at a time.
//!
//! An optimiser of hundreds of steps would carry a last-bit difference between two processors' product routines into
//! the fifth digit. These loops have one order of plain additions and multiplications, so a fit has the same bits on
//! every machine; with fixed-size arrays they compile to vector code all the same.

/// Samples that go through the products together.
pub(super) const ROWS: usize = 4;
/// Classes that go through the products together.
pub(super) const LANES: usize = 4;

/// Values of [`LANES`] classes.
pub(super) type Lanes = [f64; LANES];

#[inline(always)]
fn add_scaled(sum: &mut Lanes, scale: f64, values: &Lanes) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += scale * value;
    }
}

/// The contiguous samples of a group, of `width` features each.
#[inline(always)]
fn split(group: &[f64], width: usize) -> [&[f64]; ROWS] {
    std::array::from_fn(|row| &group[row * width..(row + 1) * width])
}

/// `group * theta`: for each sample, over all features in order.
pub(super) fn product(group: &[f64], theta: &[Lanes]) -> [Lanes; ROWS] {
    let [a, b, c, d] = split(group, theta.len());
    let mut sums = [[0.0; LANES]; ROWS];
    for ((((theta, a), b), c), d) in theta.iter().zip(a).zip(b).zip(c).zip(d) {
        add_scaled(&mut sums[0], *a, theta);
        add_scaled(&mut sums[1], *b, theta);
        add_scaled(&mut sums[2], *c, theta);
        add_scaled(&mut sums[3], *d, theta);
    }
    sums
}

/// `gradient += group^T * residuals`: for each feature, over the samples in order.
pub(super) fn add_transposed_product(group: &[f64], residuals: &[Lanes; ROWS], gradient: &mut [Lanes]) {
    let [a, b, c, d] = split(group, gradient.len());
    for ((((gradient, a), b), c), d) in gradient.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        let mut sum = *gradient;
        add_scaled(&mut sum, *a, &residuals[0]);
        add_scaled(&mut sum, *b, &residuals[1]);
        add_scaled(&mut sum, *c, &residuals[2]);
        add_scaled(&mut sum, *d, &residuals[3]);
        *gradient = sum;
    }
}
