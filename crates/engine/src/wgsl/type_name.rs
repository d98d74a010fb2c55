//! WGSL's own spelling of a type in naga's IR, for the types that buffers hold.

use naga::{ArraySize, Handle, Module, ScalarKind, Type, TypeInner, VectorSize};

/// The type as WGSL writes it: `u32`, `vec4<i32>`, `array<atomic<u32>>`, a struct's name.
pub(super) fn type_name(module: &Module, ty: Handle<Type>) -> String {
    let named = &module.types[ty];
    match &named.inner {
        TypeInner::Scalar(scalar) => scalar_name(*scalar),
        TypeInner::Atomic(scalar) => format!("atomic<{}>", scalar_name(*scalar)),
        TypeInner::Vector { size, scalar } => {
            format!("vec{}<{}>", count(*size), scalar_name(*scalar))
        }
        TypeInner::Matrix { columns, rows, scalar } => {
            format!("mat{}x{}<{}>", count(*columns), count(*rows), scalar_name(*scalar))
        }
        TypeInner::Array { base, size, .. } => array_name(module, *base, *size),
        other => named.name.clone().unwrap_or_else(|| format!("{other:?}")),
    }
}

fn array_name(module: &Module, base: Handle<Type>, size: ArraySize) -> String {
    let base = type_name(module, base);
    match size {
        ArraySize::Constant(count) => format!("array<{base}, {count}>"),
        ArraySize::Pending(constant) => {
            let name = module.overrides[constant].name.as_deref().unwrap_or("override");
            format!("array<{base}, {name}>")
        }
        ArraySize::Dynamic => format!("array<{base}>"),
    }
}

fn scalar_name(scalar: naga::Scalar) -> String {
    let letter = match scalar.kind {
        ScalarKind::Bool => return "bool".to_owned(),
        ScalarKind::Sint | ScalarKind::AbstractInt => 'i',
        ScalarKind::Uint => 'u',
        ScalarKind::Float | ScalarKind::AbstractFloat => 'f',
    };
    format!("{letter}{}", 8 * u32::from(scalar.width))
}

fn count(size: VectorSize) -> u32 {
    size as u32
}
