//! Which toolchain compiles to WebAssembly: the one of this checkout, or else the one of Debian's packages.

use std::{fs, process::Command};

use crate::command;

/// The target of the page.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The name under which the set-up links Debian's packaged toolchain.
pub(crate) const DEBIAN: &str = "debian";

/// A toolchain that has the standard library for [`TARGET`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that rustup selects here.
    Selected,
    /// The one linked as [`DEBIAN`].
    Debian,
}

impl Toolchain {
    /// Asks the compilers themselves, in this order, since names tell nothing.
    pub(crate) fn for_wasm() -> Option<Self> {
        [Self::Selected, Self::Debian].into_iter().find(|toolchain| toolchain.has_target())
    }

    /// Makes a program, and all that it starts, use this toolchain.
    pub(crate) fn select(self, command: &mut Command) -> &mut Command {
        match self.name() {
            Some(name) => command.env("RUSTUP_TOOLCHAIN", name),
            None => command,
        }
    }

    /// Its name, where it has to be asked for by one.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Selected => None,
            Self::Debian => Some(DEBIAN),
        }
    }

    fn has_target(self) -> bool {
        let mut rustc = command::program("rustc");
        let directory = command::output(self.select(rustc.args(["--print", "target-libdir", "--target", TARGET])));
        let files = directory.and_then(|directory| fs::read_dir(directory).ok());
        files.is_some_and(|files| files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
    }
}
