//! An open GPU: device, queue and kernels, shared by all simulations of the process.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use super::adapter::{self, AdapterInfo, AdapterKind, Selector};
use super::faults::Faults;
use super::kernel::Kernels;
use super::plan::{Limits, Regime};
use crate::EngineError;

/// How a GPU is used. None of it changes a bit of any result, but for the rounding of moments that a device adds up for rate reservoirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct GpuOptions {
    /// Bytes that one binding may have; `None`: what the device allows. Tables beyond it are split.
    pub max_binding_bytes: Option<u64>,
    /// Invocations of a workgroup: 32, 64, 128 or 256.
    pub workgroup: u32,
    /// Time steps in one submission, at least 1.
    /// In the resident regime they are one dispatch, which must end before the driver's watchdog loses patience (2 s on some systems).
    pub steps_per_submit: u32,
    /// How a step is computed; `None`: as the plan sees fit. A regime that cannot serve a network or batch is an error that says why.
    /// For rate reservoirs `Event` stands for [`RateRegime::Step`](crate::rate::RateRegime::Step).
    pub regime: Option<Regime>,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self { max_binding_bytes: None, workgroup: 64, steps_per_submit: 200, regime: None }
    }
}

impl GpuOptions {
    fn validate(self) -> Result<Self, EngineError> {
        if ![32, 64, 128, 256].contains(&self.workgroup) {
            return Err(EngineError::invalid("workgroup of GpuOptions", self.workgroup, "32, 64, 128 or 256"));
        }
        if self.steps_per_submit == 0 {
            return Err(EngineError::invalid("steps_per_submit of GpuOptions", 0, "at least 1"));
        }
        Ok(self)
    }
}

/// An open GPU. Clones share the device.
#[derive(Clone, Debug)]
pub struct Gpu {
    inner: Arc<Inner>,
    options: GpuOptions,
}

struct Inner {
    info: AdapterInfo,
    device: wgpu::Device,
    queue: wgpu::Queue,
    faults: Faults,
    kernels: Kernels,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("info", &self.info).field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// Half of the loop iterations of one invocation after which Mesa's llvmpipe ends all its loops (`LP_MAX_TGSI_LOOP_ITERATIONS`): what
/// its compiler makes of a kernel has a fifth more of them than the kernel.
const SOFTWARE_ITERATIONS: u32 = 32_767;

/// The devices that are open in this process.
static OPEN: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());

/// The adapters at the first look: asking the drivers again takes a tenth of a second.
static KNOWN: OnceLock<Vec<AdapterInfo>> = OnceLock::new();

impl Gpu {
    /// All adapters of this machine, software drivers too.
    #[must_use]
    pub fn list() -> Vec<AdapterInfo> {
        let instance = adapter::instance();
        pollster::block_on(adapter::adapters(&instance)).into_iter().map(|(info, _)| info).collect()
    }

    /// Opens an adapter, or joins it where this process has it open already.
    ///
    /// # Errors
    /// [`EngineError::NoDevice`] if none fits, [`EngineError::Invalid`] for options outside their range, [`EngineError::Gpu`] if the driver
    /// gives no device.
    pub fn open(selector: &Selector, options: GpuOptions) -> Result<Self, EngineError> {
        let options = options.validate()?;
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|weak| weak.upgrade().is_some_and(|inner| !inner.faults.lost()));
        let known = KNOWN.get_or_init(Self::list);
        if let Ok(index) = adapter::choose(&known.iter().collect::<Vec<_>>(), selector) {
            let shared = open.iter().filter_map(Weak::upgrade).find(|inner| inner.info == known[index]);
            if let Some(inner) = shared {
                return Ok(Self { inner, options });
            }
        }
        let gpu = Self::open_alone(selector, options)?;
        open.push(Arc::downgrade(&gpu.inner));
        Ok(gpu)
    }

    /// Opens an adapter for this handle and its clones alone.
    ///
    /// # Errors
    /// As [`Gpu::open`].
    pub fn open_alone(selector: &Selector, options: GpuOptions) -> Result<Self, EngineError> {
        let options = options.validate()?;
        let (info, adapter) = pollster::block_on(find(selector))?;
        Ok(Self { inner: Arc::new(pollster::block_on(Inner::open(info, &adapter))?), options })
    }

    /// The same device with other options.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for options outside their range.
    pub fn with(&self, options: GpuOptions) -> Result<Self, EngineError> {
        Ok(Self { inner: Arc::clone(&self.inner), options: options.validate()? })
    }

    /// The adapter.
    #[must_use]
    pub fn info(&self) -> &AdapterInfo {
        &self.inner.info
    }

    /// How it is used.
    pub fn options(&self) -> GpuOptions {
        self.options
    }

    /// What plans for this device must keep.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let device = self.inner.device.limits();
        let binding = device.max_storage_buffer_binding_size;
        Limits {
            binding_bytes: self.options.max_binding_bytes.map_or(binding, |cap| cap.min(binding)),
            buffer_bytes: device.max_buffer_size,
            workgroup_bytes: device.max_compute_workgroup_storage_size,
            loop_iterations: match self.inner.info.kind {
                AdapterKind::Software => SOFTWARE_ITERATIONS,
                _ => u32::MAX,
            },
            groups: device.max_compute_workgroups_per_dimension.min(limnos_spec::twin::device::layout::MAX_GROUPS),
        }
    }

    /// Destroys the device, as a driver's reset would: every later call on it fails with [`EngineError::DeviceLost`]. For tests.
    pub fn destroy(&self) {
        self.inner.device.destroy();
        // The callback that records the loss runs once the queue is empty; whether it then is, `check` tells.
        drop(self.inner.device.poll(wgpu::PollType::wait_indefinitely()));
    }

    /// The fault that the driver reported since the last call, if any.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`] or [`EngineError::Gpu`].
    pub fn check(&self) -> Result<(), EngineError> {
        self.inner.faults.check(&self.inner.info.name)
    }

    pub(crate) fn device(&self) -> &wgpu::Device {
        &self.inner.device
    }

    pub(crate) fn queue(&self) -> &wgpu::Queue {
        &self.inner.queue
    }

    pub(crate) fn kernels(&self) -> &Kernels {
        &self.inner.kernels
    }

    /// An error in the words of the driver.
    pub(crate) fn failure(&self, message: impl fmt::Display) -> EngineError {
        EngineError::Gpu { device: self.inner.info.name.clone(), message: message.to_string() }
    }
}

async fn find(selector: &Selector) -> Result<(AdapterInfo, wgpu::Adapter), EngineError> {
    let mut all = adapter::adapters(&adapter::instance()).await;
    let index = adapter::choose(&all.iter().map(|(info, _)| info).collect::<Vec<_>>(), selector)?;
    Ok(all.swap_remove(index))
}

impl Inner {
    async fn open(info: AdapterInfo, adapter: &wgpu::Adapter) -> Result<Self, EngineError> {
        let allowed = adapter.limits();
        let limits = wgpu::Limits {
            max_storage_buffer_binding_size: allowed.max_storage_buffer_binding_size,
            max_buffer_size: allowed.max_buffer_size,
            max_compute_workgroup_storage_size: allowed.max_compute_workgroup_storage_size,
            ..wgpu::Limits::default()
        };
        let descriptor =
            wgpu::DeviceDescriptor { label: Some("limnos"), required_limits: limits, ..Default::default() };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| EngineError::Gpu { device: info.name.clone(), message: error.to_string() })?;
        let faults = Faults::watch(&device);
        Ok(Self { info, device, queue, faults, kernels: Kernels::default() })
    }
}
