//! Reservoirs that tune themselves: local rules that change a model while inputs run through it, before a readout learns.
//!
//! | rule | changes | towards |
//! |---|---|---|
//! | [`EiHomeostasis`] | inhibitory weights | a mean rate of each unit |
//! | [`IntrinsicPlasticity`] | gains and biases | a distribution of each unit's activity |
//! | [`AntiOja`] | recurrent weights | units that differ from what they hear |
//!
//! Each is a [`Development`]: a model and inputs in, a changed model and [`Measures`] before and after out. All run on the host in f64, a step at a time as the
//! rules are written, so the result has the same bits for any device; [`Esn::develop`](crate::Esn::develop) puts it into a network.

mod anti_oja;
mod ei;
mod homeostasis;
mod host;
mod intrinsic;
mod measures;

pub use anti_oja::AntiOja;
pub use ei::EiReservoir;
pub use homeostasis::{EiHomeostasis, HomeostasisForm, TargetRates};
pub use intrinsic::{ActivityTarget, IntrinsicPlasticity};
pub use measures::{Measures, measure};

use limnos_spec::rate::RateModel;
use ndarray::ArrayView2;

use crate::Result;
use crate::error::argument;

/// A rule that changes a model while inputs run through it.
pub trait Development {
    /// The model after inputs (steps x channels) ran through it from rest, with measures before and after.
    ///
    /// # Errors
    /// A setting outside its range, a model that the rule does not fit, inputs of another number of channels or not finite, values that run away.
    fn develop(&self, model: &RateModel, inputs: ArrayView2<'_, f64>) -> Result<Developed>;
}

/// What a development gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Developed {
    /// The changed model.
    pub model: RateModel,
    /// With the same inputs before.
    pub before: Measures,
    /// And after.
    pub after: Measures,
}

/// Measures a model before and after.
fn developed(model: &RateModel, changed: RateModel, inputs: ArrayView2<'_, f64>) -> Result<Developed> {
    let before = measure(model, inputs)?;
    let after = measure(&changed, inputs)?;
    Ok(Developed { model: changed, before, after })
}

/// Refuses a rate of learning that is not a small positive number.
fn check_rate(rate: f64) -> Result<()> {
    if rate > 0.0 && rate < 1.0 { Ok(()) } else { Err(argument("rate", rate, "above 0 and below 1")) }
}
