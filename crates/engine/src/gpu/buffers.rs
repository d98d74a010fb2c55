//! Buffers by name: allocated from a plan, filled in pieces, read back.

use std::collections::HashMap;
use std::time::Duration;

use bytemuck::Pod;

use super::device::Gpu;
use super::plan::{BufferPlan, Usage};
use crate::EngineError;

/// Bytes handed to the queue at a time: it keeps a copy of each piece until the next submission.
const PIECE: usize = 16 << 20;

/// How long a finished read-back may take to be answered: its callback may be running in another thread that polls the same device.
const ANSWER: Duration = Duration::from_secs(30);

/// The buffers of a simulation.
#[derive(Debug)]
pub(crate) struct Buffers {
    gpu: Gpu,
    by_name: HashMap<String, wgpu::Buffer>,
}

impl Buffers {
    /// Allocates all buffers of a plan, zeroed.
    pub(crate) fn allocate(gpu: &Gpu, plans: &[BufferPlan]) -> Result<Self, EngineError> {
        let mut buffers = Self { gpu: gpu.clone(), by_name: HashMap::new() };
        plans.iter().try_for_each(|plan| buffers.add(plan))?;
        Ok(buffers)
    }

    /// Allocates a buffer, in place of one of the same name, which stays if there is no room for both.
    pub(crate) fn add(&mut self, plan: &BufferPlan) -> Result<(), EngineError> {
        self.gpu.check()?;
        let device = self.gpu.device();
        let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(&plan.name),
            size: plan.bytes,
            usage: usages(plan.usage),
            mapped_at_creation: false,
        });
        let (refused, exhausted) = pollster::block_on(async { (validation.pop().await, memory.pop().await) });
        if exhausted.is_some() {
            let device = self.gpu.info().name.clone();
            return Err(EngineError::OutOfMemory { device, buffer: plan.name.clone(), bytes: plan.bytes });
        }
        if let Some(error) = refused {
            return Err(self.gpu.failure(error));
        }
        self.gpu.check()?;
        self.by_name.insert(plan.name.clone(), buffer);
        Ok(())
    }

    pub(crate) fn get(&self, name: &str) -> &wgpu::Buffer {
        self.by_name.get(name).unwrap_or_else(|| panic!("the plan should have a buffer '{name}'"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Writes `data` from element `first` of `T` on.
    pub(crate) fn write<T: Pod>(&self, name: &str, first: usize, data: &[T]) -> Result<(), EngineError> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        let mut at = (first * size_of::<T>()) as u64;
        for piece in bytes.chunks(PIECE) {
            self.gpu.queue().write_buffer(self.get(name), at, piece);
            at += piece.len() as u64;
            if piece.len() == PIECE {
                self.gpu.queue().submit([]);
                self.gpu.device().poll(wgpu::PollType::wait_indefinitely()).map_err(|error| self.gpu.failure(error))?;
            }
        }
        self.gpu.check()
    }

    /// Zeroes a buffer from a byte on.
    pub(crate) fn clear(&self, encoder: &mut wgpu::CommandEncoder, name: &str, from: u64) {
        let buffer = self.get(name);
        if from < buffer.size() {
            encoder.clear_buffer(buffer, from, None);
        }
    }

    /// Copies so many words from one buffer to another.
    pub(crate) fn copy(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        (from, first): (&str, u64),
        (to, at): (&str, u64),
        words: u64,
    ) {
        encoder.copy_buffer_to_buffer(self.get(from), 4 * first, self.get(to), 4 * at, 4 * words);
    }

    /// The first `count` elements of a buffer, from `first` on.
    pub(crate) fn read<T: Pod>(&self, name: &str, first: usize, count: usize) -> Result<Vec<T>, EngineError> {
        pollster::block_on(self.read_async(name, first, count))
    }

    async fn read_async<T: Pod>(&self, name: &str, first: usize, count: usize) -> Result<Vec<T>, EngineError> {
        self.gpu.check()?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let (device, source) = (self.gpu.device(), self.get(name));
        let bytes = (count * size_of::<T>()) as u64;
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let staging = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes,
            usage,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(source, (first * size_of::<T>()) as u64, &staging, 0, bytes);
        self.gpu.queue().submit([encoder.finish()]);
        let (sender, receiver) = std::sync::mpsc::channel();
        // A receiver that is gone has stopped waiting.
        staging.map_async(wgpu::MapMode::Read, .., move |result| drop(sender.send(result)));
        let polled = device.poll(wgpu::PollType::wait_indefinitely());
        self.gpu.check()?;
        polled.map_err(|error| self.gpu.failure(error))?;
        let mapped = receiver.recv_timeout(ANSWER).map_err(|_| self.gpu.failure("a read-back was not answered"))?;
        mapped.map_err(|error| self.gpu.failure(error))?;
        let view = staging.get_mapped_range(..).map_err(|error| self.gpu.failure(error))?;
        Ok(bytemuck::pod_collect_to_vec(&view))
    }
}

fn usages(usage: Usage) -> wgpu::BufferUsages {
    let copies = wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
    copies
        | match usage {
            Usage::Uniform => wgpu::BufferUsages::UNIFORM,
            Usage::Storage => wgpu::BufferUsages::STORAGE,
            Usage::Indirect => wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::INDIRECT,
        }
}
