//! Which adapters there are, and which one a selector means.

use crate::EngineError;

/// What an adapter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdapterKind {
    /// A GPU with memory of its own.
    Discrete,
    /// A GPU that shares the processor's memory.
    Integrated,
    /// Something else: a virtual GPU, or a driver that does not say.
    Other,
    /// A driver that computes on the processor, such as lavapipe.
    Software,
}

/// An adapter, as its driver describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterInfo {
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: AdapterKind,
    /// Graphics interface: "vulkan", "metal", "dx12".
    pub backend: String,
    /// Driver.
    pub driver: String,
    /// Version of the driver, in its own words.
    pub driver_info: String,
}

/// Which adapter to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selector {
    /// A discrete GPU, else an integrated one; never a software driver.
    #[default]
    Best,
    /// Part of an adapter's name, in any case; hardware first where several match.
    Named(String),
}

impl AdapterInfo {
    pub(super) fn of(adapter: &wgpu::Adapter) -> Self {
        let info = adapter.get_info();
        Self {
            kind: match info.device_type {
                wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
                wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
                wgpu::DeviceType::Cpu => AdapterKind::Software,
                wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other => AdapterKind::Other,
            },
            name: info.name,
            backend: info.backend.to_str().to_owned(),
            driver: info.driver,
            driver_info: info.driver_info,
        }
    }

    fn fits(&self, selector: &Selector) -> bool {
        match selector {
            Selector::Best => matches!(self.kind, AdapterKind::Discrete | AdapterKind::Integrated),
            Selector::Named(part) => self.name.to_lowercase().contains(&part.to_lowercase()),
        }
    }
}

/// An instance without wgpu's own checks of indirect arguments: `prepare` keeps them within the limit, and each check would cost a dispatch.
pub(super) fn instance() -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    })
}

pub(super) async fn adapters(instance: &wgpu::Instance) -> Vec<(AdapterInfo, wgpu::Adapter)> {
    let all = instance.enumerate_adapters(wgpu::Backends::all()).await;
    all.into_iter().map(|adapter| (AdapterInfo::of(&adapter), adapter)).collect()
}

/// The place of the adapter that a selector means.
pub(super) fn choose(infos: &[&AdapterInfo], selector: &Selector) -> Result<usize, EngineError> {
    let fitting = infos.iter().enumerate().filter(|(_, info)| info.fits(selector));
    fitting.min_by_key(|(_, info)| info.kind).map(|(index, _)| index).ok_or_else(|| EngineError::NoDevice {
        wanted: match selector {
            Selector::Best => "gpu".to_owned(),
            Selector::Named(part) => part.clone(),
        },
        available: std::iter::once("cpu".to_owned())
            .chain(infos.iter().map(|info| format!("{} ({:?})", info.name, info.kind)))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(name: &str, kind: AdapterKind) -> AdapterInfo {
        AdapterInfo {
            name: name.into(),
            kind,
            backend: "vulkan".into(),
            driver: String::new(),
            driver_info: String::new(),
        }
    }

    #[test]
    fn hardware_first_and_software_only_by_name() {
        let software = info("llvmpipe (LLVM 15)", AdapterKind::Software);
        let integrated = info("Iris", AdapterKind::Integrated);
        let discrete = info("GeForce", AdapterKind::Discrete);
        let named = |part: &str| Selector::Named(part.into());
        assert_eq!(choose(&[&software, &integrated, &discrete], &Selector::Best).unwrap(), 2);
        assert_eq!(choose(&[&software, &integrated], &Selector::Best).unwrap(), 1);
        assert_eq!(choose(&[&discrete, &software], &named("LLVMpipe")).unwrap(), 1);
        let error = choose(&[&software], &Selector::Best).unwrap_err();
        assert!(matches!(&error, EngineError::NoDevice { available, .. } if available.contains("llvmpipe")), "{error}");
        assert!(choose(&[&discrete], &named("radeon")).is_err());
    }
}
