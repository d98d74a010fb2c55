//! What a device allows.

use super::{BufferPlan, Usage};
use crate::EngineError;

/// The limits that a plan keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one storage binding.
    pub binding_bytes: u64,
    /// Bytes of one buffer.
    pub buffer_bytes: u64,
    /// Workgroups along one dimension of a dispatch.
    pub groups: u32,
    /// Bytes of workgroup memory.
    pub workgroup_bytes: u32,
    /// Iterations of all loops of an invocation together; `u32::MAX`: the driver does not count.
    pub loop_iterations: u32,
}

impl Limits {
    /// What every WebGPU device allows.
    pub const WEBGPU: Self = Self {
        binding_bytes: 128 << 20,
        buffer_bytes: 256 << 20,
        groups: 65_535,
        workgroup_bytes: 16 << 10,
        loop_iterations: u32::MAX,
    };

    /// Whether a buffer keeps the limits.
    pub(crate) fn check(&self, buffer: &BufferPlan) -> Result<(), EngineError> {
        let allowed = match buffer.usage {
            Usage::Uniform => self.buffer_bytes,
            Usage::Storage | Usage::Indirect => self.binding_bytes.min(self.buffer_bytes),
        };
        if buffer.bytes <= allowed {
            return Ok(());
        }
        Err(EngineError::Limit {
            what: format!("the buffer '{}' in bytes of one binding", buffer.name),
            needed: buffer.bytes,
            allowed,
            advice: "; use a smaller network, batch, feed or recording, or the CPU device",
        })
    }
}
