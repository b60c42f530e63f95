//! Node programs that use the package, beside what the set-up installs from npm.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use test_browsers::Process;

use crate::{place, site::copy};

/// Modules that such programs import.
const MODULES: [&str; 3] = ["express", "socket.io", "socket.io-client"];

/// A directory of scripts that find the package, Express and socket.io, removed when dropped.
#[derive(Debug)]
pub struct NodeScripts(TempDir);

/// A running server of Node.
#[derive(Debug)]
pub struct NodeServer {
    address: String,
    _process: Process,
}

impl NodeScripts {
    /// Those of `tests/node`.
    ///
    /// # Errors
    /// When the package is not built, or npm's packages are not installed.
    pub fn of_tests() -> Result<Self> {
        Self::with(&place::workspace().join("tests/node"))
    }

    /// Those of an example.
    ///
    /// # Errors
    /// When the package is not built, or npm's packages are not installed.
    pub fn of_example(name: &str) -> Result<Self> {
        Self::with(&place::example(name))
    }

    fn with(scripts: &Path) -> Result<Self> {
        let directory = TempDir::new_in(place::scratch()?)?;
        copy(scripts, directory.path())?;
        let modules = directory.path().join("node_modules");
        fs::create_dir_all(&modules)?;
        link(&place::package()?, &modules.join("watchparty-player"))?;
        for module in MODULES {
            let installed = place::npm().join("node_modules").join(module);
            ensure!(installed.is_dir(), "{} is missing: `cargo xtask setup` installs it", installed.display());
            link(&installed, &modules.join(module))?;
        }
        Ok(Self(directory))
    }

    /// Runs tests of `node:test`.
    ///
    /// # Errors
    /// With what they say, when one fails.
    pub fn test(&self, script: &str) -> Result<()> {
        let output =
            self.node().args(["--test", "--test-reporter=spec", script]).output().context("cannot start node")?;
        let said = || [output.stdout.as_slice(), output.stderr.as_slice()].map(String::from_utf8_lossy).concat();
        ensure!(output.status.success(), "{script} failed ({}):\n{}", output.status, said());
        Ok(())
    }

    /// Starts a server that prints where it listens, with `media` served; `port` 0 is a free one.
    ///
    /// # Errors
    /// When it does not start.
    pub fn serve(&self, script: &str, media: &Path, port: u16) -> Result<NodeServer> {
        let mut node = self.node();
        node.arg(script)
            .env("MEDIA", media)
            .env("HOST", "127.0.0.1")
            .env("PORT", port.to_string())
            .stderr(Stdio::inherit());
        let ready = |line: &str| Some(line.split_once("http://")?.1.trim_end_matches('/').to_owned());
        let (process, address) = Process::start_and_await(&mut node, ready)?;
        Ok(NodeServer { address, _process: process })
    }

    fn node(&self) -> Command {
        let mut node = Command::new("node");
        node.current_dir(self.0.path());
        node
    }
}

impl NodeServer {
    /// Such as `127.0.0.1:40123`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

fn link(to: &PathBuf, at: &Path) -> Result<()> {
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(to, at);
    #[cfg(windows)]
    let linked = std::os::windows::fs::symlink_dir(to, at);
    linked.with_context(|| format!("cannot link {} to {}", at.display(), to.display()))
}
