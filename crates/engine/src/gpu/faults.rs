//! What went wrong on a device outside of any call: recorded when the driver says so, told at the next call.

use std::sync::{Arc, Mutex, PoisonError};

use crate::EngineError;

/// The fault of a device; the first one stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    first: Arc<Mutex<Option<Fault>>>,
}

#[derive(Clone, Debug)]
enum Fault {
    Lost(String),
    Failed(String),
}

impl Faults {
    /// Listens to a device.
    pub(super) fn watch(device: &wgpu::Device) -> Self {
        let faults = Self::default();
        let lost = faults.clone();
        device.set_device_lost_callback(move |reason, message| {
            lost.record(Fault::Lost(format!("{reason:?}: {message}")))
        });
        let failed = faults.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| failed.record(Fault::Failed(error.to_string()))));
        faults
    }

    /// Loss outweighs failure: everything fails on a lost device.
    fn record(&self, fault: Fault) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() || (matches!(fault, Fault::Lost(_)) && !matches!(*first, Some(Fault::Lost(_)))) {
            *first = Some(fault);
        }
    }

    /// Whether the device is lost.
    pub(super) fn lost(&self) -> bool {
        matches!(*self.first.lock().unwrap_or_else(PoisonError::into_inner), Some(Fault::Lost(_)))
    }

    /// The error to tell, if there was a fault. A failure is told once, a loss for ever.
    pub(super) fn check(&self, device: &str) -> Result<(), EngineError> {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let device = device.to_owned();
        match &*first {
            None => Ok(()),
            Some(Fault::Lost(reason)) => Err(EngineError::DeviceLost { device, reason: reason.clone() }),
            Some(Fault::Failed(message)) => {
                let error = EngineError::Gpu { device, message: message.clone() };
                *first = None;
                Err(error)
            }
        }
    }
}
