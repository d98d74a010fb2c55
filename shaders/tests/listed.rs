//! The list of files is complete: every `.wgsl` of this package is in `FILES`, once.

use std::collections::BTreeSet;
use std::path::Path;

/// Names (path without extension, `/` between folders) of all WGSL files below `folder`.
fn wgsl_below(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the package folder should be readable") {
        let path = entry.expect("a directory entry should be readable").path();
        let stem = path.file_stem().expect("an entry has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            wgsl_below(&path, &format!("{prefix}{stem}/"), found);
        } else if path.extension().is_some_and(|extension| extension == "wgsl") {
            found.insert(format!("{prefix}{stem}"));
        }
    }
}

#[test]
fn every_file_is_listed_once() {
    let mut on_disk = BTreeSet::new();
    for folder in ["common", "kernels", "models", "parts"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        if path.is_dir() {
            wgsl_below(&path, &format!("{folder}/"), &mut on_disk);
        }
    }
    assert!(on_disk.contains("common/fixed"), "the walk found nothing: {on_disk:?}");
    let listed: Vec<String> = limnos_shaders::FILES.iter().map(|(name, _)| (*name).to_string()).collect();
    let unique: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(unique.len(), listed.len(), "a file is listed twice: {listed:?}");
    let missing: Vec<_> = on_disk.difference(&unique).collect();
    assert!(missing.is_empty(), "add to FILES in shaders/src/lib.rs: {missing:?}");
    let moved: Vec<_> = unique.difference(&on_disk).collect();
    assert!(moved.is_empty(), "listed, but not in common/, kernels/, models/ or parts/: {moved:?}");
}

#[test]
fn modules_have_neither_bindings_nor_entry_points() {
    for (name, text) in limnos_shaders::FILES.iter().filter(|(name, _)| !name.starts_with("kernels/")) {
        for word in ["@group", "@binding", "@compute"] {
            assert!(!text.contains(word), "{name} holds {word}, which belongs in kernels/");
        }
    }
}
