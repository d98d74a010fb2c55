//! Every kernel of the shaders package keeps within plain WebGPU, for every override value in use.

use limnos_engine::wgsl::{
    BindingKind, OverrideConstant, OverrideDefault, Reflection, check, link, link_with, overrides, parse, reflect,
};

const WORKGROUP_SIZES: [f64; 4] = [32.0, 64.0, 128.0, 256.0];
const MAX_STORAGE_BUFFERS: usize = 8;
const MAX_WORKGROUP_BYTES: u32 = 16 * 1024;
const MAX_INVOCATIONS: u32 = 256;

/// The kernels' names.
fn kernels() -> Vec<&'static str> {
    limnos_shaders::FILES.iter().map(|(name, _)| *name).filter(|name| name.starts_with("kernels/")).collect()
}

/// The values that an override is tried with.
fn values(constant: &OverrideConstant) -> Vec<f64> {
    match (constant.name.as_str(), constant.ty.as_str(), constant.default) {
        ("WG", ..) => WORKGROUP_SIZES.to_vec(),
        (_, "bool", _) => vec![0.0, 1.0],
        (_, _, OverrideDefault::Value(value)) => vec![value],
        (_, _, OverrideDefault::Required) => vec![1.0],
        (_, _, OverrideDefault::Derived) => Vec::new(),
    }
}

/// Every combination of the overrides' values; derived ones are left to their defaults.
fn combinations(overrides: &[OverrideConstant]) -> Vec<Vec<(&str, f64)>> {
    let mut all = vec![Vec::new()];
    for constant in overrides {
        let values = values(constant);
        if values.is_empty() {
            continue;
        }
        let extended = |chosen: &Vec<(_, _)>, value| [chosen.as_slice(), &[(constant.name.as_str(), value)]].concat();
        all = all.iter().flat_map(|chosen| values.iter().map(move |value| extended(chosen, *value))).collect();
    }
    all
}

/// What of plain WebGPU a kernel breaks.
fn breaches(kernel: &Reflection) -> Vec<String> {
    let mut found = Vec::new();
    if kernel.storage_buffers() > MAX_STORAGE_BUFFERS {
        found.push(format!("{} storage buffers, {MAX_STORAGE_BUFFERS} allowed", kernel.storage_buffers()));
    }
    if kernel.workgroup_bytes > MAX_WORKGROUP_BYTES {
        found.push(format!("{} bytes of workgroup memory, {MAX_WORKGROUP_BYTES} allowed", kernel.workgroup_bytes));
    }
    let invocations: u32 = kernel.workgroup_size.iter().product();
    if invocations > MAX_INVOCATIONS {
        found.push(format!("{invocations} invocations, {MAX_INVOCATIONS} allowed"));
    }
    for binding in kernel.bindings.iter().filter(|binding| binding.kind == BindingKind::Uniform) {
        if binding.min_size % 16 != 0 {
            found.push(format!("uniform {} has {} bytes, not a multiple of 16", binding.name, binding.min_size));
        }
    }
    found
}

#[test]
fn every_kernel_is_plain_webgpu_for_all_override_values() {
    let kernels = kernels();
    assert!(kernels.contains(&"kernels/rng_probe"));
    for name in kernels {
        let source = link(name).unwrap_or_else(|error| panic!("{error}"));
        let overrides = overrides(&parse(&source).unwrap_or_else(|error| panic!("{error}")));
        for values in combinations(&overrides) {
            let kernel = check(&source, &values)
                .and_then(|checked| reflect(&checked))
                .unwrap_or_else(|error| panic!("with {values:?}: {error}"));
            assert_eq!(breaches(&kernel), Vec::<String>::new(), "{name} with {values:?}");
            if let Some((_, size)) = values.iter().find(|(name, _)| *name == "WG") {
                assert_eq!(f64::from(kernel.workgroup_size.iter().product::<u32>()), *size, "{name} takes its WG");
            }
        }
    }
}

#[test]
fn a_kernel_beyond_the_limits_is_caught() {
    let mut text = "override WG: u32 = 512u;\nvar<workgroup> big: array<u32, 4097>;\n\
                    @group(1) @binding(0) var<uniform> odd: vec3<f32>;\n"
        .to_owned();
    for k in 0..9 {
        text += &format!("@group(0) @binding({k}) var<storage, read> b{k}: array<u32>;\n");
    }
    text += "@compute @workgroup_size(WG) fn over() { big[0u] = u32(odd.x); }\n";
    let source = link_with(&[("over", &text)], "over").unwrap();
    let kernel = reflect(&check(&source, &[]).unwrap()).unwrap();
    let found = breaches(&kernel);
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn all_values_of_flags_are_tried() {
    let constant = |name: &str, ty: &str, default| OverrideConstant { name: name.into(), ty: ty.into(), default };
    let overrides = [
        constant("WG", "u32", OverrideDefault::Value(64.0)),
        constant("A", "bool", OverrideDefault::Value(0.0)),
        constant("B", "bool", OverrideDefault::Required),
        constant("C", "u32", OverrideDefault::Derived),
        constant("D", "u32", OverrideDefault::Required),
    ];
    let all = combinations(&overrides);
    assert_eq!(all.len(), 4 * 2 * 2);
    assert!(all.iter().all(|values| values.len() == 4 && values[3] == ("D", 1.0)));
}

#[test]
fn modules_and_models_are_sound_alone() {
    // A part uses the bindings of its kernel, so it is checked there.
    let alone = |name: &str| !name.starts_with("kernels/") && !name.starts_with("parts/");
    for (name, _) in limnos_shaders::FILES.iter().filter(|(name, _)| alone(name)) {
        let source = link(name).unwrap_or_else(|error| panic!("{error}"));
        check(&source, &[]).unwrap_or_else(|error| panic!("{error}"));
    }
}
