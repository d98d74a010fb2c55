//! Dispatches bound to buffers, recorded for many steps at a time.

use std::sync::Arc;

use super::buffers::Buffers;
use super::device::Gpu;
use super::kernel::Kernel;
use super::plan::{Dispatch, Groups, Phase};
use crate::EngineError;

/// The dispatches of a step, ready to be recorded.
#[derive(Debug)]
pub(super) struct Recorder {
    bound: Vec<Bound>,
}

#[derive(Debug)]
struct Bound {
    kernel: Arc<Kernel>,
    bind_group: wgpu::BindGroup,
    groups: BoundGroups,
    phase: Phase,
}

#[derive(Debug)]
enum BoundGroups {
    Direct(u32, u32),
    Indirect(wgpu::Buffer),
}

impl Recorder {
    pub(super) fn new(gpu: &Gpu, dispatches: &[Dispatch], buffers: &Buffers) -> Result<Self, EngineError> {
        let bound = dispatches.iter().map(|dispatch| bind(gpu, dispatch, buffers)).collect::<Result<_, _>>()?;
        Ok(Self { bound })
    }

    /// Records so many steps in one pass, leaving out the phases that `skip` names.
    pub(super) fn record(&self, encoder: &mut wgpu::CommandEncoder, steps: u32, skip: impl Fn(Phase) -> bool) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for _ in 0..steps {
            for bound in self.bound.iter().filter(|bound| !skip(bound.phase)) {
                pass.set_pipeline(&bound.kernel.pipeline);
                pass.set_bind_group(0, &bound.bind_group, &[]);
                match &bound.groups {
                    BoundGroups::Direct(x, y) => pass.dispatch_workgroups(*x, *y, 1),
                    BoundGroups::Indirect(buffer) => pass.dispatch_workgroups_indirect(buffer, 0),
                }
            }
        }
    }
}

fn bind(gpu: &Gpu, dispatch: &Dispatch, buffers: &Buffers) -> Result<Bound, EngineError> {
    let kernel = gpu.kernel(dispatch.kernel, &dispatch.overrides)?;
    let buffer = |variable: &str| {
        let renamed = dispatch.renamed.iter().find(|(from, _)| *from == variable);
        buffers.get(renamed.map_or(variable, |(_, to)| to))
    };
    let entries: Vec<_> = kernel
        .reflection
        .bindings
        .iter()
        .map(|b| wgpu::BindGroupEntry { binding: b.binding, resource: buffer(&b.name).as_entire_binding() })
        .collect();
    let label = Some(dispatch.kernel);
    let scope = gpu.device().push_error_scope(wgpu::ErrorFilter::Validation);
    let descriptor = wgpu::BindGroupDescriptor { label, layout: &kernel.layout, entries: &entries };
    let bind_group = gpu.device().create_bind_group(&descriptor);
    if let Some(error) = pollster::block_on(scope.pop()) {
        gpu.check()?;
        return Err(gpu.failure(format!("{}: {error}", dispatch.kernel)));
    }
    let groups = match &dispatch.groups {
        Groups::Direct(x, y) => BoundGroups::Direct(*x, *y),
        Groups::Indirect(name) => BoundGroups::Indirect(buffers.get(name).clone()),
    };
    Ok(Bound { kernel, bind_group, groups, phase: dispatch.phase })
}
