//! Reflection: what a kernel declares is read back, and kernels against the house rules are refused.

use limnos_engine::wgsl::{
    Binding, BindingKind, Member, OverrideDefault, Reflection, Struct, WgslError, WgslErrorKind, check, link_with,
    reflect,
};

const KERNEL: &str = "
override WG: u32 = 64u;
override NEGATIVE: i32 = -3i;
override FACTOR: f32 = 0.5f;
override FLAG: bool = true;
override BLOCK: u32 = WG * 2u;
override NEEDED: u32;

struct Config { n: u32, offset: i32, scale: f32, pad: u32 }
struct Item { weight: vec3<f32>, targets: array<u32, 4>, count: atomic<u32> }

@group(1) @binding(0) var<storage, read_write> rows: array<Item>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
@group(0) @binding(0) var<uniform> config: Config;
@group(0) @binding(1) var<storage> unused: array<vec2<i32>>;
var<workgroup> shared_block: array<u32, BLOCK>;
var<workgroup> total: atomic<u32>;

@compute @workgroup_size(WG, 2)
fn probe(@builtin(local_invocation_id) id: vec3<u32>) {
    shared_block[id.x] = config.n + NEEDED;
    atomicAdd(&total, 1u);
    workgroupBarrier();
    if FLAG { out[id.x] = shared_block[0u] + rows[id.x].targets[1u] + u32(NEGATIVE) + u32(FACTOR); }
}
";

fn reflect_text(text: &str, overrides: &[(&str, f64)]) -> Result<Reflection, WgslError> {
    reflect(&check(&link_with(&[("t/probe", text)], "t/probe")?, overrides)?)
}

#[test]
fn bindings_are_read_in_order_used_or_not() {
    let kernel = reflect_text(KERNEL, &[("NEEDED", 1.0)]).unwrap();
    let binding = |group, binding, name: &str, kind, min_size, ty: &str| Binding {
        group,
        binding,
        name: name.into(),
        kind,
        min_size,
        ty: ty.into(),
    };
    let expected = [
        binding(0, 0, "config", BindingKind::Uniform, 16, "Config"),
        binding(0, 1, "unused", BindingKind::StorageRead, 8, "array<vec2<i32>>"),
        binding(0, 2, "out", BindingKind::StorageReadWrite, 4, "array<u32>"),
        binding(1, 0, "rows", BindingKind::StorageReadWrite, 32, "array<Item>"),
    ];
    assert_eq!(kernel.bindings, expected);
    assert_eq!(kernel.storage_buffers(), 3);
    assert_eq!(kernel.binding("out"), Some(&expected[2]));
    assert_eq!(kernel.binding("nope"), None);
}

#[test]
fn sizes_follow_the_overrides() {
    for (size, bytes) in [(64u32, 512 + 16), (32, 256 + 16)] {
        let kernel = reflect_text(KERNEL, &[("NEEDED", 1.0), ("WG", f64::from(size))]).unwrap();
        assert_eq!(kernel.entry_point, "probe");
        assert_eq!(kernel.workgroup_size, [size, 2, 1]);
        assert_eq!(kernel.workgroup_bytes, bytes);
    }
}

#[test]
fn overrides_are_read_with_their_defaults() {
    let kernel = reflect_text(KERNEL, &[("NEEDED", 1.0)]).unwrap();
    let read: Vec<_> = kernel.overrides.iter().map(|o| (o.name.as_str(), o.ty.as_str(), o.default)).collect();
    let expected = [
        ("WG", "u32", OverrideDefault::Value(64.0)),
        ("NEGATIVE", "i32", OverrideDefault::Value(-3.0)),
        ("FACTOR", "f32", OverrideDefault::Value(0.5)),
        ("FLAG", "bool", OverrideDefault::Value(1.0)),
        ("BLOCK", "u32", OverrideDefault::Derived),
        ("NEEDED", "u32", OverrideDefault::Required),
    ];
    assert_eq!(read, expected);
}

#[test]
fn structs_are_read_with_types_and_offsets() {
    let kernel = reflect_text(KERNEL, &[("NEEDED", 1.0)]).unwrap();
    let member = |name: &str, offset, ty: &str| Member { name: name.into(), offset, ty: ty.into() };
    let item = Struct {
        name: "Item".into(),
        size: 32,
        members: vec![
            member("weight", 0, "vec3<f32>"),
            member("targets", 12, "array<u32, 4>"),
            member("count", 28, "atomic<u32>"),
        ],
    };
    assert_eq!(kernel.struct_named("Item"), Some(&item));
    assert_eq!(kernel.struct_named("Config").unwrap().size, 16);
}

#[test]
fn a_kernel_holds_one_entry_point_named_as_its_file() {
    let one = "@compute @workgroup_size(1) fn probe() {}\n";
    assert!(reflect_text(one, &[]).is_ok());
    let more = format!("{one}@compute @workgroup_size(1) fn other() {{}}\n");
    let vertex = "@vertex fn probe() -> @builtin(position) vec4<f32> { return vec4<f32>(); }";
    for (text, found) in [(more.as_str(), "probe, other"), ("const A = 1u;", "none"), (vertex, "probe")] {
        let error = reflect_text(text, &[]).unwrap_err();
        assert_eq!(error.kind, WgslErrorKind::EntryPoint);
        assert!(error.message.ends_with(&format!("found: {found}")), "{error}");
    }
    let misnamed = reflect_text("@compute @workgroup_size(1) fn prob() {}", &[]).unwrap_err();
    assert_eq!(misnamed.kind, WgslErrorKind::EntryPoint);
}

#[test]
fn a_binding_that_is_no_buffer_is_refused() {
    let text = "@group(0) @binding(0) var image: texture_2d<f32>;\n@compute @workgroup_size(1) fn probe() {}\n";
    let error = reflect_text(text, &[]).unwrap_err();
    assert_eq!(error.kind, WgslErrorKind::Binding);
    assert_eq!((error.file.as_str(), error.line), ("t/probe.wgsl", 1));
}
