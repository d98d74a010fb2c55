//! Project tasks: `cargo xtask test` runs every test, `cargo xtask check` what else a change must pass.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: cargo xtask test | check | ci
  test   installs the software Vulkan driver where it is missing and can be, then runs all tests, those of the GPU device included
  check  formatting, clippy, documentation (all without warnings), packaging, the examples at small size
  ci     both";

fn main() -> ExitCode {
    let task = std::env::args().nth(1).unwrap_or_default();
    let done = match task.as_str() {
        "test" => test(),
        "check" => check(),
        "ci" => test().and_then(|()| check()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask lies two folders below the root").into()
}

fn test() -> Result<()> {
    ensure_vulkan()?;
    let mut cargo = cargo(&["test", "--workspace"]);
    if !data_folder().is_some_and(|d| d.is_dir()) && std::env::var_os("LIMNOS_NO_DATA").is_none() {
        eprintln!(
            "note: no datasets (LIMNOS_DATA, else ../shared/data): tests on downloaded data do nothing; those on embedded data run"
        );
        cargo.env("LIMNOS_NO_DATA", "1");
    }
    run(&mut cargo)
}

fn check() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    run(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    run(&mut cargo(&["package", "--workspace", "--no-verify", "--allow-dirty", "--quiet"]))?;
    examples()
}

/// Runs every example at small size, into a temporary folder.
fn examples() -> Result<()> {
    let out = root().join("target/xtask-examples");
    std::fs::create_dir_all(&out).with_context(|| format!("cannot create {}", out.display()))?;
    let out = out.to_string_lossy();
    for name in ["hello_spikes", "stream"] {
        run(&mut cargo(&["run", "--package", "limnos-examples", "--example", name]))?;
    }
    let small = ["--train", "200", "--test", "100", "--json", "--out", out.as_ref()];
    run(cargo(&["run", "--package", "limnos-examples", "--example", "classify", "--"]).args(small))?;
    let tuned = ["--set", "digits", "--neurons", "125", "--develop", "1000", "--device", "cpu"];
    run(cargo(&["run", "--package", "limnos-examples", "--example", "nalsm", "--"]).args(tuned).args(small))
}

/// Where the datasets are looked for.
fn data_folder() -> Option<PathBuf> {
    std::env::var_os("LIMNOS_DATA").map(PathBuf::from).or_else(|| Some(root().parent()?.join("shared/data")))
}

/// Makes sure that a Vulkan driver is there: the software one is installed on Debian and its relatives where this runs as root.
fn ensure_vulkan() -> Result<()> {
    if std::env::var_os("LIMNOS_NO_GPU").is_some() || !cfg!(target_os = "linux") || has_driver() {
        return Ok(());
    }
    if !is_root() || which("apt-get").is_none() {
        bail!(
            "no Vulkan driver is installed, and this is not Debian as root, where it could be installed here; \
             install one (Debian, Ubuntu: mesa-vulkan-drivers; Fedora: mesa-vulkan-drivers; Arch: vulkan-swrast), \
             or set LIMNOS_NO_GPU=1 to run the tests that need none"
        );
    }
    eprintln!("installing the software Vulkan driver (mesa-vulkan-drivers)");
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    let install = ["install", "-y", "-qq", "--no-install-recommends", "mesa-vulkan-drivers", "libvulkan1"];
    run(Command::new("apt-get").args(install).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn has_driver() -> bool {
    let named = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].iter().any(|v| std::env::var_os(v).is_some());
    let folders = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
    let listed = |folder: &str| std::fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
    let loader = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let loads = loader.iter().any(|lib| Path::new(lib).join("libvulkan.so.1").exists());
    named || (loads && folders.iter().any(|f| listed(f)))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|o| o.stdout.trim_ascii() == b"0")
}

fn which(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(program)).find(|p| p.is_file())
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}

fn run(command: &mut Command) -> Result<()> {
    eprintln!("+ {command:?}");
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("failed ({status}): {command:?}");
    }
    Ok(())
}
