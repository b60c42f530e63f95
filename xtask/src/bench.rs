//! Measurements, printed as tables in Markdown.

pub(crate) mod abr;
pub(crate) mod origin;
pub(crate) mod page;
pub(crate) mod party;
pub(crate) mod player;
pub(crate) mod publish;
pub(crate) mod relay;
pub(crate) mod renditions;
pub(crate) mod splitter;
mod store;

use anyhow::{Context, Result};

use crate::{demo, package, report, setup, toolchain::Toolchain};

/// Sets up, and builds the package and the programs for what is measured in browsers.
pub(crate) fn prepare() -> Result<Toolchain> {
    setup::run(setup::Purpose::Test)?;
    let toolchain = Toolchain::for_wasm().context("the WebAssembly target is missing after the set-up")?;
    report::headline("Building the package and the programs");
    package::build(toolchain)?;
    demo::build_programs()?;
    Ok(toolchain)
}
