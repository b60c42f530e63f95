//! `trunk serve`, as a developer runs it: the page from trunk, everything under `/media/` from an origin behind it.

use std::{
    env, fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use test_browsers::Process;

use crate::{Origin, place};

/// The longest time that building the page may take. It only keeps a broken test from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(900);

/// A running `trunk serve` and its origin.
#[derive(Debug)]
pub struct TrunkServe {
    address: SocketAddr,
    _trunk: Process,
    _origin: Origin,
}

impl TrunkServe {
    /// Starts an origin for `media` where `Trunk.toml` expects it, and trunk on a free port; waits for the page.
    ///
    /// # Errors
    /// When a program is missing, the origin's port is taken, or the page cannot be built.
    pub fn start(media: &Path) -> Result<Self> {
        let origin = Origin::serve_at(media, &place::site(), origin_address()?)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new("trunk");
        command.args(["serve", "--offline", "--no-autoreload", "--port", &address.port().to_string()]);
        command.arg("--dist").arg(place::scratch()?.join("trunk-serve")).current_dir(place::workspace());
        // trunk 0.21 reads this variable as a boolean and refuses the customary `1`.
        command.env_remove("NO_COLOR");
        if let Some(toolchain) = env::var_os("WATCHPARTY_WASM_TOOLCHAIN") {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        let mut trunk = Process::start(&mut command)?;
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            ensure!(trunk.runs() && Instant::now() < deadline, "`trunk serve` did not begin to serve");
            thread::sleep(Duration::from_millis(100));
        }
        Ok(Self { address, _trunk: trunk, _origin: origin })
    }

    /// Such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Where `Trunk.toml` sends requests for media.
fn origin_address() -> Result<SocketAddr> {
    let file = place::workspace().join("Trunk.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let address = text.lines().find_map(|line| line.strip_prefix("backend = \"http://")?.split_once('/'));
    Ok(address.context("Trunk.toml has no proxy")?.0.parse()?)
}
