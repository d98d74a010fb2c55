//! The linker: order, uniqueness, places, and its errors.

use limnos_engine::wgsl::{WgslErrorKind, link, link_with};

#[test]
fn dependencies_come_first_and_once() {
    let files = [
        ("t/top", "import package::t::left;\nimport package::t::right;\nconst TOP = LEFT + RIGHT;\n"),
        ("t/left", "import package::t::base; // shared\nconst LEFT = BASE;\n"),
        ("t/right", "  import package::t::base;\nconst RIGHT = BASE;"),
        ("t/base", "const BASE = 1u;\n"),
    ];
    let linked = link_with(&files, "t/top").unwrap();
    assert_eq!(linked.files().collect::<Vec<_>>(), ["t/base", "t/left", "t/right", "t/top"]);
    assert_eq!(linked.text().matches("const BASE").count(), 1);
    assert!(!linked.text().contains("import"));
    assert_eq!((linked.root(), linked.stem()), ("t/top", "top"));
}

#[test]
fn built_in_files_can_be_imported_by_a_file_given() {
    let linked = link_with(&[("mine", "import package::common::rng;\n")], "mine").unwrap();
    assert_eq!(linked.files().collect::<Vec<_>>(), ["common/wide", "common/rng", "mine"]);
}

#[test]
fn every_offset_maps_to_the_authors_line_and_column() {
    let files = [
        ("a", "import package::b;\r\n// größer: ä\nconst A = 1u; const Z = 2u;\n"),
        ("b", "\n\n   const B = 2u;"), // no newline at the end
    ];
    let linked = link_with(&files, "a").unwrap();
    for (word, file, line, column) in [("B =", "b.wgsl", 3, 10), ("A =", "a.wgsl", 3, 7), ("Z =", "a.wgsl", 3, 21)] {
        let at = linked.locate(linked.text().find(word).unwrap()).unwrap();
        assert_eq!((at.file.as_str(), at.line, at.column), (file, line, column), "{word}");
    }
    let umlaut = linked.locate(linked.text().find(": ä").unwrap() + 2).unwrap();
    assert_eq!((umlaut.line, umlaut.column), (2, 12), "columns count characters");
    assert_eq!(linked.locate(linked.text().len()), None);
}

#[test]
fn a_missing_import_names_who_wanted_it() {
    let files = [("t/top", "import package::t::low;\n"), ("t/low", "const A = 1u;\n  import package::t::nope;\n")];
    let error = link_with(&files, "t/top").unwrap_err();
    assert_eq!(error.kind, WgslErrorKind::MissingFile { wanted: "t/nope".into() });
    assert_eq!((error.file.as_str(), error.line, error.column), ("t/low.wgsl", 2, 3));
    let shown = error.to_string();
    assert!(shown.starts_with("t/low.wgsl:2:3: `t/low` imports `t/nope`, but there is no such file"), "{shown}");
    assert!(shown.contains("2 │   import package::t::nope;"), "{shown}");
}

#[test]
fn a_missing_root_is_an_error() {
    let error = link("kernels/rng_probe.wgsl").unwrap_err();
    assert_eq!(error.kind, WgslErrorKind::MissingFile { wanted: "kernels/rng_probe.wgsl".into() });
    assert!(error.message.contains("no extension"));
}

#[test]
fn a_cycle_tells_its_path() {
    let files = [
        ("t/top", "import package::t::a;\n"),
        ("t/a", "import package::t::b;\n"),
        ("t/b", "\nimport package::t::a;\n"),
    ];
    let error = link_with(&files, "t/top").unwrap_err();
    assert_eq!(error.kind, WgslErrorKind::ImportCycle { path: vec!["t/a".into(), "t/b".into(), "t/a".into()] });
    assert_eq!((error.file.as_str(), error.line), ("t/b.wgsl", 2));
    let alone = link_with(&[("t/self", "import package::t::self;\n")], "t/self").unwrap_err();
    assert_eq!(alone.kind, WgslErrorKind::ImportCycle { path: vec!["t/self".into(), "t/self".into()] });
}

#[test]
fn an_import_of_another_form_is_refused() {
    let forms = [
        "import package::common::rng",
        "import common::rng;",
        "import package::common::{rng, fixed};",
        "import package::;",
        "import package::common::rng; import package::common::fixed;",
        "import;",
    ];
    for form in forms {
        let error = link_with(&[("t", form)], "t").unwrap_err();
        assert_eq!(error.kind, WgslErrorKind::BadImport, "{form}");
        assert_eq!((error.line, error.column), (1, 1), "{form}");
    }
}

#[test]
fn names_and_comments_that_hold_the_word_are_left_alone() {
    let text = "// import package::nope;\nconst important = 1u;\nconst x = important;\n";
    assert_eq!(link_with(&[("t", text)], "t").unwrap().text(), text);
}

#[test]
fn a_name_can_be_given_once() {
    for files in [vec![("common/rng", "")], vec![("t", ""), ("t", "")]] {
        assert_eq!(link_with(&files, "t").unwrap_err().kind, WgslErrorKind::DuplicateFile);
    }
}
