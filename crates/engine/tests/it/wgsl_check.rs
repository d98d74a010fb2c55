//! The checker: faults are found, and told at the author's file, line and column.

use limnos_engine::wgsl::{WgslError, WgslErrorKind, check, link_with};

const KERNEL: &str = "import package::t::low;

override WG: u32 = 64u;
override LIMIT: u32;
override FLAG: bool = false;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;

@compute @workgroup_size(WG)
fn top(@builtin(global_invocation_id) id: vec3<u32>) {
    if FLAG { out[id.x] = low(LIMIT); }
}
";

/// Checks a kernel that imports `low`.
fn check_with(low: &str, overrides: &[(&str, f64)]) -> Result<[u32; 3], WgslError> {
    let linked = link_with(&[("t/top", KERNEL), ("t/low", low)], "t/top")?;
    let checked = check(&linked, overrides)?;
    Ok(checked.module.entry_points[0].workgroup_size)
}

#[test]
fn overrides_take_their_values() {
    let low = "fn low(x: u32) -> u32 { return x + 1u; }";
    assert_eq!(check_with(low, &[("LIMIT", 3.0)]), Ok([64, 1, 1]));
    assert_eq!(check_with(low, &[("LIMIT", 3.0), ("WG", 128.0), ("FLAG", 1.0)]), Ok([128, 1, 1]));
}

#[test]
fn a_parse_error_in_an_import_is_told_at_its_own_place() {
    let error = check_with("// größe\n\nfn low(x: u32) -> u32 {\n    return x + ;\n}\n", &[]).unwrap_err();
    assert_eq!(error.kind, WgslErrorKind::Parse);
    assert_eq!((error.file.as_str(), error.line, error.column), ("t/low.wgsl", 4, 16));
    let shown = error.to_string();
    assert!(shown.starts_with("t/low.wgsl:4:16: "), "{shown}");
    assert!(shown.contains("┌─ t/low.wgsl:4:16") && shown.contains("4 │     return x + ;"), "{shown}");
}

#[test]
fn an_unknown_name_in_the_root_is_told_at_the_root() {
    let error = check_with("fn lower(x: u32) -> u32 { return x; }\n", &[]).unwrap_err();
    assert_eq!((error.file.as_str(), error.line, error.column), ("t/top.wgsl", 10, 27));
    assert!(error.message.contains("low"), "{error}");
}

#[test]
fn a_validation_error_in_an_import_is_told_at_its_own_place() {
    let error = check_with("\nfn low(x: u32) -> u32 {\n    if x > 1u { return 1u; }\n}\n", &[]).unwrap_err();
    assert_eq!(error.kind, WgslErrorKind::Validation);
    assert_eq!((error.file.as_str(), error.line), ("t/low.wgsl", 2), "{error}");
    assert!(error.rendered.contains("low"), "{error}");
}

#[test]
fn a_name_declared_twice_shows_both_files() {
    let error = check_with("fn low(x: u32) -> u32 { return x; }\nconst WG: u32 = 1u;\n", &[]).unwrap_err();
    assert_eq!(error.kind, WgslErrorKind::Parse);
    assert!(error.rendered.contains("t/low.wgsl") && error.rendered.contains("t/top.wgsl"), "{error}");
}

#[test]
fn a_fault_at_the_very_end_has_a_place() {
    let error = check_with("fn low(x: u32) -> u32 { return x; }\n", &[]).unwrap_err();
    assert_eq!(error.kind, WgslErrorKind::Override, "the sound kernel lacks only the value of LIMIT");
    let linked = link_with(&[("end", "fn end() {\n    let x = 1u;")], "end").unwrap();
    let error = check(&linked, &[]).unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("end.wgsl", 2), "{error}");
}

#[test]
fn more_than_plain_webgpu_is_refused() {
    for wide in ["i64", "f64"] {
        let low = format!("fn low(x: u32) -> u32 {{\n    let y = {wide}(x);\n    return x;\n}}\n");
        let error = check_with(&low, &[]).unwrap_err();
        assert_eq!(error.kind, WgslErrorKind::Validation, "{error}");
        assert_eq!(error.file, "t/low.wgsl", "{error}");
    }
}

#[test]
fn override_values_are_checked() {
    let low = "fn low(x: u32) -> u32 { return x; }\n";
    let cases: [(&[(&str, f64)], &str); 5] = [
        (&[("WG", 64.0)], "LIMIT"),
        (&[("LIMIT", 1.0), ("WGX", 64.0)], "WGX"),
        (&[("LIMIT", -1.0)], "fit"),
        (&[("LIMIT", f64::NAN)], "finite"),
        (&[("LIMIT", 1.0), ("WG", 0.0)], "workgroup"),
    ];
    for (values, part) in cases {
        let error = check_with(low, values).unwrap_err();
        assert!(error.to_string().to_lowercase().contains(&part.to_lowercase()), "{values:?}: {error}");
        assert_eq!(error.file, "t/top.wgsl", "{error}");
    }
    let error = check_with(low, &[]).unwrap_err();
    assert!(error.rendered.contains("WG, LIMIT, FLAG"), "the error lists the overrides: {error}");
}

#[test]
fn errors_are_small() {
    // Returned by value through many layers.
    assert!(size_of::<WgslError>() <= 128, "{}", size_of::<WgslError>());
}
