//! Structs shared with WGSL: declared once in Rust by [`shared_struct!`](crate::shared_struct), with a layout that a
//! test compares with the WGSL struct of the same name.

/// The scalar types that a shared struct may hold. They have size and alignment 4 in Rust and in WGSL, so a struct of
/// them is laid out alike in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarType {
    /// `u32`.
    U32,
    /// `i32`.
    I32,
    /// `f32`.
    F32,
}

impl ScalarType {
    /// The type's name, which is the same in WGSL and Rust.
    #[must_use]
    pub const fn wgsl_name(self) -> &'static str {
        match self {
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::F32 => "f32",
        }
    }
}

/// A Rust type that WGSL has too. Sealed: it is `u32`, `i32` and `f32`.
pub trait SharedScalar: sealed::Sealed {
    /// The type in WGSL.
    const TYPE: ScalarType;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u32 {}
    impl Sealed for i32 {}
    impl Sealed for f32 {}
}

impl SharedScalar for u32 {
    const TYPE: ScalarType = ScalarType::U32;
}

impl SharedScalar for i32 {
    const TYPE: ScalarType = ScalarType::I32;
}

impl SharedScalar for f32 {
    const TYPE: ScalarType = ScalarType::F32;
}

/// A field of a shared struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name, in Rust and in WGSL.
    pub name: &'static str,
    /// Offset in bytes from the start of the struct.
    pub offset: usize,
    /// Its type.
    pub ty: ScalarType,
}

/// A shared struct as Rust lays it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StructLayout {
    /// Its name, in Rust and in WGSL.
    pub name: &'static str,
    /// Size in bytes.
    pub size: usize,
    /// Its fields in order.
    pub fields: &'static [Field],
}

/// Declares a struct that a buffer carries to a shader: `repr(C)`, plain old data, fields of `u32`, `i32` or `f32`, and
/// `LAYOUT`, its [`StructLayout`](crate::shared::StructLayout). The calling crate needs `bytemuck`.
///
/// A struct for a uniform buffer must be a multiple of 16 bytes: fill it up with `pad` fields.
///
/// ```
/// limnos_spec::shared_struct! {
///     /// How far the run is.
///     pub struct Clock {
///         /// The step, from 0.
///         pub step: u32,
///         /// The first step of this chunk may lie before the run.
///         pub origin: i32,
///     }
/// }
/// assert_eq!(Clock::LAYOUT.size, 8);
/// assert_eq!(Clock::LAYOUT.fields[1].offset, 4);
/// assert_eq!(bytemuck::bytes_of(&Clock { step: 1, origin: -1 }), [1, 0, 0, 0, 255, 255, 255, 255]);
/// ```
///
/// A type without a WGSL counterpart does not compile:
/// ```compile_fail
/// limnos_spec::shared_struct! { pub struct Wide { pub a: u64 } }
/// ```
#[macro_export]
macro_rules! shared_struct {
    (
        $(#[$outer:meta])*
        $vis:vis struct $name:ident { $($(#[$inner:meta])* $field_vis:vis $field:ident : $ty:ty),* $(,)? }
    ) => {
        $(#[$outer])*
        #[repr(C)]
        #[derive(Debug, Clone, Copy, Default, PartialEq, ::bytemuck::Pod, ::bytemuck::Zeroable)]
        $vis struct $name { $($(#[$inner])* $field_vis $field: $ty),* }

        impl $name {
            /// Name, offset and type of each field, to be compared with the WGSL struct of the same name.
            pub const LAYOUT: $crate::shared::StructLayout = $crate::shared::StructLayout {
                name: ::core::stringify!($name),
                size: ::core::mem::size_of::<$name>(),
                fields: &[$($crate::shared::Field {
                    name: ::core::stringify!($field),
                    offset: ::core::mem::offset_of!($name, $field),
                    ty: <$ty as $crate::shared::SharedScalar>::TYPE,
                }),*],
            };
        }
    };
}
