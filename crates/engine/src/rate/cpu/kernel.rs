//! The arithmetic of one step on 16 units side by side: first the sums of rows, then what follows from them.
//!
//! An entry of a row costs a load of its column's number, of its weight, and of the gathered value. The last is the floor: its place is known from the first
//! alone, so it is one scalar load an entry, and rows of 11 entries (10 units and an input) cannot take less than about a cycle for every two to four of them, whatever the width of vectors.
//! On a Zen 5 core (1000 and 5000 units, all in the first two caches) the sums take 0.19 ns an entry with scalar loads and 0.27 ns with the gather instructions
//! of AVX-512, which is why sums are compiled for AVX2 at most.

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

/// Rows in slices of 16. A slice starts with the entries whose column all its rows share (inputs that every unit hears, dense matrices); entry `k` of the rest
/// holds the next entries of its rows, shorter rows filled up with weights of 0.
#[derive(Clone, Debug)]
pub(crate) struct Slices<T, C> {
    pub(crate) shared: Entries<T, C>,
    pub(crate) own: Entries<T, [C; LANES]>,
}

/// Entries of slices, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Entries<T, I> {
    /// Where each slice starts; one more than slices.
    pub(crate) start: Vec<usize>,
    pub(crate) column: Vec<I>,
    pub(crate) weight: Vec<[T; LANES]>,
}

impl<T, I> Entries<T, I> {
    pub(crate) fn new() -> Self {
        Self { start: vec![0], column: Vec::new(), weight: Vec::new() }
    }

    #[inline(always)]
    fn slice(&self, s: usize) -> impl Iterator<Item = (&I, &[T; LANES])> {
        let range = self.start[s]..self.start[s + 1];
        self.column[range.clone()].iter().zip(&self.weight[range])
    }
}

/// The number of a column in the gather vector.
pub(crate) trait Column: Copy + Send + Sync + 'static {
    /// The gather vector as entries are looked up in it.
    type View<'a, T: 'a>: Copy;
    /// Length of gather vectors; at least so much.
    const REACH: usize;

    fn new(index: usize) -> Self;
    fn view<T>(gathered: &[T]) -> Self::View<'_, T>;
    fn get<T: Copy>(self, view: Self::View<'_, T>) -> T;
}

/// Two bytes; the gather vector is as long as they reach, so that no index needs a check.
pub(crate) type Narrow = u16;

impl Column for Narrow {
    type View<'a, T: 'a> = &'a [T; Self::REACH];
    const REACH: usize = 1 << 16;

    fn new(index: usize) -> Self {
        index as Self
    }

    #[inline(always)]
    fn view<T>(gathered: &[T]) -> &[T; Self::REACH] {
        gathered.first_chunk().expect("a gather vector should be as long as its columns reach")
    }

    #[inline(always)]
    fn get<T: Copy>(self, view: &[T; Self::REACH]) -> T {
        view[usize::from(self)]
    }
}

/// Twenty bits, likewise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Middle(u32);

impl Column for Middle {
    type View<'a, T: 'a> = &'a [T; Self::REACH];
    const REACH: usize = 1 << 20;

    fn new(index: usize) -> Self {
        Self(index as u32)
    }

    #[inline(always)]
    fn view<T>(gathered: &[T]) -> &[T; Self::REACH] {
        gathered.first_chunk().expect("a gather vector should be as long as its columns reach")
    }

    #[inline(always)]
    fn get<T: Copy>(self, view: &[T; Self::REACH]) -> T {
        view[self.0 as usize & (Self::REACH - 1)]
    }
}

/// Any index, checked.
pub(crate) type Wide = u32;

impl Column for Wide {
    type View<'a, T: 'a> = &'a [T];
    const REACH: usize = 0;

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

/// Sums of the rows of slices `first ..`, as many as `sums` has room for. A row adds its products from left to right.
#[inline(always)]
pub(crate) fn row_sums<T: Float, C: Column>(
    slices: &Slices<T, C>,
    first: usize,
    gathered: &[T],
    sums: &mut [[T; LANES]],
) {
    let view = C::view(gathered);
    for (s, out) in (first..).zip(sums) {
        let mut sums = [T::default(); LANES];
        for (column, weight) in slices.shared.slice(s) {
            let x = column.get::<T>(view);
            for lane in 0..LANES {
                sums[lane] = sums[lane] + weight[lane] * x;
            }
        }
        for (column, weight) in slices.own.slice(s) {
            for lane in 0..LANES {
                sums[lane] = sums[lane] + weight[lane] * column[lane].get::<T>(view);
            }
        }
        *out = sums;
    }
}

/// Puts new states in the place of sums.
#[inline(always)]
pub(crate) fn activate<T: Float>(
    activation: Activation,
    constants: &[Constants<T>],
    state: &[T],
    next: &mut [[T; LANES]],
) {
    match activation {
        Activation::Tanh => each_slice(constants, state, next, T::tanh),
        Activation::Sigmoid => each_slice(constants, state, next, T::sigmoid),
        Activation::Relu => each_slice(constants, state, next, relu),
        Activation::Identity => each_slice(constants, state, next, |a| a),
    }
}

#[inline(always)]
fn each_slice<T: Float>(constants: &[Constants<T>], state: &[T], next: &mut [[T; LANES]], f: impl Fn(T) -> T + Copy) {
    let (state, _) = state.as_chunks::<LANES>();
    for (constants, (x, next)) in constants.iter().zip(state.iter().zip(next)) {
        for lane in 0..LANES {
            let a = constants.gain[lane] * next[lane] + constants.bias[lane];
            next[lane] = constants.keep[lane] * x[lane] + constants.leak[lane] * f(a);
        }
    }
}
