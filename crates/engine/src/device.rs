//! Devices to run on, and how one is chosen.

use std::sync::Arc;

use limnos_spec::{Model, Network};

use crate::gpu::{AdapterInfo, AdapterKind, Gpu, GpuOptions, GpuSimulation, Selector};
use crate::{Backend, CpuSimulation, CpuThreads, EngineError, Plan, RunOptions};

/// Environment variable that chooses the device of [`Device::auto`]: `cpu`, `gpu`, or part of an adapter's name.
pub const DEVICE_VARIABLE: &str = "LIMNOS_DEVICE";

/// What is known of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// "cpu" or "gpu".
    pub device: &'static str,
    /// Name of the adapter; for the CPU device its threads and instruction set.
    pub adapter: String,
    /// What the adapter is: "cpu", "discrete", "integrated", "software" or "other".
    pub kind: &'static str,
    /// Driver with its version; empty for the CPU device.
    pub driver: String,
}

/// A device that networks run on. Clones share it.
#[derive(Clone, Debug)]
pub enum Device {
    /// The processor.
    Cpu(CpuDevice),
    /// A GPU through wgpu (or a software driver that was asked for by name).
    Gpu(Gpu),
}

/// The processor, with so many threads.
#[derive(Clone, Debug)]
pub struct CpuDevice {
    threads: Arc<CpuThreads>,
}

impl CpuDevice {
    pub(crate) const fn threads(&self) -> &Arc<CpuThreads> {
        &self.threads
    }
}

impl Device {
    /// The device that [`DEVICE_VARIABLE`] names; without it the fastest: a discrete GPU, an integrated one, else the CPU.
    /// A software driver is taken only by name, since the CPU device is faster.
    ///
    /// # Errors
    /// [`EngineError::NoDevice`] if the variable names none that is there; device errors.
    pub fn auto() -> Result<Self, EngineError> {
        match std::env::var(DEVICE_VARIABLE) {
            Ok(name) if !name.is_empty() => Self::named(&name),
            _ => Self::with_options("auto", 0, GpuOptions::default()),
        }
    }

    /// `cpu`, `gpu` (the best hardware GPU), `auto`, or the adapter whose name contains `name`.
    ///
    /// # Errors
    /// [`EngineError::NoDevice`] with what there is; device errors.
    pub fn named(name: &str) -> Result<Self, EngineError> {
        Self::with_options(name, 0, GpuOptions::default())
    }

    /// As [`Device::named`], with the threads of the CPU device (0: all) and the options of a GPU.
    ///
    /// # Errors
    /// As [`Device::named`]; options outside their range.
    pub fn with_options(name: &str, threads: usize, options: GpuOptions) -> Result<Self, EngineError> {
        match name.to_lowercase().as_str() {
            "cpu" => Self::cpu_threads(threads),
            "auto" | "" => Gpu::open(&Selector::Best, options).map(Self::Gpu).or_else(|error| match error {
                EngineError::Invalid { .. } => Err(error),
                _ => {
                    log::info!("taking the CPU device: {error}");
                    Self::cpu_threads(threads)
                }
            }),
            "gpu" => Gpu::open(&Selector::Best, options).map(Self::Gpu),
            _ => Gpu::open(&Selector::Named(name.into()), options).map(Self::Gpu),
        }
    }

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
        Ok(Self::Cpu(CpuDevice { threads: Arc::new(CpuThreads::new(threads)?) }))
    }

    /// All devices: the CPU device first, then every adapter.
    #[must_use]
    pub fn list() -> Vec<DeviceInfo> {
        let cpu = Self::cpu().map(|d| d.info());
        cpu.into_iter().chain(Gpu::list().iter().map(adapter_info)).collect()
    }

    /// What is known of it.
    #[must_use]
    pub fn info(&self) -> DeviceInfo {
        match self {
            Self::Cpu(cpu) => DeviceInfo {
                device: "cpu",
                adapter: format!("{} threads, {}", cpu.threads.count(), std::env::consts::ARCH),
                kind: "cpu",
                driver: String::new(),
            },
            Self::Gpu(gpu) => adapter_info(gpu.info()),
        }
    }

    /// Plans a simulation for this device, without drawing a synapse.
    ///
    /// # Errors
    /// [`EngineError::Spec`] where the description is wrong, [`EngineError::Limit`] where it does not fit.
    pub fn plan(&self, network: &Network, options: &RunOptions) -> Result<Plan, EngineError> {
        match self {
            Self::Cpu(cpu) => Plan::cpu(network, options, cpu.threads.count()),
            Self::Gpu(gpu) => {
                let options_of = gpu.options();
                Plan::gpu_in_regime(options_of.regime, network, options, &gpu.limits(), options_of.workgroup)
            }
        }
    }

    pub(crate) fn backend(&self, model: Arc<Model>, options: &RunOptions) -> Result<Box<dyn Backend>, EngineError> {
        Ok(match self {
            Self::Cpu(cpu) => {
                check_memory(&model, options)?;
                Box::new(CpuSimulation::new(model, options, Arc::clone(&cpu.threads)))
            }
            Self::Gpu(gpu) => Box::new(GpuSimulation::new(gpu, model, options.clone())?),
        })
    }
}

/// Refuses states and recordings beyond the machine's memory (or 1 TiB where that is not known) before they are allocated.
fn check_memory(model: &Model, options: &RunOptions) -> Result<(), EngineError> {
    let needed = crate::plan::state_bytes(&model.layout, options, model.populations.len() as u64);
    let allowed = system_memory().unwrap_or(1 << 40);
    if needed > allowed {
        let what = format!("the state and recordings of {} samples, in bytes,", options.batch);
        return Err(EngineError::Limit {
            what,
            needed,
            allowed,
            advice: "; use a smaller batch or recording (see Plan::memory)",
        });
    }
    Ok(())
}

/// Bytes of memory of the machine, where the system tells.
fn system_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kib = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.split_whitespace().next()?;
    Some(kib.parse::<u64>().ok()?.saturating_mul(1024))
}

fn adapter_info(info: &AdapterInfo) -> DeviceInfo {
    DeviceInfo {
        device: "gpu",
        adapter: info.name.clone(),
        kind: match info.kind {
            AdapterKind::Discrete => "discrete",
            AdapterKind::Integrated => "integrated",
            AdapterKind::Software => "software",
            AdapterKind::Other => "other",
        },
        driver: format!("{} {} ({})", info.driver, info.driver_info, info.backend).trim().to_owned(),
    }
}
