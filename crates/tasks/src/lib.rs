//! Data readers, spike encoders, embedded data and measures of reservoir dynamics for limnos.
//!
//! | to get | call |
//! |---|---|
//! | real data without any file | [`digits`] |
//! | a data set from its folder | [`mnist`], [`fashion_mnist`], [`nmnist`], [`fsdd`], [`dysts`], [`santa_fe_laser`] |
//! | one file | [`read_idx`], [`read_csv`], [`read_events`], [`read_wav`], [`read_npy`], [`read_npz`] |
//! | arrays for Python | [`write_npy`] |
//! | spikes or rates from values | [`RateCode`], [`LatencyCode`], [`DeltaCode`], [`EventBinning`] |
//! | features of sound | [`LyonEar`], [`Mfcc`] |
//! | a chaotic series | [`MackeyGlass`], [`Lorenz`], [`Rossler`], [`KuramotoSivashinsky`] |
//! | a task of memory | [`narma10`], [`narma20`], [`narma30`], [`mso`], [`parity`], [`delayed_recall`], [`CopyTask`] |
//! | a number that says how good it was | [`accuracy`], [`confusion_matrix`], [`nrmse`], [`nrmse_by`], [`smape`] |
//! | how long a forecast of chaos holds | [`ValidTime`] |
//! | what a reservoir remembers and computes | [`MemoryCapacity`], [`InformationCapacity`] |
//! | statistics of a [`Raster`] of spikes | [`mean_rate_hz`], [`interval_cv`], [`fano_factors`], [`mean_correlation`] |
//! | how activity spreads | [`BranchingFactor`], [`BranchingRatio`], [`avalanches`], [`fit_power_law`] |
//! | whether it is chaotic | [`TwinRuns`], [`lyapunov_from_growth`], [`spike_damage`] |
//! | how rich the states are | [`KernelQuality`], [`matrix_rank`], [`Separation`] |
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

mod audio;
mod dataset;
mod encode;
mod error;
mod measure;
mod random;
mod read;
mod series;
mod sets;
mod split;
mod write;

pub use audio::lyon::{Cochlea, LyonEar};
pub use audio::mfcc::{Cepstrum, Mfcc, deltas};
pub use dataset::{About, Dataset, Labelled, SampleSet};
pub use encode::binning::EventBinning;
pub use encode::delta::{DeltaCode, DeltaSpikes};
pub use encode::latency::{LatencyCode, LatencyLaw};
pub use encode::rate::{RateCode, Scaling, bernoulli_spikes};
pub use encode::spike_train::SpikeTrain;
pub use error::{Error, Result};
pub use measure::adjacency::Adjacency;
pub use measure::avalanche::{Avalanche, avalanche_bin_steps, avalanches, predicted_gamma, size_by_duration_exponent};
pub use measure::branching_factor::BranchingFactor;
pub use measure::branching_ratio::{BranchingEstimate, BranchingRatio, regression_slopes};
pub use measure::capacity::{Capacities, CapacityTerm, InformationCapacity};
pub use measure::correlation::{mean_correlation, pair_correlations, random_pairs};
pub use measure::distance::{spike_damage, trajectory_distances};
pub use measure::fano::fano_factors;
pub use measure::interval::interval_cv;
pub use measure::lyapunov::{Lyapunov, TwinRuns, lyapunov_from_course, lyapunov_from_growth};
pub use measure::memory::{MemoryCapacity, delayed_inputs};
pub use measure::power_law::{PowerLaw, fit_power_law};
pub use measure::prediction::{Norm, accuracy, confusion_matrix, nrmse, nrmse_by};
pub use measure::rank::{KernelQuality, effective_rank, matrix_rank, rank_above};
pub use measure::raster::Raster;
pub use measure::rate::{mean_rate_hz, silent_neurons};
pub use measure::separation::Separation;
pub use measure::smape::smape;
pub use measure::summary::{Summary, summary};
pub use measure::svd::singular_values;
pub use measure::valid_time::{ValidPrediction, ValidTime, spread};
pub use random::SplitMix64;
pub use read::csv::{CsvOptions, CsvTable, LabelColumn, read_csv};
pub use read::events::{Event, NMNIST_CHANNELS, NMNIST_SIDE, read_events};
pub use read::idx::{Idx, read_idx, read_idx_images, read_idx_labels};
pub use read::npy::{Npy, NpyValues, read_npy};
pub use read::npz::{Npz, read_npz};
pub use read::wav::{Wav, read_wav};
pub use series::kuramoto_sivashinsky::{KuramotoSivashinsky, KuramotoSivashinskySolver};
pub use series::lorenz::Lorenz;
pub use series::mackey_glass::{MackeyGlass, MackeyGlassRule};
pub use series::mso::{MSO_FREQUENCIES, mso};
pub use series::narma::{Narma, narma10, narma20, narma30};
pub use series::recall::{CopySequence, CopyTask, SeriesTask, delayed_recall, parity};
pub use series::rossler::Rossler;
pub use sets::digits::digits;
pub use sets::dysts::{
    Attractor, DystsSampling, DystsSystem, Parameter, Trajectory, dysts, read_attractors, read_trajectories,
};
pub use sets::dysts_forecasts::{PublishedForecast, read_published_forecasts};
pub use sets::fsdd::{AudioSet, Recording, fsdd};
pub use sets::mnist::{fashion_mnist, mnist};
pub use sets::nmnist::{EventSample, EventSet, nmnist, nmnist_first};
pub use sets::santa_fe::santa_fe_laser;
pub use split::{Split, TrainTest, split_indices};
pub use write::npy::{NpyElement, write_npy};
