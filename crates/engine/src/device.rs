//! Devices to run on, and how one is chosen.

use std::sync::Arc;

use limnos_spec::Model;

use crate::{Backend, CpuSimulation, EngineError, RunOptions};

/// Environment variable that chooses the device of [`Device::auto`]: `cpu`, `gpu`, or part of an adapter's name.
pub const DEVICE_VARIABLE: &str = "LIMNOS_DEVICE";

/// What is known of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// "cpu" or "gpu".
    pub device: &'static str,
    /// Name of the adapter, or of the processor's instruction set and threads.
    pub adapter: String,
    /// Driver with its version; empty for the CPU device.
    pub driver: String,
}

/// A device that networks run on. Clones share it.
#[derive(Clone, Debug)]
pub enum Device {
    /// The processor.
    Cpu(CpuDevice),
}

/// The processor, with so many threads.
#[derive(Clone, Debug)]
pub struct CpuDevice {
    pool: Arc<rayon::ThreadPool>,
}

impl Device {
    /// The processor, with all its threads.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn cpu() -> Result<Self, EngineError> {
        Self::cpu_threads(0)
    }

    /// The processor with `threads` threads; 0 takes as many as it has.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn cpu_threads(threads: usize) -> Result<Self, EngineError> {
        if threads > 4096 {
            return Err(EngineError::invalid("threads", threads, "0 (all) to 4096"));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("limnos-{i}")).build();
        let pool =
            pool.map_err(|e| EngineError::invalid("threads", threads, format!("what the system can start: {e}")))?;
        Ok(Self::Cpu(CpuDevice { pool: Arc::new(pool) }))
    }

    /// What is known of it.
    #[must_use]
    pub fn info(&self) -> DeviceInfo {
        match self {
            Self::Cpu(cpu) => DeviceInfo {
                device: "cpu",
                adapter: format!("{} threads, {}", cpu.pool.current_num_threads(), std::env::consts::ARCH),
                driver: String::new(),
            },
        }
    }

    pub(crate) fn backend(&self, model: Arc<Model>, options: &RunOptions) -> Result<Box<dyn Backend>, EngineError> {
        match self {
            Self::Cpu(cpu) => Ok(Box::new(CpuSimulation::new(model, options, Arc::clone(&cpu.pool)))),
        }
    }
}
