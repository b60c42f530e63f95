//! The standard library for WebAssembly: from rustup, or, where rustup's server is out of reach on a Debian system,
//! built from the packages of Debian's own toolchain.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};

use super::{
    rights::Rights,
    step::{Journal, Step},
};
use crate::{
    command,
    toolchain::{DEBIAN, TARGET, Toolchain},
    workspace,
};

/// rustup waits for ever for a server that does not answer.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// `rust-lld` of `rust-web-llvm` is a link into `lld-22`.
const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy", "lld-22"];

/// The step that gets it, unless it is there.
pub(super) fn missing() -> Option<Step> {
    if Toolchain::for_wasm().is_some() {
        return None;
    }
    Some(Step {
        title: format!("Rust for {TARGET}"),
        means: "rustup, or else Debian's packages".to_owned(),
        expected: "20 s, or else 2 min after rustup has given up",
        work: Box::new(|journal| from_rustup(journal).or_else(|refusal| from_debian(journal).context(refusal))),
    })
}

fn from_rustup(journal: &Journal) -> Result<()> {
    let mut rustup = command::program("rustup");
    journal
        .run_within(RUSTUP_LIMIT, rustup.args(["target", "add", TARGET]))
        .with_context(|| format!("install by hand: rustup target add {TARGET}"))
}

/// Debian packages a toolchain and its source, but this target's library only as that source.
fn from_debian(journal: &Journal) -> Result<()> {
    let rights = Rights::to_install(PACKAGES)?;
    rights.install(PACKAGES, journal)?;
    journal.run(command::program("rustup").args(["toolchain", "link", DEBIAN, "/usr"]))?;
    if Toolchain::for_wasm().is_some() {
        return Ok(());
    }
    let package = workspace::target().join("set-up/std");
    let built = build_std(&package, journal)?;
    let library = format!("/usr/lib/rustlib/{TARGET}/lib");
    journal.run(rights.program("mkdir").args(["-p", &library]))?;
    journal.run(rights.program("cp").args(built).arg(&library))?;
    fs::remove_dir_all(&package).with_context(|| format!("cannot remove {}", package.display()))?;
    Toolchain::for_wasm().map(drop).context("the library was built, yet the compiler does not see it")
}

/// Builds the library on behalf of an empty package and says which files it consists of.
fn build_std(package: &Path, journal: &Journal) -> Result<Vec<std::path::PathBuf>> {
    let write = |name: &str, text: &str| {
        let file = package.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    };
    fs::create_dir_all(package.join("src")).with_context(|| format!("cannot make {}", package.display()))?;
    write("src/lib.rs", "#![no_std]\n")?;
    write("Cargo.toml", "[package]\nname = \"empty\"\nedition = \"2024\"\n[workspace]\n")?;
    let mut cargo = command::cargo();
    cargo.args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort,test"]).current_dir(package);
    cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", package.join("target"));
    // Without bitcode in it, the library could not take part in link-time optimisation.
    cargo.env("RUSTFLAGS", "-Cembed-bitcode=yes");
    journal.run(Toolchain::Debian.select(&mut cargo))?;

    let deps = package.join("target").join(TARGET).join("release/deps");
    let files = fs::read_dir(&deps).with_context(|| format!("cannot read {}", deps.display()))?;
    let is_std = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".rlib") && !name.starts_with("libempty-")
    };
    Ok(files.flatten().map(|file| file.path()).filter(is_std).collect())
}
