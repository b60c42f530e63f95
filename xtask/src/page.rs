//! The page: `trunk build` of the root package into `dist/`.

use std::env;

use anyhow::Result;

use crate::{command, reproducible, toolchain::Toolchain};

/// Builds the page with everything optimised. The set-up for the demo must have run.
pub(crate) fn build(toolchain: Toolchain) -> Result<()> {
    // trunk works offline below: it would fetch other versions of its helpers than the pinned ones.
    command::run(command::cargo().args(["fetch", "--locked", "--quiet"]))?;
    let mut trunk = command::program("trunk");
    // trunk 0.21 reads this variable as a boolean and refuses the customary `1`.
    if env::var_os("NO_COLOR").is_some() {
        trunk.env("NO_COLOR", "true");
    }
    reproducible::settle(&mut trunk);
    command::run(toolchain.select(trunk.args(["build", "--release", "--offline", "--locked"])))
}
