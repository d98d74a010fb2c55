//! Whole data sets: embedded, or from the folder layouts in which they are published.

pub(crate) mod digits;
pub(crate) mod dysts;
pub(crate) mod dysts_forecasts;
pub(crate) mod folder;
pub(crate) mod fsdd;
pub(crate) mod mnist;
pub(crate) mod nmnist;
pub(crate) mod row;
pub(crate) mod santa_fe;
