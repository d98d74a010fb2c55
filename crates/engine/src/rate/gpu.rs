//! Rate reservoirs on the GPU device.

use std::sync::Arc;

use limnos_spec::rate::RateModel;

use super::RateOptions;
use super::backend::RateBackend;
use crate::EngineError;
use crate::gpu::Gpu;

/// Lays models out on a GPU.
pub(super) fn backend(
    _gpu: &Gpu,
    _models: &[Arc<RateModel>],
    _options: RateOptions,
) -> Result<Box<dyn RateBackend>, EngineError> {
    Err(EngineError::invalid(
        "device of a rate reservoir",
        "a GPU",
        "the CPU device: Device::cpu() or LIMNOS_DEVICE=cpu",
    ))
}
