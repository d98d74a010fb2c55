//! Shared structs: the Rust layout is held against the WGSL struct, and a struct that differs is caught.

use limnos_engine::wgsl::layout::{LayoutError, compare};
use limnos_engine::wgsl::{Struct, check, link_with, structs};
use limnos_spec::shared::{ScalarType, StructLayout};

limnos_spec::shared_struct! {
    /// Laid out as the WGSL struct of that name.
    pub struct Chunk {
        /// Steps in the chunk.
        pub steps: u32,
        /// First step.
        pub origin: i32,
        /// A scale.
        pub scale: f32,
        /// Fills the struct up to 16 bytes.
        pub pad: u32,
    }
}

/// Structs of the same name that differ from the WGSL one.
mod wrong {
    pub mod swapped {
        limnos_spec::shared_struct! { pub struct Chunk { pub origin: i32, pub steps: u32, pub scale: f32, pub pad: u32 } }
    }
    pub mod retyped {
        limnos_spec::shared_struct! { pub struct Chunk { pub steps: u32, pub origin: i32, pub scale: u32, pub pad: u32 } }
    }
    pub mod shorter {
        limnos_spec::shared_struct! { pub struct Chunk { pub steps: u32, pub origin: i32, pub scale: f32 } }
    }
    pub mod longer {
        limnos_spec::shared_struct! {
            pub struct Chunk { pub steps: u32, pub origin: i32, pub scale: f32, pub pad: u32, pub more: u32 }
        }
    }
}

fn wgsl_structs() -> Vec<Struct> {
    let text = "struct Chunk { steps: u32, origin: i32, scale: f32, pad: u32 }\n\
                struct Padded { steps: u32, @size(12) tail: u32 }\n";
    structs(&check(&link_with(&[("t", text)], "t").unwrap(), &[]).unwrap().declared)
}

#[test]
fn a_struct_in_step_passes() {
    assert_eq!(compare(&Chunk::LAYOUT, &wgsl_structs()), Ok(()));
    assert_eq!(Chunk::LAYOUT.fields[2].ty, ScalarType::F32);
    assert_eq!(Chunk::LAYOUT.fields[3].offset, 12);
    assert_eq!(bytemuck::bytes_of(&Chunk::default()).len(), Chunk::LAYOUT.size);
}

#[test]
fn a_struct_out_of_step_is_caught() {
    let cases: [(StructLayout, usize, &str, &str); 4] = [
        (wrong::swapped::Chunk::LAYOUT, 0, "steps: u32 @ 0", "origin: i32 @ 0"),
        (wrong::retyped::Chunk::LAYOUT, 2, "scale: f32 @ 8", "scale: u32 @ 8"),
        (wrong::shorter::Chunk::LAYOUT, 3, "pad: u32 @ 12", "nothing"),
        (wrong::longer::Chunk::LAYOUT, 4, "nothing", "more: u32 @ 16"),
    ];
    for (layout, at, in_wgsl, in_rust) in cases {
        let LayoutError::Field { index, wgsl, rust, .. } = compare(&layout, &wgsl_structs()).unwrap_err() else {
            panic!("a field should differ");
        };
        assert_eq!((index, wgsl.as_str(), rust.as_str()), (at, in_wgsl, in_rust));
    }
}

#[test]
fn a_missing_struct_and_a_differing_size_are_told() {
    let renamed = StructLayout { name: "Chunks", ..Chunk::LAYOUT };
    let error = compare(&renamed, &wgsl_structs()).unwrap_err();
    assert_eq!(error.to_string(), "no WGSL struct is named `Chunks`; known are: Chunk, Padded");
    let fields = &[
        limnos_spec::shared::Field { name: "steps", offset: 0, ty: ScalarType::U32 },
        limnos_spec::shared::Field { name: "tail", offset: 4, ty: ScalarType::U32 },
    ];
    let padded = StructLayout { name: "Padded", size: 8, fields };
    assert_eq!(compare(&padded, &wgsl_structs()), Err(LayoutError::Size { name: "Padded".into(), wgsl: 16, rust: 8 }));
}
