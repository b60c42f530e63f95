//! A film in the browser, from nothing: set-up, page, cut, origin; or an example's page and server in their place.

mod watch_party;

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::{command, page, report, setup, toolchain::Toolchain, workspace};

/// Where the demo listens unless told otherwise.
const PORT: u16 = 8080;

/// The sample film is small: with chunks of this size it still has at least six.
const SAMPLE_CHUNK_BYTES: &str = "350kB";

/// Who can reach the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Browsers of this machine.
    Machine,
    /// Every device of its network.
    Network,
}

/// What shows the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The page, which the origin serves.
    Page,
    /// The example that brings its own server.
    WatchParty,
}

/// What the user has asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// The sample film unless given.
    pub(crate) film: Option<PathBuf>,
    pub(crate) port: u16,
    pub(crate) reach: Reach,
    pub(crate) stage: Stage,
}

impl Default for Options {
    fn default() -> Self {
        Self { film: None, port: PORT, reach: Reach::Machine, stage: Stage::Page }
    }
}

impl Stage {
    /// An example, as it is called in `examples`.
    ///
    /// # Errors
    /// For those that any server serves.
    pub(crate) fn example(name: &OsStr) -> Result<Self> {
        match name.to_str() {
            Some("watch-party") => Ok(Self::WatchParty),
            _ => bail!("--example takes `watch-party`; examples/README.md says how to look at the others"),
        }
    }

    /// How others come to whoever is here.
    fn invitation(self) -> &'static str {
        match self {
            Self::Page => "Open a room there, and show its link or its code to whoever is to watch along.",
            Self::WatchParty => "Send on the address that it has then: the name of the room stands behind its #.",
        }
    }
}

/// Shows the film until Ctrl-C.
pub(crate) fn run(options: Options) -> Result<()> {
    let Options { film, port, reach, stage } = options;
    // Relative to where the user stands, which cargo leaves as it is.
    let film = film.map(std::path::absolute).transpose().context("cannot tell where the film is")?;
    setup::run(match stage {
        Stage::Page => setup::Purpose::Demo,
        Stage::WatchParty => setup::Purpose::Package,
    })?;
    let toolchain = Toolchain::for_wasm().context("the WebAssembly target is missing after the set-up")?;

    match stage {
        Stage::Page => {
            report::headline("Building the page");
            page::build(toolchain)?;
            report::headline("Building splitter and origin");
            build_programs()?;
        }
        Stage::WatchParty => {
            watch_party::prepare(toolchain)?;
            report::headline("Building the splitter");
            build(&["splitter"])?;
        }
    }
    report::headline("Cutting the film");
    let media = workspace::target().join("demo/media");
    cut(film, &media)?;
    report::headline("Serving");
    let host = if reach == Reach::Network { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let server = match stage {
        Stage::Page => origin(&media, port, host),
        Stage::WatchParty => watch_party::server(&media, port, host),
    };
    serve(server, port, reach, stage)
}

/// Builds the native programs in release.
pub(crate) fn build_programs() -> Result<()> {
    build(&["splitter", "origin"])
}

fn build(packages: &[&str]) -> Result<()> {
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    command::run(command::cargo().args(["build", "--release", "--locked"]).args(packages))
}

fn cut(film: Option<PathBuf>, media: &Path) -> Result<()> {
    fs::create_dir_all(media).with_context(|| format!("cannot make {}", media.display()))?;
    let mut splitter = command::program(workspace::program("splitter"));
    match film {
        Some(film) => splitter.arg(film),
        None => splitter.arg(workspace::sample_film()).args(["--chunk-size", SAMPLE_CHUNK_BYTES]),
    };
    command::run(splitter.arg("--out").arg(media))
}

fn serve(mut server: Command, port: u16, reach: Reach, stage: Stage) -> Result<()> {
    let (interrupt, interrupted) = mpsc::channel();
    let on_interrupt = move || {
        // Nobody listens any more once the demo is ending.
        let _ = interrupt.send(());
    };
    ctrlc::set_handler(on_interrupt).context("cannot listen for Ctrl-C")?;

    server.stdout(Stdio::piped());
    let mut server = server.spawn().with_context(|| format!("cannot start {}", command::describe(&server)))?;
    let listening = listening_address(&mut server).inspect_err(|_| command::stop(&mut server))?;
    let address = match reach {
        Reach::Machine => listening,
        Reach::Network => invite(port, stage).inspect_err(|_| command::stop(&mut server))?,
    };
    report::line(&format!("\nThe film plays at {address}\nCtrl-C ends the demo."));
    open_browser(&address);
    loop {
        if interrupted.recv_timeout(Duration::from_millis(200)).is_ok() {
            farewell(&mut server);
            return Ok(());
        }
        if let Some(status) = server.try_wait()? {
            bail!("the server ended by itself ({status})");
        }
    }
}

/// Says how devices of this network come here, and gives back the address.
fn invite(port: u16, stage: Stage) -> Result<String> {
    let address = network_address().context("this machine seems to be in no network; leave out --lan")?;
    let address = format!("http://{}/", SocketAddr::new(address, port));
    let code = QrCode::encode_text(&address, QrCodeEcc::Low).context("the address is too long for a QR code")?;
    report::line(&format!("\n{}\nOther devices of this network open {address}", blocks(&code)));
    report::line(stage.invitation());
    Ok(address)
}

/// The address by which this machine would be reached from where its network leads. Nothing is sent for that.
fn network_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // An address for documentation (RFC 5737).
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// A code for a terminal, two of its squares in one character; light where terminals are dark, so that both kinds can be read
/// by most readers.
fn blocks(code: &QrCode) -> String {
    const EDGE: i32 = 2;
    let is_light = |x, y| !code.get_module(x, y);
    let mut text = String::new();
    for y in (-EDGE..code.size() + EDGE).step_by(2) {
        text.extend((-EDGE..code.size() + EDGE).map(|x| match (is_light(x, y), is_light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        text.push('\n');
    }
    text
}

fn origin(media: &Path, port: u16, host: Ipv4Addr) -> Command {
    let mut origin = command::program(workspace::program("origin"));
    origin.arg("--media").arg(media).arg("--site").arg(workspace::site()).arg("--party");
    origin.args(["--listen", &format!("{host}:{port}")]);
    origin
}

/// The address in what a server says first.
fn listening_address(server: &mut Child) -> Result<String> {
    let out = server.stdout.take().expect("its standard output is a pipe");
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line.find("http://").map(|at| line[at..].trim_end());
    Ok(address.context("the server did not start: is the port taken? `--port N` chooses another")?.to_owned())
}

/// A terminal sends Ctrl-C to the server too: it gets the time to end by itself.
fn farewell(server: &mut Child) {
    let end = Instant::now() + Duration::from_secs(2);
    while Instant::now() < end && matches!(server.try_wait(), Ok(None)) {
        thread::sleep(Duration::from_millis(50));
    }
    command::stop(server);
    report::line("\nThe demo has ended.");
}

/// A courtesy: the address is on the terminal, so a failure here is none of the user's concern.
fn open_browser(address: &str) {
    let screen = cfg!(any(target_os = "macos", windows))
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|variable| env::var_os(variable).is_some());
    if env::var_os("CI").is_some() || !screen {
        return;
    }
    let mut opener = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut shell = Command::new("cmd");
        shell.args(["/C", "start", ""]);
        shell
    } else {
        Command::new("xdg-open")
    };
    let _ = opener.arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
