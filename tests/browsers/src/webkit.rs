//! WebKitGTK: its driver, which starts the browser by itself, on a screen that nobody sees, for WebKitGTK has no headless mode. Without
//! a manager of windows it does not say which pictures it has shown.

use std::{
    env,
    ffi::OsString,
    fs, io,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};

use crate::{Process, screen};

/// The longest time that the driver may take to start. It only keeps a broken machine from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Width and height of the window, in pixels, as those of the other browsers.
pub const WINDOW: [u32; 2] = [1280, 800];

/// How its user has set it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Whether the user prefers dark colours.
    pub is_dark: bool,
    /// Whether sound waits until somebody has pressed something.
    pub wants_gesture: bool,
}

/// A driver that is ready for one session.
#[derive(Debug)]
pub struct Driver {
    /// Where it listens, at 127.0.0.1 of its network.
    pub port: u16,
    /// In the order in which they must end. With the last, the screen, the browser ends, too.
    pub running: Vec<Process>,
}

/// `MiniBrowser`, which WebKitGTK brings along and installs beside its libraries: `MINIBROWSER`, or in the usual places.
#[must_use]
pub fn browser() -> Option<PathBuf> {
    const APIS: [&str; 3] = ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"];
    if let Some(named) = env::var_os("MINIBROWSER") {
        return Some(named.into());
    }
    let by_architecture = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let directories: Vec<PathBuf> =
        by_architecture.chain(["/usr/libexec", "/usr/lib64", "/usr/lib"].map(PathBuf::from)).collect();
    let places = APIS.iter().flat_map(|api| directories.iter().map(move |directory| directory.join(api)));
    places.map(|place| place.join("MiniBrowser")).find(|program| program.is_file())
}

/// `WebKitWebDriver`: `WEBKITDRIVER`, or on the path.
#[must_use]
pub fn driver() -> OsString {
    env::var_os("WEBKITDRIVER").unwrap_or_else(|| "WebKitWebDriver".into())
}

/// Starts screen, manager and driver, which keep what they write in `directory`.
///
/// # Errors
/// When a program is missing or does not become ready.
pub fn start(directory: &Path) -> Result<Driver> {
    start_in(directory, Command::new, |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)))
}

/// The same with the driver in a network of its own: `client` makes a command that runs there, `connect` connects to a port of
/// 127.0.0.1 there.
///
/// # Errors
/// When a program is missing or does not become ready.
pub fn start_in(
    directory: &Path,
    client: impl Fn(OsString) -> Command,
    connect: impl Fn(u16) -> io::Result<TcpStream>,
) -> Result<Driver> {
    let (screen, display) = screen::start(WINDOW)?;
    let on_screen = |mut command: Command| {
        command.env("DISPLAY", &display).env("HOME", directory).env("XDG_RUNTIME_DIR", directory);
        // Nobody's session, and no card for pictures.
        command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:").env("LIBGL_ALWAYS_SOFTWARE", "1").env("GTK_A11Y", "none");
        // Containers forbid what the sandbox is made of.
        command.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
        command
    };
    let manager = Process::start(&mut on_screen(Command::new("openbox")))?;
    let (driver, port) = start_driver(|| on_screen(client(driver())), connect)?;
    Ok(Driver { port, running: vec![driver, manager, screen] })
}

/// The driver does not say which port it has taken, so it is told one that was free a moment ago.
fn start_driver(
    command: impl Fn() -> Command,
    connect: impl Fn(u16) -> io::Result<TcpStream>,
) -> Result<(Process, u16)> {
    const TRIES: usize = 5;
    let start = || {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut driver = Process::start(command().arg("--host=127.0.0.1").arg(format!("--port={port}")))?;
        let deadline = Instant::now() + PATIENCE;
        while connect(port).is_err() {
            ensure!(driver.runs(), "WebKitWebDriver ended before it was ready");
            if Instant::now() > deadline {
                bail!("WebKitWebDriver does not listen");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok((driver, port))
    };
    (1..TRIES).find_map(|_| start().ok()).map_or_else(start, Ok)
}

/// The browser's arguments.
#[must_use]
pub fn arguments(manner: Manner) -> Vec<&'static str> {
    let autoplay =
        if manner.wants_gesture { "--autoplay-policy=allow-without-sound" } else { "--autoplay-policy=allow" };
    let mut arguments = vec!["--automation", autoplay];
    if manner.is_dark {
        arguments.push("--dark-mode");
    }
    arguments
}
