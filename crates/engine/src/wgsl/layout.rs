//! Holds a Rust struct's layout against the WGSL struct of the same name.

use limnos_spec::shared::StructLayout;

use super::reflect::Struct;

/// How a Rust struct and its WGSL struct differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// WGSL has no struct of that name.
    #[error("no WGSL struct is named `{name}`; known are: {known}")]
    NoStruct {
        /// Name of the Rust struct.
        name: String,
        /// The structs that WGSL declares.
        known: String,
    },
    /// The sizes differ.
    #[error("`{name}` has {wgsl} bytes in WGSL and {rust} in Rust")]
    Size {
        /// Name of the struct.
        name: String,
        /// Bytes in WGSL.
        wgsl: u32,
        /// Bytes in Rust.
        rust: usize,
    },
    /// The fields differ in number, order, name, offset or type.
    #[error("`{name}`: field {index} is `{wgsl}` in WGSL and `{rust}` in Rust")]
    Field {
        /// Name of the struct.
        name: String,
        /// Index of the first field that differs.
        index: usize,
        /// The field in WGSL, as `name: type @ offset`, or `nothing`.
        wgsl: String,
        /// The field in Rust, likewise.
        rust: String,
    },
}

/// Compares a Rust struct with the WGSL struct of the same name: fields in order with name, type and offset, and size.
///
/// # Errors
/// The first difference found.
pub fn compare(rust: &StructLayout, structs: &[Struct]) -> Result<(), LayoutError> {
    let wgsl = structs.iter().find(|known| known.name == rust.name).ok_or_else(|| no_struct(rust, structs))?;
    let wgsl_fields: Vec<String> =
        wgsl.members.iter().map(|member| field(&member.name, &member.ty, member.offset as usize)).collect();
    let rust_fields: Vec<String> =
        rust.fields.iter().map(|known| field(known.name, known.ty.wgsl_name(), known.offset)).collect();
    for index in 0..wgsl_fields.len().max(rust_fields.len()) {
        let (in_wgsl, in_rust) = (wgsl_fields.get(index), rust_fields.get(index));
        if in_wgsl != in_rust {
            let show = |field: Option<&String>| field.map_or_else(|| "nothing".to_owned(), Clone::clone);
            let name = rust.name.to_owned();
            return Err(LayoutError::Field { name, index, wgsl: show(in_wgsl), rust: show(in_rust) });
        }
    }
    if wgsl.size as usize != rust.size {
        return Err(LayoutError::Size { name: rust.name.to_owned(), wgsl: wgsl.size, rust: rust.size });
    }
    Ok(())
}

fn field(name: &str, ty: &str, offset: usize) -> String {
    format!("{name}: {ty} @ {offset}")
}

fn no_struct(rust: &StructLayout, structs: &[Struct]) -> LayoutError {
    let known: Vec<&str> = structs.iter().map(|known| known.name.as_str()).collect();
    LayoutError::NoStruct { name: rust.name.to_owned(), known: known.join(", ") }
}
