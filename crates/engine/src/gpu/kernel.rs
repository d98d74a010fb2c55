//! Kernels as pipelines: linked, checked and reflected once, kept for the life of the device.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

use super::device::Gpu;
use crate::EngineError;
use crate::wgsl::{self, BindingKind, Reflection};

/// A uniform of this name is one of many in its buffer: each dispatch gives its offset.
pub(crate) const MOMENT: &str = "moment";

/// A kernel ready to be dispatched.
#[derive(Debug)]
pub(crate) struct Kernel {
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) layout: wgpu::BindGroupLayout,
    pub(crate) reflection: Reflection,
}

/// Name and override values.
type Key = (String, Vec<(String, u64)>);

/// The kernels of a device.
#[derive(Debug, Default)]
pub(crate) struct Kernels {
    made: Mutex<HashMap<Key, Arc<Kernel>>>,
}

impl Gpu {
    /// The kernel of that name with these override values; values for overrides that it does not declare are left out.
    pub(crate) fn kernel(&self, name: &str, overrides: &[(&str, f64)]) -> Result<Arc<Kernel>, EngineError> {
        let key = (name.to_owned(), overrides.iter().map(|(n, v)| ((*n).to_owned(), v.to_bits())).collect());
        let mut made = self.kernels().made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kernel) = made.get(&key) {
            return Ok(Arc::clone(kernel));
        }
        let kernel = Arc::new(make(self, name, overrides)?);
        made.insert(key, Arc::clone(&kernel));
        Ok(kernel)
    }
}

fn make(gpu: &Gpu, name: &str, overrides: &[(&str, f64)]) -> Result<Kernel, EngineError> {
    let source = wgsl::link(name)?;
    let declared = wgsl::overrides(&wgsl::parse(&source)?);
    let overrides: Vec<_> =
        overrides.iter().copied().filter(|(name, _)| declared.iter().any(|known| known.name == *name)).collect();
    let reflection = wgsl::reflect(&wgsl::check(&source, &overrides)?)?;
    let device = gpu.device();
    let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let layout = bind_group_layout(device, &reflection);
    let pipeline = pipeline(device, &reflection, source.text(), &overrides, &layout);
    match pollster::block_on(scope.pop()) {
        Some(error) => Err(gpu.failure(format!("{name}: {error}"))),
        None => Ok(Kernel { pipeline, layout, reflection }),
    }
}

fn bind_group_layout(device: &wgpu::Device, kernel: &Reflection) -> wgpu::BindGroupLayout {
    let entry = |binding: &wgsl::Binding| wgpu::BindGroupLayoutEntry {
        binding: binding.binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: match binding.kind {
                BindingKind::Uniform => wgpu::BufferBindingType::Uniform,
                kind => wgpu::BufferBindingType::Storage { read_only: kind == BindingKind::StorageRead },
            },
            has_dynamic_offset: binding.name == MOMENT,
            min_binding_size: NonZeroU64::new(binding.min_size),
        },
        count: None,
    };
    let entries: Vec<_> = kernel.bindings.iter().map(entry).collect();
    let label = Some(kernel.entry_point.as_str());
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries })
}

fn pipeline(
    device: &wgpu::Device,
    kernel: &Reflection,
    text: &str,
    overrides: &[(&str, f64)],
    layout: &wgpu::BindGroupLayout,
) -> wgpu::ComputePipeline {
    let label = Some(kernel.entry_point.as_str());
    let source = wgpu::ShaderSource::Wgsl(text.into());
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label, source });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label,
        bind_group_layouts: &[Some(layout)],
        ..Default::default()
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label,
        layout: Some(&layout),
        module: &module,
        entry_point: label,
        compilation_options: wgpu::PipelineCompilationOptions { constants: overrides, ..Default::default() },
        cache: None,
    })
}
