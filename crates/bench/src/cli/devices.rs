//! `limnos devices`.

use anyhow::bail;
use clap::Args;
use limnos_engine::{Device, DeviceInfo};
use serde_json::json;

/// Flags of `limnos devices`.
#[derive(Debug, Args)]
pub struct Devices {
    /// Print one JSON object with a list instead of a table
    #[arg(long)]
    json: bool,
}

impl Devices {
    pub fn run(&self) -> anyhow::Result<()> {
        let devices = Device::list();
        if devices.is_empty() {
            bail!("no device can be opened, not even the CPU's threads");
        }
        if self.json {
            return super::print(json!({ "devices": devices.iter().map(object).collect::<Vec<_>>() }));
        }
        super::print(format_args!("{:<8} {:<11} {:<60} driver", "device", "kind", "adapter"))?;
        devices.iter().try_for_each(|d| super::print(row(d)))
    }
}

fn object(d: &DeviceInfo) -> serde_json::Value {
    json!({ "device": d.device, "kind": d.kind, "adapter": d.adapter, "driver": d.driver })
}

fn row(d: &DeviceInfo) -> String {
    format!("{:<8} {:<11} {:<60} {}", d.device, d.kind, d.adapter, d.driver).trim_end().to_owned()
}
