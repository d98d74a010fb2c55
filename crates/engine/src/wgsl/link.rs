//! The linker: lines `import package::folder::file;` pull whole files in, each once, dependencies first.
//!
//! The form is a subset of WESL's, and `import` is a reserved word of WGSL, so no valid WGSL is misread. All files
//! share one namespace. An import is replaced by blanks, so every offset, line and column stays what it was.

use std::collections::BTreeMap;

use super::error::{WgslError, WgslErrorKind};
use super::source::Linked;

/// Links a file of `limnos-shaders` (by its name without extension, `"kernels/rng_probe"`) with all it imports.
///
/// # Errors
/// [`WgslErrorKind::MissingFile`], [`WgslErrorKind::ImportCycle`] or [`WgslErrorKind::BadImport`], at the line of the
/// import.
pub fn link(root: &str) -> Result<Linked, WgslError> {
    link_with(&[], root)
}

/// Links `root` with all it imports, from `files` (name without extension, text) and the built-in shaders.
///
/// This is how a user's neuron model, which is a text at run time, comes together with the engine's modules.
///
/// # Errors
/// As [`link`]; [`WgslErrorKind::DuplicateFile`] where a name in `files` is repeated or that of a built-in shader.
pub fn link_with(files: &[(&str, &str)], root: &str) -> Result<Linked, WgslError> {
    let mut linker = Linker { files: known_files(files)?, path: Vec::new(), linked: Linked::new(root) };
    if !linker.files.contains_key(root) {
        let message = format!("there is no WGSL file `{root}`; names have no extension, as in `kernels/rng_probe`");
        let kind = WgslErrorKind::MissingFile { wanted: root.to_owned() };
        return Err(linker.linked.error(kind, message, &[], Vec::new()));
    }
    linker.visit(root)?;
    Ok(linker.linked)
}

fn known_files<'a>(files: &[(&'a str, &'a str)]) -> Result<BTreeMap<&'a str, &'a str>, WgslError> {
    let mut known: BTreeMap<&str, &str> = limnos_shaders::FILES.iter().copied().collect();
    for (name, text) in files {
        if known.insert(name, text).is_some() {
            let message = format!("the name `{name}` is taken; give the file a name of its own");
            return Err(Linked::new(name).error(WgslErrorKind::DuplicateFile, message, &[], Vec::new()));
        }
    }
    Ok(known)
}

struct Linker<'a> {
    files: BTreeMap<&'a str, &'a str>,
    /// Files being visited, the root first: a file met again here closes a circle.
    path: Vec<String>,
    linked: Linked,
}

impl Linker<'_> {
    /// Appends what the file imports, then the file. The file is known.
    fn visit(&mut self, name: &str) -> Result<(), WgslError> {
        let written = self.files[name];
        self.path.push(name.to_owned());
        let mut own = String::with_capacity(written.len());
        for line in written.split_inclusive('\n') {
            let at = own.len();
            match import_of(line) {
                Line::Wgsl => own.push_str(line),
                Line::Import(wanted) => {
                    self.import(name, written, at..at + line.trim_end().len(), &wanted)?;
                    own.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
                }
                Line::Bad => return Err(bad_import(name, written, at..at + line.trim_end().len())),
            }
        }
        self.path.pop();
        self.linked.push(name, written, &own);
        Ok(())
    }

    /// Visits `wanted`, which `line` of the file `by` asks for, unless it is linked already.
    fn import(&mut self, by: &str, written: &str, line: std::ops::Range<usize>, wanted: &str) -> Result<(), WgslError> {
        if self.linked.files().any(|file| file == wanted) {
            return Ok(());
        }
        if let Some(first) = self.path.iter().position(|file| file == wanted) {
            let mut path = self.path[first..].to_vec();
            path.push(wanted.to_owned());
            let message = format!("files import one another in a circle: {}", path.join(" -> "));
            return Err(at_import(by, written, line, WgslErrorKind::ImportCycle { path }, message));
        }
        if !self.files.contains_key(wanted) {
            let message = format!("`{by}` imports `{wanted}`, but there is no such file");
            let kind = WgslErrorKind::MissingFile { wanted: wanted.to_owned() };
            return Err(at_import(by, written, line, kind, message));
        }
        self.visit(wanted)
    }
}

fn bad_import(by: &str, written: &str, line: std::ops::Range<usize>) -> WgslError {
    let message = "an import has the form `import package::folder::file;`, on a line of its own".to_owned();
    at_import(by, written, line, WgslErrorKind::BadImport, message)
}

/// An error at a line of the file `by`, which is not linked yet.
fn at_import(by: &str, written: &str, line: std::ops::Range<usize>, kind: WgslErrorKind, message: String) -> WgslError {
    let indent = written[line.clone()].len() - written[line.clone()].trim_start().len();
    let mut alone = Linked::new(by);
    alone.push(by, written, written);
    alone.error(kind, message, &[(line.start + indent..line.end, "this import".to_owned())], Vec::new())
}

enum Line {
    Wgsl,
    Import(String),
    Bad,
}

/// What a line is to the linker. A `//` comment may follow the import.
fn import_of(line: &str) -> Line {
    let code = line.split("//").next().unwrap_or_default().trim();
    let Some(rest) = code.strip_prefix("import").filter(|rest| !rest.starts_with(is_name)) else {
        return Line::Wgsl;
    };
    let path = rest.strip_suffix(';').and_then(|rest| rest.trim().strip_prefix("package::"));
    match path {
        Some(path) if path.split("::").all(|part| !part.is_empty() && part.chars().all(is_name)) => {
            Line::Import(path.replace("::", "/"))
        }
        _ => Line::Bad,
    }
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
