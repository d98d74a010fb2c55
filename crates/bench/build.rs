//! Tells the crate which commit it is built from: `LIMNOS_COMMIT`, or what git says, or "unknown".

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=LIMNOS_COMMIT");
    let commit = std::env::var("LIMNOS_COMMIT").ok().or_else(commit).unwrap_or_else(|| "unknown".into());
    println!("cargo:rustc-env=LIMNOS_COMMIT={commit}");
}

/// The abbreviated commit, with "+" where files differ from it.
fn commit() -> Option<String> {
    let head = git(&["rev-parse", "--short=12", "HEAD"])?;
    for file in ["HEAD", "index", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        if Path::new(&path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let changed = !git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    Some(if changed { head + "+" } else { head })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
