//! Numbers that arrays of inputs, states and outputs may hold, and views of such arrays that a device can take.

use std::fmt::Debug;

/// `f32` or `f64`: what inputs, states and outputs are given and wanted in. It need not be the precision that a device computes in.
pub trait Real: Copy + Debug + Default + PartialEq + Send + Sync + sealed::Sealed + 'static {
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
    /// The number as f64.
    fn to_f64(self) -> f64;
    #[doc(hidden)]
    fn numbers(values: &[Self]) -> Numbers<'_>;
    #[doc(hidden)]
    fn numbers_mut(values: &mut [Self]) -> NumbersMut<'_>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// An array of either type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Numbers<'a> {
    /// f32.
    F32(&'a [f32]),
    /// f64.
    F64(&'a [f64]),
}

/// An array of either type, to be written.
#[doc(hidden)]
#[derive(Debug)]
pub enum NumbersMut<'a> {
    /// f32.
    F32(&'a mut [f32]),
    /// f64.
    F64(&'a mut [f64]),
}

impl Numbers<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
        }
    }

    /// Entry `i` as f64.
    pub(super) fn get(&self, i: usize) -> f64 {
        match self {
            Self::F32(values) => f64::from(values[i]),
            Self::F64(values) => values[i],
        }
    }

    /// Where the first number is that is not finite.
    pub(super) fn not_finite(&self) -> Option<usize> {
        // Whole blocks first: looking at all of a block needs no branch.
        fn find<T: Real>(values: &[T], finite: impl Fn(T) -> bool) -> Option<usize> {
            let blocks = values.chunks(256);
            let bad = blocks.into_iter().position(|block| !block.iter().fold(true, |all, &v| all & finite(v)))?;
            values[256 * bad..].iter().position(|&v| !finite(v)).map(|i| 256 * bad + i)
        }
        match self {
            Self::F32(values) => find(values, f32::is_finite),
            Self::F64(values) => find(values, f64::is_finite),
        }
    }
}

impl<'a> NumbersMut<'a> {
    pub(super) fn single(self) -> Option<&'a mut [f32]> {
        if let Self::F32(values) = self { Some(values) } else { None }
    }

    pub(super) fn double(self) -> Option<&'a mut [f64]> {
        if let Self::F64(values) = self { Some(values) } else { None }
    }
}

impl Real for f32 {
    fn from_f64(value: f64) -> Self {
        value as Self
    }

    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    fn numbers(values: &[Self]) -> Numbers<'_> {
        Numbers::F32(values)
    }

    fn numbers_mut(values: &mut [Self]) -> NumbersMut<'_> {
        NumbersMut::F32(values)
    }
}

impl Real for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }

    fn to_f64(self) -> f64 {
        self
    }

    fn numbers(values: &[Self]) -> Numbers<'_> {
        Numbers::F64(values)
    }

    fn numbers_mut(values: &mut [Self]) -> NumbersMut<'_> {
        NumbersMut::F64(values)
    }
}
