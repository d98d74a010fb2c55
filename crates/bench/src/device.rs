//! The device that a benchmark runs on, from what the command line says.

use limnos_engine::gpu::GpuOptions;
use limnos_engine::{DEVICE_VARIABLE, Device, EngineError};

/// How a device is chosen and set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceChoice {
    /// `cpu`, `gpu` or part of an adapter's name; `None` takes what [`DEVICE_VARIABLE`] says, else the best there is.
    pub name: Option<String>,
    /// Threads of the CPU device; 0 takes all.
    pub threads: usize,
    /// Workgroup size of a GPU; `None` leaves the choice to it.
    pub workgroup: Option<u32>,
}

impl DeviceChoice {
    /// Opens it.
    ///
    /// # Errors
    /// [`EngineError::NoDevice`] where there is none of that name; what opening it says.
    pub fn open(&self) -> Result<Device, EngineError> {
        let variable = std::env::var(DEVICE_VARIABLE).unwrap_or_default();
        let name = self.name.as_deref().unwrap_or(&variable);
        let default = GpuOptions::default();
        let options = GpuOptions { workgroup: self.workgroup.unwrap_or(default.workgroup), ..default };
        Device::with_options(name, self.threads, options)
    }

    /// Threads that simulate on a device opened by this choice; 0 on a GPU.
    #[must_use]
    pub fn threads_of(&self, device: &Device) -> usize {
        match (device.info().device, self.threads) {
            ("cpu", 0) => std::thread::available_parallelism().map_or(1, usize::from),
            ("cpu", threads) => threads,
            _ => 0,
        }
    }
}
