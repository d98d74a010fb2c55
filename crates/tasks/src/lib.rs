//! Data readers, spike encoders and embedded data for limnos.
//!
//! | to get | call |
//! |---|---|
//! | real data without any file | [`digits`] |
//! | a data set from its folder | [`mnist`], [`fashion_mnist`], [`nmnist`], [`fsdd`] |
//! | one file | [`read_idx`], [`read_csv`], [`read_events`], [`read_wav`] |
//! | spikes or rates from values | [`RateCode`], [`LatencyCode`], [`DeltaCode`], [`EventBinning`] |
//! | a synthetic series | [`MackeyGlass`], [`narma10`] |
//! | a number that says how good it was | [`accuracy`], [`confusion_matrix`], [`nrmse`] |
//!
//! Nothing here depends on the machine: the same bytes and the same seed give the same values everywhere. Files are read
//! with distrust: no size in a header is believed before the data are there, and every refusal is an [`Error`] that names
//! the file, what was found and what was expected.
//!
//! ```
//! use limnos_tasks::{RateCode, Scaling, Split, digits};
//!
//! let parts = digits().train_test_split(0.3, 1, Split::Stratified)?;
//! let code = RateCode { rate_hz: 90.0, scaling: Scaling::FullScale(parts.train.full_scale) };
//! let p = code.probabilities(parts.train.features.view(), 1.0)?;
//! assert_eq!(p.dim(), (1258, 64));
//! # Ok::<(), limnos_tasks::Error>(())
//! ```

mod dataset;
mod encode;
mod error;
mod measures;
mod random;
mod read;
mod series;
mod sets;
mod split;

pub use dataset::{About, Dataset, Labelled, SampleSet};
pub use encode::binning::EventBinning;
pub use encode::delta::{DeltaCode, DeltaSpikes};
pub use encode::latency::{LatencyCode, LatencyLaw};
pub use encode::rate::{RateCode, Scaling, bernoulli_spikes};
pub use encode::spike_train::SpikeTrain;
pub use error::{Error, Result};
pub use measures::{accuracy, confusion_matrix, nrmse};
pub use random::SplitMix64;
pub use read::csv::{CsvOptions, CsvTable, LabelColumn, read_csv};
pub use read::events::{Event, NMNIST_CHANNELS, NMNIST_SIDE, read_events};
pub use read::idx::{Idx, read_idx, read_idx_images, read_idx_labels};
pub use read::wav::{Wav, read_wav};
pub use series::mackey_glass::MackeyGlass;
pub use series::narma::{Narma, narma10};
pub use sets::digits::digits;
pub use sets::fsdd::{AudioSet, Recording, fsdd};
pub use sets::mnist::{fashion_mnist, mnist};
pub use sets::nmnist::{EventSample, EventSet, nmnist, nmnist_first};
pub use split::{Split, TrainTest, split_indices};
