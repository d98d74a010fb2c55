//! The 8 x 8 digits, embedded.

use std::path::Path;

use crate::read::csv::{CsvOptions, LabelColumn, parse};
use crate::read::source::Source;
use crate::{About, Dataset};

/// The file as published; data/ATTRIBUTION.md names authors, licence and source.
const FILE: &[u8] = include_bytes!("../../data/digits.csv.gz");

/// 1797 handwritten digits of 8 x 8 pixels, values 0 to 16, ten classes: samples x 64, rows of a picture one after another.
///
/// E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
/// [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49), CC BY 4.0. These are the 1797 pictures of its test part, as
/// scikit-learn's `load_digits` has them. The file is embedded, so nothing is read from disk.
#[must_use]
pub fn digits() -> Dataset {
    let options = CsvOptions { labels: LabelColumn::Last, ..CsvOptions::default() };
    Source::of(Path::new("embedded digits"), FILE)
        .and_then(|source| parse(source, &options))
        .and_then(|table| table.into_dataset(10, 16.0, about()))
        .expect("the embedded digits should be a well-formed table")
}

fn about() -> About {
    About::of(
        "Optical Recognition of Handwritten Digits (8 x 8)",
        "E. Alpaydin, C. Kaynak",
        "CC BY 4.0",
        "https://doi.org/10.24432/C50P49",
    )
}
