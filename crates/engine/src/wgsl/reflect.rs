//! What a kernel declares, read from its checked module: the device makes layouts and pipelines from this, so there
//! is no second list of bindings or workgroup sizes to keep in step.

use naga::{AddressSpace, Expression, GlobalVariable, Handle, Literal, Module, StorageAccess, Type, TypeInner};

use super::check::Checked;
use super::error::{WgslError, WgslErrorKind};
use super::source::Linked;
use super::type_name::type_name;

/// What a kernel declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Reflection {
    /// Name of the entry point, which is the stem of the file's name.
    pub entry_point: String,
    /// Invocations of a workgroup along x, y, z, with the override values put in.
    pub workgroup_size: [u32; 3],
    /// Every declared binding, by group and binding, the same for all override values.
    pub bindings: Vec<Binding>,
    /// The override constants in order of declaration.
    pub overrides: Vec<OverrideConstant>,
    /// Bytes of workgroup memory that the entry point uses, with the override values put in. Each variable is rounded
    /// up to 16 bytes, as WebGPU counts against `max_compute_workgroup_storage_size`.
    pub workgroup_bytes: u32,
    /// The structs that the linked files declare.
    pub structs: Vec<Struct>,
}

/// A buffer binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `@group`.
    pub group: u32,
    /// `@binding`.
    pub binding: u32,
    /// Name of the variable.
    pub name: String,
    /// How the kernel uses the buffer.
    pub kind: BindingKind,
    /// Least size in bytes; a runtime-sized array counts as one element.
    pub min_size: u64,
    /// The variable's type as WGSL writes it.
    pub ty: String,
}

/// How a kernel uses a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BindingKind {
    /// `var<uniform>`.
    Uniform,
    /// `var<storage, read>`.
    StorageRead,
    /// `var<storage, read_write>`.
    StorageReadWrite,
}

/// An `override` declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct OverrideConstant {
    /// Name of the constant.
    pub name: String,
    /// Type as WGSL writes it: `bool`, `i32`, `u32` or `f32`.
    pub ty: String,
    /// Its value when none is given.
    pub default: OverrideDefault,
}

/// The value of an override constant that is not given one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OverrideDefault {
    /// None: a value must be given.
    Required,
    /// A number; a bool is 0 or 1.
    Value(f64),
    /// Computed from other overrides.
    Derived,
}

/// A struct as WGSL lays it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struct {
    /// Its name.
    pub name: String,
    /// Size in bytes.
    pub size: u32,
    /// Its members in order.
    pub members: Vec<Member>,
}

/// A member of a [`Struct`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Offset in bytes from the start of the struct.
    pub offset: u32,
    /// Type as WGSL writes it.
    pub ty: String,
}

impl Reflection {
    /// The binding of that variable.
    #[must_use]
    pub fn binding(&self, name: &str) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.name == name)
    }

    /// The struct of that name.
    #[must_use]
    pub fn struct_named(&self, name: &str) -> Option<&Struct> {
        self.structs.iter().find(|known| known.name == name)
    }

    /// Number of storage buffers, which plain WebGPU limits to 8.
    #[must_use]
    pub fn storage_buffers(&self) -> usize {
        self.bindings.iter().filter(|binding| binding.kind != BindingKind::Uniform).count()
    }
}

/// Reads what a kernel declares.
///
/// # Errors
/// [`WgslErrorKind::EntryPoint`] unless the source has exactly one entry point, a compute one, named as its root
/// file; [`WgslErrorKind::Binding`] for a binding that is not a buffer.
pub fn reflect(checked: &Checked) -> Result<Reflection, WgslError> {
    let entry = sole_entry_point(checked)?;
    Ok(Reflection {
        entry_point: entry.name.clone(),
        workgroup_size: entry.workgroup_size,
        bindings: bindings(&checked.source, &checked.declared)?,
        overrides: overrides(&checked.declared),
        workgroup_bytes: workgroup_bytes(&checked.module),
        structs: structs(&checked.declared),
    })
}

/// The structs that a module declares, in order of declaration.
#[must_use]
pub fn structs(module: &Module) -> Vec<Struct> {
    let declared = module.types.iter().filter_map(|(_, ty)| match (&ty.name, &ty.inner) {
        (Some(name), TypeInner::Struct { members, span }) => Some((name, members, *span)),
        _ => None,
    });
    let member = |member: &naga::StructMember| Member {
        name: member.name.clone().unwrap_or_default(),
        offset: member.offset,
        ty: type_name(module, member.ty),
    };
    declared
        .map(|(name, members, size)| Struct { name: name.clone(), size, members: members.iter().map(member).collect() })
        .collect()
}

fn sole_entry_point(checked: &Checked) -> Result<&naga::EntryPoint, WgslError> {
    let stem = checked.source.stem();
    match checked.module.entry_points.as_slice() {
        [entry] if entry.name == stem && entry.stage == naga::ShaderStage::Compute => Ok(entry),
        others => {
            let found: Vec<&str> = others.iter().map(|entry| entry.name.as_str()).collect();
            let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
            let message = format!(
                "`{}` must hold one entry point, a compute one named `{stem}`; found: {found}",
                checked.source.root()
            );
            Err(checked.source.error(WgslErrorKind::EntryPoint, message, &[], Vec::new()))
        }
    }
}

fn bindings(source: &Linked, module: &Module) -> Result<Vec<Binding>, WgslError> {
    let mut bindings = Vec::new();
    for (handle, variable) in module.global_variables.iter() {
        let Some(place) = &variable.binding else {
            continue;
        };
        let kind = binding_kind(variable).ok_or_else(|| not_a_buffer(source, module, handle))?;
        bindings.push(Binding {
            group: place.group,
            binding: place.binding,
            name: variable.name.clone().unwrap_or_default(),
            kind,
            min_size: u64::from(size_of(module, variable.ty)),
            ty: type_name(module, variable.ty),
        });
    }
    bindings.sort_by_key(|binding| (binding.group, binding.binding));
    Ok(bindings)
}

fn binding_kind(variable: &GlobalVariable) -> Option<BindingKind> {
    match variable.space {
        AddressSpace::Uniform => Some(BindingKind::Uniform),
        AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => {
            Some(BindingKind::StorageReadWrite)
        }
        AddressSpace::Storage { .. } => Some(BindingKind::StorageRead),
        _ => None,
    }
}

fn not_a_buffer(source: &Linked, module: &Module, handle: Handle<GlobalVariable>) -> WgslError {
    let variable = &module.global_variables[handle];
    let name = variable.name.as_deref().unwrap_or_default();
    let message = format!("the binding `{name}` must be a uniform or storage buffer");
    let span = module.global_variables.get_span(handle).to_range();
    let remarks: Vec<_> = span.into_iter().map(|range| (range, "declared here".to_owned())).collect();
    source.error(WgslErrorKind::Binding, message, &remarks, Vec::new())
}

/// The override constants that a module declares, in order of declaration.
#[must_use]
pub fn overrides(module: &Module) -> Vec<OverrideConstant> {
    let read = |constant: &naga::Override| OverrideConstant {
        name: constant.name.clone().unwrap_or_default(),
        ty: type_name(module, constant.ty),
        default: constant.init.map_or(OverrideDefault::Required, |init| default_value(module, init)),
    };
    module.overrides.iter().map(|(_, constant)| read(constant)).collect()
}

fn default_value(module: &Module, init: Handle<Expression>) -> OverrideDefault {
    match module.global_expressions[init] {
        Expression::Literal(Literal::Bool(value)) => OverrideDefault::Value(f64::from(u8::from(value))),
        Expression::Literal(Literal::U32(value)) => OverrideDefault::Value(f64::from(value)),
        Expression::Literal(Literal::I32(value)) => OverrideDefault::Value(f64::from(value)),
        Expression::Literal(Literal::F32(value)) => OverrideDefault::Value(f64::from(value)),
        Expression::Constant(constant) => default_value(module, module.constants[constant].init),
        _ => OverrideDefault::Derived,
    }
}

fn workgroup_bytes(module: &Module) -> u32 {
    let variables = module.global_variables.iter().map(|(_, variable)| variable);
    variables
        .filter(|variable| variable.space == AddressSpace::WorkGroup)
        .map(|variable| size_of(module, variable.ty).next_multiple_of(16))
        .sum()
}

fn size_of(module: &Module, ty: Handle<Type>) -> u32 {
    module.types[ty].inner.size(module.to_ctx())
}
