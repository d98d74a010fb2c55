//! The least of a GPU host: run one kernel once over given buffers and read the last one back.

use std::sync::OnceLock;

use limnos_engine::wgsl::{self, BindingKind, Reflection};
use wgpu::util::DeviceExt;

use crate::Test;

pub const TESTS: &[Test] = &[("results_come_from_the_device", results_come_from_the_device)];

/// A device for all tests of the process.
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
}

/// The device, opened at the first call.
pub fn gpu() -> &'static Gpu {
    static GPU: OnceLock<Result<Gpu, String>> = OnceLock::new();
    GPU.get_or_init(|| pollster::block_on(open())).as_ref().unwrap_or_else(|error| panic!("{error}"))
}

async fn open() -> Result<Gpu, String> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let wanted = std::env::var("LIMNOS_DEVICE").unwrap_or_default().to_lowercase();
    let adapters = instance.enumerate_adapters(wgpu::Backends::all()).await;
    let names: Vec<String> = adapters.iter().map(|adapter| adapter.get_info().name).collect();
    let fits = |adapter: &wgpu::Adapter| {
        matches!(wanted.as_str(), "" | "gpu") || adapter.get_info().name.to_lowercase().contains(&wanted)
    };
    let adapter = adapters.into_iter().filter(fits).min_by_key(|adapter| rank(adapter.get_info().device_type));
    let adapter = adapter.ok_or_else(|| {
        format!(
            "no GPU adapter{}; found: {names:?}. Install a driver (Debian: mesa-vulkan-drivers) \
             or set LIMNOS_NO_GPU=1 to leave the GPU tests out",
            if wanted.is_empty() { String::new() } else { format!(" whose name holds `{wanted}`") }
        )
    })?;
    eprintln!("GPU tests run on {}", adapter.get_info().name);
    let (device, queue) = adapter
        .request_device(&wgpu::DeviceDescriptor::default())
        .await
        .map_err(|error| format!("the adapter {} gives no device: {error}", adapter.get_info().name))?;
    Ok(Gpu { device, queue })
}

/// Hardware before software.
fn rank(kind: wgpu::DeviceType) -> u8 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Cpu => 3,
        wgpu::DeviceType::Other => 4,
    }
}

impl Gpu {
    /// Runs the kernel over `invocations` with the contents of `inputs` in its bindings 0, 1, … of group 0, and
    /// returns `output_words` words of its last binding, which starts as `0xdeadbeef` everywhere.
    pub fn run(
        &self,
        kernel: &str,
        overrides: &[(&str, f64)],
        inputs: &[&[u8]],
        output_words: usize,
        invocations: u32,
    ) -> Vec<u32> {
        let source = wgsl::link(kernel).unwrap_or_else(|error| panic!("{error}"));
        let checked = wgsl::check(&source, overrides).unwrap_or_else(|error| panic!("{error}"));
        let reflection = wgsl::reflect(&checked).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(reflection.bindings.len(), inputs.len() + 1, "one buffer a binding");
        let mut buffers: Vec<wgpu::Buffer> = inputs.iter().map(|bytes| self.buffer(bytes)).collect();
        buffers.push(self.buffer(bytemuck::cast_slice(&vec![0xdead_beef_u32; output_words])));
        let groups = invocations.div_ceil(reflection.workgroup_size[0]);
        self.dispatch(&reflection, source.text(), overrides, &buffers, (groups, 1, 1));
        self.read(buffers.last().expect("there is an output"))
    }

    /// Runs the kernel once over `invocations` with these contents of its bindings, in their order, and returns what all
    /// buffers hold afterwards.
    pub fn run_all(
        &self,
        kernel: &str,
        overrides: &[(&str, f64)],
        contents: &[Vec<u32>],
        invocations: u32,
    ) -> Vec<Vec<u32>> {
        self.run_over(kernel, overrides, contents, |workgroup| (invocations.div_ceil(workgroup), 1))
    }

    /// The same over as many workgroups along x and y as follow from the invocations of one.
    pub fn run_over(
        &self,
        kernel: &str,
        overrides: &[(&str, f64)],
        contents: &[Vec<u32>],
        groups: impl Fn(u32) -> (u32, u32),
    ) -> Vec<Vec<u32>> {
        let plane = |workgroup| {
            let (x, y) = groups(workgroup);
            (x, y, 1)
        };
        self.run_grid(kernel, overrides, contents, plane)
    }

    /// The same along all dimensions.
    pub fn run_grid(
        &self,
        kernel: &str,
        overrides: &[(&str, f64)],
        contents: &[Vec<u32>],
        groups: impl Fn(u32) -> (u32, u32, u32),
    ) -> Vec<Vec<u32>> {
        let source = wgsl::link(kernel).unwrap_or_else(|error| panic!("{error}"));
        let checked = wgsl::check(&source, overrides).unwrap_or_else(|error| panic!("{error}"));
        let reflection = wgsl::reflect(&checked).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(reflection.bindings.len(), contents.len(), "one buffer a binding");
        let buffers: Vec<_> = contents.iter().map(|words| self.buffer(bytemuck::cast_slice(words))).collect();
        self.dispatch(&reflection, source.text(), overrides, &buffers, groups(reflection.workgroup_size[0]));
        buffers.iter().map(|buffer| self.read(buffer)).collect()
    }

    fn buffer(&self, contents: &[u8]) -> wgpu::Buffer {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_SRC;
        self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents, usage })
    }

    fn dispatch(
        &self,
        kernel: &Reflection,
        text: &str,
        overrides: &[(&str, f64)],
        buffers: &[wgpu::Buffer],
        groups: (u32, u32, u32),
    ) {
        let layout = self.layout(kernel);
        let pipeline = self.pipeline(kernel, text, overrides, &layout);
        let entries: Vec<_> = kernel
            .bindings
            .iter()
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding: binding.binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let descriptor = wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries };
        let bind_group = self.device.create_bind_group(&descriptor);
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bind_group, &[]);
        pass.dispatch_workgroups(groups.0, groups.1, groups.2);
        drop(pass);
        self.queue.submit([encoder.finish()]);
    }

    /// The layout of group 0, from reflection alone.
    fn layout(&self, kernel: &Reflection) -> wgpu::BindGroupLayout {
        let entries: Vec<_> = kernel
            .bindings
            .iter()
            .map(|binding| wgpu::BindGroupLayoutEntry {
                binding: binding.binding,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: match binding.kind {
                        BindingKind::Uniform => wgpu::BufferBindingType::Uniform,
                        kind => wgpu::BufferBindingType::Storage { read_only: kind == BindingKind::StorageRead },
                    },
                    has_dynamic_offset: false,
                    min_binding_size: std::num::NonZeroU64::new(binding.min_size),
                },
                count: None,
            })
            .collect();
        self.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
    }

    fn pipeline(
        &self,
        kernel: &Reflection,
        text: &str,
        overrides: &[(&str, f64)],
        layout: &wgpu::BindGroupLayout,
    ) -> wgpu::ComputePipeline {
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&kernel.entry_point),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        });
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            bind_group_layouts: &[Some(layout)],
            ..Default::default()
        });
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&kernel.entry_point),
            layout: Some(&layout),
            module: &module,
            entry_point: Some(&kernel.entry_point),
            compilation_options: wgpu::PipelineCompilationOptions { constants: overrides, ..Default::default() },
            cache: None,
        })
    }

    fn read(&self, buffer: &wgpu::Buffer) -> Vec<u32> {
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: buffer.size(),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size());
        self.queue.submit([encoder.finish()]);
        let (sender, receiver) = std::sync::mpsc::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |result| {
            sender.send(result).expect("the test waits for the mapping");
        });
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device should finish");
        receiver.recv().expect("the callback should run").expect("the buffer should map");
        let mapped = staging.get_mapped_range(..).expect("the buffer is mapped");
        bytemuck::pod_collect_to_vec(&mapped)
    }
}

/// What the kernel does not write stays as it was, what it writes is there: a harness that returned something else
/// than the device's memory would fail.
fn results_come_from_the_device() {
    let pairs = [[5i32, 1 << 30], [-7, 1 << 30]];
    let words = gpu().run("kernels/fixed_probe", &[], &[bytemuck::cast_slice(&pairs)], 12, 2);
    assert_eq!(words[..8], [3, 2, 5 + (1 << 30), 0, -3i32 as u32, -3i32 as u32, (1 << 30) - 7, 0]);
    assert_eq!(words[8..], [0xdead_beef; 4]);
}
