//! What embedding the player costs on the wire, and where it goes.

mod functions;

use std::{collections::BTreeMap, fs, process::Stdio};

use anyhow::{Context, Result, ensure};

use self::functions::Function;
use crate::{command, package, report, reproducible, setup, toolchain, toolchain::Toolchain, workspace};

/// Files that a page downloads that installs the package.
const FILES: [&str; 2] = ["engine_bg.wasm", "index.js"];

/// The most bytes that all of them may have, compressed with brotli at its best.
const LIMIT: u64 = 130_000;

/// What watches together: the module, which only pages fetch that join a room, and the most bytes that it may have.
const PARTY: &str = "member_bg.wasm";
const PARTY_LIMIT: u64 = 25_000;

/// The largest functions that are listed.
const LISTED: usize = 25;

/// Text above the table of crates.
const BY_CRATE: &str = "## The engine's code by crate

The bytes of each crate's functions before compression, and the part of `engine_bg.wasm` on the wire that they are in
proportion. What serde derives counts for the crate whose type it reads or writes, what a package is asked for by another
crate counts for the package.

";

/// Text about what was measured once and is not measured by this command.
const READER: &str = "## What serde's own reader would cost

Manifests and options are read by serde, through a deserializer of our own (`src/from_js.rs`). With
`serde_wasm_bindgen::from_value`, `serde_path_to_error` around it so that errors still say where, and the floats and
strings that both write into messages, the package had 160,890 bytes on the wire instead of 131,422 when that was
measured: 29 kB more, and far above the limit. Tests hold one against the other.

";

/// The cargo profile that is the page's, but for the names.
const NAMED: &str = "page-named";

/// Fails where the package has grown beyond [`LIMIT`], or the module for parties beyond its own. The package must have been built.
pub(crate) fn check() -> Result<()> {
    let sizes = on_the_wire(&FILES)?;
    let total: u64 = sizes.iter().map(|(_, compressed)| compressed).sum();
    report::line(&format!("    {total} bytes on the wire: {sizes:?}; limit {LIMIT}"));
    ensure!(total <= LIMIT, "embedding costs {total} bytes, the limit is {LIMIT}: see `cargo xtask size`");
    let party: u64 = on_the_wire(&[PARTY])?.iter().map(|(_, compressed)| compressed).sum();
    report::line(&format!("    {party} bytes of {PARTY} on the wire; limit {PARTY_LIMIT}"));
    ensure!(party <= PARTY_LIMIT, "{PARTY} costs {party} bytes, the limit is {PARTY_LIMIT}");
    Ok(())
}

/// Builds the package once as it is and once with names, and writes `docs/size.md`.
pub(crate) fn run() -> Result<()> {
    setup::run(setup::Purpose::Package)?;
    let toolchain = Toolchain::for_wasm().context("the WebAssembly target is missing after the set-up")?;
    report::headline("Building the package, and once more with names");
    package::build(toolchain)?;
    let code = functions::functions(&named(toolchain)?).context("the engine is no WebAssembly")?;
    let text = table(&on_the_wire(&FILES)?, &code);
    let file = workspace::root().join("docs/size.md");
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    report::line(&format!("{} is written", file.display()));
    Ok(())
}

/// The name of each file and its compressed length. Node has the compressor.
fn on_the_wire(files: &[&'static str]) -> Result<Vec<(&'static str, u64)>> {
    const SCRIPT: &str = "const { brotliCompressSync, constants } = require('zlib');
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
        for (const file of process.argv.slice(1)) console.log(brotliCompressSync(require('fs').readFileSync(file), { params }).length);";
    let mut node = command::program("node");
    node.args(["-e", SCRIPT]).args(files).current_dir(package::directory()).stderr(Stdio::inherit());
    let lengths = command::output(&mut node).context("node cannot compress the package: is it built?")?;
    let lengths =
        lengths.lines().map(|line| line.parse().context("node prints numbers")).collect::<Result<Vec<_>>>()?;
    Ok(files.iter().copied().zip(lengths).collect())
}

/// The engine with the names of its functions, as wasm-bindgen leaves it.
fn named(toolchain: Toolchain) -> Result<Vec<u8>> {
    let mut cargo = command::cargo();
    cargo.args(["rustc", "--locked", "--package", "watchparty-player", "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--profile", NAMED, "--target", toolchain::TARGET]).args(package::SMALL);
    command::run(toolchain.select(reproducible::settle(&mut cargo)))?;
    let target = workspace::target();
    let mut bindgen = command::program("wasm-bindgen");
    bindgen.args(["--target", "web", "--out-name", "named", "--out-dir"]).arg(target.join("package/named"));
    command::run(bindgen.arg(target.join(toolchain::TARGET).join(NAMED).join("watchparty_player.wasm")))?;
    fs::read(target.join("package/named/named_bg.wasm")).context("cannot read the engine with names")
}

fn table(wire: &[(&str, u64)], functions: &[Function]) -> String {
    let total: u64 = wire.iter().map(|(_, compressed)| compressed).sum();
    let mut text = format!(
        "# What embedding costs\n\nWritten by `cargo xtask size`. On the wire, compressed with brotli at its best:\n\
         `cargo xtask test` fails above {LIMIT} bytes.\n\n| file | bytes |\n| --- | ---: |\n"
    );
    for (file, compressed) in wire {
        text += &format!("| `{file}` | {compressed} |\n");
    }
    text += &format!("| together | {total} |\n\n\n{READER}{BY_CRATE}");
    let mut crates: BTreeMap<&str, u64> = BTreeMap::new();
    for function in functions {
        *crates.entry(function.origin()).or_default() += function.bytes;
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    text += "| crate | bytes | on the wire |\n| --- | ---: | ---: |\n";
    let code: u64 = functions.iter().map(|function| function.bytes).sum();
    for (name, bytes) in crates {
        text += &format!("| `{name}` | {bytes} | {} |\n", bytes * wire[0].1 / code.max(1));
    }
    let mut largest: Vec<_> = functions.iter().collect();
    largest.sort_by_key(|function| std::cmp::Reverse(function.bytes));
    text += "\n## The largest functions\n\n| function | bytes |\n| --- | ---: |\n";
    for function in largest.into_iter().take(LISTED) {
        text += &format!("| `{}` | {} |\n", function.short_name(), function.bytes);
    }
    text
}
