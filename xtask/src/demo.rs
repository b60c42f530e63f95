//! A film in the browser, from nothing: set-up, page, cut, origin.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::{command, page, report, setup, toolchain::Toolchain, workspace};

/// Where the demo listens unless told otherwise.
pub(crate) const PORT: u16 = 8080;

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

/// Shows `film`, or the sample, until Ctrl-C.
pub(crate) fn run(film: Option<PathBuf>, port: u16, reach: Reach) -> Result<()> {
    // Relative to where the user stands, which cargo leaves as it is.
    let film = film.map(std::path::absolute).transpose().context("cannot tell where the film is")?;
    setup::run(setup::Purpose::Demo)?;
    let toolchain = Toolchain::for_wasm().context("the WebAssembly target is missing after the set-up")?;

    report::headline("Building the page");
    page::build(toolchain)?;
    report::headline("Building splitter and origin");
    build_programs()?;
    report::headline("Cutting the film");
    let media = workspace::target().join("demo/media");
    cut(film, &media)?;
    report::headline("Serving");
    serve(&media, port, reach)
}

/// Builds the native programs in release.
pub(crate) fn build_programs() -> Result<()> {
    command::run(command::cargo().args([
        "build",
        "--release",
        "--locked",
        "--package",
        "splitter",
        "--package",
        "origin",
    ]))
}

fn cut(film: Option<PathBuf>, media: &PathBuf) -> Result<()> {
    fs::create_dir_all(media).with_context(|| format!("cannot make {}", media.display()))?;
    let mut splitter = command::program(workspace::program("splitter"));
    match film {
        Some(film) => splitter.arg(film),
        None => splitter.arg(workspace::sample_film()).args(["--chunk-size", SAMPLE_CHUNK_BYTES]),
    };
    command::run(splitter.arg("--out").arg(media))
}

fn serve(media: &PathBuf, port: u16, reach: Reach) -> Result<()> {
    let (interrupt, interrupted) = mpsc::channel();
    let on_interrupt = move || {
        // Nobody listens any more once the demo is ending.
        let _ = interrupt.send(());
    };
    ctrlc::set_handler(on_interrupt).context("cannot listen for Ctrl-C")?;

    let mut origin = start_origin(media, port, reach)?;
    let listening = listening_address(&mut origin).inspect_err(|_| command::stop(&mut origin))?;
    let address = match reach {
        Reach::Machine => listening,
        Reach::Network => invite(port).inspect_err(|_| command::stop(&mut origin))?,
    };
    report::line(&format!("\nThe film plays at {address}\nCtrl-C ends the demo."));
    open_browser(&address);
    loop {
        if interrupted.recv_timeout(Duration::from_millis(200)).is_ok() {
            farewell(&mut origin);
            return Ok(());
        }
        if let Some(status) = origin.try_wait()? {
            bail!("the origin ended by itself ({status})");
        }
    }
}

/// Says how devices of this network come here, and gives back the address.
fn invite(port: u16) -> Result<String> {
    let address = network_address().context("this machine seems to be in no network; leave out --lan")?;
    let address = format!("http://{}/", SocketAddr::new(address, port));
    let code = QrCode::encode_text(&address, QrCodeEcc::Low).context("the address is too long for a QR code")?;
    report::line(&format!("\n{}\nOther devices of this network open {address}", blocks(&code)));
    report::line("Open a room there, and show its link or its code to whoever is to watch along.");
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

fn start_origin(media: &PathBuf, port: u16, reach: Reach) -> Result<Child> {
    let mut origin = command::program(workspace::program("origin"));
    origin.arg("--media").arg(media).arg("--site").arg(workspace::site()).arg("--party");
    let host = if reach == Reach::Network { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    origin.args(["--listen", &format!("{host}:{port}")]).stdout(Stdio::piped());
    origin.spawn().with_context(|| format!("cannot start {}", command::describe(&origin)))
}

fn listening_address(origin: &mut Child) -> Result<String> {
    let out = origin.stdout.take().expect("its standard output is a pipe");
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on ");
    Ok(address.context("the origin did not start: is the port taken? `--port N` chooses another")?.to_owned())
}

/// A terminal sends Ctrl-C to the origin too: it gets the time to end by itself.
fn farewell(origin: &mut Child) {
    let end = Instant::now() + Duration::from_secs(2);
    while Instant::now() < end && matches!(origin.try_wait(), Ok(None)) {
        thread::sleep(Duration::from_millis(50));
    }
    command::stop(origin);
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
