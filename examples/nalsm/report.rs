//! What came out, in words and as JSON.

use std::io::Write;

use anyhow::{Context, Result};
use limnos::Device;
use limnos::presets::nalsm::{Mode, Nalsm, Rule};
use serde_json::{Value, json};

use crate::Setting;
use crate::args::{Args, ReadoutName};
use crate::data::Data;
use crate::experiment::{Amounts, Outcome};

/// Prints lines on standard output; a reader that has gone is an error, not a panic.
fn say(lines: impl std::fmt::Display) -> Result<()> {
    writeln!(std::io::stdout(), "{lines}").context("standard output")
}

/// A network in a few words.
pub fn name(preset: &Nalsm) -> String {
    format!("{}, seed {}", rule_name(preset.rule), preset.seed)
}

fn rule_name(rule: Rule) -> String {
    match rule {
        Rule::Static { weight } => format!("static, w {weight}"),
        Rule::Stdp => "STDP".into(),
        Rule::Astrocyte { weight } => format!("astrocyte, w {weight}"),
        Rule::ApStdp { threshold, width } => format!("AP-STDP, calcium {threshold} ± {width}"),
        _ => "another rule".into(),
    }
}

/// What is going to be done.
pub fn introduce(args: &Args, data: &Data, device: &Device, preset: &Nalsm, n: Amounts) -> Result<()> {
    let (info, about) = (device.info(), &data.about);
    say(format_args!("{} ({}; {})", about.name, about.authors, about.licence))?;
    let mode = if preset.mode == Mode::Faithful { "faithful" } else { "clean" };
    say(format_args!(
        "{} neurons, {} steps of 1 ms a sample, {mode}, on {} ({})",
        preset.neurons, preset.steps, info.device, info.adapter
    ))?;
    let developed = if args.load.is_some() || !preset.rule.is_plastic() { 0 } else { n.develop };
    if n.train > 0 {
        say(format_args!(
            "{developed} snippets for development; samples: {} to learn from, {} for validation, {} to be tested on\n",
            n.train, n.valid, n.test
        ))
    } else {
        say(format_args!("{developed} snippets for development; {} samples for the branching factor\n", n.branching))
    }
}

fn readout_name(readout: ReadoutName) -> &'static str {
    match readout {
        ReadoutName::Softmax => "softmax",
        ReadoutName::Paper => "paper",
    }
}

/// One network.
pub fn line(name: &str, o: &Outcome) -> Result<()> {
    let factor = o.branching.factor.map_or("none".into(), |f| format!("{f:.3}"));
    say(format_args!(
        "{name}: branching {factor}; {:.1} liquid and {:.1} input spikes a ms; developed in {:.1} s; {:.0} samples a second",
        o.branching.liquid_rate, o.branching.input_rate, o.develop_s, o.samples_per_s
    ))?;
    for a in &o.accuracies {
        say(format_args!(
            "  readout {}: train {:.4}, validation {:.4}, test {:.4} ({}, {:.1} s)",
            readout_name(a.readout),
            a.train,
            a.valid,
            a.test,
            a.chosen,
            a.seconds
        ))?;
    }
    Ok(())
}

/// Mean and standard deviation (of a sample), over what is there.
#[derive(Clone, Copy, Debug)]
pub struct Mean {
    /// Mean.
    pub mean: f64,
    /// Standard deviation; none of one value.
    pub sd: Option<f64>,
}

impl Mean {
    /// Of some values; none of none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        (!values.is_empty()).then(|| Self { mean, sd: (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()) })
    }
}

impl std::fmt::Display for Mean {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.sd {
            Some(sd) => write!(f, "{:.4} ± {sd:.4}", self.mean),
            None => write!(f, "{:.4}", self.mean),
        }
    }
}

/// The branching factor of a setting.
pub fn branching(setting: &Setting) -> Option<Mean> {
    Mean::of(setting.outcomes.iter().filter_map(|o| o.branching.factor))
}

/// An accuracy of a setting with the `k`-th readout.
fn accuracy(setting: &Setting, k: usize, of: impl Fn(&crate::experiment::Accuracy) -> f64) -> Option<Mean> {
    Mean::of(setting.outcomes.iter().filter_map(|o| o.accuracies.get(k)).map(of))
}

/// All settings, means over their networks.
pub fn table(settings: &[Setting]) -> Result<()> {
    say("")?;
    for setting in settings {
        let networks = setting.outcomes.len();
        let factor = branching(setting).map_or("none".into(), |m| m.to_string());
        say(format_args!(
            "{} ({networks} network{}): branching {factor}",
            rule_name(setting.rule),
            if networks == 1 { "" } else { "s" }
        ))?;
        for (k, a) in setting.outcomes.first().iter().flat_map(|o| o.accuracies.iter().enumerate()) {
            let of = |f: fn(&crate::experiment::Accuracy) -> f64| {
                accuracy(setting, k, f).map_or("none".into(), |m| m.to_string())
            };
            say(format_args!(
                "  readout {}: validation {}, test {}",
                readout_name(a.readout),
                of(|a| a.valid),
                of(|a| a.test)
            ))?;
        }
    }
    Ok(())
}

/// Which files there are now.
pub fn written(paths: &[std::path::PathBuf]) -> Result<()> {
    let names: Vec<_> = paths.iter().map(|p| p.display().to_string()).collect();
    if names.is_empty() {
        return Ok(());
    }
    say(format_args!("\nwrote {}", names.join(", ")))
}

/// One line of JSON: values of the setting, or lists where there are several.
pub fn json(args: &Args, device: &Device, settings: &[Setting], n: Amounts) -> Result<()> {
    let info = device.info();
    let preset = settings[0].networks[0].liquid.preset();
    let paper = n.train > 0 && args.readouts(preset.mode).contains(&ReadoutName::Paper);
    let each = |f: &dyn Fn(&Setting) -> Value| match settings {
        [one] => f(one),
        all => all.iter().map(f).collect(),
    };
    let mean = |of: &dyn Fn(&Outcome) -> Option<f64>| {
        each(&|s: &Setting| json!(Mean::of(s.outcomes.iter().filter_map(of)).map(|m| m.mean)))
    };
    let sd = |of: &dyn Fn(&Outcome) -> Option<f64>| {
        each(&|s: &Setting| json!(Mean::of(s.outcomes.iter().filter_map(of)).and_then(|m| m.sd)))
    };
    let first = |o: &Outcome| o.accuracies.first().cloned();
    let value = json!({
        "branching_factor": mean(&|o| o.branching.factor),
        "branching_factor_sd": sd(&|o| o.branching.factor),
        "test_accuracy": mean(&|o| first(o).map(|a| a.test)),
        "test_accuracy_sd": sd(&|o| first(o).map(|a| a.test)),
        "valid_accuracy": mean(&|o| first(o).map(|a| a.valid)),
        "develop_s": mean(&|o| Some(o.develop_s)),
        "samples_per_s": mean(&|o| Some(o.samples_per_s)),
        "liquid_spikes_per_ms": mean(&|o| Some(o.rates[0])),
        "input_spikes_per_ms": mean(&|o| Some(o.rates[1])),
        "device": info.device,
        "adapter": info.adapter,
        "neurons": preset.neurons,
        "mode": if preset.mode == Mode::Faithful { "faithful" } else { "clean" },
        "set": args.set.name(),
        "steps": preset.steps,
        "develop": if preset.rule.is_plastic() { preset.snippets } else { Some(0) },
        "branching_samples": n.branching,
        "train": n.train,
        "valid": n.valid,
        "test": n.test,
        "epochs": paper.then_some(args.epochs),
        "settings": settings.iter().map(setting).collect::<Vec<_>>(),
    });
    say(value)
}

fn setting(s: &Setting) -> Value {
    let networks: Vec<_> = s.outcomes.iter().map(outcome).collect();
    match s.rule {
        Rule::Static { weight } => json!({ "rule": "static", "weight": weight, "networks": networks }),
        Rule::Astrocyte { weight } => json!({ "rule": "astro", "weight": weight, "networks": networks }),
        Rule::ApStdp { threshold, width } => json!({
            "rule": "ap-stdp", "weight": null, "calcium": threshold, "calcium_width": width, "networks": networks,
        }),
        _ => json!({ "rule": "stdp", "weight": null, "networks": networks }),
    }
}

fn outcome(o: &Outcome) -> Value {
    let readouts = o.accuracies.iter().map(|a| {
        json!({
            "readout": readout_name(a.readout),
            "train_accuracy": a.train,
            "valid_accuracy": a.valid,
            "test_accuracy": a.test,
            "fit_s": a.seconds,
            "chosen": a.chosen,
        })
    });
    json!({
        "seed": o.seed,
        "branching_factor": o.branching.factor,
        "liquid_spikes_per_ms": o.rates[0],
        "input_spikes_per_ms": o.rates[1],
        "develop_s": o.develop_s,
        "samples_per_s": o.samples_per_s,
        "readouts": readouts.collect::<Vec<_>>(),
    })
}
