//! Readouts: linear maps trained on the states of a reservoir.
//!
//! [`Ridge`] for regression and quick classification, [`Softmax`] for classification with probabilities. A readout is a
//! plain description; `fit` gives a model, so a model that was never fitted does not exist. Features are samples x
//! features, of any [`Feature`] type (spike counts as `u32`, traces as `f32`, or `f64`), are never copied as a whole,
//! and all arithmetic is f64.
//!
//! Results have the same bits for any number of threads: work is cut into pieces of fixed size and partial sums are
//! added in order. Across machines a softmax fit has the same bits too; ridge weights agree to 1e-9, since the dense
//! solver picks its product routines by processor.
//!
//! | wish | use |
//! |---|---|
//! | regression, several outputs | [`Ridge::fit`] |
//! | choose the penalty | [`Alpha::LeaveOneOut`], [`Alpha::GeneralizedCv`]; for series [`Alpha::Rolling`], [`Alpha::HeldOut`] |
//! | several penalties from one pass | [`RidgeAccumulator::solve_path`] |
//! | states too many to keep | [`RidgeAccumulator`] |
//! | learn while running | [`RlsModel`], [`LmsModel`] (each sample), [`Force`] (with feedback), [`Standardized`] (scaled as they come) |
//! | classes | [`Softmax::fit`], or [`Ridge::fit_labels`] in one solve |
//! | go on learning | [`SoftmaxModel::partial_fit`] (a step a batch), [`Softmax::fit_from`] (warm start), [`RidgeAccumulator::partial_fit`] |

mod cholesky;
mod columns;
mod data;
mod error;
mod gram;
mod lbfgs;
mod line_search;
mod linear;
mod online;
mod panel;
mod ridge;
mod score;
mod softmax;
mod solve;
mod standardizer;
mod traits;

pub use data::{Feature, Targets};
pub use error::{Pivot, ReadoutError};
pub use online::{Force, Lms, LmsModel, OnlineReadout, OnlineStandardizer, Rls, RlsModel, Standardized};
pub use ridge::{Alpha, Candidate, Ridge, RidgeAccumulator, RidgeModel};
pub use softmax::{Convergence, Softmax, SoftmaxModel};
pub use standardizer::Standardizer;
pub use traits::{Classifier, Progress, Readout};
