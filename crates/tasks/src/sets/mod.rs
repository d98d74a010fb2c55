//! Whole data sets: embedded, or from the folder layouts in which they are published.

pub(crate) mod digits;
pub(crate) mod folder;
pub(crate) mod fsdd;
pub(crate) mod mnist;
pub(crate) mod nmnist;
