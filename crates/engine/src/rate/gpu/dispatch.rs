//! The dispatches of rate reservoirs, bound to their buffers.

use std::sync::Arc;

use limnos_spec::twin::device::rate::RateShape;

use super::plan::{FULL_WORKGROUP, MOMENT_BYTES, RatePlan, RateRegime};
use crate::EngineError;
use crate::gpu::Gpu;
use crate::gpu::buffers::Buffers;
use crate::gpu::kernel::{Kernel, MOMENT};
use crate::gpu::plan::Limits;

/// A kernel with its buffers and workgroups.
#[derive(Debug)]
pub(super) struct Bound {
    kernel: Arc<Kernel>,
    group: wgpu::BindGroup,
    moments: bool,
}

impl Bound {
    /// Binds the variables of a kernel to the buffers of their names, or of the names that `renamed` gives.
    pub(super) fn new(
        gpu: &Gpu,
        name: &'static str,
        overrides: &[(&str, f64)],
        renamed: &[(&str, &str)],
        buffers: &Buffers,
    ) -> Result<Self, EngineError> {
        let kernel = gpu.kernel(name, overrides)?;
        let bindings = &kernel.reflection.bindings;
        let buffer = |variable: &str| {
            let other = renamed.iter().find(|(from, _)| *from == variable);
            buffers.get(other.map_or(variable, |(_, to)| to))
        };
        let resource = |binding: &crate::wgsl::Binding| {
            let buffer = buffer(&binding.name);
            if binding.name == MOMENT {
                let size = std::num::NonZeroU64::new(binding.min_size);
                return wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset: 0, size });
            }
            buffer.as_entire_binding()
        };
        let entries: Vec<_> =
            bindings.iter().map(|b| wgpu::BindGroupEntry { binding: b.binding, resource: resource(b) }).collect();
        let scope = gpu.device().push_error_scope(wgpu::ErrorFilter::Validation);
        let descriptor = wgpu::BindGroupDescriptor { label: Some(name), layout: &kernel.layout, entries: &entries };
        let group = gpu.device().create_bind_group(&descriptor);
        if let Some(error) = pollster::block_on(scope.pop()) {
            gpu.check()?;
            return Err(gpu.failure(format!("{name}: {error}")));
        }
        let moments = bindings.iter().any(|b| b.name == MOMENT);
        Ok(Self { kernel, group, moments })
    }

    /// Records it for a moment, over so many workgroups.
    pub(super) fn record(&self, pass: &mut wgpu::ComputePass<'_>, moment: usize, (x, y, z): (u32, u32, u32)) {
        let offset = [(moment as u64 * MOMENT_BYTES) as u32];
        pass.set_pipeline(&self.kernel.pipeline);
        pass.set_bind_group(0, &self.group, if self.moments { &offset } else { &[] });
        pass.dispatch_workgroups(x, y, z);
    }
}

/// Workgroups along x and y.
fn split(wanted: u64, limits: &Limits) -> (u32, u32, u32) {
    let y = wanted.div_ceil(u64::from(limits.groups)).max(1);
    (wanted.div_ceil(y).max(1) as u32, y as u32, 1)
}

/// The dispatches of a plan.
#[derive(Debug)]
pub(super) struct Dispatches {
    step: Bound,
    readout: Option<Bound>,
    /// Workgroups of a layer's step, or of the whole dispatch of the resident regime.
    groups: Vec<(u32, u32, u32)>,
    readout_groups: (u32, u32, u32),
    resident: bool,
}

impl Dispatches {
    pub(super) fn new(
        gpu: &Gpu,
        plan: &RatePlan,
        shape: &RateShape,
        layers: &[usize],
        buffers: &Buffers,
    ) -> Result<Self, EngineError> {
        let kernel = match plan.regime {
            RateRegime::Step => "kernels/rate_step",
            RateRegime::Lanes => "kernels/rate_lanes",
            RateRegime::Resident => "kernels/rate_resident",
        };
        let (limits, samples) = (gpu.limits(), u64::from(shape.samples));
        let resident = plan.regime == RateRegime::Resident;
        let step = Bound::new(gpu, kernel, &plan.overrides, &[], buffers)?;
        let full = [("WG", f64::from(FULL_WORKGROUP)), ("TEAM", f64::from(plan.team))];
        let readout = || Bound::new(gpu, "kernels/rate_readout", &full, &[], buffers);
        let readout = (!resident && shape.outputs > 0).then(readout).transpose()?;
        let of_layer = |layer: &[usize]| {
            let units = (layer[1] - layer[0]) as u64;
            let wanted = match plan.regime {
                RateRegime::Step => units.div_ceil(u64::from(plan.workgroup / plan.parts)),
                RateRegime::Lanes => (units * samples).div_ceil(u64::from(plan.workgroup)),
                RateRegime::Resident => samples,
            };
            split(wanted, &limits)
        };
        let across = u64::from(FULL_WORKGROUP / plan.team);
        Ok(Self {
            step,
            readout,
            groups: layers.windows(2).map(of_layer).collect(),
            readout_groups: split(u64::from(shape.outputs).div_ceil(across) * samples, &limits),
            resident,
        })
    }

    /// Records so many steps in one pass; with outputs, those before the first step where `before`, and those after each step.
    pub(super) fn record(&self, encoder: &mut wgpu::CommandEncoder, steps: usize, before: bool, outputs: bool) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        if self.resident {
            return self.step.record(&mut pass, 0, self.groups[0]);
        }
        let layers = self.groups.len();
        let readout = self.readout.as_ref().filter(|_| outputs);
        for k in 0..=steps {
            if let Some(readout) = readout.filter(|_| k > 0 || before) {
                readout.record(&mut pass, k * layers, self.readout_groups);
            }
            for (layer, groups) in self.groups.iter().enumerate().filter(|_| k < steps) {
                self.step.record(&mut pass, k * layers + layer, *groups);
            }
        }
    }
}
