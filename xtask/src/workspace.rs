//! Where things are.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a directory of the workspace")
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |directory| root().join(directory))
}

/// What `trunk build` leaves: the page.
pub(crate) fn site() -> PathBuf {
    root().join("dist")
}

/// Root of the tools that the set-up installs; their programs are in its `bin`.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// A program of this workspace, built in release.
pub(crate) fn program(name: &str) -> PathBuf {
    target().join("release").join(name).with_extension(env::consts::EXE_EXTENSION)
}

/// The film that is part of the repository.
pub(crate) fn sample_film() -> PathBuf {
    root().join("tests/media/sample.mp4")
}

/// Where the set-up installs what the tests take from npm.
pub(crate) fn npm() -> PathBuf {
    tools().join("npm")
}
