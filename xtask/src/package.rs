//! The npm package: the engine for browsers, and the files of `package/` around it.

mod locations;
mod names;

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result, ensure};

use crate::{command, report, reproducible, setup, toolchain::Toolchain, workspace};

const DESCRIPTION: &str = "Plays one large film from a cheap edge cache through MediaSource, on your own <video>";

/// For the compiler, where all crates become one: functions are put into others only where that makes neither larger. It
/// takes 8 kB off the wire.
pub(crate) const SMALL: [&str; 3] = ["--", "-C", "llvm-args=-inline-threshold=1"];

/// Features of WebAssembly that the compiler uses without being asked, which binaryen must be told of.
const FEATURES: [&str; 6] =
    ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];

/// Files of `package/` that go into the tarball, and last the script that takes others in.
const FILES: &[&str] = &[
    "plain.js",
    "early.js",
    "index.d.ts",
    "element.js",
    "element.d.ts",
    "growing.js",
    "growing.d.ts",
    "party.d.ts",
    "party-server.d.ts",
    "party-socketio.d.ts",
    "party-tabs.d.ts",
    "thumbnails.js",
    "README.md",
    "index.js",
];

/// Files of `package/rooms/` that become scripts of the package, and what they are called there.
const ROOMS: [(&str, &str); 3] = [("server", "party-server"), ("socketio", "party-socketio"), ("tabs", "party-tabs")];

/// Sets up, builds and says where the tarball is.
pub(crate) fn run() -> Result<()> {
    setup::run(setup::Purpose::Package)?;
    let toolchain = Toolchain::for_wasm().context("the WebAssembly target is missing after the set-up")?;
    report::headline("Building the package");
    let tarball = build(toolchain)?;
    report::line(&format!("{}\nInstall it with: npm install {0}", tarball.display()));
    Ok(())
}

/// Builds the tarball. The set-up for the package must have run.
pub(crate) fn build(toolchain: Toolchain) -> Result<PathBuf> {
    let directory = directory();
    match fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).context("cannot clear the package");
        }
        _ => fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?,
    }
    modules(toolchain, &directory)?;
    for file in FILES {
        let place = directory.join(file);
        copy(&workspace::root().join("package").join(file), &place)?;
        match *file {
            "index.js" => bundle(&directory)?,
            file if file.ends_with(".js") => minify(&place, &[])?,
            _ => {}
        }
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&workspace::root().join(licence), &directory.join(licence))?;
    }
    let manifest = directory.join("package.json");
    fs::write(&manifest, package_json()).with_context(|| format!("cannot write {}", manifest.display()))?;
    let tarball = workspace::target().join("package").join(format!("watchparty-player-{}.tgz", version()));
    let mut npm = command::program("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"])
        .arg(tarball.parent().expect("in a directory"));
    command::run(npm.current_dir(&directory).stdout(std::process::Stdio::null()))?;
    ensure!(tarball.is_file(), "npm did not make {}", tarball.display());
    Ok(tarball)
}

/// Where the package lies unpacked.
pub(crate) fn directory() -> PathBuf {
    workspace::target().join("package/watchparty-player")
}

/// All WebAssembly with its scripts. Binaryen takes as long over the engine as over all others, and uses one processor.
fn modules(toolchain: Toolchain, directory: &Path) -> Result<()> {
    thread::scope(|scope| {
        let engine = scope.spawn(|| engine(toolchain, directory));
        let others = [captions, unindexed, party, rooms, renditions];
        let others = others.into_iter().try_for_each(|build| build(toolchain, directory));
        engine.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(others)
    })
}

/// `engine.js`, its types and `engine_bg.wasm`, of the same profile as the page's.
fn engine(toolchain: Toolchain, directory: &Path) -> Result<()> {
    module(toolchain, directory, "watchparty-player", "engine")?;
    shorten_names(directory, "engine")
}

/// `captions.js` and `captions_bg.wasm`: the reader of captions, which `index.js` fetches when the first are brought.
fn captions(toolchain: Toolchain, directory: &Path) -> Result<()> {
    module(toolchain, directory, "watchparty-captions-module", "captions")?;
    remove(directory, &["captions.d.ts", "captions_bg.wasm.d.ts"])
}

/// `unindexed.js` and `unindexed_bg.wasm`: what reads films without an index, which `index.js` fetches when the first is loaded.
fn unindexed(toolchain: Toolchain, directory: &Path) -> Result<()> {
    module(toolchain, directory, "watchparty-unindexed-module", "unindexed")?;
    remove(directory, &["unindexed.d.ts", "unindexed_bg.wasm.d.ts"])
}

/// `party.js` and `member_bg.wasm`: what watches together, which `index.js` fetches when the first room is joined.
fn party(toolchain: Toolchain, directory: &Path) -> Result<()> {
    module(toolchain, directory, "watchparty-party-module", "member")?;
    shorten_names(directory, "member")?;
    let entry = workspace::root().join("package/together/index.js");
    esbuild(&entry, &directory.join("party.js"), &["--bundle".into(), alias(directory, "member")])?;
    remove(directory, &["member.js", "member.d.ts", "member_bg.wasm.d.ts"])
}

/// `room_bg.wasm`, and what keeps rooms by it in Node or in a tab, or leads to them. Each is a script that only its importers fetch.
fn rooms(toolchain: Toolchain, directory: &Path) -> Result<()> {
    module(toolchain, directory, "watchparty-room-module", "room")?;
    shorten_names(directory, "room")?;
    let options = ["--bundle".into(), "--external:node:*".into(), alias(directory, "room")];
    for (file, script) in ROOMS {
        let entry = workspace::root().join("package/rooms").join(file).with_extension("js");
        esbuild(&entry, &directory.join(script).with_extension("js"), &options)?;
    }
    remove(directory, &["room.js", "room.d.ts", "room_bg.wasm.d.ts"])
}

/// `renditions.js` and `rungs_bg.wasm`: what chooses among the renditions of a film, which `index.js` fetches when one that has
/// several is loaded.
fn renditions(toolchain: Toolchain, directory: &Path) -> Result<()> {
    module(toolchain, directory, "watchparty-rungs-module", "rungs")?;
    let entry = workspace::root().join("package/renditions/index.js");
    esbuild(&entry, &directory.join("renditions.js"), &["--bundle".into(), alias(directory, "rungs")])?;
    remove(directory, &["rungs.js", "rungs.d.ts", "rungs_bg.wasm.d.ts"])
}

/// Has `watchparty-NAME` in a script stand for a module's own.
fn alias(directory: &Path, name: &str) -> OsString {
    let mut alias = OsString::from(format!("--alias:watchparty-{name}="));
    alias.push(directory.join(name).with_extension("js"));
    alias
}

fn remove(directory: &Path, files: &[&str]) -> Result<()> {
    for file in files.iter().map(|file| directory.join(file)) {
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(())
}

/// A package of the workspace as WebAssembly, with the script and the types that wasm-bindgen gives it.
fn module(toolchain: Toolchain, directory: &Path, package: &str, name: &str) -> Result<()> {
    let mut cargo = command::cargo();
    cargo.args(["rustc", "--locked", "--package", package, "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--profile", "page", "--target", crate::toolchain::TARGET]).args(SMALL);
    command::run(toolchain.select(reproducible::settle(&mut cargo)))?;
    let library = package.replace('-', "_");
    let built = workspace::target().join(crate::toolchain::TARGET).join("page").join(library).with_extension("wasm");
    let mut bindgen = command::program("wasm-bindgen");
    bindgen.args(["--target", "web", "--remove-name-section", "--remove-producers-section", "--out-name", name]);
    command::run(bindgen.arg("--out-dir").arg(directory).arg(built))?;
    let runs = if name == "engine" { PASSES.len() } else { 1 };
    optimise(&directory.join(format!("{name}_bg.wasm")), runs)?;
    without_disposal(&directory.join(name).with_extension("d.ts"))?;
    minify(&directory.join(name).with_extension("js"), &[])
}

/// Passes of binaryen, one run after the other. With control flow written anew it finds 0.2 kB more.
const PASSES: &[&[&str]] = &[
    &["-Oz", "--converge", "--flatten", "--rereloop", "-Oz", "--converge"],
    // Only in the engine, where they are worth the time: together 0.5 kB.
    &["-Oz", "--converge"],
    &["--monomorphize", "--gufa-optimizing", "-Oz"],
    &["--flatten", "--rereloop", "-Oz"],
    &["-Oz"],
];

/// Has binaryen make a module smaller: it knows what a linker of WebAssembly leaves behind, and takes 3 kB off the wire; without the
/// places of panics it is another 1.6 kB less. Nothing that is read or written lies below address 1,024, where the stack would end that
/// begins at 1 MiB (`--stack-first`).
fn optimise(module: &Path, runs: usize) -> Result<()> {
    for passes in PASSES.iter().take(runs) {
        let mut optimise = Command::new(workspace::npm().join("node_modules/.bin/wasm-opt"));
        optimise.args(*passes).arg("--low-memory-unused").args(FEATURES.map(|feature| format!("--enable-{feature}")));
        command::run(optimise.arg(module).arg("-o").arg(module))?;
    }
    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let bytes = locations::forget(&bytes).context("wasm-bindgen's module has data that cannot be read")?;
    fs::write(module, bytes).with_context(|| format!("cannot write {}", module.display()))
}

/// Takes `Symbol.dispose` out of types: no library of TypeScript's has it before that of ES2026, and a player ends by `destroy`.
fn without_disposal(types: &Path) -> Result<()> {
    let text = fs::read_to_string(types).with_context(|| format!("cannot read {}", types.display()))?;
    let kept: String = text.split_inclusive('\n').filter(|line| !line.contains("[Symbol.dispose]")).collect();
    fs::write(types, kept).with_context(|| format!("cannot write {}", types.display()))
}

/// Of a module, of its script and in their types.
fn shorten_names(directory: &Path, name: &str) -> Result<()> {
    let file = directory.join(format!("{name}_bg.wasm"));
    let module = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let (short, names) = names::shorten(&module).context("wasm-bindgen's module has names that cannot be shortened")?;
    fs::write(&file, short).with_context(|| format!("cannot write {}", file.display()))?;
    for kind in [".js", ".d.ts", "_bg.wasm.d.ts"] {
        let file = directory.join(format!("{name}{kind}"));
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        fs::write(&file, names.rename(&text)).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Takes the engine's script into that of the package: who embeds it without a bundler has a round trip less to wait for.
fn bundle(directory: &Path) -> Result<()> {
    let apart =
        ["captions", "party", "renditions", "thumbnails", "unindexed"].map(|name| format!("--external:./{name}.js"));
    let options: Vec<_> = std::iter::once("--bundle").chain(apart.iter().map(String::as_str)).collect();
    minify(&directory.join("index.js"), &options)?;
    remove(directory, &["engine.js", "plain.js", "early.js"])
}

/// Scripts are half documentation, which the types have anyway.
fn minify(script: &Path, options: &[&str]) -> Result<()> {
    esbuild(script, script, &options.iter().map(OsString::from).collect::<Vec<_>>())
}

/// A script, and what it is told to take in, as short as it can be.
fn esbuild(script: &Path, into: &Path, options: &[OsString]) -> Result<()> {
    let mut esbuild = Command::new(workspace::npm().join("node_modules/.bin/esbuild"));
    esbuild.args(["--minify", "--format=esm", "--log-level=warning", "--allow-overwrite"]).args(options);
    let mut outfile = OsString::from("--outfile=");
    outfile.push(into);
    command::run(esbuild.arg(outfile).arg(script))
}

fn package_json() -> String {
    format!(
        r#"{{
  "name": "watchparty-player",
  "version": "{}",
  "description": "{}",
  "license": "MIT OR Apache-2.0",
  "repository": "{}",
  "type": "module",
  "engines": {{ "node": ">=18" }},
  "sideEffects": false,
  "types": "./index.d.ts",
  "exports": {{
    ".": {{ "types": "./index.d.ts", "default": "./index.js" }},
    "./party": {{ "types": "./party.d.ts", "default": "./party.js" }},
    "./party-server": {{ "types": "./party-server.d.ts", "default": "./party-server.js" }},
    "./party-socketio": {{ "types": "./party-socketio.d.ts", "default": "./party-socketio.js" }},
    "./party-tabs": {{ "types": "./party-tabs.d.ts", "default": "./party-tabs.js" }},
    "./element": {{ "types": "./element.d.ts", "default": "./element.js" }},
    "./growing": {{ "types": "./growing.d.ts", "default": "./growing.js" }},
    "./engine_bg.wasm": "./engine_bg.wasm"
  }},
  "files": ["*.js", "*.d.ts", "*.wasm", "LICENSE-*"]
}}
"#,
        version(),
        DESCRIPTION,
        env!("CARGO_PKG_REPOSITORY"),
    )
}

/// The workspace's.
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
