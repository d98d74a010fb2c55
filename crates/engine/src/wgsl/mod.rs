//! WGSL from files to a module that a device may run: [`link`] resolves imports, [`check`] parses and validates for
//! given override values, [`reflect`] reads bindings, workgroup size and struct layouts back from the result, and
//! [`layout`] holds Rust structs against them. Nothing here needs a GPU.
//!
//! ```
//! use limnos_engine::wgsl;
//! let source = wgsl::link("kernels/rng_probe")?;
//! let checked = wgsl::check(&source, &[("WG", 128.0)])?;
//! let kernel = wgsl::reflect(&checked)?;
//! assert_eq!(kernel.workgroup_size, [128, 1, 1]);
//! assert_eq!(kernel.storage_buffers(), 2);
//! # Ok::<(), wgsl::WgslError>(())
//! ```

mod check;
mod error;
pub mod layout;
mod link;
mod reflect;
mod source;
mod type_name;

pub use check::{Checked, check, parse};
pub use error::{WgslError, WgslErrorKind};
pub use link::{link, link_with};
pub use reflect::{
    Binding, BindingKind, Member, OverrideConstant, OverrideDefault, Reflection, Struct, overrides, reflect, structs,
};
pub use source::{Linked, Location};
