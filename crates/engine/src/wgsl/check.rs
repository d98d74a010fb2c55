//! The checker: parse and validate linked WGSL as plain WebGPU, for given values of its override constants.

use naga::back::PipelineConstants;
use naga::back::pipeline_constants::{PipelineConstantError, process_overrides};
use naga::valid::{Capabilities, ModuleInfo, ValidationError, ValidationFlags, Validator};
use naga::{Module, WithSpan};

use super::error::{WgslError, WgslErrorKind};
use super::source::{Linked, Remark};

/// A linked source that parses and validates, before and after its overrides were given their values.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The text and its map to files.
    pub source: Linked,
    /// The module as written: every declaration is in it, overrides are open.
    pub declared: Module,
    /// The module with the override values put in; what no entry point reaches is left out. Its spans are offsets
    /// in `source` too. A module without overrides is as declared.
    pub module: Module,
}

/// Parses and validates `source` without any capability beyond plain WebGPU, puts the given values in for its
/// override constants (by name; a bool is 0 or 1) and validates again. Overrides not given keep their defaults.
///
/// # Errors
/// [`WgslErrorKind::Parse`] or [`WgslErrorKind::Validation`] at the place in the file that holds the fault;
/// [`WgslErrorKind::Override`] where a value is missing, unfit, or for a constant that the source does not declare.
pub fn check(source: &Linked, overrides: &[(&str, f64)]) -> Result<Checked, WgslError> {
    let (declared, info) = parse_and_validate(source)?;
    let constants: PipelineConstants = overrides.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let (module, _) = process_overrides(&declared, &info, None, &constants)
        .map_err(|error| override_error(source, &declared, error))?;
    let module = module.into_owned();
    validate(source, &module)?;
    Ok(Checked { source: source.clone(), declared, module })
}

/// Parses and validates `source` as written, with its overrides open; [`overrides`](super::overrides) lists them.
///
/// # Errors
/// [`WgslErrorKind::Parse`] or [`WgslErrorKind::Validation`], as for [`check`].
pub fn parse(source: &Linked) -> Result<Module, WgslError> {
    parse_and_validate(source).map(|(module, _)| module)
}

fn parse_and_validate(source: &Linked) -> Result<(Module, ModuleInfo), WgslError> {
    let module = naga::front::wgsl::parse_str(source.text()).map_err(|error| parse_error(source, &error))?;
    let info = validate(source, &module)?;
    Ok((module, info))
}

fn validate(source: &Linked, module: &Module) -> Result<ModuleInfo, WgslError> {
    Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(module)
        .map_err(|error| validation_error(source, &error))
}

fn parse_error(source: &Linked, error: &naga::front::wgsl::ParseError) -> WgslError {
    let remarks: Vec<Remark> =
        error.labels().filter_map(|(span, remark)| Some((span.to_range()?, remark.to_owned()))).collect();
    let notes = error.notes().map(str::to_owned).collect();
    source.error(WgslErrorKind::Parse, error.message().to_owned(), &remarks, notes)
}

/// naga names the part at fault ("function `f` is invalid") and tells why in the chain of sources.
fn validation_error(source: &Linked, error: &WithSpan<ValidationError>) -> WgslError {
    let remarks: Vec<Remark> =
        error.spans().filter_map(|(span, remark)| Some((span.to_range()?, remark.clone()))).collect();
    let mut reasons = Vec::new();
    let mut cause = std::error::Error::source(error.as_inner());
    while let Some(inner) = cause {
        reasons.push(inner.to_string());
        cause = inner.source();
    }
    source.error(WgslErrorKind::Validation, error.as_inner().to_string(), &remarks, reasons)
}

fn override_error(source: &Linked, declared: &Module, error: PipelineConstantError) -> WgslError {
    if let PipelineConstantError::ValidationError(inner) = &error {
        return validation_error(source, inner);
    }
    let known: Vec<&str> = declared.overrides.iter().filter_map(|(_, constant)| constant.name.as_deref()).collect();
    let note = format!("`{}` declares the overrides: {}", source.root(), known.join(", "));
    source.error(WgslErrorKind::Override, error.to_string(), &[], vec![note])
}
