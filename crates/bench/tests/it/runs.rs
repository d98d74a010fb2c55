//! Devices that must agree, and short runs of the workloads on them.

use limnos_bench::measure::{Outcome, Run, run};
use limnos_bench::workload::Workload;
use limnos_engine::Device;
use limnos_engine::gpu::GpuOptions;

/// A device with its name in failures.
pub type Named = (String, Device);

/// The CPU device with several numbers of threads.
pub fn cpus() -> Vec<Named> {
    let cpu =
        |threads| (format!("cpu, {threads} threads"), Device::cpu_threads(threads).expect("threads should start"));
    [1, 2, 3].map(cpu).into()
}

/// Every adapter, software drivers too, with these workgroup sizes. A machine without one fails, unless `LIMNOS_NO_GPU=1`.
pub fn gpus(workgroups: &[u32]) -> Vec<Named> {
    if std::env::var("LIMNOS_NO_GPU").is_ok_and(|value| value == "1") {
        println!("LIMNOS_NO_GPU=1: nothing is compared with a GPU");
        return Vec::new();
    }
    let adapters: Vec<_> = Device::list().into_iter().filter(|d| d.device == "gpu").map(|d| d.adapter).collect();
    assert!(
        !adapters.is_empty(),
        "no GPU adapter; install a driver (Debian: mesa-vulkan-drivers) or set LIMNOS_NO_GPU=1"
    );
    let open = |adapter: &str, workgroup| {
        let options = GpuOptions { workgroup, ..GpuOptions::default() };
        let device = Device::with_options(adapter, 0, options).expect("an adapter that is listed should open");
        (format!("{adapter}, workgroups of {workgroup}"), device)
    };
    adapters.iter().flat_map(|adapter| workgroups.iter().map(|&w| open(adapter, w))).collect()
}

/// The device that others are compared with.
pub fn first() -> Device {
    Device::cpu_threads(1).expect("a thread should start")
}

pub fn outcome(device: &Device, workload: &dyn Workload, how: &Run) -> Outcome {
    run(device, workload, how, &mut |_| ()).expect("the workload should run")
}

pub fn digest(device: &Device, workload: &dyn Workload, how: &Run) -> u64 {
    outcome(device, workload, how).digest().expect("a digest was asked for")
}
