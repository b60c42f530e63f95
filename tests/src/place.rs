//! Where the programs, the page and the films are.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use test_film::Film;

/// The workspace's root.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is a directory of the workspace")
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// A program of this workspace: in `WATCHPARTY_PROGRAMS`, or else cargo's release directory.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let directory = env::var_os("WATCHPARTY_PROGRAMS").map_or_else(|| target().join("release"), PathBuf::from);
    directory.join(name).with_extension(env::consts::EXE_EXTENSION)
}

/// The built page: `WATCHPARTY_SITE`, or else `dist`.
pub(crate) fn site() -> PathBuf {
    env::var_os("WATCHPARTY_SITE").map_or_else(|| workspace().join("dist"), PathBuf::from)
}

/// One of the project's examples.
pub(crate) fn example(name: &str) -> PathBuf {
    workspace().join("examples").join(name)
}

/// What is held against the package's types.
pub(crate) fn strict() -> PathBuf {
    workspace().join("tests/src/strict")
}

/// The npm package, unpacked: `cargo xtask package` leaves it.
pub(crate) fn package() -> Result<PathBuf> {
    let directory = target().join("package/watchparty-player");
    ensure!(directory.is_dir(), "{} is not there: run `cargo xtask package`", directory.display());
    Ok(directory)
}

/// The npm package as it is published.
pub(crate) fn tarball() -> Result<PathBuf> {
    let name = format!("watchparty-player-{}.tgz", env!("CARGO_PKG_VERSION"));
    let tarball = target().join("package").join(name);
    ensure!(tarball.is_file(), "{} is not there: run `cargo xtask package`", tarball.display());
    Ok(tarball)
}

/// Where the set-up installs what the tests take from npm.
pub(crate) fn npm() -> PathBuf {
    target().join("tools/npm")
}

/// What the splitter's own tests have cut: `WATCHPARTY_CUTS`.
///
/// # Errors
/// When they have not run.
pub fn cuts() -> Result<PathBuf> {
    let cuts = env::var_os("WATCHPARTY_CUTS").map(PathBuf::from);
    cuts.filter(|cuts| cuts.is_dir()).context(
        "WATCHPARTY_CUTS names no directory: run `cargo test --package splitter --test oracle` with it, \
         or all by `cargo xtask test`",
    )
}

/// A directory that may hold gigabytes, unlike the system's own for temporary files.
pub(crate) fn scratch() -> Result<PathBuf> {
    let directory = target().join("end-to-end");
    std::fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(directory)
}

/// The film of the repository.
#[must_use]
pub fn sample_film() -> Film {
    test_film::SAMPLE.film(workspace().join("tests/media/sample.mp4"))
}

/// The film of three chunks of the default size, made on first use.
///
/// # Errors
/// When ffmpeg cannot make it.
pub fn big_film() -> Result<Film> {
    test_film::BIG.cached(&target().join("films"))
}

/// The film of more than four gigabytes, in two languages, made on first use.
///
/// # Errors
/// When ffmpeg cannot make it.
pub fn huge_film() -> Result<Film> {
    test_film::HUGE.cached_with_second_language(&target().join("films"))
}

/// The film of an hour and two minutes, made on first use.
///
/// # Errors
/// When ffmpeg cannot make it.
pub fn hour_film() -> Result<Film> {
    test_film::HOUR.cached(&target().join("films"))
}

/// What a soak leaves that is not kept in the repository.
///
/// # Errors
/// When the directory cannot be made.
pub fn soaks() -> Result<PathBuf> {
    let directory = target().join("soak");
    std::fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(directory)
}

/// The benchmark of the player with what has been built here, and a place of its own.
///
/// # Errors
/// When the package is not built or nginx is missing.
pub fn bench() -> Result<(player_bench::Bench, tempfile::TempDir)> {
    let directory = tempfile::TempDir::new_in(scratch()?)?;
    let nginx = env::var_os("NGINX").map_or_else(|| "/usr/sbin/nginx".into(), PathBuf::from);
    let built = player_bench::Built {
        splitter: program("splitter"),
        package: package()?,
        before: None,
        npm: npm().join("node_modules"),
        nginx,
    };
    Ok((player_bench::Bench::new(directory.path(), built), directory))
}

/// The benchmark of watching together with what has been built here, and a place of its own.
///
/// # Errors
/// When the package is not built or the splitter fails.
pub fn party_bench() -> Result<(party_bench::Bench, tempfile::TempDir)> {
    let directory = tempfile::TempDir::new_in(scratch()?)?;
    let built = party_bench::Built { origin: program("origin"), splitter: program("splitter"), package: package()? };
    Ok((party_bench::Bench::prepare(directory.path(), &sample_film(), built)?, directory))
}
