//! The arithmetic of one step on 16 units side by side.

use limnos_spec::rate::Activation;

use super::float::{Float, relu};

/// Units side by side.
pub(crate) const LANES: usize = 16;

/// The constants of 16 units; those of padding are 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants<T> {
    /// 1 - leak rate, rounded once.
    pub(crate) keep: [T; LANES],
    pub(crate) leak: [T; LANES],
    pub(crate) gain: [T; LANES],
    pub(crate) bias: [T; LANES],
}

/// Rows in slices of 16: entry `k` of a slice holds the `k`-th entries of its rows, shorter rows filled up with weights of 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slices<T, C> {
    /// Where each slice starts among the entries; one more than slices.
    pub(crate) start: Vec<usize>,
    pub(crate) column: Vec<[C; LANES]>,
    pub(crate) weight: Vec<[T; LANES]>,
}

/// What one call steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a, T, C> {
    pub(crate) slices: &'a Slices<T, C>,
    pub(crate) constants: &'a [Constants<T>],
    pub(crate) activation: Activation,
}

/// The number of a column in the gather vector, narrow or wide.
pub(crate) trait Column: Copy + Default + Send + Sync + 'static {
    /// The gather vector as entries are looked up in it.
    type View<'a, T: 'a>: Copy;

    fn new(index: usize) -> Self;
    fn view<T>(gathered: &[T]) -> Self::View<'_, T>;
    fn get<T: Copy>(self, view: Self::View<'_, T>) -> T;
}

/// Entries that a narrow column can tell apart; gather vectors are at least so long, so that no index needs a check.
pub(crate) const NARROW: usize = 1 << 16;

impl Column for u16 {
    type View<'a, T: 'a> = &'a [T; NARROW];

    fn new(index: usize) -> Self {
        index as Self
    }

    #[inline(always)]
    fn view<T>(gathered: &[T]) -> &[T; NARROW] {
        gathered.first_chunk().expect("a gather vector should be as long as narrow columns reach")
    }

    #[inline(always)]
    fn get<T: Copy>(self, view: &[T; NARROW]) -> T {
        view[usize::from(self)]
    }
}

impl Column for u32 {
    type View<'a, T: 'a> = &'a [T];

    fn new(index: usize) -> Self {
        index as Self
    }

    #[inline(always)]
    fn view<T>(gathered: &[T]) -> &[T] {
        gathered
    }

    #[inline(always)]
    fn get<T: Copy>(self, view: &[T]) -> T {
        view[self as usize]
    }
}

/// New states of the units whose states are `state`, from the gather vector. A row adds its products from left to right.
#[inline(always)]
pub(crate) fn rows<T: Float, C: Column>(rows: Rows<'_, T, C>, gathered: &[T], state: &[T], next: &mut [T]) {
    match rows.activation {
        Activation::Tanh => each_slice(rows, gathered, state, next, T::tanh),
        Activation::Sigmoid => each_slice(rows, gathered, state, next, T::sigmoid),
        Activation::Relu => each_slice(rows, gathered, state, next, relu),
        Activation::Identity => each_slice(rows, gathered, state, next, |a| a),
    }
}

#[inline(always)]
fn each_slice<T: Float, C: Column>(
    rows: Rows<'_, T, C>,
    gathered: &[T],
    state: &[T],
    next: &mut [T],
    f: impl Fn(T) -> T + Copy,
) {
    let view = C::view(gathered);
    let (state, _) = state.as_chunks::<LANES>();
    let (next, _) = next.as_chunks_mut::<LANES>();
    for (s, (constants, (x, out))) in rows.constants.iter().zip(state.iter().zip(next)).enumerate() {
        let entries = rows.slices.start[s]..rows.slices.start[s + 1];
        let sums = sums(&rows.slices.column[entries.clone()], &rows.slices.weight[entries], view);
        for lane in 0..LANES {
            let a = constants.gain[lane] * sums[lane] + constants.bias[lane];
            out[lane] = constants.keep[lane] * x[lane] + constants.leak[lane] * f(a);
        }
    }
}

#[inline(always)]
fn sums<T: Float, C: Column>(columns: &[[C; LANES]], weights: &[[T; LANES]], view: C::View<'_, T>) -> [T; LANES] {
    let mut sums = [T::default(); LANES];
    for (column, weight) in columns.iter().zip(weights) {
        for lane in 0..LANES {
            sums[lane] = sums[lane] + weight[lane] * column[lane].get::<T>(view);
        }
    }
    sums
}
