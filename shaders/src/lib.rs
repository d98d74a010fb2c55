//! All WGSL of the limnos reservoir engine, as text.
//!
//! `common/` holds modules without bindings or entry points, `kernels/` one entry point a file, `models/` neuron
//! models, `parts/` functions that use bindings, and some of them functions, of the kernel that imports them. The files import one another by
//! lines such as `import package::common::rng;`, which the linker of `limnos-engine` resolves. This package depends on
//! nothing, so that other tools can read the shaders too.

macro_rules! files {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("../", $name, ".wgsl")))),*] };
}

/// Every WGSL file: its name, which is its path without the extension (`"common/fixed"`), and its text.
pub const FILES: &[(&str, &str)] = files![
    "common/activation",
    "common/fixed",
    "common/layout",
    "common/learning",
    "common/normal",
    "common/rate",
    "common/rng",
    "common/stdp",
    "common/wide",
    "kernels/activation_probe",
    "kernels/astrocyte_step",
    "kernels/deliver",
    "kernels/fixed_probe",
    "kernels/lanes_observe",
    "kernels/lanes_source",
    "kernels/lanes_step",
    "kernels/learn_deliver",
    "kernels/learn_events",
    "kernels/learn_finish",
    "kernels/neuron_step",
    "kernels/observe",
    "kernels/prepare",
    "kernels/rate_gram",
    "kernels/rate_lanes",
    "kernels/rate_readout",
    "kernels/rate_resident",
    "kernels/rate_step",
    "kernels/resident",
    "kernels/resident_plastic",
    "kernels/rng_probe",
    "kernels/source_step",
    "kernels/stdp",
    "kernels/stdp_changes",
    "kernels/stdp_probe",
    "kernels/tick",
    "models/lif",
    "parts/astrocyte",
    "parts/changes",
    "parts/events",
    "parts/learner",
    "parts/learning",
    "parts/neuron",
    "parts/observation",
    "parts/plastic_deliver",
    "parts/plastic_rows",
    "parts/rate",
    "parts/rate_features",
    "parts/rate_outputs",
    "parts/rate_stored",
    "parts/resident",
    "parts/resident_learning",
    "parts/source",
    "parts/stdp",
    "parts/synapses",
    "parts/traces",
];

/// The text of the file of that name (`"common/fixed"`), if there is one.
///
/// ```
/// assert!(limnos_shaders::file("common/rng").is_some_and(|text| text.contains("fn philox")));
/// assert!(limnos_shaders::file("common/rng.wgsl").is_none());
/// ```
#[must_use]
pub fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
