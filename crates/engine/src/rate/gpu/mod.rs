//! Rate reservoirs on the GPU device. A small model runs whole sequences in one workgroup and dispatch; else a step is a dispatch a layer, for one
//! sample or for many side by side. A row is added in one order in all of them, so that neither the batch nor the regime shows in a state.

mod arrays;
mod dispatch;
mod moments;
mod plan;
mod simulation;

use std::sync::Arc;

use limnos_spec::rate::RateModel;

use super::backend::RateBackend;
use super::{Precision, RateOptions};
use crate::EngineError;
use crate::gpu::Gpu;

pub use plan::{RatePlan, RateRegime, RateSizes};

/// Lays models out on a GPU.
pub(super) fn backend(
    gpu: &Gpu,
    models: &[Arc<RateModel>],
    options: RateOptions,
) -> Result<Box<dyn RateBackend>, EngineError> {
    if options.precision == Precision::F64 {
        let allowed = "Precision::F32 on a GPU; or the CPU device (Device::cpu() or LIMNOS_DEVICE=cpu)";
        return Err(EngineError::invalid("precision of RateOptions", "F64", allowed));
    }
    alike(models)?;
    Ok(Box::new(simulation::RateGpu::new(gpu, models, options)?))
}

/// Refuses members whose layers differ: they step in one dispatch.
fn alike(models: &[Arc<RateModel>]) -> Result<(), EngineError> {
    let layers = |m: &RateModel| m.layers().iter().map(|l| l.units).collect::<Vec<_>>();
    match models.iter().position(|m| layers(m) != layers(&models[0])) {
        None => Ok(()),
        Some(k) => {
            let allowed = format!("{:?} as in model 0, on a GPU; or the CPU device", layers(&models[0]));
            Err(EngineError::invalid(
                format!("units of the layers of model {k}"),
                format!("{:?}", layers(&models[k])),
                allowed,
            ))
        }
    }
}
